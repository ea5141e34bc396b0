from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..windows import window
from .message_decide import DECIDED_STATES
from .message_quarantine import MOST_COUNTED


class MailCatchallMessage(models.Model):
    """Snooze: mail that a person wants to see again later, of which nobody is asked
    until then.

    Nothing wakes it: it waits again as soon as its moment has passed.
    """

    _inherit = "mail.catchall.message"

    # ------------------------------------------------------------
    # DOMAINS
    # ------------------------------------------------------------

    @api.model
    def _awake_domain(self):
        """Return the domain of what nobody has snoozed, or not any longer."""
        never = Domain("snoozed_until", "=", False)
        return never | Domain("snoozed_until", "<=", fields.Datetime.now())

    @api.model
    def _snoozed_domain(self):
        """Return the domain of what waits for later."""
        waiting = Domain("state", "in", DECIDED_STATES)
        return waiting & Domain("snoozed_until", ">", fields.Datetime.now())

    @api.model
    def _count_snoozed(self):
        """Return how many mails wait for later, up to ``MOST_COUNTED``."""
        return self.search_count(self._snoozed_domain(), limit=MOST_COUNTED)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_snooze(self):
        """Ask until when nobody is to be asked about this mail."""
        waiting = self._decidable()
        return window(
            self.env, "snooze_action", context={"default_waiting_ids": waiting.ids}
        )

    def _snooze(self, until):
        """Ask nobody about this mail until a moment.

        :param until: datetime, naive UTC
        :return: as the other decisions
        :raises UserError: when the moment has passed
        """
        if until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a moment that is still to come."))
        waiting = self._decidable()
        for message in waiting:
            message._note_decision(
                "snooze",
                before=message._snapshot(),
                until=fields.Datetime.to_string(until),
            )
        report = waiting._report("snooze")
        when = format_datetime(self.env, until, dt_format="short")
        report["params"].update(
            type="success",
            message=self.env._("It comes back on %s.", when)
            if len(waiting) == 1
            else self.env._("They come back on %s.", when),
        )
        return report
