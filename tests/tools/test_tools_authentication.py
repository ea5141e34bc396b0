from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import authentication
from odoo.addons.mail_catchall_router.tools.inbound.authentication import (
    Verdicts,
    is_aligned,
    is_authenticated,
)
from odoo.addons.mail_catchall_router.tools.inbound.recipients import trusted_trace
from odoo.addons.mail_catchall_router.tools.mail.headers import Field, parse_headers

from ..strategies import given, header_text, mail_bytes, quick, st

MX = (
    "Received: from mail.customer.test (mail.customer.test [203.0.113.7])"
    " by mx.own.test (Postfix) with ESMTPS id 1 for <sales@own.test>; now"
)
BELOW = "Received: from desk (desk [10.0.0.5]) by mail.customer.test with ESMTPA; now"
PASSED = (
    "Authentication-Results: mx.own.test;"
    " dkim=pass (2048-bit key; unprotected) header.d=customer.test header.i=@c.test;"
    " spf=pass smtp.mailfrom=lan@customer.test;"
    " dmarc=pass (p=reject dis=none) header.from=customer.test"
)
NONE = frozenset()


def read(*lines, trusted=NONE, **options):
    headers = parse_headers("\r\n".join(lines).encode())
    trace = trusted_trace(headers)
    if options.pop("whole", False):
        options["headers"] = headers
    return authentication.read_verdicts(trace, frozenset(trusted), **options)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestVerdicts(BaseCase):
    """Whose Authentication-Results are read, and what they say."""

    def results(self, *lines, **options):
        found = read(*lines, **options)
        return found.spf, found.dkim, found.dmarc

    def test_own_server(self):
        found = read(PASSED, MX, BELOW, "From: lan@customer.test")
        self.assertEqual(
            found,
            Verdicts(
                "pass",
                "pass",
                "pass",
                "mx.own.test",
                "Authentication-Results",
                PASSED.partition(": ")[2],
                "customer.test",
                ("customer.test",),
                "customer.test",
            ),
        )

    def test_forged_below_is_ignored(self):
        for lines in (
            (MX, PASSED, BELOW),
            (MX, BELOW, PASSED),
            (MX, PASSED),
        ):
            self.assertEqual(read(*lines), Verdicts())
            self.assertEqual(read(*lines, trusted={"mx.own.test"}), Verdicts())
            self.assertEqual(read(*lines, whole=True), Verdicts())

    def test_trusted_names(self):
        for trusted, expected in (
            ({"mx.own.test"}, "mx.own.test"),
            ({"OWN.test "}, "mx.own.test"),
            ({"other.test", "own.test"}, "mx.own.test"),
            ({"x.own.test"}, ""),
            ({"n.test"}, ""),
            ({""}, ""),
        ):
            with self.subTest(trusted=trusted):
                found = read(PASSED, MX, trusted=trusted)
                self.assertEqual(found.authserv_id, expected)

    def test_without_trusted_names_the_receiving_server_tells(self):
        for server, expected in (
            ("mx.own.test", "pass"),
            ("OWN.test", "pass"),
            ("own.test 1", "pass"),
            ('"mx.own.test"', "pass"),
            ("(note) mx.own.test", "pass"),
            ("mx2.own.test", ""),
            ("customer.test", ""),
            ("x.own.test", ""),
        ):
            with self.subTest(server=server):
                line = f"Authentication-Results: {server}; dmarc=pass"
                self.assertEqual(read(line, MX).dmarc, expected)

    def test_no_received_no_server(self):
        self.assertEqual(read(PASSED), Verdicts())

    def test_a_filter_in_between_is_no_authority(self):
        other = "Authentication-Results: filter.test; dmarc=fail"
        self.assertEqual(read(other, PASSED, MX).dmarc, "")
        self.assertEqual(read(other, PASSED, MX, trusted={"own.test"}).dmarc, "pass")

    def test_arc_results_are_not_read(self):
        self.assertEqual(read(f"ARC-{PASSED}", MX, trusted={"own.test"}), Verdicts())

    def test_fields_of_one_server_are_merged(self):
        for first, second, expected in (
            ("dkim=pass header.d=a.test", "spf=pass", ("pass", "pass", "")),
            ("dkim=fail header.d=a.test", "dkim=pass", ("", "pass", "")),
            ("dkim=none", "dkim=fail", ("", "fail", "")),
            ("dmarc=pass", "dmarc=fail", ("", "", "fail")),
            ("dmarc=fail; dmarc=pass", "dmarc=pass", ("", "", "fail")),
            ("spf=softfail", "spf=pass smtp.mailfrom=a@b.test", ("softfail", "", "")),
            ("spf=hardfail", "none", ("fail", "", "")),
            ("none", "spf=odd", ("odd", "", "")),
        ):
            with self.subTest(first=first, second=second):
                lines = (
                    f"Authentication-Results: mx.own.test; {first}",
                    "X-Between: x",
                    f"Authentication-Results: mx.own.test; {second}",
                )
                self.assertEqual(self.results(*lines, MX), expected)

    def test_all_passing_signatures_are_kept(self):
        line = (
            "Authentication-Results: mx.own.test; dkim=pass header.d=relay.test;"
            " dkim=fail header.d=bad.test; dkim=pass header.i=@customer.test"
        )
        self.assertEqual(read(line, MX).dkim_domains, ("relay.test", "customer.test"))

    def test_forms_of_a_result(self):
        for text, expected in (
            ("spf = pass smtp.mailfrom = a@b.test", ("pass", "b.test")),
            ("SPF=Pass smtp.MailFrom=A@B.test", ("pass", "b.test")),
            ("spf/1=pass smtp.mailfrom=b.test", ("pass", "b.test")),
            ('spf=pass smtp.mailfrom="a;dmarc=pass"@b.test', ("pass", "b.test")),
            ('spf=pass smtp.mailfrom="<a@b.test>"', ("pass", "b.test")),
            ("spf=pass (a \\) (b) c; dmarc=pass) smtp.helo=h.test", ("pass", "h.test")),
            ("spf=pass reason=\"good; dmarc=pass\" smtp.mailfrom=''", ("pass", "''")),
        ):
            with self.subTest(text=text):
                found = read(f"Authentication-Results: mx.own.test; {text}", MX)
                self.assertEqual((found.spf, found.spf_domain), expected)
                self.assertEqual(found.dmarc, "")

    def test_text_of_the_sender_cannot_mend_a_failure(self):
        line = (
            "Authentication-Results: mx.own.test; spf=fail (x); spf=pass"
            " smtp.mailfrom=own.test; dmarc=pass header.from=own.test;"
            " dmarc=fail header.from=own.test"
        )
        found = read(line, MX)
        self.assertEqual((found.spf, found.dmarc), ("fail", "fail"))
        self.assertIs(is_authenticated(found, "own.test"), False)

    def test_gmail_writes_below_its_received(self):
        lines = (
            "Delivered-To: catchall@own.test",
            "Received: by 2002:a05:6a10:1::1 with SMTP id a1; now",
            "Return-Path: <lan@customer.test>",
            "Received: from mail.customer.test (mail.customer.test. [203.0.113.7])",
            " by mx.google.com with ESMTPS id b2 for <sales@own.test>; now",
            "Received-SPF: pass (google.com: domain of lan@customer.test designates",
            " 203.0.113.7 as permitted sender) client-ip=203.0.113.7;",
            "Authentication-Results: mx.google.com;",
            " dkim=pass header.i=@customer.test header.s=s1 header.b=x;",
            " dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=customer.test",
            BELOW,
            "Authentication-Results: mx.google.com; dmarc=fail",
        )
        self.assertEqual(self.results(*lines), ("", "", ""))
        self.assertEqual(self.results(*lines, whole=True), ("", "pass", "pass"))
        for name in ("mx.google.test", "mx.google.com.customer.test"):
            other = [line.replace("mx.google.com", name) for line in lines]
            self.assertEqual(self.results(*other, whole=True), ("", "", ""))

    def test_a_provider_without_a_name(self):
        line = (
            "Authentication-Results: spf=pass (sender IP is 203.0.113.7)"
            " smtp.mailfrom=customer.test; dkim=none (message not signed)"
            " header.d=none;dmarc=bestguesspass action=none"
            " header.from=customer.test;compauth=pass reason=109"
        )
        received = (
            "Received: from mail.customer.test (203.0.113.7) by"
            " XX1.mail.protection.outlook.com (192.0.2.9) with Microsoft SMTP; now"
        )
        expected = ("pass", "none", "bestguesspass")
        self.assertEqual(self.results(line, received), expected)
        for trusted, known in (({"outlook.com"}, expected), ({"x.test"}, ("",) * 3)):
            self.assertEqual(self.results(line, received, trusted=trusted), known)
        self.assertEqual(self.results(line, MX), ("", "", ""))

    def test_received_spf(self):
        for value, expected in (
            ("Pass (mx: domain of lan@c.test designates x) x=y", ("pass", "c.test")),
            ('softfail (x) client-ip=1; envelope-from="a@b.test"', ("softfail",)),
            ("none (no SPF record)", ("none", "")),
            ("error", ("temperror", "")),
            ("", ("", "")),
        ):
            with self.subTest(value=value):
                found = read(f"Received-SPF: {value}", MX)
                given = (found.spf, found.spf_domain)
                self.assertEqual(given[: len(expected)], expected)
                self.assertEqual(found.header, "Received-SPF" if found.spf else "")
        self.assertEqual(read(MX, "Received-SPF: pass (x)").spf, "")

    def test_what_the_sender_chose_is_vouched_for_by_no_spf(self):
        """Neither what he said at HELO nor what stands in quotes in his address."""
        for value, told in (
            ("x helo=envelope-from=own.test; envelope-from=a@evil.test", "evil.test"),
            ("(x) helo=envelope-from=own.test; envelope-from=<>", ""),
            ('(x) envelope-from="ceo@own.test "@evil.test; helo=x', "evil.test"),
            ('(x) envelope-from="ceo@own.test x@evil.test"; helo=x', ""),
            ("(x) envelope-from=ceo@own.test x@evil.test; helo=x", ""),
            ('(mx: domain of "ceo@own.test "@evil.test designates)', "evil.test"),
            ('(mx: domain of "a) envelope-from=own.test ("@evil.test)', "evil.test"),
            ("(x) envelope-from=lan@own.test; helo=x", "own.test"),
            ("client-ip=192.0.2.1 envelope-from=<lan@own.test> helo=x", "own.test"),
        ):
            with self.subTest(value=value):
                found = read(f"Received-SPF: pass {value}", MX)
                self.assertEqual(found.spf_domain, told)
                self.assertIs(is_authenticated(found, "own.test"), told == "own.test")

    def test_a_quoted_address_in_a_comment_ends_no_comment(self):
        chosen = '"x); dmarc=pass header.from=own.test; ("@evil.test'
        for value in (
            f"spf=pass smtp.mailfrom=evil.test (client-ip=1; envelope-from={chosen})",
            f"spf=pass (mx: domain of {chosen} designates) smtp.mailfrom={chosen}",
            f"spf=pass (mx: <{chosen}> is allowed) smtp.mailfrom=a@evil.test",
        ):
            with self.subTest(value=value):
                found = read(f"Authentication-Results: mx.own.test; {value}", MX)
                self.assertEqual((found.dmarc, found.spf_domain), ("", "evil.test"))
                self.assertIs(is_authenticated(found, "own.test"), False)

    def test_received_spf_fills_only_what_is_missing(self):
        spf = "Received-SPF: fail (mx: domain of a@b.test)"
        self.assertEqual(read(PASSED, spf, MX).spf, "pass")
        found = read("Authentication-Results: own.test; dkim=none", spf, MX)
        self.assertEqual((found.spf, found.dkim), ("fail", "none"))
        self.assertEqual(found.header, "Authentication-Results")

    @quick
    @given(mail_bytes, st.booleans(), st.sets(st.sampled_from(["b", "own.test", ""])))
    def test_never_raises(self, raw, whole, trusted):
        headers = parse_headers(PASSED.encode() + raw)
        trace = trusted_trace(headers)
        extra = headers if whole else ()
        found = authentication.read_verdicts(trace, frozenset(trusted), extra)
        self.assertIn(is_authenticated(found, "own.test"), (True, False, None))

    @quick
    @given(header_text)
    def test_no_value_raises(self, value):
        fields = (
            Field("Authentication-Results", f"mx.own.test; {value}"),
            Field("Received-SPF", value),
            Field("Received", MX.partition(": ")[2]),
        )
        found = authentication.read_verdicts(fields, NONE)
        self.assertEqual(found.spf, found.spf.lower())

    @quick
    @given(header_text)
    def test_what_stands_below_changes_nothing(self, value):
        forged = f"Authentication-Results: mx.own.test; {value}"
        forged = " ".join(forged.encode("utf-8", "replace").decode().split())
        self.assertEqual(read(PASSED, MX, BELOW, forged), read(PASSED, MX, BELOW))

    def test_hostile_values_are_read_in_linear_time(self):
        for piece in (
            "(",
            '"',
            "\\",
            ";",
            "a.a=",
            'a.a="',
            "dkim=",
            "()",
            '\\"',
            '="',
            '="@',
        ):
            fields = [Field("Authentication-Results", "own.test;" + piece * 200_000)]
            fields.append(Field("Received", MX.partition(": ")[2]))
            authentication.read_verdicts(tuple(fields * 100), NONE)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestIsAuthenticated(BaseCase):
    """Whether a mail comes from the domain it names."""

    def test_verdicts(self):
        own = {"spf_domain": "own.test", "dkim_domains": ("own.test",)}
        other = {"spf_domain": "x.test", "dkim_domains": ("x.test",)}
        for values, expected in (
            ({}, None),
            ({"dmarc": "pass"}, True),
            ({"dmarc": "pass", "dmarc_domain": "own.test"}, True),
            ({"dmarc": "pass", "dmarc_domain": "x.test"}, False),
            ({"dmarc": "fail", "dkim": "pass", **own}, False),
            ({"dmarc": "quarantine", "dkim": "pass", **own}, False),
            ({"dmarc": "none", "dkim": "pass", **own}, True),
            ({"dmarc": "bestguesspass", "dkim": "pass", **other}, False),
            ({"dkim": "pass", **own}, True),
            ({"dkim": "pass", **other}, False),
            ({"dkim": "fail", **own}, False),
            ({"spf": "pass", **own}, True),
            ({"spf": "pass", **other}, False),
            ({"spf": "softfail", **own}, False),
            ({"spf": "none", "dkim": "none"}, False),
            ({"spf": "fail", "dkim": "pass", **own}, True),
        ):
            with self.subTest(**values):
                self.assertIs(
                    is_authenticated(Verdicts(**values), "own.test"), expected
                )

    def test_alignment(self):
        for one, other, expected in (
            ("own.test", "own.test", True),
            ("OWN.test.", "own.test", True),
            ("bounce.own.test", "own.test", True),
            ("own.test", "news.own.test", True),
            ("a.own.test", "b.own.test", False),
            ("notown.test", "own.test", False),
            ("test", "own.test", False),
            ("", "own.test", False),
            ("", "", False),
        ):
            with self.subTest(one=one, other=other):
                self.assertIs(is_aligned(one, other), expected)
                self.assertIs(is_aligned(other, one), expected)
