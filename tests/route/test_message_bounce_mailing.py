from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import RouterCommon


@tagged("mail_catchall_router_mailing", "-standard", "post_install", "-at_install")
class TestMailingBounce(RouterCommon):
    """Email Marketing's own traces and blacklist work as they do without the router.

    Where the app is installed: ``e2e/test_mailing.py`` runs it there.

    Its messages are deleted once they are sent; a trace of each recipient stays.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "name": "News",
                "subject": "News",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
            }
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example"}
        )

    def trace(self, number=0):
        return self.env["mailing.trace"].create(
            {
                "mass_mailing_id": self.mailing.id,
                "model": "res.partner",
                "res_id": self.customer.id,
                "email": self.customer.email,
                "message_id": f"<news-{number}@{self.domain}>",
                "trace_status": "sent",
            }
        )

    def report(self, trace, recipient="lan@customer.example"):
        outside = (
            f"Received: from x (x [192.0.2.7]) by mx.{self.domain} with ESMTP id 4; "
            f"now\r\n"
        )
        body = (
            f"Content-Type: multipart/report; report-type=delivery-status; "
            f'boundary="b"\r\n\r\n'
            f"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.customer.example\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\n"
            f"Status: 5.1.1\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {trace.message_id}\r\n\r\n--b--\r\n"
        )
        headers = (
            f"Return-Path: <>\r\nX-Original-To: {self.account}\r\n%s"
            f"From: MAILER-DAEMON@mx.{self.domain}\r\nTo: {self.account}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\n"
            f"Message-ID: <report-{trace.id}-{recipient}>\r\n"
        )
        return (headers % "" + body).encode(), (headers % outside + body).encode()

    def test_a_proven_report_is_on_the_trace(self):
        trace = self.trace()
        inside, _forged = self.report(trace)
        self.assertEnd(self.route(inside), "ignored", "bounce")
        self.assertEqual(trace.trace_status, "bounce")
        self.assertEqual(self.customer.message_bounce, 1)

    def test_a_forged_report_is_not(self):
        trace = self.trace()
        _inside, forged = self.report(trace)
        self.assertEqual(self.route(forged).state, "ignored")
        self.assertEqual(trace.trace_status, "sent")
        self.assertEqual(self.customer.message_bounce, 0)

    def test_nor_one_on_somebody_who_got_no_mail(self):
        trace = self.trace()
        other = self.env["res.partner"].create(
            {"name": "Minh", "email": "minh@customer.example"}
        )
        inside, _forged = self.report(trace, "minh@customer.example")
        self.route(inside)
        self.assertEqual(trace.trace_status, "sent")
        self.assertEqual(other.message_bounce, 0)

    def test_an_address_that_bounces_again_and_again_is_on_the_blacklist(self):
        traces = self.env["mailing.trace"]
        for number in range(5):
            traces += self.trace(number)
            self.route(self.report(traces[-1])[0])
            old = fields.Datetime.now() - timedelta(weeks=5 - number)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE mailing_trace SET write_date = %s WHERE id = %s",
                [old, traces[-1].id],
            )
            self.env.invalidate_all()
        blacklist = self.env["mail.blacklist"]
        domain = [("email", "=", "lan@customer.example")]
        self.route(self.report(self.trace(5))[0])
        self.assertTrue(blacklist.search(domain))
