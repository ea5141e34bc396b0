import ast
import re
import smtplib
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock, patch

from lxml import etree
from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.addons.mail_catchall_router.tools.mail.registrable import registrable
from odoo.addons.mail_catchall_router.tools.servers import providers
from odoo.addons.mail_catchall_router.tools.watch import round_trip as trip_tools

from ...models.trip import trip_findings
from ...models.trip.instructions import CATCH_ALL_STEPS
from ...models.trip.mail_catchall_finding import LABELS
from ...models.trip.mail_catchall_trip import KEPT
from ...models.trip.sentences import REMEDIES, SENTENCES
from ...models.trip.trip_look import TIME_LIMIT
from ..common import CommittingCommon

TRIP_LOGGER = "odoo.addons.mail_catchall_router.models.trip.mail_catchall_trip"
MANAGER_GROUP = "mail_catchall_router.group_mail_catchall_router_manager"
USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"
# All that fills in a sentence.
DETAILS = (
    "address", "author", "code", "folder", "header", "headers", "hosts", "methods",
    "minutes", "profile", "provider", "result", "router", "seconds", "seen", "sent",
    "server", "words",
)  # fmt: skip
LINK = "https://mail-settings.google.com/mail/vf-%5BANGjd%5D-AbC"
EVIL = "<img src=x onerror=alert(1)>"


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

    def test_what_collides_while_it_is_written_is_looked_at_again(self):
        trip = self.start()
        self.env.flush_all()
        cursor = type(self.env.cr)
        collision = SerializationFailure("could not serialize access")
        with (
            patch.object(self.registry["mail.catchall.trip"], "_advance"),
            patch.object(cursor, "flush", side_effect=collision) as flush,
            patch.object(cursor, "rollback") as rollback,
        ):
            trip._go_on()
        flush.assert_called()
        rollback.assert_called()
        self.assertEqual(trip.state, "waiting")

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
        self.router.mail_server_id.catchall_envelope = "bounce"
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
        self.assertIn("cannot read", self.follow(trip)["note"])
        self.collect_error = None
        self.assertNotIn("cannot read", self.follow(trip)["note"])

    def test_a_mailbox_that_is_left_alone_is_not_taken_for_one_without_catch_all(self):
        for record, values in (
            (self.router, {"paused_since": fields.Datetime.now()}),
            (self.router.fetchmail_server_id, {"state": "draft"}),
        ):
            with self.subTest(values=values):
                record.write(values)
                trip = self.start()
                self.wait(trip)
                self.follow(trip)
                self.assertEqual(trip.state, "missing")
                self.assertEqual(trip.finding_ids.code, "mailbox_unread")

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

    @mute_logger(TRIP_LOGGER)
    def test_a_trip_that_cannot_be_sent_keeps_no_other_from_its_way(self):
        trips = self.env["mail.catchall.trip"]
        sound, broken = trips._start(self.router), trips._start(self.router)
        build = type(trips)._build

        def _build(trip, author):
            if trip == broken:
                raise ValueError("not this one")
            return build(trip, author)

        with (
            patch.object(type(trips), "_build", _build),
            self.mock_smtplib_connection(),
        ):
            trips._cron_advance()
        self.assertEqual(sound.state, "waiting")
        self.assertEqual(broken.state, "refused")
        self.assertIn("not this one", broken.finding_ids.sentence)

    @mute_logger(TRIP_LOGGER)
    def test_a_trip_that_cannot_be_looked_for_ends_in_time(self):
        trip = self.start()
        failing = patch.object(type(trip), "_look", side_effect=ValueError("gone"))
        trip.looked_date = False
        with failing:
            trip._cron_advance()
            self.assertEqual((trip.state, trip.unread_reason), ("waiting", "gone"))
            self.wait(trip)
            trip._cron_advance()
        self.assertEqual(trip.state, "missing")
        self.assertEqual(trip.finding_ids.code, "mailbox_unread")

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

    def test_who_only_reads_cannot_forge_what_comes_back(self):
        reader = new_test_user(self.env, "trip_forger", groups=USER_GROUP)
        trip = self.start().with_user(reader)
        self.assertTrue(trip.recipient)
        for name in ("secret", "message_id"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                trip.read([name])

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

    def test_it_comes_back_although_others_write_on_the_trip(self):
        hold, refused = trip_findings.hold, []

        def hold_later(trip):
            if not refused:
                refused.append(trip)
                # Who follows the trip on the screen has just looked.
                raise SerializationFailure
            hold(trip)

        self.patch(trip_findings, "hold", hold_later)
        trip = self.start()
        self.mailbox = [self.probe(trip)]
        self.follow(trip)
        self.assertEqual(refused, [trip])
        self.assertEqual(trip.state, "arrived")
        self.assertEqual(trip.journal_id.attempt_count, 1)

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


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTripFindings(TripCommon):
    """What a trip shows is said in sentences, with what to do."""

    def arrive(self, **replaced):
        """Return a trip whose probe has come back as ``replaced`` makes it."""
        trip = self.start()
        self.mailbox = [self.probe(trip, **replaced)]
        self.follow(trip)
        self.assertEqual(trip.state, "arrived")
        return trip

    def assertFinding(self, trip, code, state, words=""):
        """Return the finding with this code."""
        found = trip.finding_ids.filtered(lambda one: one.code == code)
        self.assertEqual(found.state, state, trip.finding_ids.mapped("code"))
        self.assertIn(words, found.sentence)
        return found

    def test_all_is_well(self):
        self.env.user.email = self.at_domain("user_a")
        trip = self.arrive()
        self.assertFinding(trip, "arrived", "good", "catch-all works")
        self.assertFinding(trip, "recipient_told", "good", "X-Original-To")
        self.assertFinding(trip, "author_kept", "good", self.at_domain("user_a"))
        self.assertFinding(trip, "message_id_kept", "good")
        self.assertFinding(trip, "authentication_untold", "note")
        self.assertLessEqual(set(trip.finding_ids.mapped("state")), {"good", "note"})

    def test_every_code_has_a_sentence_and_no_remedy_is_without_one(self):
        source = Path(trip_tools.__file__).read_text(encoding="utf-8")
        judged = set(re.findall(r'Finding\(\s*"(\w+)"', source))
        self.assertLessEqual(judged, set(SENTENCES))
        self.assertLessEqual({*REMEDIES, *LABELS}, set(SENTENCES))
        trip = self.start()
        for code in SENTENCES:
            details = dict.fromkeys(DETAILS, "x")
            values = {"trip_id": trip.id, "code": code, "state": "good"}
            finding = self.env["mail.catchall.finding"].create(
                dict(values, details=details)
            )
            with self.subTest(code=code):
                self.assertNotIn("%(", finding.sentence)
                self.assertNotIn("%(", finding.remedy or "")

    def test_every_provider_has_its_steps(self):
        self.assertEqual(
            {one.code for one in providers.PROVIDERS}, set(CATCH_ALL_STEPS)
        )
        trip = self.start()
        self.wait(trip)
        self.follow(trip)
        finding = self.assertFinding(trip, "missing", "problem", "3 minutes")
        for code in CATCH_ALL_STEPS:
            self.router.mail_server_id.catchall_provider = code
            finding.invalidate_recordset()
            with self.subTest(code=code):
                self.assertIn("<ol>", finding.remedy)
                self.assertIn(self.account, finding.remedy)
                self.assertNotIn("%(", finding.remedy)

    def test_the_steps_are_those_of_the_provider_whose_mailbox_is_read(self):
        self.router.mail_server_id.catchall_provider = "ses"
        self.router.fetchmail_server_id.server = "imappro.zoho.com"
        self.assertEqual(self.router._provider_code(), "zoho")

    def test_a_rewritten_sender_is_found_and_avoided_with_one_click(self):
        self.env.user.email = self.at_domain("user_a")
        trip = self.start()
        self.mailbox = [
            self.probe(trip, sender=(f"<{trip.author}>", f"<{self.account}>"))
        ]
        self.follow(trip)
        finding = self.assertFinding(trip, "author_replaced", "warning", self.account)
        manager = new_test_user(self.env, "trip_manager", groups=MANAGER_GROUP)
        self.assertFalse(finding.with_user(manager).action_label)
        with self.assertRaises(UserError):
            finding.with_user(manager).action_apply()
        finding.action_apply()
        self.assertEqual(self.router.mail_server_id.catchall_header_from, "via")
        self.assertFalse(finding.action_label)
        with self.assertRaises(UserError):
            finding.action_apply()

    def test_a_forwarding_that_waits_is_confirmed_by_a_person(self):
        message = self.forwarding_asked()
        self.assertFalse(self.codes_of(self.arrive(), "forwarding"))
        trip = self.miss()
        found = self.assertFinding(trip, "forwarding", "warning", "Google")
        self.assertIn("123456789", found.sentence)
        action = found.action_apply()
        self.assertEqual((action["type"], action["url"]), ("ir.actions.act_url", LINK))
        self.assertFalse(found.is_applied)
        message.action_discard()
        found.action_apply()
        self.assertTrue(found.is_applied)
        self.assertFalse(self.codes_of(self.miss(), "forwarding"))

    def test_the_link_of_who_only_says_he_is_the_provider_is_not_opened(self):
        message = self.forwarding_asked(verdict="fail")
        trip = self.miss()
        found = self.assertFinding(trip, "forwarding_unproven", "warning", "Google")
        action = found.action_apply()
        self.assertEqual(action["type"], "ir.actions.act_window")
        self.assertEqual(action["res_id"], message.id)

    def miss(self):
        """Return a trip whose probe has not come back in time."""
        trip = self.start()
        self.wait(trip)
        self.follow(trip)
        return trip

    def forwarding_asked(self, verdict="pass"):
        """Return the held mail by which Google asks whether it may forward to us."""
        results = (
            f"Authentication-Results: mx.{self.domain};\r\n dmarc={verdict} "
            "header.from=google.com\r\n"
        )
        mail = self.mail(
            self.at_domain("sales"),
            subject="(#123456789) Gmail Forwarding Confirmation - Receive Mail from x",
            email_from="Gmail Team <forwarding-noreply@google.com>",
            body=f"To confirm: {LINK}\r\n",
        )
        message = self.route(results.encode() + mail)
        self.assertEnd(message, "held", "forwarding")
        return message

    def codes_of(self, trip, code):
        return trip.finding_ids.filtered(lambda one: one.code == code)

    def test_a_rewritten_message_id_is_found(self):
        trip = self.start()
        self.mailbox = [
            self.probe(trip, message_id=(trip.message_id, "<0100@ses.example>"))
        ]
        self.follow(trip)
        self.assertFinding(trip, "message_id_replaced", "warning")

    def test_a_provider_that_tells_no_recipient_is_found(self):
        trip = self.start()
        raw = self.probe(trip).partition(b"\r\n")[2]
        self.mailbox = [raw]
        self.follow(trip)
        self.assertEqual(trip.state, "arrived")
        finding = self.assertFinding(trip, "recipient_untold", "warning", "Bcc")
        self.assertIn("Ask your mail provider", finding.remedy)

    def test_a_recipient_below_unknown_servers_is_believed_after_a_click(self):
        trip = self.start()
        store = (
            f"Received: from mx.{self.domain} (mx.{self.domain} [192.0.2.1]) by "
            f"store.{self.domain} (Postfix) with ESMTP id 5; now\r\n"
        ).encode()
        self.mailbox = [store + self.probe(trip)]
        self.follow(trip)
        finding = self.assertFinding(
            trip, "recipient_hidden", "warning", f"store.{self.domain}"
        )
        finding.action_apply()
        self.assertEqual(self.router._trusted_hosts(), {registrable(self.domain)})
        raw = self.mail(self.at_domain("sales"), to="x@y.example")
        (again,) = self.route(store + raw)
        self.assertDelivered(again, self.at_domain("sales"))

    def test_what_the_receiving_side_says_is_said(self):
        trip = self.start()
        verdict = (
            f"Authentication-Results: mx.{self.domain}; spf=pass "
            f"smtp.mailfrom={self.account}; dkim=none; dmarc=fail "
            f"header.from={self.domain}\r\n"
        ).encode()
        self.mailbox = [verdict + self.probe(trip)]
        self.follow(trip)
        self.assertFinding(trip, "authentication_passed", "good", "SPF")
        self.assertFinding(trip, "authentication_none", "note", "DKIM")
        self.assertFinding(trip, "dmarc_failed", "problem", "fail")

    def test_a_user_whom_the_server_refuses_is_replaced_by_the_account(self):
        self.env.user.email = self.at_domain("user_a")
        trip = self.env["mail.catchall.trip"].create({"router_id": self.router.id})
        refused = MailDeliveryException("x")
        refused.__context__ = smtplib.SMTPSenderRefused(
            553, b"5.7.1 Sender address rejected: not owned by user", "user_a"
        )
        with self.taking(refused, None):
            trip.action_follow()
        self.assertEqual(trip.state, "waiting")
        self.assertFinding(trip, "author_refused", "warning", "not owned")
        self.wait(trip)
        self.follow(trip)
        self.assertFinding(trip, "author_refused", "warning")

    def test_a_server_that_refuses_the_address_has_no_catch_all(self):
        for error, code in (
            (
                smtplib.SMTPRecipientsRefused(
                    {"x@y.example": (550, b"5.1.1 User unknown in virtual table")}
                ),
                "recipient_refused",
            ),
            (smtplib.SMTPSenderRefused(550, b"5.7.1 Not yours", "x"), "sender_refused"),
            (smtplib.SMTPDataError(451, b"4.3.0 Try again later"), "not_now"),
            (smtplib.SMTPDataError(554, b"5.6.0 We do not like it"), "not_taken"),
        ):
            trip = self.env["mail.catchall.trip"].create({"router_id": self.router.id})
            refused = MailDeliveryException("x")
            refused.__context__ = error
            with self.subTest(code=code), self.taking(refused):
                progress = trip.action_follow()
                self.assertFalse(progress["is_open"])
                self.assertEqual(trip.state, "refused")
                self.assertFinding(trip, code, "problem", "5")

    def test_a_server_that_cannot_be_reached_is_explained(self):
        trip = self.env["mail.catchall.trip"].create({"router_id": self.router.id})
        with self.taking(ConnectionRefusedError(111, "Connection refused")):
            trip.action_follow()
        self.assertFinding(trip, "not_sent", "problem", "smtp.example.com")

    @contextmanager
    def taking(self, *answers):
        """Let the mail server answer so to one mail after the other."""
        with (
            patch.object(
                self.registry["ir.mail_server"], "_connect__", lambda *_a, **_k: Mock()
            ),
            patch.object(
                self.registry["ir.mail_server"], "send_email", side_effect=answers
            ),
        ):
            yield

    def test_a_bounce_that_says_no_such_user_means_no_catch_all(self):
        trip = self.start()
        self.mailbox = [self.bounce(trip.recipient)]
        self.follow(trip)
        finding = self.assertFinding(trip, "bounced_unknown", "problem", "no such user")
        self.assertIn("<ol>", finding.remedy)

    def test_a_late_arrival_takes_the_place_of_what_was_said(self):
        trip = self.start()
        self.wait(trip)
        self.follow(trip)
        self.assertFinding(trip, "missing", "problem")
        self.route(self.probe(trip))
        self.assertFinding(trip, "arrived_late", "note")
        self.assertNotIn("missing", trip.finding_ids.mapped("code"))

    def test_a_mailbox_that_stays_unreadable_is_the_finding(self):
        trip = self.start()
        self.wait(trip)
        self.collect_error = ConnectionRefusedError(111, "Connection refused")
        self.follow(trip)
        self.assertFinding(trip, "mailbox_unread", "problem", "refused")

    def test_words_of_a_server_are_no_markup(self):
        trip = self.start()
        trip._end(
            "refused", [trip_tools.Finding("not_taken", "problem", {"words": EVIL})]
        )
        self.assertIn(EVIL, trip.finding_ids.sentence)
        self.router.account_email = f'"{EVIL}"@{self.domain}'
        trip._end("missing", [trip_tools.Finding("missing", "problem", {"minutes": 3})])
        self.assertNotIn("<img", trip.finding_ids.remedy)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTripLearning(TripCommon):
    """What the provider's own lines on the probe tell is remembered, where nothing is
    lost by it."""

    def arrive(self, before=b""):
        trip = self.start()
        self.mailbox = [before + self.probe(trip)]
        self.follow(trip)
        self.assertEqual(trip.state, "arrived")
        return trip

    def verdict(self, server):
        return f"Authentication-Results: {server}; spf=pass; dkim=pass\r\n".encode()

    def test_the_header_of_the_original_recipient_is_looked_at_first(self):
        trip = self.arrive()
        self.assertEqual(self.router.recipient_headers, "X-Original-To")
        self.assertIn("learnt_header", trip.finding_ids.mapped("code"))
        again = self.arrive()
        self.assertNotIn("learnt_header", again.finding_ids.mapped("code"))
        self.assertEqual(self.router.recipient_headers, "X-Original-To")

    def test_a_header_that_nobody_knew_is_learnt(self):
        trip = self.start()
        raw = self.probe(trip).replace(b"X-Original-To", b"X-Meant-For", 1)
        self.mailbox = [raw]
        self.follow(trip)
        self.assertEqual(self.router.recipient_headers, "X-Meant-For")
        mail = self.mail(self.at_domain("sales"), to="x@y.example")
        (message,) = self.route(mail.replace(b"X-Original-To", b"X-Meant-For", 1))
        self.assertDelivered(message, self.at_domain("sales"))

    def test_hosts_are_learnt_where_all_recent_mail_came_by_them(self):
        self.route(self.mail(self.at_domain("sales")))
        trip = self.arrive()
        domain = registrable(self.domain)
        self.assertEqual(self.router._trusted_hosts(), {domain})
        self.assertIn(domain, self.router.learnt["own_hosts"])
        self.assertIn("learnt_hosts", trip.finding_ids.mapped("code"))

    def test_hosts_are_learnt_where_several_machines_of_one_domain_take_mail_in(self):
        self.take_in_by(f"mx{number}.{self.domain}" for number in (1, 2))
        self.arrive()
        self.assertEqual(self.router.own_hosts, registrable(self.domain))

    def test_hosts_are_not_learnt_where_other_servers_take_mail_in(self):
        self.take_in_by(["mx1.other.test", "mx.third.test"])
        self.arrive()
        self.assertFalse(self.router.own_hosts)

    def take_in_by(self, hosts):
        """Journal a mail that each of these servers took in."""
        for number, host in enumerate(hosts):
            raw = self.mail(
                self.at_domain("sales"), message_id=f"<{number}@customer.example>"
            )
            host = host.encode()
            self.route(raw.replace(f"by mx.{self.domain}".encode(), b"by " + host))

    def test_nothing_is_learnt_of_hosts_without_mail_to_compare(self):
        self.arrive()
        self.assertFalse(self.router.own_hosts)

    def test_an_unknown_authserv_id_on_top_is_learnt(self):
        self.arrive(self.verdict("verdicts.provider.example"))
        self.assertEqual(self.router.authserv_ids, "provider.example")

    def test_an_authserv_id_that_a_person_has_entered_is_completed(self):
        self.router.authserv_ids = "other.example"
        self.arrive(self.verdict(f"mx.{self.domain}"))
        domain = registrable(self.domain)
        self.assertEqual(self.router.authserv_ids, f"other.example, {domain}")
        self.assertEqual(list(self.router.learnt["authserv_ids"]), [domain])

    def test_an_authserv_id_that_is_believed_anyway_is_not_pinned_blindly(self):
        self.arrive(self.verdict(f"mx.{self.domain}"))
        self.assertFalse(self.router.authserv_ids)

    def test_verdicts_below_the_border_of_trust_teach_nothing(self):
        trip = self.start()
        border = b"From: "
        forged = self.verdict("evil.example") + border
        self.mailbox = [self.probe(trip).replace(border, forged, 1)]
        self.follow(trip)
        self.assertEqual(trip.state, "arrived")
        self.assertFalse(self.router.authserv_ids)

    def test_a_known_provider_teaches_no_names(self):
        self.router.fetchmail_server_id.server = "outlook.office365.com"
        by = f"by mx.{self.domain}".encode()
        exchange = b"by AM4PEPF0004.mail.protection.outlook.com"
        trip = self.start()
        self.mailbox = [self.probe(trip).replace(by, exchange, 1)]
        self.follow(trip)
        self.assertIn("headers_known", trip.finding_ids.mapped("code"))
        self.assertFalse(self.router.own_hosts)
        again = self.arrive()
        strange = again.finding_ids.filtered(lambda one: one.code == "headers_strange")
        self.assertIn("(microsoft), but this email has others", strange.sentence)
        self.assertIn("Route Tester", str(strange.remedy))

    def test_a_header_in_which_senders_write_cannot_be_entered(self):
        for name in ("To", "cc", "X Header", "Received", "X-A\r\nX-B"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.router.recipient_headers = name


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHeartbeat(TripCommon):
    """A router that is told to tests itself once a day."""

    def setUp(self):
        super().setUp()
        self.router.write({"heartbeat": "daily", "heartbeat_hour": 6})
        self.router.alert_user_ids = self.env.ref("base.user_admin")

    def beat(self, time):
        """Run the scheduled action at a time of the 23rd."""
        with freeze_time(f"2026-11-{time}"), self.mock_smtplib_connection():
            self.env["mail.catchall.trip"]._cron_advance()
            if self.emails:
                (self.sent,) = self.emails

    def alerts(self):
        return self.router.activity_ids.filtered(
            lambda one: one.summary == "Mail does not come back"
        )

    def test_one_trip_a_day_after_the_hour(self):
        self.beat("23 05:59:00")
        self.assertFalse(self.router.trip_ids)
        for time in ("23 06:00:00", "23 06:00:30", "23 23:00:00"):
            self.beat(time)
        self.assertEqual(len(self.router.trip_ids), 1)
        self.beat("24 07:00:00")
        self.assertEqual(len(self.router.trip_ids), 2)

    def test_the_hour_is_the_company_s(self):
        self.router.company_id.partner_id.tz = "Asia/Ho_Chi_Minh"
        self.beat("22 22:30:00")
        self.assertFalse(self.router.trip_ids)
        self.beat("22 23:00:00")
        self.assertEqual(len(self.router.trip_ids), 1)

    def test_who_did_not_ask_for_it_gets_none(self):
        self.router.heartbeat = "off"
        self.beat("23 12:00:00")
        self.router.write({"heartbeat": "daily", "mail_server_id": False})
        self.beat("23 13:00:00")
        self.assertFalse(self.router.trip_ids)

    def test_a_mail_that_stays_away_is_told_once_and_taken_back(self):
        for day in (23, 24):
            self.beat(f"{day} 06:00:00")
            self.beat(f"{day} 06:03:30")
        self.assertEqual(self.router.trip_ids.mapped("state"), ["missing", "missing"])
        self.assertEqual(len(self.alerts()), 1)
        self.assertIn("no catch-all", self.alerts().note)
        self.beat("25 06:00:00")
        self.mailbox = [self.probe(self.router.trip_ids[0])]
        self.beat("25 06:00:30")
        self.assertEqual(self.router.trip_ids[0].state, "arrived")
        self.assertFalse(self.alerts())

    def test_a_test_by_hand_alerts_nobody_and_takes_an_alert_back(self):
        trip = self.start()
        self.wait(trip)
        self.follow(trip)
        self.assertFalse(self.alerts())
        self.beat("23 06:00:00")
        self.beat("23 06:03:30")
        self.assertTrue(self.alerts())
        trip = self.start()
        self.mailbox = [self.probe(trip)]
        self.follow(trip)
        self.assertFalse(self.alerts())

    def test_an_hour_that_is_none_is_refused(self):
        with self.assertRaises(ValidationError):
            self.router.heartbeat_hour = 24

    def test_tests_stay_out_of_the_lists_of_mail_unless_asked_for(self):
        trip = self.start()
        self.mailbox = [self.probe(trip), self.mail(self.at_domain("sales"))]
        self.follow(trip)
        for name in ("message", "delivery"):
            action = self.env.ref(f"mail_catchall_router.mail_catchall_{name}_action")
            self.assertIn("search_default_without_probes", action.context)
            view = self.env.ref(
                f"mail_catchall_router.mail_catchall_{name}_view_search"
            )
            found = etree.fromstring(view.arch).find(
                ".//filter[@name='without_probes']"
            )
            model = self.env[f"mail.catchall.{name}"]
            shown = model.search(ast.literal_eval(found.get("domain")))
            hidden = model.search([]) - shown
            self.assertEqual(hidden.mapped("reason_code"), ["probe"])
            self.assertIn(False, shown.mapped("reason_code"))

    def test_old_trips_are_forgotten_and_the_last_stays(self):
        old, last = self.start(), self.start()
        before = fields.Datetime.now() - KEPT - timedelta(days=1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_trip SET create_date = %s WHERE id = ANY(%s)",
            [before, (old + last).ids],
        )
        self.env.invalidate_all()
        old._gc_trips()
        self.assertEqual((old + last).exists(), last)
