import base64
import json

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import intake
from odoo.addons.mail_catchall_router.tools.inbound.intake import NoMailError
from odoo.addons.mail_catchall_router.tools.mail import headers

from ..strategies import given, quick, st

RAW = (
    b"Received: from out.example.net (unknown [192.0.2.7]) by mx.example.org\r\n"
    b"From: Khach <khach@example.net>\r\nTo: sales@example.org\r\n"
    b"Message-ID: <1@example.net>\r\nSubject: Ban co ghe khong?\r\n\r\nXin bao gia.\r\n"
)
BARE = b"From: alarm@example.net\n\nThe backup failed.\n"
SALES, NOBODY = "sales@example.org", "nobody@example.org"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestToolsIntake(BaseCase):
    """Whatever form a provider posts a mail in, its bytes and envelope come out."""

    def test_the_bytes_as_they_are(self):
        found = intake.of_bytes(
            RAW, [f"<{SALES.upper()}>", SALES], "<khach@example.net>"
        )
        self.assertEqual(found.raw, RAW)
        self.assertEqual(found.recipients, (SALES,))
        self.assertEqual(found.sender, "khach@example.net")

    def test_the_null_sender_is_none_that_is_unknown(self):
        self.assertEqual(intake.of_bytes(RAW, [], "<>").sender, "")
        self.assertIsNone(intake.of_bytes(RAW).sender)

    def test_a_line_of_mbox_in_front_is_no_header(self):
        found = intake.of_bytes(
            b"From khach@example.net Sun Nov 29 16:00:00 2026\n" + BARE
        )
        self.assertEqual(found.raw, BARE)

    def test_mailgun_posts_fields(self):
        fields = {
            "recipient": SALES,
            "sender": "bounce+1@example.net",
            "body-mime": RAW.decode(),
            "signature": "f00",
        }
        found = intake.of_form(fields, {})
        self.assertEqual(found.raw, RAW)
        self.assertEqual(found.recipients, (SALES,))
        self.assertEqual(found.sender, "bounce+1@example.net")

    def test_sendgrid_posts_an_envelope_as_json(self):
        envelope = {"to": [SALES, NOBODY], "from": "khach@example.net"}
        fields = {
            "email": RAW.decode(),
            "envelope": json.dumps(envelope),
            "to": "Sales <sales@example.org>",
            "charsets": '{"to":"UTF-8"}',
        }
        found = intake.of_form(fields, {})
        self.assertEqual(found.raw, RAW)
        self.assertEqual(found.recipients, (SALES, NOBODY))

    def test_a_file_goes_before_a_field_and_the_request_tells_the_envelope(self):
        found = intake.of_form({"email": "no"}, {"email": RAW}, [NOBODY], "")
        self.assertEqual(found, intake.Handover(RAW, (NOBODY,), ""))

    def test_postmark_posts_json(self):
        text = RAW.decode() + "Tiếng Việt\r\n"
        data = {
            "RawEmail": text,
            "OriginalRecipient": SALES,
            "From": "khach@example.net",
        }
        found = intake.of_postmark(intake.read_json(json.dumps(data)))
        self.assertEqual(found.raw, text.encode())
        self.assertEqual(found.recipients, (SALES,))

    def ses(self, content, encoding):
        return json.dumps(
            {
                "notificationType": "Received",
                "mail": {"source": "khach@example.net", "destination": [NOBODY]},
                "receipt": {
                    "recipients": [SALES],
                    "action": {"type": "SNS", "encoding": encoding},
                },
                "content": content,
            }
        )

    def test_ses_posts_base64_or_text(self):
        for content, encoding in (
            (base64.b64encode(RAW).decode(), "BASE64"),
            (RAW.decode(), "UTF8"),
        ):
            found = intake.of_ses(self.ses(content, encoding))
            self.assertEqual(found.raw, RAW)
            self.assertEqual(found.recipients, (SALES,))
            self.assertEqual(found.sender, "khach@example.net")

    def test_what_holds_no_mail_is_refused_with_words(self):
        for what, call in (
            ("nothing", lambda: intake.of_bytes(b"")),
            ("no header", lambda: intake.of_bytes(b"\r\nHello")),
            ("no recipient", lambda: intake.of_bytes(RAW, ["no address"])),
            ("no sender", lambda: intake.of_bytes(RAW, [], "no address")),
            ("an empty form", lambda: intake.of_form({}, {})),
            ("no JSON", lambda: intake.read_json("{")),
            ("JSON of another webhook", lambda: intake.of_postmark({"TextBody": "x"})),
            ("an S3 action", lambda: intake.of_ses(json.dumps({"receipt": {}}))),
            ("bad base64", lambda: intake.of_ses(self.ses("?", "BASE64"))),
        ):
            with self.subTest(what), self.assertRaisesRegex(NoMailError, r"\.$"):
                call()

    def test_the_envelope_stands_on_top_as_a_mail_server_writes_it(self):
        handover = intake.of_bytes(RAW, [SALES, NOBODY], "bounce@example.net")
        raw = intake.with_envelope(handover, "key")
        self.assertTrue(raw.endswith(RAW))
        names = [field.name for field in headers.parse_headers(raw)][:4]
        self.assertEqual(
            names, ["Return-Path", "X-Original-To", "X-Original-To", "Received"]
        )

    def test_a_mail_that_no_server_has_seen_gets_our_line(self):
        raw = intake.with_envelope(intake.of_bytes(BARE, [SALES]), "key")
        found = headers.parse_headers(raw)
        self.assertEqual(found.get("Received"), "from unknown by odoo.invalid id key")
        self.assertNotIn(b"\r\n", raw, "its line ends stay as they are")

    def test_a_key_is_one_word(self):
        self.assertRegex(
            intake.plain_key("a\r\nX-Original-To: ceo@x"), r"^[0-9a-f]{32}$"
        )

    @quick
    @given(st.text(), st.text())
    def test_no_envelope_writes_a_header_of_its_own(self, recipient, sender):
        try:
            handover = intake.of_bytes(RAW, [recipient], sender)
        except NoMailError:
            return
        raw = intake.with_envelope(handover, "key")
        added = raw[: -len(RAW)].decode().splitlines()
        self.assertLessEqual(
            {line.partition(":")[0] for line in added}, {"Return-Path", "X-Original-To"}
        )
