"""A database that was neutralized logs in nowhere."""

from odoo import api, models
from odoo.exceptions import UserError


class MailCatchallRouter(models.Model):
    """What a copy of a database may not do: touch the mailbox, or send as the account,
    of the original."""

    _inherit = "mail.catchall.router"

    @api.model
    def _is_neutralized(self):
        """Tell whether ``odoo neutralize`` has made this database a copy for tests."""
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("database.is_neutralized") in ("true", "True", "1")

    def _require_original(self):
        """Refuse to log in at a mail server from a neutralized database, and with the
        accounts of these routers from a copy that nobody has neutralized.

        :raises UserError: that says so, and what to do
        """
        if self._is_neutralized():
            raise UserError(
                self.env._(
                    "This database is a neutralized copy: it does not log in to the "
                    "original's mail servers. To use it for real email, an "
                    "administrator removes the system parameter "
                    "“database.is_neutralized”, switches the router and its servers "
                    "on again, and makes sure that the original is switched off."
                )
            )
        if stranger := self.sudo().filtered("is_stranger")[:1]:
            raise UserError(
                self.env._(
                    "This database seems to be a copy: another one uses the mail "
                    "servers of “%s”. It logs in nowhere until an administrator "
                    "confirms on the router which of the two this is.",
                    stranger.name,
                )
            )
