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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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

_MBOX = b"From "


class NoMailError(ValueError):
    """What was posted holds no mail; the words say why."""


@dataclass(frozen=True)
class Handover:
    """A mail and its SMTP envelope: normalised recipients, () where they are not told;
    sender "" for the null sender, None where he is not told."""

    raw: bytes
    recipients: tuple[str, ...] = ()
    sender: str | None = None


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

    :raises NoMailError: when there is no header in it, or an address is none
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


def of_form(
    fields: Mapping[str, str],
    files: Mapping[str, bytes],
    recipients: Iterable[str] = (),
    sender: str | None = None,
) -> Handover:
    """Return the mail in a form, ``multipart/form-data`` or urlencoded.

    `fields` and `files` by name; an envelope that the form tells itself goes before
    `recipients` and `sender`: Mailgun's ``recipient`` and ``sender``, SendGrid's
    ``envelope``.

    :raises NoMailError: when there is none in it
    """
    raw = next((files[name] for name in MAIL_FIELDS if files.get(name)), None)
    if raw is None:
        texts = (fields[name] for name in MAIL_FIELDS if fields.get(name))
        raw = _bytes_of(next(texts, ""))
    told = read_json(fields.get("envelope") or "{}")
    if told:
        return of_bytes(raw, _strings(told.get("to")), _text(told.get("from")))
    if "recipient" in fields:
        return of_bytes(raw, [fields["recipient"]], fields.get("sender"))
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
    if value is None:
        return None
    bare = value.strip().strip("<>").strip()
    if bare and not normalize(bare):
        raise NoMailError("The envelope sender is no address.")
    return normalize(bare) if bare else ""


def _bytes_of(text: str) -> bytes:
    """Return the bytes of a mail that came as text: of its charset only UTF-8 is
    left."""
    return text.encode("utf-8", "surrogateescape")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
