from odoo.tests import tagged

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReadReceipt(RouterCommon):
    """A receipt of RFC 8098 makes no document, only a note on the one it is about."""

    def setUp(self):
        super().setUp()
        self.document = self.env["res.partner"].create({"name": "Document"})
        customer = self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example"}
        )
        with self.mock_mail_gateway(mail_unlink_sent=False):
            self.sent = self.document.message_post(
                body="Offer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=customer.ids,
            )
        self.before = self.document.message_ids

    def receipt(
        self,
        recipient=None,
        names=None,
        disposition="displayed",
        kind="multipart/report; report-type=disposition-notification",
        extra="",
    ):
        named = self.sent.message_id if names is None else names
        mail = self.mail(
            recipient or self.at_domain("sales"),
            subject="Read: Offer <b>",
            extra=f"{extra}Content-Type: {kind}; boundary=MD\r\n",
            body=(
                "--MD\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                "Your message was read on 28/11/2026.\r\n"
                "--MD\r\nContent-Type: message/disposition-notification\r\n\r\n"
                "Reporting-UA: customer.example; Outlook\r\n"
                "Final-Recipient: rfc822;lan@customer.example\r\n"
                f"Original-Message-ID: {named}\r\n"
                f"Disposition: manual-action/MDN-sent-manually; {disposition}\r\n"
                "\r\n--MD--\r\n"
            ),
        )
        return mail.replace(
            b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
            b"MIME-Version: 1.0\r\n\r\n",
            1,
        )

    def notes(self):
        self.document.invalidate_recordset()
        return self.document.message_ids - self.before

    def assertNoted(self, message, *words):
        self.assertEnd(message, "ignored", "receipt")
        note = self.notes()
        self.assertEqual(len(note), 1)
        self.assertEqual(note.message_type, "notification")
        self.assertTrue(
            note.is_internal or note.subtype_id == self.env.ref("mail.mt_note")
        )
        for word in words:
            self.assertIn(word, note.body)
        self.assertIn("Document", message.why)

    def count(self):
        return self.env["res.partner"].search_count([])

    def test_a_note_on_the_document_that_it_names(self):
        before = self.count()
        message = self.route(self.receipt())
        self.assertNoted(message, "lan@customer.example has read", "&lt;b&gt;")
        self.assertEqual(self.count(), before)

    def test_other_shapes(self):
        for number, (kind, disposition, word) in enumerate(
            (
                ("multipart/report", "deleted", "without reading"),
                ("multipart/mixed", "dispatched/error", "has received"),
                (
                    'Multipart/Report; report-type="Disposition-Notification"',
                    "Displayed",
                    "has read",
                ),
            )
        ):
            with self.subTest(kind=kind):
                self.notes().unlink()
                raw = self.receipt(
                    kind=kind,
                    disposition=disposition,
                    extra=f"X-Number: {number}\r\n",
                )
                self.assertNoted(self.route(raw), word)

    def test_by_what_it_answers(self):
        raw = self.receipt(names="", extra=f"References: {self.sent.message_id}\r\n")
        self.assertNoted(self.route(raw), "has read")

    def test_by_the_reply_address_that_it_came_to(self):
        address = self.router._reply_address(
            "res.partner", self.document.id, self.at_domain("sales")
        )
        self.assertNoted(self.route(self.receipt(address, names="<x@y>")), "has read")

    def test_a_receipt_for_nothing_known_has_an_explained_end(self):
        before = self.count()
        message = self.route(self.receipt(names="<unknown-77@elsewhere.example>"))
        self.assertEnd(message, "ignored", "receipt")
        self.assertIn("not known here", message.why)
        self.assertEqual(self.count(), before)
        self.assertFalse(self.notes())

    def test_a_document_that_is_gone(self):
        raw = self.receipt()
        self.document.unlink()
        self.assertEnd(self.route(raw), "ignored", "receipt")

    def test_a_forged_receipt_is_noted_nowhere(self):
        results = (
            f"Authentication-Results: mx.{self.domain}; dmarc=fail "
            "header.from=customer.example\r\n"
        )
        message = self.route(results.encode() + self.receipt())
        self.assertEnd(message, "ignored", "receipt")
        self.assertIn("not from", message.why)
        self.assertFalse(self.notes())

    def test_a_receipt_of_a_blocked_sender_is_noted_nowhere(self):
        self.env["mail.catchall.sender"].create(
            {"pattern": "lan@customer.example", "policy": "block"}
        )
        results = (
            f"Authentication-Results: mx.{self.domain}; dmarc=pass "
            "header.from=customer.example\r\n"
        )
        message = self.route(results.encode() + self.receipt())
        self.assertEnd(message, "ignored", "blocked")
        self.assertFalse(self.notes())

    def test_a_person_s_mail_with_a_receipt_in_it_is_his_mail(self):
        inner = self.receipt().partition(b"Received:")[2]
        raw = self.mail(
            self.at_domain("sales"),
            message_id="<outer@customer.example>",
            extra="Content-Type: multipart/mixed; boundary=OUT\r\n",
            body="--OUT\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n"
            "--OUT\r\nContent-Type: message/rfc822\r\n\r\nReceived:",
        ).replace(
            b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
            b"MIME-Version: 1.0\r\n\r\n",
            1,
        )
        message = self.route(raw + inner + b"\r\n--OUT--\r\n")
        self.assertEnd(message, "delivered")
