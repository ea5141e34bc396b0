import time
from datetime import datetime
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import addresses, headers
from odoo.addons.mail_catchall_router.tools.mail.headers import (
    Field,
    parse_headers,
    split_raw,
    summarize,
)

from ..strategies import given, header_text, mail_bytes, quick, st


def fields(raw):
    return [(field.name, field.value) for field in parse_headers(raw)]


def summary(*lines):
    return summarize(parse_headers("\r\n".join(lines).encode()))


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestHeaders(BaseCase):
    """The header block of any bytes."""

    def test_line_ends(self):
        for end in (b"\n", b"\r\n", b"\r", b"\r\r\n"):
            raw = end.join([b"A: 1", b"B: 2", b" more", b"\tand more", b"", b"C: body"])
            with self.subTest(end=end):
                self.assertEqual(fields(raw), [("A", "1"), ("B", "2 more\tand more")])
                self.assertEqual(split_raw(raw)[1], b"C: body")

    def test_white_space_before_the_colon_of_from(self):
        raw = b"From : a@b.test\r\nTo :c@d.test\r\n\r\nbody"
        self.assertEqual(fields(raw), [("From", "a@b.test"), ("To", "c@d.test")])

    def test_mbox_line(self):
        raw = b"From someone Mon Jan  1 00:00:00 2024\nA: 1\n\nbody"
        self.assertEqual(fields(raw), [("A", "1")])
        self.assertEqual(split_raw(raw), (b"A: 1\n", b"body"))
        self.assertEqual(fields(b"A: 1\n>From x\nB: 2\n"), [("A", "1"), ("B", "2")])

    def test_broken_lines(self):
        for raw, found in (
            (b" continues nothing\nA: 1\n\n", [("A", "1")]),
            (b"junk here\nA: 1\n\n", [("A", "1")]),
            (b"A: 1\njunk here\n of two lines\nB: 2\n\n", [("A", "1")]),
            (b"A: 1\njunk here\nB: 2\n\n", [("A", "1"), ("B", "2")]),
            (b"A : 1\nB\t: 2\n\n", [("A", "1"), ("B", "2")]),
            (b"\xef\xbb\xbfA: 1\n\n", [("A", "1")]),
            (b"A:\nB:2\nC:: 3\n: 4\n\n", [("A", ""), ("B", "2"), ("C", ": 3")]),
            (b"A: 1", [("A", "1")]),
            (b"", []),
            (b"\n\nA: 1\n", []),
        ):
            with self.subTest(raw=raw):
                self.assertEqual(fields(raw), found)

    def test_a_line_that_nobody_has_folded_belongs_to_what_people_read(self):
        for raw, found in (
            (b"Subject: a\nb c\nTo: d\n\n", [("Subject", "a b c"), ("To", "d")]),
            (b"Subject: a\n\xc2\xa0b\nTo: d\n\n", [("Subject", "a b"), ("To", "d")]),
            (b"Content-Type: a/b;\nc=d;\ne=f\n\n", [("Content-Type", "a/b; c=d; e=f")]),
            # Here it could name somebody else.
            (
                b"From: a@x.test\n<b@own.test>\nA: 1\n\n",
                [("From", "a@x.test"), ("A", "1")],
            ),
            (
                b"Subject: a\nFrom me Mon Jan 1\nA: 1\n\n",
                [("Subject", "a"), ("A", "1")],
            ),
        ):
            with self.subTest(raw=raw):
                self.assertEqual(fields(raw), found)
        self.assertEqual(split_raw(b"Content-Type: a;\nb=c\n\nbody")[1], b"body")

    def test_empty_lines_before_the_mail_are_none_of_it(self):
        raw = b"\r\n \r\nFrom: a@b.test\r\nA: 1\r\n\r\nbody"
        self.assertEqual(fields(raw), [("From", "a@b.test"), ("A", "1")])
        self.assertEqual(split_raw(raw)[1], b"body")

    def test_an_empty_field_gives_way_to_the_next(self):
        headers = parse_headers(b"Subject:\nSubject: a\nTo: \n\n")
        self.assertEqual(headers.get("Subject"), "a")
        self.assertEqual(headers.get("To", "nobody"), "nobody")

    def test_a_missing_separator(self):
        raw = b"A: 1\nDear Sir or Madam,\nwe write to you\n\nB: 2\n"
        self.assertEqual(fields(raw), [("A", "1")])
        self.assertEqual(split_raw(raw)[1], raw[5:])

    def test_a_boundary_is_no_header(self):
        raw = b"A: 1\n \n--b\nContent-Type: text/plain\n\nbody"
        self.assertEqual(fields(raw), [("A", "1")])
        self.assertTrue(split_raw(raw)[1].startswith(b"--b"))

    def test_bytes_that_are_not_ascii(self):
        raw = "A: Tiếng\n".encode() + b"B: caf\xe9\nC: a\0b\n\xff: 1\n\n"
        self.assertEqual(fields(raw), [("A", "Tiếng"), ("B", "café"), ("C", "ab")])

    def test_long_lines_and_many_fields(self):
        raw = b"A: " + b"x" * 100_000 + b"\n" + b"B: 1\n" * 10_000 + b"\nbody"
        start = time.monotonic()
        parsed = parse_headers(raw)
        self.assertEqual((len(parsed), len(parsed.get("a"))), (10_001, 100_000))
        self.assertLess(time.monotonic() - start, 10)

    def test_endless_headers_are_bounded(self):
        raw = b"A: 1\n" * 2_000_000
        self.assertLess(len(split_raw(raw)[0]), headers.MAX_HEADER_BYTES + 1)

    def test_an_ordinary_header_block_is_read_at_once(self):
        raw = b"A: 1\r\nB: 2\r\n more\r\n\r\nC: body\n\n"
        for one in (raw, raw.replace(b"\r\n", b"\n")):
            with patch.object(headers, "header_span", side_effect=AssertionError):
                self.assertEqual(fields(one), [("A", "1"), ("B", "2 more")])
                opened = headers.open_mail(one)
            self.assertEqual(opened.body_start(9), b"C: body\n\n")

    @quick
    @given(mail_bytes)
    def test_read_at_once_or_by_lines_it_says_the_same(self, raw):
        for one in (raw, b"A: 1\r\n" + raw, raw + b"\n\nbody", raw + b"\r\n\r\nbody"):
            plain = headers._open_plain(one)
            if plain:
                self.assertEqual(plain, headers._open_by_lines(one))

    def test_the_lines_of_the_body_are_not_read(self):
        raw = b"A: 1\n more\nB: 2\n\n" + b"body\n" * 1000
        with patch.object(headers, "_LINE", wraps=headers._LINE) as line:
            self.assertEqual(fields(raw), [("A", "1 more"), ("B", "2")])
        self.assertLess(line.match.call_count, 10)

    def test_access(self):
        parsed = parse_headers(b"A: 1\nSubject: =?utf-8?q?=C3=A0?=\na: 2\n\n")
        self.assertEqual(parsed.get("A"), "1")
        self.assertEqual(parsed.get_all("a"), ("1", "2"))
        self.assertEqual((parsed.get("B"), parsed.get("B", "-")), ("", "-"))
        self.assertEqual(parsed.decoded("subject"), "à")
        self.assertEqual(parsed.decoded("B"), "")
        self.assertEqual(parsed[0], Field("A", "1"))
        self.assertEqual(parsed, headers.Headers(list(parsed)))
        self.assertEqual(hash(parsed), hash(headers.Headers(parsed)))
        self.assertIn("Subject", repr(parsed))

    def test_tidied_reads_the_same(self):
        raw = b"From x\n cont\nA : 1\n 2\njunk\nB: 3\nDear Sir,\n\nbody"
        tidy = headers.tidied(raw)
        self.assertEqual(tidy, b"A: 1\r\n 2\r\nB: 3\r\n\r\nDear Sir,\n\nbody")
        self.assertEqual(fields(tidy), fields(raw))

    @quick
    @given(mail_bytes)
    def test_parsing_never_raises(self, raw):
        for field in parse_headers(raw):
            self.assertTrue(field.name.isascii() and field.name)
            field.value.encode()
            self.assertFalse(set("\0\r\n") & set(field.value))
        block, body = split_raw(raw)
        self.assertLessEqual(len(block) + len(body), len(raw))
        self.assertEqual(headers.open_mail(raw).body_start(10), body[:10])

    @quick
    @given(mail_bytes)
    def test_tidied_is_stable(self, raw):
        self.assertEqual(parse_headers(headers.tidied(raw)), parse_headers(raw))

    @quick
    @given(mail_bytes, st.sampled_from([b"\n", b"\r\n"]))
    def test_a_field_on_top_changes_no_other(self, raw, end):
        on_top = parse_headers(b"X-Trace: 1" + end + b"X: 2" + end + raw)
        if not raw.startswith((b" ", b"\t")):
            self.assertEqual(list(on_top[2:]), list(parse_headers(raw)))


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestSummary(BaseCase):
    """What the journal shows of a mail."""

    def test_a_usual_mail(self):
        found = summary(
            "From: =?utf-8?q?Tr=E1=BA=A7n_Lan?= <Lan@customer.test>",
            'To: "Sales, all" <Sales@own.test>, boss@own.test',
            "To: third@own.test",
            "Cc: project@own.test",
            "Subject: =?utf-8?q?H=E1=BB=8Fi?=",
            " =?utf-8?q?_gi=C3=A1?=",
            "Date: Mon, 1 Jan 2024 08:30:00 +0700 (ICT)",
            "Message-ID:  <one@customer.test> ",
            "In-Reply-To: <two@own.test> (your mail)",
            "References: <root@own.test>",
            "\t<two@own.test>",
        )
        self.assertEqual(found.email_from, '"Trần Lan" <lan@customer.test>')
        self.assertEqual(found.sender, "lan@customer.test")
        self.assertEqual(
            found.to, ("sales@own.test", "boss@own.test", "third@own.test")
        )
        self.assertEqual(found.cc, ("project@own.test",))
        self.assertEqual(found.subject, "Hỏi giá")
        self.assertEqual(found.date, datetime(2024, 1, 1, 1, 30))
        self.assertEqual(found.message_id, "<one@customer.test>")
        self.assertEqual(found.in_reply_to, "<two@own.test>")
        self.assertEqual(found.references, ("<root@own.test>", "<two@own.test>"))
        self.assertEqual(found.conversation, "<root@own.test>")

    def test_an_empty_mail(self):
        found = summary("")
        self.assertEqual(
            found,
            headers.Summary(headers.Headers(), "", "", "", "", None, (), "", ""),
        )
        self.assertEqual((found.to, found.cc), ((), ()))

    def test_conversation_falls_back(self):
        self.assertEqual(summary("In-Reply-To: <a@b>").conversation, "<a@b>")
        self.assertEqual(summary("Message-ID: <a@b>").conversation, "<a@b>")

    def test_the_sender_stands_in_for_the_author(self):
        self.assertEqual(summary("Sender: a@own.test").email_from, "a@own.test")

    def test_the_sender_is_the_address_of_the_author(self):
        for value, sender in (
            ('"Lan, Nam" <Lan@Customer.test>, nam@customer.test', "lan@customer.test"),
            ("=?utf-8?q?Lan?= <lan@customer.test>", "lan@customer.test"),
            ("=?utf-8?q?lan=40customer.test?=", "lan@customer.test"),
            ("Lan", ""),
        ):
            with self.subTest(value=value):
                self.assertEqual(summary(f"From: {value}").sender, sender)

    def test_message_ids(self):
        for value, found in (
            ("<a@b><c@d>", ("<a@b>", "<c@d>")),
            ("<a@b>, <c@d>,<a@b>", ("<a@b>", "<c@d>")),
            ("<a@\r\n b>", ("<a@b>",)),
            ("a@b c@d", ("<a@b>", "<c@d>")),
            ("Your mail of Monday", ()),
            ("<>", ()),
            ("<a@b", ("<a@b>",)),
            ("<<a@b>>", ("<a@b>",)),
        ):
            with self.subTest(value=value):
                self.assertEqual(headers.message_ids(value), found)

    def test_own_ids(self):
        for written, own in (
            ("<a@b>", "<a@b>"),
            ("<a@b> (added by a relay)", "<a@b>"),
            ("a@b", "a@b"),
            ("", ""),
        ):
            with self.subTest(written=written):
                self.assertEqual(summary(f"Message-ID: {written}").message_id, own)

    def test_references_keep_the_root_and_the_newest(self):
        ids = [f"<{number}@own.test>" for number in range(500)]
        found = summary("References: " + " ".join(ids))
        self.assertEqual(len(found.references), headers.MAX_REFERENCES)
        self.assertEqual(found.references[0], ids[0])
        self.assertEqual(found.references[-1], ids[-1])
        self.assertEqual(found.conversation, ids[0])

    def test_dates(self):
        for value, moment in (
            ("Mon, 1 Jan 2024 00:00:00 GMT", datetime(2024, 1, 1)),
            ("1 Jan 2024 00:00 -0000", datetime(2024, 1, 1)),
            ("1 Jan 24 00:00:00 EST", datetime(2024, 1, 1, 5)),
            ("Thu, 1 Jan 1970 00:00:00 +0700", None),
            ("Fri, 31 Dec 9999 23:59:59 -1200", None),
            ("Mon, 99 Foo 2024", None),
            ("yesterday", None),
            ("", None),
        ):
            with self.subTest(value=value):
                self.assertEqual(headers.parse_date(value), moment)

    @quick
    @given(mail_bytes)
    def test_summaries_never_raise(self, raw):
        found = summarize(parse_headers(raw))
        self.assertEqual(found.sender, addresses.normalize(found.sender))
        for text in (found.message_id, found.email_from, found.sender, found.subject):
            self.assertLessEqual(len(text), headers.MAX_TEXT)
            text.encode()
        self.assertLessEqual(len(found.references), headers.MAX_REFERENCES)

    @quick
    @given(header_text)
    def test_values_never_raise(self, value):
        headers.parse_date(value)
        for one in headers.message_ids(value):
            self.assertRegex(one, r"^<[^<>\s]*")
