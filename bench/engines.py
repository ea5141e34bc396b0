#!/usr/bin/env python3
"""Measure how an engine, with its learning, and the router's own defence tell phishing.

    bench/engines.py DIR [--engine NAME] [--cases DIR] [--seed N] [--min-learns N]
        [--fresh] [--show]

DIR, --cases and the phishing are those of `defence.py`, and so are the 300 decisions of
a person, of which both the router's own filter and the engine learn: Rspamd, or with
--engine SpamAssassin. They are Debian's in the sandbox (`dev/mail start --filters`),
without a name server: neither block lists nor SPF nor lists of known phishing, only
their rules and what they have learnt. They wait for 200 mails of each kind, if nobody
says otherwise (--min-learns). --fresh judges the later parts of `fresh.py`, after
decisions on the first ones.

A mail that either of them would hold counts as held.
"""

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "dev"))

import defence as bench
import fresh
from checkout import bayes, defence, engines, headers, networks, signs, trust

from sandbox import config
from sandbox.filters import RSPAMD, SPAMD, Filters
from sandbox.progress import readable_errors, say

SECONDS = 20
HEADS = (
    "what",
    "mails",
    "the engine holds",
    "the router holds",
    "warned",
    "reaches a document",
)


# {engine: (its process, the port that it learns on)}
SERVERS = {
    engines.RSPAMD: (RSPAMD, "rspamd-controller"),
    engines.SPAMASSASSIN: (SPAMD, SPAMD),
}


class Engine:
    """An engine of the sandbox, begun anew with nothing learnt."""

    def __init__(self, options):
        self.kind = options.engine
        self._server, self._learns_on = SERVERS[self.kind]
        self._filters = Filters(config.Instance.current("bench"), options.min_learns)
        self._filters.forget()
        self._filters.start(self._server)
        self._findings = {}
        self.seconds = []

    def close(self):
        """Stop it, and have it forget all."""
        self._filters.forget()

    def _session(self, port):
        engine = engines.Engine(
            self.kind, "127.0.0.1", self._filters.port(port), seconds=SECONDS
        )
        return closing(engines.Session(engine))

    def learn(self, decisions):
        """Learn of [(mail, "spam" or "fine")]."""
        with self._session(self._learns_on) as session:
            for specimen, lesson in decisions:
                session.learn(specimen.raw, lesson)
        self._findings.clear()

    def judge(self, specimen):
        """Return its ``Finding`` on a mail."""
        if specimen.name not in self._findings:
            start = time.monotonic()
            with self._session(self._server) as session:
                found = session.ask(specimen.raw, envelope_of(specimen.raw))
            self.seconds.append(time.monotonic() - start)
            self._findings[specimen.name] = found
        return self._findings[specimen.name]

    def words(self, specimen):
        """Return what it said of a mail."""
        found = self._findings[specimen.name]
        return f"{found.score} {', '.join(found.symbols)}"


def envelope_of(raw):
    """Return the ``Envelope`` of a mail, as far as its own headers tell it."""
    host = networks.sender_host(trust.trusted_trace(headers.parse_headers(raw)))
    return engines.Envelope(host.address, host.helo, host.name, host.is_nameless)


def judge(specimen, learnt, finding):
    """Return the router's own ``Judgement``, which knows of an engine's doubts."""
    found = signs.find_signs(specimen.letter, bench.facts_of(specimen.kind))
    found = signs.confirmed(found, "engine" if finding.is_doubtful else "")
    opinion = bayes.opinion(specimen.tokens, learnt.known, learnt.total)
    return defence.judge(found, opinion)


