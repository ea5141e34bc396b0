"""The benchmarks by name, in the order of the table."""

from . import inbound

ALL = {
    "collect": inbound.collect,
    "route": inbound.route,
}
