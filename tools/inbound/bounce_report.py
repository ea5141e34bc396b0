"""Takes a mail apart as a report of a mail system: what it says, what it returns.

The MIME of RFC 3464 and RFC 6522 where it is there; where it isn't, the prose is
cut where the returned message begins, and its lines are read as fields.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from ..mail import mime
from ..mail.headers import Field, Headers, parse_headers
from ..mail.phrases import either

#: A group of fields: names in lower case, values unfolded (RFC 3464 2.1).
Block = dict[str, str]
#: A part of a mail, and its content type.
_Part = tuple[str, EmailMessage]

RAW_LIMIT = 1 << 18  # bytes read: reports stand before what they return
TEXT_LIMIT = 1 << 16  # characters of one text that are searched
LINE_LIMIT = 1000  # characters of one line that are searched
LINES_LIMIT = 600
PARTS_LIMIT = 50
DEPTH_LIMIT = 8
GROUPS_LIMIT = 100

STATUS_TYPE = re.compile(r"message/(?:x-?|global-)?delivery-status\Z")
RECEIPT_TYPE = re.compile(r"message/(?:global-)?disposition-notification\Z")
_RETURNED_TYPE = re.compile(
    r"(?:message/(?:rfc822|global)(?:-headers)?|text/rfc822(?:-headers?)?)\Z"
)

# RFC 3464 section 2.3; some systems write the fields without the MIME part.
RECIPIENT_FIELDS = ("original-recipient", "final-recipient")
_KNOWN_FIELDS = frozenset((*RECIPIENT_FIELDS, "action", "status", "disposition"))
_FIELD = re.compile(r"\s{0,4}([A-Za-z][A-Za-z-]{1,40})\s?:[ \t]{0,10}(.*)")
_PARAGRAPH = re.compile(r"\n[ \t]{0,20}\n")
_GAP = re.compile(rb"\n{4,}")

_BREAKING_TAG = re.compile(
    r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d)\b[^<>]{0,500}>", re.IGNORECASE
)
# Some systems write an address in angle brackets into HTML as it is.
_TAG = re.compile(r"<(?![^<>\s]{1,200}@)[^<>]{0,2000}>")

_MESSAGE_WORDS = either(
    r"(?:original|returned|unsent|undelivered|rejected|bounced)"
    r" (?:message|mail|e-?mail|text)(?: headers?)?",
    r"copy of (?:the|your) (?:original )?(?:message|mail)",
    r"message (?:header|text)s?",
    r"headers? of the (?:original )?message",
    r"mensaje original",
)
_CUT = re.compile(
    either(
        # --- Below this line is a copy of the message.
        rf"\s{{0,20}}[-=_*#|~.]{{2,80}}.{{0,40}}\b(?:{_MESSAGE_WORDS})\b.{{0,80}}$",
        # Original message follows.
        r"[\s>*]{0,10}(?:(?:here|below|included|attached|this) is )?(?:a |the )?"
        rf"(?:{_MESSAGE_WORDS})(?: (?:follows?|is attached|attached|below"
        r"|are as follows|removed|info))?\s?(?:[:.]|-{2,}|$)",
        r"[\s>*]{0,10}bounced e-?mail ?:",
    ),
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(
    r"[\s>|]{0,8}(?:[A-Z][A-Za-z0-9]{0,20}-){0,6}[A-Za-z0-9]{2,30}\s?:"
)
# Fields that begin a returned message; no system names them in its own prose.
_TRACE_LINE = re.compile(
    r"[\s>|]{0,8}(?:Received|Return-Path|Delivered-To|DKIM-Signature"
    r"|X-Google-Smtp-Source|X-Received)\s?:",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Report:
    """A mail taken apart.

    ``types`` are the content types of its own parts; ``text`` is the prose of the
    reporting system; ``blocks`` are its groups of fields; ``returned`` are the headers
    of the returned message, and ``rest`` is what of that message stands below the
    prose.
    """

    headers: Headers
    types: tuple[str, ...]
    text: str
    blocks: tuple[Block, ...]
    returned: Headers
    rest: str


def read_report(raw: bytes) -> Report:
    """Return what the mail ``raw``, as :func:`unix_lines` gives it, says."""
    parts = _walk(_unwrapped(mime.parse(raw)))
    texts = [_cut(text) for text in _own_texts(parts)]
    text = "\n".join(said for said, _rest in texts)[:TEXT_LIMIT]
    rest = "\n".join(rest for _said, rest in texts)[:TEXT_LIMIT]
    blocks = [block for kind, part in parts for block in _blocks_of_part(kind, part)]
    blocks = blocks or _blocks(text) or _blocks(rest)
    known = [block for block in blocks if _KNOWN_FIELDS & set(block)]
    return Report(
        headers=parse_headers(raw),
        types=tuple(kind for kind, _part in parts),
        text=text,
        blocks=tuple(known),
        returned=_returned(parts) or _headers_in(rest),
        rest=rest,
    )


def unix_lines(raw: bytes) -> bytes:
    """Return the first bytes of ``raw`` with LF line ends and short gaps.

    A lone CR ends a line only where there is no LF at all.
    """
    raw = raw[:RAW_LIMIT]
    if b"\n" in raw:
        lines = raw.replace(b"\r\n", b"\n")
    else:
        lines = raw.replace(b"\r", b"\n")
    # Every empty line of a status part is a group of its own to a MIME parser.
    return _GAP.sub(b"\n\n\n", lines)


def lines_of(text: str) -> list[str]:
    """Return the first lines of ``text``, each cut to a length that can be searched."""
    return [line[:LINE_LIMIT] for line in text.split("\n", LINES_LIMIT)[:LINES_LIMIT]]


# ------------------------------------------------------------
# PARTS
# ------------------------------------------------------------


def _walk(message: EmailMessage, depth: int = 0) -> list[_Part]:
    """Return (content type, part) of a mail's own parts, not of what it encloses."""
    kind = message.get_content_type()
    found = [(kind, message)]
    payload: Any = message.get_payload()
    if depth < DEPTH_LIMIT and kind.startswith("multipart/"):
        children = payload[:PARTS_LIMIT] if isinstance(payload, list) else ()
        found += [pair for child in children for pair in _walk(child, depth + 1)]
    return found[:PARTS_LIMIT]


