"""The benchmarks by name, in the order of the table."""

from . import endurance, inbound, latency, listening, outbound, same, searching

ALL = {
    "same": same.same,
    "collect": inbound.collect,
    "route": inbound.route,
    "judging": inbound.judging,
    "lanes": inbound.lanes,
    "large": inbound.large,
    "flood": inbound.flood,
    "alike": searching.alike,
    "arrival": latency.arrival,
    "inside": listening.inside,
    "memory": inbound.memory,
    "sending": outbound.sending,
    "screens": searching.screens,
    "endurance": endurance.endurance,
}
