from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.outbound import budgets
from ..cleaning import delete_outdated

GC_BATCH = 10_000
ROOM_LOCK = 0x4D435242  # key class of the locks of budgets


class MailCatchallUsage(models.Model):
    """How many recipients an outgoing server was given in ten seconds, over all
    workers and hosts.

    Room is reserved for each mail in a short transaction of its own, under a lock of
    the server, so that workers wait for each other for about a millisecond.
    """

    _name = "mail.catchall.usage"
    _description = "Use of an Outgoing Mail Server"
    _log_access = False

    mail_server_id = fields.Many2one(
        "ir.mail_server", required=True, ondelete="cascade"
    )
    moment = fields.Datetime(required=True)
    count = fields.Integer(required=True)

    _moment_uniq = models.Constraint(
        "UNIQUE(mail_server_id, moment)", "These seconds are already counted."
    )

    @api.model
    def _reserve(self, server_id, limits, wanted, urgency):
        """Count ``wanted`` recipients, if there is room for them.

        :param limits: {period: limit} of ``tools.budgets``
        :return: (the ``budgets.Full`` that leaves no room, or None; the periods of
            which this mail uses up the part that is warned of)
        """
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(%s, %s)", ROOM_LOCK, server_id)
        )
        now = fields.Datetime.now()
        counts = self._counts(server_id, budgets.begin_of("day", now))
        full = budgets.find_full(limits, counts, wanted, urgency, now)
        if full:
            return full, []
        warnings = budgets.find_warnings(limits, counts, wanted, now)
        self._count(server_id, budgets.slot_of(now), wanted)
        return None, warnings

    @api.model
    def _counts(self, server_id, since):
        """Return {moment: count} of a server."""
        self.env.cr.execute(
            SQL(
                """
                SELECT moment, count
                  FROM mail_catchall_usage
                 WHERE mail_server_id = %s AND moment >= %s
                """,
                server_id,
                since,
            )
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _used_by(self, server_ids):
        """Return {server id: {period: recipients it was given in this one}}."""
        now = fields.Datetime.now()
        begins = [budgets.begin_of(period, now) for period in budgets.PERIODS]
        used = {one: dict.fromkeys(budgets.PERIODS, 0) for one in server_ids}
        sums = SQL(", ").join(
            SQL("COALESCE(SUM(count) FILTER (WHERE moment >= %s), 0)", begin)
            for begin in begins
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mail_server_id, %s
                  FROM mail_catchall_usage
                 WHERE mail_server_id = ANY(%s) AND moment >= %s
                 GROUP BY mail_server_id
                """,
                sums,
                list(server_ids),
                min(begins),
            )
        )
        for server_id, *counts in rows:
            used[server_id] = dict(zip(budgets.PERIODS, counts, strict=True))
        return used

    @api.model
    def _count(self, server_id, moment, count):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_catchall_usage (mail_server_id, moment, count)
                SELECT %s, %s, %s
                    ON CONFLICT (mail_server_id, moment)
                    DO UPDATE SET count = mail_catchall_usage.count + EXCLUDED.count
                """,
                server_id,
                moment,
                count,
            )
        )

    @api.autovacuum
    def _gc_usage(self):
        """Forget what no period reaches any more."""
        limit = fields.Datetime.now() - 2 * budgets.LONGEST
        return delete_outdated(self, [("moment", "<", limit)], GC_BATCH)
