import base64
import logging
from contextlib import contextmanager
from datetime import UTC, timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.outbound import sent_copy
from ...tools.outbound.attempts import delay_after
from ...tools.runtime.checkpoints import reached
from ...tools.servers import imap
from ..cleaning import delete_outdated
from ..fields import RawMail

_logger = logging.getLogger(__name__)

LONGEST_DELAY = timedelta(hours=6)
# From this failure on people are alerted.
TOLD_AT = 3
KEPT_FOR = timedelta(days=14)
SUBJECT_LENGTH = 500


class MailCatchallCopy(models.Model):
    """A mail that a person has sent, on its way to the Sent folder of the account.

    It is written down with the sending and put into the folder by a scheduled
    action: a mailbox that is away delays no mail. When it is in the folder the copy
    is deleted here.
    """

    _name = "mail.catchall.copy"
    _description = "Copy for the Sent Folder"
    _order = "id"
    _rec_name = "subject"

    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    message_id = fields.Char("Message-ID", required=True, readonly=True)
    subject = fields.Char(readonly=True)
    date = fields.Datetime("Sent On", required=True, readonly=True)
    raw = RawMail(
        "Raw Mail",
        attachment=False,
        readonly=True,
        groups="mail_catchall_router.group_mail_catchall_router_manager",
    )
    attempt_count = fields.Integer("Attempts", readonly=True)
    next_attempt = fields.Datetime(required=True, readonly=True, index=True)
    error = fields.Text(readonly=True)

    # To each recipient goes a mail of its own, but a person has sent one.
    _message_id_uniq = models.UniqueIndex(
        "(router_id, message_id)", "The copy of this email is already waiting."
    )

    # ------------------------------------------------------------
    # KEEP
    # ------------------------------------------------------------

    @api.model
    @contextmanager
    def _keeping(self, message):
        """Keep the copy that a message asks for, once what is done within has sent it.

        :param message: the ``EmailMessage``; the header that asks leaves it
        """
        router_id = sent_copy.take_copy_header(message)
        try:
            yield
        except Exception:
            # Who sends the same mail again wants the copy then.
            if router_id:
                message[sent_copy.COPY_HEADER] = str(router_id)
            raise
        if router_id:
            self._keep(router_id, message)

    @api.model
    def _keep(self, router_id, message):
        """Keep the copy of a mail that was sent. Whatever happens to the copy, the
        mail is sent and stays so.

        :param router_id: of the ``mail.catchall.router`` whose account it is for
        :param message: the ``EmailMessage`` as it was sent
        """
        router = self.env["mail.catchall.router"].sudo().browse(router_id).exists()
        if not router.sent_folder:
            return
        try:
            with self.env.cr.savepoint():
                self._write_down(router, message)
        except psycopg2.Error:
            # The same mail, just sent to somebody else by another worker.
            _logger.info("%s: no copy was kept", message["Message-Id"], exc_info=True)

    @api.model
    def _write_down(self, router, message):
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_catchall_copy
                            (router_id, message_id, subject, date, raw, attempt_count,
                             next_attempt, create_date, create_uid)
                     VALUES (%(router)s, %(message_id)s, %(subject)s, %(now)s, %(raw)s,
                             0, %(now)s, %(now)s, %(uid)s)
                ON CONFLICT DO NOTHING
                  RETURNING id
                """,
                router=router.id,
                message_id=str(message["Message-Id"] or ""),
                subject=str(message["Subject"] or "")[:SUBJECT_LENGTH],
                raw=self._fields["raw"].convert_to_column(
                    base64.b64encode(sent_copy.as_sent(message)), self
                ),
                now=now,
                uid=self.env.uid,
            )
        )
        if rows:
            self.env.ref("mail_catchall_router.ir_cron_copy").sudo()._trigger()

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_append(self):
        """Put what waits into the Sent folders, router by router."""
        due = self.search([("next_attempt", "<=", fields.Datetime.now())])
        if due:
            self.env["ir.cron"]._commit_progress(remaining=len(due))
        for router, copies in due.grouped("router_id").items():
            router._append_copies(copies)

    def _append(self, connection):
        """Put these copies into the folder, one transaction each; yields 1 after
        each. Begun again, it goes on with those that are left."""
        for copy in self.exists():
            folder = copy.router_id.sent_folder
            try:
                imap.append_once(
                    connection,
                    folder,
                    copy._fields["raw"].read_bytes(copy),
                    copy.message_id,
                    copy.date.replace(tzinfo=UTC),
                )
            except imap.MailboxError as error:
                copy._register_failure(str(error))
            else:
                reached("appended")
                copy.unlink()
            self.env["ir.cron"]._commit_progress(1)
            self.env.invalidate_all(flush=False)
            yield 1

    def _register_failure(self, text):
        """Keep why these copies are not in the folder, and try again later."""
        for copy in self:
            count = copy.attempt_count + 1
            delay = delay_after(count, LONGEST_DELAY)
            copy.write(
                {
                    "attempt_count": count,
                    "next_attempt": fields.Datetime.now() + delay,
                    "error": text,
                }
            )
        if any(copy.attempt_count >= TOLD_AT for copy in self):
            router = self.router_id
            router._alert(
                self.env._("Copies of sent mail cannot be stored"),
                self.env._(
                    "The email itself was sent. Its copy could not be stored in the "
                    "folder “%(folder)s” of the account: %(error)s. Odoo retries for "
                    "%(days)s days. Open the router, Sending, to see what is waiting.",
                    folder=router.sent_folder or "",
                    error=text,
                    days=KEPT_FOR.days,
                ),
            )

    @api.autovacuum
    def _gc_copies(self):
        """Give up copies that no attempt could store.

        :return: (number done, whether there may be more)
        """
        before = fields.Datetime.now() - KEPT_FOR
        return delete_outdated(self, [("date", "<", before)])
