"""The names of the files in an archive, read off its headers; nothing is unpacked.

GZIP (RFC 1952 2.3.1: the name it had), RAR 4 and 5 (technote.txt, "RAR 5.0 archive
format": each file's header, if the headers are not encrypted).
"""

import struct
from collections.abc import Iterator

MOST_ENTRIES = 200
MOST_BLOCKS = 1_000  # that are looked at
MOST_NAME = 1_000  # bytes
_RAR4, _RAR5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_RAR4_FILE, _RAR4_LARGE, _RAR4_ADDED = 0x74, 0x0100, 0x8000
_RAR5_FILE, _RAR5_EXTRA, _RAR5_DATA = 2, 1, 2
_RAR5_TIME, _RAR5_CRC = 2, 4


def names_in(data: bytes) -> list[str]:
    """Return the names that an archive's headers tell, MOST_ENTRIES at most; never
    raises. What is cut off ends the list."""
    found: list[str] = []
    try:
        for name in _names(data):
            found.append(name.decode("utf-8", "replace"))
            if len(found) >= MOST_ENTRIES:
                break
    except (struct.error, IndexError):
        return found
    return found


def _names(data: bytes) -> Iterator[bytes]:
    if data[:3] == b"\x1f\x8b\x08":
        yield from _gzip_names(data)
    elif data[:7] == _RAR4:
        yield from _rar4_names(data)
    elif data[:8] == _RAR5:
        yield from _rar5_names(data)


def _gzip_names(data: bytes) -> Iterator[bytes]:
    flags, at = data[3], 10
    if flags & 4:  # FEXTRA
        at += 2 + struct.unpack_from("<H", data, at)[0]
    if flags & 8:  # FNAME
        yield data[at : at + MOST_NAME].partition(b"\0")[0]


def _rar4_names(data: bytes) -> Iterator[bytes]:
    at = len(_RAR4)
    for _block in range(MOST_BLOCKS):
        kind, flags, size = struct.unpack_from("<BHH", data, at + 2)
        if size < 7:
            return
        added = 0
        if flags & _RAR4_ADDED or kind == _RAR4_FILE:
            (added,) = struct.unpack_from("<I", data, at + 7)
        if kind == _RAR4_FILE:
            (length,) = struct.unpack_from("<H", data, at + 26)
            start = at + 32 + (8 if flags & _RAR4_LARGE else 0)
            # What follows a zero is the same name, in Unicode.
            yield data[start : start + min(length, MOST_NAME)].partition(b"\0")[0]
        at += size + added


def _rar5_names(data: bytes) -> Iterator[bytes]:
    at = len(_RAR5)
    for _block in range(MOST_BLOCKS):
        size, start = _number(data, at + 4)
        if not size:
            return
        kind, place = _number(data, start)
        flags, place = _number(data, place)
        added = 0
        if flags & _RAR5_EXTRA:
            _extra, place = _number(data, place)
        if flags & _RAR5_DATA:
            added, place = _number(data, place)
        if kind == _RAR5_FILE:
            yield _rar5_name(data, place)
        at = start + size + added


def _rar5_name(data: bytes, place: int) -> bytes:
    flags, place = _number(data, place)
    _size, place = _number(data, place)
    _attributes, place = _number(data, place)
    place += 4 * bool(flags & _RAR5_TIME) + 4 * bool(flags & _RAR5_CRC)
    _method, place = _number(data, place)
    _system, place = _number(data, place)
    length, place = _number(data, place)
    return data[place : place + min(length, MOST_NAME)]


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return (a number of seven bits a byte, the lowest first; where it ends)."""
    value = 0
    for place in range(10):
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value, at + place + 1
    raise IndexError(at)
