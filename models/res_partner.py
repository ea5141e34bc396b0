from odoo import models


class ResPartner(models.Model):
    """Contacts are found by their address: for each mail, among a million."""

    _inherit = "res.partner"

    _catchall_email_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )
