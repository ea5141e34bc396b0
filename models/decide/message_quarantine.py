from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.mail import preview
from .message_decide import DECIDED_STATES

SHOWN_LENGTH = 150
SHOWN_RECIPIENTS = 2
# More are not counted for the bar at the top.
MOST_COUNTED = 100
# How a badge looks; what is not named here is a question, not a danger.
LEVELS = {
    "danger": (
        "attack",
        "blocked",
        "forged_sender",
        "killed_worker",
        "spam",
        "suspicious",
        "trap",
        "virus",
    ),
    "warning": (
        "burst",
        "error",
        "fetch_failed",
        "fetch_killed",
        "fetch_refused",
        "loop_delivered",
        "loop_guard",
        "loop_received",
        "too_large",
        "too_slow",
        "trap_sender",
        "unproven_sender",
    ),
}


class MailCatchallMessage(models.Model):
    """The quarantine: what the list of waiting mail shows of each."""

    _inherit = "mail.catchall.message"

    reason_badges = fields.Json("Reasons", compute="_compute_reason_badges")
    recipients = fields.Char("To", compute="_compute_recipients", compute_sudo=True)

    @api.depends("reason_codes")
    @api.depends_context("lang")
    def _compute_reason_badges(self):
        """List what the screen shows of ``reason_codes``: code, label and level."""
        labels = dict(self._fields["reason_code"]._description_selection(self.env))
        levels = {code: level for level, codes in LEVELS.items() for code in codes}
        for message in self:
            message.reason_badges = [
                {
                    "code": code,
                    "label": labels[code],
                    "level": levels.get(code, "secondary"),
                }
                for code in message.reason_codes or []
            ]

    @api.depends("delivery_ids.recipient")
    def _compute_recipients(self):
        """Name the first recipients, and how many more there are."""
        for message in self:
            found = list(filter(None, message.delivery_ids.mapped("recipient")))
            shown = ", ".join(found[:SHOWN_RECIPIENTS])
            more = len(found) - SHOWN_RECIPIENTS
            message.recipients = f"{shown} +{more}" if more > 0 else shown

    @api.model
    def count_to_decide(self):
        """Return how many mails of the user's companies wait for a decision, up to
        ``MOST_COUNTED``."""
        return self.search_count(self._to_decide_domain(), limit=MOST_COUNTED)

    @api.model
    def _to_decide_domain(self):
        """Return the domain of what a person is asked about now, mail by mail: not the
        mail of an open attack, which is decided about at once, nor what is snoozed."""
        no_attack = Domain("attack_id", "=", False) | Domain(
            "attack_id.state", "!=", "open"
        )
        waiting = Domain("state", "in", DECIDED_STATES)
        return waiting & no_attack & self._awake_domain()

    @api.model
    def _unsettled_domain(self):
        """Return the domain of what has no end yet: what Odoo comes to by itself, and
        what it asks a person about now."""
        return Domain("state", "=", "received") | self._to_decide_domain()

    def _summary_shown(self):
        """Return what is shown of the message outside of the screens: texts that a
        sender wrote, as they may stand among ours, and the badges."""
        self.ensure_one()
        return {
            "sender": preview.short_line(self.email_from, SHOWN_LENGTH),
            "subject": preview.short_line(self.subject, SHOWN_LENGTH)
            or self.env._("(no subject)"),
            "reasons": self.reason_badges or [],
        }
