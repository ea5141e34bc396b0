"""Clocks of a time zone, and the moments that they show."""

from datetime import timezone


def moment_of(wall, zone):
    """Answer the first moment at which clocks show a time or a later one.

    When clocks are set back some times come twice, and when they are set forward some
    never come.

    :param wall: naive datetime, what the clocks show
    :param zone: their time zone, one of ``pytz``
    :return: naive datetime in UTC
    """
    first, last = sorted(zone.localize(wall, is_dst=is_dst) for is_dst in (True, False))
    is_shown = zone.normalize(first).replace(tzinfo=None) >= wall
    return (first if is_shown else last).astimezone(timezone.utc).replace(tzinfo=None)
