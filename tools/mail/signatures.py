"""Signatures short enough for an address, and their letters.

HMAC-SHA256 (RFC 2104), cut to 80 bits (RFC 2104 5 asks for at least half the hash of
a general purpose MAC; these are tried online, one mail per guess). Base32 in
Crockford's letters: mail systems fold the case of addresses, people mistake i and l
for 1 and o for 0.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

#: Bytes of a signature.
SIZE = 10
#: Longest text that is decoded.
MAX_TEXT = 1024

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_WRITE = str.maketrans(_BASE32, LETTERS)
_READ = str.maketrans(LETTERS, _BASE32)
_CONFUSED = str.maketrans("ilo", "110")


def sign(secret: bytes, purpose: str, payload: bytes) -> bytes:
    """Return the signature of `payload`, which is worth nothing for another purpose."""
    name = purpose.encode("utf-8", "replace")
    # The length keeps purpose and payload from flowing into one another.
    message = b"%d:%s%s" % (len(name), name, payload)
    return hmac.new(secret, message, hashlib.sha256).digest()[:SIZE]


def verify(
    secrets: Sequence[bytes], purpose: str, payload: bytes, signature: bytes
) -> bool:
    """Tell whether one of `secrets`, the current and the former ones, made `signature`.

    All are tried, so that the time tells neither which nor how nearly.
    """
    matches = [
        hmac.compare_digest(sign(secret, purpose, payload), signature)
        for secret in secrets
    ]
    return any(matches)


def encode(data: bytes) -> str:
    """Return `data` in lower-case letters and digits, eight for five bytes."""
    return base64.b32encode(data).decode("ascii").rstrip("=").translate(_WRITE)


def decode(text: str) -> bytes | None:
    """Return what `encode` wrote, else None.

    Either case counts, and i, l, o count for 1, 1, 0.
    """
    if len(text) > MAX_TEXT or not text.isascii():
        return None
    plain = text.lower().translate(_CONFUSED)
    try:
        data = base64.b32decode(plain.translate(_READ) + "=" * (-len(plain) % 8))
    except binascii.Error:
        return None
    # Left-over bits must be nought: every value has one spelling only.
    return data if encode(data) == plain else None
