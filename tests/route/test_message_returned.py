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

    #: How our own server took it from Odoo, which had signed in.
    SUBMITTED = (
        "Received: from odoo.own.example (unknown [192.0.2.9])\r\n\tby mx.{0} "
        "(Postfix) with ESMTPSA id 4ABD; Mon, 23 Nov 2026 08:00:00 +0000 (UTC)\r\n"
    )
    #: A server that says nothing of who had signed in.
    LOCAL = (
        "Received: from out.{0} (localhost [127.0.0.1])\r\n\tby mx.{0} (Postfix) with "
        "ESMTP id 4ABE; Mon, 23 Nov 2026 08:00:00 +0000 (UTC)\r\n"
    )
    #: What the provider says of a mail from outside.
    PASSED = "Authentication-Results: mx.{0}; dkim=pass header.d={0}; dmarc=pass\r\n"

    def come_back(self, message, address, extra=SUBMITTED, original=None):
        """Let a mail come back that our own server had from Odoo.

        :param extra: headers instead of the line of that server
        :param original: the recipient that the server tells, "" for none
        """
        raw = self.mail(
            address if original is None else original,
            to=address,
            message_id=message.message_id,
            email_from=self.at_domain("user_a"),
        ).decode()
        received = raw.index("Received:")
        line, rest = raw[received:].split("From:", 1)
        if "Received:" in extra:
            line = ""
        # Ours stand above what the mail had before it came.
        headers = raw[:received] + extra.format(self.domain) + line
        message = self.route(f"{headers}From:{rest}".encode())
        self.assertEnd(message, "ignored", "own_message")
        return message

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

    def test_what_anybody_may_have_written_fails_nothing(self):
        """A customer who got the mail as well knows its Message-ID."""
        mail = self.letter(email_to=f"lan@customer.example, {self.old}")
        for extra, original in (
            ("", None),
            ("", ""),
            ("Authentication-Results: mx.{0}; dkim=fail; dmarc=fail\r\n", None),
            # Our own signature, with which he may send it on to anybody of us.
            (self.PASSED, ""),
            (self.LOCAL, ""),
        ):
            with self.subTest(extra=extra, original=original):
                found = self.come_back(mail.mail_message_id, self.old, extra, original)
                self.assertEqual(mail.state, "sent")
                self.assertFalse(self.failed(mail.mail_message_id))
                self.assertIn("Nothing proves that", found.why)

    def test_what_another_server_sent_for_us_comes_back_with_our_signature(self):
        for extra in (self.PASSED, self.LOCAL):
            with self.subTest(extra=extra):
                mail = self.letter(email_to=self.old)
                self.come_back(mail.mail_message_id, self.old, extra)
                self.assertEqual(mail.state, "exception")
