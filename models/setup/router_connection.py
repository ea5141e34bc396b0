import contextlib
import logging
import re
import socket
from imaplib import IMAP4
from poplib import error_proto
from smtplib import SMTPException, SMTPRecipientsRefused

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ...tools.outbound import refusals
from ...tools.servers import diagnosis, imap
from ..windows import notice
from ..words import translated

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

# What a person does about each kind of failure.
REMEDIES = {
    "unknown_host": _lt(
        "There is no mail server named “%(host)s”. Check the server name for typing "
        "errors; your mail provider's help page lists it."
    ),
    "refused": _lt(
        "“%(host)s” is there, but does not accept connections on port %(port)s. "
        "Check the port: the usual ones are %(ports)s."
    ),
    "timeout": _lt(
        "“%(host)s” did not answer on port %(port)s in time. Check the server name "
        "and the port (usually %(ports)s); a firewall between Odoo and the mail "
        "server may also be in the way."
    ),
    "busy": _lt(
        "“%(host)s” takes no login at the moment. Try again in a few minutes. If that "
        "goes on, let fewer programs and devices use this mailbox at the same time."
    ),
    "authentication": _lt(
        "The mail server did not accept the login “%(login)s” with this password. "
        "Type the password again; with two-step verification the provider wants an "
        "app password instead of your usual one."
    ),
    "sign_in": _lt(
        "“%(host)s” does not accept the sign-in of “%(login)s” any more: it has "
        "expired, was revoked, or was made with another account. Sign in again with "
        "this account."
    ),
    "no_login": _lt(
        "“%(host)s” does not allow a login on port %(port)s with this encryption. "
        "Choose another encryption, or the port that your mail provider's help page "
        "lists (usually %(ports)s)."
    ),
    "no_starttls": _lt(
        "“%(host)s” does not offer STARTTLS on port %(port)s. Choose the encryption "
        "SSL/TLS with port %(tls_port)s, or the port that your mail provider's help "
        "page lists."
    ),
    "certificate": _lt(
        "The certificate of “%(host)s” is not trusted, so the password was not sent. "
        "Check that the server name is exactly the one your provider gives; if it is "
        "your own server, give it a valid certificate, or choose an encryption "
        "without certificate check."
    ),
    "plain_on_tls": _lt(
        "Port %(port)s of “%(host)s” is an encrypted port, but the form says that "
        "the connection begins unencrypted. Choose the encryption SSL/TLS."
    ),
    "tls_on_plain": _lt(
        "Port %(port)s of “%(host)s” is not an SSL/TLS port, but the form says that "
        "the connection begins with SSL/TLS. Choose another encryption, or the port "
        "for SSL/TLS (usually %(tls_port)s)."
    ),
    "disconnected": _lt(
        "“%(host)s” closed the connection on port %(port)s. Check that the port and "
        "the encryption fit each other, and try again in a few minutes: some "
        "providers block those who try too often."
    ),
    "folder": _lt(
        "The login works, but the folder INBOX cannot be opened. Ask your mail "
        "provider whether this account has a mailbox that can be read with IMAP."
    ),
    "sender": _lt(
        "The login works, but the mail server does not let this account send as "
        "%(account)s. Check the mailbox address, or ask your mail provider to allow "
        "it."
    ),
    "recipient": _lt(
        "The login works, but the mail server does not accept email for %(account)s. "
        "Check the mailbox address."
    ),
    "other": _lt(
        "The connection to “%(host)s” on port %(port)s failed. Check the server "
        "name, the port, the encryption and the login."
    ),
}
PORTS = {"imap": "993, 143", "pop": "995, 110", "smtp": "587, 465, 25"}
TLS_PORTS = {"imap": "993", "pop": "995", "smtp": "465"}
PROBE_SECONDS = 15
# Said instead of looking at the password (RFC 5530 3, RFC 3501 7.2.1, Cyrus, Courier,
# Dovecot, smtplib).
NO_LOGIN = re.compile(
    "PRIVACYREQUIRED|LOGINDISABLED|available under a layer"
    "|plain ?text (?:login|authentication) (?:is )?dis(?:abled|allowed)"
    "|SMTP AUTH extension not supported",
    re.IGNORECASE,
)
# Who is refused a token may learn of it only now: Odoo's own apps don't read what the
# server says to it (RFC 4954 6).
NOT_LOGGED_IN = (530, 534, 535)
NO_STARTTLS = re.compile("STARTTLS extension not supported", re.IGNORECASE)


