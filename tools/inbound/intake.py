"""Mail that comes over HTTP: a provider posts its bytes, and the SMTP envelope beside
them.

Postmark, Mailgun, SendGrid and Amazon SES each have their own form; everybody else, a
worker of Cloudflare or ``curl``, posts the bytes as they are. Whoever posts has shown
the router's token, so that what he says of the envelope is a server's word, as a trace
header of the mailbox's own server is.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import parse_qsl

from ..mail.addresses import normalize, parse_list
from ..mail.headers import parse_headers
from .received import NO_SERVER

#: Most recipients of one mail; servers hand over 100 at once (RFC 5321 4.5.3.1.8).
MAX_RECIPIENTS = 1000
#: The parts of a form in which providers hand over the mail: SendGrid, Mailgun, others.
MAIL_FIELDS = ("email", "body-mime", "message", "raw", "mail", "file")
#: Of what is posted, the mail is at least so much: base64 takes a third, the quoting of
#: line ends in JSON less.
OVERHEAD = 1.5
#: Bytes of a form or JSON besides the mail.
REST = 256 * 1024

#: Most parts of a form; a provider's has two dozen.
MAX_PARTS = 1000

_MBOX = b"From "
# The null sender, as Postfix hands it to a pipe that says nothing else (pipe(8)).
_NULL_SENDERS = ("", "MAILER-DAEMON")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
# Halves of characters that stand for no byte, which JSON can hold.
_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")


class NoMailError(ValueError):
    """What was posted holds no mail; the words say why."""


@dataclass(frozen=True)
class Handover:
    """A mail and its SMTP envelope: normalised recipients, () where they are not told;
    sender "" for the null sender, None where he is not told."""

    raw: bytes
    recipients: tuple[str, ...] = ()
    sender: str | None = None


@dataclass(frozen=True)
class Form:
    """A form that was posted: of each name the first field and the first file, as
    bytes."""

    fields: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Return a field, None where there is none of this name."""
        found = self.fields.get(name)
        return None if found is None else found.decode("utf-8", "replace")


def largest_body(max_size: int) -> int:
    """Return how many bytes may be posted for a mail of at most `max_size` bytes."""
    return int(max_size * OVERHEAD) + REST


# ------------------------------------------------------------
# FORMS
# ------------------------------------------------------------


def of_bytes(
    raw: bytes, recipients: Iterable[str] = (), sender: str | None = None
) -> Handover:
    """Return the mail `raw` with its envelope as it was told, each recipient one
    address or a list.

    :raises NoMailError: when there is no header in it, or a recipient is no address
    """
    if raw.startswith(_MBOX):
        # postfix's pipe and mbox files begin with such a line (RFC 4155).
        raw = raw.partition(b"\n")[2]
    if not parse_headers(raw):
        raise NoMailError("There is no email in the request.")
    found = tuple(dict.fromkeys(_recipients(recipients)))
    if len(found) > MAX_RECIPIENTS:
        raise NoMailError("There are too many envelope recipients.")
    return Handover(raw, found, _sender(sender))


def read_multipart(body: bytes, boundary: str) -> Form:
    """Return a form, ``multipart/form-data`` (RFC 7578), each part as its bytes are.

    :raises NoMailError: when its end is missing, or it has too many parts
    """
    name = re.escape(boundary.encode("utf-8", "replace"))
    mark = re.compile(rb"--%s(--)?[ \t]{0,99}(?=\r?\n|\Z)" % name)
    form, begin = Form(), None
    lines = (one for one in mark.finditer(body) if _begins_line(body, one.start()))
    for number, line in enumerate(lines):
        if number > MAX_PARTS:
            raise NoMailError("The form has too many parts.")
        if begin is not None:
            _add_part(form, body[begin : line.start()])
        if line[1]:
            return form
        begin = line.end()
    raise NoMailError("The end of the form is missing.")


def _begins_line(body: bytes, at: int) -> bool:
    return body[max(at - 1, 0) : at] in (b"", b"\n")


def _add_part(form: Form, part: bytes) -> None:
    """Add a part, with the line end that belongs to the mark behind it."""
    empty = _EMPTY_LINE.search(part)
    if not empty:
        return
    told = BytesHeaderParser().parsebytes(part[: empty.start()].lstrip())
    name = told.get_param("name", header="Content-Disposition")
    end = -2 if part.endswith(b"\r\n") else -1
    if isinstance(name, str):
        kind = form.fields if told.get_filename() is None else form.files
        kind.setdefault(name, part[empty.end() : end])


