import base64
import imaplib
import smtplib

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import sasl
from odoo.addons.mail_catchall_router.tools.servers.diagnosis import diagnose, masked

from ..mail_servers import imap_answer, serve, smtp_answer
from ..strategies import given, quick, st

USER, PASSWORD = "box@own.test", "Mật-khẩu-bí-mật"


def decoded(line):
    """Return what the last word of a line says in base64."""
    return base64.b64decode(line.rpartition(" ")[2]).decode()


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestSasl(BaseCase):
    """Passwords of any letters, and in no error."""

    def login_smtp(self, answer=smtp_answer):
        with serve("220 hello\r\n", answer) as (port, lines):
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as session:
                return sasl.login_smtp(session, USER, PASSWORD), lines

    def login_imap(self, answer):
        with serve("* OK hello\r\n", answer) as (port, lines):
            session = imaplib.IMAP4("127.0.0.1", port, timeout=10)
            try:
                return sasl.login_imap(session, USER, PASSWORD), lines
            finally:
                session.shutdown()

    def imap_with_plain(self, line):
        """Offer SASL PLAIN, and take what follows."""
        tag = line.partition(" ")[0]
        if line.endswith("CAPABILITY"):
            return f"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n"
        if "AUTHENTICATE" in line:
            self.tag = tag
            return "+ \r\n"
        return f"{self.tag} OK done\r\n"

    def test_plain_is_utf8(self):
        done, lines = self.login_smtp()
        self.assertTrue(done)
        self.assertEqual(decoded(lines[-2]), f"\0{USER}\0{PASSWORD}")
        done, lines = self.login_imap(self.imap_with_plain)
        self.assertTrue(done)
        self.assertEqual(decoded(lines[-1]), f"\0{USER}\0{PASSWORD}")

    def test_login_is_taken_for_utf8(self):
        def answer(line):
            if line.upper().startswith("EHLO"):
                return "250-localhost\r\n250 AUTH LOGIN\r\n"
            if line.upper() == "QUIT":
                return "221 Bye\r\n"
            return "334 \r\n" if line.startswith("AUTH") else "235 2.7.0 Welcome\r\n"

        done, lines = self.login_smtp(answer)
        self.assertTrue(done)
        self.assertEqual([decoded(line) for line in lines[1:3]], [USER, PASSWORD])

    def test_without_a_way_nothing_is_said(self):
        def answer(line):
            return "221 Bye\r\n" if line.upper() == "QUIT" else "250 localhost\r\n"

        done, lines = self.login_smtp(answer)
        self.assertFalse(done)
        self.assertFalse([line for line in lines if "AUTH" in line])
        self.assertFalse(self.login_imap(imap_answer)[0])

    def test_an_echoed_password_is_taken_out(self):
        def answer(line):
            echo = line if line.startswith("AUTH") else ""
            return f"535 {echo} no\r\n" if echo else smtp_answer(line)

        with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
            with sasl.kept_secret(PASSWORD):
                self.login_smtp(answer)
        said = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
        self.assertNotIn(said, caught.exception.smtp_error)
        self.assertIn(b"***", caught.exception.smtp_error)

    def test_a_codec_s_error_does_not_quote_the_text(self):
        try:
            PASSWORD.encode("ascii")
        except UnicodeEncodeError as error:
            words = diagnose(error).words
        self.assertNotIn(PASSWORD, words)
        self.assertNotIn("ậ", words)
        self.assertIn("ordinal not in range", words)

    @quick
    @given(st.text(min_size=9, max_size=30), st.text(max_size=30))
    def test_no_spelling_remains(self, password, user):
        password = password.encode("utf-8", "replace").decode()
        user = user.encode("utf-8", "replace").decode()
        said = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        inner = base64.b64encode(password.encode()).decode().rstrip("=")
        text = masked(f"{password} {said} {inner}", [password])
        self.assertNotIn(said[-8:], text)
        self.assertNotIn(inner, text)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestHeed(BaseCase):
    """What a server has against a token is heard."""

    def sign_in(self, *replies):
        """Sign in with a token as Odoo's own apps do; return the lines that came."""
        replies = list(replies)

        def answer(line):
            if line.upper().startswith("EHLO"):
                return "250 AUTH XOAUTH2\r\n"
            if line.upper().startswith("QUIT"):
                return "221 bye\r\n"
            return f"{replies.pop(0)}\r\n"

        with serve("220 hello\r\n", answer) as (port, lines):
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as session:
                sasl.heed(session)
                session.ehlo()
                session.docmd("AUTH", "XOAUTH2 dG9rZW4=")
        return lines

    def test_a_token_that_is_taken(self):
        self.assertIn("AUTH XOAUTH2 dG9rZW4=", self.sign_in("235 2.7.0 Accepted"))

    def test_a_challenge_is_answered_and_the_refusal_heard(self):
        # Gmail, and what Dovecot behind Postfix says.
        refusals = (
            "535 5.7.8 Username and Password not accepted",
            "530 5.7.57 Client not authenticated to send mail",
        )
        for refusal in refusals:
            with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
                self.sign_in("334 eyJzdGF0dXMiOiI0MDAifQ==", refusal)
            self.assertEqual(caught.exception.smtp_code, int(refusal[:3]))

    def test_a_refusal_at_once_is_heard(self):
        with self.assertRaises(smtplib.SMTPAuthenticationError):
            self.sign_in("535 5.7.3 Authentication unsuccessful")

    def test_a_server_that_cannot_say_for_now_refuses_nobody(self):
        with self.assertRaises(smtplib.SMTPResponseException) as caught:
            self.sign_in("454 4.7.0 Temporary authentication failure")
        self.assertNotIsInstance(caught.exception, smtplib.SMTPAuthenticationError)
