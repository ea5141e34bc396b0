"""For whom a mail in a catch-all mailbox was meant.

The address that the sender's server gave at RCPT TO stands in no header of the
sender's. The receiving server may have written it down: in a trace header that it
put on top, or in the `for` clause of its own `Received` line (RFC 5321 4.4). Only
what stands above the point where the mail came in from outside is its word; all
below it, the sender may have made up.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from ..mail.addresses import MAX_ADDRESSES, normalize, parse_list
from ..mail.headers import Field, Headers
from .profiles import Profile

IPAddress = IPv4Address | IPv6Address

#: Trace headers that carry the original recipient, the surest first.
DEFAULT_HEADER_ORDER = (
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "X-RCPT-TO",
    "X-Gm-Original-To",
    "X-Forwarded-To",
    "Delivered-To",
)
#: Headers in which the sender names the recipients.
VISIBLE_HEADERS = ("To", "Cc", "Resent-To", "Resent-Cc")

_WRITTEN_BY_SENDERS = frozenset(
    {"bcc", "from", "sender", "reply-to", "return-path", "received", "resent-bcc"}
)
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,70}")
# RFC 5321 4.4, in a value without its comments.
_BY = re.compile(r"(?:^|\s)by\s+([^\s;]+)", re.IGNORECASE)
_FROM = re.compile(r"\s*from\b\s*(\S*)", re.IGNORECASE)
_FOR = re.compile(r"(?:^|\s)for\s+<?([^\s<>;]+)>?", re.IGNORECASE)
_WITH = re.compile(r"\swith\s+(\S+)", re.IGNORECASE)
_LMTP = re.compile(r"(?:utf8)?lmtp", re.IGNORECASE)
_WITH_LOCAL = re.compile(r"\swith\s+local\b", re.IGNORECASE)
# What a peer may choose: an address, which may hold any text in quotes.
_CHOSEN = re.compile(r"[\"<]|\sfor\s", re.IGNORECASE)
_COMMENT_MARK = re.compile(r"[()]")
# The space tells the writer's comment from parentheses in the name at HELO.
_UP_TO_PEER = re.compile(r"\s*from\s+[^\s()]+\s+\Z", re.IGNORECASE)
# Postfix pickup(8), Sendmail's submission: a program on the host wrote this mail.
_SUBMITTED = re.compile(r"\(from\s|,\s+from userid\s", re.IGNORECASE)
# In the peer's comment: its own claim, its name as the writer looked it up, and
# its network address.
_HELO = re.compile(r"\b[he]{2}lo[= ]\s*[^\s)]+|\bident=\S+")
_VERIFIED_NAME = re.compile(r"\s*([\w.-]+)\s+\[")
# Names that hosters and access providers give to what their customers use.
_RENTED = re.compile(
    r"(?:^|[.-])(?:vps|vmi?|vds|static|dyn|dynamic|pool|a?dsl|dial(?:up)?|ppp|cable|"
    r"client|customer|cust|ip|rev|reverse|broadband|dhcp|user|nat)s?(?:[-.\d]|$)"
    r"|(?:\d{1,3}[.-]){3}\d"
)
_ADDRESS_WORD = re.compile(r"(?:ipv6:)?[0-9a-f.:]{3,45}")
_LOCAL_NAMES = frozenset({"localhost", "localdomain", "[127.0.0.1]", "[ipv6:::1]"})


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


@dataclass(frozen=True)
class Hop:
    """One `Received` line: who wrote it, from whom it had the mail, for whom.

    Hosts are lower case, "" when missing, a sender that cannot be read is "?". `peer`
    is what the writer itself saw of the sending side (the text in parentheses).
    `submitted`: a program on the writing host made the mail, so that all below is
    that program's word.
    """

    by: str
    sender: str
    peer: str
    recipient: str
    lmtp: bool
    submitted: bool


def find_recipients(
    headers: Headers,
    *,
    own_domains: frozenset[str],
    account_addresses: frozenset[str],
    real_mailboxes: frozenset[str] = frozenset(),
    header_order: tuple[str, ...] = DEFAULT_HEADER_ORDER,
    own_hosts: frozenset[str] = frozenset(),
    profile: Profile | None = None,
) -> Recipients:
    """Return the recipients of a mail in a catch-all mailbox, each with its evidence.

    `own_domains`: the domains served; `account_addresses`: the mailbox's own;
    `real_mailboxes`: addresses that have a mailbox elsewhere; `own_hosts`: names
    of the receiving servers, a name covers its subdomains, empty means that the
    topmost `Received` tells; `profile`: what is known of the provider. Never raises;
    at most 10,000 addresses per group.
    """
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
# TRUST
# ------------------------------------------------------------


def trusted_trace(
    headers: Headers,
    own_hosts: frozenset[str] = frozenset(),
    profile: Profile | None = None,
) -> tuple[Field, ...]:
    """Return the fields that our own servers wrote on top of the mail.

    They end with the `Received` line of the server that took the mail in from
    outside: servers prepend, so that everything below was there when it came. A
    mail without any own `Received` is trusted down to the first foreign one, and
    whole when it has none at all.

    `own_hosts`: names of the receiving servers, a name covers its subdomains. When
    empty, the topmost `Received` tells the server, and the lines of its filters and
    of the server that handed over by LMTP are its own, too.

    `profile`: of the account's provider. It tells the chain if the topmost `Received`
    is the provider's.
    """
    border = _profile_border(headers, profile) if profile else 0
    return tuple(headers[: border or _border(headers, own_hosts)])


def fits(headers: Headers, profile: Profile) -> bool:
    """Tell whether a mail's topmost `Received` is of the profile's provider."""
    return bool(_profile_border(headers, profile))


def parse_received(value: str) -> Hop:
    """Return the parts of one `Received` value (RFC 5321 4.4); never raises."""
    plain, peer = _split_comments(value)
    sender = _FROM.match(plain)
    plain = plain[sender.end() :] if sender else plain
    recipients = _FOR.findall(plain)
    protocol = _WITH.search(_CHOSEN.split(plain, maxsplit=1)[0])
    return Hop(
        by=_host(_BY.search(plain)),
        sender=_host(sender) or ("?" if sender else ""),
        peer=peer.lower(),
        # The writer's own clause is the last one: what stands before it may hold
        # text that the sender chose.
        recipient=normalize(recipients[-1]) if recipients else "",
        lmtp=bool(protocol and _LMTP.match(protocol[1])),
        submitted=bool(_SUBMITTED.search(value) or _WITH_LOCAL.search(plain)),
    )


def peer_addresses(hop: Hop) -> list[IPAddress]:
    """Return the network addresses that the writer of a line saw itself.

    `from x (y [192.0.2.1])` has one.
    """
    text = _HELO.sub(" ", hop.peer)
    if hop.peer and not text.strip():
        text = hop.sender  # Exim: `from [192.0.2.1] (helo=x)`
    words = _ADDRESS_WORD.findall(text)[:10]
    return [address for word in words if (address := _ip_address(word))]


def _profile_border(headers: Headers, profile: Profile) -> int:
    """Return how many fields, from the top, the provider wrote; 0 if not the top one.

    Its servers hand over to one another, by name and by network, down to the edge.
    """
    border = 0
    for index, hop in _hops(headers):
        if not _covers(profile.chain, hop.by):
            return border
        border = index + 1
        if profile.edge.search(hop.by) or not _is_inner(hop, profile):
            return border
    return border


def _is_inner(hop: Hop, profile: Profile) -> bool:
    """Tell whether one server of the provider had the mail of another by this line."""
    if hop.submitted or not _covers(profile.chain, hop.sender):
        return False
    seen = peer_addresses(hop)
    return bool(seen) and all(
        one.is_private or any(one in network for network in profile.networks)
        for one in seen
    )


def _border(headers: Headers, own_hosts: frozenset[str]) -> int:
    """Return how many fields, from the top, our own servers wrote."""
    own, handed_over, border = set(own_hosts), not own_hosts, None
    for index, hop in _hops(headers):
        if not handed_over and not _covers(own, hop.by):
            return index if border is None else border
        border = index + 1
        own.add(hop.by)
        if not _from_inside(hop, own, own_hosts):
            return border
        own |= {hop.sender, *_LOCAL_NAMES} - {""}
        # Whoever hands over by LMTP, or without a `from`, is the same system.
        handed_over = hop.lmtp or not hop.sender
    return len(headers) if border is None else border


def _hops(headers: Headers) -> Iterator[tuple[int, Hop]]:
    """Yield (index, hop) of `Received` lines, without qmail's `invoked by` notes."""
    for index, field in enumerate(headers):
        if _is_named(field, "Received"):
            hop = parse_received(field.value)
            if hop.by or hop.sender:
                yield index, hop


