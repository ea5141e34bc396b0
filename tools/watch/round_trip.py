"""What a mail that we sent to ourselves tells of the way that it took.

The probe of a round trip goes to an address that nobody has. Whatever is in it
when it comes back and was not sent, the provider wrote: so it tells which header
names the original recipient, under which names the provider's servers write, and what
they change and judge.
"""

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..inbound.authentication import Verdicts, read_verdicts
from ..inbound.bounces import Bounce
from ..inbound.dkim import Signature, read_signatures
from ..inbound.profiles import Profile
from ..inbound.received import parse_received
from ..inbound.recipients import DEFAULT_HEADER_ORDER, VISIBLE_HEADERS
from ..inbound.spam import SPAM, read_spam
from ..inbound.trust import fits, trusted_trace
from ..mail.addresses import normalize
from ..mail.headers import Field, Headers
from ..outbound.refusals import QUOTA, RECIPIENT, SENDER, TEMPORARY, TOO_MANY, Refusal

#: Holds the secret of a probe; so does its Message-ID.
SECRET_HEADER = "X-Catchall-Router-Probe"
#: A mailing has both, and a DKIM signature must cover them, or the receivers' button to
#: unsubscribe does not appear (RFC 8058 4).
UNSUBSCRIBE_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post")

#: How good or bad a finding is.
GOOD, NOTE, WARNING, PROBLEM = "good", "note", "warning", "problem"
#: A trip that took longer (s) is called slow.
SLOW_SECONDS = 60

_WORD = re.compile(r"[0-9A-Za-z]+")
_WORDS_LIMIT = 100
_VALUE_LIMIT = 1000
_SENT_HEADERS = frozenset(name.lower() for name in VISIBLE_HEADERS) | {
    "bcc", "reply-to", "from", "sender", "return-path",
}  # fmt: skip
_REFUSED = {
    SENDER: "sender_refused",
    RECIPIENT: "recipient_refused",
    TEMPORARY: "not_now",
    QUOTA: "not_now",
    TOO_MANY: "not_now",
}
_FAILURES = {"spf": WARNING, "dkim": WARNING, "dmarc": PROBLEM}


@dataclass(frozen=True)
class Probe:
    """A probe as it was sent; `author` is normalised, `secret` tells it from others."""

    address: str
    author: str
    message_id: str
    secret: str


@dataclass(frozen=True)
class Arrival:
    """What a probe that came back tells.

    `recipient_header`: which of the trusted headers names the original recipient, ""
    if none; "Received" for the `for` clause of a server's own line. `hidden_header`
    names it below what is trusted; `hidden_hosts` wrote the lines down to there.
    `hosts`: the servers that wrote the trusted lines, top-down. `profile`: the code of
    the provider's profile, "" if there is none or the mail is not of its shape.
    `signatures`: those of DKIM; `unsigned`: the UNSUBSCRIBE_HEADERS that came back, and
    that the signature which covers most of them does not.
    """

    author: str
    message_id: str
    recipient_header: str
    hidden_header: str
    hidden_hosts: tuple[str, ...]
    hosts: tuple[str, ...]
    verdicts: Verdicts
    authserv_id: str
    is_spam: bool
    profile: str = ""
    signatures: tuple[Signature, ...] = ()
    unsigned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that a trip has shown; `details` fill in its sentence."""

    code: str
    state: str
    details: Mapping[str, object] = field(default_factory=dict)


# ------------------------------------------------------------
# RECOGNISING
# ------------------------------------------------------------


def secrets_in(headers: Headers) -> tuple[str, ...]:
    """Return the words in the headers of a mail that may be a probe's secret."""
    values = (*headers.get_all(SECRET_HEADER), *headers.get_all("Message-ID"))
    words = _WORD.findall(" ".join(value[:_VALUE_LIMIT] for value in values[:10]))
    return tuple(words[:_WORDS_LIMIT])


