import logging

import psycopg2

from odoo import models

from ..tools.checkpoints import reached
from ..tools.watchdog import TimeLimitExceeded

_logger = logging.getLogger(__name__)

TOGETHER = 10
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

    def _batches(self):
        """Cut these messages into batches that may share a transaction; yield them.

        A message that was tried before is a batch by itself; of one conversation a
        batch has one mail, because a later one waits for what becomes of it.
        """
        batch, conversations, size = self.browse(), set(), 0
        for message in self:
            if batch and (
                message.attempt_count
                or message.conversation in conversations
                or len(batch) == TOGETHER
                or size + message.size >= TOGETHER_BYTES
            ):
                yield batch
                batch, conversations, size = self.browse(), set(), 0
            batch += message
            conversations.add(message.conversation)
            size = TOGETHER_BYTES if message.attempt_count else size + message.size
        if batch:
            yield batch

    def _route_together(self, token):
        """Route these claimed messages in one transaction.

        :return: whether it was done; if not, nothing has changed
        """
        if len(self) < 2:
            return False
        if not self._count_attempts(token):
            return False
        reached("counted")
        try:
            for message in self:
                message._route_in_time()
                # What core does before a commit is part of the message's work.
                self.env.cr.flush()
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
            self._start_over()
            self._count_attempts(token, back=True)
            return False
        reached("routed")
        return True

    def _count_attempts(self, token, back=False):
        """Count, or take back, one attempt of each; commits.

        :return: whether all of them may be tried
        """
        count = -1 if back else 1
        self.env.cr.execute(COUNT_ATTEMPTS_QUERY, [count, count, self.ids, str(token)])
        complete = self.env.cr.rowcount == len(self)
        if complete or back:
            self.env["ir.cron"]._commit_progress()
        else:
            self.env.cr.rollback()
        self.env.invalidate_all(flush=False)
        return complete
