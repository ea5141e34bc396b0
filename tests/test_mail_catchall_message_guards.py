from odoo.tests import tagged

from .common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAutomatic(RouterCommon):
    """Automatic mail reaches its record, and never makes one by itself."""

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Customer"})
        self.sent = self.partner.message_post(body="Offer", message_type="comment")

    def absence(self, **values):
        return self.mail(
            self.at_domain("sales"),
            subject="Trả lời tự động: Vắng mặt",
            extra="Auto-Submitted: auto-replied\r\n" + values.pop("extra", ""),
            **values,
        )

    def test_an_absence_note_is_a_note_on_its_document(self):
        message = self.route(
            self.absence(extra=f"In-Reply-To: {self.sent.message_id}\r\n")
        )
        self.assertEnd(message, "delivered")
        post = self.partner.message_ids[:1]
        self.assertEqual(post.message_id, "<first@customer.example>")
        self.assertEqual(post.subtype_id, self.env.ref("mail.mt_note"))
        self.assertIn("Auto-Submitted", message.why)

    def test_an_absence_note_to_nothing_makes_no_document(self):
        for policy in ("held", "ignored"):
            with self.subTest(policy=policy):
                self.router.auto_reply_policy = policy
                message = self.route(self.absence(message_id=f"<{policy}@c.example>"))
                self.assertEnd(message, policy, "auto_reply")

    def test_list_mail_still_makes_its_document(self):
        message = self.route(
            self.mail(self.at_domain("sales"), extra="List-Id: <news.shop.example>\r\n")
        )
        self.assertEnd(message, "delivered")
        post = self.assertDelivered(message, self.at_domain("sales")).message_ids[:1]
        self.assertNotEqual(post.subtype_id, self.env.ref("mail.mt_note"))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBounce(RouterCommon):
    """A report ends on the right recipient of the right mail."""

    def setUp(self):
        super().setUp()
        self.document = self.env["res.partner"].create({"name": "Document"})
        self.customers = self.env["res.partner"].create(
            [
                {"name": "Lan", "email": "lan@customer.example"},
                {"name": "Minh", "email": "minh@customer.example"},
            ]
        )
        with self.mock_mail_gateway(mail_unlink_sent=False):
            self.sent = self.document.message_post(
                body="Offer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.customers.ids,
            )

    def report(self, action="failed", status="5.1.1", message_id=None):
        return (
            f"Return-Path: <>\r\n"
            f"X-Original-To: {self.account}\r\n"
            f"From: MAILER-DAEMON@mx.customer.example (Mail Delivery System)\r\n"
            f"To: {self.account}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\n"
            f"Auto-Submitted: auto-replied\r\n"
            f"Message-ID: <report-{action}@mx.customer.example>\r\n"
            f"MIME-Version: 1.0\r\n"
            f"Content-Type: multipart/report; report-type=delivery-status;\r\n"
            f' boundary="b"\r\n'
            f"\r\n"
            f"--b\r\nContent-Type: text/plain\r\n\r\nCould not be delivered.\r\n"
            f"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.customer.example\r\n\r\n"
            f"Final-Recipient: rfc822; minh@customer.example\r\n"
            f"Action: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; 550 {status} No such user here\r\n\r\n"
            f"--b\r\nContent-Type: message/rfc822\r\n\r\n"
            f"From: {self.at_domain('user_a')}\r\nTo: minh@customer.example\r\n"
            f"Message-ID: {message_id or self.sent.message_id}\r\n"
            f"Subject: Offer\r\n\r\nOffer\r\n"
            f"--b--\r\n"
        ).encode()

    def statuses(self):
        return {
            one.res_partner_id.name: one.notification_status
            for one in self.sent.notification_ids
        }

    def test_the_failed_recipient_is_marked_and_no_other(self):
        message = self.route(self.report())
        self.assertEnd(message, "ignored", "bounce")
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "bounce"})
        failed = self.sent.notification_ids.filtered(
            lambda one: one.notification_status == "bounce"
        )
        self.assertIn("No such user here", failed.failure_reason)
        self.assertEqual(self.customers.mapped("message_bounce"), [0, 1])
        self.assertIn("minh@customer.example", message.why)

    def test_a_full_mailbox_does_not_count_as_a_dead_address(self):
        self.route(self.report(status="4.2.2"))
        self.assertEqual(self.statuses()["Minh"], "bounce")
        self.assertEqual(self.customers.mapped("message_bounce"), [0, 0])

    def test_a_delay_changes_nothing(self):
        message = self.route(self.report(action="delayed", status="4.4.1"))
        self.assertEnd(message, "ignored", "delivery_notice")
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "sent"})

    def test_a_report_on_a_mail_that_is_not_ours_makes_nothing(self):
        message = self.route(self.report(message_id="<forged@elsewhere.example>"))
        self.assertEnd(message, "ignored", "bounce_unknown")
        self.assertEqual(self.statuses(), {"Lan": "sent", "Minh": "sent"})

    def test_a_report_twice_counts_once(self):
        self.route(self.report())
        again = self.route(self.report())
        self.assertEnd(again, "ignored", "duplicate")
        self.assertEqual(self.customers.mapped("message_bounce"), [0, 1])
