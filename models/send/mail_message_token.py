from odoo import api, models


class MailMessage(models.Model):
    """Message-IDs carry the token by which our own mail is known."""

    _inherit = "mail.message"

    @api.model
    def _get_message_id(self, values):
        """Put the token in front: what core reads of its own ids stands behind it."""
        message_id = super()._get_message_id(values)
        Router = self.env["mail.catchall.router"]
        if not Router._is_sending():
            return message_id
        return f"<{Router._make_token(message_id)}.{message_id.removeprefix('<')}"
