from odoo import fields, models

from ...tools.inbound import suggestions

#: Each kind of a slip in words.
KINDS = [
    (suggestions.DIACRITICS, "Only accents differ"),
    (suggestions.SEPARATOR, "Only a dot or hyphen differs"),
    (suggestions.LOOK_ALIKE, "The letters look alike"),
    (suggestions.TRANSPOSITION, "Two letters are swapped"),
    (suggestions.OTHER_DOMAIN, "It is at another domain of yours"),
    (suggestions.DOMAIN_TYPO, "The domain is mistyped"),
    (suggestions.EDIT, "One letter differs"),
    (suggestions.SUBADDRESS, "It begins with this address"),
]


class MailCatchallCandidate(models.Model):
    """An own address that the sender of a held mail may have meant; one click sends
    the mail there."""

    _name = "mail.catchall.candidate"
    _description = "Address That Was Probably Meant"
    _order = "id"
    _rec_name = "address"

    delivery_id = fields.Many2one(
        "mail.catchall.delivery",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    message_id = fields.Many2one(
        "mail.catchall.message",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    recipient = fields.Char("Written", related="delivery_id.recipient")
    address = fields.Char("Possible Addresses", required=True, readonly=True)
    kind = fields.Selection(KINDS, "Difference", required=True, readonly=True)
    alias_id = fields.Many2one(
        "mail.alias", readonly=True, index=True, ondelete="cascade"
    )
    forward_to = fields.Char("Forwarded To", readonly=True)

    def action_choose(self):
        """Send the mail to this address: to what its alias makes, or on to the
        mailbox of the user."""
        self.ensure_one()
        return self.message_id._choose(self)
