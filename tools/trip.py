"""What a mail that we sent to ourselves tells of the way that it took.

The probe of a round trip goes to an address that nobody has. Whatever stands in it
when it comes back and was not sent, the provider wrote: so it tells which header
names the original recipient, under which names the provider's servers write, and what
they change and judge.
"""

import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .addresses import normalize
from .authentication import Verdicts, read_verdicts
from .headers import Field, Headers
from .recipients import (
    DEFAULT_HEADER_ORDER,
    VISIBLE_HEADERS,
    parse_received,
    trusted_trace,
)
from .spam import SPAM, read_spam

#: Holds the secret of a probe; so does its Message-ID.
SECRET_HEADER = "X-Catchall-Router-Probe"

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
    `hosts`: the servers that wrote the trusted lines, top-down.
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


@dataclass(frozen=True)
class Finding:
    """One thing that a trip has shown; `details` fill in its sentence."""

    code: str
    state: str
    details: dict = field(default_factory=dict)


# ------------------------------------------------------------
# RECOGNISING
# ------------------------------------------------------------


def secrets_in(headers: Headers) -> tuple[str, ...]:
    """The words in the headers of a mail that may be a probe's secret."""
    values = (*headers.get_all(SECRET_HEADER), *headers.get_all("Message-ID"))
    words = _WORD.findall(" ".join(value[:_VALUE_LIMIT] for value in values[:10]))
    return tuple(words[:_WORDS_LIMIT])


def carries(headers: Headers, secret: str) -> bool:
    """Whether a mail is the one that was sent with this secret, or a copy of it."""
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
) -> Arrival:
    """What the headers of a probe tell that came back; never raises.

    `own_hosts` and `authserv_ids` are what the router trusts already.
    """
    trace = trusted_trace(headers, own_hosts)
    named = _naming(trace, probe.address)
    below = "" if named else _naming(headers, probe.address)
    verdicts = read_verdicts(trace, authserv_ids, headers=headers)
    return Arrival(
        author=normalize(headers.get("From")[:_VALUE_LIMIT]),
        message_id=headers.get("Message-ID").strip(),
        recipient_header=named,
        hidden_header=below,
        hidden_hosts=_hosts_above(headers, below, probe.address) if below else (),
        hosts=_hosts(trace),
        verdicts=verdicts,
        authserv_id=verdicts.authserv_id or _untrusted_id(trace),
        is_spam=any(
            one.is_spam for one in read_spam(trace, headers) if one.kind == SPAM
        ),
    )


def _naming(fields: Iterable[Field], address: str) -> str:
    """The header that names this address and nothing else, the surest first; "" if
    none does."""
    names = [one.name for one in fields if _names(one, address)]
    order = [name.lower() for name in DEFAULT_HEADER_ORDER]
    return min(names, key=lambda name: _rank(name.lower(), order), default="")


def _rank(name: str, order: list[str]) -> int:
    """Known headers first, in their order; a `for` clause last."""
    if name == "received":
        return len(order) + 1
    return order.index(name) if name in order else len(order)


def _names(one: Field, address: str) -> bool:
    name = one.name.lower()
    if name == "received":
        return parse_received(one.value[:_VALUE_LIMIT]).recipient == address
    return name not in _SENT_HEADERS and (
        one.value[:_VALUE_LIMIT].strip().strip("<>").lower() == address
    )


def _hosts_above(headers: Headers, name: str, address: str) -> tuple[str, ...]:
    """The servers that wrote the lines down to the header that names the address;
    where it is a server's own line, that server too."""
    at = next(
        i for i, one in enumerate(headers) if one.name == name and _names(one, address)
    )
    return _hosts(headers[: at + 1])


def _hosts(fields: Iterable[Field]) -> tuple[str, ...]:
    lines = (one.value for one in fields if one.name.lower() == "received")
    hosts = (parse_received(value[:_VALUE_LIMIT]).by for value in lines)
    return tuple(dict.fromkeys(host for host in hosts if host))


def _untrusted_id(trace: Sequence[Field]) -> str:
    """The authserv-id of a verdict on top that nobody has told us to believe.

    A probe is sent without any, so that only the provider can have written it.
    """
    found = (one for one in trace if one.name.lower() == "authentication-results")
    words = next((one.value[:_VALUE_LIMIT] for one in found), "").partition(";")[0]
    name = words.split()[0].strip('"').lower() if words.split() else ""
    return name if "." in name and "=" not in name else ""


# ------------------------------------------------------------
# JUDGING
# ------------------------------------------------------------


def judge(arrival: Arrival, probe: Probe) -> tuple[Finding, ...]:
    """What is good and bad about the way a probe took, in the order to show it."""
    return (
        _judge_recipient(arrival),
        _judge_author(arrival, probe),
        _judge_message_id(arrival, probe),
        *_judge_authentication(arrival.verdicts),
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


# ------------------------------------------------------------
# LEARNING
# ------------------------------------------------------------


def keeps_trust(mails: Sequence[Headers], own_hosts: frozenset[str]) -> bool:
    """Whether to believe only these hosts takes away nothing that is believed now of
    these mails from outside; False without any.

    A provider takes mail in with many servers, and a probe meets but one of them.
    """
    return bool(mails) and all(
        len(trusted_trace(mail, own_hosts)) >= len(trusted_trace(mail))
        for mail in mails
    )


def keeps_verdicts(
    mails: Sequence[Headers], own_hosts: frozenset[str], authserv_id: str
) -> bool:
    """Whether to believe only this authserv-id takes away no verdict on these mails;
    False where there is none on any."""
    believed = [_believed(mail, own_hosts, frozenset()) for mail in mails]
    kept = [_believed(mail, own_hosts, frozenset({authserv_id})) for mail in mails]
    return any(believed) and all(
        after or not before for before, after in zip(believed, kept, strict=True)
    )


def _believed(mail: Headers, own_hosts: frozenset, authserv_ids: frozenset) -> str:
    trace = trusted_trace(mail, own_hosts)
    return read_verdicts(trace, authserv_ids, headers=mail).authserv_id
