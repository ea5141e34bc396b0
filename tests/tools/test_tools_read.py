"""What the reader of mail finds in the shapes that mailers give it."""

import base64
import binascii
import time
from contextlib import contextmanager

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail.read import MAX_PARTS, read_mail
from odoo.addons.mail_catchall_router.tools.mail.write import write_mail

from ..strategies import given, mail_bytes, quick

BASE64 = {"transfer-encoding": "base64"}
HEADER = b"From: Lan <lan@customer.test>\r\nSubject: Order\r\n"


def part(kind, body, **fields):
    """Return one part: its header, an empty line, its body."""
    lines = [f"Content-Type: {kind}"]
    lines += [f"Content-{name.title()}: {value}" for name, value in fields.items()]
    data = body.encode() if isinstance(body, str) else body
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def several(kind, *parts):
    """Return a multipart of these parts, with a boundary that is in none of them."""
    edge = b"=" + b"x" * (1 + max((one.count(b"=x") for one in parts), default=0))
    body = b"".join(b"--" + edge + b"\r\n" + one + b"\r\n" for one in parts)
    kind = f'multipart/{kind}; boundary="{edge.decode()}"'
    return part(kind, body + b"--" + edge + b"--\r\n")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReadMail(BaseCase):
    """One reader says what a mail is."""

    def read_body(self, body, header=HEADER):
        return read_mail(header + body)

    @contextmanager
    def assertNoLongerThan(self, seconds):
        started = time.process_time()
        yield
        self.assertLess(time.process_time() - started, seconds)

    def texts(self, body):
        return [text.visible for text in self.read_body(body).texts]

    def files(self, body):
        return [file.name for file in self.read_body(body).files]

    # ------------------------------------------------------------
    # TEXTS
    # ------------------------------------------------------------

    def test_of_several_forms_the_richest_that_says_something_is_shown(self):
        plain = part("text/plain", "All of it")
        for page in ("<p>All of it</p>", "<p>All</p><style>p{}</style>"):
            forms = several("alternative", plain, part("text/html", page))
            self.assertEqual(self.read_body(forms).texts[0].kind, "html")
        for page in (
            "",
            "&nbsp;",
            "<br><!-- nothing -->",
            "<html><head><title>T</title></head><body>\u200b</body></html>",
            '<img src="http://x.test/o.gif" width="1" height="1">',
        ):
            forms = several("alternative", plain, part("text/html", page))
            self.assertEqual(self.texts(forms), ["All of it"], page)

    def test_forms_that_say_different_things_are_both_shown(self):
        for kind in ("text/plain", "text/html"):
            forms = several("alternative", part(kind, "One"), part(kind, "Two"))
            self.assertEqual(self.texts(forms), ["One", "Two"])
            forms = several("alternative", part(kind, "Same"), part(kind, "Same"))
            self.assertEqual(self.texts(forms), ["Same"])

    def test_words_beside_a_page_of_pictures_are_kept(self):
        page = part("text/html", "<img src='cid:logo'>")
        forms = several("alternative", part("text/plain", "The words"), page)
        self.assertEqual(self.texts(forms), ["The words", ""])

    def test_forms_for_some_programs_only_count_where_there_is_no_other(self):
        for kind in ("text/x-amp-html", "text/watch-html"):
            special = part(kind, "<p>special</p>")
            forms = several("alternative", part("text/plain", "All"), special)
            self.assertEqual((self.texts(forms), self.files(forms)), (["All"], []))
            self.assertEqual(self.texts(several("alternative", special)), ["special"])

    def test_flowed_lines_are_joined(self):
        flowed = part(
            "text/plain; format=flowed", "one \r\ntwo\r\n> a \r\n> b\r\n-- \r\nme"
        )
        self.assertEqual(
            self.read_body(flowed).texts[0].content, "one two\n> a b\n-- \nme"
        )
        flowed = part("text/plain; format=flowed; delsp=yes", "文 \r\n章")
        self.assertEqual(self.read_body(flowed).texts[0].content, "文章")

    def test_what_stands_below_a_page_is_in_it(self):
        page = "<html><body><p>page</p></body></html>"
        for footer in ("\nlist footer", page.replace("page", "list footer")):
            text = self.read_body(part("text/html", page + footer)).texts[0]
            self.assertEqual(text.visible, "page list footer")
            self.assertNotIn("</html>", text.content)
        self.assertEqual(self.read_body(part("text/html", page)).texts[0].content, page)

    def test_the_charset_that_only_the_page_names_is_used(self):
        page = '<meta charset="shift_jis"><p>見積</p>'.encode("shift_jis")
        self.assertEqual(self.texts(part("text/html", page)), ["見積"])
        page = '<meta charset="windows-1258"><p>giá</p>'.encode()
        self.assertEqual(self.texts(part("text/html", page)), ["giá"])

    def test_an_encoding_is_known_by_careless_names(self):
        data = base64.b64encode("Báo giá".encode())
        for name in ("base64;", " BASE64 ", '"base64"', "base-64", "base64 (note)"):
            body = part(
                "text/plain; charset=utf-8", data, **{"transfer-encoding": name}
            )
            self.assertEqual(self.texts(body), ["Báo giá"], name)

    def test_what_a_list_adds_below_base64_is_text(self):
        body = part(
            "text/plain; charset=utf-8",
            base64.b64encode("Báo giá".encode()) + b"\r\n_____\r\nOur list\r\n",
            **{"transfer-encoding": "base64"},
        )
        self.assertEqual(self.texts(body), ["Báo giá _____ Our list"])

    def test_what_stands_between_lines_of_base64_is_left_out(self):
        text = "Xin chào, đây là báo giá cho quý khách.\n" * 6
        data = base64.b64encode(text.encode()).decode()
        lines = [data[at : at + 60] for at in range(0, len(data), 60)]
        for junk in ("!.", "***", "-----", "<>", "", "  \t"):
            body = part("text/plain", f"\r\n{junk}\r\n".join(lines), **BASE64)
            self.assertEqual(self.read_body(body).texts[0].content, text, junk)
        for end in ("=\r\n", "\\\r\n", "\r\n \r\n  "):
            body = part("text/plain", end.join(lines), **BASE64)
            self.assertEqual(self.read_body(body).texts[0].content, text, end)

    def test_blocks_of_base64_are_all_read(self):
        texts = ("Số liệu\n", "hôm nay:\n", "1\n")
        blocks = [base64.b64encode(one.encode()).decode() for one in texts]
        self.assertTrue(all(one.endswith("=") for one in blocks[1:]))
        for between in ("\r\n", ""):
            body = part("text/plain", between.join(blocks), **BASE64)
            self.assertEqual(self.read_body(body).texts[0].content, "".join(texts))

    def test_what_follows_a_file_in_base64_is_no_part_of_it(self):
        data = base64.b64encode(b"a file..").decode() + "\r\n"
        self.assertIn("=", data)
        for below in ("Sent by a list!\r\n", "-" * 60 + "\r\nBye\r\n"):
            body = part("application/pdf; name=a.pdf", data + below, **BASE64)
            self.assertEqual(self.read_body(body).files[0].content, b"a file..")

    def test_a_text_that_is_no_base64_is_read_as_it_stands(self):
        self.assertEqual(self.texts(part("text/plain", "stuff", **BASE64)), ["stuff"])

    def test_the_url_safe_alphabet_is_read(self):
        data = bytes(range(256))
        body = part(
            "application/pdf; name=a.pdf",
            base64.urlsafe_b64encode(data).decode(),
            **BASE64,
        )
        self.assertEqual(self.read_body(body).files[0].content, data)
        word = base64.urlsafe_b64encode("Ưu đãi ???>>>".encode()).decode()
        self.assertTrue({"-", "_"} & set(word))
        raw = b"Subject: =?utf-8?B?%b?=\r\n\r\n" % word.encode()
        self.assertEqual(read_mail(raw).subject, "Ưu đãi ???>>>")

    def test_a_file_that_stands_in_the_text_is_taken_out(self):
        data = bytes(range(256))
        lines = [data[at : at + 45] for at in range(0, len(data), 45)]
        encoded = [binascii.b2a_uu(one).decode()[:-1] for one in lines]
        forms = {
            "spaces": encoded,
            "backticks": [one.replace(" ", "`") for one in encoded],
            "spaces lost": [one.rstrip() for one in encoded],
            "with a check": [one + "A" for one in encoded],
        }
        for form, each in forms.items():
            for end in ("`\r\nend", "end", " \r\nend\r\n\r\nBye", "\r\nend "):
                body = "\r\n".join(
                    ["Hello", "", "begin 644 Báo giá.pdf", *each, end, "Lan"]
                )
                read = self.read_body(part("text/plain; charset=utf-8", body))
                (file,) = read.files
                self.assertEqual(
                    (file.name, file.content_type, file.content),
                    ("Báo giá.pdf", "application/pdf", data),
                    (form, end),
                )
                self.assertTrue(read.texts[0].visible.startswith("Hello"))
                self.assertTrue(read.texts[0].visible.endswith("Lan"))
                self.assertNotIn("begin", read.texts[0].visible)
                written = write_mail(read)
                self.assertEqual(len(list(written.iter_parts())), 2)

    def test_two_files_in_the_text_and_the_form_in_base64(self):
        one = "begin 664 a.txt\r\n#86)C\r\n`\r\nend\r\n"
        other = "begin-base64 644 a.txt\r\nYWJj\r\n====\r\n"
        read = self.read_body(part("text/plain", f"x\r\n{one}y\r\n{other}z"))
        self.assertEqual(
            [(file.name, file.content) for file in read.files],
            [("a.txt", b"abc"), ("a-2.txt", b"abc")],
        )
        self.assertEqual(read.texts[0].visible, "x y z")

    def test_words_like_the_beginning_of_a_file_stay_text(self):
        for text in (
            "begin 644 the work\r\nWe start on Monday.\r\nend\r\n",
            "begin 644 a.txt\r\n#86)C\r\n`\r\n",
            "begin 644 a.txt\r\n`\r\nend\r\n",
            "begin 9 a.txt\r\n#86)C\r\n`\r\nend\r\n",
            "> begin 644 a.txt\r\n> #86)C\r\n> `\r\n> end\r\n",
            "begin-base64 644 a\r\nnot base64!\r\n====\r\n",
        ):
            read = self.read_body(part("text/plain", text))
            self.assertEqual((read.files, read.texts[0].content), ((), text))

    def test_many_beginnings_take_no_time(self):
        text = "begin 644 a\r\n#86)C\r\n" * 100_000
        with self.assertNoLongerThan(3):
            self.assertFalse(self.read_body(part("text/plain", text)).files)

    def test_an_author_typed_in_wide_letters_has_an_address(self):
        for value in (
            "lan＠khach.test",
            "Lan <lan＠khach．test>",
            "Lan <ｌａｎ＠ｋｈａｃｈ．ｔｅｓｔ>",
            "Lan <lan﹫khach.test>",
            "=?utf-8?B?TGFuIDxsYW7vvKBraGFjaC50ZXN0Pg==?=",
        ):
            raw = f"From: {value}\r\n\r\n".encode()
            self.assertEqual(read_mail(raw).author.address, "lan@khach.test", value)
        raw = "From: 営業＠東京 <lan@khach.test>\r\n\r\n".encode()
        author = read_mail(raw).author
        self.assertEqual(
            (author.name, author.address), ("営業＠東京", "lan@khach.test")
        )

    def test_header_bytes_are_in_the_charset_of_the_text(self):
        for charset, subject in (("gb2312", "报价"), ("windows-1258", "Giá")):
            body = part(f"text/plain; charset={charset}", "x")
            header = b"From: a@b.test\r\nSubject: " + subject.encode(charset) + b"\r\n"
            read = self.read_body(body, header)
            self.assertEqual(read.subject, subject)
            self.assertEqual(write_mail(read)["Subject"], subject)

    def test_a_text_is_known_by_careless_types(self):
        for kind in ("plain/text", "text", "TEXT/", "text/plain charset=utf-8"):
            body = part(kind, "<b>All</b>")
            self.assertEqual((self.texts(body), self.files(body)), (["<b>All</b>"], []))
        for kind in (
            *("html", "html/text", "text/htm; charset=utf-8"),
            *('"text/html"', "text / html; charset=utf-8", "text\\html; charset=utf-8"),
        ):
            self.assertEqual(self.texts(part(kind, "<b>All</b>")), ["All"])
            encoded = part(kind, base64.b64encode(b"<b>All</b>"), **BASE64)
            self.assertEqual(self.texts(encoded), ["All"])

    def test_a_text_that_is_encoded_without_saying_so_is_decoded(self):
        text = "Xin báo giá 20 bộ bàn ghế, cảm ơn quý công ty rất nhiều."
        quoted = binascii.b2a_qp(text.encode())
        for body in (quoted, base64.encodebytes(text.encode())):
            self.assertEqual(
                self.texts(part("text/plain; charset=utf-8", body)), [text]
            )
        for words in (
            "a=C3=A1 and =E1=BA=A1 in charset=utf-8 =C3=A1",
            "=C3=A1 once",
            base64.b64encode(bytes(range(200))).decode(),
            "key " + base64.b64encode(text.encode()).decode(),
        ):
            self.assertEqual(self.texts(part("text/plain", words)), [words])

    def test_a_sign_whose_halves_are_entities_is_one(self):
        for page in ("&#55357;&#56832;", "&#xD83D;&#xde00;"):
            self.assertEqual(self.texts(part("text/html", page)), ["😀"])
        page = "&#55000;&#56832; &#xD83D; &#169;"
        self.assertEqual(self.read_body(part("text/html", page)).texts[0].content, page)

    def test_a_whole_page_is_one_whatever_its_type_says(self):
        for page in (
            "<!DOCTYPE html>\r\n<html><style>p{}</style><p>All</p></html>\r\n",
            "\ufeff<HTML lang=vi>\n<head></head><body>All</body></html>",
        ):
            for kind in ("text/plain; charset=utf-8", "text"):
                body = part(kind, page)
                self.assertEqual(self.texts(body), ["All"])
                written = write_mail(self.read_body(body))
                self.assertIn(
                    "text/html", [p.get_content_type() for p in written.walk()]
                )
        for text in (
            "See <html> and </html>",
            "<html><body><script>x()</script></body></html>",
            "<html><body> is how it begins",
            "<p>a</p>",
        ):
            self.assertEqual(self.texts(part("text/plain", text)), [text])

    def test_without_any_other_a_text_in_a_file_that_nobody_has_named_is_read(self):
        picture = part("image/jpeg; name=1.jpg", "x")
        inline = {"disposition": "inline; filename=text_0.txt"}
        for text, files in (
            (part("text/plain", "All of it", **inline), ["1.jpg", "text_0.txt"]),
            (part("text/html; name=a", "<p>All of it</p>"), ["1.jpg", "a"]),
            (part("text/plain", "All of it", disposition="attachment"), ["1.jpg"]),
        ):
            body = several("mixed", picture, text)
            self.assertEqual(
                (self.texts(body), self.files(body)), (["All of it"], files)
            )
            others = several("mixed", part("text/plain", "See the file"), text)
            self.assertEqual(self.texts(others), ["See the file"])
        forms = [
            part(f"text/{kind}", f"{start}All of it", disposition="attachment")
            for kind, start in (("plain", ""), ("html", "<p>"))
        ]
        self.assertEqual(self.texts(several("alternative", *forms)), ["All of it"])
        named = {"disposition": 'attachment; filename="log.txt"'}
        self.assertEqual(
            self.texts(several("mixed", part("text/plain", "x", **named))), []
        )

    def test_without_any_other_the_text_around_the_parts_is_read(self):
        body = several("mixed", part("application/pdf; name=a.pdf", "x"))
        head, _empty, parts = body.partition(b"\r\n\r\n")
        for before, after, texts in (
            ("Báo giá", "", ["Báo giá"]),
            ("", "Báo giá", ["Báo giá"]),
            ("This is a multi-part message in MIME format.", "", []),
            ("Đây là thư nhiều phần theo chuẩn MIME.", "\r\n", []),
        ):
            raw = b"\r\n".join([head, b"", before.encode(), parts, after.encode()])
            self.assertEqual(self.texts(raw), texts)
        with_text = several("mixed", part("text/plain", "All"))
        self.assertEqual(self.texts(with_text + b"\r\nNoise"), ["All"])

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def test_a_mail_that_is_one_file_has_no_text(self):
        for kind, name in (
            ("text/csv", "text.csv"),
            ("text/x-vcard", "contact.vcf"),
            ("application/pdf", "file.pdf"),
            ("text/xml; name=order.xml", "order.xml"),
        ):
            body = part(kind, "a;b")
            self.assertEqual((self.texts(body), self.files(body)), ([], [name]))

    def test_an_enclosed_mail_is_closed_and_has_its_subject_for_a_name(self):
        inner = part("text/html", "<p>inner</p>")
        mail = b"Subject: =?utf-8?q?B=C3=A1o_gi=C3=A1?=\r\n" + inner
        for name, wanted in (
            ("", "Báo giá.eml"),
            ("; name=ForwardedMessage.eml", "Báo giá.eml"),
            ('; name="Old offer.eml"', "Old offer.eml"),
        ):
            body = several(
                "mixed",
                part("text/plain", "outer"),
                part(f"message/rfc822{name}", mail),
            )
            self.assertEqual(
                (self.texts(body), self.files(body)), (["outer"], [wanted])
            )
            self.assertEqual(self.read_body(body).files[0].content.strip(), mail)

    def test_an_enclosed_mail_in_base64_is_decoded(self):
        mail = b"Subject: Offer\r\n\r\nbody"
        body = several(
            "mixed",
            part(
                "message/rfc822",
                base64.b64encode(mail),
                **{"transfer-encoding": "base64"},
            ),
        )
        self.assertEqual(self.files(body), ["Offer.eml"])
        self.assertEqual(self.read_body(body).files[0].content, mail)

    def test_an_enclosed_mail_in_quoted_printable_is_decoded(self):
        mail = b"Subject: Offer\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n1=2"
        encoded = mail.replace(b"=", b"=3D").replace(b"\n1", b"\n=\r\n1")
        qp = {"transfer-encoding": "quoted-printable"}
        for written, content in ((encoded, mail), (mail, mail)):
            body = several("mixed", part("message/rfc822", written, **qp))
            self.assertEqual(self.read_body(body).files[0].content.strip(), content)

    def test_a_header_that_is_encoded_as_a_whole_names_the_file(self):
        kind = "=?utf-8?q?application/pdf;_name=3D=22B=C3=A1o.pdf=22?="
        self.assertEqual(self.files(several("mixed", part(kind, "x"))), ["Báo.pdf"])

    def test_a_picture_is_shown_by_whatever_name_the_text_gives_it(self):
        for source in ("cid:a%40b", "CID:a@b", "http://x.test/a.png"):
            body = several(
                "related",
                part("text/html", f'<img src="{source}">'),
                part("image/png", "x", id="<a@b>", location="http://x.test/a.png"),
            )
            read = self.read_body(body)
            self.assertEqual(read.texts[0].content, '<img src="cid:a@b">')
            self.assertEqual(
                [(f.name, f.cid) for f in read.files], [("picture.png", "a@b")]
            )

    def test_nameless_files_are_told_apart(self):
        picture = part("image/png", "x")
        self.assertEqual(
            self.files(several("mixed", picture, picture)),
            ["picture.png", "picture-2.png"],
        )

    # ------------------------------------------------------------
    # BOUNDS
    # ------------------------------------------------------------

    def test_a_mail_of_too_many_parts_has_itself_attached(self):
        body = several("mixed", *[part("text/plain", "x")] * (MAX_PARTS + 10))
        read = self.read_body(body)
        self.assertEqual(read.files[-1].name, "original.eml")
        self.assertEqual(read.files[-1].content, HEADER + body)
        self.assertLess(len(read.texts), MAX_PARTS)

    @quick
    @given(mail_bytes)
    def test_nothing_makes_it_raise(self, raw):
        read = read_mail(raw)
        write_mail(read)
        self.assertTrue(all(file.name for file in read.files))
        self.assertTrue(all(isinstance(file.content, bytes) for file in read.files))
