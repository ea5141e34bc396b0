"""How long the certificate of a server is valid."""

import ssl
from datetime import datetime

from cryptography import x509


def end_of(connection: object) -> datetime | None:
    """Return until when (naive UTC) the other side's certificate is valid.

    Return None when the open `connection` is not encrypted or gives no certificate. It
    is read also where it was not checked: then the standard library hands out only its
    bytes (RFC 5280 4.1).
    """
    encrypted = getattr(connection, "sock", None)
    if not isinstance(encrypted, ssl.SSLSocket):
        return None
    certificate = encrypted.getpeercert(binary_form=True)
    if not certificate:
        return None
    try:
        found = x509.load_der_x509_certificate(certificate)
    except ValueError:
        return None
    # Up to its release 42 the library knows the naive one only.
    end = getattr(found, "not_valid_after_utc", None)
    return end.replace(tzinfo=None) if end else found.not_valid_after
