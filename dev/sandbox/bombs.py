"""Mails that are made to cost time or memory; plain Python.

Each is a line or a block over and over, in the place where it costs most.
"""

import base64
from dataclasses import dataclass

HEAD = b"From: A <a@b.test>\r\nSubject: x\r\nMessage-ID: <1@b.test>\r\n"
RECEIVED = (
    b"Received: from a (b [192.0.2.1]) by c with ESMTP id 1 for <a@own.test>; "
    b"Mon, 1 Jan 2024 00:00:00 +0700\r\n"
)
VERDICT = b"Authentication-Results: mx.own.test; dkim=pass header.d=own.test\r\n"
BLOCK = b"Final-Recipient: rfc822; x@own.test\r\nAction: failed\r\n\r\n"
MULTIPART = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'


@dataclass(frozen=True)
class Bomb:
    """One kind of mail: what stands before what is repeated, and what stands behind."""

    name: str
    before: bytes
    unit: bytes
    behind: bytes = b""

    def raw(self, size):
        """Return the mail in about so many bytes."""
        return HEAD + self.before + self.unit * (size // len(self.unit)) + self.behind


def _typed(name, kind, unit, behind=b""):
    return Bomb(name, b"Content-Type: %s\r\n\r\n" % kind, unit, behind)


def _field(name, field, unit):
    return Bomb(name, field, unit, b"\r\n\r\nx")


BOMBS = (
    # parts
    _typed("blank report", b"message/delivery-status", b"\r\n"),
    _typed("report of blocks", b"message/delivery-status", BLOCK),
    _typed("report on one line", b"message/delivery-status", b"x"),
    Bomb("parts", MULTIPART, b"--b\r\n\r\nx\r\n", b"--b--"),
    Bomb("empty parts", MULTIPART, b"--b\r\n", b"--b--"),
    Bomb("mails in mails", b"", b"Content-Type: message/rfc822\r\n\r\n"),
    Bomb("multiparts in multiparts", MULTIPART, b"--b\r\n" + MULTIPART),
    # header
    Bomb("fields", b"", b"X-A: 1\r\n", b"\r\nx"),
    Bomb("Received", b"", RECEIVED, b"\r\nx"),
    Bomb("verdicts", b"", VERDICT, b"\r\nx"),
    Bomb("mbox lines", b"", b"From a\r\n", b"\r\nx"),
    _field("long field", b"X-A: ", b"1"),
    _field("folded field", b"X-A: ", b"1\r\n "),
    _field("recipients", b"Cc: ", b"somebody@own.test, "),
    _field("groups", b"To: ", b"g:;"),
    _field("comments", b"To: ", b"("),
    _field("quotes", b"To: ", b'"\\'),
    _field("encoded words", b"Subject: ", b"=?utf-8?q?a?= "),
    _field("references", b"References: ", b"<1@b.test> "),
    _field("parameters", b"Content-Type: text/plain", b"; a*1*=x"),
    # body
    _typed("tags", b"text/html", b"<b>"),
    _typed("attributes", b"text/html", b"a=1 "),
    _typed("pictures", b"text/html", b"<img src=x>"),
    _typed("entities", b"text/html", b"&amp;"),
    _typed("UTF-7", b"text/plain; charset=utf-7", b"+AAA-"),
    _typed("events", b"text/calendar", b"BEGIN:VEVENT\r\n"),
    _typed("winmail", b"application/ms-tnef", b"\0\0\1\0\0\0\0\0\0"),
    Bomb("blank lines", b"\r\n", b"\r\n"),
    Bomb("spaces", b"\r\n", b" "),
    Bomb("quoted lines", b"\r\n", b">" * 70 + b"\r\n"),
    Bomb("links", b"\r\n", b"http://a.b "),
    Bomb("bounced addresses", b"\r\n", b"a@b.test: 550 unknown\r\n"),
    Bomb("uuencode", b"\r\n", b"begin 644 a\r\n"),
    Bomb(
        "quoted-printable",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        b"=3D=\r\n",
    ),
    Bomb(
        "signed mail",
        b"Content-Type: application/pkcs7-mime\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n",
        base64.encodebytes(b"\x30\x80" * 27),
    ),
)
