"""Addresses that name one document or one outgoing mail, and prove that we made them.

`order-7.<token>@own.test` as Reply-To brings the answer to its document,
`b.<token>@own.test` as envelope sender brings the bounce to its mail, whatever
became of Message-ID and References on the way, and `probe.<token>@own.test` brings
the mail of a round trip back. A catch-all receives them without further ado. The
token holds what it names, the database and a signature; case does not matter, and
the local part is at most 64 octets long (RFC 5321 4.5.3.1.1).

The domain is not signed: a document stays reachable under all domains of a router.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..mail import signatures
from ..mail.addresses import domain as domain_of
from ..mail.addresses import normalize, split
from ..mail.phrases import fold

#: Longest local part (RFC 5321 4.5.3.1.1).
MAX_LOCAL = 64
#: Largest number that a token holds.
MAX_ID = 2**63 - 1

REPLY = "reply"
BOUNCE = "bounce"
PROBE = "probe"
# The first byte of a token: its kind and form. A new form takes a new byte.
_MARKS = {REPLY: 0xB5, BOUNCE: 0xB6, PROBE: 0xB7}
_KIND_OF_MARK = {mark: kind for kind, mark in _MARKS.items()}

_DATABASE_SIZE = 4
_RECIPIENT_SIZE = 5
_NONCE_SIZE = 5
# The shortest token: mark, database, two ids of one byte, signature.
_MIN_SIZE = 1 + _DATABASE_SIZE + 2 + signatures.SIZE

_TOKEN = re.compile(r"(?:[a-z0-9-]{1,63}[.+])?([0-9a-z]{28,62})\Z")
_DOMAIN = re.compile(r"[\w.-]+")
_READABLE = re.compile(r"[a-z0-9]+")
_READABLE_LIMIT = 200


@dataclass(frozen=True)
class Target:
    """The document that an address names."""

    model_id: int
    record_id: int


@dataclass(frozen=True)
class BounceTarget:
    """The outgoing mail and the recipient that a bounce address names.

    Compare `recipient_key` with what `recipient_key()` makes of an address.
    """

    mail_id: int
    recipient_key: str


# ------------------------------------------------------------
# REPLY ADDRESSES
# ------------------------------------------------------------


def make(
    secret: bytes,
    database: str,
    model_id: int,
    record_id: int,
    domain: str,
    readable: str = "",
) -> str:
    """Return the reply address of a document.

    `database`: what tells this database from all others, its uuid. `readable`: a
    name for people, as much of it as there is room for; it is not signed. Raises
    ValueError for a negative or too large id, and for what is no domain.
    """
    body = _number(model_id) + _number(record_id)
    return _address(REPLY, secret, database, body, domain, readable or REPLY)


def read(secrets: Sequence[bytes], database: str, address: str) -> Target | None:
    """Return the document that `address` names; None if we didn't make it, here.

    `secrets`: the current key and the former ones.
    """
    body = _verified(REPLY, secrets, database, address)
    model_id, rest = _read_number(body)
    record_id, rest = _read_number(rest)
    whole = not rest and min(model_id, record_id) >= 0
    return Target(model_id, record_id) if whole else None


def looks_like_reply_address(address: str) -> bool:
    """Tell whether `address` has the form of a signed one, of any kind and database.

    Cheap and without a key: true for forged ones and those of other databases, too.
    Such an address is nobody's: never make a partner or a recipient of it.
    """
    return bool(_content(address))


def shows(address: str, readable: str) -> bool:
    """Tell whether `address` shows `readable` to people, as far as there was room."""
    local_part = split(normalize(address))[0]
    shown, _dot, _token = local_part.rpartition(".")
    whole = _slug(readable, MAX_LOCAL)
    is_cut = len(local_part) >= MAX_LOCAL - 1
    return bool(whole) and (whole == shown or (is_cut and whole.startswith(shown)))


# ------------------------------------------------------------
# BOUNCE ADDRESSES
# ------------------------------------------------------------


def make_bounce(
    secret: bytes,
    database: str,
    mail_id: int,
    recipient: str,
    domain: str,
    readable: str = "b",
) -> str:
    """Return the envelope sender of one outgoing mail to one recipient (VERP).

    Raises ValueError as `make` does.
    """
    body = _number(mail_id) + _hash(normalize(recipient), _RECIPIENT_SIZE)
    return _address(BOUNCE, secret, database, body, domain, readable)


def read_bounce_address(
    secrets: Sequence[bytes], database: str, address: str
) -> BounceTarget | None:
    """Return the mail whose bounces come to `address`; None if we didn't make it."""
    body = _verified(BOUNCE, secrets, database, address)
    mail_id, rest = _read_number(body)
    if len(rest) != _RECIPIENT_SIZE:
        return None
    return BounceTarget(mail_id, signatures.encode(rest))


