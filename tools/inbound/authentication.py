"""What the receiving server found out about who wrote a mail (RFC 8601).

The verdicts stand in `Authentication-Results`, which a sender can write as well as
a server. They count only where our own servers wrote, and only under the name our
own server signs them with, its authserv-id (RFC 8601 2.5, 5).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..mail.addresses import is_below
from ..mail.headers import Field, Headers
from .profiles import Profile
from .recipients import parse_received

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

#: Providers that write their verdict below their own `Received` and take out what a
#: sender has forged under their name.
STRIPPING = frozenset({"mx.google.com"})
#: Providers that leave out the authserv-id: their host names tell who wrote.
NAMELESS = frozenset({"outlook.com"})

_HEADER = "authentication-results"
_SYNONYMS = {"hardfail": "fail", "unknown": "permerror", "error": "temperror"}

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_OUTSIDE = re.compile(rf'{_QUOTED}|\\.|[(;]|[^\\"(;]+|.', re.DOTALL)
_INSIDE = re.compile(r"\\.|[()]|[^\\()]+|.", re.DOTALL)
# RFC 8601 2.2: method [/version] = result, ptype.property = value
_METHOD = re.compile(
    r"\s*([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z0-9_-]+)", re.IGNORECASE
)
_PROPERTY = re.compile(
    rf"(?<![\w.])([a-z]+\.[a-z0-9_-]+)\s*=\s*({_QUOTED}[^\s]*|[^\s\"]+)", re.IGNORECASE
)
_SPF_RESULT = re.compile(r"\s*([a-z]+)\b", re.IGNORECASE)
# RFC 7208 9.1
_SPF_SENDER = re.compile(r"\benvelope-from\s*=\s*\"?<?([^\s;\">]+)", re.IGNORECASE)
_SPF_TOLD = re.compile(r"\bdomain of (?:transitioning )?([^\s;)]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Verdicts:
    """The results of one server, lower case, "" where it gave none.

    `header` and `value` are the evidence. The domains are those that each method
    vouches for.
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
    trace: tuple[Field, ...],
    trusted: frozenset[str],
    headers: Iterable[Field] = (),
    stripping: frozenset[str] = STRIPPING,
) -> Verdicts:
    """Return the verdicts that our own servers gave; never raises.

    `trace`: what `recipients.trusted_trace` returns, nothing below it is believed.
    `trusted`: authserv-ids, a name covers those below it. When empty, the topmost
    field tells the authserv-id, if that names or covers a server that wrote one of
    the trace's `Received`.

    `headers`: the whole mail. With it, the fields directly below the trace are read
    too, for the authserv-ids in `stripping` alone, and only if such a server wrote
    the trace's last `Received`.

    Several fields of one authserv-id make one verdict: dkim passes if one signature
    does, everything else is as grave as its gravest result, so that nothing that a
    server was made to add can mend a failure. `Received-SPF` of the trace counts
    where there is no spf (RFC 7208 9.1).
    """
    fields = [*trace, *_below(trace, headers, stripping)][:VALUE_LIMIT]
    reports = list(_reports(fields))
    server = _trusted_server(reports, trusted, _hosts(trace))
    chosen = [report for report in reports if server and report.server == server]
    verdicts = _merged(server, chosen) if chosen else Verdicts()
    return verdicts if verdicts.spf else _with_received_spf(verdicts, trace)


def is_authenticated(verdicts: Verdicts, from_domain: str) -> bool | None:
    """Tell whether the mail comes from `from_domain`; None where no verdict says.

    DMARC decides where it gave a result. Without one, a passed dkim or spf of the same
    domain, of one above or of one below it does (RFC 7489 3.1, relaxed; two neighbours
    below one domain don't count, for want of a list of public suffixes).
    """
    if not (verdicts.spf or verdicts.dkim or verdicts.dmarc):
        return None
    if verdicts.dmarc not in UNDECIDED_DMARC:
        told = verdicts.dmarc_domain or from_domain
        return verdicts.dmarc == "pass" and is_aligned(told, from_domain)
    return any(is_aligned(name, from_domain) for name in _passed_domains(verdicts))


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


