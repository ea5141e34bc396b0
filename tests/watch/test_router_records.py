from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail_catchall_router.tools.servers import dns

from .. import name_server
from ..trip.test_mail_catchall_trip import TripCommon
from .test_router_health import HealthCommon

DOMAIN = "tenmien.com.vn"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRouterRecords(HealthCommon):
    """What the DNS of the served domains says stands in Health."""

    def setUp(self):
        super().setUp()
        self.router.alias_domain_ids = self.env["mail.alias.domain"].create(
            {"name": DOMAIN}
        )
        self.router.mail_server_id = self.env["ir.mail_server"].create(
            {"name": "Google", "smtp_host": "smtp.gmail.com"}
        )
        self.texts = {"_spf.google.com": "v=spf1 ip4:74.125.0.0/16 ~all"}
        self.asked = []
        server = self.enterContext(name_server.serve(self.answer))
        self.enterContext(
            patch.object(dns, "system_nameservers", return_value=(server,))
        )

    def answer(self, query):
        name = dns.read_name(query, 12)[0]
        self.asked.append(name)
        text = self.texts.get(name)
        if text is None:
            return [name_server.answer(query, flags=name_server.QR | 3)]
        if not text:
            return [name_server.answer(query, flags=name_server.QR | 2)]
        data = bytes([len(text)]) + text.encode()
        return [name_server.answer(query, name_server.record(b"\xc0\x0c", 16, data))]

    def look_up(self):
        with self.enter_registry_test_mode():
            self.env.ref("mail_catchall_router.ir_cron_records").method_direct_trigger()

    def test_what_is_missing_is_told_with_the_record_to_set(self):
        self.look_up()
        record = "v=spf1 include:_spf.google.com ~all"
        item = self.assertItem("spf", "warning", DOMAIN, record)
        self.assertEqual(item["button"], "Look Again")
        self.assertItem("dmarc", "warning", f"_dmarc.{DOMAIN}", "v=DMARC1; p=none")
        item = self.assertItem("dkim", "ok", "no test email")
        self.assertEqual(item["button"], "Round Trip")

    def test_after_it_was_set_a_look_shows_it(self):
        self.look_up()
        self.texts[DOMAIN] = "v=spf1 include:_spf.google.com ~all"
        self.texts[f"_dmarc.{DOMAIN}"] = "v=DMARC1; p=none"
        self.assertItem("spf", "warning")
        self.router.action_health("spf")
        self.assertItem("spf", "ok", "include:_spf.google.com")
        self.assertEqual(self.assertItem("dmarc", "ok")["button"], "")

    def test_the_key_of_a_signature_that_was_seen_is_looked_up(self):
        self.router.signatures = {DOMAIN: [[DOMAIN, "s2026"]]}
        self.look_up()
        self.assertItem("dkim", "warning", f"s2026._domainkey.{DOMAIN}")
        self.texts[f"s2026._domainkey.{DOMAIN}"] = "v=DKIM1; p=MIIB"
        self.router.action_health("dkim")
        self.assertItem("dkim", "ok", f"s2026._domainkey.{DOMAIN}")

    def test_nobody_is_asked_again_within_a_day(self):
        self.look_up()
        self.assertTrue(self.asked)
        self.asked.clear()
        self.look_up()
        self.assertFalse(self.asked)
        self.router.records_date = fields.Datetime.now() - timedelta(hours=25)
        self.look_up()
        self.assertTrue(self.asked)

    def test_name_servers_that_fail_are_no_fault_of_the_domain(self):
        self.texts |= dict.fromkeys([DOMAIN, f"_dmarc.{DOMAIN}"], "")
        self.look_up()
        self.assertItem("spf", "ok", "Not known")
        self.assertItem("dmarc", "ok", "Not known")

    def test_a_domain_of_no_public_dns_is_left_alone(self):
        self.router.alias_domain_ids = self.env["mail.alias.domain"].create(
            {"name": "company.internal"}
        )
        self.look_up()
        self.assertFalse(self.asked)
        items = [one["item"] for one in self.router.health_report["items"]]
        self.assertNotIn("spf", items)

    def test_a_domain_that_is_served_no_more_is_not_spoken_of(self):
        self.look_up()
        self.router.alias_domain_ids = self.env["mail.alias.domain"].create(
            {"name": "moved.vn"}
        )
        self.router.invalidate_recordset()
        items = [one["item"] for one in self.router.health_report["items"]]
        self.assertNotIn("spf", items)

    def test_what_the_dns_lacks_wakes_nobody(self):
        self.look_up()
        self.router._watch(self.router._judge_health()[self.router.id])
        self.assertFalse(self.router.problem_ids)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSignaturesSeen(TripCommon):
    """A probe that comes back tells who signs, and what the signature covers."""

    def arrive(self, covered):
        trip = self.start()
        signature = (
            f"DKIM-Signature: v=1; a=rsa-sha256; d={self.domain}; s=k1;\r\n"
            f"\th=from:to:subject:{covered}; bh=x; b=y\r\n"
        )
        self.mailbox = [signature.encode() + self.probe(trip)]
        self.follow(trip)
        self.assertEqual(trip.state, "arrived")
        return trip.finding_ids.filtered(lambda one: one.code == "unsubscribe_unsigned")

    def test_the_selector_is_learnt(self):
        self.router.records_date = fields.Datetime.now()
        self.arrive("List-Unsubscribe:List-Unsubscribe-Post")
        self.assertEqual(self.router.signatures, {self.domain: [[self.domain, "k1"]]})
        self.assertFalse(self.router.records_date, "it has to be looked up")

    def test_headers_of_mailings_that_are_not_signed_are_told(self):
        self.assertFalse(self.arrive("list-unsubscribe:List-Unsubscribe-Post"))
        found = self.arrive("List-Unsubscribe")
        self.assertEqual(found.details, {"headers": "List-Unsubscribe-Post"})
        self.assertIn("List-Unsubscribe-Post", found.sentence)
        self.assertEqual(found.state, "note")
        found = self.arrive("date")
        self.assertIn("List-Unsubscribe, List-Unsubscribe-Post", found.sentence)

    def test_without_a_signature_nothing_is_said_of_it(self):
        trip = self.start()
        self.mailbox = [self.probe(trip)]
        self.follow(trip)
        self.assertNotIn("unsubscribe_unsigned", trip.finding_ids.mapped("code"))
