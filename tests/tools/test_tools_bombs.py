from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import headers, mime

HEAD = b"From: a@b.test\r\nSubject: Hello\r\n"
FIELD = b"X-A: 1\r\n"
REPORT = b"Content-Type: message/delivery-status\r\n\r\n"
MULTIPART = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestBombs(BaseCase):
    """Mail that is made to cost memory: what is made of it is counted."""

    def parts(self, message):
        return sum(1 for _part in message.walk())

    def test_a_report_of_empty_blocks_is_one_text(self):
        message = mime.parse(HEAD + REPORT + b"\r\n" * 4 * mime.MAX_PARSED_PARTS)
        self.assertEqual(self.parts(message), 1)
        self.assertEqual(message["Subject"], "Hello")

    def test_more_parts_than_anybody_writes_are_one_text(self):
        for count, expected in ((9, 10), (mime.MAX_PARSED_PARTS + 1, 1)):
            body = b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n"
            message = mime.parse(HEAD + MULTIPART + body)
            with self.subTest(count=count):
                self.assertEqual(self.parts(message), expected)
                self.assertEqual(message["Subject"], "Hello")

    def test_more_lines_than_anybody_writes_are_one_text(self):
        lines = b"\r\n" * (mime.MAX_LINES + 1)
        raw = HEAD + MULTIPART + b"--b\r\n\r\nHello\r\n--b\r\n\r\n" + lines + b"--b--"
        message = mime.parse(raw)
        self.assertEqual(self.parts(message), 1)
        self.assertIn("Hello", mime.read_content(raw).text)

    def test_more_fields_than_anybody_writes_are_left_out(self):
        raw = HEAD + FIELD * 2 * mime.MAX_PARSED_FIELDS + b"\r\nBody\r\n"
        self.assertEqual(len(headers.parse_headers(raw)), headers.MAX_FIELDS)
        message = mime.parse(raw)
        self.assertLess(len(message), headers.MAX_FIELDS + 10)
        self.assertEqual(message["Subject"], "Hello")

    def test_a_mail_that_was_read_may_be_changed(self):
        fields = FIELD * (mime.MAX_PARSED_FIELDS - 2)
        message = mime.parse(HEAD + fields + b"\r\nBody\r\n")
        self.assertEqual(len(message), mime.MAX_PARSED_FIELDS)
        mime.replace_header(message, "X-New", "1")
        self.assertEqual(message["X-New"], "1")

    def test_defects_are_counted(self):
        message = mime.parse(HEAD + b"From a\r\n" * 9 * mime.MAX_DEFECTS + b"\r\nBody")
        self.assertLessEqual(len(message.defects), mime.MAX_DEFECTS)

    def test_a_header_block_ends_somewhere(self):
        raw = HEAD + b"X-A: " + b"1" * 3 * headers.MAX_HEADER_BYTES + b"\r\n\r\nBody"
        start, end, body = headers.header_span(raw)
        self.assertLessEqual(end - start, headers.MAX_HEADER_BYTES)
        self.assertLessEqual(body, headers.MAX_HEADER_BYTES + 100)
        self.assertEqual(headers.parse_headers(raw).get("Subject"), "Hello")

    def test_a_footer_below_base64_may_have_any_letters(self):
        # The parser has read its bytes by the charset that the part names.
        head = b"Content-Type: text/plain; charset=utf-8\r\n"
        head += b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n"
        footer = b"\xff\xfe" + "Tiếng Việt".encode() + b"\r\n"
        text = mime.read_content(HEAD + head + b"_" * 47 + b"\r\n" + footer).text
        self.assertIn("Hello", text)
