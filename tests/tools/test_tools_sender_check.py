import smtplib

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import sender_check

from ..mail_servers import serve, smtp_answer

SENDER, RECIPIENT = "a@own.test", "box@own.test"


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestEnvelopes(BaseCase):
    """Whom a mail server lets us write as."""

    def ask(self, **options):
        """Ask a server that answers so; give its answer and what it was told."""
        with serve("220 hello\r\n", lambda line: smtp_answer(line, **options)) as (
            port,
            lines,
        ):
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as session:
                session.ehlo()
                return sender_check.ask(session, SENDER, RECIPIENT), lines

    def test_nothing_is_sent(self):
        answer, lines = self.ask()
        self.assertEqual(answer, sender_check.Answer(True))
        self.assertIn("rset", [line.lower() for line in lines])
        self.assertNotIn("data", [line.lower() for line in lines])

    def test_a_refusal_counts_wherever_it_is_said(self):
        for command in ("MAIL", "RCPT"):
            with self.subTest(command=command):
                words = "553 5.7.1 Sender address rejected: not owned by user"
                answer, lines = self.ask(refused=(command,), words=words)
                self.assertEqual(answer, sender_check.Answer(False, words))
                self.assertIn("rset", [line.lower() for line in lines])

    def test_a_refusal_for_now_is_no_answer(self):
        answer, _lines = self.ask(refused=("RCPT",), words="451 4.7.1 Greylisted")
        self.assertIsNone(answer.accepted)

    def test_a_server_that_closes_is_no_answer_either(self):
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            self.ask(refused=("MAIL",), words="421 4.7.0 Too many commands")
