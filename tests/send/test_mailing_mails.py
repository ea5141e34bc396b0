from odoo.tests import tagged

from odoo.addons.mail_catchall_router.tools.mail import addresses

from .test_mail_mail_attempt import UNKNOWN_USER, SendingCommon

TESTER = "tester@elsewhere.example"


@tagged("mail_catchall_router_mailing", "-standard", "post_install", "-at_install")
class TestMailing(SendingCommon):
    """Email Marketing's mails, where the app is installed (``e2e/test_mailing.py``)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "name": "News",
                "subject": "News",
                "body_html": "<p>Hello</p>",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", (cls.customer + cls.other).ids)],
                "reply_to_mode": "update",
                "email_from": cls.author,
            }
        )

    # ------------------------------------------------------------
    # TESTS OF A MAILING
    # ------------------------------------------------------------

    def send_test(self):
        """Send the mailing's test; return its headers as they arrived."""
        wizard = self.env["mailing.mailing.test"].with_user(self.user_admin)
        wizard.create(
            {"mass_mailing_id": self.mailing.id, "email_to": TESTER}
        ).send_mail_test()
        (letter,) = [one for one in self.smtp.letters if one.recipients == [TESTER]]
        return self.headers_of(letter)

    def test_a_test_s_answer_goes_to_the_tester(self):
        self.user_admin.email = "admin@customer.example"
        headers = self.send_test()
        self.assertEqual(
            addresses.normalize(headers["Reply-To"]), "admin@customer.example"
        )

    def test_an_address_that_was_chosen_for_answers_stays(self):
        self.mailing.write({"reply_to_mode": "new", "reply_to": "news@other.example"})
        headers = self.send_test()
        self.assertEqual(addresses.normalize(headers["Reply-To"]), "news@other.example")

    def test_a_test_leaves_nothing_on_the_document_that_it_borrows(self):
        before = self.env["mail.message"].search([("model", "=", "res.partner")])
        self.send_test()
        after = self.env["mail.message"].search([("model", "=", "res.partner")])
        self.assertEqual(after, before)

    def test_a_test_s_answer_never_reaches_the_customer(self):
        borrowed = self.env["res.partner"].search([], limit=1)
        borrowed.message_subscribe(self.customer.ids)
        headers = self.send_test()
        self.smtp.letters.clear()
        self.route(
            self.mail(
                self.account,
                email_from=TESTER,
                extra=f"In-Reply-To: {headers['Message-ID']}\r\n"
                f"References: {headers['Message-ID']}\r\n",
            )
        )
        found = self.env["mail.message"].search(
            [("model", "=", "res.partner"), ("res_id", "=", borrowed.id)]
        )
        self.assertFalse([one for one in found if TESTER in (one.email_from or "")])
        self.env["mail.mail"].process_email_queue()
        self.assertNotIn(self.customer.email, self.got())

    def test_what_goes_to_a_mailing_s_recipients_leads_to_their_document(self):
        self.mailing._action_send_mail()
        self.env["mail.mail"].process_email_queue()
        people = {one.recipients[0]: self.headers_of(one) for one in self.smtp.letters}
        for partner in self.customer + self.other:
            found = self.router._find_signed_document(
                addresses.normalize(people[partner.email]["Reply-To"])
            )
            self.assertEqual(found, ("res.partner", partner.id))

    # ------------------------------------------------------------
    # STATISTICS
    # ------------------------------------------------------------

    def test_a_refused_mail_is_not_counted_as_sent(self):
        self.smtp.refuse("RCPT TO:<lan@", UNKNOWN_USER.format("lan@customer.example"))
        self.mailing._action_send_mail()
        self.env["mail.mail"].process_email_queue()
        self.assertNotIn(self.customer.email, self.got())
        mailing = self.mailing
        self.assertEqual((mailing.sent, mailing.delivered, mailing.failed), (1, 1, 1))

    def test_a_mail_that_waits_is_not_counted_as_sent(self):
        self.smtp.refuse("RCPT TO:<lan@", "450 4.2.0 Greylisted, see you later")
        self.mailing._action_send_mail()
        self.env["mail.mail"].process_email_queue()
        mailing = self.mailing
        self.assertEqual((mailing.sent, mailing.scheduled, mailing.failed), (1, 1, 0))
