"""Everything ``dev/test`` runs, in parts that can be chosen by name.

lint  what can be said without running the addon, and Odoo's own ``test_lint``
odoo  the addon's tests, browser tours included
core  Odoo's own mail suites with the addon installed
apps  the addon's tests beside many apps, and core's own tests of how many queries
      its mail takes
e2e   the whole system: mail server, database server and Odoo processes
alone  those of its tests that need nothing of the others: own services, or none
fuzz  the tools that read mail, with ever new bytes
"""

import ast
import fcntl
import os
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import config, fuzzing, linters, odoolog, setup
from .mailserver import MailServer
from .odoo import BASE_MODULES
from .outcome import Outcome
from .processes import resume, run_within, stop_all
from .progress import SandboxError, say, seconds, tail

CORE_MODULES = ("mail", "test_mail", "test_lint")
CORE_TAGS = (
    "/test_mail:TestMailgateway",
    "/test_mail:TestMailAlias",
    "/mail:TestFetchmail",
    "/mail:TestIrMailServer",
)
LINT_TAGS = (
    "/test_lint:TestLintOverrideSignatures",
    "/test_lint:TestIndex",
    "/test_lint:ManifestLinter",
    "/test_lint:TestTestHoles",
    "/test_lint:TestNaming",
)
# Whatever of Odoo has aliases, answers mail or sends it.
APP_MODULES = (
    *("account", "purchase", "sale_management", "hr", "hr_recruitment", "hr_expense"),
    *("maintenance", "mail_group", "mass_mailing", "event", "survey", "website"),
    *("project", "crm", "base_automation"),
)
# The tests that are about these apps.
APPS_TAG = "catchall_apps"
# What other apps change: their aliases, their gates, their forms and their terms.
APP_CLASSES = (
    *("TestAliasReport", "TestTestMail", "TestWithoutRouter", "TestWithRouter"),
    *("TestRuleActions", "TestSetupSearch", "TestSetupFinish", "TestSetupForm"),
    *("TestRoute", "TestDecide", "TestTranslations"),
)
QUERY_MODULES = ("mail", "test_mail", "test_mail_full", "test_mass_mailing")
QUERY_TAGS = (
    "mail_performance",
    # Fails without the addon, too.
    "-/test_mail_sms:TestSMSPerformance",
)
LANES = 2
# The ports next to Odoo's are for the end-to-end suite.
HTTP_OFFSETS = {"odoo": 11, "core": 12, "lint": 13, "apps": 14, "queries": 15}
PART_SECONDS = 40 * 60
# So many inputs take about 20 s, and a fast machine tries no others.
FUZZ_INPUTS = 15_000
FUZZ_SECONDS = 120
FUZZ_SEED = 1
DETAIL_LINES = 40


@dataclass(frozen=True)
class Selection:
    """Which parts to run, and what in them."""

    parts: tuple[str, ...]
    tags: str = f"/{config.ADDON}"
    expression: str = ""
    everything: bool = False


# ----------------------------------------------------------------------
# SELECTION
# ----------------------------------------------------------------------


def _test_names(path):
    """Yield (class name or nothing, function name) of the tests in a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(inner, ast.FunctionDef) and inner.name.startswith("test"):
                yield getattr(node, "name", "") if inner is not node else "", inner.name


def _odoo_tags(pattern):
    """Return test tags for the addon's tests whose file, class or name holds a word."""
    tags = set()
    for path in (config.CHECKOUT / "tests").rglob("test_*.py"):
        for class_name, name in _test_names(path):
            if pattern in path.stem or pattern in class_name:
                tags.add(f"/{config.ADDON}:{class_name}")
            elif pattern in name:
                tags.add(f"/{config.ADDON}:{class_name}.{name}")
    return ",".join(sorted(tags))


def _in_e2e(pattern):
    """Tell whether the end-to-end suite has tests that a word chooses."""
    return any(
        pattern in path.stem or pattern in f"{class_name} {name}"
        for path in (config.CHECKOUT / "e2e").rglob("test_*.py")
        for class_name, name in _test_names(path)
    )


def _app_tags(selection):
    """Return the test tags for the database with many apps: of all that touches a
    database, or of what other apps change."""
    folder = config.CHECKOUT / "tests"
    known = {
        class_name
        for path in folder.rglob("test_*.py")
        if "tools" not in path.relative_to(folder).parts
        for class_name, _name in _test_names(path)
    }
    chosen = known if selection.everything else set(APP_CLASSES)
    if unknown := chosen - known:
        raise SandboxError(f"No such test class: {', '.join(sorted(unknown))}.")
    tags = [f"/{config.ADDON}:{name}" for name in sorted(chosen)]
    return ",".join([APPS_TAG, *tags])


