"""The fingerprint of a mail's content, the same for every copy of it.

Copies of one mail differ in what the servers on their way wrote on top. The fingerprint
covers what the sender wrote: Message-ID, Date, From, To, Cc, Subject and the body; and
the form that he gave it, which makes another text or file of the same body.

A mail without Message-ID and Date, as scanners and alarms send them, says nothing of
which one it is: there the line of the first server that had it tells one sending from
the next, and copies of one sending agree.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

from .headers import Headers, Opened, open_mail, parse_date

#: The sender's own fields that tell two mails apart.
FINGERPRINT_FIELDS = ("Message-ID", "Date", "From", "To", "Cc", "Subject")
#: His fields that say what the body is: its type, charset, file name.
FORM_FIELDS = ("Content-Type", "Content-Disposition")
#: Hex digits of what the sender wrote. Until 19.0.1.1.0 they were all there was.
FORMER_LENGTH = 64
#: Hex digits of the whole content: those, and those of its form.
CONTENT_LENGTH = 96

# These differ in what they allow on the way; the bytes mean the same (RFC 2045 6.2).
_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})
# A device whose clock was never set writes the year in which its time begins.
_FIRST_YEAR = 2000
_SENDING_LENGTH = 16
_LONGEST_LINE = 2000
_COMMENT = re.compile(r"\([^()]*\)")
_MARKS = re.compile(r"(?:^|\s)(by|id)\s+([^\s;]+)", re.IGNORECASE)

_LINE_ENDS = b"\r\n"


def content_fingerprint(raw: bytes) -> str:
    """Return SHA-256, in hex, of what the sender of the mail `raw` wrote and, in the
    last 32 digits, of its form.

    Trace headers, folding, line ends and empty lines around the body don't count,
    so that copies fetched by IMAP, by POP or for another recipient agree. Every
    part is preceded by its length, so that no two contents flow into one another.
    """
    return _content_of(open_mail(raw))


def fingerprint_of(mail: Opened, place: str = "") -> str:
    """Return the fingerprint of a mail whose header block is read already: that of
    its content, and for a mail without number and time which sending it is.

    `place`: where this one was found, for such a mail that no server wrote a line on;
    without it only the content is told.
    """
    content = _content_of(mail)
    if not _says_nothing_of_itself(mail.headers):
        return content
    sending = _sending(mail.headers) or place
    return content + _hex((sending,))[:_SENDING_LENGTH] if sending else content


def needs_place(mail: Opened) -> bool:
    """Tell whether only the place where it was found tells this mail from others with
    its content."""
    return _says_nothing_of_itself(mail.headers) and not _sending(mail.headers)


def content_of(fingerprint: str) -> str:
    """Return the part of a fingerprint that is of the content alone."""
    return fingerprint[:CONTENT_LENGTH]


def _says_nothing_of_itself(headers: Headers) -> bool:
    """Tell whether the sender gave the mail neither a number nor a time."""
    if headers.get("Message-ID").strip():
        return False
    date = parse_date(headers.get("Date"))
    return date is None or date.year < _FIRST_YEAR


def former_fingerprint(fingerprint: str) -> str:
    """Return what the fingerprint of the same mail was until 19.0.1.1.0."""
    return fingerprint[:FORMER_LENGTH]


def is_former(fingerprint: str) -> bool:
    """Tell whether a fingerprint is of before 19.0.1.1.0."""
    return len(fingerprint) == FORMER_LENGTH


def is_of_content(fingerprint: str) -> bool:
    """Tell whether a fingerprint is that of a content alone."""
    return len(fingerprint) == CONTENT_LENGTH


def fallback_message_id(fingerprint: str) -> str:
    """Return the Message-ID of a mail that came without one.

    It is equal for equal fingerprints.
    """
    return f"<{fingerprint[:24]}{fingerprint[-16:]}@missing-message-id.invalid>"


def _content_of(mail: Opened) -> str:
    digest = hashlib.sha256()
    for part in _header_parts(mail.headers):
        digest.update(b"%d:%s" % (len(part), part))
    for piece in _unix_body(mail.body_pieces()):
        digest.update(piece)
    return (
        digest.hexdigest() + _hex(_form(mail.headers))[: CONTENT_LENGTH - FORMER_LENGTH]
    )


def _form(headers: Headers) -> Iterator[str]:
    """Yield what says how the body is to be read."""
    encoding = headers.get("Content-Transfer-Encoding").strip().lower()
    yield "" if encoding in _PLAIN_ENCODINGS else encoding
    for name in FORM_FIELDS:
        yield " ".join(headers.get(name).split())


def _sending(headers: Headers) -> str:
    """Return the server, number and time of the oldest `Received` with a number, which
    all copies of one sending have (RFC 5321 4.4); without any number, the oldest line;
    "" when no server wrote one."""
    lines = [one[:_LONGEST_LINE] for one in headers.get_all("Received")[::-1]]
    for line in lines:
        marks = {mark.lower(): word for mark, word in _MARKS.findall(_bare(line))}
        if "id" in marks:
            time = " ".join(line.rpartition(";")[2].split())
            return f"{marks.get('by', '')} {marks['id']} {time}"
    return " ".join(lines[0].split()) if lines else ""


def _bare(line: str) -> str:
    """Return a `Received` value without its comments, which may stand in each other."""
    for _depth in range(3):
        line = _COMMENT.sub(" ", line)
    return line


def _hex(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogateescape")
        digest.update(b"%d:%s" % (len(encoded), encoded))
    return digest.hexdigest()


def _header_parts(headers: Headers) -> Iterator[bytes]:
    for name in FINGERPRINT_FIELDS:
        values = headers.get_all(name)
        yield b"%d" % len(values)
        for value in values:
            yield " ".join(value.split()).encode()


def _unix_body(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a body with LF line ends, without the empty lines around it, in pieces.

    Line ends at the end of a piece wait for the next one: they may be the last of the
    body, or half of one.
    """
    waiting, has_begun = b"", False
    for piece in pieces:
        data = waiting + piece if has_begun else piece.lstrip(_LINE_ENDS)
        kept = data.rstrip(_LINE_ENDS)
        waiting = data[len(kept) :]
        if kept:
            has_begun = True
            yield kept.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
