"""How long a worker of Odoo's may work before Odoo kills it."""

from collections.abc import Mapping
from dataclasses import dataclass

#: The share of a limit that is used: Odoo counts the other scheduled actions of a pass,
#: too, and what is begun has to be ended.
SHARE = 0.5
#: Seconds of somebody who has no limit.
UNLIMITED = 600.0


@dataclass(frozen=True)
class Limits:
    """Seconds that a worker may use, of the clock and of its processor."""

    real: float
    cpu: float


def limits_of(config: Mapping[str, object], is_scheduled: bool) -> Limits:
    """Return what may be used of the limits in Odoo's configuration.

    Of a scheduled action `limit_time_real_cron` counts; below 0 it means
    `limit_time_real`. 0 is no limit. `is_scheduled` is whether it is one.
    """
    real = _seconds(config, "limit_time_real")
    if is_scheduled and _seconds(config, "limit_time_real_cron") >= 0:
        real = _seconds(config, "limit_time_real_cron")
    return Limits(_used(real), _used(_seconds(config, "limit_time_cpu")))


def _seconds(config: Mapping[str, object], name: str) -> float:
    value = config.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _used(limit: float) -> float:
    return min(limit * SHARE, UNLIMITED) if limit > 0 else UNLIMITED
