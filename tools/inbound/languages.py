"""In which language a mail is written, as far as a filter must know: what it has learnt
of one language says nothing of another.

Told by the words that every text of a language has, or by its alphabet.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import itemgetter

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
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _language, _words in _COMMON.items():
    for _word in _words.split():
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _language)

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
# What is not seen, and what stands between letters so that no filter reads the word.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)


def without_marks(text: str) -> str:
    """Return a text without accents and tones: `tài khoản` is `tai khoan`."""
    return without_combining(text.replace("đ", "d").replace("Đ", "D"), "NFD")


def words(text: str) -> Iterator[str]:
    """Return the words of a text in small letters, compatible characters made one."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
    return map(itemgetter(0), _WORD.finditer(text.casefold()))


def language_of(said: Iterable[str]) -> str:
    """Return the language of words in small letters without marks, in which something
    is said: "en", "vi" and so on, the name of another alphabet (`CYRILLIC`), or ""
    where it is not known."""
    alphabets, languages = Counter[str](), Counter[str]()
    for word, count in Counter(islice(said, READ_WORDS)).items():
        alphabets[_alphabet(word)] += count
        for language in _LANGUAGES.get(word, ()):
            languages[language] += count
    alphabet, _count = (alphabets.most_common(1) or [("", 0)])[0]
    if alphabet not in ("", "LATIN"):
        return alphabet
    language, count = (languages.most_common(1) or [("", 0)])[0]
    return language if count >= FEWEST else ""


def _alphabet(word: str) -> str:
    if word.isascii():
        return "LATIN" if word.isalpha() else ""
    return unicodedata.name(word[0], "").partition(" ")[0]
