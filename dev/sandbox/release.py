"""Tries what a customer gets, the zip and the wheel, in an Odoo without our tools."""

import contextlib
import shutil
import zipfile
from collections import Counter
from dataclasses import dataclass

from . import config, odoolog, package, setup
from .demo import FirstLead, first_lead
from .mailserver import MailServer
from .odoo import BASE_MODULES, Odoo, stop
from .processes import run, run_within
from .progress import SandboxError, step

ALL_TESTS = f"/{config.ADDON}"
KINDS = {".zip": "zip", ".whl": "wheel"}
INSTALL_SECONDS = 60 * 60
# Why a test may be skipped where there is nothing but Odoo and the addon.
EXPECTED_SKIPS = "is not installed", "stays in the repository"
REMEDY = "Read the log, mend the cause and start again."


@dataclass(frozen=True)
class Trial:
    """What came of one file: the tests by Odoo's count, and the first mail."""

    passed: int
    skipped: Counter  # {reason: number of tests}
    lead: FirstLead


# ----------------------------------------------------------------------
# BUILD
# ----------------------------------------------------------------------


def build(revision, folder, log):
    """Write the zip and the wheel of a revision into a folder; return both paths.

    :raise SandboxError: when they hold what nobody needs, too little, or not the same
    """
    folder.mkdir(parents=True, exist_ok=True)
    with step("Building the zip and the wheel"):
        files = (
            package.build_zip(revision, folder),
            package.build_wheel(revision, folder, log),
        )
    _require_alike(*files)
    with zipfile.ZipFile(files[0]) as archive, _scratch(folder / "check") as scratch:
        archive.extractall(scratch)
        addon = scratch / config.ADDON
        if offences := [one for check in package.CHECKS for one in check(addon)]:
            raise SandboxError("\n".join(["The addon is not right:", *offences]))
    return files


def _require_alike(zip_file, wheel):
    """Raise a sentence when the wheel installs something else than the zip."""
    zipped, wheeled = package.contents(zip_file), package.contents(wheel)
    # whool leaves out what only building needs.
    zipped.pop("pyproject.toml")
    if different := sorted({name for name, _sum in zipped.items() ^ wheeled.items()}):
        raise SandboxError(f"Zip and wheel differ: {', '.join(different)}.")


@contextlib.contextmanager
def _scratch(folder):
    """Give an empty folder and remove it again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ----------------------------------------------------------------------
# TRY
# ----------------------------------------------------------------------


@contextlib.contextmanager
def services(instance, source):
    """Run the database server and the mail server, and stop what did not run before."""
    with contextlib.ExitStack() as undo:
        odoo, mail = Odoo(instance, source), MailServer(instance)
        if odoo.prepare():
            undo.callback(odoo.cluster.stop)
        if mail.start("virtual", "any"):
            undo.callback(mail.stop)
        yield


def plain_odoo(file, instance, source, folder):
    """Return an Odoo in an environment of its own that has the addon from this file.

    :param file: the zip, which goes into an addons folder, or the wheel, which pip
        installs into ``odoo/addons`` of the environment
    """
    python = setup.plain_venv(folder / "venv")
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            archive.extractall(folder / "addons")
        return Odoo(instance, source, python=python, addons=(folder / "addons",))
    # Without what it requires: pip does not see an Odoo that runs from its source.
    install = ("install", "--no-deps", "--no-index", file)
    run(
        [setup.python(), "-m", "pip", "--python", python, *install],
        title="Installing the wheel",
        log=instance.logs / "release-pip.log",
        remedy=REMEDY,
    )
    return Odoo(instance, source, python=python, addons=())


def try_out(file, instance, source, tags=ALL_TESTS):
    """Install a file into a fresh Odoo, run tests, and let a first mail become a lead.

    :param str tags: which of the shipped tests run there
    :raise SandboxError: with what went wrong
    """
    kind = KINDS[file.suffix]
    database = f"release_{kind}"
    with _scratch(instance.folder / database) as folder:
        odoo = plain_odoo(file, instance, source, folder)
        odoo.prepare()
        odoo.clone(odoo.template(BASE_MODULES), database)
        try:
            passed, skipped = _install(odoo, database, tags, f"the {kind}")
            return Trial(passed, skipped, _first_mail(odoo, database))
        finally:
            odoo.drop(database)


def _install(odoo, database, tags, name):
    """Install the addon and run its tests; return how many passed, and the skipped."""
    log = odoo.instance.logs / f"install-{database}.log"
    command = odoo.command(
        *("server", "-d", database, "-i", config.ADDON, "--stop-after-init"),
        *("--test-tags", tags, "--http-port", odoo.instance.http_port),
    )
    with step(f"Installing {name} and running its tests"):
        run_within(INSTALL_SECONDS, command, log=log, env=odoo.environment())
    text = log.read_text(encoding="utf-8", errors="replace")
    count, failed = odoolog.counts(text)
    skips = Counter(message.rpartition(" : ")[2] for message in odoolog.skips(text))
    problems = [*odoolog.failures(text), *odoolog.unexpected(text)]
    problems += [
        f"Skipped: {reason}"
        for reason in skips
        if not any(expected in reason for expected in EXPECTED_SKIPS)
    ]
    if failed or problems or not count:
        details = "\n".join(problems)
        raise SandboxError(f"{count} tests ran, {failed} failed. See {log}.\n{details}")
    return count - skips.total(), skips


def _first_mail(odoo, database):
    """Serve the database and let a customer's mail become a lead; return that."""
    odoo.seed(database)
    log = odoo.instance.logs / f"{database}.log"
    log.unlink(missing_ok=True)
    # Scheduled actions run when first_lead says so, and so never twice at once.
    server = odoo.serve(database, log=log, options=("--max-cron-threads=0",))
    try:
        lead = first_lead(odoo, database, log)
    finally:
        stop(server)
    if problems := odoolog.unexpected(log.read_text("utf-8", errors="replace")):
        raise SandboxError("\n".join(["Unexpected in Odoo's log:", *problems]))
    return lead