def _from_inside(hop: Hop, own: set[str], own_hosts: frozenset[str]) -> bool:
    """Tell whether the writer of this hop had the mail from one of our own servers."""
    if hop.submitted:
        return False
    if hop.lmtp or not hop.sender:
        return True
    seen = peer_addresses(hop)
    if seen and all(address.is_loopback for address in seen):
        # A content filter on the same host, which calls itself by a local name.
        verified = _VERIFIED_NAME.match(hop.peer)
        names = {hop.sender, verified[1] if verified else ""}
        return any(_covers(own | _LOCAL_NAMES, name) for name in names)
    return _is_own_peer(hop, seen, own_hosts)


def _is_own_peer(hop: Hop, seen: list[IPAddress], own_hosts: frozenset[str]) -> bool:
    """Tell whether what the writer saw itself of its peer names an own host.

    The name given at HELO is the peer's own claim; it counts only from a private
    network.
    """
    if any(str(address) in own_hosts for address in seen):
        return True
    verified = _VERIFIED_NAME.match(hop.peer)
    if verified and "forged" not in hop.peer and _is_own_name(verified[1], own_hosts):
        return True
    private = bool(seen) and all(address.is_private for address in seen)
    return private and _covers(own_hosts, hop.sender)


def _is_own_name(name: str, own_hosts: frozenset[str]) -> bool:
    """Tell whether a verified name is that of an own host.

    A hoster's customers have machines below its domain, too: their names are made of a
    kind and a number, and count only if they are told in full.
    """
    return name in own_hosts or (_covers(own_hosts, name) and not _RENTED.search(name))


