import io
import zipfile

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import (
    bayes,
    craft,
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

from ..strategies import given, header_text, quick, settings, st

PHRASES = st.sampled_from([*(one for _code, one, _ in lures.LURES), lures.URGES])
HIDDEN = ("a", "1", " ", "&", ";", "&shy;", "&ZWNJ;", "&#8203;", "&#x200b;", "\u034f")
FACTS = signs.Facts(
    own_domains=frozenset({"tenmien.com"}),
    people={
        signs.name_key("Tr\u1ea7n Qu\u1ed1c B\u1ea3o"): frozenset({"bao@tenmien.com"})
    },
)


def said_in_any_way(phrase):
    """Return a strategy for (a phrase, a text that it is said in)."""
    return st.tuples(st.just(phrase), st.from_regex(phrase.pattern))


def letter(text="", *, name="Lan", address="lan@customer.example", **values):
    """Return a letter with this text."""
    reply_to = values.pop("reply_to", "")
    fields = [Field("Reply-To", reply_to)] if reply_to else []
    fields += values.pop("fields", [])
    if not values.pop("is_bare", False):
        fields.append(Field("Message-ID", "<1@customer.example>"))
        fields.append(Field("To", "us@tenmien.com"))
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

    def test_whoever_of_several_wants_the_answer_counts(self):
        honest, crook = "lan@customer.example", "boss.office1@gmail.com"
        two = [Field("Reply-To", honest), Field("Reply-To", f"Lan <{crook}>")]
        for fields in (
            two,
            two[::-1],
            [Field("Reply-To", f"Lan <{honest}>, {crook}")],
            [Field("Reply-To", f"Lan <{honest}>, Lan <{crook}>")],
            [Field("Reply-To", ""), *two],
            [Field("Reply-To", f'"Lan, {honest}" <{honest}>'), *two],
        ):
            found = signs.find_signs(letter("Hello", fields=fields), FACTS)
            self.assertEqual([one.code for one in found], ["reply_free"], fields)
            self.assertEqual(found[0].value, crook)
        ours = [Field("Reply-To", f"{honest}, sales@tenmien.com")]
        self.assertFalse(codes(letter("Hello", fields=ours)))
        many = [Field("Reply-To", f"a{one}@other.example") for one in range(900)]
        self.assertEqual(len(letter(fields=many).replies), 20)

    def test_answers_of_a_list_without_a_name_that_go_to_a_free_mailbox(self):
        button = [Field("List-Unsubscribe", "<https://customer.example/u>")]
        for address, code in (("x1@gmail.com", True), ("x@other.example", False)):
            mail = letter("the invoice", reply_to=address, fields=button)
            found = {"reply_free"} if code else set()
            self.assertEqual(codes(mail), found, address)
        named = [*button, Field("List-Id", "<a.example>")]
        self.assertFalse(codes(letter("Hello", reply_to="x1@gmail.com", fields=named)))

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

    def test_what_opens_a_wallet_is_as_secret_as_a_password(self):
        for text in ("Enter the 24 words of it", "confirm your recovery phrase"):
            self.assertIn("secret", lures.lures(lures.plain(text)), text)
        self.assertEqual(lures.lures("in other words, the key is 24 years old"), {})

    def test_what_frightens_and_what_is_sold_with_it(self):
        for text, code in {
            "Scan the QR code with your phone to decrypt the pages": "secret",
            "Your device is infected by 3 programs": "threat",
            "your antivirus license is overdue by 2 days": "threat",
            "The 7-second trick for weak erections, no prescription": "goods",
        }.items():
            self.assertIn(code, lures.lures(lures.plain(text)), text)
        for text in (
            "We scan each page and send it on Monday.",
            "My phone is broken, the device came without a charger.",
            "The licence of the forklift driver is valid until May.",
        ):
            self.assertEqual(lures.lures(lures.plain(text)), {}, text)

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(PHRASES.flatmap(said_in_any_way))
    def test_what_a_phrase_needs_is_wherever_it_is_said(self, found):
        phrase, text = found
        self.assertTrue(phrase.pattern.search(text))
        self.assertTrue(phrase.is_in(text), text)

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

    def test_how_a_mail_is_made_holds_it_only_beside_signs(self):
        made = bayes.Opinion("unsure", 0.999, (), by_form=True)
        self.assertEqual(self.end((), made), "deliver")
        self.assertEqual(self.end([self.sign("first", 1.0)], made), "warn")
        worded = [self.sign("threat", 1.5), self.sign("urges", 0.7)]
        self.assertEqual(self.end(worded, made), "warn")
        signs_of_it = [self.sign("first", 1.0), self.sign("stranger", 1.2)]
        self.assertEqual(self.end(signs_of_it, made), "hold")

    def test_fair_words_do_not_make_up_for_words_that_no_customer_uses(self):
        fine = self.opinion("fine", 0.01)
        plain = [self.sign("secret", 2.0), self.sign("threat", 1.5)]
        self.assertEqual(defence.judge(plain, fine).points, 2.0)
        scam = [self.sign("fortune", 3.2), self.sign("romance", 2.5)]
        self.assertEqual(defence.judge(scam, fine).points, 5.7)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestCraft(BaseCase):
    """How a mail is made, whatever it says."""

    LINK = Link("https://page.example/x", "Open")

    def page(self, **values):
        values.setdefault("links", (self.LINK,))
        values.setdefault("kinds", ("text/html",))
        return codes(letter("Look at this", **values))

    def test_a_customers_page_with_a_link_is_a_first_contact_and_no_more(self):
        own = (Link("https://www.customer.example/offer", "our page"),)
        self.assertEqual(self.page(links=own), {"first"})

    def test_links_that_all_lead_away(self):
        self.assertEqual(self.page(), {"first", "elsewhere"})
        both = (self.LINK, Link("https://www.customer.example/"))
        self.assertNotIn("elsewhere", self.page(links=both))
        known = signs.Facts(FACTS.own_domains, is_known=True)
        mail = letter("Look", links=(self.LINK,), kinds=("text/html",))
        self.assertEqual(codes(mail, known), set())

    def test_the_name_of_an_office_that_the_address_knows_nothing_of(self):
        for name in ("Kundenservice", "Voice Gateway", "FORTBANK", "Rewards Team"):
            self.assertIn("stranger", self.page(name=name), name)
        for name, address in (
            ("Lan", "pham@gmail.com"), ("Customer Service", "service@shop.example"),
            ("Billing Northpeak", "ar@northpeak.example"),
        ):  # fmt: skip
            found = self.page(
                name=f"{name} Le" if name == "Lan" else name, address=address
            )
            self.assertNotIn("stranger", found, name)
        self.assertNotIn("stranger", self.page(name="Kundenservice", links=()))

    def test_a_link_that_holds_our_address(self):
        coded = "c2FsZXNAdGVubWllbi5jb20"  # sales@tenmien.com
        for url in (
            "https://page.example/#sales@tenmien.com",
            "https://page.example/?e=sales%40tenmien.com",
            f"https://page.example/?{coded}",
            f"https://page.example/?u=a1{coded}",
        ):
            self.assertIn("link_us", self.page(links=(Link(url),)), url)
        listed = [Field("List-Unsubscribe", "<mailto:u@customer.example>")]
        link = Link("https://page.example/?e=sales@tenmien.com")
        self.assertNotIn("link_us", self.page(links=(link,), fields=listed))
        home = Link("https://customer.example/?e=sales@tenmien.com")
        self.assertNotIn("link_us", self.page(links=(home,)))

    @given(st.text(alphabet="ABCDEFGHd \u2167\u1ea4", min_size=100, max_size=300))
    @quick
    def test_what_is_loud_is_seen_by_its_letters_alone(self, text):
        letters = [one for one in text if one.isalpha()]
        big = [one for one in letters if one.isupper()]
        is_loud = len(letters) >= craft.LOUD_FROM and len(big) > 0.7 * len(letters)
        self.assertEqual(craft.is_loud(text), is_loud)

    @given(st.lists(st.sampled_from(HIDDEN), max_size=30).map("".join))
    @quick
    def test_a_text_is_joined_alike_whatever_else_is_hidden_in_it(self, text):
        # What stands before a space is kept, and has all of the text looked through.
        self.assertEqual(craft.joined(f"\u200b {text}"), f"\u200b {craft.joined(text)}")

    def test_a_button_that_writes_to_a_free_mailbox(self):
        button = Link("mailto:desk.report@gmail.com?subject=Report", "Report")
        self.assertIn("mailto", self.page(links=(button,)))
        own = Link("mailto:lan@customer.example")
        self.assertNotIn("mailto", self.page(links=(own,)))

    def test_a_known_company_that_nothing_proves_and_no_link_leads_to(self):
        address = "service@paypal.com"
        self.assertIn("brand_link", self.page(address=address))
        home = (Link("https://www.paypal.com/x"), self.LINK)
        self.assertNotIn("brand_link", self.page(address=address, links=home))
        proven = signs.Facts(FACTS.own_domains, is_proven=True)
        mail = letter("", address=address, links=(self.LINK,), kinds=("text/html",))
        self.assertNotIn("brand_link", codes(mail, proven))

    def test_names_that_look_like_a_known_companys_and_hosts_that_bear_it(self):
        self.assertIn("brand", self.page(name="PayPaI Service"))
        self.assertIn("brand", self.page(name="N\u00e9tflix"))
        host = Link("https://netflix.secure-page.example/login")
        self.assertIn("brand", self.page(links=(host,)))
        self.assertNotIn("brand", self.page(name="Marta Bosch"))
        # A usual word beside that of a service; alone, it is a person's name.
        address = "kabolu12@page.example"
        for name, code in (("Ledger Security", True), ("Chase", False)):
            found = self.page(name=name, address=address)
            self.assertEqual("brand" in found, code, name)

    def test_a_known_companys_newsletter_that_another_sends(self):
        own = Link("https://www.netflix.com/browse")
        self.assertNotIn("brand", self.page(name="Netflix", links=(own,)))
        for other in ("https://page.example/", "https://netflix.top/"):
            found = self.page(name="Netflix", links=(own, Link(other)))
            self.assertIn("brand", found, other)

    def test_what_pages_are_made_of(self):
        words = "lorem ipsum dolor sit amet " * 10
        for page, made in (
            (f"<style>{words}</style><p>Hello</p>", {"noise"}),
            (f'<div style="display:none">{words}</div>', {"noise"}),
            (f'<p style="font-size:0;line-height:1">{words}</p>', {"noise"}),
            ("<style>p {color: red} a {color: blue}</style><p>Hello</p>", set()),
            ('<div style="display:none">A short preview</div>', set()),
            ('<a href="https://x.example"><img src="cid:1"></a>', {"picture"}),
            (f'<a href="https://x.example"><img src="cid:1"></a>{words * 2}', set()),
            ('<a href="https://x.example">x</a><img src="cid:1">', set()),
            ('<img src="http://x.example/1" width="1px" height="1px">', {"pixel"}),
        ):
            self.assertEqual(craft.of_page(page), made, page[:40])

    def test_what_mail_programs_write_is_missing(self):
        bare = letter("Hello", is_bare=True)
        self.assertEqual(codes(bare), {"no_id", "no_recipient"})
        again = letter("Hello", subject="RE: your order")
        self.assertEqual(codes(again), {"no_thread"})
        thread = [Field("In-Reply-To", "<1@tenmien.com>")]
        answer = letter("Hello", subject="RE: your order", fields=thread)
        self.assertEqual(codes(answer), set())

    def test_wallets_and_capitals(self):
        wallet = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
        self.assertIn("wallet", codes(letter(f"Pay to {wallet} today")))
        self.assertNotIn("wallet", codes(letter("Order 3301234567890123456789012345")))
        first = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
        self.assertIn("wallet", codes(letter(f"Pay to {first}")))
        self.assertNotIn("wallet", codes(letter(f"Pay to {first[:-1]}b")))
        self.assertIn("loud", codes(letter("PLEASE CONTACT ME AT ONCE " * 8)))
        self.assertNotIn("loud", codes(letter("PO 4711")))

    def test_archives_that_few_people_make(self):
        rar = Enclosure("swift.pdf.rar", "application/octet-stream", b"Rar!")
        found = codes(letter("", files=(rar,)))
        self.assertLessEqual({"archive", "double_ending", "first"}, found)
        plain = Enclosure("CV.zip", "application/zip", b"PK\x03\x04")
        self.assertEqual(codes(letter("", files=(plain,))), set())
        for said in ("Das Passwort ist kx77", "the password of the file: 2026"):
            found = codes(letter(said, files=(plain,)))
            self.assertIn("encrypted", found, said)
        self.assertEqual(
            codes(letter("The password comes by phone", files=(plain,))), set()
        )

    def test_archives_that_hardly_anybody_makes(self):
        for name in ("RFQ.r00", "Swift copy.ace", "Order.Z", "scan.uue"):
            file = Enclosure(name, "application/octet-stream", b"x")
            mail = letter("", files=(file,))
            self.assertLessEqual({"odd_archive", "archive", "first"}, codes(mail))
            self.assertEqual(
                defence.judge(signs.find_signs(mail, FACTS), None).end,
                defence.HOLD,
                name,
            )
            known = signs.Facts(FACTS.own_domains, is_known=True)
            self.assertEqual(codes(mail, known), set(), name)
        for name in ("CV.rar", "photos.7z", "access.log.gz", "site.tar.gz"):
            file = Enclosure(name, "application/octet-stream", b"x")
            self.assertNotIn("odd_archive", codes(letter("", files=(file,))), name)

    def test_names_that_say_another_file_without_a_dot(self):
        for name in ("RFQ_pdf.gz", "offer pdf.exe", "offer-docx.r00"):
            self.assertIn("double_ending", files.traps_in(Enclosure(name, "")), name)
        for name in ("catalog pdf.rar", "offer_pdf.zip", "my-doc.pdf", "dump_txt.sql"):
            found = files.traps_in(Enclosure(name, ""))
            self.assertNotIn("double_ending", found, name)

    def test_who_bears_a_name_that_is_not_his_and_brings_a_file(self):
        file = Enclosure("Offer.pdf", "application/pdf", b"%PDF")
        self.assertIn("first", codes(letter("", name="Adobe Sign", files=(file,))))
        self.assertNotIn("first", codes(letter("", files=(file,))))

    def test_the_name_of_one_of_us_and_money(self):
        for text in (
            "Bitte f\u00fchren Sie heute eine Auslands\u00fcberweisung aus.",
            "Quel est le solde disponible de nos comptes ?",
            "Send me the receivables of all customers.",
            "\u4eca\u65e5\u4e2d\u306b\u632f\u8fbc\u3092\u304a\u9858\u3044\u3057\u307e\u3059\u3002",
        ):
            name = "Tr\u1ea7n Qu\u1ed1c B\u1ea3o"
            mail = letter(text, name=name, address="bao77@gmail.com")
            self.assertLessEqual({"own_name", "favour", "first"}, codes(mail), text)
            self.assertEqual(
                defence.judge(signs.find_signs(mail, FACTS), None).end,
                defence.HOLD,
                text,
            )
            self.assertNotIn("favour", codes(letter(text)), text)
        mail = letter("See you tomorrow at the station.", name=name)
        self.assertEqual(codes(mail), {"own_name"})

    def test_what_goes_on_in_a_messenger(self):
        name = "Tr\u1ea7n Qu\u1ed1c B\u1ea3o"
        for text in (
            "LINE\u306e\u30b0\u30eb\u30fc\u30d7\u3092\u4f5c\u6210\u3057\u3066\u304f\u3060\u3055\u3044",
            "\u8bf7\u5efa\u4e00\u4e2aQQ\u7fa4",
            "Send me your mobile number, I text you what to do.",
        ):
            found = codes(letter(text, name=name, address="x@other.example"))
            self.assertLessEqual({"own_name", "messenger", "first"}, found, text)
            self.assertEqual(codes(letter(text)), set(), text)
        easy = "Work from home, 300 a day, text me on WhatsApp +44 7700 900113"
        self.assertLessEqual({"job", "messenger"}, codes(letter(easy)))
        pays = (
            "Ch\u1ecb chuy\u1ec3n kho\u1ea3n gi\u00fap em nh\u00e9, Zalo 0903 118 227"
        )
        self.assertNotIn("messenger", codes(letter(pays)))

    def test_a_code_that_is_to_be_scanned(self):
        shown = {"kinds": ("text/html", "image/png")}
        text = "Scan the code with your phone to confirm your password."
        found = codes(letter(text, **shown))
        self.assertLessEqual({"secret", "scan", "first"}, found)
        self.assertNotIn("scan", codes(letter(text)))
        pays = "Anh qu\u00e9t m\u00e3 QR b\u00ean d\u01b0\u1edbi nh\u00e9."
        self.assertEqual(codes(letter(pays, **shown)), set())
        self.assertIn(
            "scan", codes(letter(pays, name="Ph\u00f2ng k\u1ebf to\u00e1n", **shown))
        )

    def test_a_list_that_is_not_at_home_where_it_leads(self):
        named = [
            Field("List-Id", "<a.customer.example>"),
            Field("List-Unsubscribe", "<https://customer.sends-it.example/u?x=1>"),
        ]
        link = Link("https://page.example/x", "Read more")
        self.assertIn("elsewhere", self.page(links=(link,), fields=named))
        for host in (
            "https://click.sends-it.example/1",
            "https://shop.customer.example/",
        ):
            links = (link, Link(host))
            self.assertEqual(self.page(links=links, fields=named), {"first"}, host)
        asks = letter(
            "Verify your account.", links=(link,), fields=named, kinds=("text/html",)
        )
        self.assertLessEqual({"secret", "elsewhere"}, codes(asks))

    def test_a_call_to_undo_a_charge_that_a_free_mailbox_speaks_of(self):
        text = (
            "Your plan renews today, 479.99 USD will be debited. To cancel and get a "
            "refund call +1 (8O8) 4O5-1234."
        )
        free = {"address": "desk12@gmail.com"}
        self.assertIn("callback", codes(letter(text, **free)))
        other = text.replace("+1 (8O8) 4O5-1234", "+44 20 7946 0958")
        self.assertIn("callback", codes(letter(other, **free)))
        self.assertNotIn("callback", codes(letter(other)))
        for fine in (
            "Please call me on +44 20 7946 0958 about the order.",
            "I want to cancel my order 4711 and get a refund.",
            "Can I cancel the order? Call me at 12.30, invoice 2026-11.",
        ):
            self.assertEqual(codes(letter(fine, **free)), set(), fine)

    def test_pay_that_is_to_go_to_another_bank(self):
        for text in (
            "I have changed my bank, please send my salary there from now on.",
            "New direct deposit for my next paycheck: can you update it?",
            "Ich habe eine neue Bankverbindung f\u00fcr mein Gehalt.",
            "Em đổi tài khoản ngân hàng nhận lương từ tháng này",
        ):
            self.assertIn("account", codes(letter(text)), text)
        for fine in (
            "I can't find my payslip for October.",
            "The salary that I expect for a new post as account manager is 2,000.",
            "Số lượng 500 cái, cho mình xin số tài khoản mới.",
        ):
            self.assertNotIn("account", codes(letter(fine)), fine)

    def test_a_new_account_that_somebody_names_who_never_wrote(self):
        text = "I have a new bank account, please update the bank details"
        for address in ("lan@customer.example", "a.director@gmail.com"):
            mail = letter(text, address=address)
            self.assertEqual(codes(mail), {"account", "first"}, address)
        again = signs.Facts(FACTS.own_domains, is_first=False)
        self.assertEqual(codes(mail, again), {"account"})


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTongues(BaseCase):
    """What such mail asks for in other languages."""

    def test_a_thing_and_what_is_wrong_with_it_near_to_each_other(self):
        for code, texts in {
            "secret": (
                "Bitte best\u00e4tigen Sie Ihre Zugangsdaten, und wir sind zufrieden.",
                "Nous vous prions de mettre \u00e0 jour votre compte sous peu.",
            ),
            "threat": (
                "Ihr Konto wird am 3. Mai leider gesperrt, wenn Sie nicht handeln.",
                "Su cuenta ser\u00e1 suspendida si no la usa en el plazo.",
                "Sua conta foi suspensa, os dados precisam de uma revis\u00e3o.",
                "Il tuo conto \u00e8 stato sospeso per una questione di sicurezza.",
                "Uw rekening wordt geblokkeerd, want het is niet bevestigd.",
                "\u30a2\u30ab\u30a6\u30f3\u30c8\u3092\u505c\u6b62\u3057\u305f",
            ),
            "authority": (
                "H\u00e1 uma infra\u00e7\u00e3o em aberto para uma moto, da CNH.",
            ),
            "parcel": (
                "Votre colis est retenu car les frais ne sont pas pay\u00e9s.",
                "\u304a\u8377\u7269\u306e\u4f4f\u6240",
            ),
            "account": (
                "Wir haben die Bankverbindung gewechselt, die neue IBAN ist unten.",
                "Nous avons chang\u00e9 de banque, le nouveau RIB est pour vous.",
                "Hemos cambiado de banco, la nueva cuenta del IBAN es esta.",
            ),
            "prize": (
                "Sie wurden ausgelost, und wir haben vier Fragen an Sie.",
                "Vous \u00eates s\u00e9lectionn\u00e9 par nous pour le sondage.",
            ),
            "refund": ("\u793e\u4fdd\u8865\u8d34\u9886\u53d6",),
            "document": (
                "Para visualizar o documento em PDF da sua empresa foi gerada a nota.",
                "Die Rechnung liegt f\u00fcr Sie bereit, bitte hier herunterladen.",
                "Un fichier est partag\u00e9 avec vous, consultez les pages.",
                "Puede descargar la factura en el portal de su empresa.",
            ),
        }.items():
            for text in texts:
                self.assertIn(code, lures.lures(lures.plain(text)), text)

    def test_words_that_nobody_sees_hide_no_words_without_spaces(self):
        said = "\u30ab\u30fc\u30c9\u306e\u5229\u7528\u3092\u5236\u9650\u3057\u305f"
        for noise in ("", "lorem ipsum dolor sit amet " * 12):
            found = lures.lures(lures.plain(f"{noise}{said}"))
            self.assertEqual(found, {"threat": True}, noise)

    def test_words_of_another_language_and_customers_show_none(self):
        for text in (
            "Dance is a danger to the house and you will have your daily data.",
            "Guten Tag, ich bitte um ein Angebot f\u00fcr zwei Tische und die Zeit.",
            "Bonjour, je voudrais savoir quand vous pouvez venir pour les tables.",
            "Hola, necesito la factura del pedido 3308 para cerrar el trimestre.",
            "Por favor confirmem o pagamento da fatura, o valor foi para o banco.",
        ):
            self.assertEqual(lures.lures(lures.plain(text)), {}, text)

    def test_scams_that_want_an_answer(self):
        for text, code in {
            "My late husband left the sum to a bank, reply to me": "fortune",
            "a widow wants to donate 4 million, contact her lawyer": "fortune",
            "Your plan was renewed. Not you? Call us at +1 (888) 555": "callback",
            "I am a Russian girl looking for a serious man": "romance",
            "Part-time, 1 hour a day, you earn a commission weekly": "job",
            "We get you on the first page of Google with 500 backlinks": "offer",
            "We took your databases, pay 0.2 BTC": "blackmail",
        }.items():
            self.assertIn(code, lures.lures(lures.plain(text)), text)


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
