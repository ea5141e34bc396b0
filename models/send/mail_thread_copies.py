from odoo import models

COPIES = ("catchall_cc_ids", "catchall_bcc_ids")


class MailThread(models.AbstractModel):
    """Lets a message be posted with people in Cc and Bcc."""

    _inherit = "mail.thread"

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | set(COPIES)
