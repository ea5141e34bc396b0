"""Whose word a header is: our own servers', or somebody's whom we do not know.

Servers prepend. Above the point where a mail came in from outside, all is our own
servers' word; below it, the sender may have written everything, but for what a
provider is known to write there. Who the provider is and what is known of it tells
its profile (`profiles`); whoever reads a header asks here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..mail.addresses import is_below
from ..mail.headers import Field, Headers
from .profiles import (
    CPANEL,
    EXCHANGE,
    MAILSCANNER,
    MICROSOFT,
    SOFTWARE,
    Profile,
    is_program,
    of_server,
)
from .received import Hop, IPAddress, hops, is_inside, peer_addresses

#: Most fields below the border in which a provider's own last one is looked for.
BLOCK_LIMIT = 50

# RFC 5321 4.4: the number under which the writer of a line has the mail.
_NUMBER = re.compile(r"\sid\s+<?([\w.-]{4,100})", re.IGNORECASE)
_VERIFIED_NAME = re.compile(r"\s*([\w.-]+)\s+\[")
# Names that hosters and access providers give to what their customers use.
_RENTED = re.compile(
    r"(?:^|[.-])(?:vps|vmi?|vds|static|dyn|dynamic|pool|a?dsl|dial(?:up)?|ppp|cable|"
    r"client|customer|cust|ip|rev|reverse|broadband|dhcp|user|nat)s?(?:[-.\d]|$)"
    r"|(?:\d{1,3}[.-]){3}\d"
)
_MARKS = {name.lower(): one for one in SOFTWARE for name in one.marks}
_LOCAL_NAMES = frozenset({"localhost", "localdomain", "[127.0.0.1]", "[ipv6:::1]"})
_EXIM_HELO = re.compile(r"(?:^|\s)helo=([^\s()]+)")
# What Proofpoint's filter says at HELO on its own host, over the loopback network.
_FILTERS = frozenset({"pps.filterd", "pps.reinject"})


class Trace(Headers):
    """The fields that our own servers wrote on top of a mail.

    `profile`: of the provider that wrote them, None if it is not known. `edge`: the
    line, the last one, of the server that took the mail in from outside; None where no
    profile tells that it was one.
    """

    def __init__(
        self,
        fields: Iterable[Field] = (),
        profile: Profile | None = None,
        edge: Hop | None = None,
    ) -> None:
        super().__init__(fields)
        self.profile = profile
        self.edge = edge


def trusted_trace(
    headers: Headers,
    own_hosts: frozenset[str] = frozenset(),
    profile: Profile | None = None,
) -> Trace:
    """Return the fields that our own servers wrote on top of the mail.

    They end with the `Received` line of the server that took the mail in from
    outside: servers prepend, so that everything below was there when it came. A
    mail without any own `Received` is trusted down to the first foreign one, and
    whole when it has none at all.

    `own_hosts`: names of the receiving servers, a name covers its subdomains. When
    empty, the topmost `Received` tells the server, and the lines of the server that
    handed over by LMTP are its own, too. Those of a filter that gave the mail back over
    the loopback network count only where own hosts are known: nothing in the mail
    tells a filter from a stranger who came through a forwarded port.

    `profile`: of the account's provider. It tells the chain if the topmost `Received`
    is the provider's. Without one, it is the profile of the topmost `Received`'s writer
    if its whole chain is there, and `own_hosts` has only servers of its.
    """
    known = profile or _of_topmost(headers, own_hosts)
    border, edge = _chain(headers, known) if known else (0, None)
    if border and (profile or edge):
        return Trace(headers[:border], known, edge)
    if headers and is_program(headers[0].name):
        return Trace()
    border = _border(headers, own_hosts)
    return Trace(headers[:border], _software(headers, border))


def fits(headers: Headers, profile: Profile) -> bool:
    """Tell whether a mail's topmost `Received` is of the profile's provider."""
    return bool(_chain(headers, profile)[0])


def profile_of(trace: Sequence[Field]) -> Profile | None:
    """Return the profile of the provider that wrote a trace, None if unknown."""
    return trace.profile if isinstance(trace, Trace) else None


def is_edge(hop: Hop, profile: Profile) -> bool:
    """Tell whether a line is that of a server which takes mail in from outside."""
    text = f"{hop.by} ({hop.note})" if hop.note else hop.by
    is_told = bool(profile.edge_via and hop.via == profile.edge_via)
    return is_told or bool(profile.edge and profile.edge.search(text))


def below_edge(trace: Sequence[Field], headers: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields between the border and the next server's `Received`.

    The edge's server may have written them, or the sender; () where no edge is known.
    """
    if not isinstance(trace, Trace) or not trace.edge:
        return ()
    return tuple(_up_to_received(list(headers)[len(trace) :]))


