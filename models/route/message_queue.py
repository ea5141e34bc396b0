import logging
import time

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...tools.runtime import locks
from ...tools.runtime.checkpoints import reached
from ...tools.runtime.errors import describe
from ...tools.runtime.time_limit import TimeLimitExceeded, time_limit
from ..concurrency import start_over
from .message_batch import TOGETHER

_logger = logging.getLogger(__name__)

BATCH_SIZE = 50
BLOCKING_ATTEMPTS = 3  # a mail that failed more often doesn't hold its conversation up
MAX_CRASHES = 3
REVIVED_STATES = ("failed", "dead", "held")

# The first messages of each router, then one of each router in turn, so that nobody
# waits behind the flood of another. A mail of a conversation waits for an earlier one
# that is with a lane, that is tried again soon, or that another router has to route:
# only those of one router are claimed together, in their order. It also waits for the
# first mail of all, if that came into the journal after it.
# OFFSET 0 keeps the planner from joining with all that waits: it looks the few earlier
# mails up, one conversation at a time, however long the backlog is.
# Chosen once, before anything is changed: as a part of the UPDATE's condition the
# planner may ask for the next rows again and again, and take more than the limit.
CLAIM_QUERY = """
    WITH turns AS MATERIALIZED (
        SELECT first.id, first.turn
          FROM mail_catchall_router router
    CROSS JOIN LATERAL (
            SELECT due.id, row_number() OVER (ORDER BY due.id) AS turn
              FROM (
                SELECT open.id
                  FROM mail_catchall_message open
                 WHERE open.router_id = router.id
                   AND open.state IN ('received', 'failed')
                   AND open.claim IS NULL
                   AND (open.next_attempt IS NULL OR open.next_attempt <= %(now)s)
                   AND NOT EXISTS (
                        SELECT 1
                          FROM mail_catchall_message earlier
                         WHERE earlier.state IN ('received', 'failed')
                           AND earlier.conversation = open.conversation
                           AND (earlier.id < open.id
                                AND (earlier.claim IS NOT NULL
                                     OR (earlier.next_attempt > %(now)s
                                         AND earlier.attempt_count
                                             <= %(blocking_attempts)s)
                                     OR (earlier.router_id != open.router_id
                                         AND (earlier.next_attempt IS NULL
                                              OR earlier.next_attempt <= %(now)s)))
                                OR earlier.id > open.id
                                AND earlier.message_id = open.conversation
                                AND open.message_id != open.conversation
                                AND earlier.attempt_count <= %(blocking_attempts)s)
                        OFFSET 0)
                 ORDER BY open.id
                 LIMIT %(limit)s) due) first
         ORDER BY first.turn, random()
         LIMIT %(limit)s),
    chosen AS MATERIALIZED (
        SELECT message.id, turns.turn
          FROM mail_catchall_message message
          JOIN turns ON turns.id = message.id
           FOR UPDATE OF message SKIP LOCKED)
    UPDATE mail_catchall_message message
       SET claim = %(claim)s
      FROM chosen
     WHERE message.id = chosen.id
 RETURNING chosen.turn, message.id
"""
# What stands before the claim in its transaction. The table of routers is so small that
# nobody ever counts its rows for the planner, which takes it for 60 with a backlog each
# and lets the claim be compiled: ten times the time that the claim itself takes.
RELEASE_ABANDONED_QUERY = """
    SET LOCAL jit TO off;
    UPDATE mail_catchall_message
       SET claim = NULL
     WHERE claim IS NOT NULL
       AND claim NOT IN (%s)
"""
COUNT_ATTEMPT_QUERY = """
    UPDATE mail_catchall_message
       SET attempt_count = attempt_count + 1, crash_count = crash_count + 1
     WHERE id = %s AND claim = %s AND state IN ('received', 'failed')
 RETURNING crash_count
"""


