"""What is known of a provider's own headers: one record for each, data alone.

A profile says which servers make the provider's own chain of `Received` lines, which
of them takes mail in from outside (the edge), and in which headers the provider
speaks. It is chosen by the account's own server and confirmed by the topmost
`Received`; everybody else has the general rule of `recipients.trusted_trace`.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from ..mail.addresses import is_below

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Profile:
    """One provider.

    `accounts`: names of its IMAP and POP3 servers, a name covers those below it.
    `chain`: names of the servers that write its own lines, in the same way. `edge`: of
    those, the one that takes mail in from outside. `networks`: where the servers of
    the chain stand; private networks always count. `tail`: headers of its filters
    that are read wherever they stand; they may condemn a mail and never acquit it.
    `internal`: (header, value) of mail that a signed-in user of the same organisation
    has sent: the provider takes both out of mail from outside.
    """

    code: str
    accounts: tuple[str, ...]
    chain: tuple[str, ...]
    edge: re.Pattern[str]
    networks: tuple[Network, ...] = ()
    tail: tuple[str, ...] = ()
    internal: tuple[str, str] = ("", "")


PROFILES = (
    # Exchange's header firewall takes X-MS-Exchange-Organization-* out of what comes
    # from outside (Microsoft Learn, "Header firewall").
    Profile(
        code="microsoft",
        accounts=("outlook.office365.com", "outlook.office.com", "outlook.com"),
        chain=("outlook.com", "outlook.office365.com", "office365.com"),
        edge=re.compile(r"\.protection\.outlook\.com\Z"),
        networks=(
            ip_network("2603:1000::/24"),
            ip_network("2a01:111::/32"),
            ip_network("2620:1ec::/36"),
        ),
        tail=(
            "X-MS-Exchange-Organization-SCL",
            "X-Microsoft-Antispam-Mailbox-Delivery",
            "X-Forefront-Antispam-Report",
        ),
        internal=("X-MS-Exchange-Organization-AuthAs", "Internal"),
    ),
)


def of_account(host: str) -> Profile | None:
    """Return the profile of the provider that an account logs in at, or None."""
    host = host.lower().rstrip(".")
    for profile in PROFILES:
        if any(is_below(host, name) for name in profile.accounts):
            return profile
    return None
