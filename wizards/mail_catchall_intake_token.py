from odoo import api, fields, models


class MailCatchallIntakeToken(models.TransientModel):
    """Shows a new token once; it is in no table, only on this screen."""

    _name = "mail.catchall.intake.token"
    _description = "Token for the Intake"

    router_id = fields.Many2one("mail.catchall.router", required=True, readonly=True)
    token = fields.Char(compute="_compute_token")
    intake_url = fields.Char(related="router_id.intake_url")
    command = fields.Char("Try It", compute="_compute_token")

    @api.depends("router_id")
    @api.depends_context("catchall_shown_token")
    def _compute_token(self):
        token = self.env.context.get("catchall_shown_token") or ""
        for wizard in self:
            wizard.token = token
            wizard.command = (
                f"curl -H 'Authorization: Bearer {token}' "
                "-H 'Content-Type: message/rfc822' --data-binary @mail.eml "
                f"'{wizard.intake_url}?to=ADDRESS'"
            )
