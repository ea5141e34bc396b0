"""Where measurements are made: two databases on one machine, one beside the other.

*Stock* is Odoo with CRM, Recruitment and Project; *router* is the same with this addon
and a router. Both have the same company, users, aliases and mail accounts. Each
measurement begins with a fresh copy, in a process of its own.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "dev"))

# The path above must be there first.
from sandbox import config, setup  # noqa: E402
from sandbox.mailserver import MailServer  # noqa: E402
from sandbox.odoo import BASE_MODULES, Odoo, addon_digest  # noqa: E402
from sandbox.progress import say, step  # noqa: E402

SCRIPT = """
import sys
sys.path.insert(0, {bench!r})
import inside
inside.report(inside.{function}(env, **{values!r}))
"""
MARK = "BENCH-RESULT "


@dataclass
class Lab:
    """The services of an instance, its databases, and what was measured.

    ``short`` makes everything small, to see that it works; ``pairs`` is how often a
    comparison is repeated.
    """

    short: bool = False
    pairs: int = 5
    rows: list = field(default_factory=list)

    def __post_init__(self):
        self.odoo = Odoo(config.Instance.current("bench"), setup.ensure())
        self.mail = MailServer(self.odoo.instance)

    def start(self):
        """Start what measurements need; return functions that stop it again."""
        undo = []
        if self.odoo.prepare():
            undo.append(self.odoo.cluster.stop)
        if self.mail.start("virtual", "any"):
            undo.append(self.mail.stop)
        self.odoo.configure()
        return undo

    # ------------------------------------------------------------------
    # DATABASES
    # ------------------------------------------------------------------

    def template(self, router, size=None):
        """Return a database to copy; built once.

        :param router: whether it is the one with this addon
        :param size: ``growth.Size`` of the records that are there already, or None
        """
        kind = "router" if router else "stock"
        addon = addon_digest() if router else ""
        ports = self.odoo.instance.port_base  # of the mail server that it knows
        known = config.digest(f"{self.odoo.template()}{addon}{size}{ports}")
        name = f"bench_{kind}_{'large' if size else 'empty'}_{known}"
        if not self.odoo.cluster.exists(name):
            self._build(name, router, size)
        return name

    def _build(self, name, router, size):
        prefix = name.rpartition("_")[0]
        pattern = f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%'"
        for outdated in self.odoo.cluster.query(pattern):
            self.odoo.drop(outdated)
        building = f"{prefix}_building"
        if router:
            self.odoo.clone(self.odoo.seeded_template(), building)
            # Stock believes whoever writes a colleague's name, and nobody judges here.
            self.odoo.cluster.query(
                "UPDATE mail_catchall_router SET unproven_policy = 'colleague'",
                building,
            )
        else:
            self.odoo.clone(self.odoo.template(BASE_MODULES), building)
            self.odoo.seed(building)
        if size:
            with step(f"Filling {building}: {size}"):
                self.inside(building, "grow", size=size.__dict__)
        self.odoo.rename(building, name)

    def name(self, router):
        """Return the name of the database to measure in."""
        return f"bench_{'router' if router else 'stock'}"

    def fresh(self, router, size=None):
        """Return a fresh database to measure in."""
        name = self.name(router)
        self.odoo.clone(self.template(router, size), name)
        return name

    # ------------------------------------------------------------------
    # MEASURING
    # ------------------------------------------------------------------

    def inside(self, database, function, **values):
        """Run a function of ``inside.py`` in an Odoo process of its own.

        :return: what it answered, a dict
        """
        process = self.begin(database, function, **values)
        return self.end(process)

    def begin(self, database, function, **values):
        """Start what :meth:`inside` runs, without waiting for its end."""
        process = subprocess.Popen(
            self.odoo.command(
                "shell", "-d", database, "--log-level=critical", "--no-http"
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.odoo.environment(),
            text=True,
        )
        process.stdin.write(
            SCRIPT.format(bench=str(BENCH), function=function, values=values)
        )
        process.stdin.close()
        process.stdin = None
        return process

    def end(self, process):
        """Wait for a process of :meth:`begin` and return its result."""
        output, errors = process.communicate()
        found = [line for line in output.splitlines() if MARK in line]
        if not found:
            sys.exit(f"The measurement failed:\n{output}{errors}")
        return json.loads(found[-1].partition(MARK)[2])

    def alternate(self, *measurements):
        """Do measurements in turn, as often as there are pairs.

        What disturbs the machine for a while disturbs each of them.

        :param measurements: functions that answer a number
        :return: a list of numbers for each
        """
        results = [[] for _measurement in measurements]
        for _pair in range(self.pairs):
            for numbers, measurement in zip(results, measurements, strict=True):
                numbers.append(measurement())
        return results

    def now(self):
        """Return the time, in seconds, by which processes start together."""
        return time.time()

    def environment(self):
        """Return the environment in which other programs use the same instance."""
        instance = self.odoo.instance
        return {
            "CATCHALL_INSTANCE": instance.name,
            "CATCHALL_PORT_BASE": str(instance.port_base),
            "CATCHALL_HTTP_PORT": str(instance.http_port),
        }

    # ------------------------------------------------------------------
    # REPORTING
    # ------------------------------------------------------------------

    def note(self, what, against, goal, value, detail=""):
        """Keep and print one row of the table.

        :param value: str, what was measured
        """
        row = {
            "what": what,
            "against": against,
            "goal": goal,
            "measured": value,
            "detail": detail,
            "load": round(os.getloadavg()[0], 1),
            "date": date.today().isoformat(),
        }
        self.rows.append(row)
        say(" | ".join(map(str, row.values())))


def median(numbers):
    """Return the median of numbers."""
    return statistics.median(numbers)


def ratio(numerators, denominators):
    """Return the median of the ratios of pairs."""
    return median([a / b for a, b in zip(numerators, denominators, strict=True)])


def percentile(numbers, share):
    """Return the number that this share of the numbers (0 to 1) is not above."""
    ordered = sorted(numbers)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
