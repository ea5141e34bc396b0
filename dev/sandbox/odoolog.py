"""Reads Odoo's log: how many tests ran, what failed, what should not be there."""

import re
from dataclasses import dataclass

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ "
    r"(?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>\S+): (?P<message>.*)$"
)
COUNTS = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
BAD_LEVELS = {"WARNING", "ERROR", "CRITICAL"}
FAILURE = re.compile(r"^(FAIL|ERROR): ")

# Lines of Odoo itself that say nothing about this addon: pattern and reason.
HARMLESS = (
    (
        r"^WARNING py\.warnings: <unknown>:\d+: DeprecationWarning: invalid escape",
        "hypothesis looks for constants in the sources of Debian's libraries",
    ),
)


@dataclass(frozen=True)
class Entry:
    """One entry of the log, with the lines that continue it, such as a traceback."""

    level: str
    logger: str
    message: str

    @property
    def is_failure(self):
        """Whether this is the report of a failed test."""
        return self.level == "ERROR" and bool(FAILURE.match(self.message))

    @property
    def is_unexpected(self):
        """Whether nobody would want to find this in a log."""
        return (
            self.level in BAD_LEVELS
            and not self.is_failure
            and not self._is_summary
            and not any(re.search(pattern, self.text) for pattern, _why in HARMLESS)
        )

    @property
    def _is_summary(self):
        """Whether this only counts failures that have their own entries."""
        return bool(COUNTS.search(self.message)) or self.message.startswith("Module ")

    @property
    def text(self):
        """The entry as a person reads it."""
        return f"{self.level} {self.logger}: {self.message}"


def entries(text):
    """Split a log into its entries."""
    found = []
    for line in text.splitlines():
        start = LINE.match(line)
        if start:
            found.append([start["level"], start["logger"], [start["message"]]])
        elif found:
            found[-1][2].append(line)
    return [
        Entry(level, logger, "\n".join(lines).rstrip())
        for level, logger, lines in found
    ]


def unexpected(text):
    """Return the entries that should not be in a log, each text once."""
    return list({entry.text: entry for entry in entries(text) if entry.is_unexpected})


def failures(text):
    """Return the reports of failed tests."""
    return [entry.text for entry in entries(text) if entry.is_failure]


def skips(text):
    """Return which tests were skipped, and why."""
    messages = (entry.message for entry in entries(text) if entry.level == "INFO")
    return [message for message in messages if message.startswith("skipped ")]


def counts(text):
    """Return how many tests ran and how many of them failed, by Odoo's own count."""
    found = COUNTS.findall(text)
    if not found:
        return 0, 0
    failed, errors, run = map(int, found[-1])
    return run, failed + errors
