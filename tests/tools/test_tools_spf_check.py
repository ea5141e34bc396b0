import ipaddress

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound.proof import (
    spf_check,
    spf_record,
)
from odoo.addons.mail_catchall_router.tools.inbound.proof.book import (
    Book,
    PendingError,
    Question,
    SilenceError,
)

from ..signed_mail import LazyZone, Zone
from ..strategies import given, quick, st

HOST = "203.0.113.7"
TERMS = st.sampled_from(
    [
        "all", "-all", "~all", "?all", "all:b.vn", "a", "a:b.vn", "a/24", "a:", "mx",
        "mx//64", "mx:b", "ip4:203.0.113.0/24", "ip4:1.2.3", "ip4:203.0.113.7/33",
        "ip6:2001:db8::/32", "include:b.vn", "include", "redirect=b.vn", "ptr",
        "ptr:b.vn", "exp=b.vn", "x=%{s}", "exists:%{i}._x.%{d}", "exists:%{p}.b.vn",
        "a:%{l1r-}.%{o}", "%", "=",
    ]
)  # fmt: skip
RECORDS = st.lists(TERMS, max_size=6).map(lambda terms: " ".join(["v=spf1", *terms]))


def texts(**records):
    """Return a zone with one text for each domain; `a_vn` is `a.vn`."""
    return Zone(
        {(name.replace("_", "."), "TXT"): (text,) for name, text in records.items()}
    )