def select(pattern, everything=False):
    """Return what a person means: a part, an Odoo test tag, or a word in test names.

    :param everything: whether a part runs all that it has, however long that takes
    """
    if not pattern:
        return Selection(tuple(PARTS), everything=everything)
    if pattern in PARTS:
        return Selection((pattern,), everything=everything)
    if "/" in pattern or pattern.startswith((":", ".")):
        return Selection(("odoo",), tags=pattern)
    tags = _odoo_tags(pattern)
    parts = ("odoo",) * bool(tags) + ("e2e",) * _in_e2e(pattern)
    if not parts:
        raise SandboxError(
            f"No test has {pattern!r} in its name, class or file. "
            f"Give a part ({', '.join(PARTS)}), a test tag (/module:Class.method), "
            "or a word from a test's name."
        )
    return Selection(parts, tags=tags, expression=pattern)


# ----------------------------------------------------------------------
# PARTS
# ----------------------------------------------------------------------


class Suite:
    """Runs the parts against the services of one instance."""

    def __init__(self, odoo):
        self.odoo = odoo
        self.instance = odoo.instance

    # -- lint ----------------------------------------------------------

    def lint(self, _selection):
        """Run the linters and Odoo's own lint tests."""
        return linters.run(self.odoo) + self._shell_tests("lint", LINT_TAGS)

    # -- odoo and core -------------------------------------------------

    def _judge(self, log, *, skipping_is_fine):
        """Return the outcome of tests by what Odoo wrote into its log."""
        text = log.read_text(encoding="utf-8", errors="replace")
        run, failed = odoolog.counts(text)
        skipped = odoolog.skips(text)
        details = odoolog.failures(text)
        problems = [
            f"Unexpected in the log: {entry}" for entry in odoolog.unexpected(text)
        ]
        if not skipping_is_fine:
            problems += [f"A test was not run: {message}" for message in skipped]
        if not run:
            problems.append(f"No test was run at all. The end of {log}:\n{tail(log)}")
        return Outcome(
            passed=max(0, run - failed - len(skipped)),
            failed=failed + len(problems),
            details=details + problems,
        )

    def _odoo(self, *arguments, log, stdin=None):
        """Run Odoo to its end, whatever its exit status: the log tells all."""
        run_within(
            PART_SECONDS,
            self.odoo.command(*arguments),
            log=log,
            env=self.odoo.environment(),
            stdin=stdin or subprocess.DEVNULL,
        )

    def _http_options(self, part):
        """Give each Odoo of this run a port of its own."""
        port = self.instance.http_port + HTTP_OFFSETS[part]
        config.require_free_port(port, "CATCHALL_HTTP_PORT", "Odoo's tests")
        return ("--http-port", port)

    def odoo_tests(self, selection):
        """Run the addon's own tests while it is installed beside the usual apps."""
        return self._own_tests("odoo", BASE_MODULES, selection.tags)

    def apps(self, selection):
        """Run the addon's tests beside many apps, and core's tests of how many queries
        its mail takes, which must not change where there is no router."""
        beside = self.beside_apps(_app_tags(selection))
        return beside + self._shell_tests("queries", QUERY_TAGS, QUERY_MODULES)

    def beside_apps(self, tags):
        """Run those of the addon's tests that have these tags, beside many apps."""
        return self._own_tests("apps", APP_MODULES, tags)

    def _own_tests(self, part, modules, tags):
        """Run tests of the addon while it is installed beside these modules."""
        database, log = f"test_{part}", self.instance.logs / f"test-{part}.log"
        self.odoo.clone(self.odoo.template(modules), database)
        self._odoo(
            "server",
            *("-d", database, "-i", config.ADDON, "--stop-after-init"),
            *("--test-tags", tags),
            *("--screenshots", self.instance.logs / "screenshots"),
            *self._http_options(part),
            log=log,
        )
        return self._judge(log, skipping_is_fine=False)

    def _shell_tests(self, part, tags, modules=CORE_MODULES):
        """Run tests of other modules in a database where the addon is installed.

        Those of a module that Odoo loads before this addon would run without it during
        an installation; in the shell, everything is loaded first.
        """
        database, log = f"test_{part}", self.instance.logs / f"test-{part}.log"
        self.odoo.clone(self.odoo.template(modules), database)
        self.odoo.install(database, [config.ADDON])
        script = self.instance.folder / f"test-{part}.py"
        script.write_text(
            "from odoo.tests.shell import run_tests\n"
            f"run_tests(env, {','.join(tags)!r})\n",
            encoding="utf-8",
        )
        with script.open(encoding="utf-8") as stdin:
            options = self._http_options(part)
            self._odoo("shell", "-d", database, *options, log=log, stdin=stdin)
        return self._judge(log, skipping_is_fine=True)

    def core(self, _selection):
        """Run Odoo's own mail suites while the addon is installed."""
        return self._shell_tests("core", CORE_TAGS)

    # -- e2e -----------------------------------------------------------

    def e2e(self, selection):
        """Run the end-to-end suite, or of all of it what a person has chosen."""
        if selection.expression:
            return self._pytest("e2e", "-k", selection.expression)
        return self._pytest("e2e", "-m", "not alone and not interop and not filters")

    def alone(self, _selection):
        """Run those end-to-end tests that may run beside the others."""
        return self._pytest("alone", "-m", "alone")

    def _pytest(self, part, *options):
        log = self.instance.logs / f"test-{part}.log"
        report = self.instance.logs / f"test-{part}.xml"
        report.unlink(missing_ok=True)
        command = [setup.python(), "-m", "pytest", f"--junitxml={report}", *options]
        environment = {**os.environ, "CATCHALL_INSTANCE": self.instance.name}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        run_within(
            PART_SECONDS,
            command,
            log=log,
            cwd=config.CHECKOUT / "e2e",
            env=environment,
        )
        return _judge_report(report, log)

    # -- fuzz ----------------------------------------------------------

    def fuzz(self, _selection):
        """Fuzz for a short time with known inputs; ``dev/fuzz`` searches for new ones.

        The same code always gets the same verdict.
        """
        finding = fuzzing.fuzz(self.instance, FUZZ_SECONDS, FUZZ_SEED, FUZZ_INPUTS)
        if not finding.text:
            return Outcome(passed=1)
        return Outcome.failure(
            f"{finding.text}\nReproduce with: dev/fuzz --file {finding.file}"
        )


