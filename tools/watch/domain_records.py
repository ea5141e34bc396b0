"""Whether the DNS of a domain says that its mail is its own: SPF, DKIM and DMARC.

A function asks for the texts of a name and returns (), or None where nothing is known:
what is not known is no fault. Every fault comes with the record that mends it, as far
as it can be known from outside.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..inbound.dkim import read_tags
from ..mail.addresses import is_below
from ..mail.registrable import registrable
from .health import OK, STATES, WARNING, Finding

#: Returns the texts of a name; () for none, None for not known.
Ask = Callable[[str], Sequence[str] | None]

ITEMS = ("spf", "dkim", "dmarc")
#: Look-ups that one SPF record may cost with all that it includes (RFC 7208 4.6.4).
MAX_LOOK_UPS = 10
#: Top-level names that are never in the DNS of the Internet (RFC 6761, RFC 9476).
_PRIVATE = frozenset(
    {
        "alt", "arpa", "corp", "example", "home", "internal", "invalid", "lan", "local",
        "localdomain", "localhost", "onion", "test",
    }
)  # fmt: skip
_LOOKED_UP = ("include", "a", "mx", "ptr", "exists")
_ENDS = ("all", "redirect")
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True)
class Way:
    """How a domain's mail leaves: the `host` that takes it, and the `includes` of its
    provider: names whose SPF records list its servers, the first one for everybody."""

    host: str
    includes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """How one of ITEMS stands at one domain: a state, and the code of its sentence.

    `values`: the `name` of the record, the `record` to set, and what the sentence needs
    beyond.
    """

    state: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


def is_public(domain: str) -> bool:
    """Tell whether the Internet's DNS may know a domain."""
    labels = domain.lower().strip(".").split(".")
    return len(labels) > 1 and labels[-1] not in _PRIVATE


def check(
    domain: str, ask: Ask, way: Way, seen: Sequence[tuple[str, str]] | None
) -> dict[str, Check]:
    """Return how each of ITEMS stands at a domain; `seen` as `check_dkim` takes it."""
    return {
        "spf": check_spf(domain, ask, way),
        "dkim": check_dkim(domain, ask, seen),
        "dmarc": check_dmarc(domain, ask),
    }


def judge(found: Mapping[str, Mapping[str, Check]]) -> list[Finding]:
    """Return one finding for each of ITEMS: how the worst of the domains stand.

    `found`: {domain: {item: check}}. Domains with the same fault are named together,
    with the record of the first.
    """
    return [finding for item in ITEMS for finding in _judge_item(item, found)]


def _judge_item(
    item: str, found: Mapping[str, Mapping[str, Check]]
) -> Iterator[Finding]:
    checks = {domain: one[item] for domain, one in found.items() if item in one}
    if not checks:
        return
    worst = max(checks.values(), key=lambda one: STATES.index(one.state))
    same = [domain for domain, one in checks.items() if one.code == worst.code]
    values = {"name": "", "record": "", **worst.values, "domain": ", ".join(same)}
    yield Finding(item, worst.state, worst.code, values)


# ------------------------------------------------------------
# SPF (RFC 7208)
# ------------------------------------------------------------


def check_spf(domain: str, ask: Ask, way: Way) -> Check:
    """Return whether a domain lists the servers that send its mail."""
    texts = ask(domain)
    if texts is None:
        return Check(OK, "unknown")
    records = _spf_records(texts)
    if not records:
        record = f"v=spf1 {_own_term(way)} ~all"
        return Check(WARNING, "absent", {"name": domain, "record": record})
    if len(records) > 1:
        values = {"name": domain, "record": _merged(records)}
        return Check(WARNING, "several", values)
    return _check_record(domain, records[0], ask, way)


def _check_record(domain: str, record: str, ask: Ask, way: Way) -> Check:
    terms = record.split()[1:]
    walk = _Walk(ask)
    walk.follow(terms)
    values = {"name": domain, "record": record}
    if any(term.lower() in ("all", "+all") for term in terms):
        kept = [term for term in terms if term.lower() not in ("all", "+all")]
        values["record"] = " ".join(["v=spf1", *kept, "~all"])
        return Check(WARNING, "everyone", values)
    if walk.dead:
        return Check(WARNING, "dead", {**values, "dead": walk.dead})
    if walk.count > MAX_LOOK_UPS:
        return Check(WARNING, "many", {**values, "count": str(walk.count)})
    if _is_lacking(terms, walk.names, way):
        values["record"] = _with_term(terms, _own_term(way))
        return Check(WARNING, "lacks", {**values, "term": _own_term(way)})
    return Check(OK, "set", values)


def _is_lacking(terms: Sequence[str], names: Iterable[str], way: Way) -> bool:
    """Tell whether the provider's servers are surely not listed.

    Networks that are written down one by one may well be the provider's.
    """
    is_listed = any(_mechanism(term)[0] in ("ip4", "ip6", "exists") for term in terms)
    is_included = any(is_below(name, one) for name in names for one in way.includes)
    return bool(way.includes) and not is_listed and not is_included


