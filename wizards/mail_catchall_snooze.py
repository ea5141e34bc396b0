from datetime import datetime, time, timedelta

from odoo import api, fields, models

from ..tools.runtime import local_time

# When a working day begins, on the clock of who snoozes.
MORNING = time(8)
MONDAY = 0
WEEK = 7


class MailCatchallSnooze(models.TransientModel):
    """Until when mail is snoozed: a working morning, or any moment."""

    _name = "mail.catchall.snooze"
    _description = "Snooze Mail"

    waiting_ids = fields.Many2many(
        "mail.catchall.message", string="Messages", required=True
    )
    when = fields.Selection(
        [
            ("tomorrow", "Tomorrow morning"),
            ("monday", "Monday morning"),
            ("week", "In a week"),
            ("moment", "Another moment"),
        ],
        "Ask Again",
        required=True,
        default="tomorrow",
        help="When the email waits for a decision again. A morning is at 8 on your "
        "clock.",
    )
    until = fields.Datetime(
        compute="_compute_until",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Until then the email is in no list of what waits, and in no count.",
    )

    @api.depends("when")
    def _compute_until(self):
        today = fields.Date.context_today(self)
        days = {
            "tomorrow": 1,
            "monday": (MONDAY - today.weekday() - 1) % WEEK + 1,
            "week": WEEK,
        }
        for wizard in self:
            if wizard.when != "moment" or not wizard.until:
                day = today + timedelta(days=days.get(wizard.when, 1))
                wall = datetime.combine(day, MORNING)
                wizard.until = local_time.moment_of(wall, self.env.tz)

    def action_snooze(self):
        """Snooze the mail.

        :raises UserError: when the moment has passed
        """
        self.ensure_one()
        return self.waiting_ids._snooze(self.until)
