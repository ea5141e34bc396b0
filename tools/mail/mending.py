"""What a broken part was meant to be, by its own words (RFC 7103).

Scripts of websites forget the space before a folded line, add empty lines, lose the
boundary or encode what must not be. Whoever reads such mail with a person's eyes sees
at once where its parts begin; these functions give that to the parser.
"""

import re

from .headers import header_span, parse_headers, tidied

#: How far into a body its first boundary is looked for.
MAX_LOOKED = 200_000

_CONTENT_FIELD = r"(?:MIME-Version|Content-[A-Za-z-]{1,40})[ \t]*:"
_HEADER_AT_START = re.compile(rf"(?:[ \t]*\r?\n)*{_CONTENT_FIELD}", re.IGNORECASE)
# A boundary and a part's header below it.
_EDGE = re.compile(
    rb"^--([^\s\"][^\r\n\"]{0,69}?)[ \t]*\r?\n(?:[ \t]*\r?\n)?"
    + _CONTENT_FIELD.encode(),
    re.IGNORECASE | re.MULTILINE,
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


def with_boundary(kind: str, body: bytes) -> bytes:
    """Return a multipart with the boundary that its body shows, b"" without any.

    :param kind: its type
    """
    edge = _EDGE.search(body, 0, MAX_LOOKED)
    if not edge:
        return b""
    return b'Content-Type: %s; boundary="%s"\r\n\r\n%s' % (kind.encode(), edge[1], body)


def _of_content(raw: bytes) -> bytes:
    """Return an entity whose header tells of its content alone, b"" for another one, or
    one without any: people write lines with colons, too."""
    names = list(parse_headers(raw).names())
    is_content = all(name.startswith(("content-", "mime-", "x-")) for name in names)
    is_whole = is_content and "content-type" in names
    return raw if is_whole and raw.partition(b"\r\n\r\n")[2].strip() else b""
