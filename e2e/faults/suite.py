"""Mail arrives while everything breaks, and at the end the books must balance."""

import contextlib
import itertools
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from sandbox.mailserver import CATCHALL
from sandbox.progress import SandboxError, say, seconds
from sandbox.waiting import until

from .ledger import Balance, Ledger
from .mails import Mix
from .site import DATABASE, Site

# Kind of fault -> one for so many mails, but at least one.
FAULTS = {
    "kill a server": 60,
    "kill a worker": 75,
    "crash PostgreSQL": 150,
    "stop Dovecot": 150,
    "cut IMAP": 50,
    "refuse files": 150,
}
# What is done in turn, one in so many seconds, by a run that lasts a given time.
MINUTE_FAULTS = (
    "kill a server",
    "slow IMAP",
    "kill a worker",
    "cut IMAP",
    "drip IMAP",
    "lie about sizes",
)
FAULT_SECONDS = 30
STARVED_BYTES = 700_000_000  # of address space: enough to start, too little to work
STARVED_SECONDS = 40
SLOW_SECONDS = 90
LARGE_EVERY = 60  # mails
MAIL_SECONDS = 1.0
HEALTH_SECONDS = 60
MOST_OPEN = 60  # mails wait to be sent while more than so many wait in Odoo
PULSE_SECONDS = 1.5
LONGEST_PAUSE = 3.0
QUIET_SECONDS = 3
SETTLE_SECONDS = 300
HURRIED_ATTEMPTS = 2  # later ones would let answers overtake what they answer
ANY_ATTEMPTS = 1000
SENDER = "kh@khachhang.test"
CUT_AFTER = (5_000, 100_000)  # bytes; the greeting and the login are shorter


@dataclass
class Report:
    """What a run came to."""

    seed: int
    mails: int
    copies: int = 0
    faults: Counter = field(default_factory=Counter)
    balance: Balance = field(default_factory=Balance)
    health: Counter = field(default_factory=Counter)
    duration: float = 0.0

    def text(self):
        """Return the figures, and what is wrong."""
        figures = self.balance.figures
        faults = ", ".join(f"{kind} {count}" for kind, count in self.faults.items())
        states = ("delivered", "ignored", "held", "received", "failed", "dead")
        counts = ", ".join(f"{state} {figures[state]}" for state in states)
        total = sum(figures[state] for state in states)
        told = ", ".join(f"{one} {count}" for one, count in self.health.items())
        text = (
            f"seed {self.seed}: {self.mails} mails, {self.copies} copies, "
            f"{seconds(self.duration)}\n"
            f"  faults: {self.faults.total()} ({faults})\n"
            f"  journal: {total} ({counts})\n"
            f"  documents: {figures['documents']}, messages: {figures['messages']}, "
            f"retries: {figures['attempts'] - total}\n"
            f"  Health told of: {told or 'nothing'}\n"
            f"  losses: {self.balance.losses}, doubles: {self.balance.doubles}, "
            f"problems: {len(self.balance.problems)}"
        )
        return "\n    ".join([text, *self.balance.problems])


