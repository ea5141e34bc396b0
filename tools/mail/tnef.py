"""The files and the text in winmail.dat, which Outlook sends to those who have none.

[MS-OXTNEF]: a stream of attributes; some hold properties of [MS-OXCMSG]. What a broken
stream still shows is returned.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .text import decode_bytes

#: Messages inside one another that are opened.
MAX_DEPTH = 5
#: Files taken out of one.
MAX_FILES = 500

_SIGNATURE = 0x223E9F78
# attOemCodepage, attMsgProps, attBody, attAttachRendData, attAttachTitle,
# attAttachData, attAttachment
_CODEPAGE, _PROPS, _BODY = 0x9007, 0x9003, 0x800C
_NEW_FILE, _TITLE, _DATA, _FILE_PROPS = 0x9002, 0x8010, 0x800F, 0x9005

_SUBJECT, _TEXT, _RTF, _HTML = 0x0037, 0x1000, 0x1009, 0x1013
_FILE_DATA, _FILE_NAME, _FILE_METHOD = 0x3701, 0x3704, 0x3705
_LONG_NAME, _MIME_TYPE, _CID, _DISPLAY_NAME = 0x3707, 0x370E, 0x3712, 0x3001
_HIDDEN = 0x7FFE
_EMBEDDED = 5
# Bytes of a value by its type; all are padded to four.
_SIZES = {
    0x0002: 2, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4,
    0x000B: 2, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
_STRING, _UNICODE, _BINARY, _OBJECT = 0x001E, 0x001F, 0x0102, 0x000D
_INTERFACE_BYTES = 16


@dataclass(frozen=True)
class TnefFile:
    """A file in it: name, type and Content-ID as they are written, "" where missing."""

    name: str = ""
    content_type: str = ""
    cid: str = ""
    data: bytes = b""


@dataclass(frozen=True)
class Tnef:
    """What is in it: texts are "" where there is none. ``is_whole`` says whether it
    was read up to its end."""

    subject: str = ""
    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: tuple[TnefFile, ...] = ()
    is_whole: bool = False


@dataclass
class _Reading:
    """What is known of a stream up to here."""

    depth: int
    charset: str = "cp1252"
    found: Tnef = field(default_factory=Tnef)
    file: TnefFile | None = None
    files: list[TnefFile] = field(default_factory=list)

    def end_file(self) -> None:
        """Keep the file that was being read."""
        if self.file and (self.file.data or self.file.name):
            self.files.append(self.file)
        self.file = None


def read_tnef(data: bytes, depth: int = 0) -> Tnef:
    """Return what is in a winmail.dat; never raises."""
    reading = _Reading(depth)
    is_whole = True
    try:
        for attribute, content in _attributes(data):
            _take(reading, attribute, content)
    except (struct.error, ValueError):
        is_whole = False
    reading.end_file()
    files = tuple(reading.files[:MAX_FILES])
    return replace(reading.found, files=files, is_whole=is_whole)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (id, content) of each attribute.

    :raises ValueError: where the stream is none or ends too early
    """
    signature, _key = struct.unpack_from("<IH", data)
    if signature != _SIGNATURE:
        raise ValueError("no TNEF")
    at = 6
    while at < len(data):
        _level, attribute, _kind, length = struct.unpack_from("<BHHI", data, at)
        at += 9
        if at + length > len(data):
            raise ValueError("ends too early")
        yield attribute, data[at : at + length]
        at += length + 2


def _take(reading: _Reading, attribute: int, content: bytes) -> None:
    """Take in one attribute."""
    if attribute == _CODEPAGE:
        reading.charset = f"cp{struct.unpack_from('<I', content)[0]}"
    elif attribute == _BODY:
        text = decode_bytes(content.rstrip(b"\0"), reading.charset)
        reading.found = replace(reading.found, text=reading.found.text or text)
    elif attribute == _PROPS:
        _take_message(reading, dict(_properties(content)))
    elif attribute == _NEW_FILE:
        reading.end_file()
        reading.file = TnefFile()
    elif reading.file is None:
        return
    elif attribute == _TITLE:
        name = decode_bytes(content.rstrip(b"\0"), reading.charset)
        reading.file = replace(reading.file, name=reading.file.name or name)
    elif attribute == _DATA:
        reading.file = replace(reading.file, data=content)
    elif attribute == _FILE_PROPS:
        _take_file(reading, reading.file, dict(_properties(content)))


