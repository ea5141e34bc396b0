import email
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ..common import RouterCommon
from ..smtp_server import smtp_server

NOT_OWNED = "553 5.7.1 <{0}>: Sender address rejected: not owned by user box"
GREYLISTED = "450 4.2.0 <lan@customer.example>: Greylisted, see you later"
UNKNOWN_USER = "550 5.1.1 <{0}>: User unknown"


class SendingCommon(RouterCommon):
    """The router's server is a real one, on a port of this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_servers.active = False
        cls.author = cls.at_domain("user_a")
        cls.user_employee.email = cls.author
        cls.customer, cls.other = cls.env["res.partner"].create(
            [
                {"name": "Lan", "email": "lan@customer.example"},
                {"name": "Binh", "email": "binh@customer.example"},
            ]
        )

    def setUp(self):
        super().setUp()
        self.smtp = self.enterContext(smtp_server())
        self.smtp_server.write({"smtp_host": "127.0.0.1", "smtp_port": self.smtp.port})
        self.enterContext(
            patch.object(
                type(self.env["ir.mail_server"]), "_disable_send", lambda _self: False
            )
        )

    def mail_of(self, author=None, **values):
        return self.env["mail.mail"].create(
            {
                "email_from": f'"User A" <{author or self.author}>',
                "email_to": "lan@customer.example",
                "subject": "Offer",
                "body_html": "<p>Hello</p>",
                **values,
            }
        )

    def send(self, author=None, **values):
        mail = self.mail_of(author, **values)
        mail.send()
        return mail

    def message_to(self, *partners):
        """Write to partners in the chatter; return (mail.message, mail.mail)."""
        message = self.customer.with_user(self.user_employee).message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=[partner.id for partner in partners],
        )
        return message, self.env["mail.mail"].search(
            [("mail_message_id", "=", message.id)]
        )

    def status_of(self, message, partner):
        notification = message.notification_ids.filtered(
            lambda one: one.res_partner_id == partner
        )
        return notification.notification_status

    def retry(self, mail):
        """Let the time of the next attempt come."""
        mail.scheduled_date = fields.Datetime.now()
        self.env["mail.mail"].process_email_queue([mail.id])

    @contextmanager
    def later(self, **delta):
        moment = fields.Datetime.now() + timedelta(**delta)
        with patch.object(fields.Datetime, "now", lambda *_args: moment):
            yield moment

    def headers_of(self, letter):
        """Return the header block of a letter, read with nothing but its lines."""
        return email.message_from_bytes(letter.content)

    def got(self):
        return [recipient for one in self.smtp.letters for recipient in one.recipients]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRefusedSender(SendingCommon):
    """A sender that the provider refuses is not the customer's fault."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.smtp_server.catchall_envelope = "author"

    def test_the_same_mail_goes_out_under_the_account_at_once(self):
        self.smtp.refuse_once("RCPT", NOT_OWNED.format(self.author))
        mail = self.send()
        (letter,) = self.smtp.letters
        self.assertEqual(letter.sender, self.account)
        self.assertIn(f'"User A via {self.env.company.name}"'.encode(), letter.content)
        self.assertEqual(mail.state, "sent")
        self.assertFalse(mail.failure_reason)
        self.assertEqual(self.smtp.logins, 1)

    def test_a_refusal_is_recognised_wherever_it_is_said(self):
        for place, words in (
            ("MAIL", "553 5.7.1 Sender address rejected: not owned by user box"),
            ("RCPT", "550 5.7.60 Client does not have permissions to send as this"),
            ("DATA.", "554 5.2.0 STOREDRV; SendAsDeniedException"),
            ("DATA", "551 not authorised to send from this header address"),
        ):
            with self.subTest(place=place):
                self.smtp_server.action_catchall_try_refused()
                self.smtp.refuse_once(place, words)
                mail = self.send()
                self.assertEqual(mail.state, "sent")
                self.assertEqual(self.smtp.letters[-1].sender, self.account)
                (refused,) = self.smtp_server.catchall_refused_sender_ids
                self.assertEqual(refused.address, self.author)

    def test_what_was_refused_is_shown_in_the_server_s_words(self):
        self.smtp.refuse_once("RCPT", NOT_OWNED.format(self.author))
        self.send()
        (refused,) = self.smtp_server.catchall_refused_sender_ids
        self.assertEqual(refused.address, self.author)
        self.assertIn("not owned by user", refused.words)
        self.assertTrue(refused.remedy)
        self.assertFalse(self.smtp_server.catchall_falls_back)

    def test_the_next_mail_goes_out_under_the_account_without_asking(self):
        self.smtp.refuse("MAIL FROM:<user_a", NOT_OWNED.format(self.author))
        self.send()
        self.smtp.refuse("MAIL FROM:<user_a", None)  # would hang up
        self.send()
        self.assertEqual({one.sender for one in self.smtp.letters}, {self.account})
        self.assertEqual(self.smtp.connections, 2)

    def test_try_again_lets_the_own_name_out_again(self):
        self.smtp.refuse_once("RCPT", NOT_OWNED.format(self.author))
        self.send()
        self.smtp_server.catchall_refused_sender_ids.action_try_again()
        self.send()
        self.assertEqual(self.smtp.letters[-1].sender, self.author)

    def test_days_later_the_own_name_is_tried_and_the_refusal_forgotten(self):
        self.smtp.refuse_once("RCPT", NOT_OWNED.format(self.author))
        self.send()
        with self.later(days=8):
            self.send()
        self.assertEqual(self.smtp.letters[-1].sender, self.author)
        self.assertFalse(self.smtp_server.catchall_refused_sender_ids.exists())

    def test_after_three_refusals_everybody_goes_out_under_the_account(self):
        for name in ("anh", "binh", "chi"):
            self.smtp.refuse_once("RCPT", NOT_OWNED.format(self.at_domain(name)))
            self.send(self.at_domain(name))
        self.assertTrue(self.smtp_server.catchall_falls_back)
        self.send(self.at_domain("dung"))
        self.assertEqual({one.sender for one in self.smtp.letters}, {self.account})
        self.assertTrue(self.router.activity_ids)
        self.smtp_server.action_catchall_try_refused()
        self.send(self.at_domain("dung"))
        self.assertEqual(self.smtp.letters[-1].sender, self.at_domain("dung"))

    def test_the_customer_is_not_blamed(self):
        self.smtp.refuse_once("RCPT", NOT_OWNED.format(self.author))
        message, _mails = self.message_to(self.customer)
        self.assertEqual(self.status_of(message, self.customer), "sent")
        self.assertFalse(self.customer.message_bounce)

    def test_an_account_that_is_refused_itself_is_a_failure(self):
        self.smtp.refuse("MAIL", NOT_OWNED.format("anybody"))
        mail = self.send()
        self.assertEqual(
            (mail.state, mail.failure_type), ("exception",) + ("mail_from_invalid",)
        )
        self.assertIn("not owned", mail.failure_reason)
        self.assertTrue(self.router.activity_ids)

    def test_a_direct_send_is_sent_again_too(self):
        self.smtp.refuse_once("RCPT", NOT_OWNED.format(self.author))
        IrMailServer = self.env["ir.mail_server"]
        message = IrMailServer._build_email__(
            email_from=self.author,
            email_to="lan@customer.example",
            subject="Offer",
            body="Hello",
        )
        self.assertTrue(IrMailServer.send_email(message))
        self.assertEqual(self.smtp.letters[0].sender, self.account)

    def test_a_direct_send_that_fails_raises(self):
        self.smtp.refuse("RCPT", UNKNOWN_USER.format("lan@customer.example"))
        IrMailServer = self.env["ir.mail_server"]
        message = IrMailServer._build_email__(
            email_from=self.author,
            email_to="lan@customer.example",
            subject="Offer",
            body="Hello",
        )
        with self.assertRaises(MailDeliveryException):
            IrMailServer.send_email(message)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestPatience(SendingCommon):
    """What time may heal is tried again, for those who have not got the mail."""

    def test_a_temporary_refusal_keeps_the_mail_in_the_queue(self):
        self.smtp.refuse_once("RCPT", GREYLISTED)
        before = fields.Datetime.now()
        mail = self.send()
        self.assertEqual((mail.state, mail.catchall_attempts), ("outgoing", 1))
        self.assertIn("Greylisted", mail.catchall_waiting)
        self.assertGreaterEqual(mail.scheduled_date, before + timedelta(minutes=1))
        self.retry(mail)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(self.got(), ["lan@customer.example"])

    def test_the_queue_wakes_when_the_next_attempt_is_due(self):
        self.smtp.refuse_once("RCPT", GREYLISTED)
        mail = self.send()
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn(mail.scheduled_date, triggers.mapped("call_at"))

    def test_the_delays_double_up_to_four_hours(self):
        self.smtp.refuse("RCPT", GREYLISTED)
        mail = self.send()
        delays = []
        for _attempt in range(10):
            with self.later(hours=1) as moment:
                self.env["mail.mail"].browse(mail.id).send()
                delays.append((mail.scheduled_date - moment).total_seconds() // 60)
        self.assertEqual(delays, [2, 4, 8, 16, 32, 64, 128, 240, 240, 240])

    def test_after_two_days_the_author_is_told_in_the_server_s_words(self):
        self.smtp.refuse("RCPT", GREYLISTED)
        message, mail = self.message_to(self.customer)
        self.assertEqual(self.status_of(message, self.customer), "ready")
        with self.later(hours=49):
            mail.send()
        self.assertEqual((mail.state, mail.failure_type), ("exception", "mail_smtp"))
        self.assertIn("Greylisted", mail.failure_reason)
        self.assertIn("48 hours", mail.failure_reason)
        self.assertEqual(self.status_of(message, self.customer), "exception")

    def test_retry_begins_anew(self):
        self.smtp.refuse("RCPT", GREYLISTED)
        mail = self.send()
        with self.later(hours=49):
            mail.send()
        self.smtp.rules.clear()
        mail.mark_outgoing()
        self.assertFalse(mail.scheduled_date or mail.catchall_attempts)
        mail.send()
        self.assertEqual(mail.state, "sent")

    def test_a_server_that_is_down_fails_no_mail(self):
        self.smtp_server.smtp_port = 1  # nobody listens there
        mails = self.mail_of() + self.mail_of(self.at_domain("user_b"))
        mails.send()
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        self.assertTrue(all(mails.mapped("catchall_waiting")))
        self.assertEqual(mails.mapped("catchall_attempts"), [1, 1])

    def test_a_login_that_is_refused_is_repaired_by_a_person_not_by_losing_mail(self):
        self.smtp.refuse("AUTH", "535 5.7.8 Authentication failed")
        mail = self.send()
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Authentication failed", mail.catchall_waiting)
        self.assertNotIn("secret", mail.catchall_waiting)

    def test_a_daily_limit_of_the_provider_is_waited_for(self):
        self.smtp.refuse("MAIL", "550 5.4.5 Daily user sending limit exceeded")
        mails = self.mail_of() + self.mail_of()
        mails.send()
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})

    def test_a_server_that_hangs_up_between_mails_is_connected_to_again(self):
        first, second = self.mail_of(), self.mail_of()
        self.smtp.refuse_once("MAIL FROM", "250 OK")
        self.smtp.refuse_once("MAIL FROM", None)
        (first + second).send()
        self.assertEqual([first.state, second.state], ["sent", "sent"])
        self.assertEqual(len(self.smtp.letters), 2)
        self.assertEqual(self.smtp.connections, 2)

    def test_who_has_got_it_does_not_get_it_again(self):
        self.smtp.refuse_once("RCPT TO:<binh", GREYLISTED)
        message, mail = self.message_to(self.customer, self.other)
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertEqual(self.status_of(message, self.customer), "sent")
        self.assertEqual(self.status_of(message, self.other), "ready")
        self.retry(mail)
        self.assertEqual(self.got(), ["lan@customer.example", "binh@customer.example"])
        self.assertEqual(self.status_of(message, self.other), "sent")

    def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(self):
        self.smtp.refuse("RCPT TO:<lan", UNKNOWN_USER.format("lan@customer.example"))
        message, _mail = self.message_to(self.customer, self.other)
        self.assertEqual(self.got(), ["binh@customer.example"])
        self.assertEqual(self.status_of(message, self.customer), "exception")
        self.assertEqual(self.status_of(message, self.other), "sent")

    def test_of_several_recipients_in_one_message_only_the_rest_is_tried_again(self):
        self.smtp.refuse_once("RCPT TO:<binh", GREYLISTED)
        mail = self.send(
            email_to="lan@customer.example", email_cc="binh@customer.example"
        )
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertEqual(mail.state, "outgoing")
        self.retry(mail)
        self.assertEqual(self.got(), ["lan@customer.example", "binh@customer.example"])
        self.assertIn(b"lan@customer.example", self.smtp.letters[-1].content)
        self.assertEqual(mail.state, "sent")

    def test_of_several_recipients_in_one_message_a_wrong_one_is_shown(self):
        self.smtp.refuse("RCPT TO:<binh", UNKNOWN_USER.format("binh@customer.example"))
        mail = self.send(
            email_to="lan@customer.example", email_cc="binh@customer.example"
        )
        self.assertEqual(
            (mail.state, mail.failure_type), ("exception", "mail_email_invalid")
        )
        self.assertIn("User unknown", mail.failure_reason)
        mail.mark_outgoing()
        mail.send()
        self.assertEqual(self.got(), ["lan@customer.example"])

    def test_who_asks_for_exceptions_gets_them(self):
        self.smtp.refuse("RCPT", GREYLISTED)
        with self.assertRaises(MailDeliveryException):
            self.mail_of().send(raise_exception=True)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestPerhapsSent(SendingCommon):
    """Of a mail whose answer never came nobody knows; a person is asked."""

    def test_a_mail_whose_answer_never_came_is_not_sent_again_blindly(self):
        self.smtp.refuse_once("DATA.", None)
        message, mail = self.message_to(self.customer)
        self.assertEqual(mail.state, "exception")
        self.assertTrue(mail.catchall_perhaps_sent)
        self.assertIn("Perhaps sent", mail.failure_reason)
        self.assertEqual(self.status_of(message, self.customer), "exception")
        self.assertTrue(self.router.activity_ids)
        mail.action_catchall_was_sent()
        mail.send()
        self.assertEqual(len(self.smtp.letters), 1)
        self.assertEqual(self.status_of(message, self.customer), "sent")

    def test_retry_sends_it_again(self):
        self.smtp.refuse_once("DATA.", None)
        mail = self.send()
        mail.action_retry()
        mail.send()
        self.assertEqual(len(self.smtp.letters), 2)
        self.assertEqual((mail.state, mail.catchall_perhaps_sent), ("sent", False))

    def test_a_connection_that_breaks_before_the_end_of_the_mail_is_tried_again(self):
        self.smtp.refuse_once("DATA", None)
        self.smtp.refuse_once("DATA", None)
        mail = self.send()
        self.assertEqual((mail.state, mail.catchall_perhaps_sent), ("outgoing", False))
        self.retry(mail)
        self.assertEqual(len(self.smtp.letters), 1)

    def test_what_a_dead_worker_was_handing_over_was_perhaps_sent(self):
        mail = self.mail_of()
        Handover = self.env["mail.catchall.handover"]
        Handover._begin(mail.id, ["lan@customer.example"], worker=12345)
        mail.send()
        self.assertFalse(self.smtp.letters)
        self.assertTrue(mail.catchall_perhaps_sent)

    def test_what_was_accepted_before_a_rollback_is_not_sent_again(self):
        mail = self.send()
        mail.state = "outgoing"  # as a rollback leaves it
        mail.send()
        self.assertEqual(len(self.smtp.letters), 1)
        self.assertEqual(mail.state, "sent")

    def test_two_workers_do_not_hand_the_same_mail_over(self):
        Handover = self.env["mail.catchall.handover"]
        self.assertTrue(Handover._begin(1, ["a@b.example"], worker=1))
        self.assertFalse(Handover._begin(1, ["a@b.example", "c@b.example"], worker=2))
        self.assertEqual(list(Handover._known_of([1])[1]), ["a@b.example"])

    def test_notes_of_mails_that_are_done_are_forgotten(self):
        sent, failed = self.send(), self.send()
        failed.state = "exception"
        Handover = self.env["mail.catchall.handover"]
        with self.later(days=3):
            self.env.flush_all()
            Handover._gc_handovers()
        known = Handover._known_of([sent.id, failed.id])
        self.assertEqual(list(known), [failed.id])

    def test_retry_of_a_cancelled_mail_doubles_nobody_days_later(self):
        self.smtp.refuse("RCPT TO:<binh", UNKNOWN_USER.format("binh@customer.example"))
        mail = self.send(email_to="lan@customer.example, binh@customer.example")
        mail.cancel()
        with self.later(days=3):
            self.env.flush_all()
            self.env["mail.catchall.handover"]._gc_handovers()
        self.smtp.rules.clear()
        mail.mark_outgoing()
        mail.send()
        self.assertEqual(
            sorted(self.got()), ["binh@customer.example", "lan@customer.example"]
        )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestOneSession(SendingCommon):
    """Mails of all authors share one login."""

    def test_many_authors_one_login(self):
        mails = self.env["mail.mail"]
        for number in range(20):
            mails += self.mail_of(self.at_domain(f"user{number % 10}"))
        self.env["mail.mail"].process_email_queue(mails.ids)
        self.assertEqual(len(self.smtp.letters), 20)
        self.assertEqual(self.smtp.logins, 1)
        senders = {
            one.content.partition(b"From: ")[2][:40] for one in self.smtp.letters
        }
        self.assertEqual(len(senders), 10)

    def test_after_so_many_mails_the_connection_is_made_anew(self):
        self.smtp_server.catchall_session_mails = 3
        mails = self.env["mail.mail"].concat(*(self.mail_of() for _one in range(7)))
        mails.send()
        self.assertEqual((len(self.smtp.letters), self.smtp.logins), (7, 3))

    def test_without_a_router_core_connects_for_each_author(self):
        self.router.mail_server_id = False
        self.smtp_server.from_filter = self.domain
        mails = self.mail_of() + self.mail_of(self.at_domain("user_b"))
        mails.send()
        self.assertEqual(self.smtp.logins, 2)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBudget(SendingCommon):
    """What the provider allows is kept to; people's mail goes first."""

    def automatic(self, **values):
        return self.mail_of(message_type="notification", **values)

    def test_what_is_over_the_budget_waits_with_a_time_and_a_reason(self):
        self.smtp_server.catchall_limit_hour = 2
        mails = self.env["mail.mail"].concat(
            *(
                self.mail_of(author_id=self.user_employee.partner_id.id)
                for _ in range(3)
            )
        )
        mails.send()
        self.assertEqual(mails.mapped("state"), ["sent", "sent", "outgoing"])
        waiting = mails[-1]
        self.assertIn("hour", waiting.catchall_waiting)
        hour = timedelta(hours=1)
        self.assertGreater(waiting.scheduled_date, fields.Datetime.now() + hour * 0.9)
        self.assertFalse(waiting.catchall_attempts)
        with self.later(minutes=61):
            waiting.send()
        self.assertEqual(waiting.state, "sent")

    def test_people_s_mail_goes_out_before_what_odoo_sends(self):
        automatic = self.automatic(subject="Automatic")
        human = self.mail_of(
            subject="Human", author_id=self.user_employee.partner_id.id
        )
        others = self.env["mail.mail"].search([("state", "=", "outgoing")])
        (others - automatic - human).cancel()
        self.env["mail.mail"].process_email_queue()
        subjects = [b"Subject: Human" in one.content for one in self.smtp.letters]
        self.assertEqual(subjects, [True, False])

    def test_what_one_batch_leaves_goes_out_at_once(self):
        self.env["mail.mail"].search([("state", "=", "outgoing")]).cancel()
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("mail.mail.queue.batch.size", "2")
        author = self.user_employee.partner_id
        mails = self.env["mail.mail"].concat(
            *(self.mail_of(author_id=author.id) for _ in range(3))
        )
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", queue.id)])
        triggers.unlink()
        self.env["mail.mail"].process_email_queue()
        states = sorted(mails.mapped("state"))
        self.assertEqual(states, ["outgoing", "sent", "sent"])
        called = triggers.search([("cron_id", "=", queue.id)])
        self.assertEqual(len(called), 1)
        self.env["mail.mail"].process_email_queue()
        self.assertEqual(mails.mapped("state"), ["sent"] * 3)
        self.assertEqual(triggers.search([("cron_id", "=", queue.id)]), called)

    def test_what_odoo_sends_leaves_room_for_people(self):
        self.smtp_server.catchall_limit_day = 10
        automatic = self.env["mail.mail"].concat(*(self.automatic() for _ in range(12)))
        automatic.send()
        self.assertEqual(len(self.smtp.letters), 9)
        human = self.send(author_id=self.user_employee.partner_id.id)
        self.assertEqual(human.state, "sent")

    def test_four_fifths_used_is_told_once(self):
        self.smtp_server.catchall_limit_day = 10
        for _mail in range(9):
            self.send(author_id=self.user_employee.partner_id.id)
        self.assertEqual(len(self.router.activity_ids.mapped("summary")), 1)

    def test_each_recipient_counts(self):
        self.smtp_server.catchall_limit_minute = 100
        self.send(email_to="a@c.example, b@c.example", email_cc="d@c.example")
        self.assertEqual(self.smtp_server.catchall_used_minute, 3)

    def test_limits_are_not_negative(self):
        with self.assertRaises(ValidationError):
            self.smtp_server.catchall_limit_day = -1
