from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

from ..windows import window


class MailCatchallMessage(models.Model):
    """Mail to an address that did not exist, and now does."""

    _inherit = "mail.catchall.message"

    def action_create_address(self):
        """Ask what mail to the unknown address of this message shall make.

        :raises UserError: when it names no unknown address of ours
        """
        for message in self._decidable():
            if address := message._unknown_recipient():
                context = {"default_address": address}
                return window(self.env, "address_action", context=context)
        raise UserError(
            self.env._("This email was written to no unknown address of yours.")
        )

    def _deliver_to_new_address(self, address, at_once):
        """Route again what waits for an address that was just made.

        :param address: str
        :param at_once: int, how many are routed now; the others follow in the queue
        """
        for message in self:
            message._note_decision(
                "create_address", before=message._snapshot(), target=address
            )
        now, later = self[:at_once], self[at_once:]
        later.sudo()._revive()
        if later:
            later._trigger_routing()
        now.with_user(SUPERUSER_ID).action_route()
        done = now._report("create_address")
        done["params"].update(about=address, undo_ids=[])
        if not self:
            done["params"]["message"] = self.env._("No email was waiting for it.")
        return done
