"""What a domain publishes about its mail servers, for mail programs to find.

Thunderbird's file (autoconfig, draft-ietf-mailmaint-autoconfig) and Microsoft's
(Autodiscover, MS-OXDSCLI, the answer for IMAP and SMTP). Both are hints from whoever
runs the domain's web server: they say what may be tried, never where a password may go.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from lxml import etree

from . import bounds
from .discovery import Published, is_host
from .providers import PLAIN, SSL, STARTTLS, Server

#: Bytes of a file that are read; one of a large provider has 10,000.
MAX_BYTES = 64 * 1024
#: Servers of one direction in a file that are taken.
MAX_SERVERS = 4

_KINDS = frozenset({"imap", "smtp"})
_SECURITY = {"ssl": SSL, "tls": SSL, "starttls": STARTTLS, "plain": PLAIN}
# What Autodiscover calls them, MS-OXDSCLI 2.2.4.1.1.2.5.
_ENCRYPTIONS = {"ssl": SSL, "tls": STARTTLS, "none": PLAIN}
_OF_PORT = {"25": STARTTLS, "587": STARTTLS, "143": PLAIN}
_REQUEST = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/'
    'requestschema/2006"><Request><EMailAddress>{address}</EMailAddress>'
    "<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/"
    "outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>"
)


@dataclass(frozen=True)
class Source:
    """Where a file may be. With a `body`, that is posted there."""

    host: str
    path: str
    body: str = ""


def sources(address: str) -> tuple[Source, ...]:
    """Return where the domain of a mailbox may have published a file, best first."""
    domain = address.rpartition("@")[2].lower()
    query = f"?emailaddress={quote(address, safe='@')}"
    body = _REQUEST.format(address=escape(address))
    well_known = "/.well-known/autoconfig/mail/config-v1.1.xml"
    discover = "/autodiscover/autodiscover.xml"
    return (
        Source(f"autoconfig.{domain}", f"/mail/config-v1.1.xml{query}"),
        Source(domain, f"{well_known}{query}"),
        Source(f"autodiscover.{domain}", discover, body),
        Source(domain, discover, body),
    )


def fetch(
    source: Source, seconds: float, find_address: Callable[[str], str], port: int = 443
) -> bytes:
    """Return the file that is there, b"" when there is none.

    `find_address` returns the network address of a host to connect to, "" for none.
    Only HTTPS under a valid certificate counts, and no redirection is followed: it
    would be to a host that nobody has looked at. Takes `seconds` at most, but for the
    name service, and raises for nothing that a server does.
    """
    at = find_address(source.host)
    if not at:
        return b""
    connection = _Connection(source.host, port, seconds, at)
    try:
        with bounds.cut_after(connection.wire, seconds):
            return _ask(connection, source)
    except (OSError, http.client.HTTPException, ValueError, bounds.TooSlowError):
        return b""
    finally:
        connection.close()


def _ask(connection: http.client.HTTPSConnection, source: Source) -> bytes:
    if source.body:
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        connection.request("POST", source.path, source.body.encode(), headers)
    else:
        connection.request("GET", source.path)
    answer = connection.getresponse()
    data = answer.read(MAX_BYTES + 1)
    # Of one that was cut, the length tells what is still to come.
    is_whole = not answer.length and len(data) <= MAX_BYTES
    return data if answer.status == 200 and is_whole else b""


class _Wire:
    """What can be cut, also when the connection has handed it to its answer."""

    sock: socket.socket | None = None


class _Connection(http.client.HTTPSConnection):
    """A connection to a host at an address that is known already."""

    def __init__(self, host: str, port: int, seconds: float, at: str) -> None:
        self._at = at
        self._trust = ssl.create_default_context()
        self.wire = _Wire()
        super().__init__(host, port, timeout=seconds, context=self._trust)

    def connect(self) -> None:
        """Connect to the known address, and check the certificate of the host."""
        self.wire.sock = socket.create_connection((self._at, self.port), self.timeout)
        try:
            self.sock = self._trust.wrap_socket(
                self.wire.sock, server_hostname=self.host
            )
        except (OSError, ValueError):
            self.wire.sock.close()
            raise
        self.wire.sock = self.sock


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def read(data: bytes, domain: str) -> Published:
    """Return the servers that a file names, of either kind; none if it is no such.

    `domain` is that of the mailbox. What has a document type is not read: it may hold
    entities that grow without end, or that are files of this machine (XXE).
    """
    root = _parse(data)
    if root is None:
        return Published()
    servers = _READERS.get(_name(root), _nothing)(root)
    found: dict[str, dict[tuple[str, int], Server]] = {"imap": {}, "smtp": {}}
    for kind, host, port, security in servers:
        host = host.lower().replace("%emaildomain%", domain)
        if is_host(host) and 0 < port < 65536:
            found[kind].setdefault((host, port), Server(host, port, security))
    incoming, outgoing = (tuple(one.values())[:MAX_SERVERS] for one in found.values())
    return Published(incoming, outgoing)


def _parse(data: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if root.getroottree().docinfo.internalDTD is None else None


#: (imap or smtp, host, port, how the connection begins)
Named = tuple[str, str, int, str]


def _nothing(_root: etree._Element) -> Iterator[Named]:
    yield from ()


def _thunderbird(root: etree._Element) -> Iterator[Named]:
    """Yield what a clientPublished names."""
    for one in root.iter():
        kind = str(one.get("type") or "").lower()
        if _name(one) in {"incomingserver", "outgoingserver"} and kind in _KINDS:
            security = _SECURITY.get(_text(one, "socketType").lower(), PLAIN)
            yield _named(kind, _text(one, "hostname"), _text(one, "port"), security)


def _microsoft(root: etree._Element) -> Iterator[Named]:
    """Yield what an Autodiscover answer names: `SSL` is on unless it says off, and
    `Encryption`, where it stands, is more exact."""
    for one in root.iter():
        kind = _text(one, "Type").lower()
        if _name(one) != "protocol" or kind not in _KINDS:
            continue
        is_off = _text(one, "SSL").lower() == "off"
        security = PLAIN if is_off else _OF_PORT.get(_text(one, "Port"), SSL)
        security = _ENCRYPTIONS.get(_text(one, "Encryption").lower(), security)
        yield _named(kind, _text(one, "Server"), _text(one, "Port"), security)


def _named(kind: str, host: str, port: str, security: str) -> Named:
    # Odoo knows no STARTTLS when it receives: such a server is tried as it begins.
    if kind == "imap" and security == STARTTLS:
        security = PLAIN
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    return kind, host, number, security


def _name(element: etree._Element) -> str:
    """Return an element's name without its namespace; "" of a comment."""
    if not isinstance(element.tag, str):
        return ""
    return str(element.tag).rpartition("}")[2].lower()


def _text(element: etree._Element, name: str) -> str:
    """Return the text of the first child with this name."""
    children = (child for child in element if _name(child) == name.lower())
    child = next(children, None)
    return "" if child is None else str(child.text or "").strip()


_READERS: dict[str, Callable[[etree._Element], Iterator[Named]]] = {
    "clientconfig": _thunderbird,
    "autodiscover": _microsoft,
}
