import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged

from odoo.addons.mail_catchall_router.models.fields import RawMail
from odoo.addons.mail_catchall_router.tools.inbound import trust
from odoo.addons.mail_catchall_router.tools.mail import headers
from odoo.addons.mail_catchall_router.tools.servers import dns

from .. import name_server
from ..common import CommittingCommon
from ..signed_mail import Signer

HOST = "203.0.113.7"
KINDS = {number: kind for kind, number in dns.KINDS.items()}


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessageProof(CommittingCommon):
    """Odoo checks who has sent a mail, by a name server that really answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signer = Signer("customer.vn")

    def setUp(self):
        super().setUp()
        self.zone = {}
        self.asked = []
        server = self.enterContext(name_server.serve(self.answer))
        self.enterContext(
            patch.object(type(self.Message), "_name_servers", lambda _self: (server,))
        )
        # What the tests are about is not what else is seen of a mail.
        self.router.defence_policy = "off"

    def answer(self, query):
        name, end = dns.read_name(query, 12)
        kind = KINDS[int.from_bytes(query[end : end + 2], "big")]
        self.asked.append((name, kind))
        values = self.zone.get((name, kind), ())
        if values is None:
            return [name_server.answer(query, flags=name_server.QR | 2)]
        if not values:
            return [name_server.answer(query, flags=name_server.QR | 3)]
        number = dns.KINDS[kind]
        data = (_data(kind, value) for value in values)
        return [
            name_server.answer(
                query, *(name_server.record(b"\xc0\x0c", number, one) for one in data)
            )
        ]

    def raw(self, sender="lan@customer.vn", envelope=None, local="sales", extra=""):
        """Return a mail that a stranger's host has brought."""
        return (
            f"Return-Path: <{envelope or sender}>\r\n"
            f"X-Original-To: {self.at_domain(local)}\r\n"
            f"Received: from mail.customer.vn (mail.customer.vn [{HOST}])\r\n"
            f"\tby mx.{self.domain} (Postfix) with ESMTP id 4ABC; "
            f"Mon, 23 Nov 2026 08:00:00 +0000 (UTC)\r\n"
            f"{extra}"
            f"From: Lan <{sender}>\r\n"
            f"To: {self.at_domain(local)}\r\n"
            f"Subject: An order\r\n"
            f"Message-ID: <{time.monotonic_ns()}@customer.vn>\r\n"
            f"\r\n"
            f"Ten, please.\r\n"
        ).encode()

    def signed(self, signer=None, **options):
        """Return a mail whose author has signed it: his part alone, as he does."""
        raw = self.raw(**options)
        at = raw.index(b"From: ")
        return raw[:at] + (signer or self.signer).sign(raw[at:])

    def arrive(self, *raws, **values):
        messages = self.journal(*raws)
        messages.write(values)
        self.Message._cron_route()
        return messages

    def own_servers(self):
        """Make known which server takes our mail in."""
        self.zone[self.domain, "MX"] = (f"mx.{self.domain}",)

    def assertProof(self, message, code, authenticated):
        steps = [one for one in message.trace if one["step"] == "proof"]
        self.assertEqual([one["code"] for one in steps], [code], message.trace)
        self.assertIs(message._read_content().authenticated, authenticated)
        self.assertIn(steps[0]["results"], message.why)

    # ------------------------------------------------------------
    # VERDICTS
    # ------------------------------------------------------------

    def test_a_signature_proves_the_sender(self):
        self.zone |= self.signer.zone
        message = self.arrive(self.signed())
        self.assertEnd(message, "delivered")
        self.assertProof(message, "real", True)
        self.assertIn("dkim=pass (customer.vn)", message.why)

    def test_mail_is_fetched_and_its_header_read_once_for_proof_and_routing(self):
        self.zone |= self.signer.zone
        messages = self.journal(self.signed(), self.signed())
        read_all, open_mail = RawMail.read_all, headers.open_mail
        with (
            patch.object(RawMail, "read_all", autospec=True) as fetched,
            patch.object(headers, "open_mail", side_effect=open_mail) as opened,
            patch.object(
                trust, "trusted_trace", side_effect=trust.trusted_trace
            ) as traced,
        ):
            fetched.side_effect = read_all
            self.Message._cron_route()
        fetched.assert_called_once()
        self.assertEqual(opened.call_count, len(messages))
        self.assertEqual(traced.call_count, len(messages))
        for message in messages:
            self.assertEnd(message, "delivered")
            self.assertProof(message, "real", True)

    def test_the_host_proves_the_sender(self):
        self.own_servers()
        self.zone["customer.vn", "TXT"] = ("v=spf1 include:hoster.vn -all",)
        self.zone["hoster.vn", "TXT"] = ("v=spf1 mx -all",)
        self.zone["hoster.vn", "MX"] = ("mail.hoster.vn",)
        self.zone["mail.hoster.vn", "A"] = (HOST,)
        message = self.arrive(self.raw())
        self.assertProof(message, "real", True)
        self.assertIn("spf=pass (customer.vn)", message.why)

    def test_what_the_owner_refuses_is_forged(self):
        self.own_servers()
        self.zone |= self.signer.zone
        self.zone["_dmarc.customer.vn", "TXT"] = ("v=DMARC1; p=reject",)
        altered = self.signed().replace(b"Ten", b"One")
        expired = self.raw()
        at = expired.index(b"From: ")
        expired = expired[:at] + self.signer.sign(expired[at:], x="1500000000")
        for raw, words in (
            (self.raw(), "dmarc=fail (p=reject)"),
            (altered, "dkim=fail (altered)"),
            (expired, "dkim=fail (expired)"),
        ):
            with self.subTest(words=words):
                message = self.arrive(raw)
                self.assertProof(message, "forged", False)
                self.assertIn(words, message.why)
                self.assertEnd(message, "delivered")

    def test_soft_words_of_the_owner_call_nothing_forged(self):
        self.own_servers()
        self.zone["customer.vn", "TXT"] = ("v=spf1 ~all",)
        message = self.arrive(self.raw())
        self.assertProof(message, "open", None)
        self.assertIn("spf=softfail", message.why)

    def test_a_name_server_that_is_silent_says_nothing(self):
        self.own_servers()
        self.zone["_dmarc.customer.vn", "TXT"] = None
        self.zone["customer.vn", "TXT"] = ("v=spf1 ~all",)
        message = self.arrive(self.raw())
        self.assertProof(message, "silent", None)
        self.assertEnd(message, "delivered")

    # ------------------------------------------------------------
    # IN OUR NAME
    # ------------------------------------------------------------

    def colleague(self):
        user = new_test_user(self.env, "colleague", "base.group_user")
        user.email = self.at_domain("mai")
        return user

    def forgeries(self, owner, attacker):
        """Return {in which way: a mail in our name that is not from us}."""
        own, sender = self.domain, self.at_domain("mai")
        signed = self.signed(owner, sender=sender)
        part = self.raw(sender=sender)
        at = part.index(b"From: ")
        part = part[:at] + owner.sign(part[at:], length=3) + b"Pay here\r\n"
        second = f"From: Mai <{sender}>\r\nDKIM-Signature".encode()
        return {
            "plain": self.raw(sender=sender),
            "another's envelope": self.raw(sender=sender, envelope="a@attacker.vn"),
            "another's signature": self.signed(attacker, sender=sender),
            "altered": signed.replace(b"Ten", b"One"),
            "signed in part": part,
            "two authors": signed.replace(b"DKIM-Signature", second),
            "many signatures": self.raw(
                sender=sender, extra=f"DKIM-Signature: v=1; d={own}\r\n" * 500
            ),
        }

    def test_nobody_writes_as_a_colleague(self):
        """Forged in every way, and without any word of the provider."""
        user, owner, attacker = self.colleague(), Signer(self.domain), Signer("a.vn")
        self.own_servers()
        self.zone |= owner.zone | attacker.zone
        self.zone["attacker.vn", "TXT"] = ("v=spf1 +all",)
        for record in ("", "v=DMARC1; p=none", "v=DMARC1; p=reject"):
            self.zone[f"_dmarc.{self.domain}", "TXT"] = (record,) if record else ()
            self.env["mail.catchall.dns"].sudo().search([]).unlink()
            forgeries = self.forgeries(owner, attacker)
            messages = self.arrive(*forgeries.values())
            for name, message in zip(forgeries, messages, strict=True):
                with self.subTest(name=name, record=record):
                    self.assertIsNot(message._read_content().authenticated, True)
                    self.assertTrue(message.sudo().sender_proof)
            self.assertFalse(self.posted_by(user))
            if record.endswith("reject"):
                reasons = messages.mapped("reason_code")
                self.assertEqual(reasons, ["forged_sender"] * len(forgeries))

    def posted_by(self, user):
        return self.env["mail.message"].search(
            [("author_id", "=", user.partner_id.id), ("message_type", "=", "email")]
        )

    def test_a_colleague_who_is_one_writes_as_himself(self):
        user = self.colleague()
        owner = Signer(self.domain)
        self.zone |= owner.zone
        message = self.arrive(self.signed(owner, sender=user.email))
        self.assertEnd(message, "delivered")
        self.assertProof(message, "real", True)
        self.assertTrue(self.posted_by(user))

    def test_a_forged_colleague_is_held(self):
        user = self.colleague()
        self.own_servers()
        self.zone[f"_dmarc.{self.domain}", "TXT"] = ("v=DMARC1; p=reject",)
        message = self.arrive(self.raw(sender=user.email))
        self.assertEnd(message, "held", "forged_sender")
        self.assertProof(message, "forged", False)

    # ------------------------------------------------------------
    # WHEN, AND HOW OFTEN
    # ------------------------------------------------------------

    def test_what_was_answered_is_not_asked_again(self):
        self.zone |= self.signer.zone
        self.arrive(self.signed(), self.signed())
        self.assertEqual(len(self.asked), len(set(self.asked)))
        before = len(self.asked)
        message = self.arrive(self.signed())
        self.assertProof(message, "real", True)
        self.assertEqual(len(self.asked), before)
        kept = self.env["mail.catchall.dns"].sudo().search([])
        kept.expires = fields.Datetime.now() - timedelta(seconds=1)
        self.arrive(self.signed())
        self.assertGreater(len(self.asked), before)
        kept.expires = fields.Datetime.now() - timedelta(seconds=1)
        kept._gc_expired()
        self.assertFalse(kept.exists())

    def test_after_a_silence_nobody_is_asked_for_a_while(self):
        failing = dict.fromkeys([("customer.vn", "TXT"), ("_dmarc.customer.vn", "TXT")])
        self.zone |= failing | {(self.domain, "MX"): None}
        message = self.arrive(self.raw())
        self.assertProof(message, "silent", None)
        self.asked.clear()
        self.assertProof(self.arrive(self.raw()), "silent", None)
        self.assertFalse(self.asked)
        self.assertIn("dns", self.health_items())
        self.env["mail.catchall.dns"].sudo().search([]).write(
            {"expires": fields.Datetime.now() - timedelta(days=2)}
        )
        self.env["mail.catchall.dns"].sudo()._gc_expired()
        self.assertIn("dns", self.health_items())
        self.zone.clear()
        self.assertProof(self.arrive(self.raw()), "open", None)
        self.assertNotIn("dns", self.health_items())

    def health_items(self):
        self.router.invalidate_recordset()
        report = self.router.health_report
        return {one["item"]: one["sentence"] for one in report["items"]}

    def test_who_is_asked_at_all(self):
        told = f"Authentication-Results: mx.{self.domain}; spf=none; dkim=none\r\n"
        cases = {
            "private": {"sender": "lan@customer.test"},
            "provider": {},
        }
        raws = {name: self.raw(**options) for name, options in cases.items()}
        raws["provider"] = told.encode() + raws["provider"]
        for name, raw in raws.items():
            with self.subTest(name=name):
                message = self.arrive(raw)
                self.assertFalse(message.sudo().sender_proof)
        old = fields.Datetime.now() - timedelta(days=30)
        self.assertFalse(self.arrive(self.raw(), arrived=old).sudo().sender_proof)
        self.router.proof_policy = "off"
        self.assertFalse(self.arrive(self.raw()).sudo().sender_proof)
        self.assertFalse(self.asked)

    def test_the_provider_has_the_first_word(self):
        self.router.proof_policy = "always"
        self.zone |= self.signer.zone
        told = f"Authentication-Results: mx.{self.domain}; dmarc=fail\r\n"
        message = self.arrive(told.encode() + self.signed())
        self.assertProof(message, "real", False)

    def test_a_mail_that_is_tried_out_is_checked_and_nothing_kept(self):
        self.zone |= self.signer.zone
        trial = self.Message._try_out(self.router, self.signed())
        found = [one for one in trial.trace if one["step"] == "proof"]
        self.assertEqual([one["code"] for one in found], ["real"])
        self.assertFalse(self.env["mail.catchall.dns"].sudo().search([]))


def _data(kind, value):
    """Return the data of a record."""
    if kind == "MX":
        return name_server.mx(10, value)
    if kind == "A":
        return bytes(map(int, value.split(".")))
    parts = (value[at : at + 250].encode() for at in range(0, len(value), 250))
    return b"".join(bytes([len(part)]) + part for part in parts)
