import ssl

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.mail.models.fetchmail import MAIL_TIMEOUT, OdooIMAP4_SSL, OdooPOP3_SSL

from ...tools.servers import certificates, sasl
from ..concurrency import write_alone


class FetchmailServer(models.Model):
    """Whether the incoming server must prove that it is the one it claims to be.

    Core encrypts the connection but takes any certificate, also that of somebody
    in between, and then sends the password.
    """

    _inherit = "fetchmail.server"

    catchall_verify_certificate = fields.Boolean(
        "Check the Certificate",
        help="Log in only if the mail server's certificate is valid for its name. "
        "Otherwise somebody in between could read the password.",
    )
    catchall_certificate_end = fields.Datetime(
        "Certificate Valid Until", readonly=True, copy=False
    )

    def _connect__(self, allow_archived=False):
        """Connect with a checked certificate where that is chosen.

        Only for the two kinds of server that core itself connects to; who logs in
        otherwise than by password still does so in ``_imap_login__``.
        """
        self.ensure_one()
        if routers := self.with_context(active_test=False).catchall_router_ids:
            routers._require_original()
        checked = self.is_ssl and self.catchall_verify_certificate
        with sasl.kept_secret(self.password or ""):
            if checked and (allow_archived or self.active):
                if self._get_connection_type() == "pop":
                    return self._catchall_connect_pop()
                if self._get_connection_type() == "imap":
                    return self._catchall_connect_imap()
            return super()._connect__(allow_archived=allow_archived)

    def _imap_login__(self, connection):
        """Log in with a name and a password of any letters.

        :raises UserError: where the server has no way to take them
        """
        if self.server_type != "imap" or f"{self.user}{self.password}".isascii():
            super()._imap_login__(connection)
            return
        if not sasl.login_imap(connection, self.user or "", self.password or ""):
            raise UserError(
                self.env._(
                    "The name or the password of %s has letters with accents, which "
                    "the mail server does not accept. Give the mailbox a password "
                    "without them.",
                    self.name,
                )
            )

    def _catchall_connect_imap(self):
        connection = OdooIMAP4_SSL(
            self.server,
            self.port,
            ssl_context=ssl.create_default_context(),
            timeout=MAIL_TIMEOUT,
        )
        self._imap_login__(connection)
        return connection

    def _catchall_connect_pop(self):
        connection = OdooPOP3_SSL(
            self.server,
            self.port,
            context=ssl.create_default_context(),
            timeout=MAIL_TIMEOUT,
        )
        connection.user(self.user)
        connection.pass_(self.password)
        return connection

    def _catchall_keep_certificate(self, connection):
        """Keep until when the certificate of an open connection is valid; commits."""
        end = certificates.end_of(connection) or False
        if end != self.catchall_certificate_end:
            write_alone(self, {"catchall_certificate_end": end})
