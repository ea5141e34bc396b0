"""Which mail servers an address may have, before any of them is tried.

Sources, the surest first: what is known of the provider (`providers`), what the domain
says of itself (a file for mail programs, `autoconfig`, and SRV, RFC 6186), and the
names that servers usually have.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..mail.addresses import is_below
from . import hosters, providers
from .dns import Record
from .hosters import Hoster
from .providers import PLAIN, SSL, STARTTLS, Provider, Server

#: What the domain is asked: {key: (prefix of the domain's name, kind of record)}.
QUESTIONS = {
    "mx": ("", "MX"),
    "imaps": ("_imaps._tcp.", "SRV"),
    "imap": ("_imap._tcp.", "SRV"),
    "submissions": ("_submissions._tcp.", "SRV"),
    "submission": ("_submission._tcp.", "SRV"),
}
#: How the connection usually begins on these ports (RFC 8314).
INCOMING_PORTS = {993: SSL, 143: PLAIN}
OUTGOING_PORTS = {465: SSL, 587: STARTTLS, 25: STARTTLS}
#: Names and records of a domain that are tried at most.
MAX_HOSTS = 8

_RANK = {SSL: 0, STARTTLS: 0, PLAIN: 1}
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


@dataclass(frozen=True)
class Candidates:
    """What may be tried, the likeliest first. A known `provider` has one of each; a
    `hoster` is only a hint, and so is `is_own`: the domain itself has the server."""

    provider: Provider | None
    incoming: tuple[Server, ...]
    outgoing: tuple[Server, ...]
    hoster: Hoster | None = None
    is_own: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of the servers, each once."""
        servers = (*self.incoming, *self.outgoing)
        return tuple(dict.fromkeys(server.host for server in servers))


@dataclass(frozen=True)
class Published:
    """The servers that a file of the domain names, in its order."""

    incoming: tuple[Server, ...] = ()
    outgoing: tuple[Server, ...] = ()


@dataclass(frozen=True)
class Found:
    """A server that answers.

    `server.security` is how it does, `verified` whether its certificate is valid for
    its name.
    """

    server: Server
    verified: bool = False


def is_host(name: str) -> bool:
    """Tell whether this is a host's full name, neither a number nor a bare word."""
    labels = name.split(".")
    return (
        len(name) < 254
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def split_host(text: str) -> tuple[str, int]:
    """Return a server name as a person types it, and the port behind it or 0.

    >>> split_host(" imap.company.example:1993 ")
    ('imap.company.example', 1993)
    """
    text = text.strip()
    if "://" in text:
        text = text.partition("://")[2].rstrip("/")
    host, colon, port = text.rpartition(":")
    one_colon = colon and (":" not in host or host.endswith("]"))
    if one_colon and port.isascii() and port.isdigit() and len(port) < 6:
        return host.strip("[] "), int(port)
    return text.strip("[] "), 0


# ------------------------------------------------------------
# CANDIDATES
# ------------------------------------------------------------


def questions(domain: str) -> dict[str, tuple[str, str]]:
    """Return what to ask the name servers about a domain: {key: (name, kind)}."""
    return {
        key: (f"{prefix}{domain}", kind) for key, (prefix, kind) in QUESTIONS.items()
    }


def of_provider(provider: Provider, domain: str) -> Candidates:
    """Return the servers of a provider for the customers of a domain."""
    incoming, outgoing = provider.incoming.of(domain), provider.outgoing.of(domain)
    return Candidates(provider, (incoming,), (outgoing,))


def find_candidates(
    domain: str,
    answers: Mapping[str, Sequence[Record]],
    published: Sequence[Published] = (),
) -> Candidates:
    """Return what to try for the addresses of a domain.

    `answers` are those to `questions`; a missing one is "not known". `published`: the
    files that the domain has. They are hints like the records: `is_trusted` asks them
    nothing.
    """
    exchangers = [record.host for record in answers.get("mx", ())]
    provider = providers.of_address(domain) or providers.recognise(exchangers)
    if provider:
        return of_provider(provider, domain)
    own_exchangers = [host for host in exchangers if is_host(host)]
    hoster = hosters.recognise(own_exchangers)
    hosts = [*own_exchangers, domain][:MAX_HOSTS]
    incoming = (
        *(server for one in published for server in one.incoming),
        *_announced(answers, "imaps", SSL),
        *_announced(answers, "imap", PLAIN),
        *(hoster.incoming if hoster else ()),
        *usual([f"imap.{domain}", f"mail.{domain}", *hosts], INCOMING_PORTS),
    )
    outgoing = (
        *(server for one in published for server in one.outgoing),
        *_announced(answers, "submissions", SSL),
        *_announced(answers, "submission", STARTTLS),
        *(hoster.outgoing if hoster else ()),
        *usual([f"smtp.{domain}", f"mail.{domain}", *hosts], OUTGOING_PORTS),
    )
    is_own = not hoster and any(is_below(host, domain) for host in own_exchangers)
    return Candidates(None, _each_once(incoming), _each_once(outgoing), hoster, is_own)


def usual(hosts: Iterable[str], ports: Mapping[int, str]) -> tuple[Server, ...]:
    """Return these hosts at the usual ports, all hosts at the best port first."""
    hosts = tuple(hosts)
    return tuple(
        Server(host, port, security)
        for port, security in ports.items()
        for host in hosts
    )


def _announced(
    answers: Mapping[str, Sequence[Record]], key: str, security: str
) -> list[Server]:
    return [
        Server(record.host, record.port, security)
        for record in list(answers.get(key, ()))[:MAX_HOSTS]
        if record.port and is_host(record.host)
    ]


def _each_once(servers: Iterable[Server]) -> tuple[Server, ...]:
    found: dict[tuple[str, int], Server] = {}
    for server in servers:
        found.setdefault((server.host, server.port), server)
    return tuple(found.values())


# ------------------------------------------------------------
# CHOICE
# ------------------------------------------------------------


def choose(found: Sequence[Found]) -> Found | None:
    """Return the best of the servers that answer.

    Encrypted under a valid certificate, then encrypted at all, then the rest; among
    equals the first.
    """
    return min(
        found,
        key=lambda one: (_RANK[one.server.security], not one.verified),
        default=None,
    )


def is_trusted(found: Found, domain: str) -> bool:
    """Tell whether the password may be sent there without asking a person.

    It is sent encrypted, to a server of the domain itself (RFC 6186 6). That it is the
    one it claims to be is for the login to check.
    """
    host = found.server.host
    own = is_below(host, domain)
    return own and found.server.security != PLAIN


def seen(server: Server, answer: str, starttls: bool, verified: bool) -> Found | None:
    """Return what was found out about a candidate, None when no mail can go that way.

    `answer` is that of `diagnosis.check_port`.
    """
    if answer == "tls":
        return Found(replace(server, security=SSL), verified)
    if answer == "plain":
        security = STARTTLS if starttls else PLAIN
        return Found(replace(server, security=security), verified)
    return None
