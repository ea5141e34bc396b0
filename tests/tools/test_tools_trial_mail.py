from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import recipients
from odoo.addons.mail_catchall_router.tools.mail import headers, trial_mail

from ..strategies import given, header_text, mail_bytes, quick, st


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSamples(BaseCase):
    """Mails to try things out with."""

    def test_a_composed_mail_names_its_original_recipient(self):
        raw = trial_mail.compose(
            "Lan <l@c.test>", "sales@own.test", "Chào", "Xin chào\nB"
        )
        parsed = headers.parse_headers(raw)
        found = recipients.find_recipients(
            parsed, own_domains=frozenset({"own.test"}), account_addresses=frozenset()
        )
        self.assertTrue(found.original_known)
        self.assertEqual(found.must_settle[0].address, "sales@own.test")
        self.assertEqual(headers.summarize(parsed).subject, "Chào")
        self.assertEqual(headers.split_raw(raw)[1], "Xin chào\r\nB\r\n".encode())

    @quick
    @given(header_text, header_text, header_text, st.text())
    def test_what_is_filled_in_makes_no_header(self, sender, recipient, subject, body):
        raw = trial_mail.compose(sender, recipient, subject, body)
        names = [field.name for field in headers.parse_headers(raw)]
        self.assertEqual(names[:4], ["X-Original-To", "From", "To", "Subject"])
        self.assertEqual(len(names), 9)

    @quick
    @given(mail_bytes)
    def test_reading_never_raises(self, data):
        for raw in trial_mail.mails_in(data):
            self.assertTrue(headers.parse_headers(raw))
        trial_mail.pasted(data.decode("utf-8", "surrogateescape"))

    def test_what_has_no_header_of_a_mail_is_none(self):
        for data in (b"", b"\x89PNG\r\n\x1a\n", b"name: value\n", b"Hello,\n\nyou\n"):
            self.assertEqual(trial_mail.mails_in(data), [])

    def test_empty_lines_before_a_pasted_mail_are_left_out(self):
        raw = trial_mail.pasted("\n \nFrom: a@b.test\nTo: c@d.test\n")
        self.assertEqual(raw, b"From: a@b.test\nTo: c@d.test\n")
        self.assertEqual(trial_mail.mails_in(raw), [raw])
