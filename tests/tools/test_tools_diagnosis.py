import base64
import imaplib
import poplib
import smtplib
import socket
import ssl
import threading
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers.diagnosis import (
    KINDS,
    MAX_WORDS,
    check_port,
    diagnose,
)
from odoo.addons.mail_catchall_router.tools.servers.imap import MailboxError

from ..strategies import given, header_text, quick


def tls_error(text, number=1):
    return ssl.SSLError(number, text)


@contextmanager
def listening(behave):
    """A server on a free port that does `behave` with its first connection."""

    def serve():
        connection, _address = server.accept()
        with connection:
            behave(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            thread.join(10)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestDiagnosis(BaseCase):
    """What went wrong, and what the server said."""

    def test_kinds(self):
        abort = imaplib.IMAP4.abort
        refused = imaplib.IMAP4.error
        for exception, kind in (
            (socket.gaierror(-2, "Name or service not known"), "unknown_host"),
            (UnicodeError("label empty or too long"), "unknown_host"),
            (ConnectionRefusedError(111, "Connection refused"), "refused"),
            (OSError(113, "No route to host"), "refused"),
            (OverflowError("getsockaddrarg: port must be 0-65535"), "refused"),
            (TimeoutError("timed out"), "timeout"),
            (OSError(110, "Connection timed out"), "timeout"),
            (
                smtplib.SMTPServerDisconnected(
                    "Connection unexpectedly closed: timed out"
                ),
                "timeout",
            ),
            (tls_error("The handshake operation timed out"), "timeout"),
            (
                refused(b"[AUTHENTICATIONFAILED] Authentication failed."),
                "authentication",
            ),
            (
                refused("LOGIN command error: BAD [b'Invalid credentials']"),
                "authentication",
            ),
            (
                refused(b"[PRIVACYREQUIRED] Plaintext authentication disallowed"),
                "authentication",
            ),
            # Cyrus, and Courier of old
            (refused(b"Login only available under a layer"), "authentication"),
            (refused(b"Plaintext login disabled."), "authentication"),
            # Dovecot, Yahoo, Gmail, Courier's greeting, Exchange
            (
                refused(b"[UNAVAILABLE] Temporary authentication failure. [mx:1]"),
                "busy",
            ),
            (
                refused(
                    b"[UNAVAILABLE] Maximum number of connections from user+IP "
                    b"exceeded (mail_max_userip_connections=10)"
                ),
                "busy",
            ),
            (refused(b"[LIMIT] LOGIN Rate limit hit."), "busy"),
            (refused(b"[ALERT] Too many simultaneous connections. (Failure)"), "busy"),
            (refused(b"* BYE Too many connections from your address"), "busy"),
            (poplib.error_proto(b"-ERR [IN-USE] Mailbox is locked"), "busy"),
            (
                smtplib.SMTPAuthenticationError(
                    454, b"4.7.0 Temporary authentication failure"
                ),
                "busy",
            ),
            (
                poplib.error_proto(b"-ERR [AUTH] Authentication failed."),
                "authentication",
            ),
            (poplib.error_proto(b"-ERR Invalid login or password"), "authentication"),
            (smtplib.SMTPAuthenticationError(535, b"5.7.8 no"), "authentication"),
            (
                smtplib.SMTPNotSupportedError("SMTP AUTH extension not supported"),
                "authentication",
            ),
            (
                ssl.SSLCertVerificationError(1, "certificate verify failed"),
                "certificate",
            ),
            (
                tls_error("[SSL: TLSV1_ALERT_UNKNOWN_CA] certificate unknown"),
                "certificate",
            ),
            (
                tls_error("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
                "tls_on_plain",
            ),
            (
                ssl.SSLEOFError(8, "EOF occurred in violation of protocol"),
                "tls_on_plain",
            ),
            (
                ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed (EOF)"),
                "tls_on_plain",
            ),
            (tls_error("[SSL: NO_CIPHERS_AVAILABLE] no ciphers available"), "other"),
            (
                abort("unexpected response: b'\\x15\\x03\\x01\\x00\\x02'"),
                "plain_on_tls",
            ),
            (smtplib.SMTPConnectError(-1, b"\x15\x03\x01\x00\x02\x02"), "plain_on_tls"),
            (abort("command: SELECT => socket error: EOF"), "disconnected"),
            (ConnectionResetError(104, "Connection reset by peer"), "disconnected"),
            (BrokenPipeError(32, "Broken pipe"), "disconnected"),
            (
                smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
                "disconnected",
            ),
            (poplib.error_proto("-ERR EOF"), "disconnected"),
            (MailboxError("[NONEXISTENT] Unknown Mailbox: x"), "folder"),
            (MailboxError("Mailbox doesn't exist: x"), "folder"),
            (MailboxError("Quota exceeded"), "other"),
            (
                smtplib.SMTPSenderRefused(
                    553, b"5.7.1 not owned by user", "a@own.test"
                ),
                "other",
            ),
            (smtplib.SMTPRecipientsRefused({}), "other"),
            (OSError(28, "No space left on device"), "other"),
            (ValueError("something else"), "other"),
            (KeyboardInterrupt(), "other"),
        ):
            with self.subTest(exception=exception):
                self.assertEqual(diagnose(exception).kind, kind)
                self.assertIn(kind, KINDS)

    def test_words(self):
        for exception, words in (
            (imaplib.IMAP4.error(b"[AUTH] Login failed"), "[AUTH] Login failed"),
            (imaplib.IMAP4.error("LOGIN command error: BAD [b'Not so']"), "Not so"),
            (poplib.error_proto(b"-ERR [AUTH] No"), "[AUTH] No"),
            (
                smtplib.SMTPAuthenticationError(535, b"5.7.8 No\n5.7.8 way"),
                "535 5.7.8 No 5.7.8 way",
            ),
            (smtplib.SMTPConnectError(-1, b"Go away"), "Go away"),
            (
                smtplib.SMTPRecipientsRefused({"a@b.test": (553, b"5.7.1 not owned")}),
                "553 5.7.1 not owned",
            ),
            (
                ssl.SSLCertVerificationError(1, "[SSL: X] verify failed (_ssl.c:1006)"),
                "[SSL: X] verify failed",
            ),
            (TimeoutError("timed out"), "timed out"),
            (MailboxError("Đầy"), "Đầy"),
            (ValueError(), "ValueError"),
        ):
            with self.subTest(exception=exception):
                self.assertEqual(diagnose(exception).words, words)

    def test_the_cause_is_found(self):
        try:
            try:
                raise ConnectionRefusedError(111, "Connection refused")
            except OSError as error:
                raise ValueError("Connection test failed") from error
        except ValueError as error:
            found = diagnose(error)
        self.assertEqual((found.kind, found.words), ("refused", "Connection refused"))

    def test_the_outermost_words_when_nothing_is_known(self):
        try:
            try:
                {}["inner"]
            except KeyError:
                int("outer")
        except ValueError as error:
            self.assertIn("outer", diagnose(error).words)

    def test_a_chain_without_end(self):
        one, two = ValueError("one"), ValueError("two")
        one.__cause__, two.__cause__ = two, one
        self.assertEqual(diagnose(one).words, "one")

    def test_no_password_is_shown(self):
        encoded = base64.b64encode(b"s3cret!").decode()
        for text in (
            "Unknown command: PASS s3cret!",
            'BAD LOGIN "me@own.test" "s3cret!" rejected',
            "LOGIN me@own.test s3cret! rejected",
            f"AUTH PLAIN {encoded}",
            "your s3cret! is wrong",
            f"{encoded}?",
        ):
            with self.subTest(text=text):
                words = diagnose(MailboxError(text), ["s3cret!", ""]).words
                self.assertNotIn("s3cret!", words)
                self.assertNotIn(encoded, words)
                self.assertIn("***", words)
        for text in ("Unknown command: PASS s3cret!", f"AUTH PLAIN {encoded}"):
            self.assertNotIn("s3cret!", diagnose(MailboxError(text)).words)
            self.assertNotIn(encoded, diagnose(MailboxError(text)).words)

    @quick
    @given(header_text)
    def test_any_words_do(self, text):
        for exception in (
            MailboxError(text),
            imaplib.IMAP4.error(text.encode("utf-8", "surrogateescape")),
            poplib.error_proto(text),
            smtplib.SMTPResponseException(550, text),
            OSError(text),
            ssl.SSLError(text),
        ):
            found = diagnose(exception)
            self.assertIn(found.kind, KINDS)
            self.assertLessEqual(len(found.words), MAX_WORDS)
            found.words.encode()
            self.assertFalse(set("\r\n\0") & set(found.words))


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestProbe(BaseCase):
    """Telling a TLS port from a plain one."""

    def test_a_server_that_greets(self):
        with listening(lambda c: c.sendall(b"220 mx.own.test ESMTP\r\n")) as port:
            self.assertEqual(check_port("127.0.0.1", port, 2), "plain")

    def test_a_server_that_speaks_tls(self):
        def refuse(connection):
            connection.recv(3)
            # RFC 8446 6: a fatal alert, handshake failure.
            connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")

        with listening(refuse) as port:
            self.assertEqual(check_port("127.0.0.1", port, 0.3), "tls")

    def test_a_server_that_sends_an_alert_at_once(self):
        with listening(lambda c: c.sendall(b"\x15\x03\x03\x00\x02\x02\x28")) as port:
            self.assertEqual(check_port("127.0.0.1", port, 2), "tls")

    def test_a_server_that_answers_tls_with_words(self):
        def complain(connection):
            connection.recv(3)
            connection.sendall(b"500 what?\r\n")

        with listening(complain) as port:
            self.assertEqual(check_port("127.0.0.1", port, 0.3), "plain")

    def test_a_silent_server(self):
        with listening(lambda c: c.recv(1) and c.recv(1000)) as port:
            self.assertEqual(check_port("127.0.0.1", port, 0.2), "silent")
        with listening(lambda _connection: None) as port:
            self.assertEqual(check_port("127.0.0.1", port, 0.2), "silent")

    def test_a_server_that_hangs_up_is_silent_on_every_python(self):
        closed = ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed (EOF)")
        with (
            listening(lambda connection: connection.recv(1)) as port,
            patch.object(ssl.SSLContext, "wrap_socket", side_effect=closed),
        ):
            self.assertEqual(check_port("127.0.0.1", port, 0.2), "silent")

    def test_nobody(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        self.assertEqual(check_port("127.0.0.1", port, 1), "closed")
        self.assertEqual(check_port("..", 25, 1), "closed")
        self.assertEqual(check_port("127.0.0.1", 99999, 1), "closed")
