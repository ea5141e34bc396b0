from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_datetime

from ..ir_http import READER_GROUP

# The steps of the trace that say whether the mail is what it claims to be.
TRUST_STEPS = ("authentication", "proof", "spam", "sender", "automatic")


class MailMessage(models.Model):
    """How a mail came to the document that it stands on, for who reads the journal."""

    _inherit = "mail.message"

    def catchall_arrival(self):
        """Return how this mail came here, when somebody asks.

        Who may read both the message and the journal is told: ``{}`` where the
        journal has nothing of it, else ``recipient``, ``header``, ``matched``,
        ``alias``, ``is_guess``, ``is_other_address``, ``time``, ``sentences`` about
        sender and spam, and ``journal`` (the id of the ``mail.catchall.message``).

        :raises AccessError: for who does not read the journal, or not the message
        """
        self.ensure_one()
        if not self.env.user.has_group(READER_GROUP):
            raise AccessError(self.env._("You may not read the mail router's journal."))
        self.check_access("read")
        delivery = self._catchall_find_delivery()
        return self._catchall_show_arrival(delivery) if delivery else {}

    def _catchall_find_delivery(self):
        """Return the delivery that put this mail on its document."""
        Delivery = self.env["mail.catchall.delivery"]
        if self.message_type != "email" or not self.model or not self.res_id:
            return Delivery
        return Delivery.search(
            [
                ("model", "=", self.model),
                ("res_id", "=", self.res_id),
                ("state", "=", "delivered"),
                ("message_id.message_id", "=", self.message_id),
            ],
            limit=1,
        )

    def _catchall_show_arrival(self, delivery):
        journal = delivery.message_id
        labels = dict(delivery._fields["matched_by"]._description_selection(self.env))
        steps = journal._steps_of_last_routing()
        sentences = [
            journal._sentence(step) for step in steps if step["step"] in TRUST_STEPS
        ]
        return {
            "recipient": delivery.recipient,
            "header": delivery.header or "",
            "matched": labels.get(delivery.matched_by, ""),
            "alias": delivery.alias_id.sudo().alias_full_name or "",
            "is_guess": delivery.matched_by == "guess",
            "is_other_address": delivery.unknown,
            "time": format_datetime(
                self.env,
                journal.internal_date or journal.create_date,
                tz=self.env.user.tz,
                dt_format="short",
            ),
            "sentences": list(filter(None, sentences)),
            "journal": journal.id,
        }
