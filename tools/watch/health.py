"""Whether a mail account works, judged from what is known of it.

Every function looks at one thing and returns a `Finding`: how it stands, which of
the sentences fits, and what fills it in. Nothing here is certain to be a fault in a
small company: what is merely quiet is said, never complained of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import listening

OK, WARNING, PROBLEM = "ok", "warning", "problem"
#: From the best to the worst.
STATES = (OK, WARNING, PROBLEM)

#: A server that cannot be used is a problem after so many tries and so much time: a
#: provider that restarts is none.
FAILURES = 3
FAILING = timedelta(minutes=10)
#: How long received mail may wait for routing.
WAIT_WARNING = timedelta(minutes=15)
WAIT_PROBLEM = timedelta(hours=1)
#: How long held mail may wait for a person.
HELD_WARNING = timedelta(days=3)
#: How long mail may be in the mailbox while none of it is collected.
BEHIND_WARNING = timedelta(minutes=5)
BEHIND_PROBLEM = timedelta(minutes=30)
#: Workers that were killed while they collected count so long; so many are a problem.
KILLS_COUNT = timedelta(days=1)
KILLS_PROBLEM = 3
#: How old a check of the mailbox may be that is made daily.
CHECK_WARNING = timedelta(days=3)
CERTIFICATE_WARNING = timedelta(days=14)
#: Part of a budget that is warned of, in percent.
BUDGET_WARNING = 80
#: One false alarm of the spam filters in so many mails is not complained of.
ALARMS_PER = 1000
#: A scheduled action is late by twice its interval, within these bounds.
LATE_AT_LEAST = timedelta(minutes=30)
LATE_AT_MOST = timedelta(hours=26)


#: Of so many mails from outside one at least tells where it came from.
ENOUGH_OUTSIDERS = 20


@dataclass(frozen=True)
class Finding:
    """How one thing stands: one of STATES, and the code of the sentence that says so.

    `values` fill it in: numbers, texts, `datetime` and `timedelta`.
    """

    item: str
    state: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """How many mails wait, and since when the oldest of them does."""

    count: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class Way:
    """A server that mail comes from or goes to.

    `failing_since`, `failures` in a row and the server's `words` tell of a login or a
    connection that does not work; `is_on` is whether it is used at all, `paused_since`
    since when it is left alone because too much mail waits already, `is_strange`
    whether it was taken over by another database, of which this is a copy, and
    `is_signed_out` whether a sign-in server takes its tokens no more. `behind` is
    mail that was seen in the mailbox, and since when none of it is collected; `kills`
    workers were killed while they collected, the last one at `last_kill`.
    """

    name: str
    is_on: bool = True
    failing_since: datetime | None = None
    failures: int = 0
    words: str = ""
    certificate_end: datetime | None = None
    paused_since: datetime | None = None
    is_strange: bool = False
    is_signed_out: bool = False
    behind: Waiting = Waiting()
    kills: int = 0
    last_kill: datetime | None = None


@dataclass(frozen=True)
class Job:
    """A scheduled action: whether it is on, when it is due and how often it runs.

    It has failed `failures` times in a row, the first time at `failing_since`.
    """

    name: str
    is_on: bool
    due: datetime | None
    interval: timedelta
    failures: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True)
class Forwarding:
    """A held mail in which a `provider` asks whether it may forward mail to `address`;
    `is_proven` whether it is known to be the provider's."""

    provider: str
    address: str
    code: str
    is_proven: bool


@dataclass(frozen=True)
class Engine:
    """A program that judges mail: when it last answered, and since when it does not, or
    does not learn (`dull_since`), with its words."""

    name: str
    answered: datetime | None = None
    silent_since: datetime | None = None
    silent_words: str = ""
    dull_since: datetime | None = None
    dull_words: str = ""


