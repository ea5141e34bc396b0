import base64
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import sns
from odoo.addons.mail_catchall_router.tools.inbound.sns import NotSignedError
from odoo.addons.mail_catchall_router.tools.servers.certificates import validity

NOW = datetime(2026, 11, 29, tzinfo=timezone.utc)
DAY = timedelta(days=1)
URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem"


class Amazon:
    """A topic of Amazon SNS, with a certificate of its own."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(NOW - DAY)
            .not_valid_after(NOW + 10_000 * DAY)
            .sign(self.key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, data, version="2"):
        """Return a message with its signature."""
        kind = hashes.SHA256() if version == "2" else hashes.SHA1()
        signature = self.key.sign(sns.signed_text(data), padding.PKCS1v15(), kind)
        return {
            **data,
            "SignatureVersion": version,
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": URL,
        }

    def notification(self, message, version="2", **values):
        """Return a signed notification."""
        data = {
            "Type": sns.NOTIFICATION,
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mail",
            "Message": message,
            "Timestamp": "2026-11-29T12:00:00.000Z",
            **values,
        }
        return self.sign(data, version)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestToolsSns(BaseCase):
    """Only what Amazon has signed is Amazon's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.amazon = Amazon()

    def check(self, data, now=NOW):
        sns.check(data, self.amazon.pem, now)

    def test_the_text_that_is_signed_is_amazons(self):
        text = sns.signed_text(
            {
                "Type": "Notification",
                "MessageId": "m",
                "TopicArn": "t",
                "Message": "Hello",
                "Timestamp": "now",
                "UnsubscribeURL": "not signed",
            }
        )
        self.assertEqual(
            text,
            b"Message\nHello\nMessageId\nm\nTimestamp\nnow\nTopicArn\nt\n"
            b"Type\nNotification\n",
        )

    def test_both_kinds_of_signatures_count(self):
        for version in ("1", "2"):
            self.check(self.amazon.notification("Hello", version))
            self.check(self.amazon.notification("Hello", version, Subject="Of it"))

    def test_a_changed_message_is_refused(self):
        for name in ("Message", "MessageId", "Timestamp", "TopicArn"):
            data = self.amazon.notification("Hello")
            data[name] += "x"
            with self.subTest(name), self.assertRaises(NotSignedError):
                self.check(data)

    def test_another_key_unknown_versions_and_garbage_are_refused(self):
        data = self.amazon.notification("Hello")
        for what, changed in (
            ("another key", Amazon().notification("Hello")),
            ("version", {**data, "SignatureVersion": "3"}),
            ("no signature", {**data, "Signature": None}),
            ("garbage", {**data, "Signature": "?"}),
        ):
            with self.subTest(what), self.assertRaises(NotSignedError):
                self.check(changed)
        with self.assertRaises(NotSignedError):
            sns.check(data, b"no certificate", NOW)

    def test_an_old_certificate_is_refused(self):
        with self.assertRaises(NotSignedError):
            self.check(self.amazon.notification("Hello"), NOW - 2 * DAY)

    def test_an_older_library_tells_the_validity_without_a_time_zone(self):
        begin, end = datetime(2026, 1, 1), datetime(2027, 1, 1)
        old = SimpleNamespace(not_valid_before=begin, not_valid_after=end)
        utc = timezone.utc
        found = begin.replace(tzinfo=utc), end.replace(tzinfo=utc)
        self.assertEqual(validity(old), found)

    def test_the_certificate_is_read_at_amazon_alone(self):
        for url in (
            URL,
            "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem",
        ):
            self.assertEqual(sns.certificate_url({"SigningCertURL": url}), url)
        for url in (
            None,
            "",
            URL.replace("https", "http"),
            URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
            URL.replace("sns.", "evil.s3."),
            "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
            "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
            "https://sns.eu-west-1.amazonaws.com/x.txt",
            "https://[",
        ):
            with self.subTest(url=url), self.assertRaises(NotSignedError):
                sns.certificate_url({"SigningCertURL": url})
