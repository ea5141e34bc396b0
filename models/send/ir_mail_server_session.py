from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .sending_run import SendingRun


class IrMailServer(models.Model):
    """One connection, and one login, for the mails of all authors in one run."""

    _inherit = "ir.mail_server"

    catchall_session_mails = fields.Integer(
        "Mails per Connection",
        default=500,
        help="After so many mails the connection is made anew. 0: never. When the "
        "mail server hangs up earlier, Odoo connects again by itself.",
    )
    catchall_connections = fields.Integer(
        "Connections at a Time",
        default=3,
        help="How many connections the provider allows this account at the same "
        "time, over all workers of Odoo. 0: as many as there are workers. Microsoft "
        "365 allows 3.",
    )

    @api.constrains("catchall_session_mails", "catchall_connections")
    def _check_catchall_session(self):
        for server in self:
            if min(server.catchall_session_mails, server.catchall_connections) < 0:
                raise ValidationError(
                    self.env._(
                        "%s: numbers of mails and connections cannot be negative.",
                        server.name,
                    )
                )

    def _catchall_session(self, mail_server_id, connect):
        """Let all mails of a run share one connection to a router's server, which is
        made when the first mail needs it."""
        run = SendingRun.of(self.env)
        server = self.sudo().browse(mail_server_id or [])
        if run is None or self._disable_send() or not server.catchall_router_ids:
            return super()._catchall_session(mail_server_id, connect)
        return run.session(server, connect)
