"""Kills what imports vendor bills, and counts at the end: one bill of each mail."""

import contextlib
import json
import random
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from . import config
from .client import Client
from .odoo import BASE_MODULES
from .progress import seconds
from .waiting import until

DATABASE = "bills"
MODULES = (*BASE_MODULES, "account")
COPIES = "another@khachhang.test"
LANES = 2
KILL_WITHIN = (4.0, 40.0)  # seconds, after which a process is killed
DEAD = 9  # the exit status of a process that an app has ended
MOST_SECONDS = 45 * 60
COPY_SECONDS = 30


@dataclass
class Account:
    """What a run came to; ``problems`` are sentences about what is wrong."""

    mails: int
    found: dict
    copies: list
    kills: int = 0
    deaths: int = 0
    duration: float = 0.0
    problems: list[str] = field(default_factory=list)

    def text(self):
        """Return the figures, and what is wrong."""
        found = self.found
        states = ", ".join(f"{one} {n}" for one, n in Counter(found["states"]).items())
        lines = [
            f"{self.mails} e-invoices, {seconds(self.duration)}",
            f"  {self.kills} processes killed, {self.deaths} died in an app",
            f"  attempts {found['attempts']}; {states}",
            f"  bills {len(found['bills'])}, leads {found['leads']}",
            f"  copies {len(self.copies)}, problems {len(self.problems)}",
        ]
        return "\n".join([*lines, *(f"    {one}" for one in self.problems)])


class Billing:
    """One run on a database of its own."""

    def __init__(self, odoo, mails, seed, database=DATABASE):
        self.odoo = odoo
        self.mails = mails
        self.seed = seed
        self.database = database
        self.random = random.Random(f"bills {seed}")
        self.kills = self.deaths = self.lives = 0
        self._lock = threading.Lock()

    def make_database(self):
        """Make the database: a company with CRM and Invoicing, and this addon."""
        self.odoo.clone(self.odoo.template(MODULES), self.database)
        self.odoo.install(self.database, [config.ADDON])

    def run(self):
        """Route the mails with kills and mischief, then count; return the account."""
        started = time.monotonic()
        self._shell(f"prepare(env, {self.mails}, {COPIES!r})", "Writing the mails down")
        lanes = [threading.Thread(target=self._lane, args=(n,)) for n in range(LANES)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        path = self.odoo.instance.folder / "bills.json"
        path.unlink(missing_ok=True)
        self._shell(f"count(env, {str(path)!r})", "Counting")
        found = json.loads(path.read_text(encoding="utf-8"))
        account = Account(self.mails, found, self._copies(), self.kills, self.deaths)
        account.problems = list(_problems(account))
        account.duration = time.monotonic() - started
        return account

    # ------------------------------------------------------------------
    # LANES
    # ------------------------------------------------------------------

    def _lane(self, number):
        """Let one process after the other route, until one of them finds an end."""
        until(lambda: not self._live(number), MOST_SECONDS, pause=0)

    def _live(self, number):
        """Let a process route, and kill it after a while; return whether to go on."""
        with self._lock:
            self.lives += 1
            life, limit = self.lives, self.random.uniform(*KILL_WITHIN)
        ready = self.odoo.instance.folder / f"bills-{life}.ready"
        ready.unlink(missing_ok=True)
        process = self._begin(number, f"work(env, {self.seed}, {life}, {str(ready)!r})")
        try:
            while process.poll() is None and not ready.exists():
                time.sleep(0.1)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(limit)
            killed = process.poll() is None
        finally:
            process.kill()
            process.wait()
            ready.unlink(missing_ok=True)
        with self._lock:
            self.kills += killed
            self.deaths += process.returncode == DEAD
        return process.returncode != 0

    def _begin(self, number, call):
        """Start a shell that calls a function of :mod:`sandbox.bills`."""
        with self._log(number).open("ab") as log:
            return subprocess.Popen(
                self.odoo.command("shell", "-d", self.database, "--no-http"),
                env=self.odoo.environment(),
                stdin=self._script(f"lane-{number}", call).open("rb"),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _log(self, name):
        return self.odoo.instance.logs / f"bills-{name}.log"

    def _script(self, name, call):
        """Return the file with a script that calls a function."""
        path = self.odoo.instance.folder / f"bills-{name}.py"
        path.write_text(f"from sandbox.bills import *\n{call}\n", encoding="utf-8")
        return path

    def _shell(self, call, title):
        self.odoo.call(
            *("shell", "-d", self.database, "--no-http"),
            title=title,
            log=self._log("shell"),
            script=self._script("shell", call),
        )

    # ------------------------------------------------------------------
    # COPIES
    # ------------------------------------------------------------------

    def _copies(self):
        """Return the names of the files that the journal's "Send Copy To" got, once
        all of them are there or nothing comes any more."""
        client = Client(self.odoo.instance)
        arrived = []

        def are_all_there():
            arrived[:] = client.inbox(COPIES)
            return len(arrived) >= self.mails

        until(are_all_there, COPY_SECONDS, pause=1)
        return [name for mail in arrived for name in _files(mail)]


def _files(mail):
    """Return the names, without ending, of the bills that a mail brings."""
    names = [part.get_filename() or "" for part in mail.iter_attachments()]
    # Invoicing writes MAIL_ before them.
    return {name.rpartition(".")[0].removeprefix("MAIL_") for name in names}


def _problems(account):
    """Yield a sentence for all that is not once as it should be."""
    found = account.found
    wanted = {f"BILL-{number:04}" for number in range(account.mails)}
    for what, names in (
        ("bill", found["bills"]),
        ("text on a bill", map(_of_message_id, found["on_bills"])),
        ("text on a lead", map(_of_message_id, found["on_leads"])),
        ("copy", account.copies),
    ):
        counted = Counter(names)
        for name in sorted(wanted - counted.keys()):
            yield f"Lost: {what} of {name}"
        for name, count in sorted(counted.items(), key=str):
            if name not in wanted:
                yield f"Nobody's: {count} {what}, {name}"
            elif count > 1:
                yield f"Double: {count} {what} of {name}"
    if found["leads"] != account.mails:
        yield f"{found['leads']} leads of {account.mails} mails"
    for state, count in Counter(found["states"]).items():
        if state != "delivered":
            yield f"{count} mails are {state}"


def _of_message_id(message_id):
    return message_id.strip("<>").partition("@")[0]
