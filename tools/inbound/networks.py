"""From which network a mail came: what its sender cannot choose freely.

Whoever sends a mail may write any name into it. The address that connected to our
provider's server stands in the line that this server wrote itself.
"""

import ipaddress
from collections.abc import Sequence

from ..mail.headers import Field
from .profiles import Profile
from .recipients import IPAddress, parse_received, peer_addresses

#: Neighbours in a network of this size are taken for one sender: providers give a
#: customer at least so much.
PREFIXES = {4: 24, 6: 64}

# Addresses that are nobody's in the public Internet: RFC 1918, 6598, 1122, 3927,
# 4193, 4291. Behind them stands a server of our own, and all mail looks alike.
_INSIDE = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)


def sender_network(trace: Sequence[Field], profile: Profile | None = None) -> str:
    """Return the network that handed the mail to our servers, such as `192.0.2.0/24`.

    `trace`: what our own servers wrote (`recipients.trusted_trace`). "" when no line
    of it names a public address, or that of the provider's own servers, which its
    `profile` tells; never raises.
    """
    lines = [field.value for field in trace if field.name.lower() == "received"]
    if not lines:
        return ""
    # The lowest line is that of the server that took the mail in from outside.
    inner = profile.networks if profile else ()
    networks = [
        network_of(address)
        for address in peer_addresses(parse_received(lines[-1]))
        if not any(address in network for network in inner)
    ]
    return next(filter(None, networks), "")


def network_of(address: IPAddress) -> str:
    """Return the network of an `ipaddress` object, "" for one that is not public."""
    address = getattr(address, "ipv4_mapped", None) or address
    if any(address in network for network in _INSIDE):
        return ""
    # An IPv6 address may name its interface, RFC 4007.
    plain = str(address).partition("%")[0]
    prefix = PREFIXES[address.version]
    return str(ipaddress.ip_network(f"{plain}/{prefix}", strict=False))
