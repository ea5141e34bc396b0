from unittest.mock import patch

from odoo.tests import tagged

from .test_mail_mail_attempt import GREYLISTED, SendingCommon

BOX = "<div>This message has been sent to Lan, Binh</div>"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTextsOfOthers(SendingCommon):
    """OCA's mail_show_follower puts a box into a mail's text whenever it is sent."""

    def setUp(self):
        super().setUp()
        MailMail = type(self.env["mail.mail"])
        send = MailMail._send

        def send_with_box(mails, *args, **kwargs):
            for mail in mails:
                mail.body_html = BOX + mail.body_html
            return send(mails, *args, **kwargs)

        self.enterContext(patch.object(MailMail, "_send", send_with_box))

    def install(self, *names):
        """Have these addons installed."""
        modules = type(self.env["ir.module.module"])
        installed = dict.fromkeys(names, 1)
        self.enterContext(patch.object(modules, "_installed", lambda _self: installed))

    def test_three_attempts_leave_one_box(self):
        self.install("mail_show_follower")
        mail = self.mail_of()
        for _time in range(2):
            self.smtp.refuse_once("RCPT", GREYLISTED)
            mail.scheduled_date = False
            mail.send()
            self.assertEqual(mail.state, "outgoing")
            self.assertEqual(mail.body_html, "<p>Hello</p>")
        self.retry(mail)
        (letter,) = self.smtp.letters
        text = self.headers_of(letter).as_string()
        # As plain text and as HTML.
        self.assertEqual(text.count("sent to Lan, Binh"), 2)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(mail.body_html, f"{BOX}<p>Hello</p>")

    def test_nothing_is_kept_for_addons_that_are_not_there(self):
        self.install("mail")
        self.assertEqual(self.mail_of()._catchall_texts(), {})
