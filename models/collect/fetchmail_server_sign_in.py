from imaplib import IMAP4

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.servers import diagnosis
from ...tools.servers.providers import TOKEN_PREFIXES
from ...tools.servers.sign_in import is_sign_in

#: What tells core whether any server is to be collected.
COUNTED = ("active", "state", "server_type")


class FetchmailServer(models.Model):
    """A mailbox that is signed in to at Google or Microsoft, by Odoo's own apps: what
    the sign-in server takes no more is renewed once, and then a person is asked."""

    _name = "fetchmail.server"
    _inherit = ["mail.catchall.signed.in", "fetchmail.server"]

    catchall_is_signed_out = fields.Boolean("Signed Out", readonly=True, copy=False)

    def write(self, vals):
        """Collect at once after somebody has signed in.

        Core looks at its scheduled action after each write, and takes that action's
        row: whoever notes how a visit went, or tests a server that is confirmed, would
        collide with who runs it.
        """
        is_counted = any(self._catchall_changes(name, vals) for name in COUNTED)
        context = {} if is_counted else {"fetchmail_cron_running": True}
        servers = self.with_context(**context)
        result = super(FetchmailServer, servers).write(vals)
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

    def _catchall_changes(self, name, vals):
        """Tell whether these values change one field of any; of a server that is
        core's alone that is not asked."""
        if name not in vals:
            return False
        return any(
            not one.catchall_router_ids or one[name] != vals[name] for one in self
        )

    def _catchall_token_prefix(self):
        """Return what the names of its fields of tokens begin with, "" for none."""
        return TOKEN_PREFIXES.get(self.server_type, "")

    def _catchall_log_in(self):
        """Return a connection that is logged in: with a new token, where the server
        takes the known one no more although its time is not over."""
        try:
            return self._connect__()
        except IMAP4.error as error:
            if not self._catchall_is_refused(error):
                raise
            return self.with_context(catchall_renew_token=True)._connect__()

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