def recipient_key(recipient: str) -> str:
    """Return what stands for a recipient in a bounce address."""
    return signatures.encode(_hash(normalize(recipient), _RECIPIENT_SIZE))


# ------------------------------------------------------------
# PROBE ADDRESSES
# ------------------------------------------------------------


def make_probe(
    secret: bytes, database: str, trip_id: int, nonce: str, domain: str
) -> str:
    """Return the address of one round trip, which nobody has and nobody can guess.

    `nonce` tells it from the others of the same id. Raises ValueError as `make` does.
    """
    body = _number(trip_id) + _hash(nonce, _NONCE_SIZE)
    return _address(PROBE, secret, database, body, domain, PROBE)


def read_probe(secrets: Sequence[bytes], database: str, address: str) -> int | None:
    """Return the id of the round trip of `address`; None if we didn't make it, here."""
    body = _verified(PROBE, secrets, database, address)
    trip_id, rest = _read_number(body)
    return trip_id if len(rest) == _NONCE_SIZE else None


# ------------------------------------------------------------
# TOKENS
# ------------------------------------------------------------


def _address(
    kind: str, secret: bytes, database: str, body: bytes, domain: str, readable: str
) -> str:
    plain = _DOMAIN.fullmatch(domain)
    host = domain_of(normalize(f"x@{domain}")) if plain else ""
    if not host:
        message = f"{domain!r} is no domain"
        raise ValueError(message)
    content = bytes([_MARKS[kind]]) + _hash(database, _DATABASE_SIZE) + body
    signature = signatures.sign(secret, kind, _signed(database, content))
    token = signatures.encode(content + signature)
    return f"{_slug(readable, MAX_LOCAL - 1 - len(token)) or kind}.{token}@{host}"


def _slug(text: str, room: int) -> str:
    words = _READABLE.findall(fold(text[:_READABLE_LIMIT]))
    return "-".join(words)[:room].strip("-")


def _signed(database: str, content: bytes) -> bytes:
    """Return what is signed: the database's whole name, not only its short hash."""
    return hashlib.sha256(database.encode("utf-8", "replace")).digest() + content


def _verified(
    kind: str, secrets: Sequence[bytes], database: str, address: str
) -> bytes:
    """Return what the token of `address` holds for this database, b"" for no token."""
    whole = _content(address)
    content, signature = whole[: -signatures.SIZE], whole[-signatures.SIZE :]
    start = bytes([_MARKS[kind]]) + _hash(database, _DATABASE_SIZE)
    genuine = signatures.verify(secrets, kind, _signed(database, content), signature)
    return content[len(start) :] if genuine and content.startswith(start) else b""


def _content(address: str) -> bytes:
    """Return the bytes of the token in `address`, b"" if it has not the form of one."""
    match = _TOKEN.match(split(normalize(address))[0])
    data = (signatures.decode(match[1]) if match else None) or b""
    return data if len(data) >= _MIN_SIZE and data[0] in _KIND_OF_MARK else b""


def _hash(text: str, size: int) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:size]


def _number(value: int) -> bytes:
    """Return seven bits a byte, the lowest first; the last byte has no high bit."""
    if not 0 <= value <= MAX_ID:
        message = f"{value!r} is no id"
        raise ValueError(message)
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def _read_number(data: bytes) -> tuple[int, bytes]:
    """Return (the number that `data` begins with, the rest), (-1, b"") if none."""
    value = 0
    for at, digit in enumerate(data):
        value |= (digit & 0x7F) << 7 * at
        if digit < 0x80:
            return value, data[at + 1 :]
    return -1, b""
