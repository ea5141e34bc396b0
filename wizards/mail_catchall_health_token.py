from odoo import fields, models


class MailCatchallHealthToken(models.TransientModel):
    """Shows the token with which a monitoring system asks."""

    _name = "mail.catchall.health.token"
    _description = "Token for Monitoring"
    _inherit = "mail.catchall.shown.token"

    health_url = fields.Char(related="router_id.health_url")

    def _command(self, token):
        return f"curl -H 'Authorization: Bearer {token}' '{self.health_url}'"
