from odoo import fields, models


class MailCatchallIntakeToken(models.TransientModel):
    """Shows the token with which mail is posted."""

    _name = "mail.catchall.intake.token"
    _description = "Token for the Intake"
    _inherit = "mail.catchall.shown.token"

    intake_url = fields.Char(related="router_id.intake_url")

    def _command(self, token):
        return (
            f"curl -H 'Authorization: Bearer {token}' "
            "-H 'Content-Type: message/rfc822' --data-binary @mail.eml "
            f"'{self.intake_url}?to=ADDRESS'"
        )
