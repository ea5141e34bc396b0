"""Vietnamese in a charset of the time before Unicode that nobody names.

Its words are syllables of one shape. Bytes that make such words in one charset, all of
them, and signs within words in Latin letters, are meant so.
"""

import re
import unicodedata

from . import charsets

#: How much of a text is looked at.
MAX_SAMPLE = 2000
#: Words with a letter of their own that say what it is.
FEWEST = 2

_CODECS = ("tcvn", "viscii", "cp1258")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS = (
    "iêu|oai|oao|oay|uây|uôi|ươi|ươu|uya|uyê|uyu|yêu"
    "|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|oo|ôi|ơi"
    "|ua|uâ|uê|ui|uô|uơ|uy|ưa|ươ|ưi|ưu|yê|[aăâeêioôơuưy]"
)
_SYLLABLE = re.compile(
    "(?:ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    f"(?:{_VOWELS})(?:ch|nh|ng|[cmnpt])?"
)
_WORD = re.compile(r"[^\W\d_]+")
# A sign beside a letter, as no Latin text has it; a tone of windows-1258 behind its
# vowel.
_STRANGE = re.compile(
    rb"[A-Za-z][\x80-\xbf]|[\x80-\xbf][A-Za-z]"
    rb"|[AEIOUYaeiouy\xc3\xc2\xca\xd4\xd5\xdd\xe3\xe2\xea\xf4\xf5\xfd]"
    rb"[\xcc\xd2\xde\xec\xf2]"
)


def codec_of_vietnamese(data: bytes) -> str:
    """Return the codec, one of `charsets`, in which all words of a text that are not
    ASCII are Vietnamese, "" where they are in none. Never raises."""
    data = data[:MAX_SAMPLE]
    if len(_STRANGE.findall(data)) < FEWEST:
        return ""
    counts = {codec: _syllables(data, codec) for codec in _CODECS}
    best = max(_CODECS, key=lambda codec: counts[codec])
    return best if counts[best] >= FEWEST else ""


def _syllables(data: bytes, codec: str) -> int:
    """Return how many different words that are not ASCII there are, 0 where one of them
    is no syllable, or where there are more signs than such words."""
    try:
        text = unicodedata.normalize("NFC", charsets.decode(data, codec))
    except ValueError:
        return 0
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    signs = sum(not (sign.isascii() or sign.isalpha()) for sign in text)
    return len(words) if signs <= len(words) and all(map(_is_syllable, words)) else 0


def _is_syllable(word: str) -> bool:
    if not (word.islower() or word.isupper() or word.istitle()):
        return False
    letters = unicodedata.normalize("NFD", word.lower())
    plain = "".join(one for one in letters if one not in _TONES)
    is_toned_once = len(letters) - len(plain) <= 1
    return is_toned_once and bool(
        _SYLLABLE.fullmatch(unicodedata.normalize("NFC", plain))
    )
