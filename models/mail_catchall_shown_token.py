from odoo import api, fields, models


class MailCatchallShownToken(models.AbstractModel):
    """Shows a new token once; it is in no table, only on this screen."""

    _name = "mail.catchall.shown.token"
    _description = "Token That Is Shown Once"

    router_id = fields.Many2one("mail.catchall.router", required=True, readonly=True)
    token = fields.Char(compute="_compute_token")
    command = fields.Char("Try It", compute="_compute_token")

    @api.depends("router_id")
    @api.depends_context("catchall_shown_token")
    def _compute_token(self):
        token = self.env.context.get("catchall_shown_token") or ""
        for wizard in self:
            wizard.token = token
            wizard.command = wizard._command(token)

    def _command(self, token):
        """Return the command line that tries the token."""
        raise NotImplementedError
