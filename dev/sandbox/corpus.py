"""Sends a folder of mail through the journal and the routing, and reports.

Runs inside ``odoo shell``; ``dev/corpus`` starts it.
"""

import logging
import re
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from odoo.addons.mail_catchall_router.tools.mail import fingerprint, mbox

from .mailserver import CATCHALL
from .progress import say, seconds

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100
SLOWEST = 10
PROGRESS_SECONDS = 30
OPEN_STATES = ("received", "failed", "dead")
# Ends of a copy that change nothing. What took too long has no recipients noted, as
# nothing of it was kept: nobody knows yet whether its copy is for the same ones.
UNCHANGED = (("ignored", "duplicate"), ("held", "too_slow"))
MODELS = ("crm.lead", "hr.applicant", "project.task", "mail.message")
MBOX_LINE = re.compile(rb"\AFrom [^\r\n]*(?:\r\n|\n|\r)")
# As Postfix writes it: these lines are above everything that came with the mail.
TRACE = """\
X-Original-To: {recipient}
Delivered-To: {mailbox}
Received: from mail.khachhang.test (localhost [127.0.0.1])
\tby mx.tenmien.test (Postfix) with ESMTP id 4A0000000C
\tfor <{recipient}>; {date}
"""
DATE = "Mon, 05 Jan 2026 08:00:00 +0700 (+07)"


@dataclass(frozen=True)
class Source:
    """One mail and where it comes from."""

    name: str
    raw: bytes


@dataclass
class Pass:
    """What came of sending all mails in once."""

    ids: list[int] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    durations: dict[int, float] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    elapsed: float = 0.0


# ----------------------------------------------------------------------
# MAILS
# ----------------------------------------------------------------------


def read_folder(folder):
    """Yield the mails below a folder, in the order of their names."""
    root = Path(folder)
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        name, data = str(path.relative_to(root)), path.read_bytes()
        if path.suffix == ".mbox":
            mails = mbox.split_mbox(data) or [data]
            for number, raw in enumerate(mails, 1):
                yield Source(f"{name}[{number}]" if mails[1:] else name, raw)
        else:
            yield Source(name, MBOX_LINE.sub(b"", data))


def with_trace(raw, recipient):
    """Return a mail with what a catch-all's mail server writes on top of it."""
    head = raw[:1000]
    line_end = "\n" if b"\n" in head and b"\r\n" not in head else "\r\n"
    text = TRACE.format(recipient=recipient, mailbox=CATCHALL, date=DATE)
    return text.replace("\n", line_end).encode() + raw


# ----------------------------------------------------------------------
# RUN
# ----------------------------------------------------------------------


class Corpus:
    """A folder of mail and the database it is sent into."""

    def __init__(self, env, *, folder, as_is, domain, aliases):
        self.env = env
        self.journal = env["mail.catchall.message"]
        self.router = env["mail.catchall.router"].search([], limit=1)
        self._prepare(domain)
        domain = self.router.alias_domain_ids[:1].name
        recipients = [f"{alias}@{domain}" for alias in aliases]
        self.sources = [
            source if as_is else self._addressed(source, recipients)
            for source in read_folder(folder)
        ]

    def _prepare(self, domain):
        """Let nothing out, and the guards that look at the time be quiet."""
        mail_server = type(self.env["ir.mail_server"])
        mail_server._disable_send = classmethod(lambda cls: True)
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("mail.gateway.loop.threshold", str(10**9))
        self.router.write({"burst_count": 0, "attack_count": 0})
        if domain:
            self.router.alias_domain_ids[:1].name = domain
        self.env.cr.commit()

    def _addressed(self, source, recipients):
        """Choose the recipient by the content, so that copies have the same."""
        number = int(fingerprint.content_fingerprint(source.raw)[:8], 16)
        recipient = recipients[number % len(recipients)]
        return Source(source.name, with_trace(source.raw, recipient))

    def send_in(self):
        """Journal and route every mail once."""
        outcome, started = Pass(), time.monotonic()
        for start in range(0, len(self.sources), BATCH_SIZE):
            self._journal(self.sources[start : start + BATCH_SIZE], outcome)
        self._route(outcome)
        outcome.elapsed = time.monotonic() - started
        return outcome

    def _journal(self, sources, outcome):
        """Journal a batch; when that fails, one by one to name the culprit."""
        try:
            messages = self.router._journal_from("import", [s.raw for s in sources])
            self.env.cr.commit()
        except Exception:
            _logger.info("journalling failed", exc_info=True)
            self.env.cr.rollback()
            if sources[1:]:
                for source in sources:
                    self._journal([source], outcome)
            else:
                outcome.exceptions.append(
                    f"{sources[0].name} (journal)\n{traceback.format_exc()}"
                )
            return
        self.env.invalidate_all()
        outcome.ids += messages.ids
        outcome.names |= zip(messages.ids, (s.name for s in sources), strict=True)

    def _one_by_one(self, outcome):
        """Yield the messages so that reading one of them reads no others."""
        for message in self.journal.browse(outcome.ids):
            yield message.with_prefetch()

    def _route(self, outcome):
        """Route what waits, one mail at a time to know how long each takes."""
        shown = time.monotonic()
        for number, message in enumerate(self._one_by_one(outcome), 1):
            started = time.monotonic()
            try:
                if message.state == "received":
                    message.action_route()
            except Exception:
                _logger.info("routing failed", exc_info=True)
                self.env.cr.rollback()
                name = outcome.names[message.id]
                outcome.exceptions.append(f"{name} (route)\n{traceback.format_exc()}")
            outcome.durations[message.id] = time.monotonic() - started
            self.env.invalidate_all()
            if time.monotonic() - shown > PROGRESS_SECONDS:
                shown = time.monotonic()
                say(f"  {number} of {len(outcome.ids)} mails routed")

    # ------------------------------------------------------------------
    # FINDINGS
    # ------------------------------------------------------------------

    def records(self):
        """Return how many documents and messages there are."""
        self.env.flush_all()
        return {model: self.env[model].search_count([]) for model in MODELS}

    def lost(self, outcome):
        """Return the names of the mails that are not in the journal as they were."""
        rows = {outcome.names[row.id]: row for row in self._one_by_one(outcome)}
        lost = []
        for source in self.sources:
            row = rows.get(source.name)
            if not row or row._raw_bytes() != source.raw:
                lost.append(source.name)
            self.env.invalidate_all()
        return lost

    def states(self, outcome):
        """Count the mails by their state and reason."""
        counts = Counter()
        for message in self.journal.browse(outcome.ids):
            counts[message.state, message.reason_code or ""] += 1
        return counts

    def unsettled(self, outcome):
        """Return (name, state, error) of what could not be routed."""
        messages = self.journal.browse(outcome.ids)
        return [
            (outcome.names[message.id], message.state, message.error or "")
            for message in messages.filtered(lambda one: one.state in OPEN_STATES)
        ]

    def simplified(self, outcome):
        """Return the names of the mails that core could not read."""
        messages = self.journal.browse(outcome.ids)
        attachments = self.env["ir.attachment"].search(
            [("name", "=", "original.eml"), ("res_model", "!=", False)]
        )
        places = {(one.res_model, one.res_id) for one in attachments}
        return [
            outcome.names[message.id]
            for message in messages
            if any((one.model, one.res_id) in places for one in message.delivery_ids)
        ]


