"""How much an account may send: so many recipients in any minute, hour and day.

The windows slide. What was sent is counted in slots of ten seconds; a slot counts in
full while any part of it is in the window, so that a limit is never exceeded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

SLOT = timedelta(seconds=10)
PERIODS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
LONGEST = max(PERIODS.values())
#: Who goes first when little is left, and which part of a limit each may use: a
#: newsletter must not leave a person's letter without room.
HUMAN, AUTOMATIC, BULK = "human", "automatic", "bulk"
SHARES = {HUMAN: 1.0, AUTOMATIC: 0.9, BULK: 0.8}
WARN_AT = 0.8


@dataclass(frozen=True)
class Full:
    """A limit that leaves no room: its period, and when there is room again."""

    period: str
    until: datetime


def slot_of(moment: datetime) -> datetime:
    """Return the beginning of the slot that a moment is in."""
    return moment - (moment - datetime.min) % SLOT


def begin_of(period: str, now: datetime) -> datetime:
    """Return the first slot that counts for a period that ends now."""
    return slot_of(now - PERIODS[period])


def share_of(limit: int, urgency: str) -> int:
    """Return how many of a limit mails of this urgency may use up, at least one."""
    return max(1, int(limit * SHARES[urgency]))


def find_full(
    limits: Mapping[str, int],
    counts: Mapping[datetime, int],
    wanted: int,
    urgency: str,
    now: datetime,
) -> Full | None:
    """Return the limit that has no room for `wanted` more for the longest time, if any.

    `limits`: {period: limit}, 0 for none. `counts`: {slot: recipients} of the last
    day. What is larger than a whole limit goes when nothing else is counted.
    """
    found = [
        Full(period, until)
        for period, limit in limits.items()
        if limit
        and (until := _room_at(period, share_of(limit, urgency), counts, wanted, now))
    ]
    return max(found, key=lambda one: one.until, default=None)


def _room_at(
    period: str, share: int, counts: Mapping[datetime, int], wanted: int, now: datetime
) -> datetime | None:
    """Return when a period has room, None if it has."""
    counted = sorted(
        (slot, count)
        for slot, count in counts.items()
        if slot >= begin_of(period, now) and count
    )
    used = sum(count for _slot, count in counted)
    until = None
    for slot, count in counted:
        if used + wanted <= share:
            break
        used -= count
        until = slot + SLOT + PERIODS[period]
    return until


def find_warnings(
    limits: Mapping[str, int],
    counts: Mapping[datetime, int],
    added: int,
    now: datetime,
) -> list[str]:
    """Return the periods whose use comes to WARN_AT of the limit by `added` more."""
    found = []
    for period, limit in limits.items():
        begin = begin_of(period, now)
        used = sum(count for slot, count in counts.items() if slot >= begin)
        if limit and used < limit * WARN_AT <= used + added:
            found.append(period)
    return found
