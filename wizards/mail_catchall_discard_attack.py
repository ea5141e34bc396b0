from odoo import api, fields, models

from ..tools.mail import addresses


class MailCatchallDiscardAttack(models.TransientModel):
    """Ask what becomes of the mail of contacts when an attack is discarded: their
    names may have been forged, and their own mail may be among it."""

    _name = "mail.catchall.discard.attack"
    _description = "Discard an Attack"

    attack_ids = fields.Many2many("mail.catchall.attack", readonly=True)
    block = fields.Boolean(readonly=True)
    contact_ids = fields.Many2many(
        "res.partner",
        string="Contacts Among the Senders",
        compute="_compute_contact_ids",
        help="Emails of this attack are in the names of these contacts.",
    )

    @api.depends("attack_ids")
    def _compute_contact_ids(self):
        for wizard in self:
            wizard.contact_ids = wizard.attack_ids._find_contacts()

    def action_discard_others(self):
        """Discard what is not in the name of a contact; the rest waits on."""
        self.ensure_one()
        normalized = self.contact_ids.mapped("email_normalized")
        keep = {addresses.normalize(one) for one in normalized if one}
        self.attack_ids._decidable()._discard(keep)
        return {"type": "ir.actions.act_window_close"}

    def action_discard_all(self):
        """Discard all of it, and block the senders if that was asked for."""
        self.ensure_one()
        attacks = self.attack_ids._decidable()
        if self.block:
            attacks._block()
        else:
            attacks._discard()
        return {"type": "ir.actions.act_window_close"}
