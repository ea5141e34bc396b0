"""From which network a mail came: what its sender cannot choose freely.

Whoever sends a mail may write any name into it. The address that connected to our
provider's server stands in the line that this server wrote itself.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..mail.headers import Field
from .profiles import Profile
from .received import (
    NO_SERVER,
    Hop,
    IPAddress,
    is_inside,
    parse_received,
    peer_addresses,
)
from .trust import Trace, profile_of

#: Neighbours in a network of this size are taken for one sender: providers give a
#: customer at least so much.
PREFIXES = {4: 24, 6: 64}
# What a host called itself, and the name by which a server has looked it up.
_CLAIM = re.compile(r"\b[he]{2}lo[= ]\s*([^\s()]+)")
_NAME = re.compile(r"\s*([^\s()\[\]]+)\s*\[")
_HOST = re.compile(r"(?=.*[a-z])[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


@dataclass(frozen=True)
class Host:
    """A host that hands mail over: its network address, what it called itself at HELO,
    and its name in DNS as the receiving server has looked it up; "" each if unknown.
    `is_nameless`: that server says that it has none."""

    address: str = ""
    helo: str = ""
    name: str = ""
    is_nameless: bool = False


def sender_network(trace: Sequence[Field], profile: Profile | None = None) -> str:
    """Return the network that handed the mail to our servers, such as `192.0.2.0/24`.

    `trace`: what `trust.trusted_trace` returns. Where it is known whose servers wrote
    it, only the line of one that takes mail in from outside tells. "" when there is
    none or no public address in it, or that of the provider's own servers; never
    raises.
    """
    address = sender_address(trace, profile)
    return network_of(address) if address else ""


def sender_address(
    trace: Sequence[Field], profile: Profile | None = None
) -> IPAddress | None:
    """Return the public address of the host that handed the mail to our servers, as of
    `sender_network`; None where there is none."""
    hop = edge_of(trace)
    if not hop:
        return None
    known = profile_of(trace) or profile
    inner = known.networks if known else ()
    found = (
        address
        for address in peer_addresses(hop)
        if not any(address in network for network in inner)
    )
    return next((address for address in found if network_of(address)), None)


def sender_host(trace: Sequence[Field], profile: Profile | None = None) -> Host:
    """Return the host that handed the mail to our servers, as they saw it.

    Parameters as for `sender_network`; never raises.
    """
    hop = edge_of(trace)
    address = sender_address(trace, profile)
    if not hop or not address:
        return Host()
    # Exim, qmail and Yahoo write what the host calls itself into the comment.
    claim = _CLAIM.search(hop.peer)
    seen = _NAME.match(hop.peer)
    return Host(
        address=str(getattr(address, "ipv4_mapped", None) or address).partition("%")[0],
        helo=_name(claim[1] if claim else hop.sender),
        name=_name(hop.sender if claim else seen[1] if seen else ""),
        is_nameless=not has_reverse_name(trace),
    )


def _name(text: str) -> str:
    """Return a host's name, "" for what is none, such as an address or `unknown`."""
    return text if _HOST.fullmatch(text) and text != "unknown" else ""


def was_seen_by_no_server(trace: Sequence[Field]) -> bool:
    """Tell whether a mail was handed over on which no server has written a line."""
    hop = edge_of(trace)
    return bool(hop and hop.by == NO_SERVER)


def was_submitted(trace: Sequence[Field]) -> bool:
    """Tell whether a user of our own servers has handed the mail to them."""
    hop = edge_of(trace)
    return bool(hop and (hop.submitted or hop.signed_in))


def has_reverse_name(trace: Sequence[Field]) -> bool:
    """Tell whether the host that brought the mail has a name in DNS; True where our
    server doesn't say. Postfix, Exim and others write `unknown [192.0.2.7]`."""
    hop = edge_of(trace)
    return not (hop and hop.peer.lower().lstrip("( ").startswith("unknown"))


def edge_of(trace: Sequence[Field]) -> Hop | None:
    """Return the line of the server that took the mail in from outside, or None."""
    known = profile_of(trace)
    if isinstance(trace, Trace) and known and (known.edge or known.edge_via):
        return trace.edge
    lines = [field.value for field in trace if field.name.lower() == "received"]
    return parse_received(lines[-1]) if lines else None


# Mail of one network comes in numbers.
@lru_cache(maxsize=512)
def network_of(address: IPAddress) -> str:
    """Return the network of an `ipaddress` object, "" for one that is not public."""
    address = getattr(address, "ipv4_mapped", None) or address
    if is_inside(address):
        return ""
    # An IPv6 address may name its interface, RFC 4007.
    plain = str(address).partition("%")[0]
    prefix = PREFIXES[address.version]
    return str(ipaddress.ip_network(f"{plain}/{prefix}", strict=False))
