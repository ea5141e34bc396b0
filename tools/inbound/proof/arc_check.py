"""What the forwarders of a mail have sealed: ARC (RFC 8617)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...mail.addresses import is_below
from ...mail.headers import Field
from .. import authentication
from . import keys
from .book import Book, PendingError, SilenceError
from .canonical import RELAXED, RawField, Source
from .dkim_check import (
    FAIL,
    MAX_LENGTH,
    PASS,
    TEMPERROR,
    Claim,
    ClaimError,
    check_claim,
    make_claim,
    without_signature,
)

#: Most forwarders of a mail whose seals are checked; RFC 8617 4.2.1 allows 50.
MAX_SETS = 10
#: Providers who look at who wrote a mail before they forward and seal it.
SEALERS = frozenset({"google.com", "microsoft.com", "messagingengine.com"})
NONE = "none"

_RESULTS, _SIGNATURE, _SEAL = (
    "arc-authentication-results",
    "arc-message-signature",
    "arc-seal",
)
_INSTANCE = re.compile(r"\s*i\s*=\s*(\d{1,3})\s*(?:;|\Z)")
_NEEDED = {
    _SIGNATURE: ("a", "b", "bh", "d", "h", "s"),
    _SEAL: ("a", "b", "cv", "d", "s"),
}


@dataclass(frozen=True)
class Sealed:
    """The chain of seals: a result of RFC 8617 4.4, and who made them, oldest first.

    `verdicts`: what the oldest says of who wrote the mail; None unless the chain holds
    and all who have sealed it are among SEALERS.
    """

    result: str = NONE
    sealers: tuple[str, ...] = ()
    verdicts: authentication.Verdicts | None = None


@dataclass(frozen=True)
class _Set:
    """The three fields of one forwarder."""

    results: RawField
    signature: RawField
    seal: RawField


def check_chain(source: Source, book: Book) -> Sealed:
    """Return how the seals of a mail stand; raises `PendingError`."""
    if not source.named(_SEAL):
        return Sealed()
    try:
        return _check(_sets(source), source, book)
    except ClaimError:
        return Sealed(FAIL)
    except SilenceError:
        return Sealed(TEMPERROR)


def _check(sets: Sequence[_Set], source: Source, book: Book) -> Sealed:
    seals = [_claim(one.seal, _SEAL) for one in sets]
    for number, one in enumerate(sets):
        expected = "pass" if number else NONE
        if _tags(one.seal)["cv"].lower() != expected:
            raise ClaimError(FAIL, "chain")
    _check_newest(sets[-1], source, book)
    pending = None
    for number, claim in enumerate(seals):
        try:
            _check_seal(sets[: number + 1], claim, book)
        except PendingError as error:
            pending = error
    if pending:
        raise pending
    sealers = tuple(claim.domain for claim in seals)
    is_trusted = all(any(is_below(one, name) for name in SEALERS) for one in sealers)
    return Sealed(PASS, sealers, _verdicts(sets[0]) if is_trusted else None)


def _check_newest(one: _Set, source: Source, book: Book) -> None:
    """Check what the last forwarder has signed of the mail itself."""
    claim = _claim(one.signature, _SIGNATURE)
    if "from" not in claim.names or _SEAL in claim.names:
        raise ClaimError(FAIL, "syntax")
    result, why = check_claim(source, claim, one.signature, book)
    if result != PASS:
        raise ClaimError(FAIL, why)


def _check_seal(sets: Sequence[_Set], claim: Claim, book: Book) -> None:
    """Check the last seal of some sets, which all of them are sealed by
    (RFC 8617 5.1.1)."""
    try:
        key = keys.find_key(claim.domain, claim.selector, claim.kind, book)
    except keys.UnusableKeyError as error:
        raise ClaimError(FAIL, str(error)) from error
    before = [
        part.canonical(RELAXED)
        for one in sets
        for part in (one.results, one.signature, one.seal)
    ]
    last = without_signature(sets[-1].seal).canonical(RELAXED).removesuffix(b"\r\n")
    if not key.has_signed(b"".join([*before[:-1], last]), claim.signature):
        raise ClaimError(FAIL, "wrong")


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def _sets(source: Source) -> list[_Set]:
    """Return the sets, oldest first: one field of each kind, without a gap."""
    found = {name: _by_number(source.named(name)) for name in (_RESULTS, *_NEEDED)}
    numbers = sorted(found[_SEAL])
    is_whole = all(sorted(fields) == numbers for fields in found.values())
    if numbers != list(range(1, len(numbers) + 1)) or not is_whole:
        raise ClaimError(FAIL, "chain")
    return [
        _Set(found[_RESULTS][one], found[_SIGNATURE][one], found[_SEAL][one])
        for one in numbers
    ]


def _by_number(fields: Sequence[RawField]) -> dict[int, RawField]:
    numbered: dict[int, RawField] = {}
    if len(fields) > MAX_SETS:
        raise ClaimError(FAIL, "chain")
    for one in fields:
        found = _INSTANCE.search(_text(one)) if one.name == _RESULTS else None
        number = found[1] if found else _tags(one).get("i", "")
        if not number.isdigit() or int(number) in numbered:
            raise ClaimError(FAIL, "chain")
        numbered[int(number)] = one
    return numbered


def _tags(one: RawField) -> dict[str, str]:
    if one.name == _RESULTS:
        return {}
    return keys.read_tags(_text(one)) or {}


def _text(one: RawField) -> str:
    return one.value[:MAX_LENGTH].decode("latin-1")


def _claim(one: RawField, name: str) -> Claim:
    tags = _tags(one)
    if any(not tags.get(needed) for needed in _NEEDED[name]):
        raise ClaimError(FAIL, "syntax")
    if name == _SEAL:
        # It signs its own chain, and has neither list nor body.
        tags = {**tags, "h": "arc-seal", "bh": "AA==", "c": f"{RELAXED}/{RELAXED}"}
    domain = tags["d"].lower().rstrip(".")
    return make_claim(tags, domain, domain)


def _verdicts(one: _Set) -> authentication.Verdicts:
    """Return what a forwarder says of who wrote the mail (RFC 8617 4.1.1)."""
    value = " ".join(_text(one.results).partition(";")[2].split())
    server = value.partition(";")[0].split()[:1]
    field = Field("Authentication-Results", value)
    return authentication.read_verdicts([field], frozenset(server))
