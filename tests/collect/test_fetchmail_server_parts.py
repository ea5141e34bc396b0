import contextlib
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.base.models.ir_cron import MIN_TIME_PER_JOB
from odoo.addons.mail_catchall_router.models import fields as our_fields
from odoo.addons.mail_catchall_router.models.collect import (
    fetchmail_server,
    fetchmail_server_imap,
    fetchmail_server_parts,
    mail_catchall_part,
)
from odoo.addons.mail_catchall_router.models.collect.mail_catchall_fetch import (
    MOST_FAILURES,
    MOST_KILLS,
)
from odoo.addons.mail_catchall_router.models.journal import (
    mail_catchall_message as journal,
)
from odoo.addons.mail_catchall_router.tools.runtime.worker_limits import UNLIMITED
from odoo.addons.mail_catchall_router.tools.servers import bounds

from ..common import CommittingCommon
from ..fake_servers import ImapConnection, ImapServer, PopConnection, PopServer

MODULES = (fetchmail_server, fetchmail_server_imap, fetchmail_server_parts)


class Killed(BaseException):
    """Stands for a kill: nobody gets to do anything any more."""


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestParts(CommittingCommon):
    """Large mail comes in parts; what stops its worker is given up in the end."""

    def setUp(self):
        super().setUp()
        self.patch(bounds, "WHOLE_BYTES", 2000)
        self.patch(bounds, "FIRST_PART_BYTES", 1500)
        self.patch(bounds, "PART_BYTES", 1500)
        self.patch(bounds, "LEAST_BYTES", 1000)
        self.server = self.server.with_env(self.env).with_context(
            fetchmail_cron_running=True
        )
        self.router.take_over = "everything"
        self.folder = self.router.folder_ids
        self.imap = ImapServer({1: self.small(1), 2: self.large(2), 3: self.small(3)})
        self.patch(
            type(self.server), "_connect__", lambda _server: self.connect(self.imap)
        )
        self.connect = ImapConnection

    def small(self, number):
        return self.mail(
            self.at_domain("sales"), message_id=f"<{number}@parts.example>"
        )

    def answer(self, number, to):
        return self.mail(
            self.at_domain("sales"),
            message_id=f"<{number}@parts.example>",
            extra=f"In-Reply-To: <{to}@parts.example>\r\n",
        )

    def large(self, number):
        return self.small(number) + b"x" * 8000 + b"\r\n"

    def collect(self):
        error = self.server._catchall_collect()
        self.env.invalidate_all()
        return error

    def killed_at(self, point, times=1):
        """Collect until the work comes to a point the how manieth time."""
        left = [times]

        def reached(name):
            left[0] -= name == point
            if not left[0]:
                raise Killed

        for module in MODULES:
            self.patch(module, "reached", reached)
        # Odoo's assertRaises would put a savepoint around the commits.
        try:
            self.server._catchall_collect()
            self.fail(f"It never came to {point}")
        except Killed:
            self.env.cr.rollback()
        self.env.invalidate_all(flush=False)
        for module in MODULES:
            self.patch(module, "reached", lambda _name: None)

    def journalled(self):
        """Return {uid: raw bytes} of the journal, in its order."""
        found = self.Message.search([("router_id", "=", self.router.id)], order="id")
        return {row.uid: row._raw_bytes() for row in found}

    def expected(self):
        return {str(uid): raw for uid, raw in self.imap.mails.items()}

    def fetches(self):
        return self.env["mail.catchall.fetch"].search(
            [("folder_id", "=", self.folder.id)]
        )

    def kept_of(self, fetch):
        """Return the bytes of a mail that are in the database."""
        pieces = fetch._pieces()
        return pieces.start + b"".join(pieces.rest())

    def asked(self, part):
        return [line for line in self.imap.commands if part in line]

    def row(self, uid):
        return self.Message.search(
            [("router_id", "=", self.router.id), ("uid", "=", uid)]
        )

    # ------------------------------------------------------------
    # PARTS
    # ------------------------------------------------------------

    def test_a_large_mail_comes_in_parts_and_in_its_turn(self):
        self.assertFalse(self.collect())
        self.assertEqual(
            list(self.journalled().items()),
            [(str(uid), raw) for uid, raw in self.imap.mails.items()],
        )
        self.assertGreater(len(self.asked("BODY.PEEK[]<")), 4)
        self.assertFalse(self.fetches())
        self.assertFalse(self.folder.fetching_uids)
        self.assertEqual(self.folder.last_uid, "3")
        self.assertFalse(self.folder.behind_since)
        self.assertTrue(all("\\Seen" in one for one in self.imap.flags.values()))

    def test_small_mail_takes_one_fetch_for_all(self):
        self.imap = ImapServer({uid: self.small(uid) for uid in range(1, 40)})
        self.patch(bounds, "WHOLE_BYTES", 1024 * 1024)
        self.patch(bounds, "PART_BYTES", 1024 * 1024)
        self.collect()
        self.assertEqual(len(self.asked("BODY.PEEK[]")), 1)
        self.assertEqual(len(self.asked("RFC822.SIZE")), 1)
        self.assertEqual(len(self.asked("UID SEARCH")), 1)

    def test_who_is_killed_loses_one_part(self):
        self.killed_at("part", times=3)
        fetch = self.fetches()
        self.assertEqual(fetch.uid, "2")
        self.assertEqual(self.kept_of(fetch), self.imap.mails[2][: fetch.received])
        had = fetch.received
        self.assertGreater(had, 1500)
        self.imap.commands.clear()
        self.collect()
        self.assertEqual(self.journalled(), self.expected())
        self.assertFalse(self.asked("BODY.PEEK[]<0."))
        self.assertTrue(self.asked(f"BODY.PEEK[]<{had}."))

    def assertGoesOnAfter(self, point, times=1):
        """A worker that is killed there neither loses the mail nor doubles it."""
        self.killed_at(point, times)
        fetch = self.fetches()
        self.assertGreater(fetch.received, 7000)
        self.assertEqual(self.kept_of(fetch), self.imap.mails[2][: fetch.received])
        self.assertFalse(self.row("2"))
        self.imap.commands.clear()
        self.collect()
        self.assertFalse(self.asked("BODY.PEEK[]<0."))
        self.assertEqual(
            list(self.journalled().items()),
            [(str(uid), raw) for uid, raw in self.imap.mails.items()],
        )
        self.assertFalse(self.fetches())

    def test_who_is_killed_with_the_last_part_fetches_that_one(self):
        self.assertGoesOnAfter("part", times=6)

    def test_who_is_killed_before_the_parts_are_joined_goes_on(self):
        # The first mail is journalled before it.
        self.assertGoesOnAfter("inserted", times=2)

    def test_who_is_killed_after_the_parts_are_joined_goes_on(self):
        self.assertGoesOnAfter("joined")

    def test_a_mail_is_never_in_memory_as_a_whole(self):
        self.patch(our_fields, "PIECE", 300)
        self.patch(our_fields, "START_BYTES", 1000)
        self.patch(mail_catchall_part, "PIECE", 300)
        raw = self.imap.mails[2] = self.large(2) + bytes(range(256)) * 9 + b"\r\n\r\n"
        starts = []
        opened = our_fields.open_mail

        def open_mail(start, rest=tuple):
            starts.append(len(start))
            return opened(start, rest)

        with patch.object(our_fields, "open_mail", open_mail):
            self.collect()
        self.assertEqual(self.journalled(), self.expected())
        (start,) = starts
        self.assertLess(start, 1500)
        row = self.row("2")
        self.assertEqual(row.size, len(raw))
        whole = self.Message._prepare_values(self.router, {"raw": raw, "uid": "2"})
        for name in ("fingerprint", "message_id", "conversation", "subject"):
            self.assertEqual(row[name], whole[name], name)

    def test_a_part_that_got_lost_is_fetched_anew(self):
        self.killed_at("part", times=3)
        self.fetches().part_ids[1].unlink()
        self.env["ir.cron"]._commit_progress()
        self.collect()
        self.assertEqual(self.journalled(), self.expected())
        self.assertFalse(self.fetches())

    def test_a_mail_of_which_a_part_is_lost_is_not_journalled(self):
        self.killed_at("part", times=3)
        fetch = self.fetches()
        fetch.received += 1
        mail = {"pieces": fetch._pieces(), "uid": "9"}
        with self.assertRaises(ValueError):
            self.Message._journal(self.router, [mail])

    def test_a_rescan_knows_a_large_mail(self):
        self.collect()
        self.imap.uidvalidity = b"8"
        with self.assertLogs(level="WARNING"):
            self.collect()
        self.assertEqual(self.journalled(), self.expected())
        self.assertEqual(set(self.row("2").mapped("uidvalidity")), {"8"})

    def test_time_that_is_over_between_parts_is_no_kill(self):
        self.server = self.server.with_context(catchall_until=0)
        rounds = 0
        while "3" not in self.journalled():
            self.assertFalse(self.collect())
            self.assertFalse(self.folder.fetching_uids)
            self.assertFalse(any(one._is_suspect() for one in self.fetches()))
            rounds += 1
            self.assertLess(rounds, 20)
        self.assertGreater(rounds, 4)
        self.assertEqual(list(self.journalled()), ["1", "2", "3"])
        self.assertFalse(self.server.catchall_kills)

    def test_sizes_that_are_wrong_do_no_harm(self):
        for uid, size in enumerate((2001, 10**6, 2**32 - 1), start=10):
            with self.subTest(size=size):
                self.imap.mails[uid] = self.large(size)
                self.imap.flags[uid] = set()
                self.imap.sizes[uid] = size
                self.assertFalse(self.collect())
                self.assertEqual(self.row(str(uid))._raw_bytes(), self.large(size))

    def test_a_server_that_knows_no_parts_gives_all(self):
        self.imap.knows_parts = False
        self.collect()
        self.assertEqual(self.journalled(), self.expected())

    def test_a_server_that_calls_all_of_it_a_part_gives_it_once(self):
        self.imap.part_of = lambda raw, start, _count: (
            b"BODY[]<%d> {%d}\r\n%s" % (start, len(raw), raw)
        )
        self.imap.sizes[2] = 10**6
        self.collect()
        self.assertEqual(self.journalled(), self.expected())

    def test_a_server_whose_parts_are_empty_gives_all(self):
        self.imap.part_of = lambda _raw, start, _count: b"BODY[]<%d> {0}\r\n" % start
        self.collect()
        self.assertEqual(self.journalled(), self.expected())

    def test_a_server_that_refuses_parts_gives_all(self):
        self.imap.refused[2] = "BODY.PEEK[]<"
        self.collect()
        self.assertEqual(self.journalled(), self.expected())

    def test_a_mail_that_is_larger_than_it_said_is_left(self):
        self.router.max_size = 1
        self.patch(fetchmail_server_parts, "MEGABYTE", 4000)
        self.imap.sizes[2] = 3000
        self.collect()
        row = self.row("2")
        self.assertEqual((row.state, row.complete), ("held", False))
        self.assertEqual(row.message_id, "<2@parts.example>")
        self.assertEqual(list(self.journalled()), ["1", "2", "3"])

    def test_a_mail_that_goes_away_meanwhile_is_forgotten(self):
        self.killed_at("part", times=2)
        del self.imap.mails[2]
        self.collect()
        self.assertEqual(list(self.journalled()), ["1", "3"])
        self.assertFalse(self.fetches())

    def test_new_numbers_forget_the_parts(self):
        self.killed_at("part", times=2)
        self.imap.uidvalidity = b"8"
        with self.assertLogs(level="WARNING"):
            self.collect()
        self.assertEqual(self.row("2")._raw_bytes(), self.imap.mails[2])
        self.assertFalse(self.fetches())

    # ------------------------------------------------------------
    # KILLS
    # ------------------------------------------------------------

    def test_a_mail_that_kills_three_times_is_held_with_its_headers(self):
        self.killed_at("begun", times=2)
        self.assertEqual(self.folder.fetching_uids, "2")
        # It has killed once, which may be no fault of its own: it is first.
        self.killed_at("begun")
        self.assertEqual(self.fetches().kills, 1)
        self.assertNotIn("3", self.journalled())
        # It has killed twice: the mail behind it goes on.
        self.killed_at("begun", times=2)
        self.assertEqual(self.fetches().kills, MOST_KILLS - 1)
        self.assertIn("3", self.journalled())
        self.collect()
        row = self.row("2")
        self.assertEqual((row.state, row.reason_code), ("held", "fetch_killed"))
        self.assertFalse(row.complete)
        self.assertEqual(row.message_id, "<2@parts.example>")
        self.assertIn("3 times", row.reason)
        self.assertIn("still on the mail server", row.reason)
        self.assertFalse(self.fetches())
        self.assertEqual(self.imap.flags[2], set())
        self.assertEqual(self.server.catchall_kills, MOST_KILLS)
        self.collect()
        self.assertEqual(len(self.row("2")), 1)

    def test_of_mail_that_is_fetched_together_one_is_guilty(self):
        self.imap = ImapServer({uid: self.small(uid) for uid in (1, 2, 3)})
        self.killed_at("begun")
        self.assertEqual(self.folder.fetching_uids, "1 2 3")
        self.collect()
        self.assertEqual(self.journalled(), self.expected())
        self.assertFalse(self.fetches())

    def test_a_mail_of_which_not_even_headers_come_is_told(self):
        fetch = self.env["mail.catchall.fetch"]
        self.folder.uidvalidity = "7"
        self.folder.last_uid = "2"
        fetch._of(self.folder, [2]).kills = 2 * MOST_KILLS
        self.collect()
        self.assertEqual(self.row("2")._raw_bytes(), b"")
        self.assertEqual(self.row("2").reason_code, "fetch_killed")
        self.assertFalse(self.asked("BODY.PEEK[HEADER]"))

    def test_a_server_that_breaks_off_gets_more_patience(self):
        fetched = self.imap.fetched

        def vanish(uids, parts):
            if uids == [2] and "BODY.PEEK[]" in parts:
                raise ConnectionResetError("vanished")
            return fetched(uids, parts)

        self.imap.fetched = vanish
        for failures in range(1, MOST_FAILURES + 1):
            self.assertEqual(str(self.collect()), "socket error: vanished")
            self.assertEqual(self.fetches().failures, failures)
        self.assertEqual(list(self.journalled()), ["1", "3"])
        self.assertFalse(self.collect())
        self.assertEqual(self.row("2").reason_code, "fetch_failed")
        self.assertFalse(self.server.catchall_kills)

    def vanish_over(self, uid):
        """Let the server vanish when it is asked for this mail; return what answers
        else."""
        fetched = self.imap.fetched

        def vanish(uids, parts):
            if uid in uids and "BODY.PEEK[]" in parts:
                raise ConnectionResetError("vanished")
            return fetched(uids, parts)

        self.imap.fetched = vanish
        return fetched

    def test_an_answer_waits_for_what_it_has_overtaken(self):
        self.imap = ImapServer(
            {
                1: self.small(1),
                2: self.small(2),
                3: self.answer(3, to=1),
                4: self.answer(4, to=2),
            }
        )
        fetched = self.vanish_over(1)
        for _attempt in range(3):
            self.assertEqual(str(self.collect()), "socket error: vanished")
        self.assertEqual(list(self.journalled()), ["2", "3", "4"])
        self.assertTrue(self.row("3").next_attempt)
        self.assertFalse(self.row("4").next_attempt)
        self.imap.fetched = fetched
        self.assertFalse(self.collect())
        self.assertEqual(list(self.journalled()), ["2", "3", "4", "1"])
        self.assertFalse(self.row("3").next_attempt)

    def test_an_answer_is_routed_once_what_it_has_overtaken_is_collected_in_its_turn(
        self,
    ):
        self.imap = ImapServer({1: self.small(1), 2: self.answer(2, to=1)})
        fetched = self.vanish_over(1)
        for _attempt in range(3):
            self.collect()
        self.assertTrue(self.row("2").next_attempt)
        self.imap.fetched = fetched
        # A part of it has come meanwhile: it is tried again before all others.
        fetch = self.env["mail.catchall.fetch"].search([("uid", "=", "1")])
        fetch.failures = 1
        self.assertFalse(self.collect())
        self.assertEqual(set(self.journalled()), {"1", "2"})
        self.assertFalse(self.row("2").next_attempt)

    def test_a_server_that_lies_is_soon_left_alone_with_that_mail(self):
        fetched = self.imap.fetched

        def lie(uids, parts):
            if uids == [2] and "BODY.PEEK[]" in parts:
                return b"* 1 FETCH (UID 2 BODY[]<0> {9999999999}\r\nx"
            return fetched(uids, parts)

        self.imap.fetched = lie
        for kills in range(1, MOST_KILLS + 1):
            self.assertIsInstance(self.collect(), bounds.ExcessError)
            self.assertEqual(self.fetches().kills, kills)
        self.assertFalse(self.collect())
        self.assertEqual(self.row("2").reason_code, "fetch_killed")
        self.assertEqual(list(self.journalled()), ["1", "3", "2"])

    def test_a_refused_mail_says_so(self):
        self.imap.refused[1] = "BODY.PEEK[]"
        self.collect()
        self.assertEqual(self.row("1").reason_code, "fetch_refused")
        self.assertIn("refuses", self.row("1").reason)

    def test_what_was_killed_behind_the_journal_is_finished(self):
        self.killed_at("flagged", times=2)
        self.assertEqual(list(self.journalled()), ["1", "2"])
        self.assertEqual(self.fetches().uid, "2")
        self.imap.flags[2].clear()
        self.collect()
        self.assertEqual(list(self.journalled()), ["1", "2", "3"])
        self.assertFalse(self.fetches())
        self.assertTrue(all("\\Seen" in one for one in self.imap.flags.values()))

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def test_who_is_found_dead_is_counted(self):
        self.killed_at("begun")
        self.assertTrue(self.server.catchall_visit_began)
        self.collect()
        self.assertFalse(self.server.catchall_visit_began)
        self.assertEqual(self.server.catchall_kills, 1)
        self.server.catchall_last_kill = fields.Datetime.now() - timedelta(days=3)
        self.server.catchall_visit_began = fields.Datetime.now()
        self.collect()
        self.assertEqual(self.server.catchall_kills, 1)

    def test_who_has_lost_its_database_was_not_killed(self):
        self.killed_at("begun")
        # PostgreSQL has been restarted since.
        self.server.catchall_visit_began = "2001-01-01 00:00:00"
        reached = []

        def look(_folder, counter):
            reached.append(counter)

        self.patch(type(self.folder), "_note_suspects", look)
        self.collect()
        self.assertEqual(reached, ["failures"])
        self.assertFalse(self.server.catchall_kills)
        self.assertFalse(self.server.catchall_visit_began)

    def test_how_fast_the_server_was_is_kept(self):
        self.patch(bounds, "MEASURED_BYTES", 100)
        self.collect()
        self.assertGreater(self.server.catchall_speed, 0)

    def test_servers_for_which_no_time_is_left_are_woken(self):
        other = self.server.copy({"name": "Other", "state": "done"})
        self.router.create({"name": "Other", "fetchmail_server_id": other.id})
        servers = (self.server + other).with_context(cron_end_time=0)
        servers._fetch_mail()
        self.assertIn("1", self.journalled())
        self.assertEqual(other._catchall_wakes().server_id, other)
        self.assertFalse(other.date)

    def test_who_is_cut_off_has_used_half_of_what_odoo_allows(self):
        with self.configured(limit_time_real=0, limit_time_real_cron=-1):
            self.assertEqual(self.server._catchall_seconds_left(), UNLIMITED)
        with self.configured(limit_time_real=120, limit_time_real_cron=-1):
            self.assertEqual(self.server._catchall_seconds_left(), 60)
            end = time.monotonic() + MIN_TIME_PER_JOB - 20
            server = self.server.with_context(cron_end_time=end)
            self.assertAlmostEqual(server._catchall_seconds_left(), 40, delta=1)

    @contextlib.contextmanager
    def configured(self, **values):
        """Run with other limits."""
        with patch.dict(config._runtime_options, values):
            yield

    # ------------------------------------------------------------
    # POP3
    # ------------------------------------------------------------

    def by_pop(self):
        self.server.server_type = "pop"
        self.imap = PopServer({"a": self.small(1), "b": self.large(2)})
        self.connect = PopConnection

    def test_by_pop_who_kills_three_times_is_held_with_its_headers(self):
        self.by_pop()
        self.folder.uidvalidity = "pop"
        self.env["mail.catchall.fetch"]._of(self.folder, ["b"]).kills = MOST_KILLS - 1
        self.folder.fetching_uids = "b"
        self.server.catchall_visit_began = fields.Datetime.now()
        self.collect()
        row = self.row("b")
        self.assertEqual((row.state, row.reason_code), ("held", "fetch_killed"))
        self.assertEqual(row.message_id, "<2@parts.example>")
        self.assertEqual(self.row("a")._raw_bytes(), self.small(1))
        self.assertFalse(self.fetches())

    def test_by_pop_who_failed_once_is_fetched_behind_the_others(self):
        self.by_pop()
        self.folder.uidvalidity = "pop"
        self.env["mail.catchall.fetch"]._of(self.folder, ["a"]).failures = 1
        self.collect()
        self.assertEqual(list(self.journalled()), ["b", "a"])
        self.assertEqual(self.journalled()["a"], self.small(1))
        self.assertFalse(self.folder.fetching_uids)

    def test_by_pop_a_large_mail_is_written_in_parts(self):
        self.by_pop()
        self.patch(fetchmail_server, "MEGABYTE", 4000)
        self.patch(mail_catchall_part, "PIECE", 300)
        mails = [self.small(1), self.large(2)]
        wanted = dict(zip(("a", "b"), mails, strict=True))
        joined = []
        join = type(self.Message)._join

        def joining(message, pieces):
            joined.append((message.uid, len(pieces.records)))
            return join(message, pieces)

        self.patch(type(self.Message), "_join", joining)
        self.collect()
        self.assertEqual(self.journalled(), wanted)
        self.assertEqual(joined, [("b", -(-len(mails[1]) // 300))])
        self.assertFalse(self.env["mail.catchall.part"].search([]))

    def test_many_mails_are_written_some_at_a_time(self):
        self.patch(journal, "AT_ONCE", 1000)
        mails = [{"raw": self.small(number), "uid": str(number)} for number in range(9)]
        found = self.Message._journal(self.router, mails)
        self.assertEqual(
            [(one.uid, one._raw_bytes()) for one in found],
            [(one["uid"], one["raw"]) for one in mails],
        )
