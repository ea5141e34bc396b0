from odoo import fields, models

from ...tools.servers.providers import TOKEN_PREFIXES
from ...tools.servers.sign_in import is_sign_in


class IrMailServer(models.Model):
    """An account that is signed in to at Google or Microsoft, by Odoo's own apps."""

    _name = "ir.mail_server"
    _inherit = ["mail.catchall.signed.in", "ir.mail_server"]

    catchall_is_signed_out = fields.Boolean(related="catchall_state_ids.is_signed_out")

    def write(self, vals):
        """Send at once what waits after somebody has signed in."""
        result = super().write(vals)
        signed_in = self.filtered(
            lambda one: is_sign_in(one._catchall_token_prefix(), vals)
        )
        if signed_in and self.env["mail.catchall.router"]._is_sending():
            for server in signed_in:
                self.env["mail.catchall.server.state"].sudo()._keep_login(
                    server.id, server.catchall_certificate_end or None
                )
            self.env["mail.mail"].sudo()._catchall_try_now()
        return result

    def _catchall_token_prefix(self):
        """Return what the names of its fields of tokens begin with, "" for none."""
        return TOKEN_PREFIXES.get(self.smtp_authentication, "")
