from itertools import pairwise

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import idle
from odoo.addons.mail_catchall_router.tools.servers.idle import (
    Event,
    Pace,
    Session,
    State,
)

from ..strategies import given, quick, st

LINES = st.one_of(
    st.sampled_from(
        [
            b"+ idling",
            b"* 3 EXISTS",
            b"* 1 RECENT",
            b"* 2 EXPUNGE",
            b"* OK Still here",
            b"* 99999999999999999999 EXISTS",
            b"* 4 FETCH (FLAGS (\\Seen))",
            b"L1 OK done",
            b"L2 BAD what",
            b"L1 NO",
            b"* BYE",
            b"",
        ]
    ),
    st.binary(max_size=60),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("bytes"), LINES.map(lambda line: line + b"\r\n")),
        st.tuples(st.just("bytes"), st.binary(max_size=40)),
        st.tuples(st.just("wait"), st.floats(0, 2000)),
    ),
    max_size=40,
)


def idling(**values):
    """Return a session that is idle since the time 0."""
    session = Session(0, **values)
    session.output.clear()
    session.receive(b"+ idling\r\n", 0)
    return session


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSession(BaseCase):
    """IDLE as RFC 2177 says it, and as servers really do it."""

    def test_it_says_that_it_listens_once(self):
        session = Session(0)
        self.assertEqual(bytes(session.output), b"L1 IDLE\r\n")
        self.assertEqual(session.receive(b"+ idling\r\n", 0), [Event.LISTENING])
        session.tick(idle.RE_IDLE)
        session.receive(b"L1 OK done\r\n+ idling\r\n", idle.RE_IDLE)
        self.assertEqual(session.state, State.IDLE)

    def test_new_mail_is_told(self):
        session = idling(exists=2)
        told = session.receive(b"* 3 EXISTS\r\n* 0 RECENT\r\n", 1)
        self.assertEqual(told, [Event.ARRIVED])

    def test_what_is_no_new_mail_is_not_told(self):
        session = idling(exists=5)
        lines = (
            b"* 5 EXISTS\r\n* OK Still here\r\n* 3 EXPUNGE\r\n* 4 EXISTS\r\n"
            b"* 2 FETCH (FLAGS (\\Seen))\r\n* VANISHED 1\r\n"
        )
        self.assertEqual(session.receive(lines, 1), [])
        self.assertEqual(session.receive(b"* 5 EXISTS\r\n", 1), [Event.ARRIVED])

    def test_idle_is_renewed_long_before_the_server_gives_up(self):
        session = idling()
        self.assertLess(session.deadline, 29 * 60)
        session.tick(session.deadline)
        self.assertEqual(bytes(session.output), b"DONE\r\n")
        session.output.clear()
        session.receive(b"L1 OK IDLE terminated\r\n", 600)
        self.assertEqual(bytes(session.output), b"L2 IDLE\r\n")

    def test_a_server_without_idle_is_asked_now_and_then(self):
        session = Session(0, can_idle=False, exists=1)
        self.assertEqual(bytes(session.output), b"L1 NOOP\r\n")
        self.assertEqual(session.receive(b"L1 OK\r\n", 0), [Event.LISTENING])
        session.output.clear()
        session.tick(session.deadline)
        self.assertEqual(bytes(session.output), b"L2 NOOP\r\n")
        told = session.receive(b"* 2 EXISTS\r\nL2 OK\r\n", 40)
        self.assertEqual(told, [Event.ARRIVED])

    def test_a_server_that_refuses_idle_is_asked_now_and_then(self):
        session = Session(0)
        session.receive(b"L1 BAD unknown command\r\n", 0)
        session.output.clear()
        session.tick(session.deadline)
        self.assertEqual(bytes(session.output), b"L2 NOOP\r\n")

    def test_a_server_that_ends_idle_by_itself_is_not_asked_in_a_loop(self):
        session = idling()
        session.receive(b"L1 OK enough\r\n", 5)
        self.assertFalse(session.output)
        self.assertEqual(session.deadline, 5 + idle.POLL)

    def test_the_end_has_the_words_of_the_server(self):
        session = idling()
        told = session.receive(b"* BYE Server shutting down.\x00\r\n", 1)
        self.assertEqual(told, [Event.ENDED])
        self.assertEqual(session.reason, "Server shutting down.")

    def test_a_server_that_does_not_answer_is_left(self):
        for session in (Session(0), Session(0, can_idle=False)):
            self.assertEqual(session.tick(idle.PATIENCE), [Event.ENDED])
        session = idling()
        session.tick(idle.RE_IDLE)
        told = session.tick(idle.RE_IDLE + idle.PATIENCE)
        self.assertEqual(told, [Event.ENDED])

    def test_it_leaves_politely(self):
        self.assertEqual(idling().farewell(), b"DONE\r\nL0 LOGOUT\r\n")
        self.assertEqual(Session(0, can_idle=False).farewell(), b"L0 LOGOUT\r\n")

    @quick
    @given(LINES, st.lists(st.integers(1, 30), max_size=20))
    def test_it_does_not_matter_how_the_bytes_are_cut(self, line, cuts):
        data = b"* 1 EXISTS\r\n" + line + b"\r\n* 9 EXISTS\r\n"
        whole, parts = idling(), idling()
        expected = whole.receive(data, 1)
        found, rest = [], data
        for cut in cuts:
            found += parts.receive(rest[:cut], 1)
            rest = rest[cut:]
        found += parts.receive(rest, 1)
        self.assertEqual(found, expected)
        self.assertEqual(parts.state, whole.state)

    @quick
    @given(st.integers(0, 100_000))
    def test_a_line_without_end_takes_no_memory_and_hides_nothing_after_it(self, size):
        session = idling()
        session.receive(b"x" * size, 1)
        self.assertLessEqual(len(session._line), idle.MAX_LINE)
        self.assertEqual(session.receive(b"\r\n* 1 EXISTS\r\n", 1), [Event.ARRIVED])

    @quick
    @given(STEPS, st.booleans())
    def test_whatever_a_server_says_the_session_waits_or_ends(self, steps, can_idle):
        session, now, ended = Session(0, can_idle=can_idle), 0.0, 0
        for kind, value in steps:
            now += value if kind == "wait" else 0
            events = (
                session.tick(now) if kind == "wait" else session.receive(value, now)
            )
            ended += events.count(Event.ENDED)
            sent = bytes(session.output)
            session.output.clear()
            # Nothing but these is ever said: nothing is fetched, flagged or deleted.
            self.assertRegex(sent, rb"\A(?:(?:L\d+ (?:IDLE|NOOP)|DONE)\r\n){0,40}\Z")
            self.assertEqual(session.state is State.ENDED, bool(ended))
        self.assertLessEqual(ended, 1)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWhen(BaseCase):
    """When to try again, and when to wake."""

    @quick
    @given(st.integers(1, 10_000), st.floats(0, 1), st.booleans())
    def test_waits_double_up_to_a_bound_and_differ(self, attempt, jitter, refused):
        longest = idle.LONGEST_REFUSED_DELAY if refused else idle.LONGEST_DELAY
        first = idle.FIRST_REFUSED_DELAY if refused else idle.FIRST_DELAY
        delay = idle.delay_before(attempt, jitter, refused=refused)
        self.assertTrue(first / 2 <= delay <= longest)
        more = idle.delay_before(attempt + 1, jitter, refused=refused)
        self.assertTrue(delay <= more <= 2 * delay)

    @quick
    @given(st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=60))
    def test_many_wake_ups_become_few_and_none_is_forgotten(self, steps):
        pace, now, woken, owed = Pace(), 0.0, [], False
        for pause, wanted in steps:
            now += pause
            if wanted:
                pace.want()
                owed = True
            if pace.take(now):
                woken.append(now)
                owed = False
        gaps = [b - a for a, b in pairwise(woken)]
        self.assertTrue(all(gap >= idle.WAKE_EVERY - 1e-9 for gap in gaps))
        self.assertEqual(pace.deadline < float("inf"), owed)
        self.assertEqual(pace.take(now + idle.WAKE_EVERY), owed)

    def test_the_first_wake_up_is_not_put_off(self):
        pace = Pace()
        self.assertFalse(pace.take(5))
        pace.want()
        self.assertTrue(pace.take(5))

    def test_a_wake_up_that_did_not_work_comes_again(self):
        pace = Pace()
        pace.put_off(8)
        self.assertFalse(pace.take(7))
        self.assertTrue(pace.take(8))
