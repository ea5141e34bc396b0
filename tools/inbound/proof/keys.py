"""Public keys in the DNS, and whether one has signed something (RFC 6376, RFC 8463)."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from .book import Book

RSA, ED25519 = "rsa", "ed25519"
#: Bits of an RSA key (RFC 8301 3.2), and the most of its exponent.
MIN_BITS, MAX_BITS, MAX_EXPONENT_BITS = 1024, 4096, 33
#: Most records of one name that are looked at, and the longest of them.
MAX_RECORDS = 3
MAX_TEXT = 4000
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(.*)\Z", re.DOTALL)

_PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey


class UnusableKeyError(ValueError):
    """No key that may be used; the text is a code: what is wrong with it."""


@dataclass(frozen=True)
class Key:
    """A key as its domain has published it.

    `strict`: only who signs for the domain itself may use it (t=s).
    """

    public: _PublicKey
    strict: bool = False

    def has_signed(self, data: bytes, signature: bytes) -> bool:
        """Tell whether the key's owner has signed these bytes, by their SHA-256."""
        try:
            if isinstance(self.public, rsa.RSAPublicKey):
                self.public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            else:
                self.public.verify(signature, hashlib.sha256(data).digest())
        except InvalidSignature:
            return False
        return True


def read_tags(text: str) -> dict[str, str] | None:
    """Return the tags of a list, None if it is none (RFC 6376 3.2).

    Names keep their case; one that stands twice makes the whole list invalid.
    """
    tags: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()
    for part in parts:
        found = _TAG.match(part)
        if not found or found[1] in tags:
            return None
        tags[found[1]] = found[2].strip()
    return tags


def decode(text: str) -> bytes | None:
    """Return the bytes of base64 that may be folded, None if it is none."""
    plain = _SPACE.sub("", text)
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def find_key(domain: str, selector: str, kind: str, book: Book) -> Key:
    """Return the key of a domain for a kind of signature, RSA or ED25519.

    Raises `UnusableKeyError`, and what `Book.ask` does.
    """
    texts = book.ask(f"{selector}._domainkey.{domain}", "TXT")
    problem = UnusableKeyError("no_key")
    for text in texts[:MAX_RECORDS]:
        try:
            return _read_key(text, kind)
        except UnusableKeyError as error:
            problem = error
    raise problem


def _read_key(text: str, kind: str) -> Key:
    tags = read_tags(text) if len(text) <= MAX_TEXT else None
    if tags is None or tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        raise UnusableKeyError("no_key")
    if "v" in tags and next(iter(tags)) != "v":
        raise UnusableKeyError("no_key")
    if not tags["p"]:
        raise UnusableKeyError("revoked")
    if tags.get("k", RSA).lower() != kind or not _has(tags, "h", "sha256"):
        raise UnusableKeyError("unfit_key")
    if not _has(tags, "s", "email", "*"):
        raise UnusableKeyError("unfit_key")
    public = _load(decode(tags["p"]) or b"", kind)
    return Key(public, strict="s" in _words(tags.get("t", "")))


def _has(tags: dict[str, str], name: str, *wanted: str) -> bool:
    return name not in tags or not _words(tags[name]).isdisjoint(wanted)


def _words(text: str) -> frozenset[str]:
    return frozenset(one.strip().lower() for one in text.split(":"))


def _load(data: bytes, kind: str) -> _PublicKey:
    if kind == ED25519:
        if len(data) != 32:
            raise UnusableKeyError("unfit_key")
        return ed25519.Ed25519PublicKey.from_public_bytes(data)
    try:
        key = load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKeyError("unfit_key") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise UnusableKeyError("unfit_key")
    if not MIN_BITS <= key.key_size <= MAX_BITS:
        raise UnusableKeyError("key_size")
    if key.public_numbers().e.bit_length() > MAX_EXPONENT_BITS:
        raise UnusableKeyError("unfit_key")
    return key
