"""Odoo listens by itself: no second service, and nobody has to set anything up."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

from test_listener import LONG, Ear, leads, never_by_themselves

from harness import wait_for
from sandbox import odoo as odoo_module

SALES = "sales@tenmien.test"
# Seconds; a machine that does much else needs some of them for Odoo itself.
PROMPT = 15
WORKERS = ("--workers=1", "--max-cron-threads=2")


class Inner:
    """An Odoo server that listens, instead of the system's own."""

    def __init__(self, system, *options):
        self.system = system
        self.log = system.log
        self.process = None
        # Behind the port for browsers, which no other instance uses.
        port = system.odoo.instance.http_port + 1
        self.options = (*options, f"--gevent-port={port}")

    def start(self):
        self.system.stop()
        self.process = self.system.odoo.serve(
            self.system.database, log=self.log, options=self.options, listens=True
        )
        self.system.rpc = self.system.login("admin")

    def stop(self):
        """Stop it; return how many seconds that took."""
        started = time.monotonic()
        odoo_module.stop(self.process)
        return time.monotonic() - started

    def says(self, *words):
        """Return how many lines of the log have all these words."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return sum(all(word in line for word in words) for line in lines)


@contextlib.contextmanager
def serving(system, *options):
    """Let a server that listens be the system's during the block."""
    never_by_themselves(system)
    inner = Inner(system, *options)
    before = inner.says(": listened to")
    inner.start()
    try:
        wait_for(lambda: inner.says(": listened to") > before, "line", LONG)
        yield inner
    finally:
        odoo_module.stop(inner.process)
        system.start()


def evented(process):
    """Return the number of the evented worker of a server."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = re.search(r"\nPPid:\s+(\d+)", (folder / "status").read_text())
            if b"gevent" in words and int(parent[1]) == process.pid:
                found.append(int(folder.name))
    (pid,) = found
    return pid


def heard_by(system):
    """Return what Health says of who listens."""
    (sentence,) = [
        item["sentence"]
        for router in system.search("mail.catchall.router", [], ["health_report"])
        for item in router["health_report"]["items"]
        if item["item"] == "listening"
    ]
    return sentence


def test_mail_is_a_document_at_once_without_a_second_process(system):
    with serving(system, "--max-cron-threads=2") as inner:
        system.send(SALES, subject="Heard by Odoo itself")
        assert len(leads(system, "Heard by Odoo itself")) == 1
        # It listens again after it has collected.
        wait_for(
            lambda: f"{inner.process.pid}" in heard_by(system), "word of who listens"
        )
        # The server is not asked to wait for it.
        assert inner.stop() < PROMPT
        assert inner.says("Listening ended") == 1


def test_a_killed_evented_worker_is_followed_by_another_one(system):
    with serving(system, *WORKERS) as inner:
        heard = inner.says(": listened to")
        os.kill(evented(inner.process), signal.SIGKILL)
        # How soon, on a machine that does nothing else, bench/run inside says.
        wait_for(lambda: inner.says(": listened to") > heard, "new line", LONG)
        system.send(SALES, subject="Heard by the next one")
        assert len(leads(system, "Heard by the next one")) == 1
        assert inner.stop() < PROMPT


def test_it_steps_back_for_a_listener_of_its_own(system):
    with serving(system, "--max-cron-threads=0") as inner:
        ear = Ear(system)
        ear.start()
        try:
            assert inner.says("no longer listened to")
        finally:
            odoo_module.stop(ear.process)
        heard = inner.says(": listened to")
        wait_for(lambda: inner.says(": listened to") > heard, "line again", LONG)
