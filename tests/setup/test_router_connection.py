import functools
import os
import socket
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .. import mail_servers
from ..common import RouterCommon

IMAP_GREETING = "* OK ready\r\n"
POP_GREETING = "+OK ready\r\n"
SMTP_GREETING = "220 localhost ESMTP\r\n"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestConnection(RouterCommon):
    """Each way in which a mail server can fail has its own sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.write({"server": "127.0.0.1", "is_ssl": False})
        cls.smtp_server.write({"smtp_host": "127.0.0.1"})
        # Odoo does not send while it is tested; nothing is sent here either.
        sending = type(cls.env["ir.mail_server"])
        cls.startClassPatcher(patch.object(sending, "_disable_send", lambda _: False))

    def unused_port(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return listener.getsockname()[1]

    def assertWorks(self, action, *words):
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["type"], "success")
        for word in words:
            self.assertIn(word, action["params"]["message"])

    def assertExplained(self, test, *words):
        """The test fails with one sentence and the server's words, no password."""
        with self.assertRaises(UserError) as caught:
            test()
        text = str(caught.exception)
        for word in words:
            self.assertIn(word, text)
        self.assertNotIn("secret", text)

    # ------------------------------------------------------------
    # INCOMING
    # ------------------------------------------------------------

    def test_imap_works(self):
        with mail_servers.serve(IMAP_GREETING, mail_servers.imap_answer) as found:
            self.server.port, lines = found
            self.assertWorks(self.router.action_test_incoming(), self.account, "3")
        self.assertIn("EXAMINE", " ".join(lines))
        self.assertIn("LOGOUT", " ".join(lines))

    def test_pop_works(self):
        self.server.server_type = "pop"
        with mail_servers.serve(POP_GREETING, mail_servers.pop_answer) as found:
            self.server.port, lines = found
            self.assertWorks(self.router.action_test_incoming(), "5")
        self.assertEqual(lines[-1], "QUIT")

    def test_unknown_host(self):
        unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        with patch.object(socket, "create_connection", side_effect=unknown):
            self.assertExplained(
                self.router.action_test_incoming,
                "no mail server named “127.0.0.1”",
                "Name or service not known",
            )

    def test_nothing_listens(self):
        self.server.port = self.unused_port()
        self.assertExplained(
            self.router.action_test_incoming, "Check the port", "refused"
        )

    def test_no_answer_in_time(self):
        slow = TimeoutError("timed out")
        with patch.object(socket, "create_connection", side_effect=slow):
            self.assertExplained(
                self.router.action_test_incoming, "in time", "firewall"
            )

    def test_refused_login(self):
        answer = functools.partial(mail_servers.imap_answer, refuse="LOGIN")
        with mail_servers.serve(IMAP_GREETING, answer) as (self.server.port, _lines):
            self.assertExplained(
                self.router.action_test_incoming,
                f"did not accept the login “{self.account}”",
                "Invalid credentials",
            )

    def test_no_login_without_encryption(self):
        answer = functools.partial(
            mail_servers.imap_answer,
            refuse="LOGIN",
            words="[PRIVACYREQUIRED] Plaintext authentication disallowed",
        )
        with mail_servers.serve(IMAP_GREETING, answer) as (self.server.port, _lines):
            self.assertExplained(
                self.router.action_test_incoming, "does not allow a login", "disallowed"
            )

    def test_no_login_without_encryption_in_the_words_of_cyrus(self):
        answer = functools.partial(
            mail_servers.imap_answer,
            refuse="LOGIN",
            words="Login only available under a layer",
        )
        with mail_servers.serve(IMAP_GREETING, answer) as (self.server.port, _lines):
            self.assertExplained(
                self.router.action_test_incoming, "does not allow a login", "a layer"
            )

    def test_too_many_connections(self):
        """Dovecot says so of the login, Courier instead of a greeting."""
        refusing = functools.partial(
            mail_servers.imap_answer,
            refuse="LOGIN",
            words="[UNAVAILABLE] Maximum number of connections from user+IP exceeded",
        )
        for greeting, answer in (
            (IMAP_GREETING, refusing),
            ("* BYE Too many connections\r\n", mail_servers.imap_answer),
        ):
            with (
                self.subTest(greeting=greeting),
                mail_servers.serve(greeting, answer) as (self.server.port, _lines),
            ):
                self.assertExplained(
                    self.router.action_test_incoming,
                    "takes no login at the moment",
                    "connections",
                )

    def test_certificate_not_trusted(self):
        self.server.write({"is_ssl": True, "catchall_verify_certificate": True})
        with (
            mail_servers.certificate() as (context, _path),
            mail_servers.serve(
                IMAP_GREETING, mail_servers.imap_answer, context
            ) as found,
        ):
            self.server.port, lines = found
            self.assertExplained(
                self.router.action_test_incoming, "is not trusted", "certificate"
            )
        self.assertFalse(lines, "the password stays here")

    def test_certificate_trusted(self):
        self.server.write({"is_ssl": True, "catchall_verify_certificate": True})
        for server_type, greeting, answer in (
            ("imap", IMAP_GREETING, mail_servers.imap_answer),
            ("pop", POP_GREETING, mail_servers.pop_answer),
        ):
            self.server.server_type = server_type
            with (
                self.subTest(server_type),
                mail_servers.certificate() as (context, path),
                patch.dict(os.environ, {"SSL_CERT_FILE": path}),
                mail_servers.serve(greeting, answer, context) as found,
            ):
                self.server.port, _lines = found
                self.assertWorks(self.router.action_test_incoming())

    def test_certificate_not_asked_for(self):
        self.server.is_ssl = True
        with (
            mail_servers.certificate() as (context, _path),
            mail_servers.serve(
                IMAP_GREETING, mail_servers.imap_answer, context
            ) as found,
        ):
            self.server.port, _lines = found
            self.assertWorks(self.router.action_test_incoming())

    def test_an_archived_server_is_refused_by_core(self):
        self.server.write(
            {"active": False, "is_ssl": True, "catchall_verify_certificate": True}
        )
        with self.assertRaisesRegex(UserError, "archived"):
            self.server._connect__()

    def test_plain_text_on_a_tls_port(self):
        with (
            mail_servers.certificate() as (context, _path),
            mail_servers.serve(
                IMAP_GREETING, mail_servers.imap_answer, context
            ) as found,
            patch(
                "odoo.addons.mail_catchall_router.tools.servers.diagnosis.check_port",
                return_value="tls",
            ),
        ):
            self.server.port, _lines = found
            self.assertExplained(
                self.router.action_test_incoming,
                "is an encrypted port",
                "Choose the encryption SSL/TLS",
            )

    def test_tls_on_a_plain_port(self):
        self.server.is_ssl = True
        with mail_servers.serve(IMAP_GREETING, mail_servers.imap_answer) as found:
            self.server.port, _lines = found
            self.assertExplained(
                self.router.action_test_incoming, "is not an SSL/TLS port", "993"
            )

    def test_connection_closed(self):
        with mail_servers.serve("", None) as (self.server.port, _lines):
            self.assertExplained(
                self.router.action_test_incoming, "closed the connection"
            )

    def test_no_inbox(self):
        with mail_servers.serve(
            IMAP_GREETING, mail_servers.imap_without_inbox
        ) as found:
            self.server.port, _lines = found
            self.assertExplained(
                self.router.action_test_incoming,
                "INBOX cannot be opened",
                "Mailbox does not exist",
            )

    def test_anything_else(self):
        server = type(self.env["fetchmail.server"])
        with (
            mail_servers.serve(IMAP_GREETING, mail_servers.imap_answer) as found,
            patch.object(server, "_connect__", side_effect=RuntimeError("Oh")),
        ):
            self.server.port, _lines = found
            self.assertExplained(self.router.action_test_incoming, "failed", "Oh")

    def test_nothing_to_test(self):
        self.router.write({"fetchmail_server_id": False, "mail_server_id": False})
        with self.assertRaisesRegex(UserError, "no incoming server"):
            self.router.action_test_incoming()
        with self.assertRaisesRegex(UserError, "no outgoing server"):
            self.router.action_test_outgoing()

    # ------------------------------------------------------------
    # OUTGOING
    # ------------------------------------------------------------

    def serve_smtp(self, **options):
        answer = functools.partial(mail_servers.smtp_answer, **options)
        return mail_servers.serve(SMTP_GREETING, answer)

    def test_smtp_works_and_nothing_is_sent(self):
        with self.serve_smtp() as (self.smtp_server.smtp_port, lines):
            self.assertWorks(self.router.action_test_outgoing(), self.account)
        text = " ".join(lines).lower()
        self.assertIn(f"mail from:<{self.account}>", text)
        self.assertIn(f"rcpt to:<{self.account}>", text)
        self.assertIn("quit", text)
        self.assertNotIn("data", lines)

    def test_smtp_refused_login(self):
        with self.serve_smtp(
            refused=("AUTH",), words="535 5.7.8 Username and Password not accepted"
        ) as (self.smtp_server.smtp_port, _lines):
            self.assertExplained(
                self.router.action_test_outgoing,
                "did not accept the login",
                "Username and Password not accepted",
            )

    def test_smtp_refused_sender(self):
        with self.serve_smtp(
            refused=("MAIL",), words="553 5.7.1 not owned by user"
        ) as (self.smtp_server.smtp_port, _lines):
            self.assertExplained(
                self.router.action_test_outgoing,
                f"does not let this account send as {self.account}",
                "553",
                "not owned by user",
            )

    def test_smtp_refused_recipient(self):
        with self.serve_smtp(refused=("RCPT",)) as found:
            self.smtp_server.smtp_port, _lines = found
            self.assertExplained(
                self.router.action_test_outgoing, "does not accept email", "550"
            )

    def test_a_sender_that_is_refused_at_the_recipient_is_told_as_the_sender(self):
        words = (
            f"553 5.7.1 <{self.account}>: Sender address rejected: not owned by user"
        )
        with self.serve_smtp(refused=("RCPT",), words=words) as found:
            self.smtp_server.smtp_port, _lines = found
            self.assertExplained(
                self.router.action_test_outgoing,
                f"does not let this account send as {self.account}",
                "not owned by user",
            )

    def test_a_token_that_is_refused_at_the_sender_is_told_as_the_sign_in(self):
        """Odoo's own apps go on after a token that the server has refused."""
        words = "530 5.7.57 Client not authenticated to send mail"
        server = type(self.smtp_server)
        with (
            self.serve_smtp(refused=("MAIL",), words=words) as found,
            patch.object(server, "_catchall_token_prefix", lambda _: "google_gmail"),
        ):
            self.smtp_server.smtp_port, _lines = found
            self.assertExplained(
                self.router.action_test_outgoing, "Sign in again", "5.7.57"
            )

    def test_smtp_without_starttls(self):
        self.smtp_server.smtp_encryption = "starttls_strict"
        with self.serve_smtp() as (self.smtp_server.smtp_port, _lines):
            self.assertExplained(
                self.router.action_test_outgoing, "does not offer STARTTLS", "465"
            )

    def test_smtp_without_login(self):
        with mail_servers.serve(SMTP_GREETING, lambda _line: "250 OK\r\n") as found:
            self.smtp_server.smtp_port, lines = found
            self.assertExplained(
                self.router.action_test_outgoing, "does not allow a login", "587"
            )
        self.assertFalse([line for line in lines if line.startswith("AUTH")])

    def test_smtp_certificate_not_trusted(self):
        self.smtp_server.smtp_encryption = "ssl_strict"
        with (
            mail_servers.certificate() as (context, _path),
            mail_servers.serve(
                SMTP_GREETING, mail_servers.smtp_answer, context
            ) as found,
        ):
            self.smtp_server.smtp_port, lines = found
            self.assertExplained(self.router.action_test_outgoing, "is not trusted")
        self.assertFalse(lines)

    def test_smtp_tls_on_a_plain_port(self):
        self.smtp_server.smtp_encryption = "ssl"
        with self.serve_smtp() as (self.smtp_server.smtp_port, _lines):
            self.assertExplained(
                self.router.action_test_outgoing, "is not an SSL/TLS port", "465"
            )

    def test_smtp_nothing_listens(self):
        self.smtp_server.smtp_port = self.unused_port()
        self.assertExplained(self.router.action_test_outgoing, "587")

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    def test_only_administrators_test(self):
        user = new_test_user(
            self.env,
            "reader",
            groups="mail_catchall_router.group_mail_catchall_router_user",
            company_id=self.router.company_id.id,
        )
        router = self.router.with_user(user)
        with self.assertRaises(AccessError):
            router.action_test_incoming()
        with self.assertRaises(AccessError):
            router.action_test_outgoing()
