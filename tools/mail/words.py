"""What mail is found by: its words, however they are typed."""

import re
from collections.abc import Sequence

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
#: A word, and what stands at its sides: the index knows where a word begins and ends.
_PIECE = re.compile(r"\W?\w+\W?")


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


def telling(parts: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Return the pieces of what is :func:`asked` that less than half of some texts
    have, or the rarest one.

    An index that is asked for what nearly all mail has, as the domain of an address,
    is read as a whole.

    >>> telling(["lan@shop.example"], ["bo@shop.example", "ha@shop.example"])
    ('lan@',)
    """
    pieces = [piece for part in parts for piece in _PIECE.findall(part)]
    counts = {
        piece: sum(piece in text for text in texts)
        for piece in pieces
        if len(piece) >= _TRIGRAM or piece.startswith(" ")
    }
    few = tuple(piece for piece, count in counts.items() if 2 * count < len(texts))
    if few or not counts:
        return few or tuple(parts)
    return (min(counts, key=lambda piece: (counts[piece], -len(piece))),)


def _plain(text: str) -> str:
    return without_combining(clean(text).casefold(), "NFKD").translate(_PLAIN)
