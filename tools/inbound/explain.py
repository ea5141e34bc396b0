"""A mail's headers as our readers see them: whose each line is, and what it counts for.

No reader's rule is repeated here. Whether a line counts is found by reading the mail
once more without it, so that what is told stays what is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..mail.addresses import domain, normalize, parse_list
from ..mail.headers import Field, Headers
from .authentication import Verdicts, is_authenticated, is_internal, read_verdicts
from .networks import sender_network
from .profiles import Profile
from .received import Hop, parse_received, peer_addresses
from .recipients import DEFAULT_HEADER_ORDER, Recipient, Recipients, find_recipients
from .spam import RULES, SpamVerdict, read_spam
from .trust import is_edge, own_block, profile_of, trusted_trace

#: Most lines of a mail that are explained; a mail of a person has about a hundred.
LINE_LIMIT = 300
#: Characters of a value that are shown.
SHOWN_LIMIT = 300

#: Whose a line is. What stands below the border is the provider's only where its
#: profile says so; else UNSURE while no other server's line stands between: a filter or
#: the sender may have written it.
OWN, EDGE, UNSURE, OUTSIDE = "own", "edge", "unsure", "outside"
#: What a line counts for.
RECIPIENT, VERDICT, COLLEAGUE = "recipient", "verdict", "colleague"
CONDEMNS, ACQUITS, DOUBTED, SCORE = "condemns", "acquits", "doubted", "score"
#: It says who wrote the mail, and is heard only where it speaks against the sender.
VERDICT_DOUBTED = "verdict_doubted"
#: What it would count for, and why it does not: it stands too low, or another line or
#: rule decides.
RECIPIENT_BELOW, VERDICT_BELOW, SPAM_BELOW = (
    "recipient_below",
    "verdict_below",
    "spam_below",
)
RECIPIENT_UNUSED, VERDICT_UNUSED = "recipient_unused", "verdict_unused"

_AUTHENTICATION = frozenset({"authentication-results", "received-spf"})
_SPAM = frozenset(name.lower() for rule in RULES for name in rule.headers)


@dataclass(frozen=True)
class Trust:
    """What the readers are told of an account.

    `own_domains`: None means that every domain counts as served. `header_order`: the
    headers that may tell the original recipient, the surest first.
    """

    profile: Profile | None = None
    own_hosts: frozenset[str] = frozenset()
    authserv_ids: frozenset[str] = frozenset()
    own_domains: frozenset[str] | None = None
    account_addresses: frozenset[str] = frozenset()
    header_order: tuple[str, ...] = DEFAULT_HEADER_ORDER


@dataclass(frozen=True)
class Reading:
    """What all readers say of one mail.

    `size`: how many fields, from the top, our own servers wrote. `block`: so many below
    these are known to be their own, too. `strips`: the provider takes out what others
    write under its name. `authenticated`: None where nobody says, as of `internal`
    mail.
    """

    size: int
    block: int
    strips: bool
    recipients: Recipients
    verdicts: Verdicts
    authenticated: bool | None
    internal: bool
    spam: tuple[SpamVerdict, ...]
    network: str


@dataclass(frozen=True)
class Border:
    """Where what our own servers wrote ends, and why there.

    `rule`: what told the own servers: "profile", "hosts" (the learnt names) or
    "topmost" (the topmost `Received`). `why`: "edge", "outside", "program",
    "foreign", "none"; the tester's sentences say what each means. `host` wrote the
    last own `Received`; it had the mail from `sender`, whose network address it saw.
    """

    rule: str
    why: str
    host: str = ""
    sender: str = ""
    address: str = ""


@dataclass(frozen=True)
class Line:
    """One field: whose it is, what it counts for ("" for nothing); `value` is short."""

    name: str
    value: str
    whose: str
    counts: str


@dataclass(frozen=True)
class Explanation:
    """A mail's headers explained.

    `profile`: the code of the account's provider, "" if unknown; `fits`: the topmost
    `Received` is that provider's. `more`: so many lines are not shown.
    """

    profile: str
    fits: bool
    border: Border
    reading: Reading
    lines: tuple[Line, ...]
    more: int


def explain(headers: Headers, trust: Trust) -> Explanation:
    """Return whose each line of a mail is, and what was believed; never raises.

    At most 300 lines, top-down.
    """
    reading = read(headers, trust)
    known = profile_of(trusted_trace(headers, trust.own_hosts, trust.profile))
    profile = trust.profile or known
    lines = tuple(_Explained(headers, trust, reading).lines())
    return Explanation(
        profile=profile.code if profile else "",
        fits=bool(known),
        border=_border(headers, trust),
        reading=reading,
        lines=lines,
        more=len(headers) - len(lines),
    )


def read(headers: Headers, trust: Trust) -> Reading:
    """Return what the readers say of a mail; never raises."""
    trace = trusted_trace(headers, trust.own_hosts, trust.profile)
    profile = profile_of(trace)
    verdicts = read_verdicts(trace, trust.authserv_ids, headers=headers)
    internal = bool(profile and is_internal(headers, profile))
    sender_domain = domain(normalize(headers.get("From") or headers.get("Sender")))
    return Reading(
        size=len(trace),
        block=len(own_block(trace, headers)),
        strips=bool(profile and profile.strips_results),
        recipients=_recipients(headers, trust),
        verdicts=verdicts,
        authenticated=None if internal else is_authenticated(verdicts, sender_domain),
        internal=internal,
        spam=read_spam(trace, headers),
        network=sender_network(trace),
    )


def _recipients(headers: Headers, trust: Trust) -> Recipients:
    served = trust.own_domains
    if served is None:
        served = frozenset(_domains(headers))
    return find_recipients(
        headers,
        own_domains=served,
        account_addresses=trust.account_addresses,
        header_order=trust.header_order,
        own_hosts=trust.own_hosts,
        profile=trust.profile,
    )


def _domains(headers: Headers) -> Iterator[str]:
    """Yield every domain that any line could name as that of a recipient."""
    for field in headers[:LINE_LIMIT]:
        if field.name.lower() == "received":
            yield domain(parse_received(field.value).recipient)
        else:
            yield from map(domain, parse_list(field.value))


# ------------------------------------------------------------
# BORDER
# ------------------------------------------------------------


def _border(headers: Headers, trust: Trust) -> Border:
    rule = "hosts" if trust.own_hosts else "topmost"
    trace = trusted_trace(headers, trust.own_hosts, trust.profile)
    known, size = profile_of(trace), len(trace)
    if known and (known.edge or known.edge_via):
        rule = "profile"
    if not any(_is_received(field) for field in headers):
        return Border(rule, "none")
    last = headers[size - 1] if size else None
    if not last or not _is_received(last):
        return Border(rule, "foreign")
    hop = parse_received(last.value)
    address = next((str(one) for one in peer_addresses(hop)), "")
    return Border(rule, _why(hop, known), hop.by, hop.sender, address)


def _why(hop: Hop, profile: Profile | None) -> str:
    if hop.submitted:
        return "program"
    return "edge" if profile and is_edge(hop, profile) else "outside"


def _is_received(field: Field) -> bool:
    return field.name.lower() == "received"


# ------------------------------------------------------------
# LINES
# ------------------------------------------------------------


@dataclass(frozen=True)
class _Explained:
    """A mail that was read, whose lines are asked for one by one."""

    headers: Headers
    trust: Trust
    reading: Reading

    def lines(self) -> Iterator[Line]:
        """Yield the lines, top-down."""
        foreign = False
        for index, field in enumerate(self.headers[:LINE_LIMIT]):
            foreign |= index >= self.reading.size and _is_received(field)
            counts = self._counts(index)
            yield Line(
                name=field.name,
                value=_shown(field.value),
                whose=self._whose(index, foreign, counts),
                counts=counts,
            )

    def _whose(self, index: int, foreign: bool, counts: str) -> str:
        if index == self.reading.size - 1 and _is_received(self.headers[index]):
            return EDGE
        is_own = index < self.reading.size + self.reading.block
        # Whatever may speak for a mail is the provider's, wherever it stands.
        if is_own or counts in (VERDICT, ACQUITS, COLLEAGUE):
            return OWN
        return OUTSIDE if foreign else UNSURE

    def _counts(self, index: int) -> str:
        """Return what a line counts for, or why it does not though it could."""
        field = self.headers[index]
        name = field.name.lower()
        if _is_received(field):
            return RECIPIENT if self._is_own(index) and self._tells(field) else ""
        if name in {one.lower() for one in self.trust.header_order}:
            if not self._is_own(index):
                return RECIPIENT_BELOW
            return RECIPIENT if self._tells(field) else RECIPIENT_UNUSED
        if name in _AUTHENTICATION:
            return self._counts_as_verdict(index)
        if name in _SPAM or self._is_heard(field):
            return self._counts_as_spam(index)
        if not self.reading.internal or self._without(index).internal:
            return ""
        return COLLEAGUE

    def _is_own(self, index: int) -> bool:
        return index < self.reading.size

    def _is_heard(self, field: Field) -> bool:
        """Tell whether a filter spoke in a header of this name, which it made up."""
        return any(one.header == field.name for one in self.reading.spam)

    def _tells(self, field: Field) -> bool:
        """Tell whether a field is the evidence for an original recipient."""
        found = self.reading.recipients
        is_told = found.original_known or found.only_account
        return is_told and any(_is_of(one, field) for one in found.must_settle)

    def _counts_as_verdict(self, index: int) -> str:
        told = self.reading.verdicts
        alone = self._only_verdict(index).verdicts
        # Two lines of one server that say the same make one verdict.
        is_same = (alone.authserv_id, alone.trusted) == (told.authserv_id, told.trusted)
        is_told = bool(alone.authserv_id) and is_same
        if is_told or self._without(index).verdicts != told:
            return VERDICT if self._may_acquit(index) else VERDICT_DOUBTED
        return VERDICT_UNUSED if self._is_own(index) else VERDICT_BELOW

    def _may_acquit(self, index: int) -> bool:
        """Tell whether what a line says of the sender is surely the provider's word."""
        return index < self.reading.size + self.reading.block or self.reading.strips

    def _counts_as_spam(self, index: int) -> str:
        field = self.headers[index]
        if len(self._without(index).spam) == len(self.reading.spam):
            return "" if self._is_own(index) else SPAM_BELOW
        said = [one for one in self.reading.spam if _is_of(one, field)]
        if not said:
            return ""
        # Of lines that are the same, the first ones stand above the border.
        before = sum(one == field for one in self.headers[:index])
        found = said[min(before, len(said) - 1)]
        if found.is_spam:
            return CONDEMNS
        if found.score is not None and found.threshold is None:
            return SCORE
        return ACQUITS if found.trusted else DOUBTED

    def _without(self, index: int) -> Reading:
        """Return what the readers would say if this line was not there."""
        fields = [*self.headers[:index], *self.headers[index + 1 :]]
        return read(Headers(fields), self.trust)

    def _only_verdict(self, index: int) -> Reading:
        """Return what the readers would say if nobody else told who wrote the mail."""
        fields = (
            field
            for at, field in enumerate(self.headers)
            if at == index or field.name.lower() not in _AUTHENTICATION
        )
        return read(Headers(fields), self.trust)


def _is_of(evidence: Recipient | SpamVerdict, field: Field) -> bool:
    """Tell whether evidence, which may be shortened, is of this field."""
    plain = " ".join(field.value.split())
    return evidence.header == field.name and plain.startswith(evidence.value)


def _shown(value: str) -> str:
    plain = " ".join(value[: 10 * SHOWN_LIMIT].split())
    return plain if len(plain) <= SHOWN_LIMIT else f"{plain[: SHOWN_LIMIT - 1]}…"
