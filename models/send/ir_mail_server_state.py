from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.mail import addresses
from ...tools.outbound.attempts import ACCEPTED, DEFERRED
from ...tools.servers import certificates
from .sending_run import SendingRun


class IrMailServer(models.Model):
    """What is known of a server's state: whether it can be used, and what it took.

    It is noted apart from the mails, whatever becomes of their transaction. A note
    never waits: where somebody else is changing the server, the next one is in time.
    """

    _inherit = "ir.mail_server"

    catchall_last_sent = fields.Datetime("Last Mail Out", readonly=True, copy=False)
    catchall_failing_since = fields.Datetime(readonly=True, copy=False)
    catchall_failures = fields.Integer("Failures in a Row", readonly=True, copy=False)
    catchall_failure_words = fields.Text(readonly=True, copy=False)
    catchall_certificate_end = fields.Datetime(
        "Certificate Valid Until", readonly=True, copy=False
    )

    def _catchall_open(self, session):
        """Note of each new connection whether it works."""
        logins = session.logins
        closed = super()._catchall_open(session)
        run = SendingRun.of(self.env)
        if closed and closed.outcome.state == DEFERRED:
            with run.apart() as env:
                env["ir.mail_server"]._catchall_keep_failure(
                    self.id, closed.outcome.words
                )
        elif session.logins > logins:
            end = certificates.end_of(session)
            with run.apart() as env:
                env["ir.mail_server"]._catchall_keep_login(self.id, end)
        return closed

    def _catchall_draw_conclusions(self, run, attempt, outcomes):
        """Note when the server took a mail, once in a run."""
        if self.id not in run.taking and any(one.state == ACCEPTED for one in outcomes):
            run.taking.add(self.id)
            with run.apart() as env:
                env["ir.mail_server"]._catchall_keep_sent(self.id)
        return super()._catchall_draw_conclusions(run, attempt, outcomes)

    def _catchall_plain_sender(self):
        """Return an address that this server lets write, '' if none is known: the
        router's account, one that the filter names, the login, or the company's
        notifications at the filter's domain."""
        filters = self._parse_from_filter(self.from_filter)
        default = self.env.company.default_from_email or ""
        known = (
            self.catchall_router_ids[:1].account_email,
            *(one for one in filters if "@" in one),
            self.smtp_user if "@" in (self.smtp_user or "") else "",
            default if addresses.domain(default) in filters or not filters else "",
        )
        return next(filter(None, map(addresses.normalize, filter(None, known))), "")

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    @api.model
    def _catchall_keep_sent(self, server_id):
        now = fields.Datetime.now()
        self._catchall_keep_note(
            server_id,
            SQL("catchall_last_sent = %s", now),
            SQL("catchall_last_sent IS DISTINCT FROM %s", now),
        )

    @api.model
    def _catchall_keep_login(self, server_id, certificate_end):
        """Note that a server can be used.

        :param certificate_end: datetime or None
        """
        self._catchall_keep_note(
            server_id,
            SQL(
                "catchall_failures = 0, catchall_failing_since = NULL, "
                "catchall_failure_words = NULL, catchall_certificate_end = %s",
                certificate_end,
            ),
            SQL(
                "(catchall_failing_since IS NOT NULL "
                "OR catchall_certificate_end IS DISTINCT FROM %s)",
                certificate_end,
            ),
        )

    @api.model
    def _catchall_keep_failure(self, server_id, words):
        """Note that a server cannot be used.

        :param words: str, what it said
        """
        self._catchall_keep_note(
            server_id,
            SQL(
                "catchall_failures = COALESCE(catchall_failures, 0) + 1, "
                "catchall_failing_since = COALESCE(catchall_failing_since, %s), "
                "catchall_failure_words = %s",
                fields.Datetime.now(),
                words,
            ),
            SQL("TRUE"),
        )

    @api.model
    def _catchall_keep_note(self, server_id, assignments, condition):
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ir_mail_server
                   SET %s
                 WHERE id = (SELECT id
                               FROM ir_mail_server
                              WHERE id = %s AND %s
                                FOR NO KEY UPDATE SKIP LOCKED)
                """,
                assignments,
                server_id,
                condition,
            )
        )
        self.invalidate_model(
            [
                "catchall_last_sent",
                "catchall_failing_since",
                "catchall_failures",
                "catchall_failure_words",
                "catchall_certificate_end",
            ]
        )
