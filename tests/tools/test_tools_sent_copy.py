from email.message import EmailMessage

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import sent_copy

from ..strategies import given, header_text, quick, st


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestSent(BaseCase):
    """What a mail looked like when it was handed over."""

    @quick
    @given(st.integers(1, 10**9 - 1))
    def test_the_header_is_taken_from_the_mail(self, number):
        message = EmailMessage()
        message[sent_copy.COPY_HEADER] = str(number)
        self.assertEqual(sent_copy.take_copy_header(message), number)
        self.assertEqual(sent_copy.take_copy_header(message), 0)

    @quick
    @given(header_text)
    def test_no_header_of_anybody_raises(self, value):
        message = EmailMessage()
        message[sent_copy.COPY_HEADER] = " ".join(value.split())
        self.assertGreaterEqual(sent_copy.take_copy_header(message), 0)
        self.assertNotIn(sent_copy.COPY_HEADER, message)

    @quick
    @given(st.text("abc \n", max_size=200))
    def test_lines_end_as_in_smtp_and_blind_recipients_stay_blind(self, body):
        message = EmailMessage()
        message["Subject"] = "Thư"
        message["Bcc"] = "secret@example.com"
        message.set_content(body)
        raw = sent_copy.as_sent(message)
        self.assertNotIn(b"secret@", raw)
        self.assertNotIn(b"\n", raw.replace(b"\r\n", b""))
        self.assertEqual(message["Bcc"], "secret@example.com")
