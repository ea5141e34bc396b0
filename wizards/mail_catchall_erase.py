from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.windows import notice
from ..tools.mail import addresses


class MailCatchallErase(models.TransientModel):
    """Erase all mail of one address from the journal, for a data-subject request.

    Documents that were made of the mails are not touched: they belong to the apps.
    """

    _name = "mail.catchall.erase"
    _description = "Erase the Mail of an Address"

    address = fields.Char(
        "Email Address",
        required=True,
        help="Erases all messages from and to this address from the Mail Router. The "
        "documents created from them stay.",
    )
    message_count = fields.Integer(
        "Messages Found",
        compute="_compute_message_count",
        help="How many messages would be erased.",
    )

    @api.depends("address")
    def _compute_message_count(self):
        for wizard in self:
            wizard.message_count = len(wizard._find_messages())

    def _find_messages(self):
        return self.env["mail.catchall.message"]._find_of_address(self.address)

    def action_erase(self):
        """Erase, and say of how many messages.

        :raises UserError: when it is no address, or nothing is known of it
        """
        self.ensure_one()
        address = addresses.normalize(self.address or "")
        messages = self._find_messages()
        if not messages:
            raise UserError(
                self.env._("No message from or to “%s” was found.", self.address)
            )
        messages._check_may_decide()
        count = len(messages)
        messages.sudo()._erase()
        self.env["mail.catchall.answer"].sudo()._find_of_address(address).unlink()
        message = self.env._(
            "Messages from or to %(address)s that were erased: %(count)s.",
            count=count,
            address=address,
        )
        return notice(message, next={"type": "ir.actions.act_window_close"})
