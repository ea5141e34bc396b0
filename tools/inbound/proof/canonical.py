"""The bytes of a mail as DKIM signs them (RFC 6376 3.4)."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...mail.headers import header_span

SIMPLE, RELAXED = "simple", "relaxed"
#: Longer mails are not looked at.
MAX_BYTES = 64 * 1024 * 1024
#: Most fields of a mail whose signatures are looked at.
MAX_FIELDS = 2000

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_ALL_SPACE = re.compile(rb"[ \t\r\n]+")


class UnreadableError(ValueError):
    """A mail that different programs would read in different ways."""


@dataclass(frozen=True)
class RawField:
    """One field as it stands: `name` in lower case, `whole` with its line ends."""

    name: str
    whole: bytes

    @property
    def value(self) -> bytes:
        """What stands behind the colon."""
        return self.whole.partition(b":")[2]

    def canonical(self, form: str) -> bytes:
        """Return the field in one of the two forms, with its line end."""
        if form == SIMPLE:
            return self.whole
        value = _ALL_SPACE.sub(b" ", self.value).strip(b" ")
        return b"%s:%s\r\n" % (self.name.encode(), value)


@dataclass(frozen=True)
class Source:
    """A mail's fields, top-down, and its body, with CRLF at the end of each line."""

    fields: tuple[RawField, ...]
    body: bytes
    _hashes: dict[tuple[str, int | None], bytes] = field(default_factory=dict)

    def named(self, name: str) -> tuple[RawField, ...]:
        """Return the fields of a name, top-down."""
        return tuple(one for one in self.fields if one.name == name)

    def body_hash(self, form: str, length: int | None) -> bytes:
        """Return the SHA-256 of the body in a form, of its first bytes if `length` is
        given."""
        key = form, length
        if key not in self._hashes:
            self._hashes[key] = hashlib.sha256(
                self.canonical_body(form)[:length]
            ).digest()
        return self._hashes[key]

    def canonical_body(self, form: str) -> bytes:
        """Return the body in one of the two forms."""
        if form == SIMPLE:
            return _without_empty_end(self.body) + b"\r\n"
        spaced = _single_spaces(self.body).replace(b" \r\n", b"\r\n")
        kept = _without_empty_end(spaced.removesuffix(b" "))
        return kept + b"\r\n" if kept else b""

    def selected(self, names: Iterable[str]) -> list[RawField]:
        """Return the fields that a list of names stands for: of several of one name
        the lowest first, and nothing for one that is not there (RFC 6376 5.4.2)."""
        left: dict[str, list[RawField]] = {}
        for one in self.fields:
            left.setdefault(one.name, []).append(one)
        return [left[name].pop() for name in names if left.get(name)]


def read_source(raw: bytes) -> Source:
    """Return a mail for its signatures to be checked.

    Raises `UnreadableError` where its header is not one for every program, so that
    nobody is shown another field than the one that is signed; and for mail that is too
    long.
    """
    start, end, body = header_span(raw)
    if len(raw) > MAX_BYTES:
        raise UnreadableError("too long")
    block = _with_crlf(raw[start:end])
    if b"\0" in block or b"\r" in block.replace(b"\r\n", b""):
        raise UnreadableError("a lone CR, or a NUL")
    return Source(tuple(_fields(block.split(b"\r\n"))), _with_crlf(raw[body:]))


def _fields(lines: Sequence[bytes]) -> Iterable[RawField]:
    grouped: list[list[bytes]] = []
    for line in filter(None, lines):
        if line[:1] in (b" ", b"\t") and grouped:
            grouped[-1].append(line)
        elif _FIELD.match(line):
            grouped.append([line])
        else:
            raise UnreadableError("a line that is no field")
    if len(grouped) > MAX_FIELDS:
        raise UnreadableError("too many fields")
    for one in grouped:
        name = one[0].partition(b":")[0].strip(b" \t").decode("ascii").lower()
        yield RawField(name, b"\r\n".join([*one, b""]))


def _with_crlf(data: bytes) -> bytes:
    # Much faster than an expression that looks for what stands alone.
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _single_spaces(data: bytes) -> bytes:
    """Return bytes with one space for each run of spaces and tabs, in as many passes
    as the length of the longest run has bits."""
    data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data


def _without_empty_end(body: bytes) -> bytes:
    """Return a body without the empty lines at its end, and without its last CRLF."""
    kept = body.rstrip(b"\r\n")
    tail = body[len(kept) :]
    if tail.endswith(b"\r"):
        return body
    return kept + tail[: tail.rfind(b"\r\r") + 1]
