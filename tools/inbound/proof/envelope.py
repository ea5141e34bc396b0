"""How a mail came to our servers: from which host, and in whose name at the door."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...mail.addresses import domain, normalize
from ...mail.headers import Field
from ...mail.registrable import registrable
from ..networks import edge_of, sender_address
from ..received import IPAddress
from ..trust import Trace
from .book import Book, SilenceError

#: Most mail servers of an own domain that are known by name.
MAX_SERVERS = 10


@dataclass(frozen=True)
class Envelope:
    """What the line of the server says that took the mail in from outside.

    `address`: the host that brought it, None where it is not known, or one of ours.
    `helo`: the name that this host gave. `sender`: the address in MAIL FROM, "" if
    there was none, None where it is not known. `server`: the name of the server that
    wrote the line. `is_edge`: that it took mail in from outside, and not from another
    of our provider's servers, is known.
    """

    address: IPAddress | None = None
    helo: str = ""
    sender: str | None = None
    server: str = ""
    is_edge: bool = False


def read_envelope(trace: Sequence[Field], *, knows_hosts: bool) -> Envelope:
    """Return the envelope that our own servers tell of; never raises.

    `trace`: what `trust.trusted_trace` returns; `knows_hosts`: whether its end was
    found by names of our servers that are known.
    """
    hop = edge_of(trace)
    if not hop or hop.submitted or hop.signed_in:
        return Envelope()
    is_edge = knows_hosts or bool(isinstance(trace, Trace) and trace.edge)
    owner = registrable(hop.by)
    peers = (hop.sender, hop.peer.lstrip("( ").partition(" ")[0])
    if not is_edge and owner and owner in [registrable(one) for one in peers]:
        # One of our provider's servers had it of another.
        return Envelope()
    return Envelope(
        sender_address(trace), hop.sender, _return_path(trace), hop.by, is_edge
    )


def is_mail_server(host: str, own_domains: Sequence[str], book: Book) -> bool:
    """Tell whether a host is, by its very name, one of those that take an own domain's
    mail in; raises `PendingError`.

    A neighbour of theirs may have the mail of one of them: whoever brings it there is
    no stranger, and his address proves nothing.
    """
    try:
        found = (
            one.lower().rstrip(".")
            for name in own_domains
            for one in book.ask(name, "MX")[:MAX_SERVERS]
        )
        return bool(host) and host in found
    except SilenceError:
        return False


def _return_path(trace: Sequence[Field]) -> str | None:
    """Return the address in MAIL FROM as the last of our servers writes it
    (RFC 5321 4.4), None if none does."""
    for field in trace:
        if field.name.lower() == "return-path":
            value = field.value.strip()
            address = normalize(value.strip("<>"))
            return address if domain(address) or value == "<>" else None
    return None
