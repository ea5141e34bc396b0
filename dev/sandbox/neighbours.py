"""Addons of the Odoo Community Association that touch mail, all beside this one.

``dev/requirements-neighbours.txt`` names them. They are installed into a folder of
their own, and into databases with this addon and without it.
"""

import dataclasses
import os
import re
import shutil

from . import config, odoolog, peers, setup
from .odoo import BASE_MODULES, Odoo
from .processes import run
from .progress import SandboxError, step

REQUIREMENTS = setup.DEV / "requirements-neighbours.txt"
PIN = re.compile(r"^odoo-addon-([\w-]+)==(\S+)$", re.MULTILINE)
TEST_LOGGER = re.compile(r"odoo\.addons\.(\w+)\.tests\b")
TITLE = "Installing the addons of dev/requirements-neighbours.txt"


def addons(text):
    """Return {technical name: version} of the addons that a list of requirements pins.

    >>> addons("# mail\\ncssselect==1.6.0\\nodoo-addon-queue-job==19.0.2.4.0.1\\n")
    {'queue_job': '19.0.2.4.0.1'}
    """
    return {name.replace("-", "_"): version for name, version in PIN.findall(text)}


def known():
    """Return {technical name: version} of all neighbours."""
    return addons(REQUIREMENTS.read_text(encoding="utf-8"))


def select(names):
    """Return the technical names of the chosen neighbours, of all without any."""
    if unknown := set(names) - set(known()):
        raise SandboxError(
            f"No such neighbour: {', '.join(sorted(unknown))}. There are: "
            f"{', '.join(known())}."
        )
    return list(names) or list(known())


def provide():
    """Return the folder with all neighbours, which are downloaded once."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    folder = config.cache() / "neighbours" / config.digest(text)
    if not folder.exists():
        # Only a finished folder gets the name, whatever interrupts this.
        building = folder.with_suffix(".new")
        shutil.rmtree(building, ignore_errors=True)
        with step(TITLE):
            run(
                [
                    *(setup.python(), "-m", "pip", "install", "--quiet", "--no-deps"),
                    *("--target", building, "--requirement", REQUIREMENTS),
                ],
                title=TITLE,
                log=config.logs() / "setup-neighbours.log",
                remedy=setup.NETWORK_REMEDY,
            )
        building.rename(folder)
    return folder


class Neighbourhood(Odoo):
    """Odoo with the neighbours in its addons path."""

    def __init__(self, instance, source, folder):
        # Other versions of them need other databases.
        version = f"{source.version}-{folder.name}"
        super().__init__(
            instance,
            dataclasses.replace(source, version=version),
            addons=(folder / "odoo" / "addons", setup.addons_folder()),
        )
        self.folder = folder

    def environment(self):
        """Add what the neighbours import."""
        values = super().environment()
        return {
            **values,
            "PYTHONPATH": f"{values['PYTHONPATH']}{os.pathsep}{self.folder}",
        }


def modules():
    """Return the modules of the databases: the usual apps and all neighbours."""
    return (*BASE_MODULES, *known())


def by_module(text):
    """Return {technical name: number of its tests that a log of Odoo tells of}.

    >>> head = "2026-01-01 00:00:00,000 1 INFO db odoo.addons.queue_job.tests.test_a: "
    >>> by_module(f"{head}Starting TestA.test_b ... \\n{head}Something else")
    {'queue_job': 1}
    """
    counts = {}
    for entry in odoolog.entries(text):
        name = TEST_LOGGER.match(entry.logger)
        if name and entry.message.startswith("Starting "):
            counts[name[1]] = counts.get(name[1], 0) + 1
    return counts


def failed_in(text):
    """Return {technical name: names of its tests that failed}, of a log of Odoo.

    >>> head = "2026-01-01 00:00:00,000 1 ERROR db odoo.addons.a.tests.test_a: "
    >>> failed_in(f"{head}FAIL: TestA.test_b")
    {'a': {'TestA.test_b'}}
    """
    found = {}
    for entry in odoolog.entries(text):
        name = TEST_LOGGER.match(entry.logger)
        if name and entry.is_failure and (test := peers.NAME.search(entry.message)):
            found.setdefault(name[1], set()).add(test[1])
    return found


def compare(odoo, names):
    """Run the suites of neighbours without this addon and with it.

    :return: (a list of :class:`peers.Comparison`, one for each, and the one of all)
    """
    tags = ",".join(f"/{name}" for name in names)
    suite = peers.Suite("neighbours", modules(), tags)
    runner = peers.Peers(odoo, with_browser=False)
    total = runner.compare(suite)
    runs = {}
    for kind in peers.KINDS:
        text = runner.log(suite, kind).read_text(encoding="utf-8", errors="replace")
        counts, failed = by_module(text), failed_in(text)
        for name in names:
            known_failed = frozenset(failed.get(name, ()))
            runs[name, kind] = peers.Run(counts.get(name, 0), known_failed)
    return [_of(name, total, runs) for name in names], total


def _of(name, total, runs):
    """Return the comparison of one neighbour, without what failed by chance."""
    without, with_us = (runs[name, kind] for kind in peers.KINDS)
    failed = with_us.failed & (total.with_us.failed | without.failed)
    suite = peers.Suite(name, total.suite.modules, f"/{name}")
    return peers.compare(suite, without, dataclasses.replace(with_us, failed=failed))
