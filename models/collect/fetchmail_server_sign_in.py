from imaplib import IMAP4

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.servers import diagnosis
from ...tools.servers.providers import TOKEN_PREFIXES
from ...tools.servers.sign_in import is_sign_in


class FetchmailServer(models.Model):
    """A mailbox that is signed in to at Google or Microsoft, by Odoo's own apps: what
    the sign-in server takes no more is renewed once, and then a person is asked."""

    _inherit = "fetchmail.server"

    catchall_is_signed_out = fields.Boolean("Signed Out", readonly=True, copy=False)

    def write(self, vals):
        """Collect at once after somebody has signed in."""
        result = super().write(vals)
        signed_in = self.filtered(
            lambda one: (
                one.catchall_router_ids
                and is_sign_in(one._catchall_token_prefix(), vals)
            )
        )
        if signed_in:
            well = {"catchall_is_signed_out": False, "error_date": False}
            super(FetchmailServer, signed_in).write({**well, "state": "done"})
            signed_in._catchall_wake()
        return result

    def _catchall_token_prefix(self):
        """Return what the names of its fields of tokens begin with, "" for none."""
        return TOKEN_PREFIXES.get(self.server_type, "")

    def _catchall_sign_in(self):
        """Return the action that opens the sign-in window; for administrators."""
        prefix = self._catchall_token_prefix()
        return getattr(self, f"open_{prefix}_uri")()

    def _catchall_log_in(self):
        """Return a connection that is logged in: with a new token, where the server
        takes the known one no more although its time is not over."""
        try:
            return self._connect__()
        except IMAP4.error as error:
            prefix = self._catchall_token_prefix()
            if not prefix or not self._catchall_is_refused(error):
                raise
            self[f"{prefix}_access_token_expiration"] = 0
            return self._connect__()

    def _catchall_is_refused(self, error):
        """Tell whether an error means that somebody has to sign in."""
        if not self._catchall_token_prefix():
            return False
        if isinstance(error, UserError):
            return True
        return (
            isinstance(error, IMAP4.error)
            and diagnosis.diagnose(error).kind == "authentication"
        )
