from odoo import api, models

from .made import are_untracked
from .remembered import routes


class MailTrackingValue(models.Model):
    """Core looks for the changes that go with each message that it mails on. Those of
    messages that the router's transaction has written are known."""

    _inherit = "mail.tracking.value"

    @api.model
    @api.private
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if routes(self.env) and are_untracked(self.env, domain):
            return self.browse()
        return super().search_fetch(
            domain, field_names, offset=offset, limit=limit, order=order
        )
