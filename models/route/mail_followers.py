from odoo import models

from ...tools.runtime.memo import undoable_memo
from .made import is_unfollowed
from .remembered import SETTINGS, routes


class MailFollowers(models.Model):
    """Core asks for each document who follows it, and who follows its team, job or
    project. While the router routes, nobody follows what was made just now, and the
    others are looked up once in a transaction."""

    _inherit = "mail.followers"

    def _get_subscription_data(
        self, doc_data, pids, include_pshare=False, include_active=False
    ):
        options = (include_pshare, include_active)
        if not routes(self.env):
            return super()._get_subscription_data(doc_data, pids, *options)
        if is_unfollowed(self.env, doc_data):
            return []
        if pids is not None:
            return super()._get_subscription_data(doc_data, pids, *options)
        known = undoable_memo(self.env.cr, SETTINGS)
        key = self._name, repr(doc_data), *options
        if key not in known:
            known[key] = super()._get_subscription_data(doc_data, pids, *options)
        return list(known[key])
