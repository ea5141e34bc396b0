"""The lines that mail servers write about each other: `Received` (RFC 5321 4.4)."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from itertools import takewhile

from ..mail.addresses import normalize
from ..mail.headers import Headers
from .quoted import without_quoted

IPAddress = IPv4Address | IPv6Address

#: Writes the line of a mail on which no server has written one.
NO_SERVER = "odoo.invalid"

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

# In a value without its comments.
_BY = re.compile(r"(?:^|\s)by\s+([^\s;]+)", re.IGNORECASE)
_FROM = re.compile(r"\s*from\b\s*(\S*)", re.IGNORECASE)
_FOR = re.compile(r"(?:^|\s)for\s+<?([^\s<>;]+)>?", re.IGNORECASE)
_WITH = re.compile(r"\swith\s+(\S+)", re.IGNORECASE)
_LMTP = re.compile(r"(?:utf8)?lmtp", re.IGNORECASE)
# Exim, given a mail back by its own filter (SpamBlocker's `exim -oMr`, for which only a
# trusted user is heard).
_SCANNED = re.compile(r"(?:spam-scanned|scanned-ok)\Z", re.IGNORECASE)
_LOCAL = re.compile(r"local\b", re.IGNORECASE)
# RFC 3848, RFC 6531 4.3; Exchange's own protocol of a mailbox's user.
_VIA = re.compile(r"\swith\s+microsoft\s+smtp\s[^;]*\svia\s+([^;]+)", re.IGNORECASE)
_SIGNED_IN = re.compile(r"(?:(?:utf8|e)smtps?a|mapi)\Z", re.IGNORECASE)
# What a peer may choose: an address, which may hold any text in quotes.
_CHOSEN = re.compile(r"[\"<]|\sfor\s", re.IGNORECASE)
_COMMENT_MARK = re.compile(r"[()]")
# The space tells the writer's comment from parentheses in the name at HELO.
_UP_TO_PEER = re.compile(r"\s*from\s+[^\s()]+\s+\Z", re.IGNORECASE)
# The comment of the writer on itself: its software.
_UP_TO_NOTE = re.compile(r"(?:.*\s)?by\s+[^\s();]+\s+\Z", re.IGNORECASE | re.DOTALL)
# Sendmail's submission, Postfix pickup(8): a program on the host wrote this mail. The
# one begins with it, the other says it in the comment on its software.
_SUBMITTED = re.compile(r"\s*\(from\s", re.IGNORECASE)
_FROM_USER = re.compile(r",\s+from userid\s")
# In the peer's comment: its own claim, its name as the writer looked it up, and
# its network address. qmail and Yahoo make two comments of it.
_HELO = re.compile(r"\b[he]{2}lo[= ]\s*[^\s)]+|\b(?:ident|port)=[^\s)]+")
_CLAIM = re.compile(r"\s*[he]{2}lo[= ]\s*([^\s()]*)", re.IGNORECASE)
_ENVELOPE = re.compile(r"\s*envelope-", re.IGNORECASE)
_PEER_COMMENTS = 5
_ADDRESS_WORD = re.compile(r"(?:ipv6:)?[0-9a-f.:]{3,45}")


@dataclass(frozen=True)
class Hop:
    """One `Received` line: who wrote it, from whom it had the mail, for whom.

    Hosts are lower case, "" when missing, a sender that cannot be read is "?". `peer`
    is what the writer itself saw of the sending side (the text in parentheses).
    `submitted`: a program on the writing host made the mail, so that all below is
    that program's word. `signed_in`: a user of the writer's made it. `scanned`: the
    writer had it back from its own filter. `note`: what the writer says of its own
    software, `via`: which part of that took the mail in, as Exchange tells.
    """

    by: str
    sender: str
    peer: str
    recipient: str
    lmtp: bool
    submitted: bool
    signed_in: bool = False
    note: str = ""
    scanned: bool = False
    via: str = ""


# Every reader asks for the same few lines of each of the mails read together.
@lru_cache(maxsize=512)
def parse_received(value: str) -> Hop:
    """Return the parts of one `Received` value (RFC 5321 4.4); never raises."""
    plain, comments = _split_comments(without_quoted(value))
    claim, peer = _peer(comments.of_peer)
    sender = _FROM.match(plain)
    plain = plain[sender.end() :] if sender else plain
    recipients = _FOR.findall(plain)
    protocol = _WITH.search(_CHOSEN.split(plain, maxsplit=1)[0])
    via = _VIA.search(plain) if protocol and "Microsoft" in protocol[1] else None
    name = _host(sender) or ("?" if sender else "")
    note = comments.of_writer.lower()
    is_local = bool(protocol and _LOCAL.match(protocol[1]))
    return Hop(
        by=_host(_BY.search(plain)),
        sender=claim if name == "unknown" and claim else name,
        peer=peer.lower(),
        # The writer's own clause is the last one: what stands before it may hold
        # text that the sender chose.
        recipient=_recipient(recipients[-1]) if recipients else "",
        lmtp=bool(protocol and _LMTP.match(protocol[1])),
        submitted=is_local or bool(_SUBMITTED.match(value) or _FROM_USER.search(note)),
        signed_in=bool(protocol and _SIGNED_IN.match(protocol[1])),
        note=note,
        via=" ".join(via[1].lower().split()) if via else "",
        scanned=bool(protocol and not peer and _SCANNED.match(protocol[1])),
    )


def _recipient(text: str) -> str:
    """Return the address of a `for` clause, "" for one whose quotes hold any words."""
    return "" if text.startswith("?@") else normalize(text)


def hops(headers: Headers) -> Iterator[tuple[int, Hop]]:
    """Yield (index, hop) of `Received` lines, without qmail's `invoked by` notes."""
    for index, field in enumerate(headers):
        if field.name.lower() == "received":
            hop = parse_received(field.value)
            if hop.by or hop.sender:
                yield index, hop


