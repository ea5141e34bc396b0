from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import budgets

from ..strategies import given, quick, st

NOW = datetime(2026, 11, 23, 8, 0, 3)
slots = st.dictionaries(
    st.integers(0, 9000).map(lambda n: budgets.slot_of(NOW) - n * budgets.SLOT),
    st.integers(1, 50),
    max_size=30,
)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestBudgets(BaseCase):
    """How much an account may send in any minute, hour and day."""

    def full(self, limits, counts, wanted=1, urgency=budgets.HUMAN, now=NOW):
        return budgets.find_full(limits, counts, wanted, urgency, now)

    def test_without_limits_there_is_always_room(self):
        self.assertIsNone(self.full({"minute": 0, "day": 0}, {NOW: 10**6}))

    def test_a_limit_is_full_until_enough_is_older_than_its_period(self):
        slot = budgets.slot_of(NOW)
        full = self.full({"minute": 2}, {slot: 2})
        self.assertEqual(
            (full.period, full.until), ("minute", slot + timedelta(seconds=70))
        )
        self.assertIsNone(self.full({"minute": 2}, {slot: 2}, now=full.until))

    def test_of_several_full_limits_the_longest_wait_counts(self):
        slot = budgets.slot_of(NOW)
        full = self.full({"minute": 1, "day": 1}, {slot: 1})
        self.assertEqual(full.period, "day")

    def test_what_is_larger_than_the_limit_goes_alone(self):
        slot = budgets.slot_of(NOW)
        self.assertIsNone(self.full({"minute": 2}, {}, wanted=5))
        self.assertTrue(self.full({"minute": 2}, {slot: 1}, wanted=5))

    def test_bulk_leaves_room_for_people(self):
        slot = budgets.slot_of(NOW)
        for urgency, used, is_full in (
            (budgets.BULK, 8, True),
            (budgets.AUTOMATIC, 8, False),
            (budgets.AUTOMATIC, 9, True),
            (budgets.HUMAN, 9, False),
            (budgets.HUMAN, 10, True),
        ):
            with self.subTest(urgency=urgency, used=used):
                full = self.full({"day": 10}, {slot: used}, urgency=urgency)
                self.assertEqual(bool(full), is_full)

    def test_a_warning_comes_once(self):
        slot = budgets.slot_of(NOW)
        for used, told in ((6, []), (7, ["day"]), (8, [])):
            with self.subTest(used=used):
                found = budgets.find_warnings({"day": 10}, {slot: used}, 1, NOW)
                self.assertEqual(found, told)

    @quick
    @given(slots, st.integers(1, 100), st.integers(1, 20))
    def test_at_the_time_it_names_there_is_room(self, counts, limit, wanted):
        for period in budgets.PERIODS:
            full = self.full({period: limit}, counts, wanted)
            if full:
                self.assertGreater(full.until, NOW)
                later = self.full({period: limit}, counts, wanted, now=full.until)
                self.assertIsNone(later)

    @quick
    @given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), max_size=60))
    def test_no_minute_ever_holds_more_than_its_limit(self, wishes):
        limit, now, counts, sent = 10, NOW, {}, []
        for seconds, wanted in wishes:
            now += timedelta(seconds=seconds)
            if self.full({"minute": limit}, counts, wanted, now=now):
                continue
            slot = budgets.slot_of(now)
            counts[slot] = counts.get(slot, 0) + wanted
            sent += [now] * wanted
        for moment in sent:
            minute = [
                one for one in sent if moment <= one < moment + timedelta(minutes=1)
            ]
            self.assertLessEqual(len(minute), limit)
