import email
from email.header import decode_header, make_header
from email.utils import getaddresses

from odoo.tests import tagged

from .test_mail_mail_attempt import SendingCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWire(SendingCommon):
    """What stands in the bytes that the mail server gets."""

    @property
    def headers(self):
        """The header block of the last mail, read with nothing but its own lines."""
        return email.message_from_bytes(self.smtp.letters[-1].content)

    def named(self, header):
        """Return [(name, address)] in a header of the last mail."""
        value = " ".join(self.headers[header].split())
        return [
            (str(make_header(decode_header(name))), spec)
            for name, spec in getaddresses([value])
        ]

    def test_a_name_is_one_mailbox(self):
        for name in (
            "CEO <ceo@own.test> ö",
            "Doé, John",
            "Công ty trách nhiệm hữu hạn một thành viên Tên Miền, Co., Ltd.",
        ):
            with self.subTest(name=name):
                partner = self.env["res.partner"].create(
                    {"name": name, "email": "lan@customer.example"}
                )
                self.send(
                    author=None,
                    email_from=f'"{name}" <{self.author}>',
                    email_to=False,
                    recipient_ids=partner.ids,
                    reply_to=f'"{name}" <{self.author}>',
                )
                letter = self.smtp.letters[-1]
                self.assertEqual(letter.recipients, ["lan@customer.example"])
                self.assertEqual(self.named("From"), [(name, self.author)])
                self.assertEqual(self.named("Reply-To"), [(name, self.author)])
                self.assertEqual(self.named("To"), [(name, "lan@customer.example")])

    def test_a_foreign_author_is_one_mailbox(self):
        """His name comes before the account's address."""
        name = "CEO, <ceo@own.test> của chúng tôi, và còn nhiều chữ nữa cho đủ dài"
        self.send(email_from=f'"{name}" <x@foreign.example>')
        [(shown, spec)] = self.named("From")
        self.assertIn(name, shown)
        self.assertEqual(spec, self.router.account_email)

    def test_the_subject_keeps_its_spaces(self):
        subject = "khách hàng - … báo giá cho khách hàng - … của công ty chúng tôi - …"
        self.send(subject=subject)
        value = self.headers["Subject"].replace("\r\n", "")
        self.assertEqual(str(make_header(decode_header(value))), subject)

    def test_another_server_writes_them_too(self):
        """A server of no router's, as core gives it the mail."""
        self.router.mail_server_id = self.mail_servers[0]
        self.smtp_server.active = True
        name = "CEO <ceo@own.test> ö"
        self.send(
            email_from=f'"{name}" <{self.author}>', mail_server_id=self.smtp_server.id
        )
        self.assertEqual(self.named("From"), [(name, self.author)])
