"""In which language a mail is written, as far as a filter must know: what it has learnt
of one language says nothing of another.

Told by the words that every text of a language has, or by its alphabet.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from ..mail.text import without_combining

READ_WORDS = 400
#: So many of the words that every text has, at least.
FEWEST = 3

# Without marks, as people write Vietnamese with and without them.
_COMMON = {
    "en": "the and you for that with this have are not your from will our has",
    "vi": "cua khong duoc nhung trong nguoi cho toi ban chung va cac anh em xin gui",
    "de": "der die und das nicht ist sie mit ein fur auf von ich wir ihre "
    "den dem des im zu wird bei oder ihr sehr",
    "fr": "le les des et vous pour une dans est que nous votre sur avec "
    "du au aux ce cette qui sous par",
    "es": "el los que para por una con del su usted las muy esta la en se su al ha sus",
    "it": "il di che per una con sono della non questo gli anche alla nel dei tuo sua",
    "pt": "que nao para uma com voce os dos por seu mais esta em da ao sua foi ou pelo",
    "pl": "nie jest sie oraz dla prosimy panstwa twoje zostal na od przez",
    "nl": "de het een van en niet voor dat wij uw naar ook aan bij wordt heeft u",
}
_NO_MARKS = {ord("đ"): "d", ord("Đ"): "D"}
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _language, _words in _COMMON.items():
    for _word in _words.split():
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _language)


def without_marks(text: str) -> str:
    """Return a text without accents and tones: `tài khoản` is `tai khoan`."""
    return without_combining(text.translate(_NO_MARKS), "NFD")


def language_of(words: Iterable[str]) -> str:
    """Return the language of words in small letters without marks: "en", "vi" and so
    on, the name of another alphabet (`CYRILLIC`), or "" where it is not known."""
    read = list(islice(words, READ_WORDS))
    alphabets = Counter(_alphabet(word) for word in read)
    alphabet, _count = (alphabets.most_common(1) or [("", 0)])[0]
    if alphabet not in ("", "LATIN"):
        return alphabet
    found = Counter(one for word in read for one in _LANGUAGES.get(word, ()))
    language, count = (found.most_common(1) or [("", 0)])[0]
    return language if count >= FEWEST else ""


def _alphabet(word: str) -> str:
    if word.isascii():
        return "LATIN" if word.isalpha() else ""
    return unicodedata.name(word[0], "").partition(" ")[0]
