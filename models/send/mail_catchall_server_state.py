import json
from dataclasses import asdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.outbound import streaks


class MailCatchallServerState(models.Model):
    """What is known of an outgoing server: when it last took a mail, and whether it
    can be used.

    It has a table of its own, because it is committed while mails are on their way.
    Core writes on the server's row in the transaction of the mails (the new token of
    a sign-in); a note on the same row would make PostgreSQL refuse that transaction,
    and core would then send again what is sent.
    """

    _name = "mail.catchall.server.state"
    _description = "State of an Outgoing Mail Server"
    _log_access = False

    mail_server_id = fields.Many2one(
        "ir.mail_server", required=True, index=True, ondelete="cascade"
    )
    last_sent = fields.Datetime("Last Mail Out", readonly=True)
    failing_since = fields.Datetime(readonly=True)
    failures = fields.Integer("Failures in a Row", readonly=True)
    failure_words = fields.Text(readonly=True)
    is_refusing = fields.Boolean(
        readonly=True,
        help="It refuses this account's mail, although signing in works.",
    )
    is_signed_out = fields.Boolean(
        readonly=True,
        help="The sign-in server or the mail server takes its tokens no more.",
    )
    certificate_end = fields.Datetime("Certificate Valid Until", readonly=True)
    recipients_limit = fields.Integer(
        "Recipients per Email",
        readonly=True,
        help="How many recipients of one email the server accepted before it refused "
        "the rest. Odoo sends emails to more people in parts of that size. 0: the "
        "server never refused any.",
    )

    streak = fields.Json(
        readonly=True, help="Emails that were refused alike, one after the other."
    )

    _mail_server_uniq = models.Constraint(
        "UNIQUE(mail_server_id)", "Odoo already keeps the state of this server."
    )

    @api.model
    def _keep_sent(self, server_id):
        """Note that a server has taken a mail."""
        sent = {"last_sent": SQL("%s", fields.Datetime.now())}
        self._keep(server_id, {**sent, **_working(SQL("TRUE"))})

    @api.model
    def _keep_login(self, server_id, certificate_end):
        """Note that a server can be used, unless it has refused every mail since.

        :param certificate_end: datetime or None
        """
        end = {"certificate_end": SQL("%s::timestamp", certificate_end)}
        self._keep(server_id, {**end, **_working(SQL("state.is_refusing IS NOT TRUE"))})

    @api.model
    def _keep_failure(self, server_id, words, is_refusing=False, is_signed_out=False):
        """Note that a server cannot be used.

        :param words: str, what it said
        :param is_refusing: whether signing in works, and no mail does
        :param is_signed_out: whether somebody has to sign in
        """
        now = fields.Datetime.now()
        self._keep(
            server_id,
            {
                "failures": SQL("COALESCE(state.failures, 0) + 1"),
                "failing_since": SQL("COALESCE(state.failing_since, %s)", now),
                "failure_words": SQL("%s", words),
                "is_refusing": SQL("%s", is_refusing),
                "is_signed_out": SQL("%s", is_signed_out),
            },
        )

    @api.model
    def _keep_recipients_limit(self, server_id, limit):
        """Note how many recipients of one mail a server takes."""
        self._keep(server_id, {"recipients_limit": SQL("%s", limit)})

    @api.model
    def _keep_streak(self, server_id, words, mail_id, domains):
        """Note that a server has refused a mail in words that nobody knows; return the
        ``streaks.Streak`` that this is one of.

        :param domains: list of those of its recipients
        """
        now = fields.Datetime.now()
        state = self.search([("mail_server_id", "=", server_id)], limit=1)
        streak, shape = _read_streak(state.streak), streaks.shape(words)
        if not streak or streak.is_broken(shape, now, state.last_sent or None):
            streak = streaks.Streak(shape, now)
        streak = streak.and_one(mail_id, domains)
        kept = {**asdict(streak), "since": fields.Datetime.to_string(streak.since)}
        self._keep(server_id, {"streak": SQL("%s::jsonb", json.dumps(kept))})
        return streak

    @api.model
    def _keep(self, server_id, values):
        """Note values, unless the server is just being deleted, or is not yet there
        for others.

        :param values: {column: ``SQL``}, which may read the row as ``state``
        """
        self.env["ir.mail_server"].flush_model()
        self._make_row(server_id)
        assignments = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(column), value)
            for column, value in values.items()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE mail_catchall_server_state AS state SET %s "
                "WHERE mail_server_id = %s",
                assignments,
                server_id,
            )
        )
        self.invalidate_model()
        self.env["ir.mail_server"].invalidate_model()

    @api.model
    def _make_row(self, server_id):
        # KEY SHARE is what a foreign key takes: it leaves core free to write.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_catchall_server_state (mail_server_id, failures)
                SELECT id, 0
                  FROM ir_mail_server
                 WHERE id = %s
                   AND NOT EXISTS (SELECT 1
                                     FROM mail_catchall_server_state
                                    WHERE mail_server_id = %s)
                   FOR KEY SHARE SKIP LOCKED
                    ON CONFLICT (mail_server_id) DO NOTHING
                """,
                server_id,
                server_id,
            )
        )


def _read_streak(kept):
    """Return the ``streaks.Streak`` that was kept, None if none was.

    :param kept: dict or False
    """
    if not kept:
        return None
    return streaks.Streak(
        kept["shape"],
        fields.Datetime.to_datetime(kept["since"]),
        tuple(kept["mail_ids"]),
        tuple(kept["domains"]),
    )


def _working(condition):
    """Return {column: ``SQL``} of a server that works, where the condition holds."""
    columns = {
        "failures": SQL("0"),
        "failing_since": SQL("NULL::timestamp"),
        "failure_words": SQL("NULL"),
        "is_refusing": SQL("FALSE"),
        "is_signed_out": SQL("FALSE"),
    }
    return {
        name: SQL(
            "CASE WHEN %s THEN %s ELSE %s END",
            condition,
            value,
            SQL.identifier("state", name),
        )
        for name, value in columns.items()
    }
