from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools.mail import preview

from ...models.setup import router_samples
from ...models.setup.router_samples import SAMPLES
from ...models.watch.router_health import JOBS
from ..hostile_html import VECTORS
from ..mail_servers import refusing_smtp_server
from .test_views import ViewsCommon


class ToursCommon(ViewsCommon, HttpCase):
    """What tours find: mail that waits for several reasons."""

    def on_a_phone(self):
        """Give the browser of the block the size of a phone."""
        return patch.object(type(self), "browser_size", "375x667")

    def quarantine(self):
        """Put five more mails into the quarantine, one of them hostile."""
        spam = (b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1)
        body = "--x\r\nContent-Type: text/html\r\n\r\n<p>Log in here</p>"
        # Some hide all that comes after them; they would hide the others too.
        body += "\r\n".join(
            vector for vector in VECTORS if "LAST" in preview.harmless(vector + "LAST")
        )
        raws = (
            self.mail(
                self.at_domain("unbekannt"), message_id="<question@customer.example>"
            ),
            self.mail(
                self.at_domain("unknown"),
                subject="Left alone",
                message_id="<alone@customer.example>",
            ),
            self.mail(
                self.at_domain("sales"),
                subject="An absence",
                message_id="<absence@customer.example>",
                extra="Auto-Submitted: auto-replied\r\n",
            ).replace(*spam),
            self.mail(
                self.at_domain("sales"),
                subject="An offer " + "Kính gửi quý công ty " * 12,
                message_id="<offer@customer.example>",
            ).replace(*spam),
            self.mail(
                self.at_domain("sales"),
                subject="With a file",
                message_id="<file@customer.example>",
                body=f"{body}\r\n--x--\r\n",
            )
            .replace(*spam)
            .replace(b"text/plain; charset=utf-8", b"multipart/mixed; boundary=x", 1),
        )
        for message in self.journal(*raws):
            message._route()


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTours(ToursCommon):
    """A person's way through the screens, in a real browser."""

    def test_find_out_what_became_of_a_mail(self):
        self.start_tour("/odoo", "mail_catchall_router_messages", login="reader")

    def test_see_how_the_mail_has_fared(self):
        self.start_tour("/odoo", "mail_catchall_dashboard", login="reader")

    def test_see_how_the_mail_has_fared_on_a_phone(self):
        with self.on_a_phone():
            self.start_tour("/odoo", "mail_catchall_dashboard", login="reader")

    def test_look_at_the_reports(self):
        self.env["mail.catchall.sent"]._count(self.smtp_server.id)
        self.start_tour("/odoo", "mail_catchall_reports", login="reader")

    def test_decide_from_the_list(self):
        self.quarantine()
        self.start_tour(
            "/odoo/mail-router-quarantine",
            "mail_catchall_router_quarantine_list",
            login="manager",
        )
        ends = {one.subject[:10]: one for one in self.Message.search([])}
        self.assertEqual(ends["A held mai"].delivery_ids.matched_by, "person")
        self.assertEqual(ends["An offer K"].state, "delivered")
        self.assertEqual(ends["With a fil"].state, "held")
        self.assertEnd(ends["A question"], "ignored", "rejected")
        answers = self.env["mail.mail"].search([("subject", "=", "Re: A question")])
        self.assertEqual(answers.mapped("email_to"), ["lan@customer.example"])
        entries = self.env["mail.catchall.sender"].search([])
        self.assertEqual(entries.mapped("policy"), ["not_spam"])

    def test_find_a_held_mail_on_a_phone(self):
        with self.on_a_phone():
            self.start_tour(
                "/odoo/mail-router-quarantine",
                "mail_catchall_quarantine_on_a_phone",
                login="manager",
            )

    def test_make_a_rule_on_a_phone(self):
        with self.on_a_phone():
            self.start_tour(
                "/odoo/mail-router-rules",
                "mail_catchall_rule_on_a_phone",
                login="manager",
            )
        rule = self.env["mail.catchall.rule"].search([("name", "=", "Offers")])
        [condition] = rule.condition_ids
        self.assertEqual((condition.operator, condition.value), ("contains", "offer"))

    def test_block_somebody_on_a_phone(self):
        with self.on_a_phone():
            self.start_tour(
                "/odoo/mail-router-senders",
                "mail_catchall_sender_on_a_phone",
                login="manager",
            )
        entry = self.env["mail.catchall.sender"].search([])
        self.assertEqual(
            (entry.pattern, entry.policy), ("spam.customer.example", "block")
        )

    def test_decide_one_after_the_other(self):
        self.quarantine()
        self.start_tour(
            "/odoo/mail-router-quarantine",
            "mail_catchall_router_quarantine_form",
            login="manager",
        )
        states = self.Message.search([]).grouped("state")
        self.assertEqual(
            {state: len(found) for state, found in states.items()},
            {"delivered": 1, "ignored": 6},
        )

    def test_decide_about_an_attack(self):
        messages = self.route(
            *(self.attempt(number, address="198.51.100.7") for number in range(12))
        )
        self.start_tour(
            "/odoo/mail-router-triage",
            "mail_catchall_router_attack",
            login="manager",
        )
        self.assertEqual(set(messages.mapped("state")), {"ignored"})

    def let_actions_run(self):
        """Tests run no scheduled actions; let none be late."""
        crons = [self.env.ref(name) for group in JOBS for name in group]
        self.env["ir.cron"].union(*crons).write(
            {"active": True, "nextcall": fields.Datetime.now()}
        )

    def test_see_at_a_glance_that_a_router_works(self):
        self.let_actions_run()
        self.start_tour(
            f"/odoo/mail-router-routers/{self.router.id}",
            "mail_catchall_router_health_ok",
            login="manager",
        )

    def test_find_out_what_is_wrong_with_a_router(self):
        self.let_actions_run()
        self.router.write(self.router._values_of_junk({"Spam": 3}))
        self.server.write(
            {
                "error_date": fields.Datetime.now() - timedelta(hours=2),
                "error_message": "[AUTHENTICATIONFAILED] Invalid credentials",
                "catchall_failures": 20,
            }
        )
        self.start_tour(
            "/odoo/mail-router-routers",
            "mail_catchall_router_health_problem",
            login="manager",
        )
        self.assertEqual(self.router.folder_ids.mapped("name"), ["INBOX", "Spam"])

    def test_set_up_a_mailbox(self):
        company = self.env["res.company"].create({"name": "Tour"})
        company.alias_domain_id = False
        self.user_admin.write({"company_ids": company.ids, "company_id": company.id})
        # A refused input is a warning in Odoo's log.
        with mute_logger("odoo.http"):
            self.start_tour(
                "/odoo/mail-router-settings",
                "mail_catchall_router_settings",
                login="admin",
            )
        router = self.env["mail.catchall.router"].search(
            [("company_id", "=", company.id)]
        )
        self.assertEqual(router.alias_domain_ids.name, "tour.example")
        self.assertEqual(router.fetchmail_server_id.password, "typed-secret")

    def test_choose_the_number_of_routing_lanes(self):
        self.start_tour(
            "/odoo/mail-router-settings", "mail_catchall_router_lanes", login="admin"
        )
        self.assertEqual(len(self.env["mail.catchall.message"]._lanes()), 4)

    def test_see_who_may_send_and_what_recipients_see(self):
        action = "mail_catchall_router.mail_catchall_router_action"
        self.user_employee.email = self.at_domain("user_a")
        with refusing_smtp_server(self.smtp_server, "user_a@"):
            self.start_tour(
                f"/odoo/action-{action}/{self.router.id}",
                "mail_catchall_router_identity",
                login="admin",
            )

    def test_find_out_what_would_become_of_a_mail(self):
        self.start_tour("/odoo", "mail_catchall_router_tester", login="manager")
        self.assertFalse(
            self.env["mail.catchall.message"].search([("subject", "=", "A file")])
        )

    def test_write_a_rule(self):
        first = self.env["mail.catchall.rule"].search([])
        self.start_tour(
            "/odoo/mail-router-rules", "mail_catchall_router_rules", login="manager"
        )
        rules = self.env["mail.catchall.rule"].search([])
        self.assertEqual(rules.mapped("name"), ["Invoices", "A rule"])
        self.assertEqual(rules[1], first)
        self.assertEqual(
            rules[0].condition_ids.mapped("operator"), ["ends_with", "matches"]
        )

    def test_choose_which_address_was_meant(self):
        for name in ("myname", "mynamo"):
            self._create_alias(name)
        self.user_employee.email = self.at_domain("mynami")
        message = self.route(self.mail(self.at_domain("mynam")))
        self.start_tour(
            f"/odoo/mail-router/{message.id}",
            "mail_catchall_router_candidates",
            login="manager",
        )
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.alias_id.alias_name, "mynamo")

    def test_say_what_becomes_of_unknown_addresses(self):
        self.start_tour(
            f"/odoo/mail-router-routers/{self.router.id}",
            "mail_catchall_router_unknown_policy",
            login="admin",
        )
        self.assertEqual(self.router.unknown_policy, "tell")

    def test_add_the_samples(self):
        action = "mail_catchall_router.mail_catchall_router_action"
        contact = replace(SAMPLES[0], code="contact", model="res.partner")
        with patch.object(router_samples, "SAMPLES", (contact,)):
            self.start_tour(
                f"/odoo/action-{action}/{self.router.id}",
                "mail_catchall_router_samples",
                login="admin",
            )
        self.assertTrue(self.router._find_sample(contact, "template"))

    def test_choose_how_an_alias_acknowledges(self):
        template = self.env["mail.template"].create(
            {
                "name": "Thank you for writing",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.start_tour(
            f"/odoo/action-mail.mail_alias_action/{self.sales.id}",
            "mail_catchall_router_acknowledge",
            login="admin",
        )
        self.assertEqual(self.sales.catchall_acknowledge_template_id, template)
