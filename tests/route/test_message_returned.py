from odoo.tests import tagged

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReturned(RouterCommon):
    """Our own mail that came back into our own mailbox has reached nobody, and is not
    shown as sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls.at_domain("former.colleague")
        cls.partner = cls.env["res.partner"].create({"name": "Old", "email": cls.old})
        cls.document = cls.env["res.partner"].create({"name": "Document"})

    def come_back(self, message, address):
        raw = self.mail(
            address,
            message_id=message.message_id,
            email_from=self.at_domain("user_a"),
        )
        self.assertEnd(self.route(raw), "ignored", "own_message")

    def failed(self, message):
        return message.notification_ids.filtered(
            lambda one: one.notification_status == "exception"
        )

    def test_a_contact_s_notification_says_so(self):
        message = self.document.message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner.ids,
        )
        message.notification_ids.notification_status = "sent"
        self.come_back(message, self.old)
        failed = self.failed(message)
        self.assertEqual(failed.res_partner_id, self.partner)
        self.assertIn(self.old, failed.failure_reason)

    def letter(self, **values):
        return self.env["mail.mail"].create(
            {
                "subject": "Offer",
                "body_html": "<p>Hello</p>",
                "email_from": self.at_domain("user_a"),
                "state": "sent",
                "auto_delete": False,
                "model": "res.partner",
                "res_id": self.document.id,
                **values,
            }
        )

    def test_a_letter_to_no_contact_is_not_sent(self):
        for values in (
            {"email_to": f"Old <{self.old}>"},
            {"email_to": "lan@customer.example", "email_cc": self.old},
        ):
            with self.subTest(values=values):
                mail = self.letter(**values)
                self.come_back(mail.mail_message_id, self.old)
                self.assertEqual(mail.state, "exception")
                self.assertIn(self.old, mail.failure_reason)
                failed = self.failed(mail.mail_message_id)
                self.assertEqual(failed.mail_email_address, self.old)

    def test_nobody_else_s_copy_is_blamed(self):
        mail = self.letter(email_to="lan@customer.example")
        self.come_back(mail.mail_message_id, self.old)
        self.assertEqual(mail.state, "sent")
        self.assertFalse(self.failed(mail.mail_message_id))

    def test_a_colleague_has_it_in_his_mailbox(self):
        self.user_employee.email = self.old
        mail = self.letter(email_to=self.old)
        self.come_back(mail.mail_message_id, self.old)
        self.assertEqual(mail.state, "sent")
