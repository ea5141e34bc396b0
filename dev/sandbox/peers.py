"""Odoo's own test suites, without this addon and with it.

What fails in both has nothing to do with us; what fails with us alone does, and is
explained here or wants to be mended.
"""

import re
from dataclasses import dataclass, field

from . import config, odoolog, testing
from .odoo import addon_digest
from .processes import run_within
from .progress import SandboxError, say, tail
from .testing import APP_MODULES, QUERY_MODULES

SUITE_SECONDS = 90 * 60
HTTP_OFFSET = 16  # of the port, from Odoo's; below are those of dev/test
NAME = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?([\w.]+(?: \([\w.]+\))?)")
# What takes most of the time, and fails most often by chance.
WITHOUT_BROWSER = """
from odoo.tests import HttpCase

def skip(self, *args, **kwargs):
    self.skipTest("it needs a browser")

HttpCase.browser_js = skip
"""
TEST = re.compile(r"\w+\.\w+")
SIGN_IN_MODULES = ("google_gmail", "microsoft_outlook")
AUTOMATION_MODULES = ("test_base_automation",)
#: Of databases and runs: without this addon, and with it.
KINDS = ("without", "with")


@dataclass(frozen=True)
class Suite:
    """Tests of Odoo's, by Odoo's tags, in a database with these modules."""

    name: str
    modules: tuple[str, ...]
    tags: str


def _of(module, modules):
    return Suite(module, modules, f"/{module}")


SUITES = (
    _of("google_gmail", SIGN_IN_MODULES),
    _of("microsoft_outlook", SIGN_IN_MODULES),
    _of("test_mail", QUERY_MODULES),
    _of("test_mail_full", QUERY_MODULES),
    _of("mass_mailing", QUERY_MODULES),
    _of("test_mass_mailing", QUERY_MODULES),
    _of("portal", APP_MODULES),
    _of("calendar", APP_MODULES),
    _of("survey", APP_MODULES),
    _of("event", APP_MODULES),
    _of("crm", APP_MODULES),
    _of("hr_recruitment", APP_MODULES),
    _of("hr_expense", APP_MODULES),
    _of("maintenance", APP_MODULES),
    _of("mail_group", APP_MODULES),
    _of("project", APP_MODULES),
    _of("sale", APP_MODULES),
    _of("purchase", APP_MODULES),
    Suite(
        "account",
        APP_MODULES,
        "/account:TestAccountIncomingSupplierInvoice,/account:TestAccountMoveSend,"
        "/account:TestAccountComposerPerformance,/account:TestAccountJournalAlias,"
        "/account:TestTracking",
    ),
    _of("base_automation", AUTOMATION_MODULES),
    _of("test_base_automation", AUTOMATION_MODULES),
)

#: The test that sends a mail to each alias, and what it writes of each into the log.
ALIASES_TAG = f"{testing.APPS_TAG}/{config.ADDON}:TestAppsAliases"
ALIAS_ROW = re.compile(r" alias (\|.*\|) *$", re.MULTILINE)
ALIAS_HEAD = (
    "| it makes | mail | Odoo alone | with the router | difference |\n"
    "|---|---|---|---|---|"
)

#: Tests that fail with us alone: a pattern of their name, and why that is right.
EXPLAINED: tuple[tuple[str, str], ...] = (
    (
        # Of mail_outbound_static, an addon of OCA's.
        r"^TestIrMailServer\.test_0[12457]_from_outgoing_server",
        "it compares text: names stand in quotation marks, which mean nothing",
    ),
    (
        r"^TestMailMail\.test_mail_mail_recipients_add_msg_to",
        "it compares the text of From, where names stand in quotation marks",
    ),
)


