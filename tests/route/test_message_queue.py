from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.models.route.message_queue import CLAIM_QUERY
from odoo.addons.mail_catchall_router.tools.runtime import locks

from ..common import CommittingCommon

QUEUE_LOGGER = "odoo.addons.mail_catchall_router.models.route.message_queue"
BATCH_LOGGER = "odoo.addons.mail_catchall_router.models.route.message_batch"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestQueue(CommittingCommon):
    """Claims, attempts, retries: the journal as a queue."""

    def claim(self, token=1, limit=50):
        return self.Message._claim(token, limit)

    def failing_route(self):
        return patch.object(
            type(self.Message), "_route", side_effect=ValueError("no such thing")
        )

    def test_the_cron_routes_what_waits(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        self.Message._cron_route()
        self.assertEnd(message, "delivered")
        self.assertEqual(message.attempt_count, 1)
        self.assertEqual(message.crash_count, 0)
        self.assertFalse(message.claim)

    def test_a_claimed_message_is_not_claimed_again(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        with locks.worker_lock(self.env.cr, 1):
            self.assertEqual(self.claim(1), message)
            self.assertFalse(self.claim(2))

    def test_what_a_dead_worker_had_claimed_is_free_at_once(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        with locks.worker_lock(self.env.cr, 1):
            self.claim(1)
        self.assertEqual(self.claim(2), message)

    def test_mails_of_one_conversation_stay_with_one_lane_in_order(self):
        first, second, other = self.journal(
            self.mail(self.at_domain("sales")),
            self.mail(
                self.at_domain("sales"),
                message_id="<second@customer.example>",
                extra="References: <first@customer.example>\r\n",
            ),
            self.mail(self.at_domain("sales"), message_id="<other@customer.example>"),
        )
        with locks.worker_lock(self.env.cr, 1):
            self.assertEqual(self.claim(1, limit=1), first)
            self.assertEqual(self.claim(2), other)
        self.assertEqual(self.claim(3), first + second + other)

    def test_no_plan_of_the_database_claims_more_than_the_limit(self):
        mails = (
            self.mail(self.at_domain("sales"), message_id=f"<{n}@customer.example>")
            for n in range(3)
        )
        first, *_others = self.journal(*mails)
        plans = ("hashagg", "hashjoin", "mergejoin", "sort", "material")
        for plan in plans:
            self.env.cr.execute(f"SET enable_{plan} = off")
            self.addCleanup(self.env.cr.execute, f"RESET enable_{plan}")
        with locks.worker_lock(self.env.cr, 1):
            self.assertEqual(self.claim(1, limit=1), first)

    def test_the_claim_is_not_compiled(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        execute, seen = type(self.env.cr).execute, []

        def look(cr, query, *args, **options):
            if query == CLAIM_QUERY:
                execute(cr, "SHOW jit")
                seen.extend(cr.fetchone())
            return execute(cr, query, *args, **options)

        with patch.object(type(self.env.cr), "execute", look):
            self.assertEqual(self.claim(), message)
        self.assertEqual(seen, ["off"])

    def test_a_failed_mail_holds_its_conversation_up_for_a_while_only(self):
        first, second = self.journal(
            self.mail(self.at_domain("sales")),
            self.mail(
                self.at_domain("sales"),
                message_id="<second@customer.example>",
                extra="References: <first@customer.example>\r\n",
            ),
        )
        later = fields.Datetime.now() + timedelta(hours=1)
        first.write({"state": "failed", "attempt_count": 1, "next_attempt": later})
        self.assertFalse(self.claim())
        first.attempt_count = 4
        self.assertEqual(self.claim(), second)

    @mute_logger(QUEUE_LOGGER)
    def test_what_follows_a_mail_that_fails_waits_for_it_in_one_claim_too(self):
        first, second, other = self.journal(
            self.mail(self.at_domain("sales")),
            self.mail(
                self.at_domain("sales"),
                message_id="<second@customer.example>",
                extra="References: <first@customer.example>\r\n",
            ),
            self.mail(self.at_domain("sales"), message_id="<other@customer.example>"),
        )
        route_mail, failures = type(self.Message)._route_mail, [1, 1]

        def _route_mail(message, mail):
            if message == first and failures:
                failures.pop()
                raise ValueError("no such thing")
            return route_mail(message, mail)

        with patch.object(type(self.Message), "_route_mail", _route_mail):
            self.Message._cron_route()
            ends = [message.state for message in (first, second, other)]
            self.assertEqual(ends, ["failed", "received", "delivered"])
            self.assertFalse(second.claim)
            first.next_attempt = False
            self.Message._cron_route()
        self.assertEnd(first, "delivered")
        self.assertEnd(second, "delivered")
        self.assertEqual(second.attempt_count, 1)

    @mute_logger(QUEUE_LOGGER)
    def test_what_raises_is_tried_again_later_and_dies_at_the_end(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        self.router.max_attempts = 3
        delays = []
        with self.failing_route():
            for _attempt in range(3):
                message.next_attempt = False
                self.Message._cron_route()
                if message.next_attempt:
                    delays.append(message._retry_delay())
        self.assertEqual(delays, [timedelta(minutes=1), timedelta(minutes=2)])
        self.assertEqual(message.state, "dead")
        self.assertIn("no such thing", message.error)
        self.Message._cron_route()
        self.assertEqual(message.attempt_count, 3)

    def test_the_longest_wait_is_sixteen_hours(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        message.attempt_count = 40
        self.assertEqual(message._retry_delay(), timedelta(hours=16))

    @mute_logger(QUEUE_LOGGER)
    def test_one_bad_mail_does_not_stop_the_others(self):
        bad, good = self.journal(
            self.mail(self.at_domain("sales")),
            self.mail(self.at_domain("sales"), message_id="<good@customer.example>"),
        )
        route_mail = type(self.Message)._route_mail

        def _route_mail(message, mail):
            if message == bad:
                raise ValueError("no such thing")
            return route_mail(message, mail)

        with patch.object(type(self.Message), "_route_mail", _route_mail):
            self.Message._cron_route()
        self.assertEqual(bad.state, "failed")
        self.assertEqual(good.state, "delivered")

    @mute_logger(QUEUE_LOGGER, BATCH_LOGGER)
    def test_a_mail_that_cannot_be_read_ahead_does_not_stop_the_others(self):
        bad, good = self.journal(
            self.mail(self.at_domain("sales")),
            self.mail(self.at_domain("sales"), message_id="<good@customer.example>"),
        )
        read_case = type(self.Message)._read_case

        def _read_case(message, *arguments):
            if message == bad:
                raise ValueError("no such thing")
            return read_case(message, *arguments)

        self.router.proof_policy = "always"
        with patch.object(type(self.Message), "_read_case", _read_case):
            self.Message._cron_route()
        self.assertEqual(bad.state, "failed")
        self.assertIn("no such thing", bad.error)
        self.assertEqual(good.state, "delivered")

    def test_the_attempt_counts_when_a_mail_is_read_ahead(self):
        """Reading it may be what kills the worker, together with others and alone."""
        counts = []

        def _prove_senders(messages, _opened):
            counts.append(messages.mapped("crash_count"))

        for number in (2, 1):
            self.journal(
                *(
                    self.mail(
                        self.at_domain("sales"),
                        message_id=f"<{number}.{one}@customer.example>",
                    )
                    for one in range(number)
                )
            )
            with patch.object(type(self.Message), "_prove_senders", _prove_senders):
                self.Message._cron_route()
        self.assertEqual(counts, [[1, 1], [1]])

    def test_a_mail_that_killed_its_worker_three_times_is_dead(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        message.crash_count = 3
        self.Message._cron_route()
        self.assertEnd(message, "dead", "killed_worker")
        message.action_route()
        self.assertEnd(message, "delivered")

    def test_who_was_there_when_workers_died_is_tried_last_with_its_conversation(self):
        suspect, other, answer, worse = self.journal(
            self.mail(self.at_domain("sales"), message_id="<suspect@customer.example>"),
            self.mail(self.at_domain("sales"), message_id="<other@customer.example>"),
            self.mail(
                self.at_domain("sales"),
                message_id="<answer@customer.example>",
                extra="References: <suspect@customer.example>\r\n",
            ),
            self.mail(self.at_domain("sales"), message_id="<worse@customer.example>"),
        )
        suspect.write({"attempt_count": 1, "crash_count": 1})
        worse.write({"attempt_count": 2, "crash_count": 2})
        messages = suspect + worse + other + answer
        self.assertEqual(messages._suspects_last(), other + suspect + answer + worse)
        tried = []

        def _route_in_time(message, _opened):
            tried.append(message)
            raise ValueError("not now")

        with (
            patch.object(type(self.Message), "_route_in_time", _route_in_time),
            mute_logger(QUEUE_LOGGER),
        ):
            self.Message._cron_route()
        self.assertEqual(tried, [other, suspect, worse])

    def test_routing_a_selection_now_leaves_alone_what_a_lane_is_trying(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        message.write({"state": "failed", "attempt_count": 2, "claim": "7"})
        with locks.worker_lock(self.env.cr, 7):
            message.action_route()
            self.assertEqual((message.state, message.attempt_count), ("failed", 2))
        # Its lane is dead.
        message.action_route()
        self.assertEnd(message, "delivered")

    def test_routing_a_selection_now_leaves_the_rest(self):
        first, second = self.journal(
            self.mail(self.at_domain("sales")),
            self.mail(self.at_domain("jobs"), message_id="<second@customer.example>"),
        )
        second.action_route()
        self.assertEqual(first.state, "received")
        self.assertEqual(second.state, "delivered")
