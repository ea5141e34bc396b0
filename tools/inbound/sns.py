"""Messages of Amazon SNS, and whether Amazon has signed them.

Amazon's "Verifying the signatures of Amazon SNS messages": the fields in this order,
each a line with its name and one with its value, signed with RSA (PKCS #1 v1.5).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..servers.certificates import validity

NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}
# Anybody may name a host below amazonaws.com; this one is Amazon's own.
_HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]{2,12}){1,3}-\d\.amazonaws\.com(\.cn)?")


class NotSignedError(ValueError):
    """Amazon has not signed the message; the words say what is wrong."""


def is_message(data: Mapping[str, Any]) -> bool:
    """Tell whether JSON looks like a message of SNS."""
    kind = data.get("Type")
    return isinstance(kind, str) and kind in _SIGNED and "Signature" in data


def is_own_url(url: object) -> bool:
    """Tell whether an address is of Amazon SNS itself, over HTTPS."""
    if not isinstance(url, str) or not url.isascii():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(_HOST.fullmatch(parts.netloc))


def certificate_url(data: Mapping[str, Any]) -> str:
    """Return the address of the certificate that a message is signed with.

    :raises NotSignedError: when it is not Amazon's
    """
    url = data.get("SigningCertURL")
    if not isinstance(url, str) or not is_own_url(url) or not url.endswith(".pem"):
        raise NotSignedError("The certificate is not at Amazon.")
    return url


def is_certificate(content: bytes) -> bool:
    """Tell whether what came from :func:`certificate_url` is a certificate, PEM."""
    try:
        x509.load_pem_x509_certificate(content)
    except ValueError:
        return False
    return True


def check(data: Mapping[str, Any], certificate: bytes, now: datetime) -> None:
    """Check a message against the certificate at :func:`certificate_url`, PEM.

    `now`: in UTC, with time zone.

    :raises NotSignedError: when its signature is wrong, or the certificate is
    """
    try:
        known = x509.load_pem_x509_certificate(certificate)
        signature = base64.b64decode(str(data.get("Signature")), validate=True)
    except (ValueError, binascii.Error) as error:
        raise NotSignedError("Certificate or signature cannot be read.") from error
    begin, end = validity(known)
    if not begin <= now <= end:
        raise NotSignedError("The certificate is not valid now.")
    key = known.public_key()
    kind = _HASHES.get(str(data.get("SignatureVersion")))
    if kind is None or not isinstance(key, rsa.RSAPublicKey):
        raise NotSignedError("The kind of the signature is unknown.")
    try:
        key.verify(signature, signed_text(data), padding.PKCS1v15(), kind())
    except InvalidSignature as error:
        raise NotSignedError("The signature is wrong.") from error


def signed_text(data: Mapping[str, Any]) -> bytes:
    """Return what of a message is signed."""
    names = _SIGNED.get(str(data.get("Type")), ())
    pairs = (f"{name}\n{data[name]}\n" for name in names if data.get(name) is not None)
    return "".join(pairs).encode("utf-8", "surrogatepass")


def utc_now() -> datetime:
    """Return the time for :func:`check`."""
    return datetime.now(timezone.utc)
