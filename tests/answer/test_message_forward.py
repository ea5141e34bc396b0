import email
import email.policy
import io
from dataclasses import replace
from email.generator import BytesGenerator

from odoo.tests import BaseCase, Form, tagged
from odoo.tools import email_normalize, html2plaintext

from odoo.addons.mail_catchall_router.tools.mail import enclosed
from odoo.addons.mail_catchall_router.tools.mail.headers import (
    parse_headers,
    summarize,
)
from odoo.addons.mail_catchall_router.tools.outbound.reply_address import (
    looks_like_reply_address,
)

from ..common import CommittingCommon, RouterCommon
from ..strategies import given, header_text, mail_bytes, quick

# A generator that writes this anew folds, mangles and re-encodes it.
ODD = (
    b"Subject: =?utf-8?q?=C3=A9?= " + b"word " * 40 + b"\r\n"
    b"X-Odd:   spaced\r\n\tfolded\r\n"
    b"X-8bit: \xc3\xa9\xff\r\n\r\n"
    b"From here\r\n.\r\n..two\r\nH\xc3\xa9llo  \r\n" + b"x" * 900 + b"\r\n"
)


def written(message):
    """Return the bytes that smtplib sends."""
    stream = io.BytesIO()
    BytesGenerator(stream).flatten(message, linesep="\r\n")
    return stream.getvalue()


