"""A mail's headers without whatever names a person, a company or a mail.

Of the words of a mail only those of a fixed vocabulary stay, the host names of the
provider's own chain, and the names of the headers that it wrote. All else is replaced,
the same by the same, so that who handed the mail to whom can still be seen. So nothing
has to be recognised as personal to be taken out.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..mail.headers import Field, Headers
from ..mail.registrable import registrable
from .explain import EDGE, LINE_LIMIT, OUTSIDE, OWN, VERDICT_DOUBTED, Trust, explain
from .profiles import SOFTWARE
from .received import Hop, IPAddress, is_inside, parse_received, peer_addresses
from .recipients import DEFAULT_HEADER_ORDER
from .spam import RULES
from .vocabulary import HEADER_WORDS, WORDS

VALUE_LIMIT = 2000  # characters of a value that are looked at
LEFT_OUT = "(left out)"
#: Public addresses become those of a network that nobody has: 6to4 relays, RFC 7526,
#: and 6bone, RFC 3701. Those for documentation would count as private.
_PUBLIC = {4: "192.88.99.{}", 6: "3ffe::{:x}"}
_PRIVATE = {4: "10.0.0.{}", 6: "fd00::{:x}"}
_LAST_NUMBER = 255

_TOKEN = re.compile(
    r"(?P<address>[^\s<>()\[\]:;,\"=@]+@[\w.-]*\w)"
    r"|(?P<date>\b(?:[A-Z][a-z]{2}, +)?\d{1,2} [A-Z][a-z]{2} \d{4}"
    r" \d\d:\d\d(?::\d\d)?(?: [-+]\d{4})?)"
    r"|(?P<word>(?:::)?\w[\w.:-]*(?:\w|::)|(?:::)?\w)"
)
_PIECE = re.compile(r"[^\W_]+")
# An IP address as a part of a word: with its port, or in a machine's name.
_ADDRESS = re.compile(r"(?<!\d)\d{1,3}(?:[._-]\d{1,3}){3}(?![\d])")
_NUMBER = re.compile(r"\d{1,3}")
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_LOCAL_PART = re.compile(r"([^\s<>()\[\]:;,\"=@]+)@")
_ID = re.compile(r"\s(?:id|queue-id)\s+([^\s;]+)", re.IGNORECASE)
# RFC 7208 9.1, and the name that stands first in the comment.
_RECEIVER = re.compile(r"(?:\breceiver=|\()\s*([\w-]+\.[\w.-]+)")
_FIXED_DATE = "Mon, 01 Jan 2024 00:00:00 +0000"
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")

#: Headers whose value is a person's word or names a mail.
_PERSONAL = frozenset(
    {
        "from", "to", "cc", "bcc", "sender", "reply-to", "subject", "message-id",
        "references", "in-reply-to", "thread-topic", "comments", "keywords",
    }
)  # fmt: skip
_ADDRESSES = frozenset(
    name.lower()
    for name in (
        *DEFAULT_HEADER_ORDER, "From", "To", "Cc", "Sender", "Reply-To", "Return-Path",
        "Resent-To", "Resent-Cc",
    )
)  # fmt: skip
_SPAM = frozenset(name.lower() for rule in RULES for name in rule.headers)
#: Headers that the readers look at, wherever they stand.
_READ = (
    _ADDRESSES
    | _SPAM
    | {"received", "authentication-results", "received-spf"}
    | {name.lower() for profile in SOFTWARE for name in profile.marks}
)
#: The same, behind a name that a company has chosen.
_READ_ENDS = tuple(
    end for profile in SOFTWARE for end in (profile.check, profile.number) if end
)
#: Domains that nobody can register: a company's own, in which its machines stand.
_UNREGISTERED = frozenset({"local", "lan", "corp", "home", "intra", "office"})


def anonymous(headers: Headers, trust: Trust, account: str = "") -> str:
    """Return the header block of a mail with all that is personal replaced, as ASCII.

    `account` is the name of the mailbox's server. On top stands where our reader saw
    the border of trust, and why. At most 300 lines; nothing of the body. Never raises.
    """
    found = explain(headers, trust)
    own = [
        index
        for index, one in enumerate(found.lines)
        if one.whose in (OWN, EDGE) or one.counts == VERDICT_DOUBTED
    ]
    masked = _Masked.of(headers, trust, account, own)
    border = found.border
    fits = "" if found.fits or not found.profile else ", but it does not fit"
    lines = [
        f"X-Report-Account: {masked.host(account) if account else 'unknown'}",
        f"X-Report-Profile: {found.profile or 'none'}{fits}",
        f"X-Report-Border: {found.reading.size}, {border.rule}, {border.why}",
        *(
            masked.line(field, one.whose)
            for field, one in zip(headers, found.lines, strict=False)
        ),
    ]
    return "".join(f"{_UNPRINTABLE.sub('?', line)}\n" for line in lines)


@dataclass
class _Masked:
    """What was replaced in one mail, and by what.

    `hosts`: the own chain's names, `domains`: the registered domains of the chain,
    `inner`: the addresses of its servers, of which the network stays.
    `secrets`: words that don't survive in a host's or header's name or as a number.
    """

    hosts: frozenset[str]
    domains: frozenset[str]
    secrets: frozenset[str]
    inner: frozenset[IPAddress]
    given: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, headers: Headers, trust: Trust, account: str, own: list[int]
    ) -> "_Masked":
        """Return what is kept of this mail, nothing replaced yet.

        `own`: the indexes of the provider's own lines.
        """
        lines = [headers[index] for index in own]
        hops = _hops(lines)
        inner = {ip for hop in hops[:-1] for ip in peer_addresses(hop)}
        inner |= {ip for hop in hops if (ip := _ip_address(hop.by))}
        # Whoever handed the mail to the last one is not of the chain.
        names = [hop.by for hop in hops] + [hop.sender for hop in hops[:-1]]
        names += [name for hop in hops[:-1] for name in _HOST.findall(hop.peer)]
        names += [account.lower(), *_servers(lines)]
        hosts = {one for one in names if _NAME.fullmatch(one)}
        secrets = frozenset(_secrets(headers, trust))
        hidden = {registrable(one) for one in trust.own_domains or ()}
        hidden |= {
            registrable(one.rpartition("@")[2]) for one in trust.account_addresses
        }
        hidden |= {
            registrable(one) for one in hosts if one.rpartition(".")[2] in _UNREGISTERED
        }
        domains = {registrable(one) for one in hosts} - hidden - {""}
        kept = {one for one in domains if not _holds(one, secrets)}
        return cls(frozenset(hosts), frozenset(kept), secrets, frozenset(inner))

    def line(self, one: Field, whose: str) -> str:
        """Return one field with its name and value as far as they may be seen."""
        name = one.name.lower()
        is_own = whose in (OWN, EDGE)
        # What others wrote and no reader looks at tells nothing of the provider.
        is_read = name in _READ or name.endswith(_READ_ENDS)
        if not is_read and (whose == OUTSIDE or name in _PERSONAL):
            return f"{self._header_name(one.name, is_own)}: {LEFT_OUT}"
        value = " ".join(one.value[:VALUE_LIMIT].split())
        masked = self._value(value, name)
        return f"{self._header_name(one.name, is_own)}: {masked}"

    def host(self, name: str) -> str:
        """Return a host's name: as it is for the own chain, else a made-up one."""
        plain = name.lower().strip(".")
        domain = registrable(plain)
        kept = domain in self.domains
        if kept and plain in self.hosts and not _holds(plain, self.secrets):
            return name
        base = domain if kept else f"{self._replaced('d', domain or plain)}.example"
        above = plain.removesuffix(domain).strip(".") if domain else ""
        labels = [self._replaced("h", one) for one in above.split(".") if one]
        return ".".join([*labels, base])

    def _header_name(self, name: str, is_own: bool) -> str:
        plain = name.lower()
        for end in filter(plain.endswith, _READ_ENDS):
            company = self._replaced("Company", plain.removesuffix(end))
            return f"X-{company}{name[-len(end) :]}"
        is_known = all(part in HEADER_WORDS for part in plain.split("-"))
        is_kept = is_own and not _holds(plain, self.secrets)
        if is_known or is_kept or plain in _READ:
            return name
        return self._replaced("X-Other-", name.lower())

    def _value(self, text: str, name: str) -> str:
        """Return a value of the header of this name as far as it may be seen."""

        def mask(match: re.Match[str]) -> str:
            if match["address"]:
                local, _at, host = match["address"].rpartition("@")
                return f"{self._replaced('user', local.lower())}@{self.host(host)}"
            if match["date"]:
                return _FIXED_DATE
            return self._word(match["word"], name)

        return _TOKEN.sub(mask, text)

    def _word(self, word: str, name: str) -> str:
        """Return a word, or what stands for it: it may be an IP address or a host."""
        if word.lower() in WORDS:
            return word
        for text, prefix in ((word, ""), (word[5:], word[:5])):
            if (not prefix or prefix.lower() == "ipv6:") and (ip := self._ip(text)):
                return prefix + ip
        if _HOST.fullmatch(word):
            return self.host(word)
        # Servers behind the edge may go by a single label.
        if word.lower() in self.hosts and not _holds(word.lower(), self.secrets):
            return word
        return "".join(self._pieces(word, name))

    def _pieces(self, word: str, name: str) -> Iterator[str]:
        """Yield the parts of a word that is no name, or what stands for them."""
        at = 0
        for found in _ADDRESS.finditer(word):
            yield _PIECE.sub(
                lambda m: self._piece(m[0], name), word[at : found.start()]
            )
            yield self._ip(found[0]) or self._replaced("w", found[0])
            at = found.end()
        yield _PIECE.sub(lambda piece: self._piece(piece[0], name), word[at:])

    def _piece(self, piece: str, name: str) -> str:
        plain = piece.lower()
        is_number = piece.isascii() and bool(_NUMBER.fullmatch(piece))
        # A filter's small numbers are marks; elsewhere they may be part of a name.
        is_mark = is_number and (name in _SPAM or plain not in self.secrets)
        if plain in WORDS or (is_mark and name not in _ADDRESSES):
            return piece
        return self._replaced("w", plain)

    def _ip(self, text: str) -> str:
        """Return what stands for an IP address, "" when it is none."""
        address = _ip_address(text)
        if not address:
            return ""
        if address.is_loopback or address.is_unspecified:
            return str(address)
        form = (_PRIVATE if is_inside(address) else _PUBLIC)[address.version]
        if address in self.inner and not is_inside(address):
            form = _wide(address)
        number = int(self._replaced(form, str(address)).removeprefix(form))
        return form.format(min(number, _LAST_NUMBER))

    def _replaced(self, kind: str, text: str) -> str:
        """Return what stands for a text: the kind and a number, the same each time."""
        known = self.given.get((kind, text))
        if known is None:
            count = sum(one == kind for one, _text in self.given)
            known = self.given[kind, text] = f"{kind}{count + 1}"
        return known


