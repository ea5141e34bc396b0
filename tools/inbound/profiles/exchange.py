"""Exchange Server on the own machines, from 2013 on.

Its hosts are the customer's. Every mailbox has its mail by `via Mailbox Transport`, and
all that comes from outside enters by `via Frontend Transport`; between them, servers of
one organisation hand over to one another (Microsoft Learn, "Mail flow and the transport
pipeline").
"""

from .microsoft import MICROSOFT
from .profile import Profile

# The header firewall is that of Exchange Online: a connector for the Internet takes
# X-MS-Exchange-Organization-* out ("Header firewall").
EXCHANGE = Profile(
    code="exchange",
    top_via="mailbox transport",
    edge_via="frontend transport",
    stripped=("X-MS-Exchange-Organization-SCL",),
    internal=MICROSOFT.internal,
)
