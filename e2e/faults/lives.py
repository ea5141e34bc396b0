"""Starts Odoo processes that are to die at a named point of their work."""

import contextlib
import json
import signal
import subprocess

from harness import wait_for
from sandbox import setup
from sandbox.mailserver import MailServer
from sandbox.odoo import Odoo


@contextlib.contextmanager
def seeded_database(instance, database):
    """Give the :class:`Odoo` of a seeded database of its own, without a server."""
    odoo = Odoo(instance, setup.ensure())
    odoo.prepare()
    mail = MailServer(instance)
    mail.start()
    mail.switch("virtual", "any")
    odoo.configure()
    odoo.clone(odoo.seeded_template(), database)
    try:
        yield odoo
    finally:
        odoo.drop(database)


class Nursery:
    """A process that forks one short-lived Odoo process after the other."""

    def __init__(self, odoo, database, log):
        self.odoo = odoo
        self.database = database
        self.log = log
        with log.open("a", encoding="utf-8") as stream:
            self.process = subprocess.Popen(
                [setup.python(), "-m", "sandbox.nursery", database],
                env=odoo.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )

    def stop(self):
        """End the nursery."""
        self.process.communicate()

    # ------------------------------------------------------------------
    # ONE LIFE
    # ------------------------------------------------------------------

    def begin(self, *crons, crash_at="", call=None):
        """Let a process begin with scheduled actions, then with one method call.

        :param crash_at: the point to die at, and the how manieth time: ``routed:2``
        :param call: model, method and ids
        """
        task = {"crons": crons, "crash_at": crash_at, "call": call}
        self.process.stdin.write(f"{json.dumps(task)}\n")
        self.process.stdin.flush()

    def end(self):
        """Wait for the process's end and return how it ended."""
        line = self.process.stdout.readline()
        assert line, f"The nursery ended. See {self.log}."
        return json.loads(line)

    def die(self, *crons, at):
        """Let a process die at a point."""
        self.begin(*crons, crash_at=at)
        ended = self.end()
        assert ended == {"signal": signal.SIGKILL}, f"{ended}, not killed at {at}"
        self.wait_for_database()

    def work(self, *crons, call=None):
        """Let a process work to the end."""
        self.begin(*crons, call=call)
        ended = self.end()
        assert ended == {"exit": 0}, f"{ended}. See {self.log}."
        self.wait_for_database()

    def wait_for_database(self):
        """Wait until the database server has noticed the end of all processes."""
        wait_for(self._is_disconnected, "end of the process's connections")

    def _is_disconnected(self):
        (count,) = self.odoo.cluster.query(
            "SELECT count(*) FROM pg_stat_activity "
            f"WHERE datname = '{self.database}' AND pid != pg_backend_pid()"
        )
        return count == "0"
