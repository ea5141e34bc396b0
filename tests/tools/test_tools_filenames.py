from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail.filenames import (
    MAX_NAME,
    FileWords,
    described_name,
    distinct,
    given_name,
    name_by_type,
    tidy_name,
)

from ..strategies import given, header_text, quick

#: What mailers write into Content-Disposition, and the name that they mean.
WRITTEN = (
    ("attachment; filename=plain.pdf", "plain.pdf"),
    ('attachment; filename="a;b c.pdf"; size=3', "a;b c.pdf"),
    ("attachment; filename=Bao gia; thang 11.pdf; size=3", "Bao gia; thang 11.pdf"),
    ('attachment; filename="never closed.pdf', "never closed.pdf"),
    ('attachment; filename="B%C3%A1o%20gi%C3%A1.pdf"', "Báo giá.pdf"),
    ('attachment; filename="100%.pdf"', "100%.pdf"),
    ('attachment; filename="100%25.pdf"', "100%25.pdf"),
    ('attachment; filename="B&#225;o.pdf"', "Báo.pdf"),
    ('attachment; filename="C:\\\\Users\\\\An\\\\bao gia.pdf"', "bao gia.pdf"),
    ('attachment; filename="C:\\Users\\An\\bao gia.pdf"', "bao gia.pdf"),
    ('attachment; filename="/home/an/bao gia.pdf"', "bao gia.pdf"),
    ('attachment; filename="../../etc/passwd"', "passwd"),
    ('attachment; filename="Bao gia 11/2025.pdf"', "Bao gia 11-2025.pdf"),
    ('attachment; filename="=?utf-8?B?QsOhbyBnacOhLnBkZg==?="', "Báo giá.pdf"),
    ("attachment; filename==?utf-8?B?QsOhbyBnacOhLnBkZg==?=", "Báo giá.pdf"),
    ("attachment; filename*=utf-8''B%C3%A1o.pdf; filename=x.pdf", "Báo.pdf"),
    ("attachment; filename*=\"UTF-8''B%C3%A1o.pdf\"", "Báo.pdf"),
    ("attachment; filename*=utf-8'B%C3%A1o.pdf", "Báo.pdf"),
    ("attachment; filename*=B%C3%A1o.pdf", "Báo.pdf"),
    ("attachment; filename*=utf-8''Báo.pdf", "Báo.pdf"),
    ("attachment; filename*1*=%A1o.pdf; filename*0*=utf-8''B%C3", "Báo.pdf"),
    (
        "attachment; filename*0*=UTF-8''B%C3%A1o%20; filename*1=th%C3%A1ng.pdf",
        "Báo tháng.pdf",
    ),
    (
        'attachment; filename*0="=?utf-8?B?QsOhbyA=?="; filename*1="gia.pdf"',
        "Báo gia.pdf",
    ),
    ("attachment; filename*=windows-1258''Gi%E1.pdf", "Giá.pdf"),
    ("attachment; filename*=utf-8''Ba%CC%81o.pdf", "Báo.pdf"),
    ('attachment; filename="photo\u202egpj.exe"', "photogpj.exe"),
    ('attachment filename="Bao gia.pdf"', "Bao gia.pdf"),
    ('attachment; filename:"Bao gia.pdf"', "Bao gia.pdf"),
    ('filename="Bao gia.pdf"', "Bao gia.pdf"),
    ('attachment; filename="the name=\\"x\\".pdf"', 'the name="x".pdf'),
    ('attachment; filename="=?utf-8?q?B=C3=A1o.pdf"', "Báo.pdf"),
    ('attachment; filename="=?utf-8?q?=3D=3Futf-8=3Fq=3FB=3DC3=3DA1o=3F=3D?="', "Báo"),
    ("attachment; filename*=iso-8859-1''B%C3%A1o.pdf", "Báo.pdf"),
    ("attachment", ""),
    ('attachment; filename=""', ""),
    ('attachment; filename=".."', ""),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestFilenames(BaseCase):
    """A file has the name that its sender gave it, however he wrote it."""

    def test_whatever_mailers_write_is_understood(self):
        for value, name in WRITTEN:
            with self.subTest(value):
                self.assertEqual(given_name(value, "application/pdf"), name)

    def test_a_name_that_stands_in_the_description_is_one(self):
        self.assertEqual(described_name("=?utf-8?q?B=C3=A1o.pdf?="), "Báo.pdf")
        for text in ("", "Mail message body", "Báo giá tháng 11"):
            self.assertEqual(described_name(text), "")

    def test_the_name_in_the_type_counts_where_there_is_no_other(self):
        kind = 'application/pdf; name="type.pdf"'
        self.assertEqual(given_name("attachment", kind), "type.pdf")
        self.assertEqual(given_name("attachment; filename=a.pdf", kind), "a.pdf")

    def test_bytes_are_read_in_utf_8_else_in_the_charset_of_the_mail(self):
        for charset in ("utf-8", "windows-1258"):
            value = 'attachment; filename="Giá.pdf"'.encode(charset)
            written = value.decode("ascii", "surrogateescape")
            self.assertEqual(given_name(written, "", "windows-1258"), "Giá.pdf")

    def test_a_long_name_keeps_its_ending(self):
        name = tidy_name("x" * 2000 + ".docx")
        self.assertEqual(len(name), MAX_NAME)
        self.assertTrue(name.endswith("x.docx"))

    def test_a_file_without_a_name_is_called_by_its_type(self):
        words = FileWords(picture="hình", file="tệp")
        self.assertEqual(name_by_type("image/jpeg", words), "hình.jpg")
        self.assertEqual(name_by_type("text/calendar", words), "invitation.ics")
        self.assertEqual(name_by_type("application/x-none", words), "tệp.bin")
        head = b"%PDF-1.4\n"
        self.assertEqual(
            name_by_type("application/octet-stream", words, head), "tệp.pdf"
        )

    def test_names_of_one_mail_are_told_apart(self):
        self.assertEqual(distinct("a.png", []), "a.png")
        self.assertEqual(distinct("a.png", ["a.png", "a-2.png"]), "a-3.png")

    @quick
    @given(header_text, header_text)
    def test_it_never_raises_and_makes_one_line(self, disposition, kind):
        name = given_name(f"attachment; filename={disposition}", kind)
        self.assertEqual(name, name.strip())
        self.assertEqual(len(name.splitlines()), len(name) and 1)
        self.assertLessEqual(len(name), MAX_NAME)
        self.assertNotIn("\0", name)
        name.encode()
