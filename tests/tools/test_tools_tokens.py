from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import letter as letters
from odoo.addons.mail_catchall_router.tools.inbound import tokens as tokenizer
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers
from odoo.addons.mail_catchall_router.tools.mail.read import read_mail

from ..strategies import given, header_text, mail_bytes, quick, st

PAGE = """<html><body><p>Xin ch\u00e0o</p>
<a href="http://198.51.100.7/vcb/login.php?id=3">https://www.<b>bank</b>.example</a>
<A HREF='https://shop.example/a'><img src="x.png"></a><a name="here">x</a>
<form action="//collect.example/post"><input type="password"></form>"""


def mail(body, kind="text/plain", **fields):
    """Return the raw bytes of a mail with this text."""
    written = {
        "From": "Lan Nguyen <lan@customer.example>",
        "Subject": "A question",
        "Content-Type": f"{kind}; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    lines = [f"{name}: {value}" for name, value in written.items()]
    return "\r\n".join([*lines, "", body]).encode()


def letter_of(raw):
    """Return the letter that is read of raw bytes."""
    return letters.read_letter(raw, parse_headers(raw))


def tokens_of(*args, **fields):
    """Return the tokens of such a mail."""
    return tokenizer.tokens(letter_of(mail(*args, **fields)))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestLetter(BaseCase):
    """What of a mail is judged."""

    def test_the_judged_sender_and_subject_are_the_shown_ones(self):
        boss, crook = b"Boss <boss@tenmien.com>", b"Boss <x@other.example>"
        for raw in (
            b"From: " + boss + b"\r\nFrom: " + crook + b"\r\nSubject: a\r\nSubject: b",
            b"From:\r\nFrom: "
            + crook
            + b"\r\nSubject:\r\nSubject: =?utf-8?q?b=C3=A9?=",
            b"Sender: " + crook + b"\r\nSender: " + boss + b"\r\nSubject: a",
            b'From: "' + b"Boss " * 200 + b'" <x@other.example>',
            b"From: " + boss + b", " + crook,
        ):
            read, shown = letter_of(raw + b"\r\n\r\nHello"), read_mail(raw)
            self.assertEqual(read.author.address, shown.author.address, raw[:60])
            self.assertTrue(read.author.address)
            self.assertEqual(read.subject, shown.subject)

    def test_links_are_read_with_what_is_shown_for_them(self):
        found = letter_of(mail(PAGE, "text/html"))
        self.assertEqual(
            [(link.host, link.shown) for link in found.links],
            [
                ("198.51.100.7", "https://www. bank .example"),
                ("shop.example", ""),
                ("collect.example", ""),
            ],
        )
        self.assertTrue(found.has_form)
        self.assertTrue(found.text.startswith("Xin ch\u00e0o"))

    def test_bare_links_of_text_end_before_the_full_stop(self):
        found = letter_of(mail("See http://a.example/x. Or https://b.example!"))
        self.assertEqual(
            [link.url for link in found.links],
            ["http://a.example/x", "https://b.example"],
        )
        self.assertFalse(found.has_form)

    def test_the_host_is_the_one_that_a_browser_goes_to(self):
        for url, host in {
            "https://bank.example@evil.test/x": "evil.test",
            "HTTP://EVIL.test:8080/": "evil.test",
            "\\\\evil.test\\x": "evil.test",
            "mailto:a@b.example": "",
            "": "",
        }.items():
            self.assertEqual(letters.host_of(url), host, url)

    def test_files_are_read_with_their_names_and_how_they_begin(self):
        body = (
            "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
            '--b\r\nContent-Type: application/zip; name="a.pdf.zip"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n--b--\r\n"
        )
        found = letter_of(mail(body, Content_Type="multipart/mixed; boundary=b"))
        self.assertEqual(found.text.strip(), "Hello")
        [file] = found.files
        self.assertEqual((file.name, file.start), ("a.pdf.zip", b"PK\x03\x04"))

    @quick
    @given(mail_bytes)
    def test_any_bytes_are_read(self, raw):
        found = letter_of(raw)
        self.assertLessEqual(len(found.links), letters.MAX_LINKS)
        self.assertLessEqual(len(tokenizer.tokens(found)), tokenizer.MAX_TOKENS)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTokens(BaseCase):
    """By what a statistical filter knows a mail."""

    def test_sender_subject_words_and_links_are_tokens(self):
        found = tokens_of("Please pay at https://pay.shop.example/Invoice")
        for token in (
            "from:lan@customer.example",
            "domain:customer.example",
            "name:nguyen",
            "subject:question",
            "word:please",
            "host:shop.example",
            "path:invoice",
        ):
            self.assertIn(token, found)

    def test_vietnamese_syllables_count_in_pairs_with_or_without_marks(self):
        marked = tokens_of("X\u00e1c minh t\u00e0i kho\u1ea3n c\u1ee7a b\u1ea1n")
        plain = tokens_of("Xac minh tai khoan cua ban")
        self.assertIn("pair:tai khoan", marked)
        self.assertIn("pair:tai khoan", plain)
        self.assertIn("word:t\u00e0i", marked)
        self.assertNotIn("pair:strength through", tokens_of("strength through"))

    def test_a_reply_to_elsewhere_is_a_token(self):
        found = tokens_of("Hello", Reply_To="x@other.example")
        self.assertIn("reply:other.example", found)
        same = tokens_of("Hello", Reply_To="x@mail.customer.example")
        self.assertFalse([one for one in same if one.startswith("reply:")])

    def test_what_hides_a_word_from_a_filter_hides_nothing(self):
        hidden = "ver\u200bify your acc\u00adount, \uff50\uff41\uff59"
        found = tokens_of(hidden)
        self.assertLessEqual({"word:verify", "word:account", "word:pay"}, set(found))

    def test_time_and_way_of_a_mail_are_no_tokens(self):
        early = tokens_of("Hello", Date="Mon, 1 Jan 2001 00:00:00 +0000")
        late = tokens_of("Hello", Date="Tue, 2 Jan 2024 10:00:00 +0700", Received="x")
        self.assertEqual(early, late)

    @quick
    @given(st.lists(header_text, max_size=30).map(" ".join))
    def test_tokens_are_short_and_each_is_there_once(self, text):
        found = tokens_of(text.encode("utf-8", "replace").decode())
        self.assertEqual(len(found), len(set(found)))
        self.assertLessEqual(max(map(len, found)), tokenizer.MAX_LENGTH + 8)