def peer_addresses(hop: Hop) -> list[IPAddress]:
    """Return the network addresses that the writer of a line saw itself.

    `from x (y [192.0.2.1])` has one.
    """
    text = _HELO.sub(" ", hop.peer)
    if hop.peer and not text.strip():
        text = hop.sender  # Exim: `from [192.0.2.1] (helo=x)`
    words = _ADDRESS_WORD.findall(text)[:10]
    return [address for word in words if (address := _ip_address(word))]


def is_inside(address: IPAddress) -> bool:
    """Tell whether an address is nobody's in the public Internet."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in _INSIDE)


def _ip_address(text: str) -> IPAddress | None:
    plain = text.removeprefix("ipv6:")
    if plain.count(":") == 1:
        plain = plain.partition(":")[0]  # Ecelerity: `[192.0.2.1:53887]`
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        return None


def _host(match: re.Match[str] | None) -> str:
    return match[1].lower().rstrip(".") if match else ""


@dataclass
class _Comments:
    """The comments that follow the `from` host at once, and that behind `by`."""

    of_peer: list[str]
    of_writer: str = ""


def _peer(comments: list[str]) -> tuple[str, str]:
    """Return (the name at HELO, what the writer saw of its peer).

    `from unknown (HELO x) (192.0.2.1)`: the last comment is the writer's own. What
    stands before it may hold anything, and so may the sender's address behind it.
    """
    claim = _CLAIM.match(comments[0]) if len(comments) > 1 else None
    if not claim:
        return "", comments[0] if comments else ""
    seen = list(takewhile(lambda one: not _ENVELOPE.match(one), comments))
    return claim[1].lower().rstrip("."), seen[-1]


def _split_comments(value: str) -> tuple[str, _Comments]:
    """Return (value without comments, those that are read)."""
    plain: list[str] = []
    peer: list[list[str]] = []
    comments = _Comments([])
    pieces: list[str] | None = None
    depth = at = 0
    for mark in _COMMENT_MARK.finditer(value):
        text, at = value[at : mark.start()], mark.end()
        if not depth:
            plain.append(text)
            pieces = None
            if mark[0] == "(" and _is_of_peer(plain):
                pieces = []
                peer.append(pieces)
            elif mark[0] == "(" and not comments.of_writer and _UP_TO_NOTE.match(text):
                end = value.find(")", at)
                comments.of_writer = value[at : end if end >= 0 else at][:100]
        elif pieces is not None:
            pieces.append(text)
        depth = max(0, depth + (1 if mark[0] == "(" else -1))
    if not depth:
        plain.append(value[at:])
    comments.of_peer = [" ".join(one) for one in peer]
    return " ".join(plain), comments


def _is_of_peer(plain: list[str]) -> bool:
    """Tell whether a comment tells of the peer: that behind the `from` host, and the
    next ones if they follow at once."""
    if len(plain) > _PEER_COMMENTS or any(map(str.strip, plain[1:])):
        return False
    return bool(_UP_TO_PEER.match(plain[0]))
