"""Microsoft 365, Outlook.com, and who resells them."""

import re
from ipaddress import ip_network

from .profile import Profile

# Exchange's header firewall takes X-MS-Exchange-Organization-* out of what comes from
# outside (Microsoft Learn, "Header firewall"). Received-SPF and the Forefront report
# are not among them.
MICROSOFT = Profile(
    code="microsoft",
    accounts=(
        "outlook.office365.com",
        "outlook.office.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "outlook.office365.us",
        "partner.outlook.cn",
    ),
    chain=(
        "outlook.com",
        "outlook.office365.com",
        "office365.com",
        "office365.us",
        "outlook.cn",
        # The forests PR01: `MN2PR01CA0021.prod.exchangelabs.com`.
        "exchangelabs.com",
        # The edge's name inside, before 2018; it is in no public DNS.
        "protection.gbl",
    ),
    edge=re.compile(
        r"\.mail\.protection\.(?:partner\.)?(?:outlook|office365)"
        r"\.(?:com|us|cn)(?: |\Z)"
    ),
    # Those inside Exchange Online: neither those from which it sends, nor those that
    # Azure rents out to anybody.
    networks=(
        *(
            ip_network(f"2603:{part}::/32")
            for part in ("1086", "1096", "10a6", "10b6", "10c6", "10d6", "10e6")
        ),
        *(
            ip_network(f"2603:{part}::/32")
            for part in ("1006", "1016", "1026", "1036", "1046", "1056")
        ),
        # The clouds of the US government and of China.
        ip_network("2001:489a:200::/48"),
        *(ip_network(f"2406:e500:c{part}00::/40") for part in "2345"),
        ip_network("2a01:111:e400::/40"),
        ip_network("2a01:111:f400::/48"),
        ip_network("2620:1ec::/36"),
        # Not routed in the Internet; used inside for long.
        ip_network("25.0.0.0/8"),
    ),
    authserv_ids=("outlook.com",),
    nameless=True,
    spf_acquits=False,
    stripped=(
        "X-MS-Exchange-Organization-SCL",
        "X-Microsoft-Antispam-Mailbox-Delivery",
    ),
    tail=("X-Forefront-Antispam-Report",),
    internal=("X-MS-Exchange-Organization-AuthAs", "Internal"),
)
