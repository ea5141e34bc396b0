from odoo import models

READER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"


class IrHttp(models.AbstractModel):
    """The web client knows from the start whether its user reads the journal: it asks
    nothing for those who don't."""

    _inherit = "ir.http"

    def session_info(self):
        result = super().session_info()
        result["catchall_reader"] = self.env.user.has_group(READER_GROUP)
        if self.env.user._is_internal():
            seconds = self.env["mail.mail"]._catchall_undo_seconds()
            result["catchall_undo_seconds"] = seconds
        return result
