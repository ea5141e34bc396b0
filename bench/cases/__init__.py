"""The benchmarks by name, in the order of the table."""

from . import endurance, inbound, outbound, searching

ALL = {
    "collect": inbound.collect,
    "route": inbound.route,
    "lanes": inbound.lanes,
    "large": inbound.large,
    "flood": inbound.flood,
    "alike": searching.alike,
    "memory": inbound.memory,
    "sending": outbound.sending,
    "screens": searching.screens,
    "endurance": endurance.endurance,
}
