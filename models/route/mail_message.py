from odoo import api, models

from .made import find_messages


class MailMessage(models.Model):
    """Core looks for what is on a document before it writes there, and before it mails
    that on. Of one that the router's transaction has made, that is known."""

    _inherit = "mail.message"

    @api.model
    @api.private
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if field_names == [] and not offset:
            found = find_messages(self, domain, order or self._order, limit)
            if found is not None:
                return found
        return super().search_fetch(
            domain, field_names, offset=offset, limit=limit, order=order
        )