def _trusted_server(
    reports: Sequence[_Report], trusted: frozenset[str], hosts: Iterable[str]
) -> str:
    """Return the authserv-id to believe: the topmost that is trusted, or ""."""
    if trusted:
        names = [name.lower().strip() for name in trusted]
        known = (r.server for r in reports if _is_covered(r.server, names))
        return next(known, "")
    server = reports[0].server if reports else ""
    return server if any(_is_covered(host, [server]) for host in hosts) else ""


def _is_covered(name: str, by: Iterable[str]) -> bool:
    return bool(name) and any(above and is_below(name, above) for above in by)


def _hosts(trace: Iterable[Field]) -> tuple[str, ...]:
    """Return the servers that wrote the `Received` lines of the trace, top-down."""
    received = [f for f in trace if f.name.lower() == "received"][:FIELD_LIMIT]
    return tuple(parse_received(field.value).by for field in received)


def _below(
    trace: Sequence[Field], headers: Iterable[Field], stripping: frozenset[str]
) -> Iterator[Field]:
    """Yield the fields that the edge server may have written below its `Received`."""
    edge = next(reversed(_hosts(trace)), "")
    if not _is_covered(edge, stripping):
        return
    for field in list(headers)[len(trace) :]:
        if field.name.lower() == "received":
            return
        if field.name.lower() == _HEADER and _server_of(field) in stripping:
            yield field


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def _reports(fields: Sequence[Field]) -> Iterator[_Report]:
    found = [i for i, field in enumerate(fields) if field.name.lower() == _HEADER]
    for index in found[:FIELD_LIMIT]:
        field = fields[index]
        segments = _segments(field.value[:VALUE_LIMIT])
        results = tuple(r for segment in segments if (r := _result(segment)))
        yield _Report(_server_of(field) or _writer(fields, index), results, field)


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
    return next((name for name in NAMELESS if _is_covered(host, [name])), "")


def _segments(value: str) -> list[str]:
    """Return the parts between semicolons, without comments (RFC 5322 3.2.2)."""
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


def _merged(server: str, reports: list[_Report]) -> Verdicts:
    results = [result for report in reports for result in report.results]
    by = {m: [r for r in results if r.method == m] for m in ("spf", "dkim", "dmarc")}
    passed = [r for r in by["dkim"] if r.result == "pass"]
    spf, dmarc = _gravest(by["spf"]), _gravest(by["dmarc"])
    dkim = passed[0] if passed else _gravest(by["dkim"])
    return Verdicts(
        spf=spf.result,
        dkim=dkim.result,
        dmarc=dmarc.result,
        authserv_id=server,
        header=reports[0].field.name,
        value=_shown(" / ".join(report.field.value for report in reports)),
        spf_domain=spf.domain,
        dkim_domains=tuple(dict.fromkeys(r.domain for r in passed if r.domain)),
        dmarc_domain=dmarc.domain,
    )


def _gravest(results: list[_Result]) -> _Result:
    return min(results, key=_gravity, default=_Result("", "", ""))


def _gravity(result: _Result) -> int:
    known = result.result in GRAVITY
    return GRAVITY.index(result.result) if known else len(GRAVITY)


def _with_received_spf(verdicts: Verdicts, trace: Iterable[Field]) -> Verdicts:
    found = (f for f in trace if f.name.lower() == "received-spf")
    field = next(found, None)
    match = _SPF_RESULT.match(field.value) if field else None
    if not field or not match:
        return verdicts
    value = field.value[:VALUE_LIMIT]
    sender = _SPF_SENDER.search(value) or _SPF_TOLD.search(value)
    result = match[1].lower()
    return replace(
        verdicts,
        spf=_SYNONYMS.get(result, result),
        spf_domain=_host(sender[1]) if sender else "",
        header=verdicts.header or field.name,
        value=verdicts.value or _shown(value),
    )


def _shown(value: str) -> str:
    return " ".join(value[: 10 * SHOWN_LIMIT].split())[:SHOWN_LIMIT]
