from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.outbound import budgets
from ...tools.outbound.attempts import WAITING, Closed, Outcome

LIMIT_FIELDS = {
    "minute": "catchall_limit_minute",
    "hour": "catchall_limit_hour",
    "day": "catchall_limit_day",
}


class IrMailServer(models.Model):
    """Budgets: how much an account may send, so that its provider doesn't stop it.

    What is over waits in the queue. People's mail may use up all of a limit, mail that
    Odoo sends by itself nine tenths, mass mailings eight tenths.
    """

    _inherit = "ir.mail_server"

    catchall_limit_minute = fields.Integer(
        "Per Minute",
        help="How many emails Odoo may send in a minute; an email to three "
        "recipients counts as three. Email above the limit waits for the next "
        "minute. 0: no limit.",
    )
    catchall_limit_hour = fields.Integer(
        "Per Hour",
        help="How many emails Odoo may send in an hour. Enter what your provider "
        "allows: providers often block accounts that send more. 0: no limit.",
    )
    catchall_limit_day = fields.Integer(
        "Per Day",
        help="How many emails Odoo may send in a day. Enter what your provider "
        "allows. 0: no limit.",
    )
    catchall_used_minute = fields.Integer(compute="_compute_catchall_used")
    catchall_used_hour = fields.Integer(compute="_compute_catchall_used")
    catchall_used_day = fields.Integer(compute="_compute_catchall_used")

    def _compute_catchall_used(self):
        used = self.env["mail.catchall.usage"].sudo()._used_by(self._origin.ids)
        for server in self:
            # One that is being made has used nothing.
            counts = used.get(server._origin.id, {})
            for period in budgets.PERIODS:
                server[f"catchall_used_{period}"] = counts.get(period, 0)

    @api.constrains(*LIMIT_FIELDS.values())
    def _check_catchall_limits(self):
        for server in self:
            if min(server._catchall_limits().values()) < 0:
                raise ValidationError(
                    self.env._("%s: a limit cannot be negative.", server.name)
                )

    def _catchall_limits(self):
        """Return {period: limit}, 0 for none."""
        return {period: self[field] for period, field in LIMIT_FIELDS.items()}

    def _catchall_reserve(self, run, wanted, urgency):
        """Reserve room in the budget for a mail.

        :param wanted: number of recipients
        :param urgency: one of ``budgets.SHARES``
        :return: ``attempts.Closed`` when there is no room, or None
        """
        limits = self._catchall_limits()
        if not any(limits.values()):
            return None
        with run.apart() as env:
            full, warnings = env["mail.catchall.usage"]._reserve(
                self.id, limits, wanted, urgency
            )
        for period in warnings:
            self._catchall_warn(run, period)
        if not full:
            return None
        return Closed(
            Outcome(WAITING, self._catchall_full_words(full.period)),
            full.until,
            budgets.PERIODS[full.period],
            budgets.share_of(limits[full.period], urgency),
        )

    def _catchall_full_words(self, period):
        name = self.name
        words = {
            "minute": self.env._("The budget of %s for a minute is used up.", name),
            "hour": self.env._("The budget of %s for an hour is used up.", name),
            "day": self.env._("The budget of %s for a day is used up.", name),
        }
        return words[period]

    def _catchall_warn(self, run, period):
        """Say that four fifths of a budget are used up; minutes come and go."""
        summaries = {
            "hour": self.env._("%s: the hour's budget is nearly used up", self.name),
            "day": self.env._("%s: the day's budget is nearly used up", self.name),
        }
        if period in summaries:
            self._catchall_alert(
                run,
                summaries[period],
                self.env._(
                    "80 % of the outgoing mail server's budget is used. Email above "
                    "the budget waits in the queue; email written by people goes "
                    "first."
                ),
            )
