#!/usr/bin/env python3
"""Measure how the router's own defence tells spam and forgery from people's mail.

    bench/defence.py DIR [--cases DIR] [--phishing DIR] [--fresh] [--seed N] [--show]

DIR is a public corpus, one folder per set of mails, one mail a file (see
`detection.py`, whose labels say what is people's mail). From it come people's mail,
lists and the spam of 2002, which are replayed in the order of their dates: the filter
learns of the first half, and is judged by the second alone. Phishing is written by
`phishing.py`, in kinds of which one half teaches and the other, with other words,
other brands and other tricks, judges; --phishing names a folder of real ones instead,
of which every second teaches. --fresh judges mail that was written apart from the
rules (`fresh.py`): a part is judged after decisions on the parts before it. No
provider's verdict and no engine is used.

A person decides 300 times: on 150 mails of each kind. --cases names a folder of mails
that people have written, which are to pass.
"""

import argparse
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "dev"))

import fresh
import phishing
from checkout import bayes, defence, headers, letter, signs, tokens
from detection import LABELS, read_labels

from sandbox.progress import say

DECISIONS = 300
BAD = ("judge", "phishing", "spam 2002", "fresh")
OWN = "tenmien.test"
DIRECTOR = "Tr\u1ea7n Qu\u1ed1c B\u1ea3o"
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Specimen:
    """One mail, and what it is known to be."""

    name: str
    kind: str
    date: datetime
    letter: object
    tokens: tuple
    milliseconds: float
    raw: bytes


@dataclass
class Filter:
    """What the filter has learnt, kept in memory."""

    known: dict = field(default_factory=dict)
    total: bayes.Count = field(default_factory=bayes.Count)

    def learn(self, specimen, lesson):
        """Learn of one mail: "spam" or "fine"."""
        one = bayes.Count(spam=1) if lesson == bayes.SPAM else bayes.Count(fine=1)
        self.total = self.total.plus(one)
        for token in specimen.tokens:
            self.known[token] = self.known.get(token, bayes.Count()).plus(one)

    def judge(self, specimen, facts):
        """Return the ``Judgement`` on a mail."""
        return defence.judge(
            signs.find_signs(specimen.letter, facts),
            bayes.opinion(specimen.tokens, self.known, self.total),
        )


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def read(name, kind, raw):
    """Return the Specimen of the bytes of a mail."""
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    start = time.process_time()
    fields = headers.parse_headers(raw)
    found = letter.read_letter(raw, fields)
    words = tokens.tokens(found)
    spent = (time.process_time() - start) * 1000
    date = headers.summarize(fields).date or EPOCH
    return Specimen(name, kind, date, found, words, spent, raw)


def read_corpus(folder):
    """Return the people's mail, lists and spam of a corpus, in the order of dates."""
    labels = read_labels(LABELS)
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        raw = path.read_bytes()
        fields = headers.parse_headers(raw)
        label = next((one for one in labels if one.fits(name, fields)), None)
        kind = label.kind if label else ""
        if "spamassassin-public" in name and "ham" in name and kind != "person":
            kind = "list"
        if name.startswith("synthetic-"):
            kind = "vietnamese"
        if "spamassassin-public" in name and kind == "spam":
            kind = "spam 2002"
        if kind in ("person", "list", "vietnamese", "spam 2002"):
            found.append(read(name, kind, raw))
    return sorted(found, key=lambda one: (one.date, one.name))


def read_folder(folder, kind):
    """Return the mails of a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix != ".md")
    paths = [path for path in paths if path.is_file()]
    return [read(path.name, kind, path.read_bytes()) for path in paths]


# ------------------------------------------------------------
# JUDGING
# ------------------------------------------------------------


def facts_of(kind):
    """Return what our servers and the database would say of such a mail."""
    people = {signs.name_key(DIRECTOR): frozenset({f"bao@{OWN}"})}
    return signs.Facts(own_domains=frozenset({OWN}), people=people)


def count(learnt, specimens, show=False):
    """Return a Counter of ends, and print what of people's mail did not pass."""
    ends = Counter()
    for one in specimens:
        judgement = learnt.judge(one, facts_of(one.kind))
        ends[judgement.end] += 1
        is_bad = one.kind in BAD
        if show and (judgement.end == defence.DELIVER) == is_bad:
            explain(one, judgement)
    return ends


