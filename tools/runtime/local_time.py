"""Clocks of a time zone, and the moments that they show."""

from datetime import datetime, timezone
from typing import Protocol


class Zone(Protocol):
    """A time zone of ``pytz``."""

    def localize(self, dt: datetime, is_dst: bool | None = False) -> datetime:
        """Return a naive time of the zone with the zone."""

    def normalize(self, dt: datetime) -> datetime:
        """Return a time of the zone as the clocks really show it."""


def moment_of(wall: datetime, zone: Zone) -> datetime:
    """Return the first moment (naive UTC) at which clocks show ``wall`` or later.

    When clocks are set back some times come twice, and when they are set forward some
    never come. ``wall`` is the naive time that the clocks of ``zone`` show.
    """
    first, last = sorted(zone.localize(wall, is_dst=is_dst) for is_dst in (True, False))
    is_shown = zone.normalize(first).replace(tzinfo=None) >= wall
    return (first if is_shown else last).astimezone(timezone.utc).replace(tzinfo=None)
