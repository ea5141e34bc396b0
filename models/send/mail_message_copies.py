from odoo import models

from ..fields import OwnMany2many


class MailMessage(models.Model):
    """Who gets a copy of a message: seen by all who get it (Cc), or by nobody else
    (Bcc). Both are among its recipients, so that it reaches them as anybody."""

    _inherit = "mail.message"

    catchall_cc_ids = OwnMany2many(
        "res.partner",
        string="Copies To",
        context={"active_test": False},
        groups="base.group_user",
    )
    catchall_bcc_ids = OwnMany2many(
        "res.partner",
        string="Hidden Copies To",
        context={"active_test": False},
        groups="base.group_user",
    )
