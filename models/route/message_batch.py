import logging

import psycopg2

from odoo import api, models

from ...tools.runtime.checkpoints import reached
from ...tools.runtime.time_limit import TimeLimitExceeded, time_limit
from ..concurrency import start_over
from .batch import Batch

_logger = logging.getLogger(__name__)

TOGETHER = 20
# Mails that make no document are routed in a moment: more of them go together.
MANY_TOGETHER = 200
QUICK_SECONDS = 0.01  # of processor per mail
TOGETHER_BYTES = 4 * 1024 * 1024

COUNT_ATTEMPTS_QUERY = """
    UPDATE mail_catchall_message
       SET attempt_count = attempt_count + %s, crash_count = crash_count + %s
     WHERE id = ANY(%s) AND claim = %s AND state IN ('received', 'failed')
"""


class MailCatchallMessage(models.Model):
    """Several messages in one transaction, as long as nothing goes wrong.

    Each transaction reads company, users, aliases, stages and the like anew, and waits
    for the disk at its end. Messages that are tried for the first time share one: what
    they make commits together, with all their states. When anything is wrong with one
    of them, nothing of it is kept, and each is tried by itself, so that it fails, is
    held, or kills its worker, alone.
    """

    _inherit = "mail.catchall.message"

    def _next_batch(self, most=TOGETHER):
        """Return the first of these messages that may share a transaction.

        A message that was tried before is a batch by itself.

        :param most: so many at most
        """
        batch, size = self.browse(), 0
        for message in self[:most]:
            size += message.size
            alone = message.attempt_count or size >= TOGETHER_BYTES
            if batch and alone:
                break
            batch += message
            if alone:
                break
        return batch

    @api.model
    def _most_together(self, count, seconds):
        """Return how many messages the next batch may have.

        :param count: how many the last one had
        :param seconds: of processor that they took
        """
        return MANY_TOGETHER if seconds < count * QUICK_SECONDS else TOGETHER

    def _route_together(self, token, opened):
        """Route these claimed messages in one transaction.

        :param opened: as for :meth:`_open_mails`
        :return: whether it was done; if not, nothing has changed
        """
        if len(self) < 2:
            return False
        if not self._count_attempts(token):
            return False
        reached("counted")
        try:
            self._look_ahead(opened)
            self._settle_together(opened)
            reached("concluded")
            self.env["ir.cron"]._commit_progress()
        except psycopg2.InterfaceError:
            raise  # the connection is gone, and the claims with it
        except (Exception, TimeLimitExceeded):
            # Whatever it is, it is met again, and dealt with, by the mail's own try.
            _logger.info(
                "%s messages from %s on are routed one by one",
                len(self),
                self[0].id,
                exc_info=True,
            )
            start_over(self.env)
            self._count_attempts(token, back=True)
            return False
        reached("routed")
        return True

    def _look_ahead(self, opened):
        """Ask others about these claimed messages before they are routed: whoever waits
        for an answer holds nothing in the database; commits. Their attempts are counted
        by then: reading a mail may be what kills a worker.

        :param opened: as for :meth:`_open_mails`
        """
        self._ask_engines(opened)
        self._prove_senders(opened)

    def _settle_together(self, opened=None):
        """Bring these messages to their ends, one after the other; no commit.

        They are read together, but for those that depend on what becomes of an earlier
        one: these are read when it is their turn.

        :param opened: as for :meth:`_open_mails`, or None
        """
        # What one of them may take by itself: who needs more is tried alone.
        seconds = min(self.router_id.mapped("max_seconds"))
        batch = Batch(together=True, opened={} if opened is None else opened)
        with time_limit(self.env.cr, seconds):
            mails = self._independent()._begin(batch)
            own = set(self.mapped("message_id"))
            for message in self:
                mail = mails.get(message)
                if not mail or not mail.only_swells_attack:
                    # What is found out about it may depend on the ends before it.
                    self._write_ending(batch)
                if mail is None:
                    mail = message._begin(batch)[message]
                elif own.intersection(mail.references) or message._is_unjudged(mail):
                    mail = message._read_closely(batch)[message]
                message._route_mail(mail)
                # Together with its end, so that its row is written once.
                if mail.attempted:
                    self.env.cr.flush()
            self._write_ending(batch)
            self.env.cr.flush()

    def _independent(self):
        """Return those of these messages that have neither their conversation nor
        their Message-ID nor their content in common with an earlier one."""
        found, known = self.browse(), set()
        for message in self:
            keys = {message.conversation, message.message_id, message.fingerprint}
            if not keys & known:
                found += message
            known |= keys
        return found

    def _count_attempts(self, token, back=False):
        """Count, or take back, one attempt of each; commits.

        :return: whether all of them may be tried
        """
        count = -1 if back else 1

        def write():
            self.env.cr.execute(
                COUNT_ATTEMPTS_QUERY,
                [count, count, self.ids, str(token)],
                log_exceptions=False,
            )
            complete = self.env.cr.rowcount == len(self)
            if not complete and not back:
                self.env.cr.rollback()
            return complete

        # A copy of one that comes now, or a rescan, may just be writing on it.
        complete = self._retry_on_concurrency(write)
        self.env.invalidate_all(flush=False)
        return complete
