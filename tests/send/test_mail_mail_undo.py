from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_mail_mail_attempt import SendingCommon

PARAMETER = "mail_catchall_router.undo_seconds"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUndo(SendingCommon):
    """A person's mail waits some seconds, and can be taken back."""

    def setUp(self):
        super().setUp()
        self.env["mail.mail"].search([]).unlink()
        self.env["ir.config_parameter"].set_param(PARAMETER, "10")
        self.at_screen = self.enterContext(
            patch.object(
                type(self.env["mail.mail"]),
                "_catchall_is_at_screen",
                return_value=True,
            )
        )

    def message_as(self, user=None):
        return self.env["mail.message"].with_user(user or self.user_employee)

    def test_it_waits_and_leaves_when_its_time_has_come(self):
        message, mail = self.message_to(self.customer)
        self.assertFalse(self.smtp.letters)
        self.env["mail.mail"].process_email_queue()
        self.assertFalse(self.smtp.letters)
        with self.later(seconds=12):
            mail.scheduled_date = False  # core asks the clock itself
            self.env["mail.mail"].process_email_queue()
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertEqual(self.status_of(message, self.customer), "sent")

    def test_the_window_may_send_it_on(self):
        message, _mail = self.message_to(self.customer)
        self.message_as().catchall_send_now(message.ids)
        self.env["mail.mail"].process_email_queue()
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.message_as().catchall_send_now(message.ids)

    def test_taken_back_nothing_is_left_but_the_text(self):
        message, mail = self.message_to(self.customer)
        action = self.message_as().catchall_take_back(message.id)
        self.assertFalse(message.exists() or mail.exists())
        self.env["mail.mail"].process_email_queue()
        self.assertFalse(self.smtp.letters)
        again = (
            self.env["mail.compose.message"]
            .with_user(self.user_employee)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn("Hello", again.body)
        self.assertEqual(again.partner_ids, self.customer)
        again._action_send_mail()
        again = self.customer.message_ids.filtered(
            lambda one: one.message_type == "comment"
        )
        self.assertEqual(len(again), 1)

    def test_what_has_left_cannot_be_taken_back(self):
        message, mail = self.message_to(self.customer)
        mail.scheduled_date = False
        self.env["mail.mail"].process_email_queue()
        with self.assertRaises(UserError):
            self.message_as().catchall_take_back(message.id)
        self.assertTrue(message.exists())

    def test_nobody_takes_back_what_somebody_else_has_written(self):
        message, _mail = self.message_to(self.customer)
        for method, value in (
            ("catchall_take_back", message.id),
            ("catchall_send_now", message.ids),
        ):
            with self.assertRaises(AccessError):
                getattr(self.message_as(self.user_admin), method)(value)

    def test_programs_and_notifications_do_not_wait(self):
        self.at_screen.return_value = False
        self.message_to(self.customer)
        self.assertEqual(self.got(), ["lan@customer.example"])

    def test_off_nothing_waits(self):
        for value in ("0", "", "soon"):
            self.smtp.letters.clear()
            self.env["ir.config_parameter"].set_param(PARAMETER, value)
            self.message_to(self.customer)
            self.assertEqual(self.got(), ["lan@customer.example"])

    def test_where_another_addon_keeps_mail_back_nothing_waits(self):
        self.env["ir.module.module"].create(
            {"name": "mail_post_defer", "state": "installed"}
        )
        self.env.registry.clear_cache("stable")  # as an installation does
        self.message_to(self.customer)
        self.assertEqual(self.got(), ["lan@customer.example"])

    def test_the_full_window_offers_it(self):
        composer = self.env["mail.compose.message"].with_user(self.user_employee)
        action = composer.create(
            {
                "model": "res.partner",
                "res_ids": str(self.customer.ids),
                "composition_mode": "comment",
                "partner_ids": self.customer.ids,
                "subject": "Offer",
                "body": "<p>Hello</p>",
            }
        ).action_send_mail()
        self.assertEqual(action["tag"], "mail_catchall_router.offer_undo")
        self.assertEqual(action["params"]["seconds"], 10)
        message = self.customer.message_ids[:1]
        self.assertEqual(action["params"]["message_id"], message.id)
