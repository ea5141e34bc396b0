"""The matrix of ``dev/interop``: its tests, by mail server."""

import os
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from . import config, setup
from .processes import run_within
from .progress import SandboxError, tail

SECONDS = 60 * 60
FILES = "test_interop_*.py"
NAME = re.compile(r"test_(?P<what>\w+)(?:\[(?P<which>.*)\])?")


@dataclass(frozen=True)
class Result:
    """How one test ended with one server, and why it failed."""

    name: str
    passed: bool
    seconds: float
    words: str = ""

    @property
    def what(self):
        """What is tried, as words."""
        return NAME.fullmatch(self.name)["what"].replace("_", " ")

    @property
    def which(self):
        """With which server, and with which variant of it; "-" for the scripted."""
        return NAME.fullmatch(self.name)["which"] or "-"


def run(instance, word=""):
    """Run the tests with this word in their name; return their results."""
    log, report = (instance.logs / f"interop.{kind}" for kind in ("log", "xml"))
    report.unlink(missing_ok=True)
    folder = config.CHECKOUT / "e2e"
    files = sorted(path.name for path in folder.glob(FILES))
    command = [setup.python(), "-m", "pytest", f"--junitxml={report}", *files]
    run_within(
        SECONDS,
        [*command, *(("-k", word) if word else ())],
        log=log,
        cwd=folder,
        env={
            **os.environ,
            "CATCHALL_INSTANCE": instance.name,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    if not report.exists():
        raise SandboxError(f"No test was run. The end of {log}:\n{tail(log)}")
    return read(report.read_text(encoding="utf-8"))


def read(report):
    """Return the results that a JUnit report tells of.

    >>> read('<testsuite><testcase name="test_a_b[x]" time="1.5"/></testsuite>')
    [Result(name='test_a_b[x]', passed=True, seconds=1.5, words='')]
    """
    return [_result(case) for case in ET.fromstring(report).iter("testcase")]


def _result(case):
    problems = [one for one in case if not one.tag.startswith("system-")]
    words = [(one.text or one.get("message") or "").strip() for one in problems]
    seconds = float(case.get("time"))
    return Result(case.get("name"), not problems, seconds, "\n".join(words))


def table(results):
    """Return the results as a table: what is tried, and with whom it works.

    >>> one, two = Result("test_a_b[x]", True, 1.0), Result("test_a_b[y]", False, 1.0)
    >>> print(table([one, two]))
    | what | works with | fails with |
    |---|---|---|
    | a b | x | y |
    """
    rows = ["| what | works with | fails with |", "|---|---|---|"]
    for what in dict.fromkeys(one.what for one in results):
        of_it = [one for one in results if one.what == what]
        good, bad = (
            ", ".join(one.which for one in of_it if one.passed is passed)
            for passed in (True, False)
        )
        rows.append(f"| {what} | {good} | {bad} |")
    return "\n".join(rows)