def _take_message(reading: _Reading, values: dict[int, tuple[int, bytes]]) -> None:
    found = reading.found
    reading.found = replace(
        found,
        subject=_text(values, _SUBJECT, reading.charset) or found.subject,
        text=_text(values, _TEXT, reading.charset) or found.text,
        html=_text(values, _HTML, reading.charset) or found.html,
        rtf=values.get(_RTF, (0, found.rtf))[1],
    )


def _take_file(
    reading: _Reading, file: TnefFile, values: dict[int, tuple[int, bytes]]
) -> None:
    """Take in the properties of a file; a message among them gives its own files."""
    charset = reading.charset
    names = (_text(values, key, charset) for key in (_LONG_NAME, _FILE_NAME))
    display = _text(values, _DISPLAY_NAME, charset)
    kind, data = values.get(_FILE_DATA, (0, b""))
    method = int.from_bytes(values.get(_FILE_METHOD, (0, b"\0"))[1][:4], "little")
    if kind == _OBJECT and method == _EMBEDDED and reading.depth < MAX_DEPTH:
        reading.file = None
        reading.files += _embedded(data[_INTERFACE_BYTES:], display, reading.depth)
        return
    reading.file = TnefFile(
        name=next(filter(None, names), "") or file.name or display,
        content_type=_text(values, _MIME_TYPE, charset).lower() or file.content_type,
        cid=_text(values, _CID, charset) or file.cid,
        data=(data[_INTERFACE_BYTES:] if kind == _OBJECT else data) or file.data,
    )


def _embedded(data: bytes, name: str, depth: int) -> list[TnefFile]:
    """Return the text and the files of a message that is a file itself."""
    inner = read_tnef(data, depth + 1)
    stem = name or inner.subject or "message"
    texts = []
    if inner.html:
        texts.append(TnefFile(f"{stem}.html", "text/html", "", inner.html.encode()))
    elif inner.text:
        texts.append(TnefFile(f"{stem}.txt", "text/plain", "", inner.text.encode()))
    return [*texts, *inner.files]


# ------------------------------------------------------------
# PROPERTIES
# ------------------------------------------------------------


def _text(values: dict[int, tuple[int, bytes]], key: int, charset: str) -> str:
    kind, data = values.get(key, (0, b""))
    if kind == _UNICODE:
        return decode_bytes(data, "utf-16-le").rstrip("\0")
    return decode_bytes(data.rstrip(b"\0"), charset)


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield (id, (type, value)) of each property, of several values the first.

    :raises ValueError: where they end too early
    """
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _number in range(count):
        kind, key = struct.unpack_from("<HH", data, at)
        at += 4
        if key >= 0x8000:
            at = _after_name(data, at)
        values, at = _values(data, at, kind)
        if values:
            yield key, (kind & 0x0FFF, values[0])


def _after_name(data: bytes, at: int) -> int:
    """Return the offset behind the name of a property that its program has defined."""
    (is_text,) = struct.unpack_from("<I", data, at + 16)
    if not is_text:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + _padded(length)


def _values(data: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    base, is_several = kind & 0x0FFF, bool(kind & 0x1000)
    size = _SIZES.get(base)
    count = 1
    if is_several or size is None:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    values = []
    for _number in range(count):
        length = size
        if length is None:
            if base not in (_STRING, _UNICODE, _BINARY, _OBJECT):
                raise ValueError(f"unknown type {kind:#x}")
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        if at + length > len(data):
            raise ValueError("ends too early")
        values.append(data[at : at + length])
        at += _padded(length)
    return values, at


def _padded(length: int) -> int:
    return length + -length % 4
