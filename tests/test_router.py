from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRouter(RouterCommon):
    """What happens to a router itself."""

    def test_a_copy_has_the_settings_and_no_servers(self):
        self.router.burst_count = 17
        copied = self.router.copy()
        self.assertEqual(copied.name, f"{self.router.name} (copy)")
        self.assertEqual(copied.burst_count, 17)
        self.assertFalse(copied.fetchmail_server_id or copied.mail_server_id)

    def test_a_copy_may_have_another_name(self):
        self.assertEqual(self.router.copy({"name": "Shop"}).name, "Shop")

    def test_a_router_that_mail_came_through_is_archived_and_not_deleted(self):
        self.route(self.mail(self.at_domain("sales")))
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.router.unlink()
        self.router.active = False

    def test_a_router_without_mail_is_deleted(self):
        self.router.copy().unlink()
