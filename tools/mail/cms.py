"""What is inside a signed or compressed S/MIME mail, read without verifying anything.

RFC 5652 (SignedData), RFC 3274 (CompressedData), X.690 (BER). A mailer that signs
"opaquely" puts the whole mail into the signature.
"""

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

#: Elements inside one another that are opened.
MAX_DEPTH = 30
#: Longest mail that is unpacked of a compressed one.
MAX_UNPACKED = 64 * 1024 * 1024

_SIGNED = bytes.fromhex("2a864886f70d010702")
_ENVELOPED = (
    bytes.fromhex("2a864886f70d010703"),
    bytes.fromhex("2a864886f70d0109100117"),
)
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_OID, _SEQUENCE, _EXPLICIT = 0x06, 0x30, 0xA0


@dataclass(frozen=True)
class _Element:
    """One BER element: its tag, and where its content starts and ends."""

    data: bytes
    tag: int
    start: int
    end: int
    after: int

    @property
    def is_constructed(self) -> bool:
        """Whether it is made of other elements."""
        return bool(self.tag & 0x20)

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.data[self.start : self.end]


def is_encrypted(data: bytes) -> bool:
    """Tell whether an S/MIME object is encrypted; never raises."""
    try:
        kind, _inner = _content_info(data)
    except ValueError:
        return False
    return kind in _ENVELOPED


def content_of(data: bytes) -> bytes:
    """Return the mail inside a signed or compressed S/MIME object; never raises.

    Return b"" where there is none: it is encrypted, signed beside the mail, or broken.
    """
    try:
        kind, inner = _content_info(data)
        if kind not in (_SIGNED, _COMPRESSED):
            return b""
        content = _encapsulated(inner)
        return _unpacked(content) if kind == _COMPRESSED else content
    except (ValueError, zlib.error):
        return b""


def _content_info(data: bytes) -> tuple[bytes, _Element]:
    """Return (object identifier, content) of a ContentInfo, RFC 5652 3."""
    found = _typed(_element(data, 0, len(data), 0))
    if not found:
        raise ValueError("no ContentInfo")
    return found


def _encapsulated(content: _Element) -> bytes:
    """Return the octets of EncapsulatedContentInfo, the first sequence with one."""
    for element in _children(content):
        found = _typed(element) if element.tag == _SEQUENCE else None
        if found:
            return b"".join(_octets(found[1], 0))
    return b""


def _typed(element: _Element) -> tuple[bytes, _Element] | None:
    """Return (object identifier, content) of a sequence of both, else None."""
    kind, wrapper, *_rest = (*itertools.islice(_children(element), 2), None, None)
    if not (kind and wrapper and kind.tag == _OID and wrapper.tag == _EXPLICIT):
        return None
    content = next(_children(wrapper), None)
    return (kind.content, content) if content else None


def _octets(element: _Element, depth: int) -> Iterator[bytes]:
    """Yield the pieces of an octet string, which may be made of others."""
    if not element.is_constructed:
        yield element.content
    elif depth < MAX_DEPTH:
        for inner in _children(element):
            yield from _octets(inner, depth + 1)


def _children(parent: _Element) -> Iterator[_Element]:
    at = parent.start
    while at < parent.end:
        element = _element(parent.data, at, parent.end, 0)
        yield element
        at = element.after


def _element(data: bytes, at: int, limit: int, depth: int) -> _Element:
    """Return the element at an offset.

    :raises ValueError: where there is none
    """
    if at + 2 > limit or data[at] & 0x1F == 0x1F:
        raise ValueError("no element")
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        end = _end_of_content(data, start, limit, depth)
        return _Element(data, tag, start, end, end + 2)
    if length > 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > limit:
        raise ValueError("longer than what it is in")
    return _Element(data, tag, start, start + length, start + length)


def _end_of_content(data: bytes, at: int, limit: int, depth: int) -> int:
    """Return where the content of an element of unknown length ends, X.690 8.1.3.6."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    while data[at : at + 2] != b"\0\0":
        at = _element(data, at, limit, depth + 1).after
    return at


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(data, MAX_UNPACKED)
    return b"" if unpacker.unconsumed_tail else content
