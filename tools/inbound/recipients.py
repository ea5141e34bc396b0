"""For whom a mail in a catch-all mailbox was meant.

The address that the sender's server gave at RCPT TO stands in no header of the
sender's. The receiving server may have written it down: in a trace header that it
put on top, or in the `for` clause of its own `Received` line (RFC 5321 4.4). Only
what stands above the point where the mail came in from outside is its word; all
below it, the sender may have made up.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..mail.addresses import MAX_ADDRESSES, parse_list
from ..mail.headers import Field, Headers
from .profiles import Profile
from .received import parse_received
from .trust import trusted_trace

#: Trace headers that carry the original recipient, the surest first.
DEFAULT_HEADER_ORDER = (
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "X-RCPT-TO",
    "X-Orig-To",
    "X-Gm-Original-To",
    "X-Forwarded-To",
    "Delivered-To",
)
#: Headers in which the sender names the recipients.
VISIBLE_HEADERS = ("To", "Cc", "Resent-To", "Resent-Cc")

_WRITTEN_BY_SENDERS = frozenset(
    {"bcc", "from", "sender", "reply-to", "return-path", "received", "resent-bcc"}
)
# Plesk's popuser has this number on every machine.
_PLESK = re.compile(r"\s*\(qmail \d+ invoked by uid 110\)")
_NUMBERED = re.compile(r"\A\d{1,9}-")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,70}")


@dataclass(frozen=True)
class Recipient:
    """One address the mail was meant for, and the header that says so."""

    address: str
    header: str
    value: str


@dataclass(frozen=True)
class Recipients:
    """Who must be settled and who may match.

    `original_known`: the server told the original recipient. `only_account`: no
    address but the mailbox's own was found.
    """

    must_settle: tuple[Recipient, ...] = ()
    may_match: tuple[Recipient, ...] = ()
    original_known: bool = False
    only_account: bool = False


def find_recipients(
    headers: Headers,
    *,
    own_domains: frozenset[str],
    account_addresses: frozenset[str],
    real_mailboxes: frozenset[str] = frozenset(),
    header_order: tuple[str, ...] = DEFAULT_HEADER_ORDER,
    own_hosts: frozenset[str] = frozenset(),
    profile: Profile | None = None,
    trace: Sequence[Field] | None = None,
) -> Recipients:
    """Return the recipients of a mail in a catch-all mailbox, each with its evidence.

    `own_domains`: the domains served; `account_addresses`: the mailbox's own;
    `real_mailboxes`: addresses that have a mailbox elsewhere; `own_hosts`: names
    of the receiving servers, a name covers its subdomains, empty means that the
    topmost `Received` tells; `profile`: what is known of the provider; `trace`: what
    `trust.trusted_trace` returns for these, if it was asked already. Never raises;
    at most 10,000 addresses per group.
    """
    if trace is None:
        trace = trusted_trace(headers, own_hosts, profile)
    originals = _original(trace, header_order, own_domains, account_addresses)
    visible = _visible(headers, own_domains, account_addresses)
    if originals:
        known = {recipient.address for recipient in originals}
        others = tuple(r for r in visible if r.address not in known)
        return Recipients(originals, others, original_known=True)
    wanted = tuple(r for r in visible if r.address not in real_mailboxes)
    if wanted:
        return Recipients(wanted)
    account = _account(headers, trace, header_order, account_addresses)
    return Recipients(account, only_account=bool(account))


def is_trace_name(name: str) -> bool:
    """Tell whether a header of this name may tell the original recipient.

    It has a plain name, and none in which the sender writes.
    """
    visible = {one.lower() for one in VISIBLE_HEADERS} | _WRITTEN_BY_SENDERS
    return bool(_HEADER_NAME.fullmatch(name)) and name.lower() not in visible


def header_order(learnt: Iterable[str]) -> tuple[str, ...]:
    """Return the headers to look at, those that were learnt of the provider first."""
    known = dict.fromkeys(name for name in learnt if is_trace_name(name))
    first = {name.lower() for name in known}
    rest = (name for name in DEFAULT_HEADER_ORDER if name.lower() not in first)
    return (*known, *rest)


def is_cc_only(headers: Headers, address: str) -> bool:
    """Tell whether the normalised `address` stands in Cc and not in To."""
    return address in _listed(headers, "Cc") and address not in _listed(headers, "To")


# ------------------------------------------------------------
# CANDIDATES
# ------------------------------------------------------------


def _original(
    trace: Sequence[Field],
    order: Iterable[str],
    own_domains: frozenset[str],
    account_addresses: frozenset[str],
) -> tuple[Recipient, ...]:
    """Return the original recipients: of the first kind of evidence that yields any."""
    for group in _evidence(trace, order):
        found = _select(group, own_domains, account_addresses)
        if found:
            return found
    return ()


def _evidence(
    trace: Sequence[Field], order: Iterable[str]
) -> Iterator[list[Recipient]]:
    """Yield groups of recipients by kind of evidence, the surest first."""
    named = _by_name(trace)
    hops = named.get("received", [])
    numbered = any(_PLESK.match(field.value) for field in hops)
    for name in order:
        found = named.get(name.lower(), ())
        yield [r for field in found for r in _listed_in(field, numbered)]
    yield [r for field in hops if (r := _received_for(field)).address]


def _visible(
    headers: Headers, own_domains: frozenset[str], account_addresses: frozenset[str]
) -> tuple[Recipient, ...]:
    found = (one for field in _visible_fields(headers) for one in _listed_in(field))
    return _select(found, own_domains, account_addresses)


def _visible_fields(headers: Headers) -> Iterator[Field]:
    named = _by_name(headers)
    for name in VISIBLE_HEADERS:
        yield from named.get(name.lower(), ())


def _account(
    headers: Headers,
    trace: Sequence[Field],
    order: Iterable[str],
    account_addresses: frozenset[str],
) -> tuple[Recipient, ...]:
    """Return the mailbox's own address with the evidence that the mail went to it."""
    groups = list(_evidence(trace, order))
    visible = _visible_fields(headers)
    groups.append([r for field in visible for r in _listed_in(field)])
    found = (r for group in groups for r in group if r.address in account_addresses)
    return tuple(r for r in [next(found, None)] if r)


