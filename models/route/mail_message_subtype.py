from odoo import models

from .remembered import forget_existence, remembered_existence


class MailMessageSubtype(models.Model):
    """Core asks several times for each mail whether the kind of its message is still
    there: while the router routes, that is looked up once in a transaction."""

    _inherit = "mail.message.subtype"

    def exists(self):
        return remembered_existence(self, super().exists)

    def unlink(self):
        forget_existence(self)
        return super().unlink()