def explain(specimen, judgement):
    """Print why a mail came to an end that it should not have come to."""
    codes = " ".join(sign.code for sign in judgement.signs)
    opinion = judgement.opinion
    verdict = f"{opinion.verdict} {opinion.score:.2f}" if opinion else "silent"
    say(f"  {judgement.end} {judgement.points} {specimen.name}: {codes}; {verdict}")


def row(what, learnt, specimens, show):
    """Print one line of the table."""
    ends = count(learnt, specimens, show)
    total = max(sum(ends.values()), 1)
    cells = [
        f"{ends[end]} ({ends[end] / total:.1%})"
        for end in (defence.DELIVER, defence.WARN, defence.HOLD)
    ]
    reaches = (ends[defence.DELIVER] + ends[defence.WARN]) / total
    say(f"| {what} | {total} | {' | '.join(cells)} | {reaches:.1%} |")


def decisions(chance, spam, wanted):
    """Return [(mail, "spam" or "fine")] that a person decides, on mail of the past."""
    half = DECISIONS // 2
    return [
        *((one, bayes.SPAM) for one in chance.sample(spam, min(half, len(spam)))),
        *((one, bayes.FINE) for one in chance.sample(wanted, min(half, len(wanted)))),
    ]


def decide(chance, spam, wanted):
    """Return the Filter after a person's decisions on mail of the past."""
    learnt = Filter()
    for one, lesson in decisions(chance, spam, wanted):
        learnt.learn(one, lesson)
    return learnt


def halves(specimens):
    """Return (the first half, the second half): what came before teaches."""
    middle = len(specimens) // 2
    return specimens[:middle], specimens[middle:]


@dataclass(frozen=True)
class Arranged:
    """Mail by what it is to be used for.

    ``sets``: that of a corpus, by its kind. ``taught`` and ``judged``: phishing.
    ``early`` is wanted mail of the past, ``late`` what came afterwards.
    """

    sets: dict
    taught: list
    judged: list
    early: list
    late: list


def arrange(corpus, chance, phishing_folder=None):
    """Return what teaches, and what is judged.

    :param phishing_folder: of real phishing, instead of that which is written for it
    """
    sets = {
        kind: [one for one in corpus if one.kind == kind]
        for kind in ("person", "list", "vietnamese", "spam 2002")
    }
    taught, judged, wanted = (
        [
            read(name, part, raw)
            for name, raw in phishing.write(part, OWN, DIRECTOR, chance)
        ]
        for part in ("teach", "judge", "wanted")
    )
    if phishing_folder:
        real = read_folder(phishing_folder, "phishing")
        taught, judged = real[::2], real[1::2]
    early, late = halves(
        sorted(sets["person"] + sets["list"], key=lambda one: one.date)
    )
    # A company in Vietnam gets mail in its own language, too.
    return Arranged(sets, taught, judged, early + wanted, late)