def _select(
    found: Iterable[Recipient], own_domains: frozenset[str], dropped: frozenset[str]
) -> tuple[Recipient, ...]:
    """Return those on own domains and not dropped, each address once."""
    kept: dict[str, Recipient] = {}
    for recipient in found:
        host = recipient.address.rpartition("@")[2]
        if host in own_domains and recipient.address not in dropped:
            kept.setdefault(recipient.address, recipient)
        if len(kept) >= MAX_ADDRESSES:
            break
    return tuple(kept.values())


def _by_name(fields: Iterable[Field]) -> dict[str, list[Field]]:
    """Return the fields by their names in lower case."""
    found: dict[str, list[Field]] = {}
    for field in fields:
        found.setdefault(field.name.lower(), []).append(field)
    return found


def _is_named(field: Field, name: str) -> bool:
    return field.name.lower() == name.lower()


def _listed(headers: Headers, name: str) -> tuple[str, ...]:
    return parse_list(", ".join(headers.get_all(name)))


def _listed_in(field: Field, numbered: bool = False) -> Iterator[Recipient]:
    shown = _shown(field)
    is_delivered = _is_named(field, "Delivered-To")
    for address in parse_list(field.value):
        plain = _without_prefix(address, numbered) if is_delivered else address
        yield Recipient(plain, field.name, shown)


def _without_prefix(address: str, numbered: bool) -> str:
    """Return the address without what qmail puts before that of a virtual domain.

    `example.com-hoa@example.com` is `hoa@example.com` (qmail-send(8), virtualdomains);
    Plesk has a number for each domain: `3-hoa@example.com`.
    """
    local, _at, host = address.rpartition("@")
    rest = local.removeprefix(f"{host}-")
    if numbered and rest == local:
        rest = _NUMBERED.sub("", local, count=1)
    return f"{rest}@{host}" if rest else address


def _received_for(field: Field) -> Recipient:
    hop = parse_received(field.value)
    return Recipient(hop.recipient, field.name, _shown(field))


def _shown(field: Field) -> str:
    return " ".join(field.value[:1000].split())
