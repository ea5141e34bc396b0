import base64
import json
from urllib.parse import quote_plus

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import intake
from odoo.addons.mail_catchall_router.tools.inbound.intake import Form, NoMailError
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

    def test_a_sender_that_is_no_address_costs_no_mail(self):
        for told, sender in (
            ("MAILER-DAEMON", ""),
            ("<mailer-daemon>", ""),
            ("root", None),
            ("a@b@example.net", None),
            ("a" * 300 + "@example.net", None),
        ):
            self.assertEqual(intake.of_bytes(RAW, [], told).sender, sender, told)

    def test_json_that_holds_half_a_character_holds_the_mail(self):
        text = RAW.decode() + "\ud83d \udce9"
        found = intake.of_postmark({"RawEmail": text})
        self.assertEqual(found.raw, RAW + "\ufffd ".encode() + b"\xe9")

    def test_a_line_of_mbox_in_front_is_no_header(self):
        found = intake.of_bytes(
            b"From khach@example.net Sun Nov 29 16:00:00 2026\n" + BARE
        )
        self.assertEqual(found.raw, BARE)

    def test_mailgun_posts_fields(self):
        fields = {
            "recipient": SALES.encode(),
            "sender": b"bounce+1@example.net",
            "body-mime": RAW,
            "signature": b"f00",
        }
        found = intake.of_form(Form(fields))
        self.assertEqual(found.raw, RAW)
        self.assertEqual(found.recipients, (SALES,))
        self.assertEqual(found.sender, "bounce+1@example.net")

    def test_sendgrid_posts_an_envelope_as_json(self):
        envelope = {"to": [SALES, NOBODY], "from": "khach@example.net"}
        fields = {
            "email": RAW,
            "envelope": json.dumps(envelope).encode(),
            "to": b"Sales <sales@example.org>",
            "charsets": b'{"to":"UTF-8"}',
        }
        found = intake.of_form(Form(fields))
        self.assertEqual(found.raw, RAW)
        self.assertEqual(found.recipients, (SALES, NOBODY))

    def test_a_file_goes_before_a_field_and_the_request_tells_the_envelope(self):
        form = Form({"email": b"no"}, {"email": RAW})
        found = intake.of_form(form, [NOBODY], "")
        self.assertEqual(found, intake.Handover(RAW, (NOBODY,), ""))

    def test_a_form_keeps_the_bytes_of_a_mail_whatever_they_are(self):
        odd = RAW + b"caf\xe9 \x00 \r\r\n bare\rcr --edge --edge--\n--edges\r\n\r\n"
        for mail in (odd, odd + b"--edgeless", b"", b"\r\n"):
            body = (
                b'--edge\r\nContent-Disposition: form-data; name="to"\r\n\r\n'
                b"Ng\xc6\xb0\xe1\xbb\x9di\r\n"
                b'--edge\r\nContent-Disposition: form-data; name="email"\r\n'
                b"Content-Type: message/rfc822\r\n\r\n" + mail + b"\r\n"
                b'--edge\r\nContent-Disposition: form-data; name="file";'
                b' filename=""\r\n\r\n' + mail + b"\r\n--edge--\r\n"
            )
            form = intake.read_multipart(body, "edge")
            self.assertEqual(form.fields["email"], mail)
            self.assertEqual(form.files, {"file": mail})
            self.assertEqual(form.text("to"), "Người")
            quoted = quote_plus(mail).encode()
            form = intake.read_urlencoded(b"a=1&body-mime=" + quoted + b"&b=")
            self.assertEqual(form.fields, {"a": b"1", "body-mime": mail, "b": b""})

    def test_a_form_that_is_cut_off_is_none(self):
        body = b'--edge\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + RAW
        for text, edge in (
            (body, "edge"),
            (body + b"\r\n--edge", "edge"),
            (body + b"\r\n--edge--", "other"),
            (body, ""),
            (b"\r\n--edge" * 2000 + b"\r\n--edge--", "edge"),
        ):
            with self.subTest(edge=edge), self.assertRaises(NoMailError):
                intake.read_multipart(text, edge)
        with self.assertRaises(NoMailError):
            intake.read_urlencoded(b"a=1&" * 2000)

    @quick
    @given(st.binary(), st.binary(min_size=1, max_size=9))
    def test_no_bytes_break_the_readers_of_forms(self, body, edge):
        intake.read_urlencoded(body)
        try:
            intake.read_multipart(body, edge.decode("latin-1"))
        except NoMailError:
            return

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
            ("an empty form", lambda: intake.of_form(Form())),
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
