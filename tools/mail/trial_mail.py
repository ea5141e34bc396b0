"""Mails to try things out with: what a person types, pastes or uploads."""

from datetime import datetime, timezone
from email.utils import format_datetime, make_msgid

from .headers import parse_headers
from .mbox import split_mbox
from .text import clean, single_line

#: One of these stands in every mail.
KNOWN_HEADERS = (
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Received",
    "Return-Path",
    "X-Original-To",
    "Delivered-To",
)


def compose(sender: str, recipient: str, subject: str, body: str = "") -> bytes:
    """Return the mail that `sender` would have written to `recipient`.

    It is as the mail server of the mailbox would have stored it: the original recipient
    stands on top. Whatever is given stands in one line of the header and makes no
    other.
    """
    fields = (
        ("X-Original-To", recipient),
        ("From", sender),
        ("To", recipient),
        ("Subject", subject),
        ("Message-ID", make_msgid(domain="route-tester.invalid")),
        ("Date", format_datetime(datetime.now(timezone.utc))),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    )
    lines = [f"{name}: {single_line(value)}" for name, value in fields]
    return "\r\n".join([*lines, "", *clean(body).splitlines(), ""]).encode()


def pasted(text: str) -> bytes:
    """Return the mail, or its headers, that a person has pasted.

    Empty lines before it, which would end its header, are left out.
    """
    return clean(text).lstrip().encode()


def mails_in(data: bytes) -> list[bytes]:
    """Return the mails in `data`, which are more than one in an mbox file.

    What has no header of a mail is none.
    """
    return [raw for raw in split_mbox(data) if _is_mail(raw)]


def _is_mail(raw: bytes) -> bool:
    headers = parse_headers(raw)
    return any(headers.get_all(name) for name in KNOWN_HEADERS)
