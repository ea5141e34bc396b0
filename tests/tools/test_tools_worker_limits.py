from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.runtime import worker_limits
from odoo.addons.mail_catchall_router.tools.runtime.worker_limits import UNLIMITED


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestWorkerLimits(BaseCase):
    """What Odoo's configuration leaves of a worker's time."""

    def test_a_scheduled_action_has_a_limit_of_its_own(self):
        for real, cron, expected in (
            (120, -1, (60, 60)),
            (120, 0, (60, UNLIMITED)),
            (120, 300, (60, 150)),
            (0, -1, (UNLIMITED, UNLIMITED)),
            (100_000, -1, (UNLIMITED, UNLIMITED)),
        ):
            config = {
                "limit_time_real": real,
                "limit_time_real_cron": cron,
                "limit_time_cpu": 60,
            }
            found = [
                worker_limits.limits_of(config, scheduled)
                for scheduled in (False, True)
            ]
            with self.subTest(real=real, cron=cron):
                self.assertEqual(tuple(one.real for one in found), expected)
                self.assertEqual({one.cpu for one in found}, {30})

    def test_what_is_not_configured_is_no_limit(self):
        limits = worker_limits.limits_of({}, is_scheduled=True)
        self.assertEqual((limits.real, limits.cpu), (UNLIMITED, UNLIMITED))
