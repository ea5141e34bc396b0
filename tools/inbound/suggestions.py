"""Which own address a sender meant who wrote one that doesn't exist.

One slip is looked for, not two: a letter, two letters swapped, letters that look
alike, a dot too many, the wrong own domain, accents left out. Nothing is guessed
where two addresses differ in their numbers: `order-12` is no slip for `order-13`.

Among many addresses, store `keys` of each with an index: the addresses that share a
key with the one looked for are all that can be its near misses.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..mail.addresses import normalize, split
from ..mail.text import without_combining

#: The kinds of a slip, the likeliest first.
DIACRITICS = "diacritics"
SEPARATOR = "separator"
LOOK_ALIKE = "look_alike"
TRANSPOSITION = "transposition"
OTHER_DOMAIN = "other_domain"
DOMAIN_TYPO = "domain_typo"
EDIT = "edit"
SUBADDRESS = "subaddress"
KINDS = (
    DIACRITICS, SEPARATOR, LOOK_ALIKE, TRANSPOSITION, OTHER_DOMAIN, DOMAIN_TYPO, EDIT,
    SUBADDRESS,
)  # fmt: skip

#: Of local parts up to this long, only what leaves all letters in place counts.
SHORT = 3
#: Most suggestions, and most characters that keys are made of.
SUGGESTION_LIMIT = 20
KEY_LIMIT = 64

_SEPARATORS = ".-_"
_DETAIL = re.compile(r"[-=_.]")
# Letters that Unicode does not take apart, and letters of other scripts and digits
# that look like a Latin one.
_PLAIN_LETTERS = dict(zip("đıłøħß", "dilohs", strict=True))
_LOOK_ALIKES = {
    **dict(zip("01il|", "ollll", strict=True)),
    **dict(zip("аеорсухіѕјԁһӏԛԝкмт", "aeopcyxlsjdhlqwkmt", strict=True)),
    **dict(zip("αονρτυικε", "aovptulke", strict=True)),
}
_PAIRS = (("rn", "m"), ("vv", "w"))
#: Letters that are taken for one another by ear, Vietnamese ears among them.
_SOUNDS = frozenset(
    map(frozenset, ("iy", "ck", "cs", "sx", "sz", "fp", "vw", "dt", "gj", "mn", "bv"))
)


@dataclass(frozen=True)
class Suggestion:
    """An own address that may have been meant, and the kind of slip: see KINDS."""

    address: str
    distance_kind: str


class _Letters(dict[int, str]):
    """A table for `str.translate` that gives at most one letter for each."""

    def __init__(self, removed: str, replaced: dict[str, str]) -> None:
        super().__init__({ord(letter): "" for letter in removed})
        self._replaced = replaced

    def __missing__(self, code: int) -> str:
        letter = _without_accents(chr(code))
        return self._replaced.get(letter, letter)


def _without_accents(letter: str) -> str:
    lowered = letter.casefold()[:1]
    bases = without_combining(lowered, "NFKD")
    plain = bases if len(bases) < 2 else lowered
    return _PLAIN_LETTERS.get(plain, plain)


_BARE = _Letters("", {})
_JOINED = _Letters(_SEPARATORS, {})
_FOLDED = _Letters(_SEPARATORS, _LOOK_ALIKES)


# ------------------------------------------------------------
# KEYS
# ------------------------------------------------------------


def fold(local_part: str) -> str:
    """Return the skeleton of a local part: equal for those that look alike.

    Without case, accents, dots, hyphens and underscores; one letter stands for all
    that look like it.
    """
    text = local_part.translate(_FOLDED)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def keys(local_part: str) -> frozenset[str]:
    """Return what a local part shares with every one that is one slip away from it.

    The skeleton, and the text before pairs like `rn` are joined, whole and with each
    of its letters left out: two texts that are one edit apart meet where both lack
    the letter they differ in. At most 66 keys.
    """
    text = local_part.translate(_FOLDED)[:KEY_LIMIT]
    deletions = (text[:at] + text[at + 1 :] for at in range(len(text)))
    return frozenset({fold(local_part)[:KEY_LIMIT], text, *deletions})


def keys_asked(local_parts: Iterable[str]) -> list[str]:
    """Return the keys that may be meant by some local parts, sorted: their `keys`, and
    that of what stands before a detail. The empty one is left out."""
    return sorted(frozenset().union(*map(_asked, local_parts)) - {""})


def _asked(local_part: str) -> frozenset[str]:
    return keys(local_part) | {fold(one)[:KEY_LIMIT] for one in _bases(local_part)}


def _bases(local_part: str) -> frozenset[str]:
    """Return `sales` for `sales-fair` and `sales=fair`: what some servers take for the
    address with a detail, as others do with a plus (RFC 5233)."""
    ends = (match.start() for match in _DETAIL.finditer(local_part[:KEY_LIMIT]))
    return frozenset(local_part[:end] for end in ends) - {""}


# ------------------------------------------------------------
# CANDIDATES
# ------------------------------------------------------------


def candidates(
    address: str, known: Iterable[str], own_domains: Iterable[str]
) -> tuple[Suggestion, ...]:
    """Return the addresses in `known` that are one slip away from `address`.

    The likeliest comes first; at most 20. `known`: normalised addresses, those of
    other than `own_domains` are left out. Local parts of up to three letters match
    only with the same letters. Never raises; linear in the length of `known`.
    """
    local, host = split(normalize(address))
    own = frozenset(own_domains)
    if not local or not (host in own or any(_is_typo(host, one) for one in own)):
        return ()
    found: dict[str, Suggestion] = {}
    for other in known:
        other_local, other_host = split(other)
        if other_host in own:
            kind = _kind(local, host, other_local, other_host, own)
            if kind:
                found[other] = Suggestion(other, kind)
    ordered = sorted(found.values(), key=lambda one: _order(local, one))
    return tuple(ordered[:SUGGESTION_LIMIT])


def candidates_of_all(
    wanted: Iterable[str], known: Iterable[str], own_domains: Iterable[str]
) -> dict[str, tuple[Suggestion, ...]]:
    """Return the `candidates` of each of many addresses.

    Only what shares a key with an address is compared with it, so that the work does
    not grow with their product.
    """
    by_key: dict[str, list[str]] = {}
    for other in dict.fromkeys(known):
        for key in keys(split(other)[0]):
            by_key.setdefault(key, []).append(other)
    own = frozenset(own_domains)
    return {
        address: candidates(address, _sharing_keys(address, by_key), own)
        for address in wanted
    }


def _sharing_keys(address: str, by_key: dict[str, list[str]]) -> dict[str, None]:
    if not by_key:
        return {}
    own_keys = _asked(split(normalize(address))[0])
    return dict.fromkeys(other for key in own_keys for other in by_key.get(key, ()))


def _kind(
    local: str, host: str, other_local: str, other_host: str, own: frozenset[str]
) -> str:
    """Return the kind of the only slip between two addresses, "" for any other."""
    if host == other_host:
        kind = _local_kind(local, other_local) if local != other_local else ""
        return kind or (SUBADDRESS if other_local in _bases(local) else "")
    if local != other_local:
        return ""
    if host in own:
        return OTHER_DOMAIN
    return DOMAIN_TYPO if _is_typo(host, other_host) else ""


def _local_kind(one: str, other: str) -> str:
    bare, other_bare = one.translate(_BARE), other.translate(_BARE)
    if bare == other_bare:
        return DIACRITICS
    if one.translate(_JOINED) == other.translate(_JOINED):
        return SEPARATOR
    is_short = min(len(one), len(other)) <= SHORT
    if not is_short and fold(one) == fold(other):
        return LOOK_ALIKE
    if _numbers_differ(one, other):
        return ""
    kind = _edit_kind(bare, other_bare)
    return "" if kind == EDIT and is_short else kind


def _edit_kind(one: str, other: str) -> str:
    """Return which slip it is where one letter or the order of two differs, or ""."""
    middle, other_middle = _middles(one, other)
    if max(len(middle), len(other_middle)) == 1:
        return EDIT
    swapped = len(middle) == 2 and middle == other_middle[::-1]
    return TRANSPOSITION if swapped else ""


def _middles(one: str, other: str) -> tuple[str, str]:
    """Return what is left of two texts without their common start and end."""
    start = _common(one, other)
    one, other = one[start:], other[start:]
    end = _common(reversed(one), reversed(other))
    return one[: len(one) - end], other[: len(other) - end]


def _common(one: Iterable[str], other: Iterable[str]) -> int:
    pairs = zip(one, other, strict=False)
    equal = itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)
    return sum(1 for _pair in equal)


def _numbers_differ(one: str, other: str) -> bool:
    """Tell whether both have numbers, and not the same."""
    digits = ["".join(filter(str.isdecimal, text)) for text in (one, other)]
    return all(digits) and digits[0] != digits[1]


def _is_typo(host: str, own: str) -> bool:
    """Tell whether a domain is one slip away from an own one."""
    alike = len(own) > SHORT and fold(host) == fold(own)
    return host != own and (alike or bool(_edit_kind(host, own)))


def _order(local: str, suggestion: Suggestion) -> tuple[int, bool, bool, str]:
    """Return what to sort by: the kind, then how easily the letters are mistaken."""
    other = split(suggestion.address)[0]
    middles = _middles(local.translate(_BARE), other.translate(_BARE))
    sounds_alike = frozenset("".join(middles)) in _SOUNDS
    return (
        KINDS.index(suggestion.distance_kind),
        not sounds_alike,
        local[:1] != other[:1],
        suggestion.address,
    )
