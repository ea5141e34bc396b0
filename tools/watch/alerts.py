"""When people are told of a problem: once, and once more each day while it lasts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .health import OK, PROBLEM, Finding

AGAIN = timedelta(days=1)
#: What people are told of although nothing is broken yet.
TOLD_EARLY = frozenset(
    {("certificate", "ends"), ("junk", "some"), ("forwarding", "asks")}
)


@dataclass(frozen=True)
class Told:
    """Whether the problem of an item lasts, and when it was told last."""

    lasts: bool
    when: datetime


@dataclass(frozen=True)
class Plan:
    """What to tell now; which of it also loudly, by mail; what is over."""

    tell: tuple[Finding, ...]
    loud: frozenset[str]
    over: frozenset[str]


def is_alarming(finding: Finding) -> bool:
    """Tell whether people are told of a finding without asking."""
    return finding.state == PROBLEM or (finding.item, finding.code) in TOLD_EARLY


def plan(findings: Iterable[Finding], told: Mapping[str, Told], now: datetime) -> Plan:
    """Return what to do after a look at everything.

    A problem begins when it is alarming and ends when the item is well: what goes to
    and fro between a problem and a warning is one problem. One that comes back within
    a day is told again, but not loudly.
    """
    by_item = {finding.item: finding for finding in findings}
    due = {item for item, one in told.items() if now - one.when >= AGAIN}
    lasting = {item for item, one in told.items() if one.lasts}
    tell = tuple(
        finding
        for item, finding in by_item.items()
        if is_alarming(finding) and (item not in lasting or item in due)
    )
    loud = {finding.item for finding in tell if finding.item not in told}
    loud |= {finding.item for finding in tell} & due
    over = {
        item for item in lasting if item not in by_item or by_item[item].state == OK
    }
    return Plan(tell, frozenset(loud), frozenset(over))
