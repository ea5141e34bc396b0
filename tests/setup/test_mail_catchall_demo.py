from odoo.tests import tagged
from odoo.tools import convert_file

from ...models.journal.mail_catchall_message import STATES
from ..common import RouterCommon

ADDON = "mail_catchall_router"
# Kinds of mail that a person who looks at the demo finds in it.
REASONS_SHOWN = {
    "attack",
    "auto_reply",
    "blocked",
    "bounce_unknown",
    "duplicate",
    "error",
    "forged_sender",
    "loop_received",
    "rule_discard",
    "rule_hold",
    "spam",
    "unknown_recipient",
}


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDemo(RouterCommon):
    """The demo data show what the addon does, and do nothing to the world outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mails_before = cls.env["mail.mail"].search([])
        convert_file(
            cls.env(su=True, user=1),
            ADDON,
            "demo/mail_catchall_demo.xml",
            {},
            mode="init",
            noupdate=True,
        )
        cls.demo_router = cls.env.ref(f"{ADDON}.demo_router")
        cls.messages = cls.Message.search([("router_id", "=", cls.demo_router.id)])

    def test_each_state_is_there(self):
        shown = set(self.messages.mapped("state"))
        self.assertEqual(shown, set(dict(STATES)) - {"received"})

    def test_each_kind_of_trouble_is_there(self):
        found = set(self.messages.mapped("reason_code"))
        self.assertFalse(REASONS_SHOWN - found)
        self.assertTrue(self.messages.candidate_ids)
        self.assertTrue(self.messages.attack_id)
        matched = set(self.messages.delivery_ids.mapped("matched_by"))
        self.assertLessEqual({"alias", "guess", "reference"}, matched)

    def test_most_mail_is_on_a_document(self):
        delivered = self.messages.filtered(lambda one: one.state == "delivered")
        self.assertGreater(len(delivered), len(self.messages) / 3)
        for delivery in delivered.delivery_ids:
            self.assertTrue(delivery.record_name)

    def test_what_was_sent_is_there(self):
        sent = self.env["mail.catchall.sent"].search(
            [("router_id", "=", self.demo_router.id)]
        )
        self.assertGreater(sum(sent.mapped("count")), 20)

    def test_nothing_can_be_collected_or_sent(self):
        self.assertFalse(self.demo_router.fetchmail_server_id)
        self.assertFalse(self.demo_router.mail_server_id)
        self.assertEqual(self.env["mail.mail"].search([]), self.mails_before)

    def test_it_stays_within_what_may_be_given_away(self):
        for message in self.messages:
            self.assertTrue(message.sender.endswith(".example"), message.sender)
