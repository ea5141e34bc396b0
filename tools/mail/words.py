"""What mail is found by: its words, however they are typed."""

from .text import clean, without_combining

#: Letters that are written with a bar or run together, and typed without (UAX 15 takes
#: them for letters of their own).
_PLAIN = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae"})
#: So many letters of one text, and of one word, are looked at.
MAX_TEXT = 2000
MAX_WORD = 60
#: So many words are looked for at once.
MAX_WORDS = 8
# An index of trigrams knows nothing shorter, unless the space before it counts.
_TRIGRAM = 3


def searchable(text: str) -> str:
    """Return a text as words are looked for in it: in lower case, without accents, with
    one space before each word.

    >>> searchable("Hóa đơn  No. 7")
    ' hoa don no. 7'
    """
    plain = _plain(text[:MAX_TEXT])
    return "".join(f" {word}" for word in plain.split())


def asked(text: str) -> tuple[str, ...]:
    """Return what must all stand in a :func:`searchable` text, as somebody types it.

    Of one or two letters a word has to begin with them.
    """
    found = (word[:MAX_WORD] for word in _plain(text[:MAX_TEXT]).split()[:MAX_WORDS])
    return tuple(
        f" {word}" if len(word) < _TRIGRAM and word.isascii() else word
        for word in found
    )


def _plain(text: str) -> str:
    return without_combining(clean(text).casefold(), "NFKD").translate(_PLAIN)
