from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..screens.test_views import ViewsCommon

USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestArrival(ViewsCommon, HttpCase):
    """From the document one learns how a mail came there."""

    def message_of(self, journal):
        delivery = journal.delivery_ids.filtered("res_id")
        record = self.env[delivery.model].browse(delivery.res_id)
        return record.message_ids.filtered(lambda one: one.message_type == "email")

    def arrival(self, journal, user=None):
        return (
            self.message_of(journal).with_user(user or self.reader).catchall_arrival()
        )

    def test_an_alias_s_mail_says_to_whom_it_was_sent(self):
        found = self.arrival(self.delivered)
        self.assertEqual(found["recipient"], self.at_domain("sales"))
        self.assertEqual(found["matched"], "Alias")
        self.assertEqual(found["header"], "X-Original-To")
        self.assertEqual(found["journal"], self.delivered.id)
        self.assertFalse(found["is_guess"] or found["is_other_address"])
        self.assertTrue(found["time"])
        self.assertFalse(found["sentences"])

    def test_a_guess_is_called_one(self):
        self.router.guess_policy = "deliver"
        self._create_alias("verkauf-nord")
        message = self.route(
            self.mail(
                self.at_domain("verkauf-nrod"), message_id="<guess@customer.example>"
            )
        )
        found = self.arrival(message)
        self.assertTrue(found["is_guess"])
        self.assertEqual(found["alias"], self.at_domain("verkauf-nord"))

    def test_what_the_checks_found_is_said(self):
        raw = self.mail(
            self.at_domain("sales"),
            message_id="<spam@customer.example>",
            extra="Auto-Submitted: auto-generated\r\n",
        ).replace(b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1)
        self.env["mail.gateway.allowed"].create({"email": "lan@customer.example"})
        message = self.route(raw)
        words = " ".join(self.arrival(message)["sentences"])
        self.assertIn("spam", words)
        self.assertIn("A program wrote it", words)

    def test_a_mail_that_came_another_way_has_nothing_to_tell(self):
        partner = self.env["res.partner"].create({"name": "Somebody"})
        message = partner.message_post(body="Hello", message_type="email")
        self.assertEqual(message.with_user(self.reader).catchall_arrival(), {})

    def test_a_colleague_s_note_has_nothing_to_tell(self):
        message = self.message_of(self.delivered)
        note = message.copy({"message_type": "comment"})
        note.message_id = message.message_id
        self.assertEqual(note.with_user(self.reader).catchall_arrival(), {})

    def test_only_readers_of_the_journal_are_told(self):
        with self.assertRaises(AccessError):
            self.arrival(self.delivered, self.user_employee)

    def test_who_cannot_read_the_document_is_told_nothing(self):
        message = self.message_of(self.delivered)
        rule = self.env["ir.rule"].create(
            {
                "name": "Nobody reads it",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {message.res_id})]",
            }
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            message.with_user(self.reader).catchall_arrival()
        rule.unlink()

    def test_another_company_s_journal_is_not_told(self):
        stranger = new_test_user(
            self.env,
            "arrival-stranger",
            f"{USER_GROUP},base.group_partner_manager",
            company_id=self.company_2.id,
        )
        self.assertEqual(self.arrival(self.delivered, stranger), {})

    def test_the_chatter_says_it_on_demand(self):
        delivery = self.delivered.delivery_ids
        self.start_tour(
            f"/odoo/res.partner/{delivery.res_id}",
            "mail_catchall_router_arrival",
            login="reader",
        )