@dataclass(frozen=True)
class Listening:
    """How many folders could be listened to, who listens to how many, since when."""

    folders: int
    heard: int = 0
    ear: listening.Ear | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of one account; None where something is not known or not used.

    `came_back` is when a mail that was sent round came back last, and `is_lost` whether
    the last one did not. `knows_headers`: something is known of the provider's headers;
    `strange_since` is when the newest mails began to bear others. `outsiders` are so
    many of the newest mails from outside, and `outsiders_seen` those of which the mail
    server tells where they came from. `used` maps a period to (used, limit); `jobs`
    holds groups of scheduled actions, of which one that works is enough.
    """

    now: datetime
    incoming: Way | None = None
    outgoing: Way | None = None
    last_in: datetime | None = None
    last_out: datetime | None = None
    waiting: Waiting = Waiting()
    held: Waiting = Waiting()
    failed: int = 0
    dead: int = 0
    missing: int = 0
    checked: datetime | None = None
    used: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    junk: int | None = None
    came_back: datetime | None = None
    is_lost: bool = False
    forwarding: Forwarding | None = None
    knows_headers: bool = False
    strange_since: datetime | None = None
    outsiders: int = 0
    outsiders_seen: int = 0
    false_alarms: int = 0
    looked_at: int = 0
    engines: tuple[Engine, ...] = ()
    listening: Listening | None = None
    jobs: tuple[tuple[Job, ...], ...] = ()


def judge(facts: Facts) -> list[Finding]:
    """Return how everything stands, in the order in which a person looks at it."""
    now = facts.now
    findings = [
        facts.incoming and judge_way("incoming", facts.incoming, now),
        facts.outgoing and judge_way("outgoing", facts.outgoing, now),
        judge_last("last_in", facts.last_in, now),
        facts.outgoing and judge_last("last_out", facts.last_out, now),
        facts.incoming and judge_behind(facts.incoming, now),
        facts.incoming and judge_kills(facts.incoming, now),
        judge_waiting(facts.waiting, now),
        judge_held(facts.held, now),
        facts.forwarding and judge_forwarding(facts.forwarding),
        judge_failed(facts.failed),
        judge_dead(facts.dead),
        facts.incoming and judge_completeness(facts.missing, facts.checked, now),
        judge_budget(facts.used),
        judge_certificates((facts.incoming, facts.outgoing), now),
        facts.junk is not None and judge_junk(facts.junk),
        facts.incoming
        and facts.outgoing
        and judge_trip(facts.came_back, facts.is_lost, now),
        facts.knows_headers and judge_headers(facts.strange_since),
        facts.incoming and judge_proof(facts.outsiders, facts.outsiders_seen),
        judge_alarms(facts.false_alarms, facts.looked_at),
        facts.engines and judge_engines(facts.engines, now),
        judge_learning(facts.engines),
        facts.listening and judge_listening(facts.listening),
        facts.jobs and judge_jobs(facts.jobs, now),
    ]
    return [finding for finding in findings if finding]


def worst(states: Iterable[str]) -> str:
    """Return the worst of STATES among these; OK for none."""
    return max(states, key=STATES.index, default=OK)


# ------------------------------------------------------------
# THE WAYS IN AND OUT
# ------------------------------------------------------------


def judge_way(item: str, way: Way, now: datetime) -> Finding:
    """Return whether a server can be used.

    It fails for good only after several tries and some minutes.
    """
    values = {"server": way.name, "words": way.words, "since": way.failing_since}
    if way.is_strange:
        return Finding(item, PROBLEM, "strange", values)
    if not way.is_on:
        return Finding(item, PROBLEM, "off", values)
    if way.failing_since is None and way.paused_since is not None:
        return Finding(item, WARNING, "pauses", {"since": way.paused_since})
    if way.failing_since is None:
        return Finding(item, OK, "works", values)
    if way.is_signed_out:
        # Time heals nothing here: somebody has to sign in.
        return Finding(item, PROBLEM, "signed_out", values)
    lasts = way.failures >= FAILURES and now - way.failing_since >= FAILING
    return Finding(item, PROBLEM if lasts else WARNING, "fails", values)


def judge_last(item: str, last: datetime | None, now: datetime) -> Finding:
    """Return when the last mail came or went; a quiet account is no fault."""
    if last is None:
        return Finding(item, OK, "never")
    return Finding(item, OK, "last", {"age": max(now - last, timedelta())})


def judge_behind(way: Way, now: datetime) -> Finding | None:
    """Return since when mail is left in the mailbox, None when none is.

    While collecting pauses, or is off, that is said elsewhere.
    """
    if not way.behind.count or way.paused_since or way.is_strange or not way.is_on:
        return None
    age = _age(way.behind, now)
    if age < BEHIND_WARNING:
        return None
    state = PROBLEM if age >= BEHIND_PROBLEM else WARNING
    values = {"count": way.behind.count, "since": way.behind.oldest}
    return Finding("behind", state, "some", values)


def judge_kills(way: Way, now: datetime) -> Finding | None:
    """Return how many workers were killed while collecting, None for none lately."""
    if not way.kills or way.last_kill is None or now - way.last_kill >= KILLS_COUNT:
        return None
    state = PROBLEM if way.kills >= KILLS_PROBLEM else WARNING
    code = "once" if way.kills == 1 else "some"
    return Finding("killed", state, code, {"count": way.kills, "since": way.last_kill})


def judge_certificates(ways: Iterable[Way | None], now: datetime) -> Finding | None:
    """Return how long the servers' certificates are valid, None when none is known.

    The one that ends first counts.
    """
    known = [
        (way.certificate_end, way.name) for way in ways if way and way.certificate_end
    ]
    if not known:
        return None
    end, name = min(known)
    left = end - now
    values = {"server": name, "end": end, "left": abs(left)}
    if left <= timedelta():
        return Finding("certificate", PROBLEM, "expired", values)
    if left <= CERTIFICATE_WARNING:
        return Finding("certificate", WARNING, "ends", values)
    return Finding("certificate", OK, "valid", values)


def judge_budget(used: Mapping[str, tuple[int, int]]) -> Finding | None:
    """Return how much of a budget is used up, None without a limit.

    The period of which least is left counts. `used`: {period: (used, limit)}, limit 0
    for none.
    """
    parts = [
        (100 * count // limit, period, count, limit)
        for period, (count, limit) in used.items()
        if limit > 0
    ]
    if not parts:
        return None
    percent, period, count, limit = max(parts)
    values = {"period": period, "used": count, "limit": limit}
    if percent >= 100:
        return Finding("budget", WARNING, "used_up", values)
    if percent >= BUDGET_WARNING:
        return Finding("budget", WARNING, "little_left", values)
    return Finding("budget", OK, "enough", values)


def judge_listening(found: Listening) -> Finding:
    """Return who tells of new mail the moment it arrives; without anybody it is
    collected all the same, only later."""
    if not found.ear or not found.heard:
        return Finding("listening", OK, "nobody")
    values = {
        "process": str(found.ear.process),
        "host": found.ear.host,
        "since": found.since,
        "count": found.heard,
        "total": found.folders,
    }
    if found.heard < found.folders:
        return Finding("listening", OK, "partly", values)
    is_inside = found.ear.kind == listening.INSIDE
    return Finding("listening", OK, "inside" if is_inside else "process", values)


# ------------------------------------------------------------
# THE JOURNAL
# ------------------------------------------------------------


def judge_waiting(waiting: Waiting, now: datetime) -> Finding:
    """Return how long received mail waits for routing."""
    if not waiting.count:
        return Finding("waiting", OK, "none")
    age = _age(waiting, now)
    state = PROBLEM if age >= WAIT_PROBLEM else WARNING if age >= WAIT_WARNING else OK
    return Finding("waiting", state, "some", {"count": waiting.count, "age": age})


def judge_held(held: Waiting, now: datetime) -> Finding:
    """Return how long held mail waits for a person."""
    if not held.count:
        return Finding("held", OK, "none")
    age = _age(held, now)
    state = WARNING if age >= HELD_WARNING else OK
    return Finding("held", state, "some", {"count": held.count, "age": age})


def judge_forwarding(asked: Forwarding) -> Finding:
    """Return what a provider asks to confirm before it forwards mail."""
    values = {
        "provider": asked.provider,
        "address": asked.address,
        "code": asked.code or "-",
    }
    code = "asks" if asked.is_proven else "unproven"
    return Finding("forwarding", WARNING, code, values)


def judge_failed(count: int) -> Finding:
    """Return how much mail failed to be routed; it is tried again by itself."""
    return _counted("failed", count, WARNING)


def judge_dead(count: int) -> Finding:
    """Return how much mail was given up: on no document, only a person helps it."""
    return _counted("dead", count, PROBLEM)


def judge_completeness(
    missing: int, checked: datetime | None, now: datetime
) -> Finding:
    """Return whether all mail of the mailbox is in the journal, and how surely."""
    if missing:
        return Finding("complete", PROBLEM, "missing", {"count": missing})
    if checked is None:
        return Finding("complete", OK, "unchecked")
    age = max(now - checked, timedelta())
    if age >= CHECK_WARNING:
        return Finding("complete", WARNING, "long_ago", {"age": age})
    return Finding("complete", OK, "complete", {"age": age})


def judge_junk(count: int) -> Finding:
    """Return how much mail is unread in the Junk folder, which the router skips."""
    return _counted("junk", count, WARNING)


def judge_alarms(false_alarms: int, looked_at: int) -> Finding | None:
    """Return whether too much wanted mail is stopped as spam; None while none is.

    `false_alarms`: mails that a person had to release, of `looked_at` that came in.
    """
    if not false_alarms:
        return None
    values = {"count": false_alarms, "total": looked_at}
    is_much = are_many_alarms(false_alarms, looked_at)
    state, code = (WARNING, "many") if is_much else (OK, "few")
    return Finding("alarms", state, code, values)


def are_many_alarms(false_alarms: int, looked_at: int) -> bool:
    """Tell whether more mail was stopped wrongly than one in ALARMS_PER."""
    return false_alarms * ALARMS_PER > looked_at


def judge_engines(engines: Sequence[Engine], now: datetime) -> Finding:
    """Return whether the programs that judge mail answer; of several that do not, the
    first one is named."""
    for engine in engines:
        if engine.silent_since:
            values = {
                "engine": engine.name,
                "since": engine.silent_since,
                "words": engine.silent_words,
            }
            return Finding("engines", WARNING, "silent", values)
    names = tuple(one.name for one in engines)
    known = [one.answered for one in engines if one.answered]
    if len(known) < len(engines):
        return Finding("engines", OK, "never", {"names": names})
    age = max(now - min(known), timedelta())
    return Finding("engines", OK, "answer", {"names": names, "age": age})


def judge_learning(engines: Sequence[Engine]) -> Finding | None:
    """Return which engine does not learn from people's decisions; None if all do."""
    for engine in engines:
        if engine.dull_since:
            values = {
                "engine": engine.name,
                "since": engine.dull_since,
                "words": engine.dull_words,
            }
            return Finding("learning", WARNING, "fails", values)
    return None