def _unwrapped(message: EmailMessage) -> EmailMessage:
    """Return the report that a gateway has enclosed, else ``message``.

    Gateways that add a text to everything enclose it in a mail of the same sender and
    subject.
    """
    enclosed: Iterable[Any] = (
        part.get_payload() for kind, part in _walk(message) if kind == "message/rfc822"
    )
    inner: EmailMessage | None = next(
        (one[0] for one in enclosed if one and isinstance(one, list)), None
    )
    if inner is None or not any(
        STATUS_TYPE.match(kind) for kind, _part in _walk(inner)
    ):
        return message
    same = all(_raw_header(inner, name) == _raw_header(message, name) for name in _SAME)
    return inner if same else message


_SAME = ("from", "subject")


def _raw_header(part: EmailMessage, name: str) -> str:
    return next((str(raw) for key, raw in part.raw_items() if key.lower() == name), "")


def _own_texts(parts: Iterable[_Part]) -> list[str]:
    """Return the texts meant to be read: the plain ones, or else the HTML ones."""
    plain = [_text(part) for kind, part in parts if kind == "text/plain"]
    plain = [text for text in plain if text.strip()]
    return plain or [_prose(_text(part)) for kind, part in parts if kind == "text/html"]


def _text(part: EmailMessage) -> str:
    return str(part.get_content())[:TEXT_LIMIT].replace("\r\n", "\n")


def _prose(markup: str) -> str:
    return html.unescape(_TAG.sub(" ", _BREAKING_TAG.sub("\n", markup)))


# ------------------------------------------------------------
# FIELDS
# ------------------------------------------------------------


def _blocks_of_part(kind: str, part: EmailMessage) -> list[Block]:
    """Return the groups of fields in a part, if it is of a type that has any."""
    if not (STATUS_TYPE.match(kind) or RECEIPT_TYPE.match(kind)):
        return []
    payload: Any = part.get_payload()
    if not isinstance(payload, list):
        return _blocks(str(payload)[:TEXT_LIMIT])
    groups = payload[:GROUPS_LIMIT]
    fields = [
        {name.lower(): _flat(value) for name, value in group.raw_items()}
        for group in groups
    ]
    # A blank line too many tears a group in two, and the rest is a body to MIME.
    torn = [text for group in groups if isinstance(text := group.get_payload(), str)]
    return fields + [block for text in torn for block in _blocks(text[:TEXT_LIMIT])]


def _blocks(text: str) -> list[Block]:
    paragraphs = _PARAGRAPH.split(text, LINES_LIMIT)
    return [found for one in paragraphs if (found := _block(one))][:GROUPS_LIMIT]


def _block(paragraph: str) -> Block:
    """Return the fields of a paragraph, {} when none names a recipient."""
    found: Block = {}
    name = ""
    for line in lines_of(paragraph):
        match = _FIELD.match(line)
        if match:
            name = match[1].lower()
            found.setdefault(name, match[2].strip())
        elif name and line[:1] in (" ", "\t"):
            found[name] = f"{found[name]} {line.strip()}"[:LINE_LIMIT]
    return found if any(name in found for name in RECIPIENT_FIELDS) else {}


def _flat(value: object) -> str:
    return " ".join(str(value)[:LINE_LIMIT].split())


# ------------------------------------------------------------
# THE RETURNED MESSAGE
# ------------------------------------------------------------


def _returned(parts: Iterable[_Part]) -> Headers | None:
    """Return the headers of the first part that holds a returned message, or None."""
    returned = [part for kind, part in parts if _RETURNED_TYPE.match(kind)]
    return next((found for found in map(_headers_of, returned) if len(found)), None)


def _headers_of(part: EmailMessage) -> Headers:
    payload: Any = part.get_payload()
    if not isinstance(payload, list):
        return _headers_in(_text(part))
    fields = payload[0].raw_items() if payload else ()
    return Headers(Field(name, _flat(value)) for name, value in fields)


def _cut(text: str) -> tuple[str, str]:
    """Return (what the system says, the message it returns) of one text."""
    lines = text.split("\n")
    numbers = range(len(lines))
    end = next((at for at in numbers if _begins_returned(lines, at)), len(lines))
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def _begins_returned(lines: Sequence[str], at: int) -> bool:
    line = lines[at][:LINE_LIMIT]
    if not _TRACE_LINE.match(line):
        return bool(_CUT.match(line))
    below = lines[at + 1][:LINE_LIMIT] if at + 1 < len(lines) else ""
    return bool(_HEADER_LINE.match(below) or below[:1] in (" ", "\t"))


def _headers_in(text: str) -> Headers:
    """Return the headers of a message quoted in ``text``, indented or not."""
    lines = lines_of(text)
    numbers = range(len(lines))
    start = next((at for at in numbers if _HEADER_LINE.match(lines[at])), len(lines))
    quoted = lines[start:]
    indent = len(quoted[0]) - len(quoted[0].lstrip(" \t>|")) if quoted else 0
    block = "\n".join(line[indent:] for line in quoted)
    return parse_headers(block.encode("utf-8", "replace"))
