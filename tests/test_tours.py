from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .mail_servers import refusing_smtp_server
from .test_views import ViewsCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTours(ViewsCommon, HttpCase):
    """A person's way through the screens, in a real browser."""

    def test_find_out_what_became_of_a_mail(self):
        self.start_tour("/odoo", "mail_catchall_router_messages", login="reader")

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

    def test_see_who_may_send_and_what_recipients_see(self):
        action = "mail_catchall_router.mail_catchall_router_action"
        self.user_employee.email = self.at_domain("user_a")
        with refusing_smtp_server(self.smtp_server, "user_a@"):
            self.start_tour(
                f"/odoo/action-{action}/{self.router.id}",
                "mail_catchall_router_sending",
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