def carries(headers: Headers, secret: str) -> bool:
    """Tell whether a mail is the one sent with this secret, or a copy of it."""
    wanted = secret.encode()
    words = (word.encode() for word in secrets_in(headers))
    return bool(secret) and any(hmac.compare_digest(one, wanted) for one in words)


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def read_arrival(
    headers: Headers,
    probe: Probe,
    own_hosts: frozenset[str] = frozenset(),
    authserv_ids: frozenset[str] = frozenset(),
    profile: Profile | None = None,
) -> Arrival:
    """Return what the headers of a probe tell that came back; never raises.

    `own_hosts` and `authserv_ids` are what the router trusts already, `profile` what is
    known of the account's provider.
    """
    trace = trusted_trace(headers, own_hosts, profile)
    named = _naming(trace, probe.address)
    is_known = bool(profile and fits(headers, profile))
    # Whom to trust beyond what its profile says, nobody needs to be asked.
    is_told = bool(named) or is_known
    hidden, hosts = ("", ()) if is_told else _hidden(headers, probe.address, own_hosts)
    verdicts = read_verdicts(trace, authserv_ids, headers=headers)
    signatures = read_signatures(headers)
    return Arrival(
        author=normalize(headers.get("From")[:_VALUE_LIMIT]),
        message_id=headers.get("Message-ID").strip(),
        recipient_header=named,
        hidden_header=hidden,
        hidden_hosts=hosts,
        hosts=_hosts(trace),
        verdicts=verdicts,
        authserv_id=verdicts.authserv_id or _untrusted_id(trace),
        is_spam=_is_spam(trace, headers, profile),
        profile=profile.code if profile and is_known else "",
        signatures=signatures,
        unsigned=_unsigned(headers, signatures),
    )


def _is_spam(trace: Headers, headers: Headers, profile: Profile | None) -> bool:
    tail = profile.tail if profile else ()
    verdicts = read_spam(trace, headers, tail)
    return any(one.is_spam for one in verdicts if one.kind == SPAM)


def _unsigned(headers: Headers, signatures: Iterable[Signature]) -> tuple[str, ...]:
    present = [name for name in UNSUBSCRIBE_HEADERS if headers.get_all(name)]
    missing = (
        tuple(name for name in present if name.lower() not in one.covered)
        for one in signatures
    )
    return min(missing, key=len, default=())


def _naming(fields: Iterable[Field], address: str) -> str:
    """Return the header that names this address and nothing else, or "".

    Of several it is the surest.
    """
    names = [one.name for one in fields if _names(one, address)]
    order = [name.lower() for name in DEFAULT_HEADER_ORDER]
    return min(names, key=lambda name: _rank(name.lower(), order), default="")


def _rank(name: str, order: list[str]) -> int:
    """Return where a header stands: known ones in their order; a `for` clause last."""
    if name == "received":
        return len(order) + 1
    return order.index(name) if name in order else len(order)


def _names(one: Field, address: str) -> bool:
    if _is_received(one):
        return parse_received(one.value[:_VALUE_LIMIT]).recipient == address
    return one.name.lower() not in _SENT_HEADERS and (
        one.value[:_VALUE_LIMIT].strip().strip("<>").lower() == address
    )


def _hidden(
    headers: Headers, address: str, own_hosts: frozenset[str]
) -> tuple[str, tuple[str, ...]]:
    """Return the header below the trusted ones that names the address, and servers.

    To trust these servers makes it count. Return ("", ()) where there is none or trust
    doesn't help. Whoever wrote a header wrote the next `Received` below it, too.
    """
    at = next((i for i, one in enumerate(headers) if _names(one, address)), None)
    if at is None:
        return "", ()
    below = (i for i in range(at, len(headers)) if _is_received(headers[i]))
    hosts = _hosts(headers[: next(below, len(headers)) + 1])
    trace = trusted_trace(headers, own_hosts | frozenset(hosts))
    named = _naming(trace, address)
    return (named, hosts) if named else ("", ())


def _is_received(one: Field) -> bool:
    return one.name.lower() == "received"


def _hosts(fields: Iterable[Field]) -> tuple[str, ...]:
    lines = (one.value for one in fields if _is_received(one))
    hosts = (parse_received(value[:_VALUE_LIMIT]).by for value in lines)
    return tuple(dict.fromkeys(host for host in hosts if host))


def _untrusted_id(trace: Sequence[Field]) -> str:
    """Return the authserv-id of a verdict on top that nobody has told us to believe.

    A probe is sent without any, so that only the provider can have written it.
    """
    found = (one for one in trace if one.name.lower() == "authentication-results")
    words = next((one.value[:_VALUE_LIMIT] for one in found), "").partition(";")[0]
    name = words.split()[0].strip('"').lower() if words.split() else ""
    return name if "." in name and "=" not in name else ""


# ------------------------------------------------------------
# JUDGING
# ------------------------------------------------------------