def _judge_report(report, log):
    """Return the outcome of a pytest run by its JUnit report."""
    if not report.exists():
        return Outcome.failure(f"The end-to-end suite did not run. See {log}.")
    outcome = Outcome()
    for case in ET.parse(report).iter("testcase"):
        problem = next(iter(case), None)
        name = f"{case.get('classname')}.{case.get('name')}"
        if problem is None or problem.tag.startswith("system-"):
            outcome.passed += 1
        else:
            text = (problem.text or problem.get("message") or "").strip()
            outcome += Outcome.failure(f"{problem.tag} in {name}:\n{text}")
    if not outcome.passed + outcome.failed:
        return Outcome.failure(f"No end-to-end test was run at all. See {log}.")
    return outcome


# In the order in which they start; the longest come first.
PARTS: dict[str, Callable] = {
    "e2e": Suite.e2e,
    "odoo": Suite.odoo_tests,
    "alone": Suite.alone,
    "lint": Suite.lint,
    "core": Suite.core,
    "apps": Suite.apps,
    "fuzz": Suite.fuzz,
}


# ----------------------------------------------------------------------
# RUNNING
# ----------------------------------------------------------------------


def lock(instance):
    """Let nobody else run tests on the same databases and ports meanwhile."""
    instance.folder.mkdir(parents=True, exist_ok=True)
    stream = (instance.folder / "test.lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SandboxError(
            "Another dev/test uses this instance. Wait for its end, or set "
            "CATCHALL_INSTANCE, CATCHALL_PORT_BASE and CATCHALL_HTTP_PORT."
        ) from error
    return stream


def start(odoo, undo):
    """Start the services, and leave those alone afterwards that ran before."""
    mail = MailServer(odoo.instance)
    if odoo.cluster.start():
        undo.callback(odoo.cluster.stop)
    if mail.start("virtual", "any"):
        undo.callback(mail.stop)
    odoo.configure()


def _run_part(suite, part, selection):
    """Run one part and tell how it ended."""
    say(f"{part}: started")
    started = time.monotonic()
    try:
        outcome = PARTS[part](suite, selection)
    except SandboxError as error:
        outcome = Outcome.failure(str(error))
    duration = seconds(time.monotonic() - started)
    say(f"{part}: {outcome.passed} passed, {outcome.failed} failed, {duration}")
    return outcome


def run(odoo, selection):
    """Run the selected parts, two at a time, and return the sum of their outcomes."""
    suite = Suite(odoo)
    with ThreadPoolExecutor(LANES) as pool:
        running = [
            pool.submit(_run_part, suite, part, selection) for part in selection.parts
        ]
        try:
            return sum((part.result() for part in running), Outcome())
        except KeyboardInterrupt:
            # Otherwise the pool would wait for all parts.
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            pool.shutdown()
            resume()
            raise


def shorten(text):
    """Leave out the middle of a text that is too long to read."""
    lines = text.splitlines()
    if len(lines) > DETAIL_LINES:
        half = DETAIL_LINES // 2
        lines = [*lines[:half], "    [...]", *lines[-half:]]
    return "\n".join(lines)


def report(outcome, logs: Path):
    """Print what failed, and the counts as the very last line."""
    for detail in outcome.details:
        say(f"\n{'-' * 72}\n{shorten(detail)}")
    if outcome.failed:
        say(f"\nLogs: {logs}")
    say(f"{outcome.passed} passed, {outcome.failed} failed")
