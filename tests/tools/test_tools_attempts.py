from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import attempts
from odoo.addons.mail_catchall_router.tools.outbound.attempts import (
    Attempt,
    Entry,
    Outcome,
)

from ..strategies import given, quick, st

NOW = datetime(2026, 11, 23, 8, 0, 3)
STATES = (
    attempts.ACCEPTED,
    attempts.WAITING,
    attempts.DEFERRED,
    attempts.UNKNOWN,
    attempts.REFUSED,
)
outcomes = st.lists(st.sampled_from(STATES).map(Outcome), min_size=1, max_size=4)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestAttempts(BaseCase):
    """What becomes of the recipients of one attempt, and when the next is due."""

    def attempt(self, *groups):
        attempt = Attempt(1, {}, "human")
        for number, group in enumerate(groups, start=1):
            attempt.entries.append(
                Entry(frozenset({f"{number}@c.test"}), partner_id=number)
            )
            attempt.begin([f"{number}@c.test"])
            attempt.note(*group)
        return attempt

    def test_the_delay_doubles_from_a_minute_to_four_hours(self):
        minutes = [attempts.delay_after(n).total_seconds() / 60 for n in range(1, 11)]
        self.assertEqual(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240])

    @quick
    @given(st.integers(-10, 10**9))
    def test_a_delay_is_always_between_a_minute_and_four_hours(self, number):
        delay = attempts.delay_after(number)
        self.assertTrue(attempts.FIRST_DELAY <= delay <= attempts.LONGEST_DELAY)

    @quick
    @given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
    def test_a_time_is_rounded_up_by_less_than_a_step(self, moment):
        rounded = attempts.rounded_up(moment)
        self.assertTrue(timedelta() <= rounded - moment < attempts.STEP)
        self.assertEqual(attempts.rounded_up(rounded), rounded)

    def test_two_days_are_the_end_of_patience(self):
        self.assertFalse(attempts.is_overdue(None, NOW))
        self.assertFalse(attempts.is_overdue(False, NOW))
        self.assertFalse(attempts.is_overdue(NOW - timedelta(hours=47), NOW))
        self.assertTrue(attempts.is_overdue(NOW - timedelta(hours=48), NOW))

    @quick
    @given(st.lists(outcomes, min_size=1, max_size=4))
    def test_an_attempt_is_open_failed_or_accepted_by_all(self, groups):
        attempt = self.attempt(*groups)
        is_clean = len(attempt.accepted) == len(groups)
        self.assertEqual(is_clean, not attempt.is_open and attempt.failure is None)

    def test_an_entry_is_found_by_its_recipients(self):
        attempt = self.attempt([Outcome("accepted")], [Outcome("refused", "No")])
        self.assertEqual([one.partner_id for one in attempt.accepted], [1])
        self.assertEqual(attempt.result_of(2, "").words, "No")
        self.assertEqual(attempt.result_of(0, "1@c.test").state, "accepted")
        self.assertIsNone(attempt.result_of(3, "x@c.test"))

    def test_the_same_recipients_twice_are_two_messages(self):
        attempt = Attempt(1, {}, "human")
        attempt.entries = [Entry(frozenset({"a@c.test"})) for _number in range(2)]
        for state in ("accepted", "refused"):
            attempt.begin(["a@c.test"])
            attempt.note(Outcome(state))
        self.assertEqual(
            [one.outcomes[0].state for one in attempt.entries], ["accepted", "refused"]
        )

    def test_what_time_heals_counts_for_a_person_before_what_failed(self):
        attempt = self.attempt([Outcome("refused"), Outcome("deferred")])
        self.assertEqual(attempt.result_of(1, "").state, "deferred")

    def test_those_who_wait_come_in_portions(self):
        day = timedelta(days=1)
        closed = attempts.Closed(Outcome("waiting"), NOW, day, share=2)
        times = [closed.next_time() - NOW for _number in range(5)]
        self.assertEqual(times, [0 * day, 0 * day, day, day, 2 * day])

    def test_the_earliest_time_to_try_again_counts(self):
        attempt = self.attempt()
        attempt.wait_until(NOW + timedelta(hours=1))
        attempt.wait_until(NOW)
        attempt.wait_until(NOW + timedelta(minutes=1))
        self.assertEqual(attempt.next_attempt, NOW)
