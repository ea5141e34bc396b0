from odoo import fields, models


class MailMessage(models.Model):
    """Who gets a copy of a message: seen by all who get it (Cc), or by nobody else
    (Bcc). Both are among its recipients, so that it reaches them as anybody."""

    _inherit = "mail.message"

    catchall_cc_ids = fields.Many2many(
        "res.partner",
        "mail_message_catchall_cc_rel",
        string="Copies To",
        context={"active_test": False},
        groups="base.group_user",
    )
    catchall_bcc_ids = fields.Many2many(
        "res.partner",
        "mail_message_catchall_bcc_rel",
        string="Hidden Copies To",
        context={"active_test": False},
        groups="base.group_user",
    )
