import base64
import email
import email.policy
from email.header import decode_header, make_header
from email.utils import getaddresses
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_mail_mail_attempt import SendingCommon

GIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


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

    # ------------------------------------------------------------
    # INTERNATIONAL ADDRESSES
    # ------------------------------------------------------------

    def test_a_domain_in_letters_is_written_to(self):
        mail = self.send(
            email_to="Lan <lan@bücher.example>", email_cc="b@straße.example"
        )
        self.assertEqual(mail.state, "sent")
        people = ["b@xn--strae-oqa.example", "lan@xn--bcher-kva.example"]
        self.assertEqual(sorted(self.got()), people)
        self.assertIn(("Lan", "lan@xn--bcher-kva.example"), self.named("To"))

    def test_a_contact_with_such_a_domain_is_written_to(self):
        self.customer.email = "lan@công-ty.example"
        message, mail = self.message_to(self.customer)
        mail.send()
        self.assertEqual(self.got(), ["lan@xn--cng-ty-ixa.example"])
        self.assertEqual(self.status_of(message, self.customer), "sent")

    def test_only_who_needs_utf8_fails_without_it(self):
        mail = self.send(
            email_to="lan@customer.example", email_cc="müller@other.example"
        )
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertNotIn("Cc", self.headers)
        self.assertEqual(mail.state, "exception")
        self.assertEqual(mail.failure_type, "mail_email_invalid")
        self.assertIn("SMTPUTF8", mail.failure_reason)

    def test_who_needs_utf8_gets_it_apart(self):
        self.smtp.extensions = ("SMTPUTF8", "8BITMIME")
        mail = self.send(
            email_to="lan@customer.example", email_cc="müller@other.example"
        )
        self.assertEqual(mail.state, "sent")
        plain, international = self.smtp.letters
        self.assertEqual(plain.recipients, ["lan@customer.example"])
        self.assertTrue(plain.content.partition(b"\r\n\r\n")[0].isascii())
        self.assertEqual(international.recipients, ["müller@other.example"])
        self.assertIn(
            "\r\nCc: müller@other.example\r\n".encode(), international.content
        )

    # ------------------------------------------------------------
    # TOO MANY RECIPIENTS
    # ------------------------------------------------------------

    def test_the_rest_gets_it_in_the_next_transaction(self):
        people = [f"p{number}@customer.example" for number in range(25)]
        for place, answer in (
            ("RCPT", "452 4.5.3 Too many recipients"),
            ("DATA.", "550 5.5.3 Too many recipients"),
        ):
            with self.subTest(place=place):
                self.smtp.letters.clear()
                self.smtp_server.catchall_state_ids.unlink()
                self.smtp.most_recipients = (10, place, answer)
                mail = self.send(email_to=", ".join(people))
                self.assertEqual(mail.state, "sent")
                self.assertFalse(mail.catchall_waiting)
                self.assertEqual(sorted(self.got()), sorted(people))
                limit = self.smtp_server.catchall_recipients_limit
                self.assertLessEqual(limit, 10)
                self.assertGreater(limit, 5)
                tried = self.smtp.refusals
                self.send(email_to=", ".join(people))
                self.assertEqual(self.smtp.refusals, tried, "the limit is known")

    def test_nobody_gets_it_twice(self):
        people = [f"p{number}@customer.example" for number in range(5)]
        self.smtp.most_recipients = (2, "RCPT", "452 4.5.3 Too many recipients")
        self.smtp.refuse("RCPT TO:<p3", "550 5.1.1 User unknown")
        mail = self.send(email_to=", ".join(people))
        self.assertEqual(sorted(self.got()), [people[n] for n in (0, 1, 2, 4)])
        self.assertEqual(mail.state, "exception")

    def test_a_server_that_takes_nobody_is_left_alone(self):
        self.smtp.most_recipients = (0, "RCPT", "452 4.5.3 Too many recipients")
        mail = self.send(email_to="a@customer.example, b@customer.example")
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Too many recipients", mail.catchall_waiting)

    # ------------------------------------------------------------
    # MESSAGE-ID AND GREETING
    # ------------------------------------------------------------

    def test_the_message_id_is_of_the_sender_s_domain(self):
        for author in (self.author, "somebody@foreign.example"):
            with self.subTest(author=author):
                self.send(author)
                self.assertRegex(self.headers["Message-Id"], rf"\A<.+@{self.domain}>\Z")

    def test_a_message_without_a_mail_has_one_too(self):
        MailServer = self.env["ir.mail_server"]
        for object_id in (False, "7-res.partner"):
            message = MailServer._build_email__(
                self.author, ["lan@customer.example"], "Hello", "x", object_id=object_id
            )
            self.assertTrue(message["Message-Id"].endswith(f"@{self.domain}>"))
            self.assertEqual("openerp-7-" in message["Message-Id"], bool(object_id))

    def test_the_server_is_greeted_with_a_name_that_the_internet_knows(self):
        with patch("socket.getfqdn", lambda *_name: "odoo-7f9c"):
            self.send()
        self.assertEqual(set(self.smtp.greetings), {self.domain})

    def test_a_name_that_was_chosen_is_used(self):
        self.smtp_server.catchall_greeting = "mail.company.com"
        self.send()
        self.assertEqual(set(self.smtp.greetings), {"mail.company.com"})
        with self.assertRaises(ValidationError):
            self.smtp_server.catchall_greeting = "odoo"

    def test_who_refuses_the_greeting_says_why(self):
        for answer in ("421 4.7.0 Bad EHLO name", "550 5.7.1 Bad EHLO name"):
            with self.subTest(answer=answer):
                self.smtp.rules = [("EHLO", answer), ("HELO", None)]
                mail = self.send()
                self.assertEqual(mail.state, "outgoing")
                self.assertIn("Bad EHLO name", mail.catchall_waiting)
                with self.assertRaisesRegex(UserError, "Bad EHLO name"):
                    self.smtp_server.test_smtp_connection()

    # ------------------------------------------------------------
    # PICTURES
    # ------------------------------------------------------------

    def test_a_picture_in_a_signature_is_a_part_of_its_own(self):
        picture = f"data:image/gif;base64,{GIF}"
        self.send(
            body_html=f"<p>Hello</p><img src=\"{picture}\"/><img src='{picture}'/>",
            attachment_ids=self.env["ir.attachment"]
            .create({"name": "a.txt", "raw": b"text"})
            .ids,
        )
        mail = email.message_from_bytes(
            self.smtp.letters[-1].content, policy=email.policy.default
        )
        html = mail.get_body(("html",)).get_content()
        (part,) = [one for one in mail.walk() if one.get_content_type() == "image/gif"]
        self.assertEqual(part.get_content(), base64.b64decode(GIF))
        self.assertEqual(html.count(f'src="cid:{part["Content-ID"][1:-1]}"'), 2)
        self.assertNotIn("base64", html)
        self.assertNotIn("base64", mail.get_body(("plain",)).get_content())
        self.assertEqual(
            [one.get_filename() for one in mail.iter_attachments()], ["a.txt"]
        )
