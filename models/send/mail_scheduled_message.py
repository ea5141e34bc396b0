from odoo import api, models

from .mail_thread_copies import COPIES


class MailScheduledMessage(models.Model):
    """Keeps the people in Cc and Bcc until the message is posted."""

    _inherit = "mail.scheduled.message"

    @api.model
    def _notification_parameters_whitelist(self):
        return super()._notification_parameters_whitelist() | set(COPIES)
