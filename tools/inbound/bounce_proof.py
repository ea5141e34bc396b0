"""Who may say that a mail of ours was not delivered.

A report is as easily forged as any mail. It counts where only a server that had our
mail can have written it: one to a signed bounce address, one that never came from
outside, or one of a daemon whose domain is proven, and is that of the failed recipient
or of the server to which we hand our mail over.
"""

from collections.abc import Iterable, Sequence

from ..mail.addresses import domain, normalize
from ..mail.headers import Field, Headers
from ..mail.registrable import registrable
from .authentication import is_aligned
from .received import parse_received

#: Under which domain else the servers of a provider report.
REPORTS_AS = {
    "gmail.com": ("googlemail.com",),
    "google.com": ("googlemail.com",),
    "amazonaws.com": ("amazonses.com",),
    "office365.com": ("outlook.com",),
}
#: Addresses that a provider gives to no customer (RFC 5321 4.5.1), whose mail has its
#: domain proven as well. Anybody may call himself "Mail Delivery System".
_DAEMONS = frozenset({"mailer-daemon", "postmaster"})


def comes_from_inside(headers: Headers, trace: Sequence[Field]) -> bool:
    """Tell whether our own servers wrote the mail, and no other had it before.

    `trace`: what `recipients.trusted_trace` returns. A mail without any `Received` has
    crossed no server. Below what came from outside stands the line that says so.
    """
    lines = headers.get_all("Received")
    own = [field.value for field in trace if field.name.lower() == "received"]
    if not lines:
        return True
    if len(own) != len(lines):
        return False
    first = parse_received(own[-1])
    return not first.sender or first.submitted


def is_said_by_a_server(sender: str, recipient: str, servers: Iterable[str]) -> bool:
    """Tell whether a report is of a server that can know what became of the mail to
    `recipient`.

    `sender`: the address in From, whose domain is proven. `servers`: our own domains
    and the host that takes our mail.
    """
    local_part, _at, said_by = normalize(sender).rpartition("@")
    if local_part not in _DAEMONS:
        return False
    known = {domain(normalize(recipient))}
    for host in servers:
        registered = registrable(host.lower())
        known |= {registered, *REPORTS_AS.get(registered, ())}
    return any(is_aligned(said_by, one) for one in filter(None, known))