@dataclass(frozen=True)
class Run:
    """What one run of a suite came to: how many tests, and those that failed."""

    count: int
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """One suite, without and with us."""

    suite: Suite
    without: Run
    with_us: Run
    explained: dict[str, str] = field(default_factory=dict)

    @property
    def only_with_us(self):
        """The names of the tests that fail with us alone."""
        return sorted(self.with_us.failed - self.without.failed)

    @property
    def unexplained(self):
        """Those of them that nobody has explained."""
        return [name for name in self.only_with_us if name not in self.explained]

    def row(self):
        """Return the figures as a row of the table."""
        healed = len(self.without.failed - self.with_us.failed)
        figures = (
            self.suite.name,
            self.without.count,
            self.with_us.count,
            len(self.without.failed),
            len(self.with_us.failed),
            len(self.only_with_us),
            healed,
            len(self.unexplained),
        )
        return f"| {' | '.join(map(str, figures))} |"


HEAD = (
    "| suite | tests without | tests with | failed without | failed with | "
    "with us alone | without us alone | unexplained |\n"
    "|---|---|---|---|---|---|---|---|"
)


def compare(suite, without, with_us, explained=EXPLAINED):
    """Return the :class:`Comparison` of two runs.

    >>> one = Run(9, frozenset({"TestA.test_x"}))
    >>> two = Run(9, frozenset({"TestA.test_x", "TestB.test_y", "TestC.test_z"}))
    >>> why = (("TestB", "said otherwise"),)
    >>> compare(SUITES[0], one, two, why).unexplained
    ['TestC.test_z']
    """
    known = {
        name: why
        for name in with_us.failed - without.failed
        for pattern, why in explained
        if re.search(pattern, name)
    }
    return Comparison(suite, without, with_us, known)


def read(text):
    """Return the :class:`Run` that a log of Odoo tells of.

    >>> head = "2026-01-01 00:00:00,000 1 ERROR db odoo.x: "
    >>> found = read("\\n".join([head + "FAIL: TestA.test_b",
    ...     head + "ERROR: Subtest TestC.test_d [1]",
    ...     head + "1 failed, 1 error(s) of 7 tests when loading database 'db'"]))
    >>> found.count, sorted(found.failed)
    (7, ['TestA.test_b', 'TestC.test_d'])
    """
    reports = [
        NAME.search(entry.message)
        for entry in odoolog.entries(text)
        if entry.is_failure
    ]
    names = frozenset(found[1] for found in reports if found)
    return Run(odoolog.counts(text)[0], names)


def alias_rows(text):
    """Return the rows that a log has of the table of aliases.

    >>> alias_rows("2026-01-01 00:00:00,000 1 INFO db odoo.x: alias | a | b |\\nc")
    ['| a | b |']
    """
    return ALIAS_ROW.findall(text)


def compare_aliases(odoo):
    """Send a mail to each alias of the apps, without the router and through it; return
    (rows of the table, what is wrong)."""
    suite = testing.Suite(odoo)
    outcome = suite.beside_apps(ALIASES_TAG)
    log = odoo.instance.logs / "test-apps.log"
    text = log.read_text(encoding="utf-8", errors="replace")
    return alias_rows(text), outcome.details


def select(names):
    """Return the suites of these names, all without any.

    >>> [part] = select(["sale/test_taxes+test_sale_flow"])
    >>> part.name, part.tags
    ('sale/test_taxes+1', '/sale/tests/test_taxes.py,/sale/tests/test_sale_flow.py')
    """
    known = {suite.name: suite for suite in SUITES}
    if unknown := {name.partition("/")[0] for name in names} - set(known):
        raise SandboxError(
            f"No such suite: {', '.join(sorted(unknown))}. There are: "
            f"{', '.join(known)}."
        )
    return [_part(known, *name.split("/", 1)) for name in names] or list(SUITES)


def _part(known, name, files=""):
    """Return a suite, or the files of its tests that are joined by a plus."""
    if not files:
        return known[name]
    first, *others = files.split("+")
    title = f"{name}/{first}+{len(others)}" if others else f"{name}/{first}"
    tags = ",".join(f"/{name}/tests/{file}.py" for file in (first, *others))
    return Suite(title, known[name].modules, tags)