# ----------------------------------------------------------------------
# REPORT
# ----------------------------------------------------------------------


def main(env, *, twice, **options):
    """Send a folder in, report, and end the process with an exit status."""
    corpus = Corpus(env, **options)
    say(f"{len(corpus.sources)} mails in {options['folder']}")
    problems = _first(corpus)
    if twice:
        problems += _second(corpus)
    say("\nOK" if not problems else f"\n{problems} problems")
    sys.stdout.flush()
    sys.exit(1 if problems else 0)


def _first(corpus):
    before = corpus.records()
    outcome = corpus.send_in()
    lost, unsettled = corpus.lost(outcome), corpus.unsettled(outcome)
    _tell_states(corpus.states(outcome))
    _tell_records(before, corpus.records())
    rate = len(outcome.ids) / outcome.elapsed if outcome.elapsed else 0
    say(f"\n{seconds(outcome.elapsed)}, {rate:.0f} mails/s. The slowest:")
    for number in sorted(outcome.durations, key=outcome.durations.get)[
        : -SLOWEST - 1 : -1
    ]:
        say(f"  {outcome.durations[number]:6.2f} s  {outcome.names[number]}")
    simplified = corpus.simplified(outcome)
    say(f"\nNot readable for Odoo, delivered with the original: {len(simplified)}")
    for name in simplified:
        say(f"  {name}")
    for name, state, error in unsettled:
        say(f"\n{state}: {name}\n{error}")
    return _tell_problems(outcome, lost, unsettled)


def _second(corpus):
    before = corpus.records()
    outcome = corpus.send_in()
    after = corpus.records()
    states = corpus.states(outcome)
    others = sum(states.values()) - sum(states[end] for end in UNCHANGED)
    say("\nA second time:")
    _tell_states(states)
    _tell_records(before, after)
    problems = _tell_problems(outcome, corpus.lost(outcome), corpus.unsettled(outcome))
    say(f"  not recognised as duplicates: {others}")
    for message in corpus.journal.browse(outcome.ids):
        if (message.state, message.reason_code) not in UNCHANGED:
            name = outcome.names[message.id]
            say(f"    {message.state} {message.reason_code}: {name}")
    return problems + others + (before != after)


def _tell_states(states):
    say()
    for (state, reason), count in sorted(states.items()):
        say(f"  {count:6}  {state:10} {reason}")


def _tell_records(before, after):
    say()
    for model, count in after.items():
        say(f"  {count - before[model]:6}  new {model}")


def _tell_problems(outcome, lost, unsettled):
    """Print what must be 0 and return the sum of it."""
    say(f"\n  uncaught exceptions: {len(outcome.exceptions)}")
    say(f"  lost: {len(lost)}")
    say(f"  failed or dead: {len(unsettled)}")
    for text in [*lost, *outcome.exceptions]:
        say(f"\n{text}")
    return len(outcome.exceptions) + len(lost) + len(unsettled)