class Suite:
    """One run of the fault suite."""

    def __init__(self, main, seed, mails, minutes=0):
        """Prepare a run.

        :param main: the ``Odoo`` whose template database is taken over
        :param mails: how many mails arrive, or at most where it ends by the time
        :param minutes: how long mail arrives and lines and processes break; 0: until
            all mails are sent, with the faults of ``FAULTS``
        """
        self.site = Site(main, workers=2 if minutes else 1)
        self.minutes = minutes
        self.random = random.Random(f"faults {seed}")
        self.mix = Mix(seed)
        self.report = Report(seed, mails)
        self.ledger = None
        self._lock = threading.Lock()
        self._busy = Counter()
        self._threads = []
        self._failures = []
        self._ended = threading.Event()

    def run(self):
        """Run it and return the report."""
        started = time.monotonic()
        try:
            self.site.start()
            self.ledger = Ledger(self.site.odoo, DATABASE)
            for server in self.site.servers:
                server.start()
            self._spawn(self._pulse)
            if self.minutes:
                self._spawn(self._ask_health)
                self._break_for_minutes()
            else:
                self._send_and_break()
            self._repair()
            self._settle()
            self._check()
        finally:
            self._ended.set()
            for thread in self._threads:
                thread.join()
            self.site.mend_filestore()
            self.site.stop()
        self.report.duration = time.monotonic() - started
        return self.report

    def _spawn(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _ask_health(self):
        while not self._ended.wait(HEALTH_SECONDS):
            self.report.health.update(self.site.health())

    def _pulse(self):
        while not self._ended.wait(PULSE_SECONDS):
            self.site.pulse()

    # ------------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------------

    def _send_and_break(self):
        plan = self._plan_faults()
        for number in range(self.report.mails):
            self._send(self.mix.next())
            for kind, pause in plan.get(number, ()):
                self._spawn(self._break, kind, pause)
            self._raise_failure()
            if number % 10 == 0:
                self._wait_for_odoo()
            if number % 100 == 99:
                say(f"  {number + 1} mails sent, {self.report.faults.total()} faults")
                self.site.hurry(HURRIED_ATTEMPTS)

    def _break_for_minutes(self):
        """Send a mail each second, a large one now and then, and break something each
        half a minute; in the middle a server has too little memory for a while."""
        ends = time.monotonic() + 60 * self.minutes
        next_fault, starves = time.monotonic() + FAULT_SECONDS, ends - 30 * self.minutes
        kinds = itertools.cycle(MINUTE_FAULTS)
        number = 0
        while time.monotonic() < ends and number < self.report.mails:
            is_large = number % LARGE_EVERY == LARGE_EVERY - 1
            self._send(self.mix.make("large") if is_large else self.mix.next())
            number += 1
            if time.monotonic() > next_fault:
                next_fault += FAULT_SECONDS
                self._spawn(self._break, next(kinds), 0)
            if time.monotonic() > starves:
                starves = ends
                self._spawn(self._break, "starve a server", 0)
            self._raise_failure()
            if number % 60 == 0:
                say(f"  {number} mails sent, {self.report.faults.total()} faults")
                self.site.hurry(HURRIED_ATTEMPTS)
            time.sleep(MAIL_SECONDS)
        self.report.mails = number

    def _send(self, plan):
        for recipients in plan.transactions:
            self.site.client.deliver(plan.raw, sender=SENDER, recipients=recipients)

    def _wait_for_odoo(self):
        """Send no faster than Odoo works, so that faults hit it at its work."""

        def keeps_up():
            with contextlib.suppress(SandboxError):
                return self._waiting() <= MOST_OPEN
            return False

        until(keeps_up, 60, pause=0.3)

    def _waiting(self):
        return (
            self._arrived_count()
            - self.ledger.journalled_count()
            + self.ledger.open_count()
        )

    def _arrived_count(self):
        """Return how many copies Postfix has put into the mailbox."""
        folder = (
            self.site.mail.folder / "vmail" / "tenmien.test" / "catchall" / "Maildir"
        )
        return sum(1 for name in ("new", "cur") for _file in folder.glob(f"{name}/*"))

    # ------------------------------------------------------------------
    # FAULTS
    # ------------------------------------------------------------------

    def _plan_faults(self):
        """Return {number of a mail: [(kind of fault, seconds to wait before it)]}."""
        plan = {}
        for kind, per in FAULTS.items():
            for _time in range(max(1, round(self.report.mails / per))):
                number = self.random.randrange(
                    self.report.mails // 20, self.report.mails
                )
                pause = self.random.uniform(0, LONGEST_PAUSE)
                plan.setdefault(number, []).append((kind, pause))
        return plan

    def _break(self, kind, pause):
        """Do one fault; different kinds may overlap, equal ones wait for each other."""
        time.sleep(pause)
        while not self._take(kind):
            time.sleep(0.2)
        try:
            getattr(self, "_" + kind.replace(" ", "_").lower())()
            self.report.faults[kind] += 1
        except (AssertionError, OSError, SandboxError) as error:
            self._failures.append(f"{kind}: {error}")
        finally:
            self._busy[kind] = 0

    def _raise_failure(self):
        if self._failures:
            raise SandboxError(f"A fault could not be made: {self._failures[0]}")

    def _take(self, kind):
        with self._lock:
            if self._busy[kind]:
                return False
            self._busy[kind] = 1
            return True

    def _pause(self):
        time.sleep(self.random.uniform(1, LONGEST_PAUSE))

    def _kill_a_server(self):
        self._restart(self.random.choice(self.site.servers))

    def _restart(self, server):
        server.kill()
        self._pause()
        server.start()

    def _kill_a_worker(self):
        self.site.servers[1].kill_child(self.random.choice)

    def _crash_postgresql(self):
        self.site.cluster.crash()
        # Odoo's threads for scheduled actions end when the database server does not
        # answer at once, and only a restart brings them back. Workers are replaced.
        while not self._take("kill a server"):
            time.sleep(0.2)
        try:
            self._restart(self.site.servers[0])
        finally:
            self._busy["kill a server"] = 0

    def _stop_dovecot(self):
        self.site.mail.stop_mailboxes()
        self._pause()
        self.site.mail.start_mailboxes()

    def _cut_imap(self):
        self.site.proxy.cut_after(self.random.randrange(*CUT_AFTER))

    def _slow_imap(self):
        self.site.proxy.slow_for(SLOW_SECONDS)

    def _drip_imap(self):
        self.site.proxy.drip()

    def _lie_about_sizes(self):
        self.site.proxy.lie()

    def _starve_a_server(self):
        server = self.site.servers[1]
        while not self._take("kill a server"):
            time.sleep(0.2)
        try:
            server.starve(STARVED_BYTES)
            time.sleep(STARVED_SECONDS)
            self._restart(server)
        finally:
            self._busy["kill a server"] = 0

    def _refuse_files(self):
        self.site.break_filestore()
        self._pause()
        self.site.mend_filestore()

    # ------------------------------------------------------------------
    # END
    # ------------------------------------------------------------------

    def _repair(self):
        """Wait for the last faults."""
        for thread in self._threads[2 if self.minutes else 1 :]:
            thread.join()
        self._raise_failure()
        self.site.proxy.spare()
        self.report.faults["cut IMAP"] = self.site.proxy.cuts
        if self.minutes:
            self.report.faults["drip IMAP"] = self.site.proxy.drips
            self.report.faults["lie about sizes"] = self.site.proxy.lies

    def _settle(self):
        """Wait until nothing waits any more, and stays so."""

        def is_quiet():
            self.site.hurry(ANY_ATTEMPTS)
            return not self._waiting()

        until(is_quiet, SETTLE_SECONDS, pause=0.5, lasting=QUIET_SECONDS)

    def _check(self):
        arrived = self.site.client.raw_mails(CATCHALL)
        self.report.copies = len(arrived)
        balance = self.ledger.balance(arrived, self.mix.plans)
        self.report.balance = balance
        wanted = sum(len(group) for p in self.mix.plans for group in p.transactions)
        if wanted != len(arrived):
            balance.wrong(f"{wanted} copies were sent, {len(arrived)} arrived")
        if unread := self.site.unread_count():
            balance.wrong(f"{unread} collected mails are not marked as read")
        for kind in MINUTE_FAULTS if self.minutes else FAULTS:
            if not self.report.faults[kind]:
                balance.wrong(f"The fault {kind!r} did not happen")