def _covers(hosts: Iterable[str], host: str) -> bool:
    """Tell whether `host` is one of `hosts` or below one of them."""
    labels = host.strip(".").split(".")[-10:]
    names = {".".join(labels[start:]) for start in range(len(labels))}
    return bool(host) and not {host, *names}.isdisjoint(hosts)


def _ip_address(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text.removeprefix("ipv6:"))
    except ValueError:
        return None


def _host(match: re.Match[str] | None) -> str:
    return match[1].lower().rstrip(".") if match else ""


def _split_comments(value: str) -> tuple[str, str]:
    """Return (value without comments, the comment that follows the `from` host)."""
    plain: list[str] = []
    peer: list[str] = []
    depth = at = 0
    is_peer = False
    for mark in _COMMENT_MARK.finditer(value):
        text, at = value[at : mark.start()], mark.end()
        if not depth:
            plain.append(text)
            is_peer = len(plain) == 1 and bool(_UP_TO_PEER.match(text))
        elif is_peer:
            peer.append(text)
        depth = max(0, depth + (1 if mark[0] == "(" else -1))
    if not depth:
        plain.append(value[at:])
    return " ".join(plain), " ".join(peer)


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
    for name in order:
        yield [
            r for field in trace if _is_named(field, name) for r in _listed_in(field)
        ]
    hops = (field for field in trace if _is_named(field, "Received"))
    yield [r for field in hops if (r := _received_for(field)).address]


def _visible(
    headers: Headers, own_domains: frozenset[str], account_addresses: frozenset[str]
) -> tuple[Recipient, ...]:
    fields = (f for name in VISIBLE_HEADERS for f in headers if _is_named(f, name))
    found = (recipient for field in fields for recipient in _listed_in(field))
    return _select(found, own_domains, account_addresses)


def _account(
    headers: Headers,
    trace: Sequence[Field],
    order: Iterable[str],
    account_addresses: frozenset[str],
) -> tuple[Recipient, ...]:
    """Return the mailbox's own address with the evidence that the mail went to it."""
    groups = list(_evidence(trace, order))
    visible = (f for name in VISIBLE_HEADERS for f in headers if _is_named(f, name))
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


def _is_named(field: Field, name: str) -> bool:
    return field.name.lower() == name.lower()


def _listed(headers: Headers, name: str) -> tuple[str, ...]:
    return parse_list(", ".join(headers.get_all(name)))


def _listed_in(field: Field) -> Iterator[Recipient]:
    shown = _shown(field)
    is_delivered = _is_named(field, "Delivered-To")
    for address in parse_list(field.value):
        plain = _without_prefix(address) if is_delivered else address
        yield Recipient(plain, field.name, shown)


def _without_prefix(address: str) -> str:
    """Return the address without what qmail puts before that of a virtual domain.

    `example.com-hoa@example.com` is `hoa@example.com` (qmail-send(8), virtualdomains).
    """
    local, _at, host = address.rpartition("@")
    rest = local.removeprefix(f"{host}-")
    return f"{rest}@{host}" if rest else address


def _received_for(field: Field) -> Recipient:
    hop = parse_received(field.value)
    return Recipient(hop.recipient, field.name, _shown(field))


def _shown(field: Field) -> str:
    return " ".join(field.value[:1000].split())
