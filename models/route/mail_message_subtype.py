from odoo import models

from ...tools.runtime.memo import undoable_memo

THERE = "subtypes"  # {id of a subtype: True} of those that are there


class MailMessageSubtype(models.Model):
    """Core asks several times for each mail whether the kind of its message is still
    there: while the router routes, that is looked up once in a transaction."""

    _inherit = "mail.message.subtype"

    def exists(self):
        if not self.env.context.get("catchall_routing"):
            return super().exists()
        there = undoable_memo(self.env.cr, THERE)
        if there.keys() >= set(self._ids):
            return self
        found = super().exists()
        there.update(dict.fromkeys(found.ids, True))
        return found

    def unlink(self):
        undoable_memo(self.env.cr, THERE).clear()
        return super().unlink()
