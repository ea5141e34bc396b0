"""Mail that goes in circles: our own coming back, and bursts of one mail.

What we send carries a signed token in its Message-ID and in `X-Catchall-Router-Token`
(RFC 3834 3.1.8 asks for a means like it). References and In-Reply-To are not looked
at: every answer to our mail carries our Message-ID there.
"""

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from ..mail import addresses, signatures
from ..mail.headers import Field, Headers, message_ids
from ..mail.phrases import fold
from .trust import trusted_trace

TOKEN_HEADER = "X-Catchall-Router-Token"
#: A mail with more `Received` lines goes in circles (RFC 5321 6.3).
MAX_RECEIVED = 50

_PURPOSE = "loop"
# The first byte of a token; its letters all begin with "p".
_MARK = b"\xb1"
_NONCE_SIZE = 8
_TOKEN = re.compile(r"[0-9a-z]{31}", re.IGNORECASE)
_TOKEN_LIMIT = 20

_SUBJECT_LIMIT = 500
_BODY_LIMIT = 4000
_START_LIMIT = 500
_REPLY_MARK = re.compile(
    r"(?:\s*(?:re|fwd?|aw|wg|tr|sv|vs|rv|r|i|tl|ct|fw)\s*(?:\[\d+\])?\s*:)+",
)
_NUMBER = re.compile(r"\d+")
# What differs between two copies of one mail by the same program.
_MIME_LINE = re.compile(r"--|[A-Za-z-]{1,40}:\s|\s+(?:charset|boundary|name)=")


# ------------------------------------------------------------
# TOKENS
# ------------------------------------------------------------


def make_token(secret: bytes, database: str, nonce: str) -> str:
    """Return the token of one outgoing mail; `nonce` tells it from the others.

    31 letters and digits, for the left part of Message-ID, set off from the rest of
    it by anything but a letter or digit, and for `TOKEN_HEADER`.
    """
    content = _MARK + _digest(nonce)[:_NONCE_SIZE]
    signature = signatures.sign(secret, _PURPOSE, _signed(database, content))
    return signatures.encode(content + signature)


def own_proofs(
    secrets: Sequence[bytes], database: str, headers: Headers
) -> tuple[str, ...]:
    """Return the headers with a token of this database; never raises.

    They are `Message-ID`, `TOKEN_HEADER`, both or none. Both together are our own mail,
    whoever is named as its sender by now. A program that answers may have copied one of
    them into a mail of its own.

    `secrets`: the current key and the former ones.
    """
    ids = message_ids(" ".join(headers.get_all("Message-ID")[:_TOKEN_LIMIT])[:10_000])
    lefts = [one.strip("<>").rpartition("@")[0] for one in ids]
    values = [value[:100] for value in headers.get_all(TOKEN_HEADER)[:_TOKEN_LIMIT]]
    return tuple(
        name
        for name, texts in ((TOKEN_HEADER, values), ("Message-ID", lefts))
        if any(_is_genuine(secrets, database, token) for token in _tokens(texts))
    )


def _tokens(texts: Iterable[str]) -> Iterator[bytes]:
    words = (word for text in texts for word in re.split(r"[^0-9A-Za-z]+", text))
    shaped = (word for word in words if _TOKEN.fullmatch(word))
    for word in itertools.islice(shaped, _TOKEN_LIMIT):
        data = signatures.decode(word)
        if data and data.startswith(_MARK):
            yield data


def _is_genuine(secrets: Sequence[bytes], database: str, token: bytes) -> bool:
    content, signature = token[: -signatures.SIZE], token[-signatures.SIZE :]
    return signatures.verify(secrets, _PURPOSE, _signed(database, content), signature)


def _signed(database: str, content: bytes) -> bytes:
    return _digest(database) + content


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


# ------------------------------------------------------------
# TRACES
# ------------------------------------------------------------


def count_received(headers: Headers) -> int:
    """Return how many servers the mail has gone through; see `MAX_RECEIVED`."""
    return len(headers.get_all("Received"))


def delivered_to_twice(
    headers: Headers,
    account_addresses: Iterable[str],
    trace: Sequence[Field] | None = None,
) -> bool:
    """Tell whether the mail has been delivered to the account before it came now.

    Servers and their delivery agents may each write `Delivered-To` on one way in,
    so that what stands in the trusted trace counts once. What a sender invents
    below it holds up his own mail only.

    `trace`: what `trust.trusted_trace` returns; it is asked if that is not given.
    """
    accounts = {addresses.normalize(address) for address in account_addresses} - {""}
    border = len(trusted_trace(headers) if trace is None else trace)
    now = any(_is_delivery_to(field, accounts) for field in headers[:border])
    before = sum(_is_delivery_to(field, accounts) for field in headers[border:])
    return before + now > 1


def _is_delivery_to(field: Field, accounts: set[str]) -> bool:
    if field.name.lower() != "delivered-to":
        return False
    return addresses.normalize(field.value[:1000]) in accounts


# ------------------------------------------------------------
# BURSTS
# ------------------------------------------------------------


def burst_key(headers: Headers, body: bytes | str) -> str:
    """Return what mails of one burst have in common, as 32 hex digits; never raises.

    The sender, the subject without reply marks, and the start of the body; numbers
    don't count, so that "Report 17" and "Report 18" are one burst.
    """
    sender = addresses.normalize(headers.get("From")[:_BODY_LIMIT])
    parts = (sender, _plain_subject(headers), _body_start(body))
    return _digest("\0".join(parts))[:16].hex()


def _plain_subject(headers: Headers) -> str:
    subject = fold(headers.decoded("Subject")[:_SUBJECT_LIMIT])
    marks = _REPLY_MARK.match(subject)
    return _numberless(subject[marks.end() :] if marks else subject)


def _body_start(body: bytes | str) -> str:
    text = body[:_BODY_LIMIT]
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    words: list[str] = []
    length = 0
    for line in text.splitlines():
        if length > _START_LIMIT:
            break
        if not _MIME_LINE.match(line):
            found = line.split()
            words += found
            length += sum(map(len, found)) + len(found)
    return _numberless(" ".join(words)[:_START_LIMIT])


def _numberless(text: str) -> str:
    return _NUMBER.sub("0", text).strip()
