import ipaddress

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import trust
from odoo.addons.mail_catchall_router.tools.inbound.proof import dmarc_check
from odoo.addons.mail_catchall_router.tools.inbound.proof.book import Question
from odoo.addons.mail_catchall_router.tools.inbound.proof.envelope import (
    Envelope,
    read_envelope,
)
from odoo.addons.mail_catchall_router.tools.inbound.proof.verdict import (
    Case,
    Proof,
    prove,
)
from odoo.addons.mail_catchall_router.tools.mail import headers as header_tools

from ..signed_mail import LazyZone, Signer, Zone
from ..strategies import given, mail_bytes, quick

NOW = 1_800_000_000
HOST = ipaddress.ip_address("203.0.113.7")
MAIL = (
    b"From: Lan <lan@foreign.vn>\r\n"
    b"To: sales@own.vn\r\n"
    b"Subject: An order\r\n"
    b"\r\n"
    b"Ten, please.\r\n"
)
POLICY = {("_dmarc.foreign.vn", "TXT"): ("v=DMARC1; p=reject",)}
ALL = {("foreign.vn", "TXT"): ("v=spf1 ip4:203.0.113.7 -all",)}
NOBODY = {("foreign.vn", "TXT"): ("v=spf1 -all",)}
EDGE = Envelope(HOST, "mx.foreign.vn", "lan@foreign.vn", "mx.own.vn", is_edge=True)


def case_of(raw, envelope=EDGE, own_domains=("own.vn",)):
    return Case(raw, header_tools.parse_headers(raw), envelope, NOW, own_domains)


