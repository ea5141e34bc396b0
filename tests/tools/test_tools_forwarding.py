from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import forwarding
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..strategies import given, st

GOOGLE = (
    "hoa@tenmien.test has requested to automatically forward mail to your email\r\n"
    "address sales@tenmien.test.\r\nConfirmation code: 123456789\r\n\r\n"
    "please click the link below to confirm the request:\r\n\r\n"
    "https://mail-settings.google.com/mail/vf-%5BANGjdJ8x%5D-AbC_9\r\n\r\n"
    "click this link to cancel this verification:\r\n"
    "https://mail-settings.google.com/mail/uf-%5BANGjdJ8x%5D-AbC_9\r\n"
    "please visit: http://support.google.com/mail/bin/answer.py?answer=184973.\r\n"
)
GOOGLE_LINK = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8x%5D-AbC_9"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestForwardingConfirmations(BaseCase):
    def read_asked(self, sender, subject, text="", html=""):
        raw = f"From: {sender}\r\nSubject: {subject}\r\n\r\n".encode()
        return forwarding.read_confirmation(parse_headers(raw), lambda: (text, html))

    def assertLink(self, link, sender, subject, text="", html=""):
        found = self.read_asked(sender, subject, text, html)
        self.assertTrue(found, subject)
        self.assertEqual(found.link, link)

    def test_google(self):
        sender = "Gmail Team <forwarding-noreply@google.com>"
        subject = "(#123456789) Gmail Forwarding Confirmation - Receive Mail from hoa@x"
        found = self.read_asked(sender, subject, GOOGLE)
        self.assertEqual(
            found, forwarding.Confirmation("Google", "123456789", GOOGLE_LINK)
        )

    def test_google_in_any_language_and_with_the_name_of_a_workspace(self):
        for subject in (
            "(#987654321) Tenmien Forwarding Confirmation - Receive Mail from x",
            "(#987654321) Xác nhận chuyển tiếp của Gmail - Nhận thư từ x",
            "(#987654321) Gmail の転送の確認 - x からメールを受信",
        ):
            found = self.read_asked("<forwarding-noreply@google.com>", subject, GOOGLE)
            self.assertEqual(found.code, "987654321")
            self.assertEqual(found.link, GOOGLE_LINK)

    def test_other_providers(self):
        for sender, subject, text, name, code in (
            (
                "Zoho Mail <noreply@zohomail.com>",
                "Email forwarding verification",
                "Verify: https://mail.zoho.com/mail/forward/verify?key=ab12",
                "Zoho",
                "",
            ),
            (
                "noreply@yandex.ru",
                "Подтверждение пересылки писем",
                "Подтвердите: https://mail.yandex.ru/confirm?e=12&key=ab",
                "Yandex",
                "",
            ),
            (
                "account-security-noreply@accountprotection.microsoft.com",
                "Verify your email address",
                "To forward your mail here use this security code: 482913",
                "Microsoft",
                "482913",
            ),
            (
                "iCloud <noreply@icloud.com>",
                "Confirm mail forwarding",
                "https://www.icloud.com/mail/confirm?x=1",
                "iCloud",
                "",
            ),
            (
                "noreply@fastmail.com",
                "Please confirm forwarding to this address",
                "https://app.fastmail.com/verify/ab12",
                "Fastmail",
                "",
            ),
        ):
            with self.subTest(provider=name):
                found = self.read_asked(sender, subject, text)
                self.assertEqual((found.provider, found.code), (name, code))
                self.assertEqual(bool(found.link), "https://" in text)

    def test_a_link_in_html(self):
        link = "https://app.fastmail.com/verify/ab12?a=1&amp;b=2"
        self.assertLink(
            "https://app.fastmail.com/verify/ab12?a=1&b=2",
            "noreply@fastmail.com",
            "Confirm forwarding",
            html=f'<p>Confirm: <a href="{link}">here</a></p>',
        )

    def test_links_that_lead_elsewhere_or_refuse(self):
        google = ("forwarding-noreply@google.com", "(#1234) Forwarding Confirmation")
        zoho = ("noreply@zoho.com", "Confirm forwarding")
        for mail, link in (
            (google, "https://mail-settings.google.com.evil.example/mail/vf-1"),
            (google, "https://mail-settings.google.com@evil.example/mail/vf-1"),
            (google, "https://www.google.com/url?q=https://evil.example/mail/vf-1"),
            (google, "http://mail-settings.google.com/mail/vf-1"),
            (google, "https://mail-settings.google.com:8443/mail/vf-1"),
            (google, "https://mail-settings.google.com/mail/uf-1"),
            (google, "https://notgoogle.com/mail/vf-1"),
            (google, "https://zoho.com/verify"),
            (zoho, "https://zoho.com/verify?next=https%3A%2F%2Fevil.example"),
            (zoho, "https://zoho.com/verify?next=//evil.example"),
            (zoho, "https://zoho.com/forward/cancel?verify=1"),
            (zoho, "https://zoho.com/about"),
            (zoho, "javascript:verify()"),
        ):
            with self.subTest(link=link):
                self.assertLink("", *mail, text=f"Confirm: {link}\r\n")

    def test_people_at_these_domains(self):
        for sender, subject, text in (
            ("lan@yandex.ru", "Please confirm", "and forward it to sales"),
            ("lan@icloud.com", "Fwd: forwarding confirmation", "see below"),
            ("lan@customer.example", "Gmail Forwarding Confirmation", GOOGLE),
            ("noreply@google.com.evil.example", "Forwarding Confirmation", GOOGLE),
            ("noreply@zoho.com", "Your invoice", "Thank you"),
            ("noreply@microsoft.com", "Verify your email address", "code 123456"),
        ):
            with self.subTest(sender=sender):
                self.assertIsNone(self.read_asked(sender, subject, text))

    def test_the_text_of_other_mail_is_not_read(self):
        def text():
            raise AssertionError("nobody needs it")

        headers = parse_headers(b"From: lan@customer.example\r\nSubject: Hi\r\n\r\n")
        self.assertIsNone(forwarding.read_confirmation(headers, text))

    @given(st.text(), st.text())
    def test_any_text_is_read(self, subject, text):
        head = "From: forwarding-noreply@google.com\r\nSubject: "
        line = " ".join(subject.split())
        headers = parse_headers(f"{head}{line}\r\n\r\n".encode("utf-8", "replace"))
        found = forwarding.read_confirmation(headers, lambda: (text, text))
        self.assertTrue(found.link == "" or found.link.startswith("https://"))
