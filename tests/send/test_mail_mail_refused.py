from odoo.tests import tagged

from .test_mail_mail_attempt import GREYLISTED, UNKNOWN_USER, SendingCommon

REFUSED = UNKNOWN_USER.format("lan@customer.example")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRefusedMail(SendingCommon):
    """What was refused leaves a trace until somebody has seen it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.env["res.partner"].create(
            {"name": "Document", "user_id": cls.user_employee.id}
        )
        cls.robot = cls.env.ref("base.partner_root")

    def send_automatic(self, **values):
        """Send a mail as templates and programs do."""
        self.smtp.refuse("RCPT TO:<lan@", REFUSED)
        return self.send(
            **{
                "auto_delete": True,
                "author_id": self.robot.id,
                "email_to": False,
                "recipient_ids": self.customer.ids,
                "model": "res.partner",
                "res_id": self.document.id,
                **values,
            }
        )

    @property
    def failures(self):
        return self.document.message_ids.notification_ids.filtered(
            lambda one: one.notification_status == "exception"
        )

    def test_mail_message_and_reason_stay(self):
        mail = self.send_automatic()
        self.assertEqual(mail.exists().state, "exception")
        self.assertIn("User unknown", mail.failure_reason)
        self.assertIn(mail.mail_message_id, self.document.message_ids)

    def test_the_document_shows_who_did_not_get_it(self):
        self.send_automatic(recipient_ids=(self.customer + self.other).ids)
        self.assertEqual(self.failures.res_partner_id, self.customer)
        self.assertEqual(self.failures.failure_type, "mail_email_invalid")
        self.assertIn("User unknown", self.failures.failure_reason)
        self.assertEqual(self.got(), ["binh@customer.example"])

    def test_the_document_shows_an_address_of_no_contact(self):
        self.send_automatic(email_to="lan@customer.example", recipient_ids=[])
        self.assertEqual(self.failures.mail_email_address, "lan@customer.example")

    def test_the_responsible_user_is_told_once(self):
        self.send_automatic()
        self.send_automatic()
        activity = self.document.activity_ids
        self.assertEqual(activity.user_id, self.user_employee)
        self.assertIn("Offer", activity.summary)
        self.assertIn("User unknown", activity.note)

    def test_what_a_server_says_is_no_markup(self):
        link = '<a href="https://phishing.example">Log in</a>'
        words = f"550 5.1.1 User unknown {link}"
        for document in (self.document, self.router):
            self.smtp.refuse("RCPT TO:<lan@", words)
            self.send_automatic(subject=f"Offer {link}")
            note = document.activity_ids[-1:].note
            self.assertIn("User unknown", note)
            self.assertNotIn("<a", note)
            self.assertIn("&lt;a href", note)
            self.document.user_id = False

    def test_an_author_is_told_by_the_messaging_menu(self):
        author = self.user_employee.partner_id
        self.send_automatic(author_id=author.id)
        self.assertEqual(self.failures.author_id, author)
        self.assertFalse(self.document.activity_ids)

    def test_where_nobody_is_responsible_the_router_tells_it(self):
        self.document.user_id = False
        self.send_automatic()
        self.assertTrue(self.router.activity_ids)

    def test_a_mail_about_nothing_is_kept_and_told(self):
        mail = self.send_automatic(model=False, res_id=False)
        self.assertEqual(mail.exists().state, "exception")
        self.assertTrue(self.router.activity_ids)

    def test_what_was_perhaps_sent_is_not_called_refused(self):
        """Who is responsible is told so; the administrators are told once."""
        for user in (self.user_employee, self.env["res.users"]):
            self.document.user_id = user
            self.smtp.refuse_once("DATA.", None)
            self.send_automatic(recipient_ids=self.other.ids)
        [activity] = self.document.activity_ids
        self.assertIn("Perhaps sent", activity.note)
        self.assertNotIn("refused it", activity.note)
        self.assertEqual(
            set(self.router.activity_ids.mapped("summary")),
            {"Emails that were perhaps sent"},
        )

    def test_retry_after_the_address_is_right(self):
        mail = self.send_automatic()
        message = mail.mail_message_id
        self.customer.email = "lan.new@customer.example"
        mail.action_retry()
        self.env["mail.mail"].process_email_queue(mail.ids)
        self.assertEqual(self.got(), ["lan.new@customer.example"])
        # As it was wanted at first.
        self.assertFalse(mail.exists())
        self.assertFalse(message.exists())

    def test_retry_of_a_mail_that_stays_shows_no_failure_any_more(self):
        mail = self.send_automatic(auto_delete=False)
        self.assertTrue(self.failures)
        self.customer.email = "lan.new@customer.example"
        mail.action_retry()
        self.env["mail.mail"].process_email_queue(mail.ids)
        self.assertEqual(mail.state, "sent")
        self.assertFalse(self.failures)

    def test_what_waits_and_is_refused_then_stays_too(self):
        self.smtp.refuse_once("RCPT", GREYLISTED)
        mail = self.send_automatic()
        self.assertEqual(mail.state, "outgoing")
        self.retry(mail)
        self.assertEqual(mail.exists().state, "exception")

    def test_a_message_to_a_customer_keeps_its_mail(self):
        self.smtp.refuse("RCPT", REFUSED)
        message, mail = self.message_to(self.customer)
        self.assertEqual(mail.state, "exception")
        self.assertEqual(self.status_of(message, self.customer), "exception")
        self.assertEqual(len(message.notification_ids), 1)

    def test_a_mail_to_nobody_stays(self):
        mail = self.send_automatic(recipient_ids=[])
        self.assertEqual(mail.exists().failure_type, "mail_email_missing")

    def test_what_was_seen_is_deleted(self):
        Mail = self.env["mail.mail"]
        unseen, dismissed, cancelled = (self.send_automatic() for _time in range(3))
        dismissed.mail_message_id.notification_ids.notification_status = "canceled"
        cancelled.cancel()
        Mail._gc_refused()
        self.assertTrue(unseen.exists())
        self.assertFalse((dismissed + cancelled).exists())

    def test_without_a_router_that_sends_core_deletes_it(self):
        self.router.mail_server_id = False
        self.smtp_server.active = True
        mail = self.send_automatic(recipient_ids=[], mail_server_id=self.smtp_server.id)
        self.assertFalse(mail.exists())


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSettled(SendingCommon):
    """Once a mail is sent nothing of it is left open."""

    def test_two_contacts_with_one_address(self):
        twin = self.customer.copy({"name": "Lan again", "email": self.customer.email})
        message, mail = self.message_to(self.customer, twin)
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertEqual(self.status_of(message, self.customer), "sent")
        self.assertEqual(self.status_of(message, twin), "sent")
        self.assertEqual(mail.exists().mapped("state"), [])

    def test_two_contacts_with_an_address_that_is_refused(self):
        self.smtp.refuse("RCPT", REFUSED)
        twin = self.customer.copy({"name": "Lan again", "email": self.customer.email})
        message, _mail = self.message_to(self.customer, twin)
        self.assertEqual(self.status_of(message, self.customer), "exception")
        self.assertEqual(self.status_of(message, twin), "exception")

    def test_why_it_waits_is_empty_once_sent(self):
        self.smtp.refuse_once("RCPT", GREYLISTED)
        mail = self.send()
        self.assertTrue(mail.catchall_waiting)
        self.retry(mail)
        self.assertEqual(mail.state, "sent")
        self.assertFalse(mail.catchall_waiting)
