"""What the receiving server found out about who wrote a mail (RFC 8601).

The verdicts stand in `Authentication-Results`, which a sender can write as well as
a server. They count only where our own servers wrote, and only under the name our
own server signs them with, its authserv-id (RFC 8601 2.5, 5). Where that is, and
which names it uses, a provider's profile tells.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..mail.addresses import is_below
from ..mail.headers import Field, Headers
from .profiles import PROFILES, Profile
from .quoted import without_quoted
from .received import parse_received
from .trust import Trace, below_edge, covers, own_block, profile_of

#: Most characters of a header, and most headers, that are looked at.
VALUE_LIMIT = 10_000
FIELD_LIMIT = 50
SHOWN_LIMIT = 500

#: The results of a method, the gravest first (RFC 8601 2.7); others count as the last.
GRAVITY = (
    "fail", "permerror", "softfail", "policy", "temperror", "neutral", "none", "pass",
)  # fmt: skip
#: DMARC results that leave the question to the other methods: nothing published,
#: not looked up, or a guess of the provider's own.
UNDECIDED_DMARC = frozenset({"", "none", "temperror", "permerror", "bestguesspass"})

Item = TypeVar("Item")

_HEADER = "authentication-results"
_NAMELESS = [one for one in PROFILES if one.nameless]
_SYNONYMS = {"hardfail": "fail", "unknown": "permerror", "error": "temperror"}

_BEFORE_ADDRESS = "<= \t:("
_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_OUTSIDE = re.compile(rf'{_QUOTED}|\\.|[(;]|[^\\"(;]+|.', re.DOTALL)
_INSIDE = re.compile(r"\\.|[()]|[^\\()]+|.", re.DOTALL)
# RFC 8601 2.2: method [/version] = result, ptype.property = value
_METHOD = re.compile(
    r"\s*([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z0-9_-]+)", re.IGNORECASE
)
_NEXT_METHOD = re.compile(r"(?<=\s)(?:spf|dkim|dmarc)=[a-z]", re.IGNORECASE)
_QUOTES = re.compile(_QUOTED)
_PROPERTY = re.compile(
    rf"(?<![\w.])([a-z]+\.[a-z0-9_-]+)\s*=\s*({_QUOTED}[^\s]*|[^\s\"]+)", re.IGNORECASE
)
_SPF_RESULT = re.compile(r"\s*([a-z]+)\b", re.IGNORECASE)
# RFC 7208 9.1: a key, not a part of the name at HELO, which stands there as well.
_SPF_SENDER = re.compile(r"(?:^|\s)envelope-from\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
_AFTER_AT = re.compile(r"@([^\s@\"<>;]+)")
_SPF_TOLD = re.compile(r"\bdomain of (?:transitioning )?([^\s;)]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Verdicts:
    """The results of one server, lower case, "" where it gave none.

    `header` and `value` are the evidence. The domains are those that each method
    vouches for. `trusted`: only our own servers can have written them; others may say
    that a sender is not real, never that he is.
    """

    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    authserv_id: str = ""
    header: str = ""
    value: str = ""
    spf_domain: str = ""
    dkim_domains: tuple[str, ...] = ()
    dmarc_domain: str = ""
    trusted: bool = True


@dataclass(frozen=True)
class _Result:
    method: str
    result: str
    domain: str


@dataclass(frozen=True)
class _Report:
    """One Authentication-Results field; `server` is its authserv-id, "" if none."""

    server: str
    results: tuple[_Result, ...]
    field: Field


def read_verdicts(
    trace: Sequence[Field],
    trusted: frozenset[str],
    headers: Iterable[Field] = (),
) -> Verdicts:
    """Return the verdicts that our own servers gave; never raises.

    `trace`: what `trust.trusted_trace` returns. `trusted`: authserv-ids, a name covers
    those below it. When empty, those of the provider that wrote the trace; where it is
    not known, the topmost field tells the authserv-id, if that names or covers a server
    that wrote one of the trace's `Received`.

    `headers`: the whole mail. With it, what the provider is known to write below its
    `Received` is read too: what can only be its own, or else, and not trusted, what
    bears its name.

    Several fields of one authserv-id make one verdict: dkim passes if one signature
    does, everything else is as grave as its gravest result, so that nothing that a
    server was made to add can mend a failure. `Received-SPF` of the trace counts
    where there is no spf (RFC 7208 9.1).
    """
    names = _own_names(trace, trusted)
    own = [*trace, *own_block(trace, headers)]
    found = list(_reports(own[:VALUE_LIMIT]))
    found += _stripped(trace, headers)
    chosen = _of_names(found, names) or _of_topmost(found, trusted, _hosts(trace))
    if not profile_of(trace):
        chosen = [one for one in chosen if one.server == chosen[0].server]
    verdicts = _merged(chosen, True) if chosen else Verdicts()
    if not (verdicts.spf or verdicts.dkim or verdicts.dmarc):
        below = _below(trace, list(headers), names)
        verdicts = _merged(below, False) if below else verdicts
    return verdicts if verdicts.spf else _with_received_spf(verdicts, trace)


def is_authenticated(verdicts: Verdicts, from_domain: str) -> bool | None:
    """Tell whether the mail comes from `from_domain`; None where no verdict says.

    DMARC decides where it gave a result. Without one, a passed dkim or spf of the same
    domain, of one above or of one below it does (RFC 7489 3.1, relaxed; two neighbours
    below one domain don't count, for want of a list of public suffixes). Verdicts that
    anybody may have written only say no.
    """
    if not (verdicts.spf or verdicts.dkim or verdicts.dmarc):
        return None
    if verdicts.dmarc not in UNDECIDED_DMARC:
        told = verdicts.dmarc_domain or from_domain
        is_real = verdicts.dmarc == "pass" and is_aligned(told, from_domain)
    else:
        passed = _passed_domains(verdicts)
        is_real = any(is_aligned(name, from_domain) for name in passed)
    return None if is_real and not verdicts.trusted else is_real


def is_internal(headers: Headers, profile: Profile) -> bool:
    """Tell whether the provider says that a colleague has sent the mail.

    It says so once, of a signed-in user of the organisation that the mailbox belongs
    to.
    """
    name, value = profile.internal
    said = [one.strip().lower() for one in headers.get_all(name)] if name else []
    return said == [value.lower()]


def is_aligned(one: str, other: str) -> bool:
    """Tell whether two domains are the same or one is below the other."""
    short, long = sorted((_host(one), _host(other)), key=len)
    return "." in short and is_below(long, short)


def _passed_domains(verdicts: Verdicts) -> Iterator[str]:
    if verdicts.dkim == "pass":
        yield from verdicts.dkim_domains
    if verdicts.spf == "pass":
        yield verdicts.spf_domain


# ------------------------------------------------------------
# TRUST
# ------------------------------------------------------------


def _own_names(trace: Sequence[Field], trusted: frozenset[str]) -> frozenset[str]:
    """Return the authserv-ids to believe, empty if the topmost field tells.

    A provider that has one of the names that are trusted has all of its own.
    """
    given = frozenset(name.lower().strip() for name in trusted)
    profile = profile_of(trace)
    known = frozenset(profile.authserv_ids) if profile else frozenset()
    if isinstance(trace, Trace) and trace.edge and not known:
        known = frozenset({trace.edge.by})
    is_known = not given or any(covers(known, name) for name in given)
    return given | known if is_known else given


def _of_names(reports: Iterable[_Report], names: frozenset[str]) -> list[_Report]:
    return [one for one in reports if covers(names, one.server)] if names else []


def _of_topmost(
    reports: Sequence[_Report], trusted: frozenset[str], hosts: Iterable[str]
) -> list[_Report]:
    """Return those of the topmost one's server, if it wrote one of the lines."""
    server = reports[0].server if reports and not trusted else ""
    if not any(covers([server], host) for host in hosts):
        return []
    return [one for one in reports if one.server == server]


def _hosts(trace: Iterable[Field]) -> tuple[str, ...]:
    """Return the servers that wrote the `Received` lines of the trace, top-down."""
    received = [f for f in trace if f.name.lower() == "received"][:FIELD_LIMIT]
    return tuple(parse_received(field.value).by for field in received)


def _stripped(trace: Sequence[Field], headers: Iterable[Field]) -> Iterator[_Report]:
    """Yield the result below the edge's line that no sender can have written.

    It is the first one, and the provider's name stands in it as the provider writes it:
    nothing tells that others are taken out as well.
    """
    profile = profile_of(trace)
    if not profile or not profile.strips_results:
        return
    first = next(_reports(below_edge(trace, headers)[:VALUE_LIMIT]), None)
    if first and first.field.value.partition(";")[0].strip() in profile.authserv_ids:
        yield first


def _below(
    trace: Sequence[Field], headers: Sequence[Field], names: frozenset[str]
) -> list[_Report]:
    """Return the results below the border that bear the provider's name.

    Those of the machine itself that took the mail in, if there are any and it has no
    other name: others may be of an earlier passage. Where it has one, whoever wrote in
    its own name would hide them.
    """
    profile = profile_of(trace)
    if not profile or not profile.results_below:
        return []
    reports = list(_reports(_ends(headers[len(trace) :], VALUE_LIMIT)))
    host = next(reversed(_hosts(trace)), "")
    is_exact = profile.by_machine or not profile.authserv_ids
    exact = [one for one in reports if is_exact and host and one.server == host]
    return exact or _of_names(reports, names)


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def _reports(fields: Sequence[Field]) -> Iterator[_Report]:
    found = [i for i, field in enumerate(fields) if field.name.lower() == _HEADER]
    for index in _ends(found, FIELD_LIMIT):
        field = fields[index]
        segments = _segments(field.value[:VALUE_LIMIT])
        results = tuple(r for segment in segments for r in _results(segment))
        yield _Report(_server_of(field) or _writer(fields, index), results, field)


def _ends(items: Sequence[Item], limit: int) -> Sequence[Item]:
    """Return the first and the last of so many items: a provider writes at either end
    of what a sender wrote, who must not write it out of sight."""
    half = limit // 2
    return items if len(items) <= limit else [*items[:half], *items[-half:]]


def _server_of(field: Field) -> str:
    """Return the authserv-id of a field, "" when its provider leaves it out."""
    first = _segments(field.value[:VALUE_LIMIT])[0]
    words = first.split()
    return "" if _METHOD.match(first) or not words else words[0].strip('"').lower()


def _writer(fields: Sequence[Field], index: int) -> str:
    """Return the server that wrote a field without authserv-id, "" if it is not known.

    It is that of the `Received` below it, if that is known to leave the authserv-id
    out.
    """
    below = (f for f in fields[index + 1 :] if f.name.lower() == "received")
    host = next((parse_received(field.value).by for field in below), "")
    known = (one for one in _NAMELESS if covers(one.chain, host))
    return next((one.authserv_ids[0] for one in known), "")


def _segments(value: str) -> list[str]:
    """Return the parts between semicolons, without comments (RFC 5322 3.2.2) and
    without what is in quotes in an address."""
    value = without_quoted(value, _BEFORE_ADDRESS)
    parts: list[list[str]] = [[]]
    depth = at = 0
    while match := (_INSIDE if depth else _OUTSIDE).match(value, at):
        mark, at = match[0], match.end()
        if mark == "(" or depth:
            depth += {"(": 1, ")": -1}.get(mark, 0)
            parts[-1].append(" ")
        elif mark == ";":
            parts.append([])
        else:
            parts[-1].append(mark)
    return ["".join(part) for part in parts]


def _results(segment: str) -> Iterator[_Result]:
    """Yield the result of a segment, and those that follow without a semicolon.

    FortiMail leaves it out. What follows could be a part of a name that the sender
    chose: it is no reason to believe anything.
    """
    first, *others = _split_methods(segment.strip())
    if result := _result(first):
        yield result
        found = (_result(one) for one in others)
        yield from (one for one in found if one and one.result != "pass")


def _split_methods(segment: str) -> list[str]:
    starts = [0, *(m.start() for m in _NEXT_METHOD.finditer(_without_quotes(segment)))]
    ends = [*starts[1:], len(segment)]
    return [segment[start:end] for start, end in zip(starts, ends, strict=True)]


def _without_quotes(text: str) -> str:
    """Return a text of the same length with blanks for what stands in quotes."""
    return _QUOTES.sub(lambda found: " " * len(found[0]), text)


def _result(segment: str) -> _Result | None:
    method = _METHOD.match(segment)
    if not method:
        return None
    result = method[2].lower()
    values = {m[1].lower(): m[2] for m in _PROPERTY.finditer(segment)}
    name = method[1].lower()
    return _Result(name, _SYNONYMS.get(result, result), _domain_of(name, values))


#: The properties that name what a method vouches for, the surest first.
_VOUCHED = {
    "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}


def _domain_of(method: str, values: dict[str, str]) -> str:
    names = _VOUCHED.get(method, ())
    return _host(next((values[name] for name in names if name in values), ""))


def _host(text: str) -> str:
    return text.rpartition("@")[2].strip(' \t"<>,;.').lower()


# ------------------------------------------------------------
# MERGING
# ------------------------------------------------------------


def _merged(reports: list[_Report], trusted: bool) -> Verdicts:
    results = [result for report in reports for result in report.results]
    by = {m: [r for r in results if r.method == m] for m in ("spf", "dkim", "dmarc")}
    passed = [r for r in by["dkim"] if r.result == "pass"]
    spf, dmarc = _gravest(by["spf"]), _gravest(by["dmarc"])
    dkim = passed[0] if passed else _gravest(by["dkim"])
    return Verdicts(
        spf=spf.result,
        dkim=dkim.result,
        dmarc=dmarc.result,
        authserv_id=reports[0].server,
        header=reports[0].field.name,
        value=_shown(" / ".join(report.field.value for report in reports)),
        spf_domain=spf.domain,
        dkim_domains=tuple(dict.fromkeys(r.domain for r in passed if r.domain)),
        dmarc_domain=dmarc.domain,
        trusted=trusted,
    )


def _gravest(results: list[_Result]) -> _Result:
    return min(results, key=_gravity, default=_Result("", "", ""))


def _gravity(result: _Result) -> int:
    known = result.result in GRAVITY
    return GRAVITY.index(result.result) if known else len(GRAVITY)


def _with_received_spf(verdicts: Verdicts, trace: Sequence[Field]) -> Verdicts:
    found = (f for f in trace if f.name.lower() == "received-spf")
    field = next(found, None)
    match = _SPF_RESULT.match(field.value) if field else None
    if not field or not match:
        return verdicts
    value = field.value[:VALUE_LIMIT]
    result = match[1].lower()
    profile = profile_of(trace)
    return replace(
        verdicts,
        trusted=verdicts.trusted and (profile is None or profile.spf_acquits),
        spf=_SYNONYMS.get(result, result),
        spf_domain=_spf_domain(value),
        header=verdicts.header or field.name,
        value=verdicts.value or _shown(value),
    )


def _spf_domain(value: str) -> str:
    """Return the domain that `Received-SPF` vouches for, "" where it names several."""
    senders = [one for part in _segments(value) for one in _SPF_SENDER.findall(part)]
    # A domain may stand alone, and a local part hold anything.
    told = [
        host for one in senders for host in _AFTER_AT.findall(one) or one.split()[:1]
    ]
    told = told or _SPF_TOLD.findall(without_quoted(value, _BEFORE_ADDRESS))
    domains = {_host(one) for one in told}
    return domains.pop() if len(domains) == 1 else ""


def _shown(value: str) -> str:
    return " ".join(value[: 10 * SHOWN_LIMIT].split())[:SHOWN_LIMIT]