def around(raw):
    """Return a mail that encloses another."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message.set_content("See below")
    message.add_attachment(email.message_from_bytes(raw), filename="original.eml")
    enclosed.enclose(message, [raw])
    return message


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestEnclosed(BaseCase):
    """A mail inside another stays as it is."""

    def test_every_byte_is_kept(self):
        self.assertIn(ODD, written(around(ODD)))

    def test_bare_line_ends_cannot_end_the_mail_around(self):
        data = written(around(b"A: b\n\nx\n.\r\n\nQUIT\r.\r"))
        self.assertNotIn(b"\n", data.replace(b"\r\n", b""))
        self.assertNotIn(b"\r", data.replace(b"\r\n", b""))

    @quick
    @given(mail_bytes)
    def test_no_mail_breaks_the_mail_around(self, raw):
        data = written(around(raw))
        parsed = email.message_from_bytes(data)
        self.assertEqual(
            [part.get_content_type() for part in parsed.get_payload()],
            ["text/plain", "message/rfc822"],
        )
        lines = b"\r\n".join(
            raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        )
        self.assertIn(lines, data)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestForward(RouterCommon):
    """A mail goes on to a person's real mailbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_servers.active = False
        cls.user_employee.email = "erna@elsewhere.example"

    def forward(self, raw=None, to="erna@elsewhere.example"):
        """Forward a held mail as a person asks for it; return (message, queued mail,
        or an empty one)."""
        message = self.route(raw or self.mail(self.at_domain("nobody")))
        known = self.env["mail.mail"].search([])
        message.delivery_ids.sudo().write(
            {"matched_by": "person", "forward_to": to, "state": "pending"}
        )
        message.released = True
        message._route()
        return message, self.env["mail.mail"].search([]) - known

    def sent(self, queued):
        """Send a queued mail; return (what smtplib is given, the mail)."""
        with self.mock_smtplib_connection():
            queued.send()
        (sent,) = self.emails
        return sent, email.message_from_string(
            sent["message"], policy=email.policy.default
        )

    def test_it_is_ours_and_the_answer_goes_to_the_sender(self):
        message, queued = self.forward()
        self.assertEqual(queued.state, "outgoing")
        delivery = message.delivery_ids
        self.assertEqual(
            (delivery.state, delivery.reason_code, delivery.forward_to),
            ("ignored", "forwarded", "erna@elsewhere.example"),
        )
        sent, mail = self.sent(queued)
        self.assertEqual(sent["smtp_to_list"], ["erna@elsewhere.example"])
        self.assertEqual(sent["smtp_from"], self.account)
        self.assertEqual(mail["From"].addresses[0].addr_spec, self.account)
        self.assertEqual(
            mail["From"].addresses[0].display_name,
            f"Lan Nguyen via {self.env.company.name}",
        )
        self.assertEqual(
            mail["Reply-To"].addresses[0].addr_spec, "lan@customer.example"
        )
        self.assertEqual(mail["Subject"], "A question")
        self.assertNotIn("Auto-Submitted", mail)
        self.assertIn("Hello", mail.get_body(("plain",)).get_content())

    def test_it_is_shown_as_forwarded_not_as_ignored(self):
        """Nobody has ignored what a person got in a real mailbox."""
        forwarded, _queued = self.forward()
        for one in (forwarded, forwarded.delivery_ids):
            self.assertEqual(one.state, "ignored")
            self.assertEqual(one.shown_state, "Forwarded")
        other = self.route(self.mail(self.at_domain("sales")))
        self.assertEqual(other.shown_state, "Delivered")

    def test_the_original_is_enclosed_as_it_arrived(self):
        raw = self.mail(self.at_domain("nobody"), extra="X-Odd:   spaced\r\n\tfold\r\n")
        _message, queued = self.forward(raw)
        self.assertEqual(queued.attachment_ids.raw, raw)
        sent, mail = self.sent(queued)
        self.assertIn(raw.decode(), sent["message"])
        (part,) = mail.iter_attachments()
        self.assertEqual(part.get_content_type(), "message/rfc822")

    def test_an_own_reply_to_is_kept(self):
        raw = self.mail(
            self.at_domain("nobody"), extra="Reply-To: Desk <desk@customer.example>\r\n"
        )
        _message, queued = self.forward(raw)
        self.assertEqual(queued.reply_to, '"Desk" <desk@customer.example>')

    def test_a_mail_of_a_document_goes_on_through_cores_composer(self):
        message = self.route(self.mail(self.at_domain("sales")))
        delivery = message.delivery_ids
        record = self.env[delivery.model].browse(delivery.res_id)
        reader = self.env["res.partner"].create(
            {"name": "Reader", "email": "reader@elsewhere.example"}
        )
        record.message_subscribe(self.user_employee.partner_id.ids)
        composer = self.env["mail.compose.message"].create(
            {
                "model": record._name,
                "res_ids": record.ids,
                "body": "<p>Can you call her?</p>",
                "subject": "Fwd: A question",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "composition_comment_option": "forward",
                "partner_ids": reader.ids,
            }
        )
        with self.mock_mail_gateway():
            composer.action_send_mail()
        self.assertEqual(self._new_mails.recipient_ids, reader)
        (mail,) = self._mails
        self.assertIn("reader@elsewhere.example", mail["email_to"][0])
        self.assertTrue(
            looks_like_reply_address(email_normalize(mail["reply_to"])), mail
        )

    def test_what_was_forwarded_once_does_not_go_in_circles(self):
        _message, queued = self.forward()
        message_id = queued.message_id
        sent, _mail = self.sent(queued)
        back = f"X-Original-To: {self.at_domain('nobody')}\r\n{sent['message']}"
        back = back.replace(message_id, "<rewritten@relay.example>")
        message, again = self.forward(back.encode())
        self.assertFalse(again)
        self.assertEqual(message.delivery_ids.reason_code, "forward_loop")
        self.assertEqual(message.delivery_ids.state, "held")

    def test_nothing_is_forwarded_to_the_account_itself_or_to_nobody(self):
        for number, to in enumerate((self.account, "no address")):
            with self.subTest(to=to):
                raw = self.mail(
                    self.at_domain("nobody"), message_id=f"<{number}@customer.example>"
                )
                message, queued = self.forward(raw, to)
                self.assertFalse(queued)
                self.assertEqual(message.delivery_ids.reason_code, "forward_loop")
        known = message._read_mail()
        reason = message._forward(message.delivery_ids, "", known)
        self.assertEqual(reason, "forward_loop")

    def test_no_name_and_no_subject_adds_a_header(self):
        message = self.route(self.mail(self.at_domain("nobody")))
        known = message._read_mail()
        IrMailServer = self.env["ir.mail_server"]

        @quick
        @given(header_text)
        def check(text):
            line = text.encode("utf-8", "surrogateescape")
            raw = b"From: " + line + b" <lan@customer.example>\r\nSubject: " + line
            parsed = parse_headers(raw)
            mail = replace(known, raw=raw, headers=parsed, summary=summarize(parsed))
            values = message._prepare_forward_values(message.delivery_ids, mail)
            built = IrMailServer._build_email__(
                email_from=message._format_account(values["name"]),
                email_to=["erna@elsewhere.example"],
                subject=values["subject"],
                body=values["body_html"],
                reply_to=values["reply_to"],
                references=values["references"],
                attachments=[("original.eml", raw, "message/rfc822")],
            )
            head = written(built).partition(b"\r\n\r\n")[0]
            parsed = email.message_from_bytes(head)
            self.assertEqual(
                [name.lower() for name in parsed], [name.lower() for name in built]
            )
            self.assertIn(self.account, parsed["From"])

        check()


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestForwardByHand(CommittingCommon):
    """A person sends waiting mail on to somebody, with a note."""

    def setUp(self):
        super().setUp()
        self.mail_servers.with_env(self.env).active = False
        self.reader = self.env["res.partner"].create(
            {"name": "Erna", "email": "erna@elsewhere.example"}
        )

    def by_hand(self, message, reader, note):
        """Choose in the quarantine that a mail goes on; return the queued mail."""
        known = self.env["mail.mail"].search([])
        action = message.action_route_to()
        wizard = Form(
            self.env[action["res_model"]].with_context(**action["context"]),
            view="mail_catchall_router.mail_catchall_route_to_view_form",
        )
        wizard.kind = "reader"
        wizard.reader_id = reader
        wizard.note = note
        wizard.save().action_route()
        return self.env["mail.mail"].search([]) - known

    def test_a_person_forwards_with_a_note(self):
        message = self.route(self.mail(self.at_domain("nobody")))
        self.assertEqual(message.state, "held")
        queued = self.by_hand(message, self.reader, "Can you <call> her?")
        self.assertEnd(message, "ignored", "forwarded")
        self.assertEqual(queued.email_to, "erna@elsewhere.example")
        self.assertIn("lan@customer.example", queued.reply_to)
        self.assertIn("original.eml", queued.attachment_ids.mapped("name"))
        text = html2plaintext(queued.body_html)
        self.assertIn("Can you <call> her?", text)
        self.assertIn(f"{self.env.user.name} writes:", text)
        self.assertLess(text.index("Can you"), text.index("Hello"))
        self.assertEqual(message.decision_ids[:1].code, "route_to")

    def test_a_note_says_nothing_to_who_gets_the_mail_later(self):
        message = self.route(self.mail(self.at_domain("nobody")))
        account = self.env["res.partner"].create({"name": "X", "email": self.account})
        self.assertFalse(self.by_hand(message, account, "In circles"))
        self.assertEnd(message, "held", "forward_loop")
        queued = self.by_hand(message, self.reader, "")
        self.assertNotIn("In circles", queued.body_html)