def own_block(trace: Sequence[Field], headers: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields below the border of which the provider is known to be the
    author: down to the last one that it always writes.

    () where the mail came from inside, which such a server does not look at.
    """
    profile = profile_of(trace)
    if not profile or not profile.closing[0]:
        return ()
    below = below_edge(trace, headers)[:BLOCK_LIMIT]
    if not below or not _is_from_outside(trace):
        return ()
    name, value = profile.closing[0].lower(), profile.closing[1]
    for index, field in enumerate(below):
        if field.name.lower() == name and value.search(field.value[:2000]):
            return below[: index + 1]
    return ()


def _up_to_received(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        if field.name.lower() == "received":
            return
        yield field


def _is_from_outside(trace: Sequence[Field]) -> bool:
    edge = trace.edge if isinstance(trace, Trace) else None
    seen = peer_addresses(edge) if edge else []
    return bool(seen) and not any(is_inside(one) for one in seen)


# ------------------------------------------------------------
# A KNOWN PROVIDER
# ------------------------------------------------------------


def _of_topmost(headers: Headers, own_hosts: frozenset[str]) -> Profile | None:
    """Return the profile that the topmost `Received` tells, None if there is none.

    `own_hosts`: the receiving servers, as far as they are known.
    """
    top = next((hop for _index, hop in hops(headers)), None)
    known = of_server(top.by) if top else None
    # Exchange Online wrote the same as Exchange Server does until 2017.
    if top and top.via == EXCHANGE.top_via and known is not MICROSOFT:
        return EXCHANGE if not own_hosts or covers(own_hosts, top.by) else None
    return known if known and _has_all(known, own_hosts) else None


def _top(headers: Headers) -> str:
    """Return the host that wrote the topmost `Received`, or ""."""
    return next((hop.by for _index, hop in hops(headers)), "")


def _chain(headers: Headers, profile: Profile) -> tuple[int, Hop | None]:
    """Return (how many fields, from the top, the provider wrote, its edge's line).

    Its servers hand over to one another, by name and by network, down to the edge. 0
    if the topmost `Received` is not the provider's; None if no edge's line is reached.
    """
    if profile.top_via:
        return _chain_by_way(headers, profile)
    border = 0
    for index, hop in hops(headers):
        if not _is_server(profile, hop.by):
            break
        border = index + 1
        if is_edge(hop, profile):
            return border, hop
        if not _is_inner(hop, profile):
            is_open = profile.edge_by_peer and _is_open(hop, profile)
            return border, hop if is_open else None
    return border, None


def _chain_by_way(headers: Headers, profile: Profile) -> tuple[int, Hop | None]:
    """Return the same of servers that have no name of the provider's.

    Each hands over to the one that wrote the line above, down to the one that took the
    mail in from outside, or of a user.
    """
    border, expected = 0, ""
    for index, hop in hops(headers):
        # The edge may go by the name under which the Internet knows it.
        is_edge_line = hop.via == profile.edge_via
        is_next = hop.by == expected or is_edge_line
        if not (is_next if border else hop.via == profile.top_via):
            break
        border, expected = index + 1, hop.sender
        if is_edge_line or hop.signed_in:
            return border, hop
    return border, None


def _has_all(profile: Profile, hosts: Iterable[str]) -> bool:
    """Tell whether all these names are of the provider's servers, or above them."""
    return all(
        _is_server(profile, host) or any(is_below(one, host) for one in profile.chain)
        for host in hosts
    )


def _is_server(profile: Profile, host: str) -> bool:
    return covers(profile.chain, host) or bool(
        profile.backends.match(host) or profile.hosts.match(host)
    )


def _is_inner(hop: Hop, profile: Profile) -> bool:
    """Tell whether one server of the provider had the mail of another by this line."""
    if hop.submitted or hop.signed_in:
        return False
    if hop.lmtp or profile.backends.match(hop.by):
        return True
    seen = peer_addresses(hop)
    if seen and all(one.is_loopback for one in seen) and _called(hop) in _LOCAL_NAMES:
        return True
    is_public = not all(is_inside(one) for one in seen)
    verified = _VERIFIED_NAME.match(hop.peer) if is_public else None
    # A customer in the provider's network says at HELO what he likes.
    return (
        _is_server(profile, hop.sender)
        and bool(seen)
        and all(_is_among(one, profile) for one in seen)
        and (not verified or _is_server(profile, verified[1]))
    )


def _is_open(hop: Hop, profile: Profile) -> bool:
    """Tell whether a server had the mail from the public Internet, of a stranger."""
    seen = peer_addresses(hop)
    is_submitted = hop.submitted or hop.signed_in
    return bool(seen) and not (
        is_submitted or any(_is_among(one, profile) for one in seen)
    )


def _is_among(address: IPAddress, profile: Profile) -> bool:
    """Tell whether an address is one of the provider's servers."""
    return is_inside(address) or any(address in one for one in profile.networks)


def _software(headers: Headers, border: int) -> Profile | None:
    """Return the profile of the software that has marked the mail, None if unknown.

    `border`: so many fields our own servers wrote.
    """
    # The number is proof; all other marks anybody may set, and so hide a filter's word.
    if scanner := _numbered(headers, border, MAILSCANNER):
        return scanner
    if _names_itself(headers, CPANEL):
        return CPANEL
    return next((one for name, one in _MARKS.items() if headers.get_all(name)), None)


def _numbered(headers: Headers, border: int, profile: Profile) -> Profile | None:
    """Return the profile if its filter names the number that an own server gave the
    mail, with the header in which that filter speaks; else None."""
    end = profile.number
    named = [name for name in headers.names() if name.endswith(end)]
    own = _numbers(headers[:border]) if named else frozenset()
    for name in named:
        values = (one.strip()[:100].partition(".")[0] for one in headers.get_all(name))
        if not own.isdisjoint(values):
            return replace(profile, tail=(f"{name.removesuffix(end)}{profile.check}",))
    return None


def _numbers(trace: Iterable[Field]) -> frozenset[str]:
    """Return the numbers under which own servers took the mail in."""
    lines = (one.value[:2000] for one in trace if one.name.lower() == "received")
    return frozenset(found for line in lines for found in _NUMBER.findall(line))


def _names_itself(headers: Headers, profile: Profile) -> bool:
    """Tell whether a report names the host that wrote the topmost `Received`."""
    names, told = profile.report
    values = (value for name in names for value in headers.get_all(name)[-3:])
    hosts = {found[1].lower() for one in values if (found := told.search(one[:1000]))}
    return bool(hosts) and _top(headers) in hosts


# ------------------------------------------------------------
# EVERYBODY ELSE
# ------------------------------------------------------------


def _border(headers: Headers, own_hosts: frozenset[str]) -> int:
    """Return how many fields, from the top, our own servers wrote."""
    own, handed_over, border = set(own_hosts), not own_hosts, None
    for index, hop in hops(headers):
        if not handed_over and not covers(own, hop.by):
            return index if border is None else border
        border = index + 1
        own.add(hop.by)
        if not _from_inside(hop, own, own_hosts):
            return border
        own |= {hop.sender, *_LOCAL_NAMES} - {""}
        # Whoever hands over by LMTP, or without a `from`, is the same system.
        handed_over = hop.lmtp or not hop.sender
    return len(headers) if border is None else border


def _from_inside(hop: Hop, own: set[str], own_hosts: frozenset[str]) -> bool:
    """Tell whether the writer of this hop had the mail from one of our own servers."""
    if hop.submitted:
        return False
    if not hop.sender or hop.scanned:
        return True
    seen = peer_addresses(hop)
    if hop.lmtp and all(is_inside(one) or str(one) in own_hosts for one in seen):
        # Outsiders don't speak it, unless the writer saw one of them.
        return True
    if seen and all(address.is_loopback for address in seen):
        return bool(own_hosts) and _is_filter(hop, own, own_hosts)
    return _is_own_peer(hop, seen, own_hosts)


def _is_filter(hop: Hop, own: set[str], own_hosts: frozenset[str]) -> bool:
    """Tell whether a content filter on the writer's host gave the mail back to it.

    It calls itself by a local name, or has that of an own host where it is looked up:
    `localhost` is there for whoever comes over the loopback network. Through a
    forwarded port comes who calls himself anything: only where own hosts are known it
    counts. Whoever has signed in is a user, whose word all below is.
    """
    verified = _VERIFIED_NAME.match(hop.peer)
    is_listed = covers(own_hosts, verified[1] if verified else "")
    is_named = covers(own | _LOCAL_NAMES | _FILTERS, _called(hop))
    return not hop.signed_in and (is_named or is_listed)


def _called(hop: Hop) -> str:
    """Return what the peer of a hop calls itself.

    Exim writes the address that it saw, or the name that it looked up, and what the
    peer said beside it: `from [127.0.0.1] (helo=mail.customer.test)`.
    """
    claim = _EXIM_HELO.search(hop.peer)
    return claim[1] if claim else hop.sender


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
    return private and covers(own_hosts, hop.sender)


def _is_own_name(name: str, own_hosts: frozenset[str]) -> bool:
    """Tell whether a verified name is that of an own host.

    A hoster's customers have machines below its domain, too: their names are made of a
    kind and a number, and count only if they are told in full.
    """
    return name in own_hosts or (covers(own_hosts, name) and not _RENTED.search(name))


def covers(hosts: Iterable[str], host: str) -> bool:
    """Tell whether `host` is one of `hosts` or below one of them."""
    labels = host.strip(".").split(".")[-10:]
    names = {".".join(labels[start:]) for start in range(len(labels))}
    return bool(host) and not {host, *names}.isdisjoint(hosts)
