from datetime import datetime, timedelta

import pytz

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.runtime import local_time

from ..strategies import given, quick, st

SECOND = timedelta(seconds=1)
# Whole hours and parts of one; set back and forward at midnight, by half an hour,
# never; one for which winter is the exception.
ZONES = [
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Asia/Ho_Chi_Minh",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "UTC",
]


def shown(moment, zone):
    """Return what clocks show at a moment in UTC."""
    return pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestLocalTime(BaseCase):
    """Days and hours begin when clocks say so."""

    @quick
    @given(
        st.sampled_from(ZONES),
        st.datetimes(datetime(2010, 1, 2), datetime(2030, 1, 1)),
    )
    def test_at_its_moment_a_time_is_shown_and_not_just_before(self, name, wall):
        zone = pytz.timezone(name)
        wall = wall.replace(minute=0, second=0, microsecond=0)
        moment = local_time.moment_of(wall, zone)
        self.assertGreaterEqual(shown(moment, zone), wall)
        self.assertLess(shown(moment - SECOND, zone), wall)

    def test_each_day_of_a_year_begins_at_its_first_moment(self):
        for name in ZONES:
            zone = pytz.timezone(name)
            for number in range(365):
                day = datetime(2018, 1, 1) + timedelta(days=number)
                moment = local_time.moment_of(day, zone)
                with self.subTest(name, day=day):
                    self.assertEqual(shown(moment, zone).date(), day.date())
                    before = shown(moment - SECOND, zone).date()
                    self.assertLess(before, day.date())

    def test_an_hour_that_comes_twice_begins_the_first_time(self):
        zone = pytz.timezone("Europe/Berlin")
        moment = local_time.moment_of(datetime(2026, 10, 25, 2), zone)
        self.assertEqual(moment, datetime(2026, 10, 25, 0))

    def test_an_hour_that_never_comes_begins_with_the_next(self):
        zone = pytz.timezone("Europe/Berlin")
        skipped, following = (
            local_time.moment_of(datetime(2026, 3, 29, hour), zone) for hour in (2, 3)
        )
        self.assertEqual(skipped, following)
        self.assertEqual(following, datetime(2026, 3, 29, 1))
