from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.mail_catchall_trip_look import TIME_LIMIT
from .common import CommittingCommon

MANAGER_GROUP = "mail_catchall_router.group_mail_catchall_router_manager"
USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"


class TripCommon(CommittingCommon):
    """Trips over a mail server that takes what it is given, and a mailbox that holds
    what a test puts there."""

    def setUp(self):
        super().setUp()
        self.mail_servers.with_env(self.env).active = False
        self.mailbox = []
        self.collect_error = None
        self.enterContext(
            patch.object(
                self.registry["fetchmail.server"],
                "_catchall_collect",
                lambda _server: self.collect(),
            )
        )

    def collect(self):
        """Stand in for the incoming server."""
        self.Message._journal(self.router, [{"raw": raw} for raw in self.mailbox])
        self.mailbox = []
        return self.collect_error

    def start(self):
        """Return a trip whose probe has been sent."""
        action = self.router.action_round_trip()
        trip = self.env["mail.catchall.trip"].browse(action["res_id"])
        self.follow(trip)
        return trip

    def follow(self, trip):
        """Ask as the screen does, once."""
        trip.looked_date = False
        with self.mock_smtplib_connection():
            progress = trip.action_follow()
            if self.emails:
                (self.sent,) = self.emails
        return progress

    def wait(self, trip, time=TIME_LIMIT):
        """Let the probe have been sent so long ago."""
        trip.sent_date = fields.Datetime.now() - time

    def probe(self, trip, original=None, **replaced):
        """Return the probe as Postfix' virtual(8) leaves it in the mailbox.

        :param replaced: pairs of what was sent, and what a provider makes of it
        """
        raw = self.sent["message"]
        for old, new in replaced.values():
            self.assertIn(old, raw)
            raw = raw.replace(old, new)
        return (
            f"X-Original-To: {original or trip.recipient}\r\n"
            f"Delivered-To: {self.account}\r\n"
            f"Received: from odoo.example (odoo.example [192.0.2.9])\r\n\tby "
            f"mx.{self.domain} (Postfix) with ESMTPSA id 4ABC; "
            f"Mon, 23 Nov 2026 08:00:00 +0000 (UTC)\r\n{raw}"
        ).encode()

    def bounce(self, recipient, message_id="<other@example.com>"):
        """Return a notice that a mail to this recipient was not delivered."""
        return (
            f"Return-Path: <>\r\n"
            f"From: MAILER-DAEMON@mx.{self.domain}\r\n"
            f"To: {self.account}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\n"
            f"Message-ID: <notice@mx.{self.domain}>\r\n"
            f"MIME-Version: 1.0\r\n"
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'
            f"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
            f"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.{self.domain}\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\n"
            f"Action: failed\r\nStatus: 5.1.1\r\n"
            f"Diagnostic-Code: smtp; 550 5.1.1 no such user here\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {message_id}\r\n\r\n--b--\r\n"
        ).encode()


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTrip(TripCommon):
    """A mail to an address that nobody has comes back into the mailbox."""

    def test_the_probe_is_sent_by_the_first_step_and_known_when_it_comes_back(self):
        trip = self.start()
        self.assertEqual(trip.state, "waiting")
        self.assertEqual(self.sent["smtp_to_list"], [trip.recipient])
        self.assertIn("Auto-Submitted: auto-generated", self.sent["message"])
        self.mailbox = [self.probe(trip)]
        progress = self.follow(trip)
        self.assertFalse(progress["is_open"])
        self.assertEqual(
            [step["state"] for step in progress["steps"]], ["done", "done", "done"]
        )
        self.assertEqual(trip.state, "arrived")
        self.assertEnd(trip.journal_id, "ignored", "probe")
        self.assertIn("round trip", trip.journal_id.reason)
        self.assertEqual(self.router.last_trip_id, trip)
        self.assertIn("Verified", self.router.verified)

    def test_nothing_is_made_of_it(self):
        before = self.env["res.partner"].search([])
        trip = self.start()
        self.mailbox = [self.probe(trip)]
        self.follow(trip)
        self.assertEqual(self.env["res.partner"].search([]), before)
        self.assertFalse(
            self.env["mail.message"].search([("subject", "like", "Round trip")])
        )
        self.assertFalse(
            self.env["mail.mail"].search([("subject", "like", "Round trip")])
        )

    def test_a_bounce_comes_to_the_account_whatever_the_policy_says(self):
        self.smtp_server.catchall_envelope = "bounce"
        self.start()
        self.assertEqual(self.sent["smtp_from"], self.account)

    def test_it_is_sent_as_the_user_whose_address_is_an_own_one(self):
        self.env.user.email = self.at_domain("user_a")
        trip = self.start()
        self.assertEqual(trip.author, self.at_domain("user_a"))
        self.assertIn(f"<{self.at_domain('user_a')}>", self.sent["message"])

    def test_what_does_not_come_back_in_time_is_missing_and_known_when_late(self):
        trip = self.start()
        self.assertEqual(self.follow(trip)["steps"][2]["state"], "now")
        self.wait(trip)
        self.assertFalse(self.follow(trip)["is_open"])
        self.assertEqual(trip.state, "missing")
        self.assertEqual(self.router.verified, "Never verified")
        (late,) = self.route(self.probe(trip))
        self.assertEnd(late, "ignored", "probe")
        self.assertEqual(trip.state, "arrived")
        self.assertGreaterEqual(trip.seconds, TIME_LIMIT.total_seconds())

    def test_a_bounce_ends_it(self):
        trip = self.start()
        self.mailbox = [self.bounce(trip.recipient)]
        self.follow(trip)
        self.assertEqual(trip.state, "bounced")
        self.assertEnd(trip.journal_id, "ignored", "probe_bounce")

    def test_a_bounce_that_hides_the_recipient_is_known_by_the_message_id(self):
        trip = self.start()
        self.mailbox = [self.bounce("someone@elsewhere.example", trip.message_id)]
        self.follow(trip)
        self.assertEqual(trip.state, "bounced")

    def test_another_bounce_is_none_of_its_business(self):
        trip = self.start()
        (notice,) = self.route(self.bounce("someone@elsewhere.example"))
        self.assertEnd(notice, "ignored", "bounce_unknown")
        self.assertEqual(trip.state, "waiting")

    def test_a_mailbox_that_cannot_be_read_is_said_while_it_waits(self):
        trip = self.start()
        self.collect_error = ConnectionRefusedError(111, "Connection refused")
        self.assertIn("cannot be read", self.follow(trip)["note"])
        self.collect_error = None
        self.assertNotIn("cannot be read", self.follow(trip)["note"])

    def test_it_goes_on_by_itself_when_nobody_looks(self):
        action = self.router.action_round_trip()
        trip = self.env["mail.catchall.trip"].browse(action["res_id"])
        with self.mock_smtplib_connection():
            trip._cron_advance()
            (self.sent,) = self.emails
        self.assertEqual(trip.state, "waiting")
        self.mailbox = [self.probe(trip)]
        trip._cron_advance()
        self.assertEqual(trip.state, "arrived")

    def test_the_mailbox_is_not_asked_all_the_time(self):
        trip = self.start()
        self.follow(trip)
        self.mailbox = [self.probe(trip)]
        trip.action_follow()
        self.assertEqual(trip.state, "waiting")

    def test_a_router_that_cannot_send_or_receive_says_so(self):
        self.router.mail_server_id = False
        with self.assertRaisesRegex(UserError, "outgoing"):
            self.router.action_round_trip()


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTripSecurity(TripCommon):
    """Nobody outside can make a trip succeed or fail, or hide mail behind it."""

    def test_only_administrators_start_one(self):
        reader = new_test_user(self.env, "trip_reader", groups=USER_GROUP)
        with self.assertRaises(AccessError):
            self.router.with_user(reader).action_round_trip()
        trip = self.start()
        self.mailbox = [self.probe(trip)]
        self.assertTrue(trip.with_user(reader).action_follow()["is_open"])
        self.assertEqual(trip.state, "waiting")

    def test_other_companies_see_none(self):
        trip = self.start()
        stranger = new_test_user(
            self.env,
            "trip_stranger",
            groups=MANAGER_GROUP,
            company_id=self.company_2.id,
        )
        with self.assertRaises(AccessError):
            trip.with_user(stranger).action_follow()

    def test_another_mail_to_the_address_proves_nothing(self):
        trip = self.start()
        (message,) = self.route(self.mail(trip.recipient))
        self.assertEqual(trip.state, "waiting")
        self.assertEnd(message, "held", "unknown_recipient")

    def test_an_address_that_nobody_signed_proves_nothing(self):
        trip = self.start()
        local, _at, domain = trip.recipient.partition("@")
        forged = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
        raw = self.probe(trip, original=forged, to=(trip.recipient, forged))
        self.route(raw)
        self.assertEqual(trip.state, "waiting")

    def test_a_replay_after_it_has_come_back_changes_nothing(self):
        trip = self.start()
        first, again = self.route(
            self.probe(trip), self.probe(trip, body=("Nobody needs", "Everybody needs"))
        )
        self.assertEqual(trip.journal_id, first)
        self.assertEnd(again, "ignored", "own_message")

    def test_the_probe_of_a_former_trip_does_not_answer_for_a_later_one(self):
        former = self.start()
        raw = self.probe(former)
        later = self.start()
        self.route(raw)
        self.assertEqual((former.state, later.state), ("arrived", "waiting"))

    def test_a_bounce_of_an_address_that_nobody_signed_ends_nothing(self):
        trip = self.start()
        (notice,) = self.route(self.bounce(f"probe.{'0' * 40}@{self.domain}"))
        self.assertEnd(notice, "ignored", "bounce_unknown")
        self.assertEqual(trip.state, "waiting")

    def test_the_route_tester_leaves_it_alone(self):
        trip = self.start()
        trial = self.Message._try_out(self.router, self.probe(trip))
        self.assertEqual(trip.state, "waiting")
        self.assertEqual(trial.reason_code, "probe")
