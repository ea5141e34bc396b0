import email
import email.policy

from odoo.tests import tagged

from .test_mail_mail_attempt import GREYLISTED, SendingCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestEdits(SendingCommon):
    """Who corrects or deletes a message while its mail waits is in time."""

    def setUp(self):
        super().setUp()
        self.env["mail.mail"].search([]).unlink()

    def wait(self, *partners):
        """Write to partners, whose server wants to have it later."""
        self.smtp.refuse_once("RCPT", GREYLISTED)
        message, mail = self.message_to(*(partners or [self.customer]))
        message = message.sudo()
        self.assertEqual(mail.state, "outgoing")
        return message, mail

    def edit(self, message, body, **values):
        """Do what the web client does."""
        document = self.customer.with_user(self.user_employee)
        document._message_update_content(message.sudo(), body=body, **values)

    def send_what_waits(self, message):
        message = message.sudo()
        message.invalidate_recordset()
        for mail in message.mail_ids:
            self.retry(mail)
        self.env["mail.mail"].process_email_queue()

    def texts(self):
        """Return all that the letters say, decoded."""
        found = []
        for one in self.smtp.letters:
            read = email.message_from_bytes(one.content, policy=email.policy.default)
            parts = (part for part in read.walk() if not part.is_multipart())
            found.append("".join(part.get_content() for part in parts))
        return found

    def test_a_corrected_text_leaves(self):
        message, mail = self.wait()
        until = mail.scheduled_date
        self.edit(message, "Xin chào chị <Lan>")
        self.edit(message, "Goodbye, Lan & Binh")
        message.invalidate_recordset()
        self.assertEqual(message.mail_ids.scheduled_date, until)
        self.send_what_waits(message)
        [text] = self.texts()
        self.assertIn("Goodbye, Lan &amp; Binh", text)
        self.assertNotIn("Hello", text)
        self.assertNotIn("chào", text)
        self.assertEqual(self.status_of(message, self.customer), "sent")
        self.assertEqual(len(message.notification_ids), 1)

    def test_a_deleted_text_does_not_leave(self):
        message, mail = self.wait()
        self.edit(message, "", attachment_ids=[])
        self.send_what_waits(message)
        self.assertFalse(self.smtp.letters)
        self.assertEqual(mail.state, "cancel")
        self.assertEqual(self.status_of(message, self.customer), "canceled")

    def test_what_somebody_has_got_stays_as_it_was(self):
        """Both get the same text, or they talk of two."""
        self.smtp.refuse("RCPT TO:<binh", GREYLISTED)
        message, _mail = self.message_to(self.customer, self.other)
        self.smtp.rules.clear()
        for body in ("Goodbye", ""):
            self.edit(message, body, attachment_ids=[])
        self.send_what_waits(message)
        self.assertEqual(
            sorted(self.got()), ["binh@customer.example", "lan@customer.example"]
        )
        self.assertTrue(all("Hello" in text for text in self.texts()))

    def test_what_has_left_is_changed_here_alone(self):
        message, _mail = self.message_to(self.customer)
        for body in ("Goodbye", ""):
            self.edit(message, body, attachment_ids=[])
        self.send_what_waits(message)
        self.assertEqual(len(self.smtp.letters), 1)
        self.assertEqual(self.status_of(message, self.customer), "sent")