class _Walk:
    """Follows a record into those that it includes, as far as a receiver does.

    `count`: the look-ups; `names`: the records included; `dead`: one that is none.
    """

    def __init__(self, ask: Ask) -> None:
        self.count = 0
        self.names: list[str] = []
        self.dead = ""
        self._ask = ask

    def follow(self, terms: Iterable[str]) -> None:
        """Count the look-ups of these terms; end soon after there are too many."""
        for term in terms:
            name, value = _mechanism(term)
            if name in _LOOKED_UP or name == "redirect":
                self.count += 1
            if self.count > MAX_LOOK_UPS:
                return
            # What a macro stands for depends on each mail.
            if name in ("include", "redirect") and value and "%" not in value:
                self._enter(value.lower().rstrip("."))

    def _enter(self, name: str) -> None:
        if name in self.names:
            return
        self.names.append(name)
        texts = self._ask(name)
        records = _spf_records(texts or ())
        if texts is not None and not records:
            self.dead = self.dead or name
        for record in records[:1]:
            self.follow(record.split()[1:])


def _spf_records(texts: Iterable[str]) -> list[str]:
    return [one.strip() for one in texts if one.lower().split()[:1] == ["v=spf1"]]


def _mechanism(term: str) -> tuple[str, str]:
    """Return name and value of a term: ("include", "x.example")."""
    text = term.lstrip("+-~?")
    for sign in (":", "=", "/"):
        name, found, value = text.partition(sign)
        if found and name.isalnum():
            return name.lower(), value
    return text.lower(), ""


def _own_term(way: Way) -> str:
    if way.includes:
        return f"include:{way.includes[0]}"
    return f"mx a:{way.host}" if way.host else "mx"


def _with_term(terms: Sequence[str], term: str) -> str:
    """Return the record with one more term, before what ends it."""
    ends = (i for i, one in enumerate(terms) if _mechanism(one)[0] in _ENDS)
    at = next(ends, len(terms))
    return " ".join(["v=spf1", *terms[:at], term, *terms[at:]])


def _merged(records: Iterable[str]) -> str:
    """Return one record that lists what several do."""
    terms = dict.fromkeys(term for one in records for term in one.split()[1:])
    kept = [term for term in terms if _mechanism(term)[0] not in _ENDS]
    return " ".join(["v=spf1", *kept, "~all"])


# ------------------------------------------------------------
# DMARC (RFC 7489, RFC 9989)
# ------------------------------------------------------------


def check_dmarc(domain: str, ask: Ask) -> Check:
    """Return whether a domain, or one above it, says what holds for forged mail."""
    values = {"name": f"_dmarc.{domain}", "record": "v=DMARC1; p=none"}
    for owner in _owners(domain):
        texts = ask(f"_dmarc.{owner}")
        if texts is None:
            return Check(OK, "unknown")
        records = [one.strip() for one in texts if _is_dmarc(one)]
        if len(records) > 1:
            return Check(WARNING, "several", {**values, "name": f"_dmarc.{owner}"})
        if records:
            return _check_policy(domain, owner, records[0])
    return Check(WARNING, "absent", values)


def _owners(domain: str) -> Iterator[str]:
    """Yield a domain and those above it, up to the registered one."""
    last = registrable(domain) or domain
    while domain != last:
        yield domain
        domain = domain.partition(".")[2]
    yield last


def _is_dmarc(text: str) -> bool:
    return read_tags(text.partition(";")[0]).get("v") == "DMARC1"


def _check_policy(domain: str, owner: str, record: str) -> Check:
    tags = read_tags(record)
    policy = tags.get("p", "none" if tags.get("rua") else "").lower()
    if policy not in _POLICIES:
        rest = [part.strip() for part in record.split(";")[1:] if part.strip()]
        kept = [part for part in rest if part.partition("=")[0].strip().lower() != "p"]
        mended = "; ".join(["v=DMARC1", "p=none", *kept])
        return Check(WARNING, "broken", {"name": f"_dmarc.{owner}", "record": mended})
    if owner != domain and tags.get("sp", "").lower() in _POLICIES:
        policy = tags["sp"].lower()
    values = {"name": f"_dmarc.{owner}", "record": record, "policy": policy}
    return Check(OK, "set", values)


# ------------------------------------------------------------
# DKIM (RFC 6376)
# ------------------------------------------------------------


def check_dkim(domain: str, ask: Ask, seen: Sequence[tuple[str, str]] | None) -> Check:
    """Return whether the domain's mail is signed, with a key that the DNS has.

    `seen`: (domain, selector) of the signatures on a mail of the domain that came back;
    None while none has. A selector cannot be guessed.
    """
    if seen is None:
        return Check(OK, "unseen")
    aligned = [one for one in seen if _is_aligned(one[0], domain)]
    if seen and not aligned:
        return Check(WARNING, "foreign", {"signer": seen[0][0]})
    checks = [_check_key(ask, *one) for one in aligned]
    # One key that holds is enough.
    return min(
        checks,
        key=lambda one: STATES.index(one.state),
        default=Check(OK, "unsigned"),
    )


def _is_aligned(signer: str, domain: str) -> bool:
    owner = registrable(domain)
    return signer == domain or bool(owner and registrable(signer) == owner)


def _check_key(ask: Ask, signer: str, selector: str) -> Check:
    values = {"name": f"{selector}._domainkey.{signer}"}
    texts = ask(values["name"])
    if texts is None:
        return Check(OK, "unknown", values)
    keys = [tags for tags in map(read_tags, texts) if "p" in tags]
    if not keys:
        return Check(WARNING, "no_key", values)
    if not any(tags["p"] for tags in keys):
        return Check(WARNING, "revoked", values)
    return Check(OK, "set", values)
