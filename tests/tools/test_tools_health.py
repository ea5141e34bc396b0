from dataclasses import replace
from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.watch import health, listening
from odoo.addons.mail_catchall_router.tools.watch.listening import Ear

from ..strategies import given, quick, st

NOW = datetime(2026, 11, 23, 8, 0, 3)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
moments = st.one_of(
    st.none(), st.timedeltas(-DAY, 400 * DAY).map(lambda age: NOW - age)
)
counts = st.integers(0, 10**6)
waitings = st.builds(health.Waiting, counts, moments)
ways = st.none() | st.builds(
    health.Way,
    name=st.text(),
    is_on=st.booleans(),
    failing_since=moments,
    failures=st.integers(0, 1000),
    words=st.text(),
    certificate_end=moments,
    paused_since=moments,
    behind=waitings,
    kills=st.integers(0, 99),
    last_kill=moments,
)
jobs = st.builds(
    health.Job,
    name=st.text(),
    is_on=st.booleans(),
    due=moments,
    interval=st.timedeltas(MINUTE, 31 * DAY),
    failures=st.integers(0, 99),
    failing_since=moments,
)
facts = st.builds(
    health.Facts,
    now=st.just(NOW),
    incoming=ways,
    outgoing=ways,
    last_in=moments,
    last_out=moments,
    waiting=waitings,
    held=waitings,
    failed=counts,
    dead=counts,
    missing=counts,
    checked=moments,
    used=st.dictionaries(
        st.sampled_from(["minute", "hour", "day"]), st.tuples(counts, counts)
    ),
    junk=st.none() | counts,
    came_back=moments,
    is_lost=st.booleans(),
    knows_headers=st.booleans(),
    strange_since=moments,
    jobs=st.lists(st.lists(jobs, min_size=1, max_size=3).map(tuple), max_size=3).map(
        tuple
    ),
)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestHealth(BaseCase):
    """What is a fault, what needs a look, and what is merely quiet."""

    def state(self, finding):
        return finding.state, finding.code

    def failing(self, minutes, failures):
        since = NOW - minutes * MINUTE
        return health.judge_way(
            "incoming",
            health.Way("box", failing_since=since, failures=failures),
            NOW,
        )

    @quick
    @given(facts)
    def test_whatever_is_known_each_item_is_judged_once(self, known):
        findings = health.judge(known)
        items = [finding.item for finding in findings]
        self.assertEqual(len(items), len(set(items)))
        self.assertLessEqual({one.state for one in findings}, set(health.STATES))
        self.assertEqual(
            health.worst(one.state for one in findings),
            max((one.state for one in findings), key=health.STATES.index),
        )

    @quick
    @given(facts, st.integers(1, 1000))
    def test_more_mail_given_up_is_never_better(self, known, more):
        worse = health.Facts(**{**vars(known), "dead": known.dead + more})
        before, after = (
            health.STATES.index(health.worst(one.state for one in health.judge(it)))
            for it in (known, worse)
        )
        self.assertGreaterEqual(after, before)

    @quick
    @given(st.timedeltas(timedelta(), 400 * DAY), st.timedeltas(timedelta(), DAY))
    def test_who_waits_longer_never_waits_better(self, age, more):
        states = [
            health.judge_waiting(health.Waiting(1, NOW - one), NOW).state
            for one in (age, age + more)
        ]
        self.assertEqual(states, sorted(states, key=health.STATES.index))

    def test_a_quiet_account_is_no_fault(self):
        for last in (None, NOW - 300 * DAY, NOW + MINUTE):
            self.assertEqual(health.judge_last("last_in", last, NOW).state, health.OK)

    def test_who_is_signed_out_is_told_at_once(self):
        way = health.Way("mail", failing_since=NOW, failures=1, is_signed_out=True)
        found = health.judge_way("outgoing", way, NOW)
        self.assertEqual(self.state(found), (health.PROBLEM, "signed_out"))

    def test_a_server_that_fails_once_is_looked_at_again_first(self):
        for minutes, failures, state in (
            (60, 2, health.WARNING),
            (9, 50, health.WARNING),
            (10, 3, health.PROBLEM),
        ):
            with self.subTest(minutes=minutes, failures=failures):
                self.assertEqual(self.failing(minutes, failures).state, state)

    def test_a_pause_is_told_unless_there_is_worse(self):
        paused = health.Way("Mailbox", paused_since=NOW)
        found = health.judge_way("incoming", paused, NOW)
        self.assertEqual(self.state(found), (health.WARNING, "pauses"))
        failing = health.Way("Mailbox", paused_since=NOW, failing_since=NOW)
        found = health.judge_way("incoming", failing, NOW)
        self.assertEqual(self.state(found), (health.WARNING, "fails"))

    def test_mail_that_is_left_in_the_mailbox_is_told(self):
        for minutes, state in ((4, None), (5, health.WARNING), (30, health.PROBLEM)):
            way = health.Way("box", behind=health.Waiting(3, NOW - minutes * MINUTE))
            found = health.judge_behind(way, NOW)
            self.assertEqual(found and found.state, state)
        self.assertIsNone(health.judge_behind(replace(way, paused_since=NOW), NOW))
        self.assertIsNone(health.judge_behind(replace(way, is_on=False), NOW))
        self.assertIsNone(health.judge_behind(health.Way("box"), NOW))

    def test_killed_workers_are_told_for_a_day(self):
        for kills, hours, state in (
            (0, 0, None),
            (1, 0, health.WARNING),
            (3, 23, health.PROBLEM),
            (3, 24, None),
        ):
            last = NOW - hours * 60 * MINUTE
            way = health.Way("box", kills=kills, last_kill=last)
            found = health.judge_kills(way, NOW)
            with self.subTest(kills=kills, hours=hours):
                self.assertEqual(found and found.state, state)

    def test_an_action_that_odoo_will_switch_off_is_told(self):
        good = health.Job("good", True, NOW, DAY)
        bad = replace(good, name="bad", failures=3, failing_since=NOW - DAY)
        found = health.judge_jobs([(good,), (bad,)], NOW)
        self.assertEqual(self.state(found), (health.PROBLEM, "fails"))
        self.assertEqual(found.values, {"names": ("bad",), "since": NOW - DAY})
        self.assertEqual(health.judge_jobs([(bad, good)], NOW).code, "run")
        twice = replace(bad, failures=2)
        self.assertEqual(health.judge_jobs([(twice,)], NOW).code, "run")

    def test_a_server_that_is_off_is_a_problem_whatever_it_said_last(self):
        way = health.Way("box", is_on=False)
        found = health.judge_way("incoming", way, NOW)
        self.assertEqual(self.state(found), (health.PROBLEM, "off"))

    def test_the_certificate_that_ends_first_counts(self):
        soon, later = (
            health.Way(name, certificate_end=NOW + days * DAY)
            for name, days in (("soon", 14), ("later", 90))
        )
        found = health.judge_certificates((later, soon, None), NOW)
        self.assertEqual(self.state(found), (health.WARNING, "ends"))
        self.assertEqual(found.values["server"], "soon")
        self.assertEqual(
            health.judge_certificates((soon,), NOW - MINUTE).state, health.OK
        )
        self.assertEqual(
            self.state(health.judge_certificates((soon,), NOW + 14 * DAY)),
            (health.PROBLEM, "expired"),
        )
        self.assertIsNone(health.judge_certificates((health.Way("x"), None), NOW))

    def test_of_a_budget_the_period_with_the_least_left_is_told(self):
        used = {"minute": (1, 10), "hour": (8, 10), "day": (500, 0)}
        found = health.judge_budget(used)
        self.assertEqual(self.state(found), (health.WARNING, "little_left"))
        self.assertEqual(found.values["period"], "hour")
        self.assertEqual(health.judge_budget({"day": (11, 10)}).code, "used_up")
        self.assertEqual(health.judge_budget({"day": (7, 10)}).state, health.OK)
        self.assertIsNone(health.judge_budget({"day": (7, 0)}))

    def test_missing_mail_is_a_problem_and_an_old_check_a_question(self):
        for missing, age, code in (
            (1, 0, "missing"),
            (0, 3, "long_ago"),
            (0, 1, "complete"),
        ):
            found = health.judge_completeness(missing, NOW - age * DAY, NOW)
            self.assertEqual(found.code, code)
        self.assertEqual(
            self.state(health.judge_completeness(0, None, NOW)),
            (health.OK, "unchecked"),
        )

    def test_an_engine_that_does_not_answer_is_named(self):
        fine = health.Engine("ClamAV", answered=NOW - MINUTE)
        silent = health.Engine("Rspamd", NOW - DAY, NOW - MINUTE, "refused")
        for engines, expected in (
            ((fine, silent), (health.WARNING, "silent")),
            ((fine,), (health.OK, "answer")),
            ((fine, health.Engine("Rspamd")), (health.OK, "never")),
        ):
            found = health.judge_engines(engines, NOW)
            self.assertEqual(self.state(found), expected)
        self.assertEqual(
            health.judge_engines((silent,), NOW).values,
            {"engine": "Rspamd", "since": NOW - MINUTE, "words": "refused"},
        )
        self.assertEqual(
            health.judge_engines((fine,), NOW).values,
            {"names": ("ClamAV",), "age": MINUTE},
        )

    def test_an_engine_that_does_not_learn_is_named(self):
        dull = health.Engine("Rspamd", dull_since=NOW, dull_words="403")
        self.assertIsNone(health.judge_learning([health.Engine("ClamAV")]))
        found = health.judge_learning([health.Engine("ClamAV"), dull])
        self.assertEqual(self.state(found), (health.WARNING, "fails"))
        self.assertEqual(found.values["engine"], "Rspamd")

    def job(self, late=timedelta(), is_on=True, interval=5 * MINUTE):
        return health.Job("job", is_on, NOW - late, interval)

    def test_of_several_lanes_one_that_works_is_enough(self):
        off, late, good = self.job(is_on=False), self.job(40 * MINUTE), self.job()
        for group, code in (
            ((off, good), "run"),
            ((late, good), "run"),
            ((off, late), "late"),
            ((off,), "off"),
        ):
            with self.subTest(group=group):
                self.assertEqual(health.judge_jobs([group], NOW).code, code)

    def test_an_action_is_late_by_its_own_measure(self):
        for interval, late, is_late in (
            (MINUTE, 29 * MINUTE, False),
            (MINUTE, 31 * MINUTE, True),
            (DAY, 25 * 60 * MINUTE, False),
            (DAY, 27 * 60 * MINUTE, True),
        ):
            job = self.job(late, interval=interval)
            self.assertEqual(health.is_late(job, NOW), is_late, (interval, late))

    def test_nothing_is_proven_where_the_server_tells_of_nobody(self):
        for outsiders, seen, code in ((20, 0, "hidden"), (19, 0, ""), (20, 1, "")):
            with self.subTest(outsiders=outsiders, seen=seen):
                finding = health.judge_proof(outsiders, seen)
                self.assertEqual(finding.code if finding else "", code)

    def test_who_listens_is_said_and_nobody_is_no_fault(self):
        inside = Ear(listening.INSIDE, 12, "web1")
        own = Ear(listening.OWN_PROCESS, 13, "web1")
        for folders, heard, ear, code in (
            (1, 0, None, "nobody"),
            (1, 1, None, "nobody"),
            (1, 1, inside, "inside"),
            (2, 1, inside, "partly"),
            (2, 2, own, "process"),
        ):
            found = health.Listening(folders, heard, ear, NOW)
            finding = health.judge_listening(found)
            with self.subTest(found=found):
                self.assertEqual((finding.state, finding.code), ("ok", code))

    def test_more_than_one_false_alarm_in_a_thousand_is_warned_of(self):
        self.assertIsNone(health.judge_alarms(0, 5000))
        self.assertEqual(health.judge_alarms(5, 5000).state, "ok")
        self.assertEqual(health.judge_alarms(6, 5000).state, "warning")
