#!/usr/bin/env python3
"""Measure how bounces and automatic mail are told apart from people's mail.

    bench/detection.py DIR [--labels FILE] [--json FILE] [--misses]

DIR holds one folder per set of mails, one mail a file. What a mail is comes from
FILE, and then from `detection_labels.tsv` beside this program; the first line that
fits counts. A line has, divided by tabs: a pattern of folder/file, a label, and the
addresses known to have failed, divided by blanks. A pattern may end in ` @person`:
then the mail must not carry a list's header either. Labels: bounce, delay (a report
that is no failure), reply (that nobody wrote), report (of abuse or reading), person,
spam, other.

Columns: `bounces` expected and `found`; `address`: those whose known failed address
was found, or, where none is known, any that isn't the reporting system's own;
`delay`: delays called so; `msg-id`: those of which an original Message-ID was found;
`replies` expected and `seen`; `false`: people's mail called a bounce or a reply;
`auto`: people's mail called automatic for any reason; milliseconds a mail.
"""

import argparse
import fnmatch
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from checkout import addresses, automatic, bounces, headers

LABELS = Path(__file__).with_name("detection_labels.tsv")
BOUNCES = ("bounce", "delay")
PERSON = " @person"
LIST_HEADERS = (
    *("List-Id", "List-Post", "List-Unsubscribe", "List-Help", "List-Subscribe"),
    *("Mailing-List", "X-Mailing-List", "X-BeenThere", "X-Mailman-Version"),
    *("Precedence", "X-Loop"),
)
SLOWEST = 10


@dataclass(frozen=True)
class Label:
    """What the mails are whose path fits ``pattern``, and who failed to get them."""

    pattern: str
    kind: str
    failed: tuple[str, ...] = ()

    def fits(self, path, fields):
        """Tell whether the mail at ``path`` with the header ``fields`` is meant."""
        pattern, person, _rest = self.pattern.partition(PERSON)
        if not fnmatch.fnmatchcase(path, pattern):
            return False
        return not (person and any(map(fields.get, LIST_HEADERS)))


@dataclass(frozen=True)
class Finding:
    """What the tools say of one mail, beside what it is known to be."""

    folder: str
    path: str
    label: str
    is_bounce: bool
    action: str
    kind: str
    codes: tuple[str, ...]
    recipients: tuple[str, ...]
    failed: tuple[str, ...]
    has_original: bool
    milliseconds: float

    @property
    def is_false(self):
        """Whether a person's mail would not count as one."""
        is_reply = self.kind == automatic.AUTO_REPLY
        return self.label == "person" and (self.is_bounce or is_reply)

    @property
    def is_right(self):
        """Whether the addresses known to have failed, or else any, are found."""
        return bool(self.recipients) and set(self.failed) <= set(self.recipients)

    @property
    def mistake(self):
        """What is wrong with the finding, or ""."""
        expected = self.label in BOUNCES
        mistakes = {
            "not detected": expected and not self.is_bounce,
            "address missed": expected and not self.is_right,
            "not called a delay": self.label == "delay" and self.action != "delayed",
            "reply not seen": self.label == "reply"
            and (self.kind != automatic.AUTO_REPLY or self.is_bounce),
            "taken for a bounce": self.is_bounce and not expected,
            "taken for a reply": self.is_false,
        }
        return next((text for text, holds in mistakes.items() if holds), "")


# ------------------------------------------------------------
# MEASURING
# ------------------------------------------------------------


def read_labels(path):
    """Return the labels of a table file, in its order."""
    lines = path.read_text("utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [
        Label(pattern, kind, tuple(map(addresses.normalize, " ".join(failed).split())))
        for pattern, kind, *failed in cells
    ]


def examine_all(folder, labels):
    """Return the Findings of all mails in the folders of ``folder``."""
    sets = sorted(path for path in folder.iterdir() if path.is_dir())
    return [
        examine(one.name, path, labels)
        for one in sets
        for path in sorted(one.rglob("*"))
        if path.is_file()
    ]


