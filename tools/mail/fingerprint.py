"""The fingerprint of a mail's content, the same for every copy of it.

Copies of one mail differ in what the servers on their way wrote on top. The fingerprint
covers what the sender wrote: Message-ID, Date, From, To, Cc, Subject and the body.
"""

import hashlib
from collections.abc import Iterator

from .headers import Headers, Opened, open_mail

#: The sender's own fields that tell two mails apart.
FINGERPRINT_FIELDS = ("Message-ID", "Date", "From", "To", "Cc", "Subject")

_PIECE = 1024 * 1024
_LINE_ENDS = b"\r\n"


def content_fingerprint(raw: bytes) -> str:
    """Return SHA-256, in hex, of what the sender of the mail `raw` wrote.

    Trace headers, folding, line ends and empty lines around the body don't count,
    so that copies fetched by IMAP, by POP or for another recipient agree. Every
    part is preceded by its length, so that no two contents flow into one another.
    """
    return fingerprint_of(open_mail(raw))


def fingerprint_of(mail: Opened) -> str:
    """Return the `content_fingerprint` of a mail whose header block is read already."""
    digest = hashlib.sha256()
    for part in _header_parts(mail.headers):
        digest.update(b"%d:%s" % (len(part), part))
    for piece in _body_pieces(mail.raw, mail.body_at):
        digest.update(piece)
    return digest.hexdigest()


def fallback_message_id(fingerprint: str) -> str:
    """Return the Message-ID of a mail that came without one.

    It is equal for equal fingerprints.
    """
    return f"<{fingerprint[:40]}@missing-message-id.invalid>"


def _header_parts(headers: Headers) -> Iterator[bytes]:
    for name in FINGERPRINT_FIELDS:
        values = headers.get_all(name)
        yield b"%d" % len(values)
        for value in values:
            yield " ".join(value.split()).encode()


def _body_pieces(raw: bytes, body_at: int) -> Iterator[bytes]:
    """Yield the body with LF line ends in pieces: no second copy is in memory."""
    start, end = _body_span(raw, body_at)
    while start < end:
        stop = min(start + _PIECE, end)
        if raw[stop - 1 : stop] == b"\r":
            stop += 1
        yield raw[start:stop].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        start = stop


def _body_span(raw: bytes, start: int) -> tuple[int, int]:
    """Return the body's offsets without the empty lines around it."""
    end = len(raw)
    while start < end and raw[start] in _LINE_ENDS:
        start += 1
    while end > start and raw[end - 1] in _LINE_ENDS:
        end -= 1
    return start, end
