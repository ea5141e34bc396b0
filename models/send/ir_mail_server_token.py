from odoo import models

from ...tools.inbound.loops import TOKEN_HEADER


class IrMailServer(models.Model):
    """What leaves through a router's server carries the token of our own mail, also
    where a relay writes a Message-ID of its own.

    A mail that is to be treated as anybody's has ``catchall_unmarked`` in its context.
    """

    _inherit = "ir.mail_server"

    def _prepare_email_message__(self, message, smtp_session):
        smtp_from, smtp_to_list, message = super()._prepare_email_message__(
            message, smtp_session
        )
        del message[TOKEN_HEADER]
        server_id = getattr(smtp_session, "catchall_mail_server_id", False)
        is_marked = not self.env.context.get("catchall_unmarked")
        if is_marked and self.sudo().browse(server_id or []).catchall_router_ids:
            Router = self.env["mail.catchall.router"]
            message[TOKEN_HEADER] = Router._make_token(str(message["Message-Id"]))
        return smtp_from, smtp_to_list, message
