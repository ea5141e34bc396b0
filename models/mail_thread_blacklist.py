from odoo import models
from odoo.tools import sql


class MailThreadBlacklist(models.AbstractModel):
    """Whose bounces are counted is looked up for each mail that arrives, in every
    model that counts them: by an index of those few who have any."""

    _inherit = "mail.thread.blacklist"

    def init(self):
        super().init()
        if self._abstract or not self._auto or self._transient:
            return
        sql.create_index(
            self.env.cr,
            sql.make_index_name(self._table, "catchall_bounced"),
            self._table,
            ["email_normalized"],
            where="message_bounce > 0",
        )
