import time
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .test_views import ViewsCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSetupTour(ViewsCommon, HttpCase):
    """The last page of the assistant, in a real browser."""

    def test_the_first_mail_appears_without_a_reload(self):
        lead = self.env["ir.model"]._get("crm.lead")
        self.sales.alias_model_id = lead
        self.env["mail.catchall.trip"].create(
            {
                "router_id": self.router.id,
                "state": "missing",
                "finding_ids": [(0, 0, {"code": "missing", "state": "problem"})],
            }
        )
        self.manager.group_ids += self.env.ref("base.group_system")
        self.manager.group_ids += self.env.ref("sales_team.group_sale_manager")
        self.router.domain_provider = "gmail"
        setup = (
            self.env["mail.catchall.setup"]
            .with_user(self.manager)
            .create(
                {
                    "step": "done",
                    "router_id": self.router.id,
                    "mailbox": self.router.account_email,
                    "domain": self.domain,
                    "general_address": self.at_domain("sales"),
                    "seen_message_id": self.Message.search([], limit=1).id,
                }
            )
        )
        with patch.object(
            self.registry["fetchmail.server"],
            "_catchall_wake",
            autospec=True,
            side_effect=self.collect,
        ):
            self.start_tour(
                f"/odoo/mail-router-setup/{setup.id}",
                "mail_catchall_setup_finish",
                login="manager",
            )

    def test_a_search_goes_on_when_the_connection_is_back(self):
        self.manager.group_ids += self.env.ref("base.group_system")
        setup = (
            self.env["mail.catchall.setup"]
            .with_user(self.manager)
            .create({"step": "search", "progress": [{"text": "Trying", "busy": True}]})
        )
        advance = patch.object(
            self.registry["mail.catchall.setup"],
            "action_advance",
            lambda _self: time.sleep(0.2),
        )
        with advance:
            self.start_tour(
                f"/odoo/mail-router-setup/{setup.id}",
                "mail_catchall_setup_search",
                login="manager",
            )
        self.assertEqual(setup.step, "account")

    def collect(self, server):
        """Stand in for the mailbox: who waits finds one mail in it."""
        raw = self.mail(
            self.at_domain("sales"),
            subject="A first question",
            message_id="<waited-for@customer.example>",
        )
        router = self.router.with_env(server.env)
        messages = server.env["mail.catchall.message"]
        messages._journal(router, [{"raw": raw}])._route()
