import base64
import email
import email.policy
import time

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import mime
from odoo.addons.mail_catchall_router.tools.mail.mime import Attachment, read_content

from ..strategies import given, header_text, mail_bytes, quick, st

MULTIPART = b"""\
From: =?utf-8?q?Tr=E1=BA=A7n_Lan?= <lan@customer.test>
Subject: =?utf-8?q?=E1=BB=A8ng_tuy=E1=BB=83n?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

WGluIGNow6Bv
--inner
Content-Type: text/html; charset=windows-1258
Content-Transfer-Encoding: quoted-printable

<p>Xin ch=E0o</p>
--inner--
--outer
Content-Type: application/pdf; name="=?utf-8?q?l=C3=BD_l=E1=BB=8Bch=2Epdf?="
Content-Disposition: attachment
Content-Transfer-Encoding: base64

MTIzNDU2
Nzg=
--outer
Content-Type: text/plain; name*=utf-8''ghi%20ch%C3%BA.txt

note
--outer
Content-Type: message/rfc822

Subject: enclosed
Content-Type: text/plain

inner text
--outer--
epilogue
"""


def use_everything(message):
    """Do with a message what code that processes mail does with it."""
    for part in message.walk():
        for _name, value in part.items():
            str(value).encode()
        part.get_filename()
        part.get_content_charset()
        part.is_attachment()
        part.get_content_disposition()
        part.get_boundary()
        for name in ("to", "from"):
            if part[name]:
                "".join(address.addr_spec for address in part[name].addresses)
        if part.get_content_maintype() != "multipart":
            part.get_content()
    message.as_bytes()
    message.as_string()


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestMime(BaseCase):
    """The message that other people's code works on."""

    def test_good_mail_is_read_as_ever(self):
        found = mime.parse(MULTIPART)
        plain = email.message_from_bytes(MULTIPART, policy=email.policy.SMTP)
        self.assertIsInstance(found, email.message.EmailMessage)
        for one, other in zip(found.walk(), plain.walk(), strict=True):
            self.assertEqual(one.items(), other.items())
            self.assertEqual(one.get_content_type(), other.get_content_type())
            self.assertEqual(one.get_filename(), other.get_filename())
            if one.get_content_type() in ("text/plain", "application/pdf"):
                self.assertEqual(one.get_content(), other.get_content())
        self.assertEqual(found.as_bytes(), plain.as_bytes())

    def test_a_header_that_is_set_never_raises_and_never_adds_a_line(self):
        message = mime.parse(b"Subject: One\n\nText")
        for name, value in (
            ("Message-ID", "<one\r\nBcc: two@own.test>"),
            ("Cc", "lan@own.test, .binh@own.test"),
            ("X-Note", "\xff =?utf-8?q?=C3=In-Reply-To: e-"),
        ):
            del message[name]
            message[name] = value
            self.assertTrue(message[name])
        written = email.message_from_bytes(message.as_bytes())
        self.assertEqual(written.keys(), ["Subject", "Message-ID", "Cc", "X-Note"])

    def test_unknown_charset(self):
        raw = b"Content-Type: text/plain; charset=x-none\n\nXin ch\xc3\xa0o"
        self.assertEqual(mime.parse(raw).get_content(), "Xin chào")

    def test_wrong_and_missing_charset(self):
        for kind in (b"", b"text/plain", b"text/plain; charset=us-ascii"):
            raw = b"Content-Type: %s\n\nXin ch\xc3\xa0o" % kind
            with self.subTest(kind=kind):
                self.assertEqual(mime.parse(raw).get_content(), "Xin chào")

    def test_vietnamese(self):
        raw = b"Content-Type: text/plain; charset=cp1258\n\nTi\xea\xecng Vi\xea\xf2t"
        self.assertEqual(mime.parse(raw).get_content(), "Tiếng Việt")

    def test_headers_that_are_not_ascii(self):
        raw = "Subject: Xin chào\nTo: Trần Lan <lan@own.test>\n\n".encode()
        message = mime.parse(raw)
        self.assertEqual(message["Subject"], "Xin chào")
        self.assertEqual(message["To"].addresses[0].display_name, "Trần Lan")

    def test_what_came_is_written_again(self):
        raw = b'Subject: a\xff\r\n =?x-none?q?b?=\r\nTo: "\r\n\r\nbody\r\n'
        self.assertEqual(mime.parse(raw).as_bytes(), raw)
        text = mime.parse(raw).as_string()
        self.assertEqual(text.encode(), raw.replace(b"\xff", "ÿ".encode()))

    def test_a_charset_that_the_standard_parser_does_not_see(self):
        for kind in (
            "text/html; CHARSET='windows-1258'",
            "text/plain; charset=3Dwindows-1258",
            "text/plain charset=windows-1258",
            "text/plain, charset=windows-1258",
            "text/plain; charset:windows-1258",
        ):
            with self.subTest(kind=kind):
                raw = f"Content-Type: {kind}\n\n".encode() + b"Ti\xea\xecng"
                self.assertEqual(mime.parse(raw).get_content(), "Tiếng")

    def test_encoded_words_of_unknown_charset(self):
        raw = b"Subject: =?x-none?b?w6A=?=\nTo: =?x?q?L=C3=AA,?= <A@own.test>\n\n"
        message = mime.parse(raw)
        self.assertEqual(message["Subject"], "à")
        self.assertEqual(message["To"], '"Lê," <a@own.test>')

    def test_headers_that_crash_the_standard_parser(self):
        for raw in (
            b"To: " + b"(" * 3000 + b" <a@own.test>\n\n",
            b"From: =?utf-8?q?=?= <a@own.test\n\n",
            b"To: @\n\n",
            b"Date: Mon, 99 Foo 99999 99:99:99 +9999999999\n\n",
            b"Content-Type: text/plain; charset*=x'\n\n",
            b"Content-Disposition: attachment; filename*0*=x-none''%ff\n\n",
            b"Message-ID: <\n\n",
            b'To: a@own.test, ;:<>"\\\n\n',
        ):
            with self.subTest(raw=raw[:40]):
                use_everything(mime.parse(raw))

    def test_header_block_in_disorder(self):
        raw = b" lost\nSubject : one\njunk\nTo: a@own.test\nno header\n\nbody"
        message = mime.parse(raw)
        self.assertEqual(message["Subject"], "one junk")
        self.assertEqual(message["To"], "a@own.test")
        self.assertEqual(message.get_content().split(), ["no", "header", "body"])

    def test_ten_thousand_recipients(self):
        people = ", ".join(f'"User, {n}" <user{n}@own.test>' for n in range(10_000))
        start = time.monotonic()
        value = mime.parse(f"To: {people}\n\n".encode())["To"]
        self.assertLess(time.monotonic() - start, 20)
        self.assertIn('"User, 9999" <user9999@own.test>', value)
        self.assertEqual(value.name, "To")

    def test_long_lines(self):
        raw = b"Subject: =?utf-8?q?=C3=A0?= " + b"x" * 100_000 + b"\n\n"
        self.assertEqual(len(mime.parse(raw)["Subject"]), 100_002)

    def test_plain_headers_serve_as_any_other(self):
        header = mime.PlainHeader("Content-Disposition", "ATTACHMENT; filename=ä")
        self.assertEqual(header.content_disposition, "attachment")
        self.assertEqual(header.content_type, "attachment")
        self.assertEqual(
            header.fold(policy=mime.LENIENT),
            "Content-Disposition: ATTACHMENT; filename=?\r\n",
        )

    def test_endless_nesting(self):
        for opening in (
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n",
            b"Content-Type: message/rfc822\n\nX: %d %d\n",
        ):
            raw = b"".join(opening % (n, n) for n in range(1000)) + b"\nend"
            with self.subTest(opening=opening):
                message = mime.parse(raw)
                depth = sum(1 for _part in message.walk())
                self.assertLessEqual(depth, mime.MAX_DEPTH + 2)
                use_everything(message)
                self.assertTrue(read_content(raw).attachments)

    def test_a_multipart_without_parts_is_text(self):
        for kind in (b"multipart/mixed", b"multipart/mixed; boundary=b"):
            message = mime.parse(b"Content-Type: %s\n\nHello" % kind)
            with self.subTest(kind=kind):
                self.assertEqual(message.get_content_type(), "text/plain")
                self.assertEqual(message.get_content().strip(), "Hello")

    def test_enclosed_messages(self):
        *_others, enclosed = mime.parse(MULTIPART).iter_parts()
        self.assertEqual(enclosed.get_content()["Subject"], "enclosed")

    def test_multiparts_have_no_content(self):
        with self.assertRaises(KeyError):
            mime.parse(MULTIPART).get_content()

    @quick
    @given(mail_bytes)
    def test_parsing_never_raises(self, raw):
        use_everything(mime.parse(raw))

    @quick
    @given(
        st.sampled_from(["To", "Subject", "Date", "Content-Type", "Message-ID", "X-Y"]),
        header_text,
    )
    def test_headers_never_raise(self, name, value):
        raw = f"{name}: {value}".encode("utf-8", "surrogateescape")
        use_everything(mime.parse(raw + b"\n\nbody"))

    @quick
    @given(mail_bytes)
    def test_nothing_parsed_at_all(self, raw):
        use_everything(mime._unparsed(raw))


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestContent(BaseCase):
    """What a person sees of a mail before anything is done with it."""

    def test_a_usual_mail(self):
        content = read_content(MULTIPART)
        self.assertEqual(content.text, "Xin chào")
        self.assertEqual(content.html.strip(), "<p>Xin chào</p>")
        self.assertEqual(
            content.attachments,
            (
                Attachment("lý lịch.pdf", "application/pdf", 8),
                Attachment("ghi chú.txt", "text/plain", 4),
                Attachment(
                    "enclosed.eml", "message/rfc822", content.attachments[2].size
                ),
            ),
        )

    def test_sizes_of_base64(self):
        for size in range(1, 9):
            data = base64.encodebytes(b"x" * size).replace(b"\n", b"\r\n")
            raw = (
                b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            )
            (attachment,) = read_content(raw + data).attachments
            self.assertEqual(attachment, Attachment("attachment", "image/png", size))

    def test_uuencoded_text_is_left_alone(self):
        raw = b"\nbegin 644 a.txt\n#0V%T\n`\nend\n"
        self.assertIn("begin 644", read_content(raw).text)

    def test_html_is_the_sender_s_own(self):
        raw = b"Content-Type: text/html\n\n<script>alert(1)</script>"
        self.assertIn("<script>", read_content(raw).html)

    def test_bounds(self):
        raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nabc\n" * 600
        self.assertEqual(len(read_content(raw, max_bytes=10).text), 10)
        self.assertEqual(read_content(raw, max_parts=3).text.count("abc"), 2)
        self.assertEqual(read_content(raw, max_depth=0).text, "")
        self.assertEqual(read_content(b""), mime.Content("", "", ()))

    @quick
    @given(mail_bytes, st.integers(0, 50), st.integers(0, 5), st.integers(0, 3))
    def test_reading_never_raises(self, raw, size, parts, depth):
        content = read_content(raw, max_bytes=size, max_parts=parts, max_depth=depth)
        self.assertLessEqual(max(len(content.text), len(content.html)), size)
        (content.text + content.html).encode()
        for attachment in content.attachments:
            attachment.filename.encode()
            self.assertGreaterEqual(attachment.size, 0)
