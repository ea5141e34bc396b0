from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ..mail_servers import imap_answer, serve
from .test_mail_mail_attempt import SendingCommon

PASSWORD = "Mật-khẩu-bí-mật"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSecrets(SendingCommon):
    """No password where somebody could read it."""

    def setUp(self):
        super().setUp()
        self.smtp_server.smtp_pass = PASSWORD

    def assert_kept(self, text):
        self.assertNotIn(PASSWORD, text)
        self.assertNotIn("ậ", text.replace("mật khẩu", ""))
        self.assertIn("accents", text)

    def test_a_password_with_accents_works(self):
        mail = self.send()
        self.assertEqual(mail.state, "sent")
        self.assertEqual(self.smtp.logins, 1)

    def test_a_server_that_takes_none_is_named_and_the_password_is_not(self):
        self.smtp.refuse("EHLO", "250-test\r\n250 AUTH CRAM-MD5")
        mail = self.send()
        self.assertEqual(mail.state, "outgoing")
        self.assert_kept(mail.catchall_waiting)
        with self.assertRaises(UserError) as caught:
            self.smtp_server.test_smtp_connection()
        self.assert_kept(str(caught.exception))

    def test_another_server_keeps_it_too(self):
        """A server of no router's, of which core shows the error to who sends."""
        self.router.mail_server_id = self.mail_servers[0]
        self.smtp_server.active = True
        self.smtp.refuse("EHLO", "250-test\r\n250 AUTH CRAM-MD5")
        mail = self.mail_of(mail_server_id=self.smtp_server.id)
        with self.assertRaises(MailDeliveryException) as caught:
            mail.send(raise_exception=True)
        self.assert_kept(" ".join(map(str, caught.exception.args)))

    def test_the_log_of_the_dialogue_is_silent_while_we_sign_in(self):
        self.smtp_server.write({"smtp_debug": True, "smtp_pass": "aPlainPassword"})
        with self.assertLogs("odoo.addons.base.models.ir_mail_server", "DEBUG") as log:
            self.send()
        self.assertFalse([line for line in log.output if "AUTH PLAIN" in line])
        self.assertTrue([line for line in log.output if "RCPT" in line.upper()])

    def test_an_incoming_server_that_takes_none(self):
        with serve("* OK hello\r\n", imap_answer) as (port, lines):
            self.server.write(
                {
                    "server": "127.0.0.1",
                    "port": port,
                    "is_ssl": False,
                    "password": PASSWORD,
                }
            )
            with self.assertRaises(UserError) as caught:
                self.server.button_confirm_login()
            self.assert_kept(str(caught.exception))
            self.assertFalse([line for line in lines if "LOGIN" in line])

    def test_an_incoming_server_that_repeats_it(self):
        def answer(line):
            if " LOGIN " in line:
                return f"{line.partition(' ')[0]} NO cannot {line}\r\n"
            return imap_answer(line)

        self.server.password = "aPlainPassword"
        with serve("* OK hello\r\n", answer) as (port, _lines):
            self.server.write({"server": "127.0.0.1", "port": port, "is_ssl": False})
            with self.assertRaises(UserError) as caught:
                self.server.button_confirm_login()
        self.assertNotIn("aPlainPassword", str(caught.exception))
