"""Whether the signatures of a mail hold: DKIM (RFC 6376, RFC 8301, RFC 8463).

Made of the raw bytes, before anything touches them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...mail.addresses import is_below
from . import keys
from .book import Book, PendingError, SilenceError
from .canonical import RELAXED, SIMPLE, RawField, Source

#: Most signatures that are checked; those of the sender's own domain come first.
MAX_SIGNATURES = 5
#: Most that are read, the longest of them, and most names in one.
MAX_READ = 20
MAX_LENGTH = 8000
MAX_NAMES = 200
#: Seconds that clocks may differ by.
LEEWAY = 300

PASS, FAIL, POLICY = "pass", "fail", "policy"
PERMERROR, TEMPERROR, NEUTRAL = "permerror", "temperror", "neutral"

_NUMBER = re.compile(r"\d{1,12}\Z")
_SPACE = re.compile(r"[ \t\r\n]+")
_KINDS = {"rsa-sha256": keys.RSA, "ed25519-sha256": keys.ED25519}
_NEEDED = ("v", "a", "b", "bh", "d", "h", "s")


@dataclass(frozen=True)
class Checked:
    """A signature and how it stands: a result of RFC 8601 2.7.1.

    `why` is a code: what is wrong with it, "" if nothing is.
    """

    domain: str
    selector: str
    result: str
    why: str = ""


@dataclass(frozen=True)
class Claim:
    """What the tags of a signature say; names of fields and domains are lower case."""

    kind: str
    domain: str
    selector: str
    names: tuple[str, ...]
    body_hash: bytes
    signature: bytes
    forms: tuple[str, str]
    length: int | None
    user_domain: str


class ClaimError(ValueError):
    """A signature that cannot hold: the result, and the code of the reason."""

    def __init__(self, result: str, why: str, domain: str = "") -> None:
        super().__init__(why)
        self.result = result
        self.domain = domain


def check_signatures(
    source: Source, author_domain: str, book: Book, now: float
) -> tuple[Checked, ...]:
    """Return how the signatures of a mail stand, those of `author_domain` first.

    `now`: seconds since 1970, at which they must not be expired. Raises
    `PendingError` when all questions are noted that can be.
    """
    fields = source.named("dkim-signature")[:MAX_READ]
    ranked = sorted(fields, key=lambda one: not _is_of(one, author_domain))
    found, pending = [], None
    for one in ranked[:MAX_SIGNATURES]:
        try:
            found.append(_check(source, one, book, now))
        except PendingError as error:
            pending = error
    if pending:
        raise pending
    return tuple(found)


def _is_of(one: RawField, domain: str) -> bool:
    tags = keys.read_tags(_text(one)) or {}
    signer = tags.get("d", "").lower()
    return bool(signer) and (is_below(domain, signer) or is_below(signer, domain))


def _text(one: RawField) -> str:
    return one.value[:MAX_LENGTH].decode("latin-1")


def _check(source: Source, one: RawField, book: Book, now: float) -> Checked:
    try:
        claim = read_claim(one, now)
    except ClaimError as error:
        return Checked(error.domain, "", error.result, str(error))
    if "from" not in claim.names:
        return _checked(claim, PERMERROR, "syntax")
    try:
        result, why = check_claim(source, claim, one, book)
    except SilenceError:
        return _checked(claim, TEMPERROR, "silent")
    return _checked(claim, result, why)


def _checked(claim: Claim, result: str, why: str) -> Checked:
    return Checked(claim.domain, claim.selector, result, why)


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def read_claim(one: RawField, now: float) -> Claim:
    """Return what a DKIM-Signature says (RFC 6376 3.5); raises `ClaimError`."""
    tags = keys.read_tags(_text(one)) if len(one.whole) <= MAX_LENGTH else None
    if tags is None or any(not tags.get(name) for name in _NEEDED):
        raise ClaimError(PERMERROR, "syntax")
    domain = tags["d"].lower().rstrip(".")
    if tags["v"] != "1":
        raise ClaimError(PERMERROR, "syntax", domain)
    user_domain = tags.get("i", f"@{domain}").rpartition("@")[2].lower().rstrip(".")
    if not is_below(user_domain, domain):
        raise ClaimError(PERMERROR, "syntax", domain)
    methods = tags.get("q", "dns/txt").split(":")
    if "dns/txt" not in {one.strip().lower() for one in methods}:
        raise ClaimError(PERMERROR, "syntax", domain)
    _check_times(tags, domain, now)
    return make_claim(tags, domain, user_domain)


def make_claim(tags: dict[str, str], domain: str, user_domain: str) -> Claim:
    """Return the claim of tags that DKIM and ARC have in common."""
    kind = tags["a"].lower()
    if kind not in _KINDS:
        # RFC 8301 3.1: rsa-sha1 proves nothing.
        raise ClaimError(POLICY if kind == "rsa-sha1" else PERMERROR, "kind", domain)
    names = tuple(_SPACE.sub("", one).lower() for one in tags["h"].split(":"))
    body_hash, signature = keys.decode(tags["bh"]), keys.decode(tags["b"])
    forms = tags.get("c", SIMPLE).lower().partition("/")
    chosen = forms[0].strip(), forms[2].strip() or SIMPLE
    is_known = set(chosen) <= {SIMPLE, RELAXED}
    if not is_known or not body_hash or not signature or len(names) > MAX_NAMES:
        raise ClaimError(PERMERROR, "syntax", domain)
    return Claim(
        kind=_KINDS[kind],
        domain=domain,
        selector=_SPACE.sub("", tags["s"]),
        names=names,
        body_hash=body_hash,
        signature=signature,
        forms=chosen,
        length=_number(tags["l"], domain) if "l" in tags else None,
        user_domain=user_domain,
    )


def _check_times(tags: dict[str, str], domain: str, now: float) -> None:
    made = _number(tags["t"], domain) if "t" in tags else None
    ends = _number(tags["x"], domain) if "x" in tags else None
    if ends is None:
        return
    if made is not None and ends < made:
        raise ClaimError(PERMERROR, "syntax", domain)
    if ends + LEEWAY < now:
        raise ClaimError(FAIL, "expired", domain)


def _number(text: str, domain: str) -> int:
    if not _NUMBER.match(text):
        raise ClaimError(PERMERROR, "syntax", domain)
    return int(text)


# ------------------------------------------------------------
# CHECKING
# ------------------------------------------------------------


def check_claim(
    source: Source, claim: Claim, one: RawField, book: Book
) -> tuple[str, str]:
    """Return (result, reason) of a claim about a mail, made by one of its fields.

    The cheap comes first: a body that was altered needs no key. Raises what `Book.ask`
    does.
    """
    form = claim.forms[1]
    if source.body_hash(form, claim.length) != claim.body_hash:
        return FAIL, "altered"
    if claim.length is not None and claim.length < len(source.canonical_body(form)):
        # Anybody may have written the rest of it (RFC 6376 8.2).
        return POLICY, "part"
    if _is_left_open(source, claim):
        return POLICY, "double"
    try:
        key = keys.find_key(claim.domain, claim.selector, claim.kind, book)
    except keys.UnusableKeyError as error:
        return PERMERROR, str(error)
    if key.strict and claim.user_domain != claim.domain:
        return PERMERROR, "unfit_key"
    if not key.has_signed(signed_bytes(source, claim, one), claim.signature):
        return FAIL, "wrong"
    return PASS, ""


def _is_left_open(source: Source, claim: Claim) -> bool:
    """Tell whether there is a From beyond those that are signed (RFC 6376 8.15)."""
    return claim.names.count("from") < len(source.named("from"))


def signed_bytes(source: Source, claim: Claim, one: RawField) -> bytes:
    """Return the bytes that a claim's signature is made of (RFC 6376 3.7)."""
    form = claim.forms[0]
    chosen = [found.canonical(form) for found in source.selected(claim.names)]
    own = without_signature(one).canonical(form).removesuffix(b"\r\n")
    return b"".join([*chosen, own])


def without_signature(one: RawField) -> RawField:
    """Return a field as it was when it was signed: its `b` is empty."""
    head, colon, value = one.whole.partition(b":")
    kept = b";".join(_emptied(value.split(b";")))
    end = b"" if kept.endswith(b"\r\n") else b"\r\n"
    return RawField(one.name, head + colon + kept + end)


def _emptied(parts: list[bytes]) -> Iterator[bytes]:
    for part in parts:
        name, equals, _value = part.partition(b"=")
        is_signature = equals and name.strip(b" \t\r\n") == b"b"
        yield name + equals if is_signature else part
