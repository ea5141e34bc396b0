from odoo import fields, models

from ...tools.runtime.memo import undoable_memo
from .remembered import forget_existence, remembered_existence, routes

WOKEN = "woken"  # {id of a scheduled action: True}


class IrCron(models.Model):
    """Apps wake their scheduled actions for each new document, such as CRM the one
    that enriches leads. While the router routes, whether such an action is still there
    is looked up once in a transaction, and it is woken once, after the commit."""

    _inherit = "ir.cron"

    def exists(self):
        return remembered_existence(self, super().exists)

    def unlink(self):
        forget_existence(self)
        return super().unlink()

    def _trigger_list(self, at_list):
        now = fields.Datetime.now()
        if not routes(self.env) or any(at > now for at in at_list):
            return super()._trigger_list(at_list)
        woken = undoable_memo(self.env.cr, WOKEN)
        if self.id in woken:
            return self.env["ir.cron.trigger"]
        triggers = super()._trigger_list(at_list)
        woken[self.id] = True
        return triggers
