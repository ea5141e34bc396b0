from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail.fingerprint import (
    content_fingerprint,
    fallback_message_id,
)

from ..strategies import given, mail_bytes, quick, st

MAIL = b"""\
Message-ID: <one@customer.test>
Date: Mon, 1 Jan 2024 08:30:00 +0700
From: Lan <lan@customer.test>
To: sales@own.test
Cc: boss@own.test
Subject: A question
 of two lines
X-Mailer: one

Hello,

how much?
"""


def replaced(old, new):
    assert old in MAIL
    return MAIL.replace(old, new)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestDigest(BaseCase):
    """Copies of a mail agree; other mails differ."""

    def assertSame(self, raw, other=MAIL):
        self.assertEqual(content_fingerprint(raw), content_fingerprint(other))

    def test_form(self):
        self.assertRegex(content_fingerprint(MAIL), r"^[0-9a-f]{64}$")
        self.assertRegex(
            fallback_message_id(content_fingerprint(MAIL)),
            r"^<[0-9a-f]{40}@missing-message-id\.invalid>$",
        )

    def test_the_sender_s_words_count(self):
        others = [
            replaced(b"one@customer.test", b"two@customer.test"),
            replaced(b"08:30:00", b"08:30:01"),
            replaced(b"lan@customer", b"nam@customer"),
            replaced(b"sales@own", b"info@own"),
            replaced(b"boss@own", b"head@own"),
            replaced(b"A question", b"An answer"),
            replaced(b"how much?", b"how many?"),
            replaced(b"Cc: boss@own.test\n", b""),
            replaced(b"Cc: boss@own.test\n", b"Cc:\n"),
            replaced(b"Hello,\n\n", b"Hello,\n"),
        ]
        digests = {content_fingerprint(raw) for raw in [MAIL, *others]}
        self.assertEqual(len(digests), len(others) + 1)

    def test_parts_do_not_flow_into_one_another(self):
        one = b"From: a\nTo: b\n\nc"
        for other in (b"From: a\nCc: b\n\nc", b"From: ab\nTo:\n\nc", b"From: a\n\nbc"):
            self.assertNotEqual(content_fingerprint(one), content_fingerprint(other))

    def test_the_servers_words_do_not(self):
        self.assertSame(b"Return-Path: <a@b.test>\nReceived: by x; now\n" + MAIL)
        self.assertSame(replaced(b"X-Mailer: one\n", b"X-Spam: no\n"))

    def test_the_transport_does_not(self):
        crlf = MAIL.replace(b"\n", b"\r\n")
        self.assertSame(crlf)
        self.assertSame(crlf + b"\r\n\r\n")
        self.assertSame(MAIL.rstrip(b"\n"))
        self.assertSame(b"From lan Mon Jan  1 08:30:00 2024\n" + MAIL)
        self.assertSame(replaced(b"question\n of", b"question of"))
        self.assertSame(replaced(b"question\n of", b"question\n\t of"))

    def test_large_bodies(self):
        # A line end on the edge of a piece counts once.
        for size in range(1024 * 1024 - 3, 1024 * 1024 + 3):
            body = b"x" * size + b"\r\nend"
            with self.subTest(size=size):
                self.assertSame(b"\n" + body, b"\n" + body.replace(b"\r", b""))

    def test_empty_lines_around_the_body(self):
        self.assertSame(replaced(b"Hello,", b"\n\nHello,") + b"\n\n")

    @quick
    @given(mail_bytes)
    def test_any_bytes_have_one(self, raw):
        self.assertEqual(len(content_fingerprint(raw)), 64)

    @quick
    @given(
        mail_bytes,
        st.lists(st.sampled_from(["Received", "X-Spam", "Delivered-To"]), min_size=1),
        st.sampled_from([b"\n", b"\r\n"]),
    )
    def test_trace_headers_do_not_count(self, raw, names, end):
        trace = b"".join(b"%s: by x; now%s" % (n.encode(), end) for n in names)
        self.assertSame(trace + raw, raw)

    @quick
    @given(st.lists(st.binary(max_size=20)))
    def test_line_ends_do_not_count(self, lines):
        lines = [line.replace(b"\r", b"").replace(b"\n", b"") for line in lines]
        self.assertSame(MAIL + b"\r\n".join(lines), MAIL + b"\n".join(lines))
