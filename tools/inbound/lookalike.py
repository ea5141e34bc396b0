"""Names that are made to be taken for another: by letters that look alike, by one
letter more or less, by another ending.

The letters are those of Unicode's confusables (UTS 39) that browsers show alike, as far
as domains and names are written with them.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ..mail.addresses import is_below
from ..mail.registrable import registrable
from ..mail.text import without_combining

#: The shortest name that another may look like, and that may differ by a letter.
SHORTEST, SHORTEST_TYPO = 4, 6

_ALIKE = str.maketrans(
    {
        **dict(zip("0134578|!", "oleastbll", strict=True)),
        **dict(zip("\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04bb"
                   "\u0501\u0261\u043a\u043c\u0442\u0432\u043d\u051b\u051d",
                   "aeopcyxisjhdgkmtbhqw", strict=True)),
        **dict(zip("\u03b1\u03bf\u03bd\u03c1\u03c4\u03c5\u03b9\u03ba\u03b5\u03b7",
                   "aovptuiken", strict=True)),
        "\u0111": "d", "\u0131": "i", "\u0142": "l", "\u00f8": "o", "i": "l",
        "-": None, "_": None, "\u00b7": None,
    }
)  # fmt: skip
# Two letters that are read as one.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_WORD = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """Return what a name looks like: names that can be taken for each other have the
    same one (UTS 39 4)."""
    found = without_combining(name.casefold(), "NFKD").translate(_ALIKE)
    for pair, letter in _PAIRS:
        found = found.replace(pair, letter)
    return found


def readable_host(host: str) -> str:
    """Return a host as it is shown, `xn--` in its letters (RFC 3492)."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def imitated(host: str, own_domains: Iterable[str]) -> str:
    """Return the own domain that a foreign host is made to be taken for, or "".

    A host that is an own domain, or below one, imitates none.
    """
    own = sorted(own_domains)
    if not host or any(is_below(host, one) for one in own):
        return ""
    shown = readable_host(host)
    return next((one for one in own if _is_imitation(shown, one)), "")


def is_mixed(text: str) -> bool:
    """Tell whether a word is written with letters of two alphabets that look alike."""
    return any(len(_alphabets(word)) > 1 for word in _WORD.findall(text[:20_000]))


def _alphabets(word: str) -> set[str]:
    if word.isascii():
        return {"LATIN"}
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in word)
    return {name for name in names if name in ("LATIN", "CYRILLIC", "GREEK")}


def _is_imitation(host: str, own: str) -> bool:
    whole = registrable(host) or host
    if registrable(own) == whole:
        return False
    if f".{own}." in f".{host}.":
        return True
    label, name = whole.partition(".")[0], (registrable(own) or own).partition(".")[0]
    if len(name) < SHORTEST:
        return False
    if skeleton(label) == skeleton(name):
        return True
    if len(name) < SHORTEST_TYPO:
        return False
    return name in re.split(r"[-_]", label) or _differ_by_one(label, name)


def _differ_by_one(one: str, other: str) -> bool:
    """Tell whether one letter is more, less, another, or swapped with the next."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:] and len(left) > 1
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