class MailCatchallMessage(models.Model):
    """The journal as a queue: lanes claim messages, count attempts, retry.

    A lane's claim is a token whose session lock lives as long as the lane's
    connection: what a killed worker had claimed is free the moment it is dead.
    Claiming is done by one lane at a time, so that the mails of one conversation
    never are with two lanes.
    """

    _inherit = "mail.catchall.message"

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_route(self, batch_size=0):
        """Route what waits, until nothing waits or the cron's time is over.

        :param batch_size: how many are claimed at once; 0 for as many as are worth it
        """
        queue = self.with_user(SUPERUSER_ID)
        token = locks.new_token()
        with locks.worker_lock(self.env.cr, token):
            most = TOGETHER
            while most and (
                messages := queue._claim(token, batch_size or max(most, BATCH_SIZE))
            ):
                most = queue._route_claimed(messages, token, most)
                self.env["mail.catchall.router"].sudo()._wake_paused()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_route(self):
        """Route a selection now, whatever its next attempt; for administrators.

        What is held is looked at again: an alias may have been made for it since.
        Messages that another lane works on are left to it.
        """
        self._check_may_decide()
        queue = self.with_user(SUPERUSER_ID)
        living = {str(token) for token in locks.living_workers(self.env.cr)}
        queue.filtered(
            lambda one: one.state in REVIVED_STATES and one.claim not in living
        )._revive()
        token = locks.new_token()
        with locks.worker_lock(self.env.cr, token):
            while claimed := queue._claim(token, BATCH_SIZE, within=self.ids):
                queue._route_claimed(claimed, token)
        self.invalidate_recordset()
        return True

    # ------------------------------------------------------------
    # CLAIM
    # ------------------------------------------------------------

    @api.model
    def _claim(self, token, limit, within=None):
        """Take the next messages for the lane ``token``; commits.

        :param token: int, whose worker lock the caller holds
        :param limit: most messages to take
        :param within: ids to choose from, or None for all
        :return: the claimed messages: those of one router in arrival order, the
            routers in turn
        """
        commit = self.env["ir.cron"]._commit_progress
        with locks.named_lock(self.env.cr, "mail_catchall_router.claim"):
            # A new snapshot, with what the lane before us has claimed.
            commit()
            living = SQL(locks.LIVING_WORKERS)
            self.env.cr.execute(SQL(RELEASE_ABANDONED_QUERY, living))
            self.env.cr.execute(
                self._claim_query(within),
                {
                    "claim": str(token),
                    "now": fields.Datetime.now(),
                    "blocking_attempts": BLOCKING_ATTEMPTS,
                    "limit": limit,
                    "within": list(within or ()),
                },
            )
            in_turn = sorted(self.env.cr.fetchall())
            commit()
        reached("claimed")
        self.invalidate_model(["claim"])
        return self.browse([message_id for _turn, message_id in in_turn])

    @api.model
    def _claim_query(self, within):
        if within is None:
            return CLAIM_QUERY
        return CLAIM_QUERY.replace(
            "AND open.claim IS NULL",
            "AND open.claim IS NULL AND open.id = ANY(%(within)s)",
        )

    @api.model
    def _unclaim(self, token):
        self.env.cr.execute(
            "UPDATE mail_catchall_message SET claim = NULL WHERE claim = %s",
            [str(token)],
        )

    # ------------------------------------------------------------
    # ATTEMPT
    # ------------------------------------------------------------

    def _route_claimed(self, messages, token, most=TOGETHER):
        """Route claimed messages, together or one transaction each.

        What follows a failed mail in its conversation is given back: it waits for
        the other, as it would have if it had not been claimed together with it.

        :param most: so many in one transaction at most, to begin with
        :return: how many the next one may have; 0 when the time is over
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=len(messages))
        messages, held_up = messages._suspects_last(), set()
        while messages:
            batch = messages._next_batch(most)
            messages -= batch
            waiting = batch.filtered(lambda one: one.conversation in held_up)
            if waiting:
                waiting._give_back()
            ready = batch - waiting
            opened = {}  # what is read of each before its routing is not read again
            # Of this thread alone: on a busy machine waiting says nothing of the mails.
            started = time.thread_time()
            if not ready._route_together(token, opened):
                ready._attempt_each(token, held_up, opened)
            most = self._most_together(len(ready), time.thread_time() - started)
            if not commit_progress(len(batch)):
                self._unclaim(token)
                commit_progress()
                return 0
        return most

    def _suspects_last(self):
        """Return these messages with those behind the others that were being tried when
        workers died, each with all of its conversation.

        What kills its worker shall do it when the others have their ends. And whoever
        was there by chance, as the first mail of a worker that has just begun and is
        slow, is there by chance once more much less often.
        """
        crashes = {}
        for together in self.grouped(lambda one: one.conversation or one.id).values():
            most = max(together.mapped("crash_count"))
            crashes.update(dict.fromkeys(together, most))
        return self.sorted(crashes.get)

    def _give_back(self):
        """Let go of these messages untried; commits, whatever becomes of others."""
        self._retry_on_concurrency(lambda: self.write({"claim": False}))

    def _attempt_each(self, token, held_up, opened):
        """Try one message after the other, each in a transaction of its own.

        :param held_up: set of the conversations that wait for a failed mail, to which
            those of these messages are added
        :param opened: as for :meth:`_open_mails`
        """
        for message in self:
            if message.conversation in held_up:
                message._give_back()
                continue
            message._attempt(token, opened)
            if message._holds_conversation_up():
                held_up.add(message.conversation)

    def _attempt(self, token, opened):
        """Try one message; its end, good or bad, is in the transaction after it.

        :param opened: as for :meth:`_open_mails`
        """
        self.ensure_one()
        if not self._count_attempt(token):
            return
        reached("counted")
        try:
            self._look_ahead(opened)
            self._retry_on_concurrency(
                lambda: self._route_in_time(opened), concludes=True
            )
        except psycopg2.InterfaceError:
            raise  # the connection is gone, and the claim with it
        except (TimeLimitExceeded, psycopg2.errors.QueryCanceled):
            start_over(self.env)
            self._hold_slow()
        except Exception as error:
            # The boundary of the queue: whatever one mail raises, the others go on.
            _logger.info(
                "%s: routing message %s failed", self.message_id, self.id, exc_info=True
            )
            start_over(self.env)
            self._register_failure(describe(error))

    def _holds_conversation_up(self):
        """Tell whether later mails of the conversation wait for this one."""
        return self.state == "failed" and self.attempt_count <= BLOCKING_ATTEMPTS

    def _count_attempt(self, token):
        """Count the attempt and commit it before the work, so that a mail that
        kills its worker is known by its count.

        :return: whether the message may be tried
        """

        def count():
            self.env.cr.execute(
                COUNT_ATTEMPT_QUERY, [self.id, str(token)], log_exceptions=False
            )
            row = self.env.cr.fetchone()
            self.invalidate_recordset()
            if row and row[0] > MAX_CRASHES:
                self._bury("killed_worker", crash_count=row[0] - 1)
            return bool(row) and row[0] <= MAX_CRASHES

        # A copy that comes now, or a rescan, may just be writing on it.
        return self._retry_on_concurrency(count)

    def _route_in_time(self, opened):
        with time_limit(self.env.cr, self.router_id.max_seconds):
            self._route(opened)
            self.env.flush_all()
