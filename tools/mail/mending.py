"""What a broken part was meant to be, by its own words (RFC 7103).

Scripts of websites forget the space before a folded line, add empty lines, lose the
boundary or encode what must not be. Whoever reads such mail with a person's eyes sees
at once where its parts begin; these functions give that to the parser.
"""

import base64
import contextlib
import quopri
import re

from .headers import header_span, parse_headers, tidied
from .text import is_utf8

#: How far into a body its first boundary is looked for.
MAX_LOOKED = 200_000

#: Escapes of letters that are not ASCII in a text that is quoted-printable.
FEWEST_ESCAPES = 4
#: Bytes of a text that is base64.
LEAST_BASE64 = 60

_ESCAPES = re.compile(rb"=[89A-F][0-9A-F]")
_NO_ESCAPE = re.compile(rb"=(?![0-9A-F]{2}|[ \t]*\r?\n|\Z)")
_BASE64 = re.compile(rb"\s*(?:[A-Za-z0-9+/]{4,}\s+)*[A-Za-z0-9+/]+={0,2}\s*")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_CONTENT_FIELD = r"(?:MIME-Version|Content-[A-Za-z-]{1,40})[ \t]*:"
_HEADER_AT_START = re.compile(rf"(?:[ \t]*\r?\n)*{_CONTENT_FIELD}", re.IGNORECASE)
# A boundary and a part's header below it.
_EDGE = re.compile(
    rb"^--([^\s\"][^\r\n\"]{0,69}?)[ \t]*\r?\n(?:[ \t]*\r?\n)?"
    + _CONTENT_FIELD.encode(),
    re.IGNORECASE | re.MULTILINE,
)
# Nothing, or what programs say to those who know no parts.
_BEFORE_PARTS = re.compile(
    rb"\s*(?:[^\n]{0,200}\b(?:MIME|multi-?part)\b[^\n]*\s*)?", re.IGNORECASE
)
_DOUBLED_END = b"\r\r\n"


def with_single_ends(raw: bytes) -> bytes:
    """Return a mail whose lines a gateway has ended twice with lines that end once."""
    first = raw.find(b"\n")
    is_doubled = raw[max(first - 2, 0) : first + 1] == _DOUBLED_END
    return raw.replace(_DOUBLED_END, b"\r\n") if is_doubled else raw


def with_whole_header(head: bytes, body: bytes) -> bytes:
    """Return an entity with all of its header, b"" where no more of it is found.

    :param head: the fields that the parser has found
    :param body: what it takes for the body, although no empty line is before it
    """
    whole = head + body
    _start, end, _body = header_span(whole)
    return _of_content(tidied(whole)) if end > len(head) else b""


def begins_with_header(text: str) -> bool:
    """Tell whether a text begins as a header of content does."""
    return bool(_HEADER_AT_START.match(text))


def with_header_of_body(body: bytes) -> bytes:
    """Return the entity that a body holds which begins with a header of content, b""
    where it does not. No other field may stand there: it would be one of the mail."""
    raw = tidied(body)
    if list(parse_headers(raw).names()) == ["mime-version"]:
        # The same script has ended each of its lines twice.
        raw = tidied(raw.partition(b"\r\n\r\n")[2])
    return _of_content(raw)


def unencoded(data: bytes) -> bytes:
    """Return the bytes of a text that is quoted-printable or base64 from end to end,
    although nothing says so; all others as they are."""
    if not data.isascii():
        return data
    if len(_ESCAPES.findall(data)) >= FEWEST_ESCAPES and not _NO_ESCAPE.search(data):
        return _if_text(quopri.decodestring(data), data)
    if len(data) >= LEAST_BASE64 and _BASE64.fullmatch(data):
        with contextlib.suppress(ValueError):
            return _if_text(
                base64.b64decode(b"".join(data.split()), validate=True), data
            )
    return data


def _if_text(decoded: bytes, data: bytes) -> bytes:
    """Return decoded bytes if they are a text in UTF-8, else the others."""
    return decoded if is_utf8(decoded) and not _CONTROLS.search(decoded) else data


def with_boundary(kind: str, body: bytes, *, is_told: bool = True) -> bytes:
    """Return a multipart with the boundary that its body shows, b"" without any.

    :param kind: its type
    :param is_told: whether its header says that it is one; else it must be one from
        end to end: people and servers quote mails
    """
    edge = _EDGE.search(body, 0, MAX_LOOKED)
    if not edge:
        return b""
    is_whole = _BEFORE_PARTS.fullmatch(body, 0, edge.start())
    if not is_told and not (is_whole and b"--%s--" % edge[1] in body):
        return b""
    return b'Content-Type: %s; boundary="%s"\r\n\r\n%s' % (kind.encode(), edge[1], body)


def _of_content(raw: bytes) -> bytes:
    """Return an entity whose header tells of its content alone, b"" for another one, or
    one without any: people write lines with colons, too."""
    names = list(parse_headers(raw).names())
    is_content = all(name.startswith(("content-", "mime-", "x-")) for name in names)
    is_whole = is_content and "content-type" in names
    return raw if is_whole and raw.partition(b"\r\n\r\n")[2].strip() else b""