def judge_refusal(refusal: Refusal) -> Finding:
    """Return what it means that the mail server did not take the probe."""
    words = " ".join(filter(None, [str(refusal.code or ""), refusal.words]))
    code = _REFUSED.get(refusal.kind, "not_taken")
    return Finding(code, PROBLEM, {"words": words})


def judge_author_refusal(refusal: Refusal, author: str) -> Finding:
    """Return what it means that the server takes the account's probe, no user's."""
    details = {"author": author, "words": judge_refusal(refusal).details["words"]}
    return Finding("author_refused", WARNING, details)


def judge_bounce(bounce: Bounce, address: str) -> Finding:
    """Return what it means that a notice of non-delivery came back instead."""
    told = [one for one in bounce.recipients if normalize(one.address) == address]
    failed = next(iter([*told, *bounce.recipients]), None)
    words = f"{failed.status} {failed.diagnostic}".strip() if failed else ""
    code = "bounced_unknown" if bounce.hard else "bounced"
    return Finding(code, PROBLEM, {"words": words})


def seconds_since(sent: datetime | None, now: datetime) -> int:
    """Return the whole seconds since a probe was sent; 0 before it is."""
    return max(0, int((now - sent).total_seconds())) if sent else 0


def judge_time(seconds: int) -> Finding:
    """Return how good it is that a probe arrives after so many seconds."""
    is_slow = seconds > SLOW_SECONDS
    code, state = ("arrived_late", NOTE) if is_slow else ("arrived", GOOD)
    return Finding(code, state, {"seconds": seconds})


def judge_forwarding(
    provider: str, address: str, code: str, is_proven: bool
) -> Finding:
    """Return that a forwarding to the mailbox waits to be confirmed.

    Until it is, the provider forwards nothing, whatever else works.
    """
    details = {"provider": provider, "address": address, "code": code or "-"}
    return Finding(
        "forwarding" if is_proven else "forwarding_unproven", WARNING, details
    )


def judge(arrival: Arrival, probe: Probe) -> tuple[Finding, ...]:
    """Return what is good and bad about the way a probe took, in the order to show."""
    return (
        _judge_recipient(arrival),
        _judge_author(arrival, probe),
        _judge_message_id(arrival, probe),
        *_judge_authentication(arrival.verdicts),
        *_judge_unsubscribe(arrival),
        *([Finding("called_spam", WARNING)] if arrival.is_spam else []),
    )


def _judge_recipient(arrival: Arrival) -> Finding:
    if arrival.recipient_header:
        details = {"header": arrival.recipient_header}
        return Finding("recipient_told", GOOD, details)
    if arrival.hidden_header:
        hosts = ", ".join(arrival.hidden_hosts)
        details = {"header": arrival.hidden_header, "hosts": hosts}
        return Finding("recipient_hidden", WARNING, details)
    return Finding("recipient_untold", WARNING)


def _judge_author(arrival: Arrival, probe: Probe) -> Finding:
    details = {"sent": probe.author, "seen": arrival.author}
    if arrival.author == probe.author:
        return Finding("author_kept", GOOD, details)
    return Finding("author_replaced", WARNING, details)


def _judge_message_id(arrival: Arrival, probe: Probe) -> Finding:
    if arrival.message_id == probe.message_id:
        return Finding("message_id_kept", GOOD)
    return Finding("message_id_replaced", WARNING, {"seen": arrival.message_id[:200]})


def _judge_authentication(verdicts: Verdicts) -> Iterator[Finding]:
    results = {m: getattr(verdicts, m) for m in ("spf", "dkim", "dmarc")}
    passed = [method.upper() for method in results if results[method] == "pass"]
    if passed:
        details = {"methods": ", ".join(passed), "server": verdicts.authserv_id}
        yield Finding("authentication_passed", GOOD, details)
    for method, result in results.items():
        if result not in ("", "pass", "none"):
            yield Finding(f"{method}_failed", _FAILURES[method], {"result": result})
    if not any(results.values()):
        yield Finding("authentication_untold", NOTE)
    elif "none" in results.values():
        none = [m.upper() for m in results if results[m] == "none"]
        yield Finding("authentication_none", NOTE, {"methods": ", ".join(none)})


def _judge_unsubscribe(arrival: Arrival) -> Iterator[Finding]:
    if arrival.unsigned:
        details = {"headers": ", ".join(arrival.unsigned)}
        yield Finding("unsubscribe_unsigned", NOTE, details)
