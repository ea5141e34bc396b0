import logging

import psycopg2

from odoo import api, models

from ..tools.checkpoints import reached
from ..tools.watchdog import TimeLimitExceeded, time_limit

_logger = logging.getLogger(__name__)

TOGETHER = 10
# Mails that make no document are routed in a moment: more of them go together.
MANY_TOGETHER = 50
QUICK_SECONDS = 0.02  # per mail
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
        """Answer the first of these messages that may share a transaction.

        A message that was tried before is a batch by itself. Of mails that have their
        conversation, their Message-ID or their content in common a batch has one,
        because a later one depends on what becomes of it: it is left for the next.

        :param most: so many at most
        """
        batch, known, size = self.browse(), set(), 0
        for message in self:
            keys = {message.conversation, message.message_id, message.digest}
            alone = message.attempt_count or size + message.size >= TOGETHER_BYTES
            if not batch or not (alone or keys & known):
                batch += message
                size += message.size
                if alone or len(batch) == most:
                    break
            known |= keys
        return batch

    @api.model
    def _most_together(self, count, seconds):
        """Answer how many messages the next batch may have.

        :param count: how many the last one had
        :param seconds: how long they took
        """
        return MANY_TOGETHER if seconds < count * QUICK_SECONDS else TOGETHER

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
            together = self._settle_together()
            reached("concluded")
            if together:
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
            together = False
        if not together:
            self._start_over()
            self._count_attempts(token, back=True)
            return False
        reached("routed")
        return True

    def _settle_together(self):
        """Bring these messages to their ends; no commit.

        :return: whether they could share what was read of them
        """
        seconds = min(self.router_id.mapped("max_seconds"))
        with time_limit(self.env.cr, seconds):
            mails = self._begin(together=True)
            if self._answer_one_another(mails):
                return False
            for message, mail in mails.items():
                message._route_mail(mail)
            self.env.cr.flush()
        return True

    def _answer_one_another(self, mails):
        """Answer whether one of these mails answers another, whose document is not
        there yet."""
        own = set(self.mapped("message_id"))
        return any(own.intersection(mail.references) for mail in mails.values())

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
