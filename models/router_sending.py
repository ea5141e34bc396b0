from odoo import fields, models


class MailCatchallRouter(models.Model):
    """What the router's form says of its outgoing server."""

    _inherit = "mail.catchall.router"

    sending_falls_back = fields.Boolean(
        related="mail_server_id.catchall_falls_back", related_sudo=True
    )

    def action_try_identities(self):
        """Let everybody's mail go out under the own name again."""
        self.check_access("write")
        return self.sudo().mail_server_id.action_catchall_try_identities()