def judge_fresh(found, seed, cases, show):
    """Print what becomes of each part of `fresh.py`, and of honest mail beside it."""
    bad, fine = (
        {
            part: [
                read(name, kind, raw)
                for name, raw in fresh.write(kind, part, OWN, DIRECTOR, seed)
            ]
            for part in parts
        }
        for kind, parts in (
            ("fresh", fresh.PARTS + fresh.LATER),
            ("honest", fresh.HONEST),
        )
    )
    people = [one for one in found.late if one.kind == "person"]
    for part in fresh.PARTS + fresh.LATER:
        row(f"phishing {part}, nothing learnt", Filter(), bad[part], False)
        before = fresh.before(part)
        if not before:
            continue
        spam = [one for each in before for one in bad[each]]
        honest = [one for each in before for one in fine[each]]
        learnt = decide(random.Random(seed), spam, found.early + honest)
        row(f"phishing {part}, {DECISIONS} decisions", learnt, bad[part], show)
        for each in fine:
            if each not in before:
                row(f"honest mail {each}", learnt, fine[each], show)
        row("people's mail", learnt, people, show)
        row("Vietnamese mail", learnt, found.sets["vietnamese"], show)
        row("cases", learnt, cases, show)
    for each in fine:
        row(f"honest mail {each}, nothing learnt", Filter(), fine[each], show)
    judge_halves(found, seed, bad, fine, show)


def judge_halves(found, seed, bad, fine, show):
    """Print what becomes of one half of all texts when the other half has taught: as a
    person's mail is, whose next phishing has other words, but is of the same days."""
    chance = random.Random(seed)
    (taught, judged), (early, late) = (by_text(one, chance) for one in (bad, fine))
    learnt = decide(chance, taught, found.early + early)
    row(f"phishing, half of all texts, {DECISIONS} decisions", learnt, judged, show)
    row("honest mail, half of all texts", learnt, late, show)
    people = [one for one in found.late if one.kind == "person"]
    row("people's mail", learnt, people, show)


def by_text(parts, chance):
    """Return two halves of the mails of all parts, no text of which is in both."""
    mails = defaultdict(list)
    for each in parts.values():
        for one in each:
            mails[one.name.rpartition("-")[0]].append(one)
    texts = sorted(mails)
    chance.shuffle(texts)
    return [[one for text in half for one in mails[text]] for half in halves(texts)]


def main(arguments):
    """Read, learn, judge, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--cases", metavar="DIR", type=Path)
    parser.add_argument("--phishing", metavar="DIR", type=Path)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    corpus = read_corpus(options.folder)
    found = arrange(corpus, chance, options.phishing)
    sets, early, late = found.sets, found.early, found.late
    taught, judged = found.taught, found.judged
    early_spam, late_spam = halves(sets["spam 2002"])
    if options.fresh:
        say("| what | mails | delivered | warned | held | reaches a document |")
        say("|---|---|---|---|---|---|")
        cases = read_folder(options.cases, "case") if options.cases else []
        judge_fresh(found, options.seed, cases, options.show)
        return
    nothing = Filter()
    learnt = decide(chance, taught, early)
    mixed = decide(chance, taught + early_spam, early)
    say("| what | mails | delivered | warned | held | reaches a document |")
    say("|---|---|---|---|---|---|")
    row("phishing, from the first mail on", nothing, judged, False)
    row(f"phishing, after {DECISIONS} decisions", learnt, judged, options.show)
    row("phishing, decisions on phishing and spam", mixed, judged, False)
    row("spam of 2002, decisions on phishing and spam", mixed, late_spam, False)
    for what, found in (("nothing learnt", nothing), ("learnt", mixed)):
        later = [one for one in late if one.kind == "person"]
        people = sets["person"] if found is nothing else later
        row(f"people's mail, {what}", found, people, options.show)
        row(f"Vietnamese mail, {what}", found, sets["vietnamese"], options.show)
        if options.cases:
            cases = read_folder(options.cases, "case")
            row(f"cases, {what}", found, cases, options.show)
        lists = (
            sets["list"]
            if found is nothing
            else [one for one in late if one.kind == "list"]
        )
        row(f"lists and newsletters, {what}", found, lists, False)
    spent = [one.milliseconds for one in corpus]
    start = time.process_time()
    for one in corpus:
        mixed.judge(one, facts_of(one.kind))
    judging = (time.process_time() - start) * 1000 / len(corpus)
    say(
        f"\nReading {statistics.median(spent):.2f} ms a mail (median), "
        f"judging {judging:.2f} ms."
    )


if __name__ == "__main__":
    main(sys.argv[1:])
