from odoo.tests import tagged

from .test_mail_mail_attempt import SendingCommon

#: (where it is said, in which words).
FAULTS = (
    ("MAIL", "530 5.7.0 Authentication required"),
    ("MAIL", "535 5.7.8 Authentication credentials invalid"),
    ("RCPT", "554 5.7.1 <lan@customer.example>: Relay access denied"),
    ("RCPT", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    ("RCPT", "554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied"),
    ("DATA.", "554 Message rejected: Sending paused for this account."),
    (
        "DATA.",
        (
            "554 Message rejected: Email address is not verified. The following "
            "identities failed the check in region EU-WEST-1: lan@customer.example"
        ),
    ),
    ("DATA.", "550 5.7.705 Access denied, tenant has exceeded threshold"),
    ("DATA.", "550 5.7.30 Basic authentication is not supported"),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAccountFaults(SendingCommon):
    """What is wrong with the account is not the fault of the mails."""

    @property
    def alerts(self):
        return self.router.activity_ids.mapped("summary")

    def send_later(self, mails, **delta):
        """Let the time of the next attempt come, which is no later than this."""
        with self.later(**delta) as moment:
            for mail in mails:
                self.assertLessEqual(mail.scheduled_date, moment)
            mails.scheduled_date = False
            self.env["mail.mail"].process_email_queue(mails.ids)

    def test_all_wait_and_leave_by_themselves(self):
        for place, words in FAULTS:
            with self.subTest(words=words):
                self.smtp.letters.clear()
                self.smtp.rules = [(place, words)]
                mails = self.mail_of() + self.mail_of() + self.mail_of()
                mails.send()
                self.assertEqual(set(mails.mapped("state")), {"outgoing"})
                self.assertIn(words[:3], mails[0].catchall_waiting)
                self.assertFalse(self.smtp_server.catchall_refused_sender_ids)
                self.assertTrue(self.smtp_server.catchall_failing_since)
                self.assertTrue([one for one in self.alerts if "this account" in one])
                self.smtp.rules = []
                self.send_later(mails, minutes=16)
                self.assertEqual(len(self.smtp.letters), 3)
                self.assertFalse(self.smtp_server.catchall_failing_since)

    def test_signing_in_does_not_make_it_well(self):
        self.smtp.refuse("MAIL", "530 5.7.0 Authentication required")
        mail = self.send()
        since = self.smtp_server.catchall_failing_since
        self.assertTrue(since)
        for minutes in (5, 30):
            self.send_later(mail, minutes=minutes)
        self.assertEqual(self.smtp_server.catchall_failing_since, since)
        self.assertEqual(self.smtp_server.catchall_failures, 3)
        found = self.router._judge_health()[self.router.id]
        (outgoing,) = [one for one in found if one.item == "outgoing"]
        self.assertEqual(outgoing.code, "fails")

    def test_the_server_is_asked_twice_and_then_left_alone(self):
        self.smtp.refuse("RCPT", "554 5.7.1 Relay access denied")
        mails = self.env["mail.mail"]
        for _number in range(6):
            mails += self.mail_of()
        mails.send()
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        self.assertEqual(self.smtp_server.catchall_failures, 2)

    def test_one_recipient_s_refusal_is_his_own(self):
        self.smtp.refuse("RCPT TO:<binh", "554 5.7.1 Relay access denied")
        mail = self.send(email_to="lan@customer.example, binh@customer.example")
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertEqual(mail.state, "exception")
        self.assertFalse(self.smtp_server.catchall_failing_since)

    def test_one_mail_does_not_stop_the_others(self):
        self.smtp.refuse("RCPT TO:<binh", "554 5.7.1 Relay access denied")
        bad = self.mail_of(email_to="binh@customer.example")
        mails = bad + self.mail_of() + self.mail_of()
        mails.send()
        self.assertEqual(len(self.smtp.letters), 2)
        self.assertEqual(bad.state, "outgoing")
        self.assertFalse(self.smtp_server.catchall_failing_since)

    def test_it_waits_over_a_long_weekend(self):
        self.smtp.refuse("MAIL", "530 5.7.0 Authentication required")
        mail = self.send()
        self.send_later(mail, days=4)
        self.assertEqual(mail.state, "outgoing")
        self.send_later(mail, days=8)
        self.assertEqual(mail.state, "exception")
        self.assertIn("7 days", mail.failure_reason)
        self.assertIn("Authentication required", mail.failure_reason)


STRANGE = (
    ("RCPT", "554 The stars are not right for box@test.mycompany.com (id {0})"),
    ("DATA.", "550 5.7.999 Computer says no. {0}"),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUnknownFaults(SendingCommon):
    """A refusal that nobody knows, and that hits every mail, is the account's fault."""

    def send_to(self, *people):
        """Send one mail to each; return them."""
        mails = self.env["mail.mail"]
        for number, person in enumerate(people):
            self.smtp.rules = [
                (place, words.format(number)) for place, words in self.says
            ]
            mails += self.send(email_to=person)
        self.smtp.rules = []
        return mails

    def assertAllWait(self):
        people = [f"lan@{number}.example" for number in range(6)]
        mails = self.send_to(*people)
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        self.assertTrue(self.smtp_server.catchall_failing_since)
        summaries = self.router.activity_ids.mapped("summary")
        self.assertTrue([one for one in summaries if "this account" in one])
        with self.later(minutes=16):
            mails.scheduled_date = False
            self.env["mail.mail"].process_email_queue(mails.ids)
        self.assertEqual(sorted(self.got()), people)
        self.assertFalse(self.smtp_server.catchall_failing_since)

    def test_all_wait_also_those_that_it_hit_first(self):
        self.says = [STRANGE[0]]
        self.assertAllWait()

    def test_all_wait_whenever_it_is_said(self):
        self.says = [STRANGE[1]]
        self.assertAllWait()

    def test_who_gets_mail_between_is_no_fault_of_the_account(self):
        self.says = [STRANGE[0]]
        mails = self.send_to("lan@1.example", "lan@2.example", "lan@3.example")
        self.assertEqual(self.send().state, "sent")
        mails += self.send_to("lan@4.example", "lan@5.example")
        self.assertEqual(set(mails.mapped("state")), {"exception"})

    def test_one_domain_that_refuses_is_that_domain(self):
        self.says = [STRANGE[1]]
        mails = self.send_to(*(f"lan{number}@one.example" for number in range(6)))
        self.assertEqual(set(mails.mapped("state")), {"exception"})

    def test_unknown_users_are_no_fault_of_the_account(self):
        self.says = [("RCPT", "550 5.1.1 User unknown {0}")]
        mails = self.send_to(*(f"lan@{number}.example" for number in range(6)))
        self.assertEqual(set(mails.mapped("state")), {"exception"})