def judge_trip(came_back: datetime | None, is_lost: bool, now: datetime) -> Finding:
    """Return whether mail to an address that nobody has comes back to the mailbox."""
    if is_lost:
        return Finding("trip", WARNING, "lost")
    if came_back is None:
        return Finding("trip", OK, "never")
    return Finding("trip", OK, "came_back", {"age": max(now - came_back, timedelta())})


def judge_headers(strange_since: datetime | None) -> Finding:
    """Return whether the newest mails bear the headers that are known of the provider.

    Where they do not, its word on senders and spam may be lost, and no mail.
    """
    if strange_since is None:
        return Finding("headers", OK, "known")
    return Finding("headers", WARNING, "strange", {"day": strange_since})


def judge_proof(outsiders: int, seen: int) -> Finding | None:
    """Return that the mail server tells of no sender where he is, or None.

    Behind a proxy that hides the addresses of clients each of them looks like one of
    our own hosts, and what he wrote himself like their word.
    """
    if outsiders < ENOUGH_OUTSIDERS or seen:
        return None
    return Finding("proof", WARNING, "hidden", {"count": outsiders})


# ------------------------------------------------------------
# SCHEDULED ACTIONS
# ------------------------------------------------------------


def judge_jobs(groups: Sequence[tuple[Job, ...]], now: datetime) -> Finding:
    """Return whether what does the work runs: of each group one action is enough.

    Odoo itself switches an action off that fails five times, over seven days.
    """
    off = [group[0].name for group in groups if not any(job.is_on for job in group)]
    if off:
        return Finding("jobs", PROBLEM, "off", {"names": tuple(off)})
    late = [
        group[0].name
        for group in groups
        if all(is_late(job, now) for job in group if job.is_on)
    ]
    if late:
        return Finding("jobs", PROBLEM, "late", {"names": tuple(late)})
    failing = [job for group in groups if (job := _failing(group))]
    if failing:
        names = tuple(job.name for job in failing)
        since = min(filter(None, (job.failing_since for job in failing)), default=now)
        return Finding("jobs", PROBLEM, "fails", {"names": names, "since": since})
    return Finding("jobs", OK, "run")


def _failing(group: tuple[Job, ...]) -> Job | None:
    """Return a scheduled action that fails, when no other does its work."""
    working = [job for job in group if job.is_on]
    return working[0] if all(job.failures >= FAILURES for job in working) else None


def is_late(job: Job, now: datetime) -> bool:
    """Tell whether a scheduled action should have run long ago."""
    grace = min(max(2 * job.interval, LATE_AT_LEAST), LATE_AT_MOST)
    return job.due is not None and now - job.due > grace


def _age(waiting: Waiting, now: datetime) -> timedelta:
    return max(now - (waiting.oldest or now), timedelta())


def _counted(item: str, count: int, state: str) -> Finding:
    if not count:
        return Finding(item, OK, "none")
    return Finding(item, state, "some", {"count": count})
