"""How long the certificate of a server is valid."""

import ssl
from datetime import datetime, timezone

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
    return validity(found)[1].replace(tzinfo=None)


def validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """Return from when until when (UTC, with time zone) a certificate is valid."""
    if hasattr(certificate, "not_valid_after_utc"):
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    # Up to its release 42 the library, as Debian 12 has it, knows no time zones.
    begin, end = certificate.not_valid_before, certificate.not_valid_after
    return begin.replace(tzinfo=timezone.utc), end.replace(tzinfo=timezone.utc)