class RefusedError(Exception):
    """The mail server refused a step after the login.

    ``kind`` is one of :data:`REMEDIES`; the text is what the server said.
    """

    def __init__(self, kind, words):
        super().__init__(words)
        self.kind = kind


class MailCatchallRouter(models.Model):
    """Trying the two servers of a router, and saying what is wrong with them."""

    _inherit = "mail.catchall.router"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_test_incoming(self):
        """Log in to the incoming server and open its INBOX.

        :return: a notification
        :raises UserError: with what is wrong, what to do and the server's words
        """
        self.ensure_one()
        self.check_access("write")
        return notice(self._test_incoming(self.sudo().fetchmail_server_id))

    def action_test_outgoing(self):
        """Log in to the outgoing server and offer it a mail, without sending it.

        :return: a notification
        :raises UserError: with what is wrong, what to do and the server's words
        """
        self.ensure_one()
        self.check_access("write")
        server = self.sudo().mail_server_id
        sentence = self._test_outgoing(server, self.account_email)
        self.env["mail.catchall.server.state"].sudo()._keep_login(
            server.id, server.catchall_certificate_end or None
        )
        return notice(sentence)

    # ------------------------------------------------------------
    # INCOMING
    # ------------------------------------------------------------

    def _test_incoming(self, server):
        """Return a sentence that says that this ``fetchmail.server`` works.

        :raises UserError: when it does not
        """
        if not server:
            raise UserError(self.env._("There is no incoming server to test."))
        self._require_original()
        details = self._incoming_details(server)
        with self._explained(details, [server.password]):
            self._check_port(server.server, server.port, server.is_ssl)
            connection = server._connect__(allow_archived=True)
            try:
                count = self._count_mails(connection)
            finally:
                self._close_incoming(connection)
        return self.env._(
            "Receiving works: %(login)s is logged in at %(host)s, and its inbox can "
            "be read (emails in it: %(count)s).",
            count=count,
            **{name: details[name] for name in ("login", "host")},
        )

    def _incoming_details(self, server):
        """Return what a sentence about a ``fetchmail.server`` is filled in with."""
        return {
            "protocol": "pop" if server._get_connection_type() == "pop" else "imap",
            "host": server.server,
            "port": server.port,
            "login": server.user,
            "by_token": bool(server._catchall_token_prefix()),
        }

    def _count_mails(self, connection):
        if hasattr(connection, "stat"):  # POP3
            return connection.stat()[0]
        try:
            return imap.select_folder(connection, "INBOX", readonly=True).exists
        except imap.MailboxError as error:
            raise RefusedError("folder", str(error)) from error

    def _close_incoming(self, connection):
        """Log out, without core's ``disconnect`` that would expunge the folder."""
        log_out = getattr(connection, "logout", None) or connection.quit
        with contextlib.suppress(OSError, IMAP4.error, error_proto):
            log_out()

    # ------------------------------------------------------------
    # OUTGOING
    # ------------------------------------------------------------

    def _test_outgoing(self, server, account):
        """Return a sentence that says that this ``ir.mail_server`` works.

        :param account: the address to try as sender and as recipient
        :raises UserError: when it does not
        """
        if not server:
            raise UserError(self.env._("There is no outgoing server to test."))
        self._require_original()
        with self._outgoing_session(server, account, check_port=True) as session:
            self._offer_mail(session, account)
        return self.env._(
            "Sending works: %(host)s accepts email from %(account)s. No email was "
            "sent.",
            host=server.smtp_host,
            account=account,
        )

    @contextlib.contextmanager
    def _outgoing_session(self, server, account, check_port=False):
        """Give a session of its own with this ``ir.mail_server``; what fails in it is
        explained.

        :param account: the address to send as
        :param check_port: whether to find out first, in seconds, that nobody answers
        """
        details = {
            "protocol": "smtp",
            "host": server.smtp_host,
            "port": server.smtp_port,
            "login": server.smtp_user or "",
            "account": account,
            "by_token": bool(server._catchall_token_prefix()),
        }
        with self._explained(details, [server.smtp_pass]):
            if check_port:
                is_tls = server.smtp_encryption.startswith("ssl")
                self._check_port(server.smtp_host, server.smtp_port, is_tls)
            session = server._connect__(
                mail_server_id=server.id, allow_archived=True, smtp_from=account
            )
            try:
                yield session
            finally:
                self._close_outgoing(session)

    def _offer_mail(self, session, account):
        """Go as far as a mail's envelope, and take it back (RFC 5321 4.1.1.5)."""
        for kind, offer in (("sender", session.mail), ("recipient", session.rcpt)):
            code, words = offer(account)
            if code // 100 != 2:
                text = words.decode("utf-8", "replace")
                if code in NOT_LOGGED_IN:
                    kind = "authentication"
                elif self._is_about_sender(code, words, account):
                    kind = "sender"
                raise RefusedError(kind, f"{code} {text}")
        session.rset()

    def _is_about_sender(self, code, words, account):
        """Tell whether a recipient is refused because of who sends: Postfix says so
        only now."""
        refused = SMTPRecipientsRefused({account: (code, words)})
        return refusals.read_refusal(refused).kind == refusals.SENDER

    def _close_outgoing(self, session):
        with contextlib.suppress(OSError, SMTPException):
            session.quit()

    # ------------------------------------------------------------
    # WHAT IS WRONG
    # ------------------------------------------------------------

    def _check_port(self, host, port, tls):
        """Find out in seconds what a mail library would wait a minute for: that
        nobody answers, or that server and client wait for each other's first word.

        :param tls: whether the connection is to begin with TLS
        """
        socket.create_connection((host, port), PROBE_SECONDS).close()
        if not tls and diagnosis.check_port(host, port) == "tls":
            raise RefusedError("plain_on_tls", "")

    @contextlib.contextmanager
    def _explained(self, details, secrets):
        """Turn whatever the connection raises into a sentence with its remedy."""
        try:
            yield
        except RefusedError as error:
            kind = self._of_token(error.kind, details)
            raise self._explain(kind, str(error), details) from error
        except UserError as error:
            if not details["by_token"]:
                raise
            # What Odoo's own apps say where a token cannot be renewed.
            raise self._explain("sign_in", str(error), details) from error
        except Exception as error:
            # The boundary to the network and to somebody else's server.
            found = diagnosis.diagnose(error, filter(None, secrets))
            _logger.info(
                "The test of %s failed: %s, %s",
                details["host"],
                found.kind,
                found.words,
            )
            kind = self._of_token(self._refine_kind(found), details)
            raise self._explain(kind, found.words, details) from error

    def _of_token(self, kind, details):
        """Tell a sign-in that was refused from a password that was."""
        by_token = kind == "authentication" and details["by_token"]
        return "sign_in" if by_token else kind

    def _refine_kind(self, found):
        """Tell a login that is not possible from one that was refused."""
        if NO_STARTTLS.search(found.words):
            return "no_starttls"
        return "no_login" if NO_LOGIN.search(found.words) else found.kind

    def _explain(self, kind, words, details):
        """Return the ``UserError`` for one kind of failure, with the server's words."""
        remedy = REMEDIES.get(kind, REMEDIES["other"])
        protocol = details["protocol"]
        sentence = translated(self.env, remedy) % {
            "account": "",
            "ports": PORTS[protocol],
            "tls_port": TLS_PORTS[protocol],
            **details,
        }
        if words:
            answer = self.env._("The answer was: %s", words)
            sentence = f"{sentence}\n\n{answer}"
        return UserError(sentence)
