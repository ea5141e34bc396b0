"""Under whose name one mail goes out through the shared account.

Header From, envelope sender and Sender are separate choices (RFC 5322 3.6.2,
RFC 5321 3.3): a provider may accept one and refuse the other.
"""

from dataclasses import dataclass

from ..mail.addresses import Mailbox, domain, first_mailbox, format_address, normalize

HEADER_CHOICES = ("author", "verified", "via", "account")
ENVELOPE_CHOICES = ("bounce", "account", "author")
#: Asks for no envelope sender at all (RFC 5321 4.5.5); it is not sent itself.
NULL_SENDER_HEADER = "X-Catchall-Null-Sender"

#: Why an identity is what it is.
WHY = (
    "author",  # the author's own address
    "no_author",  # nobody to name: the company
    "foreign_domain",  # the author's domain is not served here
    "not_ascii",  # not every server takes the author's address (RFC 6531)
    "unverified",  # the provider lets verified addresses through only
    "refused",  # the provider has refused this author
    "policy_via",  # the policy names the account for everybody
    "policy_account",  # the policy names the company for everybody
)


@dataclass(frozen=True)
class Policy:
    """How one outgoing account names its senders.

    `account`: the address it logs in with. `own_domains`: domains it may write
    for. `envelope`: one of ENVELOPE_CHOICES. `company`: the name behind `via`.
    `display`: the form of a rewritten name. `header_from`: one of HEADER_CHOICES.
    `sender_header`: whether to name the account in Sender. `refused`: normalised
    addresses that the provider does not let through, of authors or of the envelope;
    `verified`: addresses and domains that it does, be they own or not.
    """

    account: str
    own_domains: frozenset[str]
    envelope: str
    company: str
    display: str = "{name} via {company}"
    header_from: str = "author"
    sender_header: bool = True
    refused: frozenset[str] = frozenset()
    verified: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Identity:
    """The senders of one mail, ready for the wire; `sender` may be "".

    `why`: one of WHY; all but "author" mean that header From is not his own.
    """

    header_from: str
    envelope_from: str
    sender: str
    why: str


def choose_identity(author: str, bounce: str, policy: Policy) -> Identity:
    """Return the identity of a mail by `author`, a From value; never raises.

    `bounce` is the address that bounces should come to, or "". Of several authors
    the first counts.
    """
    mailbox = first_mailbox(author)
    why = _why(mailbox, policy)
    shown = mailbox if why == "author" else _account_mailbox(mailbox, why, policy)
    account = normalize(policy.account)
    # RFC 5322 3.6.2: Sender is there only when it differs from the author.
    sender = account if policy.sender_header and shown.address != account else ""
    return Identity(
        header_from=format_address(shown.name, shown.address),
        envelope_from=_accepted(_envelope(shown, bounce, policy), policy),
        sender=sender,
        why=why,
    )


def _why(author: Mailbox, policy: Policy) -> str:
    if not author.address:
        return "no_author"
    if author.address == normalize(policy.account):
        return "author"
    if policy.header_from in ("via", "account"):
        return f"policy_{policy.header_from}"
    if not author.address.isascii():
        return "not_ascii"
    if author.address in policy.refused:
        return "refused"
    if {author.address, domain(author.address)} & policy.verified:
        return "author"
    if domain(author.address) not in policy.own_domains:
        return "foreign_domain"
    return "unverified" if policy.header_from == "verified" else "author"


def _account_mailbox(author: Mailbox, why: str, policy: Policy) -> Mailbox:
    account = normalize(policy.account)
    if why in ("no_author", "policy_account"):
        return Mailbox(policy.company, account)
    name = author.name or author.address.rpartition("@")[0]
    return Mailbox(_display(name, policy), account)


def _display(name: str, policy: Policy) -> str:
    """Return the rewritten name; `str.format` would run what a user wrote."""
    if not policy.company:
        return name
    before, mark, after = policy.display.partition("{name}")
    parts = (part.replace("{company}", policy.company) for part in (before, after))
    return f"{name if mark else ''}".join(parts)


def _accepted(envelope: str, policy: Policy) -> str:
    return normalize(policy.account) if envelope in policy.refused else envelope


def _envelope(shown: Mailbox, bounce: str, policy: Policy) -> str:
    bounce = normalize(bounce)
    if policy.envelope == "bounce" and domain(bounce) in policy.own_domains:
        return bounce
    if policy.envelope == "author":
        return shown.address
    return normalize(policy.account)