def examine(folder, path, labels):
    """Return the Finding of one mail file."""
    raw = path.read_bytes()
    started = time.perf_counter()
    fields = headers.parse_headers(raw)
    evidence = automatic.automatic(fields)
    bounce = bounces.read_bounce(raw)
    milliseconds = (time.perf_counter() - started) * 1000
    name = f"{folder}/{path.name}"
    fitting = (label for label in labels if label.fits(name, fields))
    label = next(fitting, Label("*", "other"))
    return Finding(
        folder=folder,
        path=name,
        label=label.kind,
        is_bounce=bounce is not None,
        action=bounce.action if bounce else "",
        kind=automatic.kind_of(evidence),
        codes=tuple(one.code for one in (bounce.evidence if bounce else evidence)),
        recipients=foreign_recipients(bounce, fields) if bounce else (),
        failed=label.failed,
        has_original=bool(bounce and bounce.original_message_ids),
        milliseconds=milliseconds,
    )


def foreign_recipients(bounce, fields):
    """Return the failed addresses that are not the reporting system's own."""
    own = set(addresses.parse_list(fields.get("From")))
    found = (one.address for one in bounce.recipients)
    daemons = ("postmaster@", "mailer-daemon@")
    return tuple(one for one in found if one not in own and not one.startswith(daemons))


# ------------------------------------------------------------
# SHOWING
# ------------------------------------------------------------


def cells_of(name, findings):
    """Return the cells of the table (dict) for the mails of one set."""
    expected = [one for one in findings if one.label in BOUNCES]
    found = [one for one in expected if one.is_bounce]
    delays = [one for one in expected if one.label == "delay"]
    replies = [one for one in findings if one.label == "reply"]
    people = [one for one in findings if one.label == "person"]
    times = [one.milliseconds for one in findings]
    return {
        "set": name,
        "mails": len(findings),
        "bounces": len(expected),
        "found": share(found, expected),
        "address": share([one for one in found if one.is_right], expected),
        "delay": share([one for one in delays if one.action == "delayed"], delays),
        "msg-id": share([one for one in found if one.has_original], expected),
        "replies": len(replies),
        "seen": share([one for one in replies if not one.mistake], replies),
        "people": len(people),
        "false": share([one for one in people if one.is_false], people),
        "auto": share([one for one in people if one.is_bounce or one.kind], people),
        "median": f"{statistics.median(times):.1f}",
        "max": f"{max(times):.0f}",
    }


def share(part, whole):
    """Return a count and its share of the whole; "" where there is no whole."""
    return f"{len(part)} ({100 * len(part) / len(whole):.1f}%)" if whole else ""


def table_of(findings):
    """Yield the lines of the table: one a set, and one of all."""
    sets = groupby(findings, lambda one: one.folder)
    rows = [cells_of(name, list(group)) for name, group in sets]
    rows = [*rows, cells_of("all", findings)]
    rows = [{name: name for name in rows[0]}, *rows]
    widths = {name: max(len(str(row[name])) for row in rows) for name in rows[0]}
    for row in rows:
        cells = [str(row[name]).rjust(width) for name, width in widths.items()]
        yield "  ".join([row["set"].ljust(widths["set"]), *cells[1:]])


def slowest_of(findings):
    """Yield the lines that name the slowest mails."""
    yield f"\nslowest {SLOWEST}, in milliseconds"
    for one in sorted(findings, key=lambda one: -one.milliseconds)[:SLOWEST]:
        yield f"{one.milliseconds:8.1f}  {one.path}"


def misses_of(findings):
    """Yield a line for each mail that the tools got wrong, and what they saw in it."""
    for one in findings:
        if one.mistake:
            found = ", ".join(one.recipients) or "nobody"
            seen = " ".join(one.codes) or "nothing"
            yield f"{one.mistake}: {one.path}: saw {seen}; found {found}"


def main():
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--labels", metavar="FILE", type=Path)
    parser.add_argument("--json", metavar="FILE", type=Path)
    parser.add_argument("--misses", action="store_true", help="list what went wrong")
    options = parser.parse_args()
    own = read_labels(options.labels) if options.labels else []
    findings = examine_all(options.folder, own + read_labels(LABELS))
    if not findings:
        parser.error(f"no mail in the folders of {options.folder}")
    lines = [*table_of(findings), *slowest_of(findings)]
    lines += ["", *misses_of(findings)] if options.misses else []
    sys.stdout.writelines(f"{line}\n" for line in lines)
    if options.json:
        found = json.dumps([asdict(one) for one in findings], indent=1)
        options.json.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
