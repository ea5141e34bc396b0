"""The name of a file in a mail, however its sender wrote it (RFC 2183, 2231, 2047).

Half of the world's mailers break one of these: they leave quotes out, encode what is
quoted, split what is encoded, or send a whole path.
"""

import html
import mimetypes
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .text import decode_bytes, decode_twice, single_line

#: Longest file name that is kept.
MAX_NAME = 512
#: Longest header of a part that is read for it.
MAX_VALUE = 20_000

# Up to the next attribute, so that spaces and semicolons within a name need no quotes.
# A quoted name is one without a semicolon before it, and with a colon behind it.
_ATTRIBUTE = re.compile(
    r";[\s;]*([A-Za-z0-9_.*-]{1,80})\s*=\s*"
    r"|(?:\A|(?<=[\s;]))((?:file)?name\*?)\s{0,9}[=:]\s{0,9}(?=\")",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PIECE = re.compile(r"(file)?name(?:\*(\d{1,4}))?(\*)?", re.IGNORECASE)
_ESCAPE = re.compile(r'\\(["\\])')
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_ANY_PERCENT = re.compile(r"%(?:[0-9A-Fa-f]{2})?")
_EXTENDED = re.compile(
    r"(utf-?8|iso-8859-\d{1,2}|windows-\d{3,4}|us-ascii|gbk|gb2312|gb18030|big5|euc-kr"
    r"|shift_jis|iso-2022-jp|koi8-[ru])'[a-z-]{0,12}'(.*%[0-9a-f]{2}.*)",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|quot|lt|gt);")
_PATH = re.compile(r"(?:file:/*)?(?:[A-Za-z]:[\\/]|[\\/~]|\.{1,2}[\\/])|[^/]*\\")
# Letters that turn the direction of others make of "gpj.exe" a picture (Unicode 9).
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# What a name ends in, by type; all else is looked up.
_ENDINGS = {
    "application/ics": ".ics",
    "application/ms-tnef": ".dat",
    "application/octet-stream": ".bin",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/rtf": ".rtf",
    "application/vnd.ms-tnef": ".dat",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/global": ".eml",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/directory": ".vcf",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
    "text/rtf": ".rtf",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/xml": ".xml",
    "video/3gpp": ".3gp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}

# What the first bytes of a file tell of its type.
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
)


@dataclass(frozen=True)
class FileWords:
    """How a file without a name is called, in the language of who reads it."""

    file: str = "file"
    picture: str = "picture"
    recording: str = "recording"
    video: str = "video"
    text: str = "text"
    message: str = "message"
    invitation: str = "invitation"
    contact: str = "contact"
    report: str = "report"
    signature: str = "signature"


def given_name(disposition: str, content_type: str, charset: str = "") -> str:
    """Return the file name in these header values, or "".

    Content-Disposition counts before Content-Type. The values are unfolded; bytes that
    are not ASCII stand in them as lone surrogates and are read as UTF-8, else in
    ``charset``. The name is in NFC, on one line, without a path.
    """
    for value in (disposition, content_type):
        name = _name_in(value[:MAX_VALUE], charset)
        if name:
            return name
    return ""


def described_name(description: str, charset: str = "") -> str:
    """Return the value of Content-Description if it is the name of a file, else "":
    some programs write it there, others a text (RFC 2045 8)."""
    name = tidy_name(_decoded(description[:MAX_VALUE], charset))
    return name if mimetypes.guess_type(name)[0] else ""


def name_by_type(content_type: str, words: FileWords, content: bytes = b"") -> str:
    """Return the name of a file of this type that came without one: `picture.png`.

    ``content`` is its beginning, which counts where the type says nothing.
    """
    if content_type in ("application/octet-stream", "application/x-octet-stream", ""):
        head = content.lstrip()[:16]
        known = (kind for magic, kind in _MAGIC if head.startswith(magic))
        content_type = next(known, "application/octet-stream")
    ending = _ENDINGS.get(content_type) or mimetypes.guess_extension(content_type)
    if not ending:
        ending = ".eml" if content_type.startswith("message/") else ".bin"
    return f"{_word(content_type, words)}{ending}"


def has_ending(content_type: str) -> bool:
    """Tell whether files of this type are known by an ending of their name."""
    return bool(_ENDINGS.get(content_type) or mimetypes.guess_extension(content_type))


def type_by_name(name: str) -> str:
    """Return the type of a file of this name, `application/octet-stream` if unknown."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def tidy_name(name: str) -> str:
    """Return a name as a file can have it: one line in NFC without a path, bounded."""
    name = _without_path(_TURNING.sub("", single_line(name)).strip())
    name = unicodedata.normalize("NFC", " ".join(name.split())).strip("\"' ")
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 16 else ""
        name = name[: MAX_NAME - len(ending)] + ending
    return "" if name in (".", "..") else name


def distinct(name: str, taken: Iterable[str]) -> str:
    """Return the name, numbered if another file is called so: `picture-2.png`."""
    used = set(taken)
    stem, dot, ending = name.rpartition(".")
    number, free = 2, name
    while free in used:
        free = f"{stem}-{number}{dot}{ending}" if stem else f"{name}-{number}"
        number += 1
    return free


def parameters(value: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (attribute in lower case, value, whether it was quoted) of a header value.

    A value without quotes goes up to the next attribute.
    """
    found = _ATTRIBUTE.search(value)
    while found:
        quoted = _QUOTED.match(value, found.end())
        following = _ATTRIBUTE.search(value, quoted.end() if quoted else found.end())
        attribute = (found[1] or found[2]).lower()
        if quoted:
            yield attribute, _ESCAPE.sub(r"\1", quoted[1]), True
        else:
            end = following.start() if following else len(value)
            text = value[found.end() : end].strip().removeprefix('"').rstrip("; ")
            yield attribute, text, False
        found = following


def _word(content_type: str, words: FileWords) -> str:
    main, _slash, sub = content_type.partition("/")
    if sub in ("calendar", "ics"):
        return words.invitation
    if sub in ("vcard", "x-vcard", "directory"):
        return words.contact
    if sub.endswith("signature"):
        return words.signature
    if sub.endswith(("status", "notification", "report", "rfc822-headers")):
        return words.report
    by_main = {
        "image": words.picture,
        "audio": words.recording,
        "video": words.video,
        "text": words.text,
        "message": words.message,
    }
    return by_main.get(main, words.file)


def _name_in(value: str, charset: str) -> str:
    """Return the name in one header value: RFC 2231's counts before the plain one."""
    if "name" not in value.lower():
        return ""
    if not value.isascii() and "*=" not in value:
        # The second byte of a letter can be a backslash, which quotes nothing.
        value = _from_bytes(value, charset)
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    plain = ""
    for attribute, text, _quoted in parameters(value):
        piece = _PIECE.fullmatch(attribute)
        if not piece:
            continue
        if piece[2] is None and piece[3] is None:
            plain = plain or text
            continue
        whole = pieces.setdefault((piece[1] or "").lower(), {})
        whole.setdefault(int(piece[2] or 0), (text, bool(piece[3])))
    extended = (
        _joined(pieces[kind], charset) for kind in ("file", "") if kind in pieces
    )
    return next((name for name in extended if name), "") or tidy_name(
        _decoded(plain, charset)
    )


def _joined(pieces: dict[int, tuple[str, bool]], charset: str) -> str:
    """Return the name of RFC 2231 pieces, in the order of their numbers."""
    texts = [pieces[number] for number in sorted(pieces)]
    first, is_encoded = texts[0]
    if is_encoded:
        named, first = _charset_of(first)
        charset = named or charset
        texts[0] = (first, True)
    if not any(encoded for _text, encoded in texts):
        return tidy_name(_decoded("".join(text for text, _encoded in texts), charset))
    # Outlook's second piece is encoded too, without saying so.
    data = b"".join(_unquoted(_as_bytes(text)) for text, _encoded in texts)
    return tidy_name(decode_twice(decode_bytes(data, charset)))


def _charset_of(text: str) -> tuple[str, str]:
    """Return (charset, rest) of the first encoded piece, RFC 2231 4."""
    charset, quote, rest = text.partition("'")
    if not quote or len(charset) > 40:
        return "", text
    _language, second, name = rest.partition("'")
    return charset, (name if second else rest)


def _decoded(text: str, charset: str) -> str:
    """Return a plain value decoded, by RFC 2047, as a URL or as HTML would be.

    Some programs write the value of RFC 2231 without the asterisk that says so.
    """
    text = decode_twice(_from_bytes(text, charset))
    if extended := _EXTENDED.fullmatch(text):
        return decode_bytes(_unquoted(_as_bytes(extended[2])), extended[1])
    if "%" in text and all(len(found) == 3 for found in _ANY_PERCENT.findall(text)):
        text = _as_url(text)
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _as_url(text: str) -> str:
    """Return text with its percent signs decoded, if a program encoded it so."""
    data = _unquoted(text.encode("utf-8", "surrogateescape"))
    try:
        found = data.decode()
    except UnicodeDecodeError:
        return text
    return text if found.isascii() and "%20" not in text else found


def _unquoted(data: bytes) -> bytes:
    return _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), data)


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _from_bytes(text: str, charset: str) -> str:
    """Return text whose lone surrogates are bytes of UTF-8, else of a charset."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return decode_bytes(data, charset)


def _without_path(name: str) -> str:
    """Return the last part of a path; a slash in a name that is none becomes a dash."""
    if _PATH.match(name):
        return re.split(r"[\\/]", name.rstrip("\\/"))[-1]
    return name.replace("/", "-")
