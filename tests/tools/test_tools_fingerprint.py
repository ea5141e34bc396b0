from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail.fingerprint import (
    content_fingerprint,
    content_of,
    fallback_message_id,
    fingerprint_of,
    former_fingerprint,
    is_former,
    needs_place,
)
from odoo.addons.mail_catchall_router.tools.mail.headers import open_mail

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
        self.assertRegex(content_fingerprint(MAIL), r"^[0-9a-f]{96}$")
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
            replaced(b"X-Mailer: one", b"Content-Type: text/html"),
            replaced(b"X-Mailer: one", b"Content-Type: text/plain; charset=koi8-r"),
            replaced(b"X-Mailer: one", b"Content-Type: application/pdf; name=a.pdf"),
            replaced(b"X-Mailer: one", b"Content-Type: application/pdf; name=b.pdf"),
            replaced(b"X-Mailer: one", b"Content-Disposition: inline; filename=a.pdf"),
            replaced(b"X-Mailer: one", b"Content-Transfer-Encoding: base64"),
            replaced(b"X-Mailer: one", b"Content-Transfer-Encoding: quoted-printable"),
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
        # Servers say what the bytes they pass on are; a reader reads the same.
        for encoding in (b"7bit", b"8BIT", b"binary"):
            self.assertSame(
                replaced(b"X-Mailer: one", b"Content-Transfer-Encoding: " + encoding)
            )

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
        self.assertEqual(len(content_fingerprint(raw)), 96)

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


#: What 19.0.1.0.0 computed of MAIL.
FORMER_FINGERPRINT = "f3ed3f530d2fc3495ff33b898030b5c9a81ffe8fb13a5bedd5d213b89bd6b7ea"
#: What a scanner sends: no number, no time.
SCAN = b"""\
From: scanner@own.test
To: sales@own.test
Subject: Scan

page 1
"""
HOP = (
    b"Received: from scanner (scanner [192.0.2.9] (may be forged id 7))\n"
    b"\tby mx.own.test (Postfix) with ESMTP id %s%s;\n\tMon, 1 Jan 2024 %s +0000\n"
)


def scan(number=b"4ABC", rest=b"", time=b"08:30:00", raw=SCAN):
    return HOP % (number, rest, time) + raw


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestNameless(BaseCase):
    """A mail without Message-ID and Date is another one with each sending."""

    def of(self, raw, place=""):
        return fingerprint_of(open_mail(raw), place)

    def test_each_sending_is_a_mail(self):
        sent = [
            scan(),
            scan(number=b"4ABD"),
            scan(time=b"08:30:01"),  # Exchange's id is that of its version
            b"Received: (qmail 7 invoked by network); 1 Jan 2024 08:30:00\n" + SCAN,
            b"Received: (qmail 8 invoked by network); 1 Jan 2024 08:30:00\n" + SCAN,
        ]
        self.assertEqual(len(set(map(self.of, sent))), len(sent))
        ids = {fallback_message_id(self.of(raw)) for raw in sent}
        self.assertEqual(len(ids), len(sent))

    def test_copies_of_one_sending_are_one(self):
        copies = [
            scan(),
            scan(rest=b" for <sales@own.test>"),
            b"Received: by store.own.test with LMTP id 9; 2 Jan 2024\n" + scan(),
            b"X-Original-To: info@own.test\n" + scan(),
            scan().replace(b"\n", b"\r\n"),
            # The device itself writes a line without a number, a constant one.
            scan(raw=b"Received: from localhost by scanner\n" + SCAN),
        ]
        self.assertEqual({self.of(raw) for raw in copies}, {self.of(scan())})

    def test_no_server_s_line(self):
        self.assertNotEqual(self.of(SCAN, "INBOX/1/7"), self.of(SCAN, "INBOX/1/8"))
        self.assertEqual(self.of(SCAN, "INBOX/1/7"), self.of(SCAN, "INBOX/1/7"))
        self.assertEqual(content_of(self.of(SCAN, "INBOX/1/7")), self.of(SCAN))
        self.assertTrue(needs_place(open_mail(SCAN)))
        self.assertFalse(needs_place(open_mail(scan())))

    def test_a_time_that_is_none(self):
        for date in (b"", b"yesterday", b"Thu, 1 Jan 1970 00:00:12 +0000"):
            raw = b"Date: " + date + b"\n" + SCAN
            with self.subTest(date=date):
                self.assertNotEqual(
                    self.of(scan(raw=raw)), self.of(scan(b"4X", raw=raw))
                )

    def test_what_names_itself_is_one_mail_however_it_came(self):
        for name in (b"Message-ID: <a@b>", b"Date: Mon, 1 Jan 2024 08:30:00 +0000"):
            raw = name + b"\n" + SCAN
            with self.subTest(name=name):
                self.assertEqual(self.of(scan(raw=raw), "1"), self.of(raw, "2"))
                self.assertFalse(needs_place(open_mail(raw)))

    def test_the_former_one(self):
        self.assertEqual(
            former_fingerprint(content_fingerprint(MAIL)), FORMER_FINGERPRINT
        )
        self.assertTrue(is_former(FORMER_FINGERPRINT))
        self.assertFalse(is_former(content_fingerprint(MAIL)))

    @quick
    @given(
        st.lists(
            st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b" b", b""]), max_size=30
        )
    )
    def test_a_mail_that_is_read_in_pieces_is_the_same(self, pieces):
        whole = self.of(MAIL + b"".join(pieces))
        self.assertEqual(fingerprint_of(open_mail(MAIL, lambda: iter(pieces))), whole)
        head = MAIL[: MAIL.index(b"\n\n") + 2]
        body = [MAIL[len(head) :], *pieces]
        self.assertEqual(fingerprint_of(open_mail(head, lambda: iter(body))), whole)

    @quick
    @given(mail_bytes)
    def test_any_bytes(self, raw):
        self.assertEqual(self.of(raw, "1")[:96], content_fingerprint(raw))