def tags_of(names):
    """Return Odoo's tags for tests of these names, "" without any.

    >>> tags_of({"TestB.test_y", "TestA.test_x", "setUpClass (odoo.addons.a.TestA)"})
    ':TestA.test_x,:TestB.test_y'
    """
    return ",".join(f":{name}" for name in sorted(names) if TEST.fullmatch(name))


class Peers:
    """Runs suites, each twice."""

    def __init__(self, odoo, with_browser=True):
        self.odoo = odoo
        self.head = "" if with_browser else WITHOUT_BROWSER
        self.instance = odoo.instance
        self._made = {}

    def compare(self, suite):
        """Run a suite without and with us; return the comparison."""
        say(f"{suite.name}: without the addon")
        without = self._run(suite, "without")
        say(f"{suite.name}: with the addon")
        with_us = self._run(suite, "with")
        return compare(suite, without, self._without_chance(suite, without, with_us))

    def _without_chance(self, suite, without, with_us):
        """Return a run with us without what nobody has explained, but what does not
        fail when it is tried again by itself: a browser that is late on a busy
        machine."""
        failed = set(compare(suite, without, with_us).unexplained)
        if not (tags := tags_of(failed)):
            return with_us
        say(f"{suite.name}: what fails with the addon alone, again")
        again = self._run(Suite(f"{suite.name}-again", suite.modules, tags), "with")
        lucky = {one for one in failed - again.failed if tags_of({one})}
        for name in sorted(lucky):
            say(f"  {name}: by chance, it passes by itself")
        return Run(with_us.count, with_us.failed - lucky)

    def _database(self, modules, kind):
        """Return a database with these modules, and with us or not; made once."""
        key = modules, kind
        if key not in self._made:
            name = f"peers_{kind}_{config.digest(modules)}"
            source = self.odoo.template(modules)
            self.odoo.clone(self._with_us(source) if kind == "with" else source, name)
            self._made[key] = name
        return self._made[key]

    def _with_us(self, source):
        """Return a database with us in it, too; made anew when we changed: one part
        after the other needs the same."""
        name = f"{source}_with_{addon_digest()}"
        cluster = self.odoo.cluster
        if not cluster.exists(name):
            known = cluster.query("SELECT datname FROM pg_database")
            for outdated in known:
                if outdated.startswith(f"{source}_with"):
                    self.odoo.drop(outdated)
            building = f"{source}_within"
            self.odoo.clone(source, building)
            self.odoo.install(building, [config.ADDON])
            self.odoo.rename(building, name)
        return name

    def log(self, suite, kind):
        """Return the file with what Odoo has written in a run, one of ``KINDS``."""
        name = suite.name.replace("/", "-")
        return self.instance.logs / f"peers-{name}-{kind}.log"

    def _run(self, suite, kind):
        """Run the tests in a shell, where all modules are loaded before the first."""
        database = self._database(suite.modules, kind)
        log = self.log(suite, kind)
        # Another command beside this one has its own.
        script = log.with_suffix(".py")
        script.write_text(
            f"{self.head}from odoo.tests.shell import run_tests\n"
            f"run_tests(env, {suite.tags!r})\n",
            encoding="utf-8",
        )
        port = self.instance.http_port + HTTP_OFFSET
        config.require_free_port(port, "CATCHALL_HTTP_PORT", "Odoo's tests")
        with script.open(encoding="utf-8") as stdin:
            run_within(
                SUITE_SECONDS,
                self.odoo.command("shell", "-d", database, "--http-port", port),
                log=log,
                env=self.odoo.environment(),
                stdin=stdin,
            )
        found = read(log.read_text(encoding="utf-8", errors="replace"))
        if not found.count:
            raise SandboxError(f"No test was run. The end of {log}:\n{tail(log)}")
        return found
