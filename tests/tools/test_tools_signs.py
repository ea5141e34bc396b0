import io
import zipfile

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import (
    bayes,
    defence,
    files,
    languages,
    lookalike,
    lures,
    signs,
)
from odoo.addons.mail_catchall_router.tools.inbound.letter import (
    Enclosure,
    Letter,
    Link,
)
from odoo.addons.mail_catchall_router.tools.mail.addresses import Mailbox
from odoo.addons.mail_catchall_router.tools.mail.headers import Field, Headers

from ..strategies import given, header_text, quick, st

FACTS = signs.Facts(
    own_domains=frozenset({"tenmien.com"}),
    people={
        signs.name_key("Tr\u1ea7n Qu\u1ed1c B\u1ea3o"): frozenset({"bao@tenmien.com"})
    },
)


def letter(text="", *, name="Lan", address="lan@customer.example", **values):
    """Return a letter with this text."""
    reply_to = values.pop("reply_to", "")
    fields = [Field("Reply-To", reply_to)] if reply_to else []
    fields += values.pop("fields", [])
    return Letter(
        headers=Headers(fields),
        author=Mailbox(name, address),
        subject=values.pop("subject", "A question"),
        text=text,
        **values,
    )


def codes(one, facts=FACTS, off=()):
    """Return the codes of the signs in a letter."""
    return {sign.code for sign in signs.find_signs(one, facts, off)}


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSigns(BaseCase):
    """What a router sees for itself."""

    def test_a_customer_shows_no_sign(self):
        for text in (
            "Please send me an offer for 20 doors.",
            "Anh gửi giúp em báo giá và hóa đơn tháng này nhé.",
            "The payment of your invoice was made today, see the attached document.",
            "I forgot my password for the shop, what can I do?",
        ):
            self.assertEqual(codes(letter(text)), set(), text)

    def test_the_name_of_one_of_us_at_a_foreign_address(self):
        for name in (
            "Tran Quoc Bao",
            "B\u1ea3o Tr\u1ea7n Qu\u1ed1c",
            "bao@tenmien.com",
        ):
            self.assertIn("own_name", codes(letter(name=name)), name)
        own = letter(name="Tran Quoc Bao", address="bao@tenmien.com")
        self.assertNotIn("own_name", codes(own))
        known = signs.Facts(FACTS.own_domains, FACTS.people, is_known=True)
        self.assertNotIn("own_name", codes(letter(name="Tran Quoc Bao"), known))

    def test_our_own_domain_that_nothing_proves(self):
        own = letter(address="it@tenmien.com")
        self.assertIn("own_domain", codes(own))
        for facts in (
            signs.Facts(FACTS.own_domains, is_inside=True),
            signs.Facts(FACTS.own_domains, is_proven=True),
        ):
            self.assertNotIn("own_domain", codes(own, facts))

    def test_a_domain_that_looks_like_ours(self):
        for host in (
            "tenrnien.com",
            "tenmlen.com",
            "tenmienn.com",
            "temnien.com",
            "tenmien.co",
            "tenmien-support.com",
            "tenmien.com.login.example",
            "xn--tenmin-7of.com",  # the e is Cyrillic
            "t\u0435nmien.com",
        ):
            self.assertEqual(
                lookalike.imitated(host, FACTS.own_domains), "tenmien.com", host
            )
        for host in (
            "tenmien.com",
            "mail.tenmien.com",
            "customer.example",
            "",
            "ten.vn",
        ):
            self.assertEqual(lookalike.imitated(host, FACTS.own_domains), "", host)
        self.assertIn("lookalike", codes(letter(address="a@tenrnien.com")))
        link = Link("https://tenmien.co/login")
        self.assertIn("lookalike_link", codes(letter(links=(link,))))

    def test_short_names_have_only_their_exact_likes(self):
        self.assertEqual(lookalike.imitated("abd.com", ["abc.com"]), "")
        self.assertEqual(lookalike.imitated("ab0d.com", ["abod.com"]), "abod.com")

    def test_a_reply_elsewhere_counts_more_with_a_payment(self):
        elsewhere = "x@other.example"
        self.assertIn("reply_elsewhere", codes(letter("Hello", reply_to=elsewhere)))
        for text in ("about the invoice", "v\u1ec1 vi\u1ec7c chuy\u1ec3n kho\u1ea3n"):
            self.assertIn("reply_payment", codes(letter(text, reply_to=elsewhere)))
        same = "billing@mail.customer.example"
        self.assertFalse(codes(letter("the invoice", reply_to=same)))
        listed = [Field("List-Id", "<a.example>")]
        self.assertFalse(codes(letter("invoice", reply_to=elsewhere, fields=listed)))

    def test_a_link_that_names_another_host(self):
        for shown in (
            "https://www.bank.example/login",
            "bank.example",
            "www.bank.com.vn",
        ):
            link = Link("http://evil.test/x", shown)
            self.assertIn("link_other", codes(letter(links=(link,))), shown)
        for shown in ("Click here", "report.pdf", "see www.bank.example for more", ""):
            link = Link("http://evil.test/x", shown)
            self.assertNotIn("link_other", codes(letter(links=(link,))), shown)
        same = Link("https://click.bank.example/x", "www.bank.example")
        self.assertNotIn("link_other", codes(letter(links=(same,))))

    def test_a_link_that_hides_where_it_leads(self):
        for url in ("http://198.51.100.7/a", "https://bank.example@evil.test/"):
            self.assertIn("link_hidden", codes(letter(links=(Link(url),))), url)

    def test_a_page_that_anybody_gets_for_nothing(self):
        for url in ("https://a-b.pages.dev/x", "http://login.vip/", "https://bit.ly/1"):
            self.assertIn("cheap_host", codes(letter(links=(Link(url),))), url)
        shop = Link("https://shop.example/")
        self.assertNotIn("cheap_host", codes(letter(links=(shop,))))

    def test_lures_count_where_something_can_be_clicked_on(self):
        text = "Verify your password or the account will be suspended within 24 hours."
        self.assertEqual(codes(letter(text)), set())
        found = codes(letter(text, links=(Link("https://a.example/"),)))
        self.assertLessEqual({"secret", "threat", "urges", "first"}, found)

    def test_lures_are_read_in_vietnamese_with_and_without_marks(self):
        for text, code in {
            "Vui l\u00f2ng x\u00e1c minh t\u00e0i kho\u1ea3n": "secret",
            "tai khoan cua ban se bi khoa": "threat",
            "Công ty đổi số tài khoản ngân hàng": "account",
            "mua gi\u00fap anh \u00edt th\u1ebb c\u00e0o": "favour",
            "B\u1ea1n \u0111\u00e3 tr\u00fang th\u01b0\u1edfng": "fortune",
        }.items():
            self.assertIn(code, lures.lures(lures.plain(text)), text)

    def test_a_brand_that_writes_from_elsewhere(self):
        self.assertEqual(lures.brand_in("PayPal Support", "cheap.example"), "paypal")
        self.assertEqual(lures.brand_in("Apple", "cheap.example"), "apple")
        self.assertEqual(lures.brand_in("PayPal", "mail.paypal.com"), "")
        self.assertEqual(lures.brand_in("Apple Nguyen", "customer.example"), "")

    def test_who_is_known_may_say_anything(self):
        known = signs.Facts(FACTS.own_domains, is_known=True)
        text = "Verify your password. New bank account details. Urgent."
        self.assertEqual(
            codes(letter(text, links=(Link("http://a.b/"),)), known), set()
        )

    def test_signs_can_be_switched_off(self):
        one = letter(address="a@tenrnien.com")
        self.assertNotIn("lookalike", codes(one, off={"lookalike"}))

    def test_the_doubt_of_an_engine_counts_beside_as_much(self):
        for weight, engine, count in ((2.0, "Rspamd", 2), (1.9, "Rspamd", 1)):
            found = signs.confirmed((signs.Sign("x", weight),), engine)
            self.assertEqual(len(found), count)
        found = (signs.Sign("x", 4.0),)
        self.assertEqual(signs.confirmed(found, ""), found)
        self.assertEqual(signs.confirmed((), "Rspamd"), ())

    def test_every_sign_belongs_to_a_group(self):
        grouped = [code for group in signs.GROUPS.values() for code in group]
        self.assertEqual(sorted(grouped), sorted(signs.WEIGHTS))

    @quick
    @given(header_text, header_text, st.lists(header_text, max_size=5))
    def test_any_text_is_read(self, name, text, urls):
        links = tuple(Link(url, text) for url in urls)
        found = signs.find_signs(
            letter(text, name=name, links=links, subject=name), FACTS
        )
        self.assertLessEqual(max((s.weight for s in found), default=0), 5)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestFiles(BaseCase):
    """What is dangerous in a file."""

    def zipped(self, *names):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name in names:
                archive.writestr(name, b"content")
        return data.getvalue()

    def traps(self, name, start=b""):
        return set(files.traps_in(Enclosure(name, "application/octet-stream", start)))

    def test_what_is_harmless(self):
        for name in ("offer.pdf", "v1.2.docx", "photo.jpg", "", "no ending", "x.zip"):
            self.assertEqual(self.traps(name), set(), name)
        self.assertEqual(self.traps("a.zip", self.zipped("offer.pdf")), set())
        self.assertEqual(self.traps("a.html", b"<p>Hello</p>"), set())

    def test_what_is_not_what_its_name_says(self):
        self.assertEqual(self.traps("a.pdf.exe"), {"program", "double_ending"})
        self.assertEqual(self.traps("a.pdf   .js"), {"program", "double_ending"})
        self.assertIn("double_ending", self.traps("a\u202efdp.exe"))
        self.assertEqual(self.traps("photo.jpg", b"MZ\x90\x00"), {"program"})

    def test_what_is_in_archives(self):
        self.assertEqual(self.traps("a.zip", self.zipped("b/run.js")), {"program"})
        locked = bytearray(self.zipped("offer.pdf"))
        locked[6] |= 1
        self.assertEqual(self.traps("a.zip", bytes(locked)), {"encrypted"})
        rar = b"Rar!\x1a\x07\x01\x00\x12\x34\x56\x78\x21\x04"
        self.assertEqual(self.traps("a.rar", rar), {"encrypted"})

    def test_macros_and_pages(self):
        self.assertEqual(self.traps("a.docm"), {"macro"})
        self.assertEqual(
            self.traps("a.docx", self.zipped("word/vbaProject.bin")), {"macro"}
        )
        self.assertEqual(self.traps("a.htm", b"<script>x</script>"), {"page"})

    @quick
    @given(st.binary(max_size=200), st.text(max_size=30))
    def test_any_bytes_are_read(self, data, name):
        self.traps(name, b"PK\x03\x04" + data)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestJudge(BaseCase):
    """One score, three ends."""

    def sign(self, code, weight):
        return signs.Sign(code, weight)

    def opinion(self, verdict, score):
        return bayes.Opinion(verdict, score, ())

    def end(self, found=(), opinion=None, **values):
        return defence.judge(found, opinion, **values).end

    def test_points_decide(self):
        two = [self.sign("brand", 2.5), self.sign("link_other", 2.5)]
        self.assertEqual(self.end(two), "hold")
        self.assertEqual(self.end([self.sign("own_name", 3.0)]), "warn")
        self.assertEqual(self.end([self.sign("brand", 2.5)]), "deliver")

    def test_no_sign_alone_holds(self):
        self.assertEqual(self.end([self.sign("lookalike", 9.0)]), "warn")
        for code, weight in signs.WEIGHTS.items():
            self.assertNotEqual(self.end([self.sign(code, weight)]), "hold", code)

    def test_the_filter_holds_warns_and_speaks_for_a_mail(self):
        spam = self.opinion("spam", 0.995)
        self.assertEqual(self.end((), spam), "hold")
        fine = self.opinion("fine", 0.01)
        worded = [self.sign("secret", 2.0), self.sign("threat", 1.5)]
        self.assertEqual(self.end(worded, fine), "deliver")
        shown = [self.sign("brand", 2.5), self.sign("link_other", 2.5)]
        self.assertEqual(self.end(shown, fine), "hold")
        self.assertEqual(self.end((), self.opinion("unsure", 0.5)), "deliver")

    def test_a_contact_is_never_held_and_an_answered_one_not_for_words(self):
        spam = self.opinion("spam", 0.995)
        worded = [self.sign("secret", 2.0), self.sign("threat", 1.5)]
        shown = [self.sign("brand", 2.5), self.sign("link_other", 2.5)]
        self.assertEqual(self.end(shown, spam, is_contact=True), "warn")
        self.assertEqual(self.end(worded, spam, is_answered=True), "warn")
        self.assertEqual(self.end(shown, spam, is_answered=True), "hold")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestLanguages(BaseCase):
    """In which language a mail is written."""

    def test_languages_are_told_by_their_common_words_or_their_alphabet(self):
        for text, language in {
            "the house and you have not your": "en",
            "ban co the gui cho toi hoa don cua cong ty khong": "vi",
            "wir haben ihre mail und die rechnung nicht": "de",
            "\u043f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440": "CYRILLIC",
            "xyz": "",
        }.items():
            self.assertEqual(languages.language_of(text.split()), language, text)

    def test_the_filter_is_silent_in_a_language_of_which_it_knows_only_spam(self):
        spoken = [f"word:{number}" for number in range(20)]
        known = {word: bayes.Count(spam=30) for word in spoken}
        known["language:vi"] = bayes.Count(spam=30)
        total = bayes.Count(100, 100)
        asked = ["language:vi", *spoken]
        self.assertIsNone(bayes.opinion(asked, known, total))
        known["language:vi"] = bayes.Count(spam=30, fine=10)
        self.assertEqual(bayes.opinion(asked, known, total).verdict, "spam")