def check(zone, host=HOST, domain="a.vn", sender=None, helo="mx.a.vn"):
    address = ipaddress.ip_address(host)
    sender = sender or f"lan@{domain}"
    return spf_check.check_host(address, domain, sender, helo, zone.book())


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSpfCheck(BaseCase):
    """Who may send a domain's mail."""

    def test_each_result(self):
        for record, result in (
            ("v=spf1 ip4:203.0.113.0/24 -all", "pass"),
            ("v=spf1 -all", "fail"),
            ("v=spf1 ~all", "softfail"),
            ("v=spf1 ?all", "neutral"),
            ("v=spf1", "neutral"),
            ("v=spf1 ip4:203.0.113.0/240 -all", "permerror"),
            ("v=spf10 -all", "none"),
        ):
            with self.subTest(record=record):
                self.assertEqual(check(texts(a_vn=record)), result)
        self.assertEqual(check(Zone()), "none")
        self.assertEqual(check(Zone(), domain="localhost"), "none")
        self.assertEqual(check(Zone({("a.vn", "TXT"): None})), "temperror")
        twice = Zone({("a.vn", "TXT"): ("v=spf1 -all", "v=spf1 +all")})
        self.assertEqual(check(twice), "permerror")

    def test_the_mail_servers_of_the_domain(self):
        zone = texts(a_vn="v=spf1 mx a:web.a.vn -all")
        zone["a.vn", "MX"] = ("mx1.a.vn", "mx2.a.vn")
        zone["mx1.a.vn", "A"] = ("203.0.113.1",)
        zone["mx2.a.vn", "A"] = (HOST,)
        zone["web.a.vn", "A"] = ("203.0.113.9",)
        zone["mx2.a.vn", "AAAA"] = ("2001:db8::7",)
        for host, result in (
            (HOST, "pass"),
            ("203.0.113.9", "pass"),
            ("203.0.113.8", "fail"),
            (f"::ffff:{HOST}", "pass"),
            ("2001:db8::7", "pass"),
            ("2001:db8::8", "fail"),
        ):
            with self.subTest(host=host):
                self.assertEqual(check(zone, host=host), result)

    def test_what_is_included_and_where_the_rest_is(self):
        zone = texts(
            a_vn="v=spf1 include:b.vn redirect=c.vn",
            b_vn="v=spf1 ip4:198.51.100.1 -all",
            c_vn="v=spf1 ip4:203.0.113.7 ~all",
        )
        self.assertEqual(check(zone), "pass")
        self.assertEqual(check(zone, host="198.51.100.1"), "pass")
        self.assertEqual(check(zone, host="192.0.2.1"), "softfail")
        del zone["c.vn", "TXT"]
        self.assertEqual(check(zone), "permerror")
        zone["b.vn", "TXT"] = None
        self.assertEqual(check(zone), "temperror")

    def test_ten_terms_may_be_looked_up(self):
        chain = {f"n{i}_vn": f"v=spf1 include:n{i + 1}.vn -all" for i in range(20)}
        zone = texts(a_vn="v=spf1 include:n11.vn ip4:203.0.113.7", **chain)
        zone["n20.vn", "TXT"] = ("v=spf1 ?all",)
        self.assertEqual(check(zone), "pass")
        zone["a.vn", "TXT"] = ("v=spf1 include:n10.vn ip4:203.0.113.7",)
        self.assertEqual(check(zone), "permerror")

    def test_a_record_has_nobody_asked_about_more_names_than_it_may(self):
        names = " ".join(f"include:n{number}.victim.vn" for number in range(50))
        question = Question("a.vn", "TXT")
        book = Book({question: (f"v=spf1 a:x.victim.vn {names} -all",)})
        address = ipaddress.ip_address(HOST)
        with self.assertRaises(PendingError):
            spf_check.check_host(address, "a.vn", "x@a.vn", "h.vn", book)
        self.assertLessEqual(len(book.wanted), spf_check.MAX_TERMS)

    def test_a_record_that_includes_itself_ends(self):
        self.assertEqual(check(texts(a_vn="v=spf1 include:a.vn")), "permerror")
        self.assertEqual(check(texts(a_vn="v=spf1 redirect=a.vn")), "permerror")

    def test_two_names_may_be_missing(self):
        zone = texts(a_vn="v=spf1 a:x.a.vn a:y.a.vn -all")
        self.assertEqual(check(zone), "fail")
        zone["a.vn", "TXT"] = ("v=spf1 a:x.a.vn a:y.a.vn a:z.a.vn -all",)
        self.assertEqual(check(zone), "permerror")

    def test_many_mail_servers_are_too_many(self):
        zone = texts(a_vn="v=spf1 mx -all")
        zone["a.vn", "MX"] = tuple(f"mx{i}.a.vn" for i in range(11))
        self.assertEqual(check(zone), "permerror")

    def test_the_name_of_the_host(self):
        zone = texts(a_vn="v=spf1 ptr -all")
        zone["7.113.0.203.in-addr.arpa", "PTR"] = ("forged.a.vn", "mx.a.vn")
        zone["mx.a.vn", "A"] = (HOST,)
        self.assertEqual(check(zone), "pass")
        zone["mx.a.vn", "A"] = ("203.0.113.8",)
        self.assertEqual(check(zone), "fail")

    def test_macros(self):
        letters = {
            "s": "strong-bad@email.example.com",
            "o": "email.example.com",
            "d": "email.example.com",
            "i": "192.0.2.3",
            "l": "strong-bad",
            "v": "in-addr",
        }
        # RFC 7208 7.4
        for text, expected in (
            ("%{s}", "strong-bad@email.example.com"),
            ("%{d2}", "example.com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l-}", "strong.bad"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{S}%%%_%-", "strong-bad%40email.example.com% %20"),
        ):
            with self.subTest(text=text):
                self.assertEqual(spf_record.expand(text, letters), expected)
        long = spf_record.expand("%{d}", {"d": ".".join(["x" * 50] * 6)})
        self.assertEqual(long, ".".join(["x" * 50] * 4))

    @quick
    @given(RECORDS, RECORDS, st.sampled_from([HOST, "2001:db8::1"]))
    def test_every_record_has_a_result_in_few_rounds(self, one, other, host):
        zone = LazyZone({("a.vn", "TXT"): (one,), ("b.vn", "TXT"): (other,)})
        zone["a.vn", "MX"] = ("b.vn",)

        def look(book):
            address = ipaddress.ip_address(host)
            try:
                found = spf_check.check_host(address, "a.vn", "x@a.vn", "h.vn", book)
            except LookupError as error:
                self.assertNotIsInstance(error, SilenceError)
                return None
            return found

        result, rounds = zone.ask_until(look)
        self.assertIn(result, {*spf_record.QUALIFIERS.values(), "permerror", "none"})
        self.assertLess(rounds, 20)
