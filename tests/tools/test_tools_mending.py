"""Mail that scripts and gateways have broken is read as it was meant."""

import base64
import time

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import mending
from odoo.addons.mail_catchall_router.tools.mail.mime import MAX_MENDED, parse
from odoo.addons.mail_catchall_router.tools.mail.read import read_mail

HEADER = "From: Lan <lan@customer.test>\nSubject: Order\nMIME-Version: 1.0\n"
TEXT = "Xin báo giá 20 bộ bàn ghế, cảm ơn."
ENCODED = base64.b64encode(b"%PDF").decode()
MIXED = "Content-Type: multipart/mixed; boundary=b\n"
#: The parts of the mail, as they ought to be.
PARTS = f"""--b
Content-Type: text/plain; charset=utf-8

{TEXT}
--b
Content-Type: application/pdf; name=a.pdf
Content-Transfer-Encoding: base64

{ENCODED}
--b--
"""


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMending(BaseCase):
    """Whoever reads it sees where its parts begin, and so does the reader."""

    def assertRead(self, mail, end="\r\n"):
        """Assert that a mail says what :const:`PARTS` does."""
        raw = mail.encode() if isinstance(mail, str) else mail
        read = read_mail(raw.replace(b"\n", end.encode()))
        texts = [one.visible for one in read.texts if one.visible]
        self.assertEqual(texts, [TEXT])
        self.assertEqual([one.name for one in read.files], ["a.pdf"])
        self.assertEqual(read.files[0].content, b"%PDF")
        self.assertEqual(
            (read.author.address, read.subject), ("lan@customer.test", "Order")
        )

    def test_a_line_of_a_part_that_is_not_indented_belongs_to_its_header(self):
        parts = PARTS.replace("pdf; name", "pdf;\nname")
        self.assertRead(f"{HEADER}{MIXED}\n{parts}")
        last = f"name=a.pdf\nContent-Transfer-Encoding: base64\n\n{ENCODED}"
        first = f"Content-Transfer-Encoding: base64\nX-Y: y;\nname=z\n\n{ENCODED}"
        self.assertRead(
            f"{HEADER}{MIXED}\n{PARTS.replace(last, 'name=a.pdf' + chr(10) + first)}"
        )

    def test_a_boundary_that_is_not_indented_is_one(self):
        self.assertRead(
            f"{HEADER}Content-Type: multipart/mixed;\nboundary=b\n\n{PARTS}"
        )

    def test_a_line_of_no_field_before_the_header_of_a_part(self):
        parts = PARTS.replace("--b\n", "--b\nx y\n")
        self.assertRead(f"{HEADER}{MIXED}\n{parts}")

    def test_an_empty_line_before_the_header_of_a_part(self):
        parts = PARTS.replace("--b\nC", "--b\n\nC")
        self.assertRead(f"{HEADER}{MIXED}\n{parts}")

    def test_empty_lines_among_or_before_the_header_of_the_mail(self):
        self.assertRead(f"\n\n{HEADER}{MIXED}\n{PARTS}")
        self.assertRead(HEADER.replace("MIME", "\nMIME") + f"{MIXED}\n{PARTS}")
        self.assertRead(HEADER.replace("MIME", "\nMIME") + f"\n{MIXED}\n{PARTS}")

    def test_lines_that_end_twice(self):
        self.assertRead(f"{HEADER}{MIXED}\n{PARTS}", end="\r\r\n")

    def test_a_boundary_that_only_the_parts_show(self):
        for kind in (
            "multipart/mixed",
            "multipart/mixed; boundary=",
            "multipart/mixed; boundary=other",
            "multipart/mixed; boundary='b'",
            "text/plain\nContent-Type: multipart/mixed; boundary=b",
            "multipart; boundary=b",
            "text/plain; boundary=b",
        ):
            with self.subTest(kind):
                self.assertRead(f"{HEADER}Content-Type: {kind}\n\n{PARTS}")

    def test_parts_that_no_header_tells_of(self):
        for before in ("", "This is a multi-part message in MIME format.\n\n"):
            self.assertRead(f"{HEADER}\n{before}{PARTS}")
        # Somebody quotes a mail, or has cut one.
        for body in (f"Your mail came back:\n\n{PARTS}", PARTS.replace("--b--", "")):
            for kind in ("", "Content-Type: text/plain; charset=utf-8\n"):
                read = read_mail(f"{HEADER}{kind}\n{body}".encode())
                self.assertEqual(read.texts[0].content, body)

    def test_a_multipart_that_is_encoded_as_a_whole(self):
        body = base64.encodebytes(PARTS.encode()).decode()
        encoding = "Content-Transfer-Encoding: base64\n"
        self.assertRead(f"{HEADER}{MIXED}{encoding}\n{body}")

    def test_parts_behind_the_end(self):
        inner = PARTS.replace(
            "--b\nContent-Type: app", "--b--\n\n--b\nContent-Type: app"
        )
        self.assertRead(f"{HEADER}{MIXED}\n{inner}")
        self.assertRead(f"{HEADER}{MIXED}\n--b\n{MIXED}\n{inner}")

    def test_a_large_file_is_whole_wherever_the_mail_is_broken(self):
        data = bytes(range(256)) * 800
        parts = PARTS.replace(ENCODED, base64.encodebytes(data).decode().strip())
        inside = base64.encodebytes(parts.encode()).decode()
        encoding = "Content-Transfer-Encoding: base64\n"
        for mail in (
            f"{HEADER}{MIXED}\n{parts.replace('pdf; name', 'pdf;' + chr(10) + 'name')}",
            f"{HEADER}{MIXED}\n{parts.replace('--b' + chr(10), '--b' + chr(10) * 2)}",
            f"{HEADER}{MIXED.replace('=b', '=c')}\n{parts}",
            f"{HEADER}{MIXED}{encoding}\n{inside}",
            f"{HEADER}\n{MIXED}\n{parts}",
        ):
            with self.subTest(mail[:200]):
                read = read_mail(mail.replace("\n", "\r\n").encode())
                self.assertEqual([one.visible for one in read.texts], [TEXT])
                (file,) = read.files
                self.assertEqual((file.name, file.size), ("a.pdf", len(data)))
                self.assertEqual(file.content, data)

    def test_what_a_person_writes_is_not_taken_for_a_header(self):
        for text in (
            "Content-Type: text/html is what it says\n\nWhy?",
            "MIME-Version: 1.0\nFrom: user_a@own.test\nContent-Type: a/b\n\nWhy?",
            "Tel: 090\nContent-Type: text/html\n\nWhy?",
            "MIME-Version: 1.0\nContent-Type: text/html\n\n",
        ):
            for kind in ("Content-Type: text/plain\n", ""):
                if kind or not text.startswith("Content"):
                    read = read_mail(f"{HEADER}{kind}\n{text}".encode())
                    self.assertEqual(read.texts[0].content, text)
        part = "Content-Type: text/plain\nHello\nTel: 090\n\nWhy?"
        read = read_mail(f"{HEADER}{MIXED}\n--b\n{part}\n--b--\n".encode())
        self.assertEqual(read.texts[0].content, "Hello\nTel: 090\n\nWhy?")

    def test_an_enclosed_mail_stays_as_it_came(self):
        parts = PARTS.replace("--b", "--c").replace("--c\nContent", "--c\n\nContent")
        broken = f"Subject: x\n{MIXED.replace('=b', '=c')}\n{parts}"
        mail = (
            f"{HEADER}{MIXED}\n--b\nContent-Type: message/rfc822\n\n{broken}\n--b--\n"
        )
        (file,) = read_mail(mail.replace("\n", "\r\n").encode()).files
        self.assertEqual(file.name, "x.eml")
        self.assertEqual(file.content.decode(), broken.replace("\n", "\r\n"))

    def test_much_that_is_broken_takes_no_time(self):
        started = time.process_time()
        broken = "Content-Type: multipart/mixed\n\n--c\n"
        for raw in (
            HEADER + broken * 2000,
            f"{HEADER}{MIXED}\n" + f"--b\n{broken}" * 2000,
            f"{HEADER}{MIXED}\n" + f"{PARTS}" * 500,
            f"{HEADER}{MIXED}\n" + "--b\n\nContent-Type: text/html\n\nx\n" * 2000,
            f"{HEADER}\n" + "MIME-Version: 1.0\n\n" * 20_000,
        ):
            parse(raw.encode())
        self.assertLess(time.process_time() - started, 20)
        self.assertLess(MAX_MENDED, 100)

    def test_nothing_else_is_found_where_nothing_is(self):
        self.assertEqual(mending.with_boundary("multipart/mixed", b"--b\nHello"), b"")
        self.assertEqual(mending.with_whole_header(b"", b"Hello\n\nyou"), b"")
        self.assertEqual(mending.with_header_of_body(b"X-A: b\n\nyou"), b"")
        self.assertEqual(mending.with_single_ends(b"a: b\r\n\r\r\n"), b"a: b\r\n\r\r\n")
