from odoo.tests import tagged

from ..common import RouterCommon
from ..hostile_html import VECTORS
from ..tools.test_tools_preview import offences


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestQuarantine(RouterCommon):
    """What the list and the form of waiting mail show."""

    def html_mail(self, html, **values):
        raw = self.mail(self.at_domain("nobody"), body=html, **values)
        return raw.replace(b"text/plain", b"text/html")

    def test_all_reasons_are_badges_the_one_that_counts_first(self):
        message = self.route(
            self.mail(
                self.at_domain("sales"), extra="Auto-Submitted: auto-replied\r\n"
            ).replace(b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1)
        )
        badges = message.reason_badges
        self.assertEqual(
            [badge["code"] for badge in badges], ["auto_reply", "spam"], badges
        )
        self.assertEqual(badges[0]["label"], "Automatic answer")
        self.assertEqual(badges[1]["level"], "danger")

    def test_what_has_no_reason_has_no_badge(self):
        message = self.route(self.mail(self.at_domain("sales")))
        self.assertFalse(message.reason_badges)

    def test_the_first_recipients_are_named(self):
        message = self.journal(self.mail(self.at_domain("nobody")))
        self.env["mail.catchall.delivery"].create(
            [
                {
                    "message_id": message.id,
                    "fingerprint": message.fingerprint,
                    "recipient": one,
                }
                for one in ("a@x.example", "b@x.example", "c@x.example")
            ]
        )
        self.assertEqual(message.recipients, "a@x.example, b@x.example +1")

    def test_files_are_marked(self):
        for kind, has_files in (
            ("text/plain", False),
            ("text/html", False),
            ("multipart/alternative; boundary=x", False),
            ("multipart/mixed; boundary=x", True),
            ("application/pdf; name=a.pdf", True),
        ):
            raw = self.mail(self.at_domain("nobody")).replace(
                b"text/plain; charset=utf-8", kind.encode()
            )
            with self.subTest(kind):
                self.assertEqual(self.journal(raw).has_files, has_files)

    def test_no_hostile_mail_harms_who_looks_at_it(self):
        for vector in VECTORS:
            for raw in (
                self.html_mail(vector),
                self.mail(self.at_domain("nobody"), body=vector),
            ):
                with self.subTest(raw):
                    message = self.journal(raw)
                    self.assertEqual(offences(str(message.preview)), [])

    def test_a_mail_with_html_can_be_read_as_text(self):
        raw = self.mail(
            self.at_domain("nobody"),
            body="--x\r\nContent-Type: text/plain\r\n\r\nAs text\r\n--x\r\n"
            "Content-Type: text/html\r\n\r\n<b>As HTML</b>\r\n--x--\r\n",
        ).replace(b"text/plain; charset=utf-8", b"multipart/alternative; boundary=x", 1)
        message = self.journal(raw)
        self.assertIn("As HTML", str(message.preview))
        self.assertEqual(message.plain_text.strip(), "As text")
        self.assertFalse(self.journal(self.mail(self.at_domain("a"))).plain_text)
