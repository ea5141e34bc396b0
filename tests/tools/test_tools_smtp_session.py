import smtplib
from contextlib import contextmanager
from email.message import EmailMessage

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import smtp_session
from odoo.addons.mail_catchall_router.tools.outbound.smtp_session import (
    Handover,
    SharedSession,
)

from ..smtp_server import smtp_server
from ..strategies import given, quick, st


class Steps(Handover):
    """Writes down what it is told."""

    def __init__(self):
        self.told = []

    def begins(self, recipients):
        self.told.append(("begins", tuple(recipients)))

    def taken(self):
        self.told.append("taken")

    def not_taken(self):
        self.told.append("not_taken")

    def unknown(self):
        self.told.append("unknown")


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestSharedSession(BaseCase):
    """One connection for many mails, and how far each mail came."""

    def setUp(self):
        super().setUp()
        self.smtp = self.enterContext(smtp_server())

    @contextmanager
    def session(self, limit=0):
        session = SharedSession(self.connect, limit)
        session.handover = Steps()
        yield session
        session.close()

    def connect(self):
        return smtplib.SMTP("127.0.0.1", self.smtp.port, timeout=20)

    def send(self, session, *recipients, body="Hello\n"):
        message = EmailMessage()
        message["From"], message["Subject"] = "a@own.test", "Offer"
        message.set_content(body)
        recipients = recipients or ("lan@c.test",)
        return session.send_message(message, "box@own.test", recipients)

    def test_mails_share_a_connection_that_the_first_one_makes(self):
        with self.session() as session:
            self.assertEqual(self.smtp.connections, 0)
            for _mail in range(5):
                self.send(session)
                session.quit()
        self.assertEqual((len(self.smtp.letters), self.smtp.connections), (5, 1))
        self.assertEqual(session.logins, 1)

    def test_after_its_limit_a_connection_is_made_anew(self):
        with self.session(limit=2) as session:
            for _mail in range(5):
                self.send(session)
        self.assertEqual((len(self.smtp.letters), self.smtp.connections), (5, 3))

    def test_a_connection_that_died_between_two_mails_is_made_anew(self):
        with self.session() as session:
            self.send(session)
            for answer in (None, "421 4.3.2 Shutting down"):
                self.smtp.refuse_once("MAIL", answer)
                self.send(session)
        self.assertEqual((len(self.smtp.letters), self.smtp.connections), (3, 3))

    def test_a_new_connection_that_dies_at_once_is_an_error(self):
        with self.session() as session:
            self.smtp.refuse("MAIL", None)
            with self.assertRaises(smtplib.SMTPServerDisconnected):
                self.send(session)
        self.assertEqual(self.smtp.connections, 1)
        self.assertEqual(session.stage, smtp_session.BEFORE)

    def test_an_idle_connection_is_asked_whether_it_lives(self):
        with self.session() as session:
            self.send(session)
            session._last_use -= smtp_session.IDLE_SECONDS + 1
            self.smtp.refuse_once("NOOP", None)
            self.assertTrue(session.open())
            self.send(session)
        self.assertEqual(self.smtp.connections, 2)

    def test_the_steps_of_a_mail_are_told_in_their_order(self):
        with self.session() as session:
            self.send(session, "a@c.test", "b@c.test")
            begins = ("begins", ("a@c.test", "b@c.test"))
            self.assertEqual(session.handover.told, [begins, "taken"])

    def test_who_is_refused_at_rcpt_is_not_handed_over_to(self):
        self.smtp.refuse("RCPT TO:<b@", "550 5.1.1 User unknown")
        with self.session() as session:
            self.send(session, "a@c.test", "b@c.test")
            self.assertEqual(session.handover.told[0], ("begins", ("a@c.test",)))
            self.assertEqual(list(session.refused), ["b@c.test"])

    def test_a_mail_that_is_refused_at_the_end_was_not_taken(self):
        self.smtp.refuse("DATA.", "554 5.7.1 Spam")
        with self.session() as session:
            with self.assertRaises(smtplib.SMTPDataError):
                self.send(session)
            self.assertEqual(session.handover.told[-1], "not_taken")
            self.assertEqual(session.stage, smtp_session.ANSWERED)

    def test_a_mail_without_an_answer_is_unknown_and_not_sent_again(self):
        with self.session() as session:
            self.send(session)
            self.smtp.refuse_once("DATA.", None)
            with self.assertRaises(smtplib.SMTPServerDisconnected):
                self.send(session)
            self.assertEqual(session.handover.told[-1], "unknown")
            self.assertEqual(session.stage, smtp_session.SENT)
        self.assertEqual(len(self.smtp.letters), 2)

    def test_what_refuses_the_handover_keeps_the_mail_from_the_server(self):
        class Refusing(Steps):
            """Somebody else has the mail."""

            def begins(self, recipients):
                raise KeyError

        with self.session() as session:
            session.handover = Refusing()
            with self.assertRaises(KeyError):
                self.send(session)
            session.handover = Steps()
            self.send(session)
        self.assertEqual(len(self.smtp.letters), 1)

    def test_dots_and_line_ends_arrive_as_they_were(self):
        with self.session() as session:
            self.send(session, body=".\n..\nsix\n.seven")
        content = self.smtp.letters[0].content
        self.assertIn(b"\r\n..\r\n...\r\nsix\r\n..seven\r\n", content)

    @quick
    @given(st.binary(max_size=200))
    def test_content_is_stuffed_as_smtplib_does_it(self, content):
        expected = smtplib._quote_periods(content)
        if b"\r" in content or b"\n" in content:
            # smtplib leaves the line ends of bytes as they are; the wire must not.
            stuffed = smtp_session._stuffed(content)
            self.assertNotRegex(stuffed, rb"(?<!\r)\n|\r(?!\n)")
            self.assertTrue(stuffed.endswith(b"\r\n.\r\n"))
            self.assertEqual(stuffed.count(b"\r\n.\r\n"), 1)
        else:
            self.assertEqual(smtp_session._stuffed(content), expected + b"\r\n.\r\n")


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestPipelinedSession(TestSharedSession):
    """The same with a server that reads ahead (RFC 2920)."""

    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        self.smtp.extensions = ("PIPELINING",)

    def sent(self, session):
        """Return a list that gets what is sent, one item for each way to the server."""
        session.open()
        connection = session._connection
        send, sent = connection.sock.sendall, []

        def sendall(content):
            sent.append(bytes(content))
            send(content)

        connection.sock = _Socket(connection.sock, sendall)
        return sent

    def test_the_commands_of_a_mail_go_out_at_once(self):
        with self.session() as session:
            session.open()
            session._connection.ehlo_or_helo_if_needed()
            sent = self.sent(session)
            self.send(session, "a@c.test", "b@c.test")
            self.assertEqual(len(sent), 2)
            lines = sent[0].lower().split(b"\r\n")
            self.assertEqual([line[:4] for line in lines if line][-1], b"data")
            self.assertEqual(len(lines), 5)

    def test_many_recipients_are_named_one_by_one(self):
        recipients = [f"c{number}@c.test" for number in range(60)]
        with self.session() as session:
            session.open()
            session._connection.ehlo_or_helo_if_needed()
            sent = self.sent(session)
            self.send(session, *recipients)
            self.assertGreater(len(sent), 60)
        self.assertEqual(self.smtp.letters[0].recipients, recipients)

    def test_after_a_refused_sender_the_next_mail_goes_on(self):
        with self.session() as session:
            self.smtp.refuse_once("MAIL", "550 5.7.1 Not you")
            self.smtp.refuse_once("DATA", "503 5.5.1 No sender")
            with self.assertRaises(smtplib.SMTPSenderRefused) as caught:
                self.send(session, "a@c.test", "b@c.test")
            self.assertEqual(caught.exception.smtp_error, b"5.7.1 Not you")
            self.send(session)
        self.assertEqual(
            [one.recipients for one in self.smtp.letters[-1:]], [["lan@c.test"]]
        )
        self.assertEqual(self.smtp.connections, 1)

    def test_after_refused_recipients_the_next_mail_goes_on(self):
        for answer in ("354 Go ahead", "503 5.5.1 No valid recipients"):
            with self.subTest(answer=answer), self.session() as session:
                self.smtp.refuse_once("RCPT TO:<a@", "550 5.1.1 User unknown")
                self.smtp.refuse_once("RCPT TO:<b@", "550 5.1.1 User unknown")
                self.smtp.refuse_once("DATA", answer)
                with self.assertRaises(smtplib.SMTPRecipientsRefused) as caught:
                    self.send(session, "a@c.test", "b@c.test")
                self.assertEqual(len(caught.exception.recipients), 2)
                self.assertEqual(session.handover.told, [])
                self.send(session)
                self.assertEqual(self.smtp.letters[-1].recipients, ["lan@c.test"])

    def test_who_hangs_up_after_a_refusal_has_refused(self):
        def hang_up(begin, answer, error):
            with self.session() as session:
                self.smtp.refuse(begin, answer)
                self.smtp.refuse("RCPT" if begin == "MAIL" else "DATA", None)
                with self.assertRaises(error) as caught:
                    self.send(session)
                self.assertEqual(session.handover.told, [])
                self.smtp.rules.clear()
                self.send(session)
            return caught.exception

        error = hang_up("MAIL", "550 5.7.1 Not you", smtplib.SMTPSenderRefused)
        self.assertEqual(error.smtp_code, 550)
        error = hang_up("RCPT", "550 5.1.1 Unknown", smtplib.SMTPRecipientsRefused)
        self.assertEqual(error.recipients["lan@c.test"][0], 550)

    def test_a_refused_data_command_is_an_error_of_the_mail_alone(self):
        with self.session() as session:
            self.smtp.refuse_once("DATA", "451 4.3.0 Try later")
            with self.assertRaises(smtplib.SMTPDataError):
                self.send(session)
            self.assertEqual(session.handover.told, [])
            self.send(session)
        self.assertEqual(len(self.smtp.letters), 1)


class _Socket:
    """A socket whose writing is watched."""

    def __init__(self, sock, sendall):
        self._sock = sock
        self.sendall = sendall

    def __getattr__(self, name):
        return getattr(self._sock, name)
