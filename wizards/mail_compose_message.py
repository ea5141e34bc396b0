from odoo import api, fields, models
from odoo.fields import Command

from ..models.fields import OwnMany2many
from ..models.setup.res_config_settings_writing import OFFERED, PARAMETER, RIVALS


class MailComposeMessage(models.TransientModel):
    """Cc and Bcc when somebody writes to the people of one document."""

    _inherit = "mail.compose.message"

    catchall_cc_ids = OwnMany2many(
        "res.partner",
        string="Cc",
        help="They get a copy, and everybody who gets the email sees them.",
    )
    catchall_bcc_ids = OwnMany2many(
        "res.partner",
        string="Bcc",
        help="They get a copy, and nobody else who gets the email sees them.",
    )
    # Read along with the rest of the wizard, unlike the lists.
    catchall_has_copies = fields.Boolean(
        "Copies To",
        compute="_compute_catchall_has_copies",
        store=True,
        precompute=True,
    )
    catchall_offers_copies = fields.Boolean(compute="_compute_catchall_offers_copies")

    @api.depends("catchall_cc_ids", "catchall_bcc_ids")
    def _compute_catchall_has_copies(self):
        for wizard in self:
            wizard.catchall_has_copies = bool(
                wizard.catchall_cc_ids or wizard.catchall_bcc_ids
            )

    @api.depends("composition_mode", "composition_batch", "subtype_is_log")
    def _compute_catchall_offers_copies(self):
        offers = self._catchall_offers_copies()
        for wizard in self:
            wizard.catchall_offers_copies = (
                offers
                and wizard.composition_mode == "comment"
                and not wizard.composition_batch
                and not wizard.subtype_is_log
            )

    @api.model
    def _catchall_offers_copies(self):
        """Tell whether the fields are shown: as the settings say, else unless another
        addon has them."""
        chosen = self.env["ir.config_parameter"].sudo().get_param(PARAMETER, OFFERED)
        if chosen != OFFERED:
            return chosen == "yes"
        # Core remembers them: this is asked for each message that is composed.
        installed = self.env["ir.module.module"]._installed()
        return installed.keys().isdisjoint(RIVALS)

    def action_send_mail(self):
        """Offer to take back what has just been sent, while it waits."""
        posted = []
        action = super(
            MailComposeMessage, self.with_context(catchall_posted=posted)
        ).action_send_mail()
        seconds = self.env["mail.mail"]._catchall_undo_seconds()
        mine = self.env["mail.message"].browse(posted)
        if not seconds or len(mine) != 1 or not mine._catchall_waiting_mails():
            return action
        return {
            "type": "ir.actions.client",
            "tag": "mail_catchall_router.offer_undo",
            "params": {"message_id": mine.id, "seconds": seconds},
        }

    def _action_send_mail_comment(self, res_ids):
        messages = super()._action_send_mail_comment(res_ids)
        self.env.context.get("catchall_posted", []).extend(messages.ids)
        return messages

    def _prepare_mail_values(self, res_ids):
        """Have those in Cc and Bcc get the message, too."""
        values_by_id = super()._prepare_mail_values(res_ids)
        if not self.catchall_offers_copies or not self.catchall_has_copies:
            return values_by_id
        return {
            res_id: self._catchall_with_copies(values)
            for res_id, values in values_by_id.items()
        }

    def _catchall_with_copies(self, values):
        """Return the values of a message with the people in Cc and Bcc; who stands in
        several places has the most open one.

        :param values: dict, as for ``message_post``
        """
        addressed = self.env["res.partner"].browse(values.get("partner_ids") or [])
        cc = self.catchall_cc_ids - addressed
        bcc = self.catchall_bcc_ids - addressed - cc
        if not cc and not bcc:
            return values
        return {
            **values,
            "partner_ids": (addressed | cc | bcc).ids,
            "catchall_cc_ids": [Command.set(cc.ids)],
            "catchall_bcc_ids": [Command.set(bcc.ids)],
        }
