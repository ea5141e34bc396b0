#!/usr/bin/env python3
"""What saturates first on the way to ten million mails a day.

    bench/simulate.py [--measure] [--mails 10000000] [--peak 3]

A queueing model with measured service times: each mail takes the CPU of a worker on
one of several hosts, the CPU of the one PostgreSQL server, and its place in the
write-ahead log; lanes are how many mails are under way at once. ``--measure`` takes
the service times on this machine first; without it those of the last measurement,
which are in ``simulate.json``, are used.
"""

import argparse
import contextlib
import heapq
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import workload
from lab import Lab, percentile

from sandbox.progress import say

KEPT = Path(__file__).with_name("simulate.json")
DAY = 86_400
SIMULATED = 120  # seconds, of the busiest hour
CORES_PER_HOST = 8
DATABASE_CORES = 32
LOG_BYTES_PER_SECOND = 200e6  # what one server's disk writes in sequence
RAW_BYTES = 20_000  # of an ordinary mail; its base64 is kept
PYTHON_SHARE = 0.9  # of a host's cores that routing may use


@dataclass(frozen=True)
class Service:
    """What one mail costs: milliseconds of a worker's CPU, milliseconds of the
    database's CPU, and bytes of its log."""

    worker: float
    database: float
    log: float


@dataclass(frozen=True)
class Result:
    """How a simulation went: shares of the time that each part was busy, and the
    seconds that mails took, waiting included."""

    hosts: int
    workers_busy: float
    database_busy: float
    log_busy: float
    p95: float
    backlog: int


class Station:
    """Some equal servers with one queue: first come, first served."""

    def __init__(self, servers):
        self._free_at = [0.0] * servers
        heapq.heapify(self._free_at)
        self.busy = 0.0

    def serve(self, arrival, seconds):
        """Return when a job that arrives then is done."""
        begin = max(arrival, heapq.heappop(self._free_at))
        heapq.heappush(self._free_at, begin + seconds)
        self.busy += seconds
        return begin + seconds


def simulate(service, hosts, rate, seed=1):
    """Return the :class:`Result` of so many mails a second for a while.

    A mail goes through the stations one after the other. Times of service vary as
    exponential distributions do, which is more than was measured.
    """
    draw = random.Random(seed)
    lanes = int(hosts * CORES_PER_HOST * PYTHON_SHARE)
    workers, database, log = Station(lanes), Station(DATABASE_CORES), Station(1)
    now, times, unfinished = 0.0, [], 0
    while now < SIMULATED:
        now += draw.expovariate(rate)
        done = workers.serve(now, draw.expovariate(1000 / service.worker))
        done = database.serve(done, draw.expovariate(1000 / service.database))
        done = log.serve(done, service.log / LOG_BYTES_PER_SECOND)
        times.append(done - now)
        unfinished += done > SIMULATED
    return Result(
        hosts,
        min(workers.busy / lanes / SIMULATED, 1),
        min(database.busy / DATABASE_CORES / SIMULATED, 1),
        min(log.busy / SIMULATED, 1),
        percentile(times, 0.95),
        unfinished,
    )


def measure():
    """Return the :class:`Service` of ordinary mail on this machine, and keep it."""
    lab, mails = Lab(), 200
    with contextlib.ExitStack() as undo:
        for stop in lab.start():
            undo.callback(stop)
        database = lab.fresh(True)
        lab.mail.empty()
        workload.fill(lab.mail, workload.ordinary(mails))
        lab.inside(database, "collect")
        found = lab.inside(database, "service_times", mails=mails)
    KEPT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return Service(**found)


def main():
    """Measure if asked to, simulate growing numbers of hosts, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--mails", type=int, default=10_000_000, help="a day")
    parser.add_argument("--peak", type=float, default=3, help="times the mean rate")
    options = parser.parse_args()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else None
    service = measure() if options.measure or not kept else Service(**kept)
    mean = options.mails / DAY
    rate = mean * options.peak
    say(f"One mail: {service}")
    say(f"{mean:.0f} mails/s in the mean, {rate:.0f} at the peak")
    raw, log = (options.mails * size / 1e9 for size in (RAW_BYTES * 4 / 3, service.log))
    say(f"Raw mail kept: {raw:.0f} GB a day; write-ahead log: {log:.0f} GB a day")
    say("| hosts | workers | database | log | p95 | waiting at the end |")
    say("|---|---|---|---|---|---|")
    for hosts in (1, 2, 4, 6, 8, 12, 16):
        found = simulate(service, hosts, rate)
        say(
            f"| {hosts} | {found.workers_busy:.0%} | {found.database_busy:.0%} "
            f"| {found.log_busy:.0%} | {found.p95:.2f} s | {found.backlog} |"
        )


if __name__ == "__main__":
    main()
