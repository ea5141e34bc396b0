from odoo import fields, models


class MailCatchallDelivery(models.Model):
    """Whether a customer's mail needs a reminder still."""

    _inherit = "mail.catchall.delivery"

    attended = fields.Boolean(
        readonly=True,
        help="The mail was answered, or somebody was reminded of it.",
    )

    # Reminder and digest look at a window of days, whatever the journal's size.
    _delivered_idx = models.Index("(create_date) WHERE state = 'delivered'")