def proof_of(raw, zone, envelope=EDGE):
    return prove(case_of(raw, envelope), Zone(zone).book())


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestProof(BaseCase):
    """Who wrote a mail, with all that is known put together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signer = Signer("foreign.vn")

    def assertReal(self, real, raw, zone, envelope=EDGE, **results):
        found = proof_of(raw, zone, envelope)
        self.assertIs(found.real, real, found)
        for name, value in results.items():
            self.assertEqual(getattr(found, name), value, found)
        self.assertEqual(Proof.of_json(found.as_json()), found)

    def test_a_host_of_the_domain_proves_it(self):
        self.assertReal(True, MAIL, ALL | POLICY, spf="pass", dmarc="pass", dkim="none")
        self.assertReal(True, MAIL, ALL, spf="pass", dmarc="none", policy="")

    def test_a_signature_of_the_domain_proves_it(self):
        raw = self.signer.sign(MAIL)
        zone = self.signer.zone | NOBODY
        self.assertReal(True, raw, zone | POLICY, dkim="pass", spf="fail", dmarc="pass")
        self.assertReal(True, raw, zone, dkim="pass", spf="fail", dmarc="none")

    def test_the_owner_says_that_it_is_forged(self):
        self.assertReal(False, MAIL, NOBODY, spf="fail", dmarc="none")
        self.assertReal(False, MAIL, POLICY, spf="none", dmarc="fail", policy="reject")
        raw = self.signer.sign(MAIL).replace(b"Ten", b"One")
        self.assertReal(False, raw, self.signer.zone | POLICY, why="altered")

    def test_who_says_nothing_is_not_called_forged(self):
        self.assertReal(None, MAIL, {}, spf="none", dkim="none", dmarc="none")
        soft = {("foreign.vn", "TXT"): ("v=spf1 ~all",)}
        self.assertReal(None, MAIL, soft, spf="softfail")
        watched = {("_dmarc.foreign.vn", "TXT"): ("v=DMARC1; p=none; rua=mailto:x@y",)}
        self.assertReal(None, MAIL, soft | watched, dmarc="fail", policy="none")

    def test_no_answer_is_no_verdict(self):
        raw = self.signer.sign(MAIL)
        silent = {(self.signer.name, "TXT"): None}
        self.assertReal(None, raw, silent | NOBODY | POLICY, dkim="temperror")
        self.assertReal(None, MAIL, {("foreign.vn", "TXT"): None} | POLICY)
        unknown = {("_dmarc.foreign.vn", "TXT"): None}
        self.assertReal(None, MAIL, unknown, dmarc="temperror")
        self.assertReal(True, MAIL, unknown | ALL, spf="pass", dmarc="temperror")

    def test_another_domain_proves_nothing(self):
        stranger = Signer("attacker.vn")
        raw = stranger.sign(MAIL)
        zone = stranger.zone | {("attacker.vn", "TXT"): ("v=spf1 +all",)}
        envelope = Envelope(HOST, "x.attacker.vn", "a@attacker.vn", "mx.own.vn", True)
        found = {"spf": "pass", "dkim": "pass", "dmarc": "fail"}
        self.assertReal(False, raw, zone | POLICY, envelope, **found)
        self.assertReal(None, raw, zone, envelope, dmarc="none")

    def test_two_authors_are_none(self):
        zone = self.signer.zone | ALL | POLICY
        raw = b"From: Boss <boss@own.vn>\r\n" + self.signer.sign(MAIL)
        self.assertReal(False, raw, zone, why="double")
        raw = self.signer.sign(MAIL.replace(b"Lan <", b"boss@own.vn, Lan <"))
        self.assertReal(None, raw, zone, author="")
        self.assertReal(None, MAIL[MAIL.index(b"To:") :], zone, author="")

    def test_a_header_that_two_programs_read_differently_has_no_signature(self):
        raw = b"junk\r\n" + self.signer.sign(MAIL)
        self.assertReal(False, raw, self.signer.zone | POLICY, dkim="none")

    def test_bounces_are_proven_by_the_name_of_their_host(self):
        raw = MAIL.replace(b"lan@foreign.vn", b"postmaster@mx.foreign.vn")
        envelope = Envelope(HOST, "mx.foreign.vn", "", "mx.own.vn", is_edge=True)
        zone = {("mx.foreign.vn", "TXT"): ("v=spf1 ip4:203.0.113.7 -all",)}
        self.assertReal(True, raw, zone, envelope, spf_domain="mx.foreign.vn")

    def test_without_an_envelope_no_host_proves_anything(self):
        """The host may be a service's that sends for the domain, and for others."""
        envelope = Envelope(HOST, "mx.foreign.vn", None, "mx.own.vn", is_edge=True)
        self.assertReal(None, MAIL, ALL | POLICY, envelope, spf="", dmarc="unknown")
        self.assertReal(None, MAIL, NOBODY | POLICY, envelope, spf="", dmarc="unknown")
        self.assertReal(None, MAIL, NOBODY | POLICY, Envelope(), spf="")

    def test_a_server_that_may_be_inside_says_nothing(self):
        """A relay of our provider's brings everybody's mail, and may be listed as one
        that sends ours."""
        envelope = Envelope(HOST, "filter.vn", "lan@foreign.vn", "box.hoster.vn")
        self.assertReal(None, MAIL, NOBODY | POLICY, envelope, spf="")
        self.assertReal(None, MAIL, ALL | POLICY, envelope, spf="")
        neighbour = {("own.vn", "MX"): ("mx1.hoster.vn",)}
        self.assertReal(None, MAIL, ALL | neighbour, envelope, spf="")
        # The world brings our mail to it.
        known = {("own.vn", "MX"): ("mx1.hoster.vn", "Box.hoster.vn.")}
        self.assertReal(False, MAIL, NOBODY | known, envelope, spf="fail")
        self.assertReal(True, MAIL, ALL | known, envelope, spf="pass")
        silent = {("own.vn", "MX"): None}
        self.assertReal(None, MAIL, ALL | silent, envelope, spf="")

    @quick
    @given(mail_bytes)
    def test_nothing_is_raised(self, raw):
        proof = proof_of(b"From: a@foreign.vn\r\nARC-Seal: i=1; cv=none\r\n" + raw, {})
        self.assertIsNotNone(proof)

    def test_all_is_asked_in_few_rounds(self):
        raw = self.signer.sign(MAIL)
        zone = LazyZone(self.signer.zone | POLICY)
        zone["foreign.vn", "TXT"] = ("v=spf1 include:a.vn include:b.vn -all",)
        for name in "ab":
            zone[f"{name}.vn", "TXT"] = ("v=spf1 ip4:192.0.2.1 -all",)
        case = case_of(raw)
        found, rounds = zone.ask_until(lambda book: prove(case, book))
        self.assertIs(found.real, True)
        self.assertEqual(rounds, 2)

    def test_a_mail_asks_for_a_bounded_number_of_names(self):
        raw = MAIL
        for number in range(50):
            raw = Signer(f"d{number}.vn", key=self.signer.key).sign(raw)
        zone, asked = LazyZone(POLICY), set()
        find = zone.find
        zone.find = lambda wanted: asked.update(wanted) or find(wanted)
        zone["foreign.vn", "TXT"] = (
            "v=spf1 " + " ".join(f"include:i{number}.vn" for number in range(100)),
        )
        case = case_of(raw)
        zone.ask_until(lambda book: prove(case, book))
        self.assertLess(len(asked), 130)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDmarcCheck(BaseCase):
    """What the domain in From wants, and which domains belong together."""

    def published(self, domain, **records):
        zone = Zone(
            {
                (f"_dmarc.{name.replace('_', '.')}", "TXT"): (text,)
                for name, text in records.items()
            }
        )
        return dmarc_check.find_policy(domain, zone.book())

    def test_the_policy_of_the_domain_or_of_the_one_above(self):
        found = self.published("a.vn", a_vn="v=DMARC1; p=reject; adkim=s")
        self.assertEqual(
            found, dmarc_check.Published("a.vn", "reject", strict_dkim=True)
        )
        found = self.published("x.y.a.vn", a_vn="v=DMARC1;p=reject;sp=none")
        self.assertEqual(found, dmarc_check.Published("a.vn", "none"))
        found = self.published(
            "y.a.vn", a_vn="v=DMARC1; p=reject", y_a_vn="v=DMARC1; p=none"
        )
        self.assertEqual(found.policy, "none")

    def test_what_is_no_record(self):
        for text in ("", "v=DMARC2; p=reject", "p=reject", "v=DMARC1", "v=DMARC1; p=x"):
            with self.subTest(text=text):
                self.assertIsNone(self.published("a.vn", a_vn=text))
        found = self.published("a.vn", a_vn="v=DMARC1; rua=mailto:a@a.vn; p=oops")
        self.assertIsNone(found)
        found = self.published("a.vn", a_vn="v=DMARC1; rua=mailto:a@a.vn; ; junk")
        self.assertEqual(found.policy, "none")

    def aligned(self, one, other, *, strict=False, **records):
        zone = Zone(
            {
                (f"_dmarc.{name.replace('_', '.')}", "TXT"): (text,)
                for name, text in records.items()
            }
        )
        return dmarc_check.is_aligned(one, other, strict, zone.book())

    def test_neighbours_belong_together_if_the_one_above_says_so(self):
        record = "v=DMARC1; p=reject"
        self.assertTrue(self.aligned("mail.a.vn", "news.a.vn", a_vn=record))
        self.assertTrue(self.aligned("a.vn", "news.a.vn", a_vn=record))
        self.assertFalse(self.aligned("a.com.vn", "b.com.vn", a_com_vn=record))
        self.assertFalse(self.aligned("a.host.io", "b.host.io"))
        self.assertFalse(self.aligned("mail.a.vn", "a.vn", strict=True, a_vn=record))
        self.assertTrue(self.aligned("a.vn", "a.vn", strict=True))
        self.assertFalse(self.aligned("", "a.vn"))

    def test_a_suffix_may_say_that_it_is_one(self):
        record = "v=DMARC1; p=none; psd=y"
        self.assertFalse(self.aligned("a.host.io", "b.host.io", host_io=record))
        self.assertTrue(self.aligned("x.a.host.io", "y.a.host.io", host_io=record))
        own = "v=DMARC1; p=none; psd=n"
        self.assertFalse(
            self.aligned("x.a.vn", "a.vn", x_a_vn=own, a_vn="v=DMARC1; p=none")
        )

    def test_a_long_name_costs_eight_questions(self):
        book = Zone().book()
        dmarc_check.find_policy(".".join("abcdefghijklmnop"), book)
        self.assertEqual(len(book.asked), dmarc_check.MAX_STEPS - 1)
        self.assertIn(Question("_dmarc.o.p", "TXT"), book.asked)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestEnvelope(BaseCase):
    """What our own servers say of how a mail came."""

    def envelope_of(self, *lines, knows_hosts=False):
        raw = "\r\n".join([*lines, "From: lan@foreign.vn", "", ""]).encode()
        trace = trust.trusted_trace(header_tools.parse_headers(raw))
        return read_envelope(trace, knows_hosts=knows_hosts)

    def test_the_line_of_the_edge_and_what_stands_above(self):
        found = self.envelope_of(
            "Return-Path: <Lan@foreign.vn>",
            "Received: from helo.foreign.vn (mail.foreign.vn [203.0.113.7])"
            " by mx.own.vn (Postfix) with ESMTP id 1",
        )
        expected = Envelope(HOST, "helo.foreign.vn", "lan@foreign.vn", "mx.own.vn")
        self.assertEqual(found, expected)

    def test_a_return_path_below_is_the_senders_word(self):
        line = "Received: from x (x [203.0.113.7]) by mx.own.vn (Postfix) with SMTP"
        found = self.envelope_of(line, "Return-Path: <boss@own.vn>")
        self.assertIsNone(found.sender)
        self.assertEqual(self.envelope_of("Return-Path: <>", line).sender, "")

    def test_a_mail_from_inside_has_no_envelope(self):
        for line in (
            "from laptop (x [203.0.113.7]) by mx.own.vn (Postfix) with ESMTPSA id 1",
            "by mx.own.vn (Postfix, from userid 33) id 1",
            "from mx1.hoster.vn (mx1.hoster.vn [203.0.113.7]) by box.hoster.vn",
        ):
            with self.subTest(line=line):
                self.assertIsNone(self.envelope_of(f"Received: {line}").address)

    def test_a_known_provider_says_where_its_edge_is(self):
        found = self.envelope_of(
            "Return-Path: <lan@foreign.vn>",
            "Received: from mail.foreign.vn (mail.foreign.vn. [203.0.113.7])"
            " by mx.google.com with ESMTPS id 1 for <a@own.vn>",
        )
        self.assertTrue(found.is_edge)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestArc(BaseCase):
    """What a forwarder has sealed takes a no back, if we trust him."""

    def seal(self, *domains, results="dmarc=pass header.from=foreign.vn"):
        """Return a mail that each of these has sealed, and the zone with their keys."""
        raw, zone = MAIL, NOBODY | POLICY
        for domain in domains:
            signer = Signer(domain, "arc")
            raw, zone = signer.seal(raw, results), zone | signer.zone
        return raw, zone

    def test_a_trusted_forwarder_takes_the_no_back(self):
        raw, zone = self.seal("google.com")
        found = proof_of(raw, zone)
        self.assertEqual((found.arc, found.sealers), ("pass", ("google.com",)))
        self.assertEqual((found.dmarc, found.real), ("fail", None))

    def test_nobody_else_does(self):
        for raw, zone in (
            self.seal("attacker.vn"),
            self.seal("google.com", results="dmarc=fail header.from=foreign.vn"),
            self.seal("google.com", results="dmarc=pass header.from=other.vn"),
        ):
            self.assertIs(proof_of(raw, zone).real, False)

    def test_a_broken_seal_is_none(self):
        raw, zone = self.seal("google.com")
        for before, after in ((b"Ten", b"One"), (b"cv=none", b"cv=pass")):
            found = proof_of(raw.replace(before, after), zone)
            self.assertEqual((found.arc, found.real), ("fail", False))
        forged = raw.replace(b"dmarc=pass", b"dmarc=best")
        self.assertEqual(proof_of(forged, zone).arc, "fail")
        silent = {name: None for name in zone if name[0].startswith("arc.")}
        self.assertEqual(proof_of(raw, zone | silent).arc, "temperror")

    def test_all_who_have_sealed_it_must_be_trusted(self):
        for first, real in (("microsoft.com", None), ("attacker.vn", False)):
            with self.subTest(first=first):
                raw, zone = self.seal(first, "google.com")
                found = proof_of(raw, zone)
                self.assertEqual(found.sealers, (first, "google.com"), found)
                self.assertIs(found.real, real)

    def test_a_set_that_is_missing_breaks_the_chain(self):
        raw, zone = self.seal("google.com", "microsoft.com", "messagingengine.com")
        self.assertEqual(proof_of(raw, zone).arc, "pass")
        for name in (b"ARC-Seal: i=2", b"ARC-Authentication-Results: i=1"):
            at = raw.index(name)
            cut = raw[:at] + raw[raw.index(b"\r\n", at) + 2 :]
            self.assertEqual(proof_of(cut, zone).arc, "fail")
            twice = raw[at : raw.index(b"\r\n", at) + 2] + raw
            self.assertEqual(proof_of(twice, zone).arc, "fail")