def row(what, engine, learnt, specimens, show=False):
    """Print one line of the table."""
    counts = Counter()
    for one in specimens:
        finding = engine.judge(one)
        is_spam = finding.is_bad
        judgement = judge(one, learnt, finding)
        is_held = judgement.end == defence.HOLD
        counts["engine"] += is_spam
        counts["router"] += is_held
        is_through = not is_spam and not is_held
        counts["warned"] += is_through and judgement.end == defence.WARN
        counts["through"] += is_through
        if show and is_through == (one.kind in bench.BAD):
            say(f"  {engine.kind} {engine.words(one)}")
            bench.explain(one, judgement)
    total = max(len(specimens), 1)
    cells = [
        f"{counts[key]} ({counts[key] / total:.1%})"
        for key in ("engine", "router", "warned", "through")
    ]
    say(f"| {what} | {total} | {' | '.join(cells)} |")


def judge_all(what, engine, learnt, found, options):
    """Print the lines of one state of learning."""
    late = [one for one in found.late if one.kind == "person"]
    people = found.sets["person"] if what == "nothing learnt" else late
    lists = [one for one in found.late if one.kind == "list"]
    _early, spam = bench.halves(found.sets["spam 2002"])
    row(f"phishing, {what}", engine, learnt, found.judged, options.show)
    row(f"spam of 2002, {what}", engine, learnt, spam)
    row(f"people's mail, {what}", engine, learnt, people, options.show)
    row(f"Vietnamese mail, {what}", engine, learnt, found.sets["vietnamese"])
    if options.cases:
        cases = bench.read_folder(options.cases, "case")
        row(f"cases, {what}", engine, learnt, cases, options.show)
    row(f"lists and newsletters, {what}", engine, learnt, lists)


def fresh_mail(kind, parts, seed):
    """Return {part: specimens} of "fresh" phishing or "honest" mail of `fresh.py`."""
    return {
        part: [
            bench.read(f"{kind} {name}", kind, raw)
            for name, raw in fresh.write(kind, part, bench.OWN, bench.DIRECTOR, seed)
        ]
        for part in parts
    }


def judge_fresh(found, options):
    """Print what becomes of the later parts, after decisions on the first ones."""
    bad = fresh_mail("fresh", fresh.PARTS + fresh.LATER, options.seed)
    fine = fresh_mail("honest", fresh.HONEST, options.seed)
    spam = [one for part in fresh.PARTS for one in bad[part]]
    honest = [one for part in fresh.PARTS for one in fine[part]]
    chance = random.Random(options.seed)
    lessons = bench.decisions(chance, spam, found.early + honest)
    people = [one for one in found.late if one.kind == "person"]
    learnt = bench.Filter()
    with closing(Engine(options)) as engine:
        engine.learn(lessons)
        for specimen, lesson in lessons:
            learnt.learn(specimen, lesson)
        for part in fresh.LATER:
            row(f"phishing {part}", engine, learnt, bad[part], options.show)
        for part in fresh.HONEST[len(fresh.PARTS) :]:
            row(f"honest mail {part}", engine, learnt, fine[part], options.show)
        row("people's mail", engine, learnt, people, options.show)


def main(arguments):
    """Read, learn, judge, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--engine", choices=SERVERS, default=engines.RSPAMD)
    parser.add_argument("--cases", metavar="DIR", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--min-learns", type=int, default=200)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    found = bench.arrange(bench.read_corpus(options.folder), chance)
    say(f"| {' | '.join(HEADS)} |")
    say("|---" * len(HEADS) + "|")
    if options.fresh:
        judge_fresh(found, options)
        return
    lessons = bench.decisions(chance, found.taught, found.early)
    with closing(Engine(options)) as engine:
        learnt = bench.Filter()
        judge_all("nothing learnt", engine, learnt, found, options)
        engine.learn(lessons)
        for specimen, lesson in lessons:
            learnt.learn(specimen, lesson)
        count = sum(lesson == bayes.SPAM for _one, lesson in lessons)
        what = f"{count} and {len(lessons) - count} decisions"
        judge_all(what, engine, learnt, found, options)
        spent = statistics.median(engine.seconds) * 1000
        say(f"\n{engine.kind} needs {spent:.0f} ms for a mail (median).")


if __name__ == "__main__":
    with readable_errors():
        main(sys.argv[1:])
