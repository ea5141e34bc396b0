from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.mail_catchall_router.models import concurrency
from odoo.addons.mail_catchall_router.models.collect import (
    fetchmail_server_imap,
    fetchmail_server_pop,
)

from ..common import CommittingCommon
from ..fake_servers import ImapConnection, ImapServer, PopConnection, PopServer


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBacklog(CommittingCommon):
    """Collecting pauses while too much mail waits, and goes on by itself."""

    def setUp(self):
        super().setUp()
        self.server = self.server.with_env(self.env)
        for module in (fetchmail_server_imap, fetchmail_server_pop):
            self.patch(module, "BATCH_SIZE", 2)
        self.logins = 0

    def mails(self, count):
        return [
            self.mail(self.at_domain("sales"), message_id=f"<{n}@customer.example>")
            for n in range(count)
        ]

    def imap(self, count):
        return ImapServer(dict(enumerate(self.mails(count), start=1)))

    def collect(self, imap=None, pop=None):
        """Collect once; return how many messages are in the journal then."""

        def _connect__(_server):
            self.logins += 1
            return ImapConnection(imap) if imap else PopConnection(pop)

        with patch.object(type(self.server), "_connect__", _connect__):
            error = self.server._fetch_mail()
        self.assertIsNone(error)
        return self.Message.search_count([("router_id", "=", self.router.id)])

    def test_collecting_stops_between_two_batches_at_the_limit(self):
        self.router.max_backlog = 3
        self.assertEqual(self.collect(self.imap(9)), 4)
        self.assertTrue(self.router.paused_since)

    def test_who_has_no_time_for_all_goes_on_next_time(self):
        self.server = self.server.with_context(catchall_until=0)
        imap = self.imap(5)
        self.assertEqual([self.collect(imap) for _look in range(4)], [2, 4, 5, 5])

    def test_what_is_left_in_the_mailbox_comes_when_the_backlog_has_sunk(self):
        self.router.max_backlog = 3
        imap = self.imap(9)
        counts = []
        for _round in range(4):
            counts.append(self.collect(imap))
            self.Message._cron_route()
        self.assertEqual(counts, [4, 8, 9, 9])
        self.assertFalse(self.router.paused_since)
        ends = set(self.Message.search([]).mapped("state"))
        self.assertEqual(ends, {"delivered"})

    def test_pop_pauses_too(self):
        self.router.max_backlog = 3
        self.server.server_type = "pop"
        pop = PopServer({f"id{n}": raw for n, raw in enumerate(self.mails(9))})
        self.assertEqual(self.collect(pop=pop), 4)
        self.assertTrue(self.router.paused_since)

    def test_nobody_logs_in_while_collecting_pauses(self):
        self.router.max_backlog = 3
        imap = self.imap(9)
        since = self.collect(imap) and self.router.paused_since
        self.assertEqual(self.collect(imap), 4)
        self.assertEqual(self.logins, 1)
        self.assertEqual(self.router.paused_since, since)

    def test_it_goes_on_only_when_enough_is_routed(self):
        self.router.max_backlog = 10
        imap = self.imap(20)
        self.collect(imap)
        waiting = self.Message.search([("state", "=", "received")])
        waiting[:1].action_route()
        self.assertEqual(self.collect(imap), 10)
        waiting[1:3].action_route()
        # 7 wait, less than 8: two batches fit.
        self.assertEqual(self.collect(imap), 14)

    def test_a_pause_is_noted_although_others_write_on_the_router(self):
        hold, refused = concurrency.hold, []

        def hold_later(records, wait=True):
            if records == self.router and not refused:
                refused.append(records)
                # The watch was quicker, or a person who saves the form.
                raise SerializationFailure
            return hold(records, wait)

        self.patch(concurrency, "hold", hold_later)
        self.router.max_backlog = 3
        self.assertEqual(self.collect(self.imap(9)), 4)
        self.assertTrue(refused)
        self.assertTrue(self.router.paused_since)

    def test_no_limit_never_pauses(self):
        self.router.max_backlog = 0
        self.assertEqual(self.collect(self.imap(9)), 9)
        self.assertFalse(self.router.paused_since)

    def test_a_limit_that_is_taken_away_ends_the_pause(self):
        self.router.max_backlog = 3
        imap = self.imap(9)
        self.collect(imap)
        self.router.max_backlog = 0
        self.assertEqual(self.collect(imap), 9)
        self.assertFalse(self.router.paused_since)

    def test_failed_mail_pauses_nothing(self):
        self.journal(*self.mails(5)).write({"state": "failed"})
        self.router.max_backlog = 3
        self.assertFalse(self.router._must_pause())

    def test_the_lanes_wake_collecting_when_the_backlog_has_sunk(self):
        self.router.max_backlog = 3
        self.collect(self.imap(9))
        cron = self.env.ref("mail_catchall_router.ir_cron_collect_woken")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.Message._cron_route(batch_size=1)
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))
        self.assertEqual(self.server._catchall_woken(), self.server)

    def test_the_health_of_the_router_tells_of_the_pause(self):
        self.router.max_backlog = 3
        self.collect(self.imap(9))
        items = {one["item"]: one for one in self.router.health_report["items"]}
        self.assertEqual(items["incoming"]["state"], "warning")
        self.assertIn("Collecting has been paused since", items["incoming"]["sentence"])
        self.assertIn("stays safely", items["incoming"]["advice"])

    def test_the_limit_is_not_negative(self):
        with self.assertRaises(ValidationError):
            self.router.max_backlog = -1
