"""What the listener inside of Odoo costs, and how soon another one follows it."""

import contextlib
import dataclasses
import os
import re
import signal
import time
from pathlib import Path

from lab import median

from sandbox.odoo import Odoo, stop
from sandbox.waiting import until

from . import latency

MAILBOXES = 10
# Nobody but the mail server's log knows how many lines there are: whoever listens says
# it with a lock for each folder.
HEARD = f"SELECT count(*) FROM pg_locks WHERE classid::bigint = {0x4D434845}"
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 120


def inside(lab):
    """Odoo listens itself: how fast, at what price, and who follows whom."""
    latency.arrival_inside(lab)
    idle(lab)
    follow(lab)


# ----------------------------------------------------------------------
# PRICE
# ----------------------------------------------------------------------


def idle(lab):
    """Odoo that has nothing to do, with ten mailboxes, which it listens to or not."""
    seconds = 10 if lab.short else 120
    found = {False: [], True: []}
    for _pair in range(1 if lab.short else 3):
        for listens, measured in found.items():
            measured.append(_rest(lab, seconds, listens))
    cpu, memory = (
        median([one[which] for one in found[True]])
        - median([one[which] for one in found[False]])
        for which in (0, 1)
    )
    lab.note(
        f"idle Odoo, {MAILBOXES} mailboxes, Odoo listens itself",
        "the same without",
        "< 1 % of a processor, < 10 MB",
        f"{100 * cpu:+.2f} %, {memory:+.1f} MB",
        f"over {seconds} s; without {_spread(found[False])}, with "
        f"{_spread(found[True])}",
    )


def _rest(lab, seconds, listens):
    """Return the (part of a processor, MB) that a server takes at rest."""
    database = lab.fresh(True)
    query = lab.odoo.cluster.query
    lab.inside(database, "mailboxes", count=MAILBOXES)
    query(latency.NEVER_BY_ITSELF, database)
    log = lab.odoo.instance.logs / "idle-odoo.log"
    server = lab.odoo.serve(database, log=log, listens=listens)
    try:
        if listens:
            _wait(lambda: query(HEARD) == [str(MAILBOXES)])
        # What was begun with the server is over.
        time.sleep(seconds / 4)
        before = _processor(server.pid)
        time.sleep(seconds)
        return (_processor(server.pid) - before) / seconds, _memory(server.pid)
    finally:
        stop(server)


def _processor(pid):
    """Return the seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid):
    """Return the MB that a process shares with no other."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(map(int, re.findall(r"Private_\w+:\s+(\d+) kB", text))) / 1024


def _spread(measured):
    return ", ".join(f"{100 * cpu:.2f} % {memory:.0f} MB" for cpu, memory in measured)


# ----------------------------------------------------------------------
# ONE AFTER THE OTHER
# ----------------------------------------------------------------------


def follow(lab):
    """Whoever listens is gone: so long nobody does."""
    for name, way in (
        ("the evented worker is killed", _killed_worker),
        ("PostgreSQL is restarted", _restarted_database),
        ("of two hosts the one that listens is killed", _killed_host),
    ):
        waits = [way(lab) for _time in range(1 if lab.short else 3)]
        lab.note(
            f"nobody listens: {name}",
            "-",
            "<= 10 s",
            f"{max(waits):.1f} s",
            f"the worst of {', '.join(f'{one:.1f}' for one in waits)}",
        )


@contextlib.contextmanager
def _serving(lab, odoo, database, *options):
    """Give a server that listens, which stops afterwards."""
    log = odoo.instance.logs / f"follow-{odoo.instance.http_port}.log"
    port = odoo.instance.http_port + 1
    options = (*options, f"--gevent-port={port}")
    server = odoo.serve(database, log=log, options=options, listens=True)
    try:
        yield server
    finally:
        stop(server)


def _until_heard(lab, since):
    """Return how many seconds after a moment somebody listens."""
    _wait(lambda: lab.odoo.cluster.query(HEARD) == ["1"])
    return time.monotonic() - since


def _killed_worker(lab):
    with _serving(lab, lab.odoo, lab.fresh(True), "--workers=1") as server:
        _until_heard(lab, 0)
        (worker,) = _children(server.pid, b"gevent")
        os.kill(worker, signal.SIGKILL)
        since = time.monotonic()
        _wait(lambda: lab.odoo.cluster.query(HEARD) == ["0"])
        return _until_heard(lab, since)


def _restarted_database(lab):
    with _serving(lab, lab.odoo, lab.fresh(True)):
        _until_heard(lab, 0)
        lab.odoo.cluster.stop()
        lab.odoo.cluster.start()
        return _until_heard(lab, time.monotonic())


def _killed_host(lab):
    other = dataclasses.replace(
        lab.odoo.instance, http_port=lab.odoo.instance.http_port + 2
    )
    second = Odoo(other, lab.odoo.source)
    database = lab.fresh(True)
    with _serving(lab, lab.odoo, database) as first:
        _until_heard(lab, 0)
        port = f"--http-port={other.http_port}"
        with _serving(lab, second, database, port):
            first.kill()
            since = time.monotonic()
            _wait(lambda: lab.odoo.cluster.query(HEARD) == ["0"])
            return _until_heard(lab, since)


def _children(pid, word):
    """Yield the numbers of a process's children that have a word in their command."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = re.search(r"\nPPid:\s+(\d+)", (folder / "status").read_text())
            if word in words and int(parent[1]) == pid:
                yield int(folder.name)


def _wait(condition):
    if not until(condition, PATIENCE):
        raise TimeoutError("Nobody listens")
