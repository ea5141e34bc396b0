import itertools
from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.watch import alerts, health

from ..strategies import given, quick, st

NOW = datetime(2026, 11, 23, 8, 0)
STEP = timedelta(minutes=20)
PROBLEM = health.Finding("dead", health.PROBLEM, "some")
WARNING = health.Finding("dead", health.WARNING, "some")
WELL = health.Finding("dead", health.OK, "none")


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestAlerts(BaseCase):
    """People are told once, and neither forgotten nor pestered."""

    def watch(self, findings):
        """Look every 20 minutes; return the times of (tell, loud, over)."""
        told, seen = {}, {"tell": [], "loud": [], "over": []}
        for number, finding in enumerate(findings):
            now = NOW + number * STEP
            plan = alerts.plan([finding] if finding else [], told, now)
            if plan.tell:
                seen["tell"].append(now)
                when = now if plan.loud else told["dead"].when
                told["dead"] = alerts.Told(True, when)
            if plan.loud:
                seen["loud"].append(now)
            if plan.over:
                seen["over"].append(now)
                told["dead"] = alerts.Told(False, told["dead"].when)
        return seen

    @quick
    @given(st.lists(st.sampled_from([PROBLEM, WARNING, WELL, None]), max_size=200))
    def test_nobody_gets_two_mails_a_day(self, findings):
        loud = self.watch(findings)["loud"]
        for first, second in itertools.pairwise(loud):
            self.assertGreaterEqual(second - first, alerts.AGAIN)

    @quick
    @given(st.lists(st.sampled_from([PROBLEM, WARNING, WELL, None]), max_size=200))
    def test_every_problem_is_told_and_its_end_too(self, findings):
        seen = self.watch([*findings, PROBLEM, WELL])
        self.assertTrue(seen["loud"])
        self.assertEqual(seen["over"][-1], NOW + (len(findings) + 1) * STEP)
        self.assertLessEqual(len(seen["over"]), len(seen["tell"]))

    def test_a_lasting_problem_is_told_again_each_day(self):
        seen = self.watch([PROBLEM] * (3 * 72))
        self.assertEqual(len(seen["loud"]), 3)
        self.assertEqual(seen["tell"], seen["loud"])

    def test_to_and_fro_between_a_problem_and_a_warning_is_one_problem(self):
        seen = self.watch([PROBLEM, WARNING] * 20)
        self.assertEqual((len(seen["tell"]), len(seen["over"])), (1, 0))

    def test_a_certificate_is_told_of_before_it_ends(self):
        for item, code, is_told in (
            ("certificate", "ends", True),
            ("held", "some", False),
        ):
            finding = health.Finding(item, health.WARNING, code)
            self.assertEqual(alerts.is_alarming(finding), is_told)