def read_urlencoded(body: bytes) -> Form:
    """Return a form, ``application/x-www-form-urlencoded``, each field as its bytes
    are.

    :raises NoMailError: when it has too many fields
    """
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MAX_PARTS,
        )
    except ValueError as error:
        raise NoMailError("The form has too many parts.") from error
    form = Form()
    for name, value in pairs:
        form.fields.setdefault(name, value.encode("latin-1"))
    return form


def of_form(
    form: Form, recipients: Iterable[str] = (), sender: str | None = None
) -> Handover:
    """Return the mail in a form.

    An envelope that the form tells itself goes before `recipients` and `sender`:
    Mailgun's ``recipient`` and ``sender``, SendGrid's ``envelope``.

    :raises NoMailError: when there is none in it
    """
    both = (form.files, form.fields)
    found = (kind[name] for kind in both for name in MAIL_FIELDS if kind.get(name))
    raw = next(found, b"")
    told = read_json(form.text("envelope") or "{}")
    if told:
        return of_bytes(raw, _strings(told.get("to")), _text(told.get("from")))
    recipient = form.text("recipient")
    if recipient is not None:
        return of_bytes(raw, [recipient], form.text("sender"))
    return of_bytes(raw, recipients, sender)


def of_postmark(data: Mapping[str, Any]) -> Handover:
    """Return the mail in the JSON of Postmark's inbound webhook, whose server has
    *Include raw email content* switched on.

    :raises NoMailError: when there is none in it
    """
    raw = _text(data.get("RawEmail"))
    if not raw:
        raise NoMailError("RawEmail is missing: include the raw email content.")
    return of_bytes(_bytes_of(raw), _strings(data.get("OriginalRecipient")))


def of_ses(text: str) -> Handover:
    """Return the mail in the ``Message`` of a notification of Amazon SES over SNS.

    :raises NoMailError: when there is none in it
    """
    data = read_json(text)
    receipt = _mapping(data.get("receipt"))
    content = _text(data.get("content"))
    if not content:
        raise NoMailError("There is no content: use an SNS action or Lambda.")
    encoding = str(_mapping(receipt.get("action")).get("encoding", ""))
    if encoding.upper() == "BASE64":
        try:
            raw = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise NoMailError("The content is no base64.") from error
    else:
        raw = _bytes_of(content)
    sender = _text(_mapping(data.get("mail")).get("source"))
    return of_bytes(raw, _strings(receipt.get("recipients")), sender)


def read_json(text: str) -> Mapping[str, Any]:
    """Return the object that a text of JSON holds, {} where it is none.

    :raises NoMailError: when it is no JSON
    """
    try:
        return _mapping(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise NoMailError("The JSON in it cannot be read.") from error


# ------------------------------------------------------------
# WHAT IS JOURNALLED
# ------------------------------------------------------------


def plain_key(key: str) -> str:
    """Return a key as one word that fits into a header."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def with_envelope(handover: Handover, key: str) -> bytes:
    """Return the bytes to journal: the mail, and on top its envelope, as a mail server
    writes it there.

    A mail on which no server has written a line gets ours, so that what the sender
    wrote is not taken for a server's word; `key` tells one handover of it from the
    next.
    """
    lines = [f"X-Original-To: {one}" for one in handover.recipients]
    if handover.sender is not None:
        lines.insert(0, f"Return-Path: <{handover.sender}>")
    if not parse_headers(handover.raw).get_all("Received"):
        lines.append(f"Received: from unknown by {NO_SERVER} id {key}")
    end = b"\r\n" if b"\r\n" in handover.raw[:1000] else b"\n"
    return b"".join(line.encode() + end for line in lines) + handover.raw


# ------------------------------------------------------------
# PARTS
# ------------------------------------------------------------


def _recipients(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        found = parse_list(value)
        if not found and value.strip():
            raise NoMailError("An envelope recipient is no address.")
        yield from found


def _sender(value: str | None) -> str | None:
    """Return the normalised sender; one that is no address is none that is known:
    servers let all kinds of them through, and no mail is lost for it."""
    if value is None:
        return None
    bare = value.strip().strip("<>").strip()
    return "" if bare.upper() in _NULL_SENDERS else normalize(bare) or None


def _bytes_of(text: str) -> bytes:
    """Return the bytes of a mail that came as text: of its charset only UTF-8 is
    left."""
    return _HALVES.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
