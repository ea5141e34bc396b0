from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .message_attack import ATTACK_WINDOW, TRAP_WINDOW

TRAPPED = """EXISTS (
    SELECT FROM mail_catchall_message one
     WHERE one.trapped IS TRUE AND one.sender = value AND one.arrived > %s)"""
TRIED = """EXISTS (
    SELECT FROM mail_catchall_message one
     WHERE one.unknown_address IS TRUE AND one.%s = value AND one.arrived > %s)"""
ATTACKED = "EXISTS (SELECT FROM mail_catchall_attack one WHERE one.%s = value)"
REPEATED = """(
    SELECT count(*) >= %s
      FROM (SELECT FROM mail_catchall_message one
             WHERE one.burst_key = value AND one.arrived > %s
             LIMIT %s) few)"""
BOUNCED = """EXISTS (
    SELECT FROM %s one
     WHERE one.email_normalized = value AND one.message_bounce > 0)"""


class MailCatchallMessage(models.Model):
    """Suspects: of which of the senders, networks and contents that are read together
    something is on record. Few are; nobody else has to be looked up one by one."""

    _inherit = "mail.catchall.message"

    def _find_suspects(self, mails):
        """Return {(kind, value)}, one statement for all kinds.

        "trapped": a sender who wrote to a trap in the last day; "tried": a sender or a
        network that wrote to unknown addresses in the last hour, "attack": one that has
        ever made an attack; "repeated": a burst key that came often enough to be a
        burst; "bounced": a sender on whom a record counts bounces.

        :param mails: iterable of ``Mail``, those of these messages
        """
        self._flush_records()
        since = min(filter(None, self.mapped("arrived")), default=None)
        if since is None:
            return set()
        selects = [
            SQL(
                "SELECT %s, value FROM unnest(%s::text[]) value WHERE %s",
                kind,
                values,
                condition,
            )
            for kind, found, condition in self._suspect_kinds(mails, since)
            if (values := sorted(set(filter(None, found))))
        ]
        if not selects:
            return set()
        return set(self.env.execute_query(SQL(" UNION ALL ").join(selects)))

    def _suspect_kinds(self, mails, since):
        """Return [(kind, values to look up, ``SQL`` condition on one value)].

        :param since: datetime of the first arrival of these messages
        """
        senders = self.mapped("sender")
        networks = [mail.network for mail in mails]
        tried_since = since - ATTACK_WINDOW
        return [
            ("trapped", senders, SQL(TRAPPED, since - TRAP_WINDOW)),
            ("tried", senders, SQL(TRIED, SQL("sender"), tried_since)),
            ("tried", networks, SQL(TRIED, SQL("network"), tried_since)),
            ("attack", senders, SQL(ATTACKED, SQL("sender"))),
            ("attack", networks, SQL(ATTACKED, SQL("network"))),
            *self._repeated(since),
            *(
                ("bounced", senders, SQL(BOUNCED, SQL.identifier(model._table)))
                for model in self.env["mail.thread.blacklist"]._catchall_models()
            ),
        ]

    def _repeated(self, since):
        """Return the part of the statement that finds contents that came often."""
        routers = self.router_id.filtered("burst_count")
        if not routers:
            return []
        count = min(routers.mapped("burst_count"))
        window = timedelta(minutes=max(routers.mapped("burst_minutes")))
        condition = SQL(REPEATED, count, since - window, count)
        return [("repeated", self.mapped("burst_key"), condition)]

    @api.model
    def _flush_records(self):
        """Write to the database what the statement looks at."""
        self.flush_model(["trapped", "unknown_address", "network", "sender", "arrived"])
        self.env["mail.catchall.attack"].flush_model(["sender", "network"])
        for model in self.env["mail.thread.blacklist"]._catchall_models():
            model.flush_model(["email_normalized", "message_bounce"])
