"""Find out which of many mail servers answer, and how, all at once."""

import contextlib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from . import autoconfig, diagnosis, discovery, dns
from .discovery import Found, Published
from .dns import Record
from .providers import Server

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")

#: Seconds for one server to answer, and for all of them together.
PATIENCE = 4.0
TOTAL = 10.0
#: Seconds for the name servers, and while a person goes on typing.
ASKING = 4.0
GLANCE = 2.0
#: Calls that wait for the network at the same time; the others wait for their turn.
WORKERS = 32
# RFC 6052 2.1: the IPv4 address is in the last 32 bits.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# RFC 4291 2.4: what the registries give out. Beside it are the site-local addresses,
# RFC 3879, local translation, RFC 8215, and IPv4 addresses in forms of their own.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Where clouds answer their machines, with passwords too: Azure and Oracle. Python takes
# both for public; all others have link-local or shared addresses.
_OF_CLOUDS = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "192.0.0.192")))


def ask_domain(domain: str) -> Mapping[str, tuple[Record, ...]]:
    """Return what the domain says of its mail servers, by the keys of `QUESTIONS`."""
    servers = dns.system_nameservers()
    calls = {
        key: partial(dns.ask, name, kind, servers, ASKING)
        for key, (name, kind) in discovery.questions(domain).items()
    }
    return gather(calls, ASKING + 1)


def ask_exchangers(domain: str) -> tuple[Record, ...]:
    """Return the mail exchangers of a domain (MX), the preferred one first.

    () where it has none, and where no name server answers within `GLANCE` seconds.
    """
    return dns.ask(domain, "MX", dns.system_nameservers(), GLANCE)


def ask_published(address: str, *, anywhere: bool = False) -> tuple[Published, ...]:
    """Return what the domain of a mailbox publishes for mail programs, best first.

    `anywhere`: an administrator has said that the domain's web server may be in his
    own network; else it is only spoken to at public addresses.
    """
    domain = address.rpartition("@")[2].lower()
    find = _any_address if anywhere else _public_address
    calls = {
        source: partial(autoconfig.fetch, source, PATIENCE, find)
        for source in autoconfig.sources(address)
    }
    files = gather(calls, PATIENCE + 1).values()
    return tuple(autoconfig.read(data, domain) for data in files if data)


def _any_address(host: str) -> str:
    return host


def try_servers(
    incoming: Iterable[Server],
    outgoing: Iterable[Server],
    *,
    named: Container[str] = (),
) -> tuple[list[Found], list[Found]]:
    """Return the servers for receiving and those for sending that answer.

    Each list keeps its order. No login is tried.

    `named`: hosts that a person has named; all others come from the domain name system,
    where strangers write, and are only spoken to at public addresses.
    """
    calls = {
        (server, is_outgoing): partial(
            _try, server, is_outgoing, server.host not in named
        )
        for servers, is_outgoing in ((incoming, False), (outgoing, True))
        for server in servers
    }
    results = gather(calls, TOTAL)
    received, sent = (
        [found for (_server, key), found in results.items() if found and key is one]
        for one in (False, True)
    )
    return received, sent


def gather(
    calls: Mapping[Key, Callable[[], Result]], seconds: float
) -> dict[Key, Result]:
    """Return the results of those calls that are ready in time, in their order.

    The others are left to end by themselves, so each must have a limit of its own.
    Raises what a call raises.
    """
    if not calls:
        return {}
    executor = ThreadPoolExecutor(min(WORKERS, len(calls)))
    futures = {key: executor.submit(call) for key, call in calls.items()}
    ready = wait(futures.values(), seconds).done
    executor.shutdown(wait=False, cancel_futures=True)
    return {key: one.result() for key, one in futures.items() if one in ready}


def is_public(host: str) -> bool:
    """Tell whether all network addresses of `host` are public ones.

    None is of our own network, of this machine or of its cloud's services. False for a
    name that leads nowhere.
    """
    return bool(_public_address(host))


def _public_address(host: str) -> str:
    """Return the first network address of `host` if all are public ones, else ""."""
    with contextlib.suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        texts = [str(one[4][0]).partition("%")[0] for one in found]
        addresses = [ipaddress.ip_address(text) for text in texts]
        return texts[0] if texts and all(map(_is_public_address, addresses)) else ""
    return ""


def _is_public_address(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return _is_public_address(inner)
        if address not in _GLOBAL_UNICAST:
            return False
    is_public = address.is_global and not address.is_multicast
    return is_public and address not in _OF_CLOUDS


def _try(server: Server, outgoing: bool, must_be_public: bool) -> Found | None:
    # Who answers for the name may have another answer a moment later: what was looked
    # at is what is spoken to.
    at = _public_address(server.host) if must_be_public else server.host
    if not at:
        return None
    answer = diagnosis.check_port(
        server.host, server.port, PATIENCE, tls_first=True, at=at
    )
    starttls = verified = False
    if answer == "tls":
        verified = _is_verified(server, at)
    elif answer == "plain" and outgoing:
        starttls, verified = _offers_starttls(server, at)
    return discovery.seen(server, answer, starttls, verified)


class _Session(smtplib.SMTP):
    """A session with a server at an address that is known already."""

    def __init__(self, server: Server, at: str) -> None:
        self._at = at
        super().__init__(server.host, server.port, timeout=PATIENCE)

    def _get_socket(self, _host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self._at, port), timeout)


def _is_verified(server: Server, at: str) -> bool:
    context = ssl.create_default_context()
    with contextlib.suppress(OSError, ValueError):
        address = (at, server.port)
        with (
            socket.create_connection(address, PATIENCE) as connection,
            context.wrap_socket(connection, server_hostname=server.host),
        ):
            return True
    return False


def _offers_starttls(server: Server, at: str) -> tuple[bool, bool]:
    """Tell whether an SMTP server offers STARTTLS, and under a valid certificate."""
    offered = False
    with contextlib.suppress(OSError, smtplib.SMTPException, ValueError):
        with _Session(server, at) as session:
            session.ehlo()
            offered = session.has_extn("starttls")
            if offered:
                session.starttls(context=ssl.create_default_context())
                return True, True
    return offered, False
