"""The records in which a domain lists who may send its mail: SPF (RFC 7208 4.6, 5)."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Longest record, and most terms in one.
MAX_LENGTH = 8000
MAX_TERMS = 200

QUALIFIERS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 7208 7.1
_MACRO = r"%(?:\{[slodiphcrtv]\d{0,3}r?[-.+,/_=]*\}|[%_-])"
_MACRO_STRING = re.compile(rf"(?:{_MACRO}|[!-$&-~])*\Z", re.IGNORECASE)
_TOP_LABEL = re.compile(r"\.(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?\Z")
_ENDS_IN_MACRO = re.compile(rf"{_MACRO}\Z", re.IGNORECASE)
_EXPLAINING = re.compile(r"%\{[crt]", re.IGNORECASE)
_ZERO_DIGITS = re.compile(r"%\{[a-z]0+[r\-.+,/_=}]", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)\Z", re.IGNORECASE)
_MECHANISM = re.compile(r"([-+~?]?)([a-z][a-z0-9]*)(.*)\Z", re.IGNORECASE)
_NUMBER = re.compile(r"(?:0|[1-9]\d{0,2})\Z")
_LENGTHS = re.compile(r"(?:/(0|[1-9]\d{0,2}))?(?://(0|[1-9]\d{0,2}))?\Z")
_LENGTHS_AT_END = re.compile(r"(?:/\d+)?(?://\d+)?\Z")
_MOST = (32, 128)
KINDS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_WITH_DOMAIN = ("include", "exists")


class RecordError(ValueError):
    """A record that its domain has made wrong."""


@dataclass(frozen=True)
class Mechanism:
    """One term that may match: "a", "mx", "include" and so on, and its result.

    `domain` is as written, "" if it is left out; `network` that of ip4 and ip6,
    `prefixes` the lengths for IPv4 and IPv6.
    """

    kind: str
    result: str
    domain: str = ""
    network: IPNetwork | None = None
    prefixes: tuple[int, int] = (32, 128)


@dataclass(frozen=True)
class Record:
    """What a domain says: its terms in order, and where the rest is to be found."""

    mechanisms: tuple[Mechanism, ...]
    redirect: str = ""


def choose(texts: Sequence[str]) -> str | None:
    """Return the one text that is a record, None if none is (RFC 7208 4.5).

    Raises `RecordError` if several are.
    """
    found = [
        one for one in texts if one[:6].lower() == "v=spf1" and one[6:7] in ("", " ")
    ]
    if len(found) > 1:
        raise RecordError("several")
    return found[0] if found else None


def parse(text: str) -> Record:
    """Return what a record says; raises `RecordError` for the least mistake in it."""
    terms = text[6:].split(" ")
    if len(text) > MAX_LENGTH or len(terms) > MAX_TERMS or not text.isascii():
        raise RecordError("too long, or not ASCII")
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in filter(None, terms):
        if found := _MODIFIER.match(term):
            name = found[1].lower()
            _check_modifier(name, found[2], modifiers)
            modifiers[name] = found[2]
        else:
            mechanisms.append(_mechanism(term))
    return Record(tuple(mechanisms), modifiers.get("redirect", ""))


def _check_modifier(name: str, value: str, known: dict[str, str]) -> None:
    if name in ("redirect", "exp"):
        if name in known:
            raise RecordError(f"{name} twice")
        _check_domain(value)
    elif not _MACRO_STRING.match(value):
        raise RecordError(name)


def _mechanism(term: str) -> Mechanism:
    found = _MECHANISM.match(term)
    kind = found[2].lower() if found else ""
    if not found or kind not in KINDS:
        raise RecordError(term)
    result, rest = QUALIFIERS[found[1] or "+"], found[3]
    if kind in ("ip4", "ip6"):
        return Mechanism(kind, result, network=_network(kind, rest))
    text, prefixes = _split_prefixes(rest) if kind in ("a", "mx") else (rest, "")
    if bool(text) != text.startswith(":") or (not text and kind in _WITH_DOMAIN):
        raise RecordError(term)
    if text:
        _check_domain(text[1:])
    if text and kind == "all":
        raise RecordError(term)
    return Mechanism(kind, result, text[1:], prefixes=_lengths(prefixes))


def _split_prefixes(text: str) -> tuple[str, str]:
    """Return the domain and the prefix lengths: a domain may have a slash in it."""
    found = _LENGTHS_AT_END.search(text)
    at = found.start() if found else len(text)
    return text[:at], text[at:]


def _lengths(text: str) -> tuple[int, int]:
    found = _LENGTHS.match(text)
    four, six = found.groups(default="") if found else ("33", "")
    lengths = int(four or _MOST[0]), int(six or _MOST[1])
    if lengths[0] > _MOST[0] or lengths[1] > _MOST[1]:
        raise RecordError(text)
    return lengths


def _network(kind: str, text: str) -> IPNetwork:
    address, slash, length = text[1:].partition("/")
    is_length = not slash or bool(_NUMBER.match(length))
    if text[:1] != ":" or "%" in address or not is_length:
        raise RecordError(text)
    try:
        if kind == "ip4":
            return ipaddress.IPv4Network(text[1:], strict=False)
        return ipaddress.IPv6Network(text[1:], strict=False)
    except ValueError as error:
        raise RecordError(text) from error


def _check_domain(text: str) -> None:
    """Raise `RecordError` if a text is no domain-spec (RFC 7208 7.1)."""
    if not _MACRO_STRING.match(text) or _EXPLAINING.search(text):
        raise RecordError(text)
    if _ZERO_DIGITS.search(text):
        raise RecordError(text)
    if not _ENDS_IN_MACRO.search(text) and not _TOP_LABEL.search(text.lower()):
        raise RecordError(text)


# ------------------------------------------------------------
# MACROS
# ------------------------------------------------------------

_EXPANDED = re.compile(r"%(?:\{([a-z])(\d*)(r?)([-.+,/_=]*)\}|([%_-]))", re.IGNORECASE)
_FIXED = {"%": "%", "_": " ", "-": "%20"}
_MAX_NAME = 253


def expand(text: str, letters: dict[str, str]) -> str:
    """Return a domain-spec with its macros replaced (RFC 7208 7.3).

    `letters`: {lower case letter: its text}. Labels on the left are left out until the
    name is not too long.
    """
    name = _EXPANDED.sub(lambda found: _expanded(found, letters), text)
    while len(name) > _MAX_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def _expanded(found: re.Match[str], letters: dict[str, str]) -> str:
    if found[5]:
        return _FIXED[found[5]]
    value = letters[found[1].lower()]
    delimiters = found[4] or "."
    parts = re.split(f"[{re.escape(delimiters)}]", value)
    if found[3]:
        parts.reverse()
    if found[2]:
        parts = parts[-int(found[2]) :]
    text = ".".join(parts)
    return _quoted(text) if found[1].isupper() else text


def _quoted(text: str) -> str:
    return "".join(_quoted_letters(text))


def _quoted_letters(text: str) -> Iterator[str]:
    for one in text:
        is_plain = one.isascii() and (one.isalnum() or one in "-._~")
        yield one if is_plain else "".join(f"%{code:02X}" for code in one.encode())