def _hops(lines: list[Field]) -> list[Hop]:
    received = (one.value for one in lines if one.name.lower() == "received")
    return [parse_received(value) for value in received]


def _servers(lines: list[Field]) -> Iterator[str]:
    """Yield the authserv-ids under which the provider has signed its verdicts."""
    for one in lines:
        if one.name.lower() == "authentication-results":
            yield one.value.partition(";")[0].strip().lower()
        elif one.name.lower() == "received-spf":
            yield from (found.lower() for found in _RECEIVER.findall(one.value))


def _ip_address(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _wide(address: IPAddress) -> str:
    """Return the form of an address of which the network is told, and no machine."""
    if isinstance(address, ipaddress.IPv4Address):
        return f"{str(address).rpartition('.')[0]}.{{}}"
    return f"{':'.join(address.exploded.split(':')[:2])}::{{:x}}"


def _secrets(headers: Headers, trust: Trust) -> Iterator[str]:
    """Yield the words, lower case, that name a person, a company or a mail."""
    for one in headers[:LINE_LIMIT]:
        name, value = one.name.lower(), one.value[:VALUE_LIMIT]
        found = _LOCAL_PART.findall(value) + _ID.findall(value)
        if name in _PERSONAL:
            found.append(value)
        for text in found:
            yield from _words_of(text)
    for address in trust.account_addresses:
        yield from _words_of(address.partition("@")[0])
    for domain in trust.own_domains or ():
        yield from _words_of(domain.partition(".")[0])


def _words_of(text: str) -> Iterator[str]:
    for piece in _PIECE.findall(text.lower()):
        if piece not in WORDS:
            yield piece


def _holds(name: str, secrets: frozenset[str]) -> bool:
    """Tell whether a name has one of these words in it, or as a part of it if long."""
    parts = set(_PIECE.findall(name))
    return bool(parts & secrets) or any(len(one) > 3 and one in name for one in secrets)
