"""Who wrote a mail and wants its answer, where From names somebody else.

Contact forms write the website's own address into From, services one that takes no
answers, and mailing lists their own, since DMARC made them (RFC 7960 section 4.1.3).
They name the person in Reply-To (RFC 5322 section 3.6.2) or in a header of their own.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ..mail import addresses
from ..mail.addresses import Mailbox
from ..mail.headers import Headers
from .automatic import takes_no_answer

#: Whom a list has taken out of From; Google Groups and Microsoft write the first two.
_ORIGINAL_HEADERS = ("X-Original-From", "X-Original-Sender", "Original-From")
_LIST_HEADERS = ("List-Id", "List-Post", "List-Unsubscribe", "Mailing-List")
# "Hoa via Sales": Mailman and Google Groups, in the list's language.
_VIA = re.compile(
    r"^\s*['\"“]?(?P<name>.*?)['\"”]?\s+"
    r"(?:via|über|per|por|através de|par|qua|tramite|przez)\s+\S",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Author:
    """Who counts as the author of a mail.

    `reason`: "" for the one in From; "own_from" where From is an address of our own,
    "no_reply" where it takes no answers, "list" where a mailing list has put itself
    there. `header`: the header that names the author.
    """

    mailbox: Mailbox
    reason: str = ""
    header: str = "From"


def find_author(headers: Headers, own_domains: AbstractSet[str]) -> Author:
    """Return the :class:`Author` of a mail.

    Nobody on one of `own_domains` ever takes the place of the one in From: what is said
    in a colleague's name has to be proven by From.
    """
    written = written_author(headers)
    sender = written.mailbox
    for reason, header, found in _candidates(headers, sender, own_domains):
        is_other = found.address and found.address != sender.address
        if is_other and addresses.domain(found.address) not in own_domains:
            name = found.name or _name_before_via(sender.name)
            return Author(Mailbox(name, found.address), reason, header)
    return written


def written_author(headers: Headers) -> Author:
    """Return the one whom From names, without From the one in Sender."""
    for header in ("From", "Sender"):
        if headers.get(header):
            return Author(addresses.first_mailbox(headers.get(header)), header=header)
    return Author(Mailbox("", ""))


def answers_to(headers: Headers, own_domains: AbstractSet[str]) -> str:
    """Return the address in Reply-To at which somebody else than the sender reads
    answers (RFC 5322 3.6.2); "" if it names nobody outside of `own_domains`."""
    sender = written_author(headers).mailbox.address
    asked = addresses.parse_list(", ".join(headers.get_all("Reply-To")))
    return next(
        (
            one
            for one in asked
            if one != sender
            and addresses.domain(one) not in own_domains
            and not takes_no_answer(one)
        ),
        "",
    )


def _candidates(
    headers: Headers, sender: Mailbox, own_domains: AbstractSet[str]
) -> Iterator[tuple[str, str, Mailbox]]:
    """Yield (reason, header, mailbox) of who may stand behind the one in From."""
    asked = addresses.first_mailbox(headers.get("Reply-To"))
    if _is_rewritten(headers, sender):
        for header in _ORIGINAL_HEADERS:
            yield "list", header, addresses.first_mailbox(headers.get(header))
        if asked.address not in _list_addresses(headers):
            yield "list", "Reply-To", asked
    elif _is_list(headers):
        # Its Reply-To is the list, or what its owner wants (RFC 2369).
        return
    elif addresses.domain(sender.address) in own_domains:
        yield "own_from", "Reply-To", asked
    elif takes_no_answer(sender.address) and not takes_no_answer(asked.address):
        yield "no_reply", "Reply-To", asked


def _is_list(headers: Headers) -> bool:
    return any(headers.get(name) for name in _LIST_HEADERS)


def _is_rewritten(headers: Headers, sender: Mailbox) -> bool:
    """Tell whether a list has put its own address into From."""
    named = any(headers.get(name) for name in _ORIGINAL_HEADERS)
    return _is_list(headers) and bool(named or _VIA.match(sender.name))


def _list_addresses(headers: Headers) -> frozenset[str]:
    """Return the addresses by which a list takes mail."""
    posts = re.findall(r"<mailto:([^<>?]+)", headers.get("List-Post"), re.IGNORECASE)
    return frozenset(filter(None, map(addresses.normalize, posts)))


def _name_before_via(name: str) -> str:
    found = _VIA.match(name)
    return found["name"].strip() if found else ""
