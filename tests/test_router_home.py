from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import RouterCommon

MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestRouterHome(RouterCommon):
    """A copy that nobody has neutralized finds itself a stranger, and asks."""

    def become_a_copy(self):
        """Give the database what any copy of it has: another number."""
        real = type(self.router)._here(self.router)
        copied = patch.object(
            type(self.router), "_here", lambda router: f"{real} copied"
        )
        self.enterContext(copied)
        self.env.invalidate_all()

    def test_a_router_is_at_home_where_it_took_over(self):
        self.assertTrue(self.router.home)
        self.assertFalse(self.router.is_stranger)
        self.assertFalse(self.router.copy({"fetchmail_server_id": False}).is_stranger)

    def test_another_uuid_makes_it_a_stranger(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.env.invalidate_all()
        self.assertTrue(self.router.is_stranger)

    def test_a_stranger_logs_in_nowhere(self):
        self.become_a_copy()
        for name, way in (
            ("incoming", lambda: self.server._connect__(allow_archived=True)),
            ("test incoming", self.router.action_test_incoming),
            ("test outgoing", self.router.action_test_outgoing),
            ("round trip", self.router.action_round_trip),
            (
                "outgoing",
                lambda: self.env["ir.mail_server"]._connect__(
                    mail_server_id=self.smtp_server.id
                ),
            ),
        ):
            with (
                self.subTest(way=name),
                self.assertRaisesRegex(UserError, "seems to be a copy"),
            ):
                way()
        self.assertFalse(self.server._catchall_places())
        self.assertIsNone(self.server._catchall_collect())
        self.assertFalse(self.server.error_message, "it does not even try")

    def test_health_asks_for_a_person(self):
        self.become_a_copy()
        items = {one["item"]: one for one in self.router.health_report["items"]}
        self.assertEqual(self.router.health, "problem")
        for item in ("incoming", "outgoing"):
            self.assertIn("copy", items[item]["sentence"])
            self.assertIn("administrator", items[item]["advice"])

    def test_the_real_one_goes_on(self):
        self.become_a_copy()
        self.router.action_is_original()
        self.assertFalse(self.router.is_stranger)
        self.assertIn(self.env.user.name, self.router.message_ids[0].body)
        self.assertTrue(self.server._catchall_wakes())

    def test_a_copy_is_neutralized(self):
        self.router._signing_keys()
        self.become_a_copy()
        self.router.action_is_copy()
        self.assertTrue(self.router._is_neutralized())
        self.assertFalse(self.router.active)
        self.assertFalse(self.server.active)
        self.assertFalse(self.router._stored_keys())
        self.assertEqual(self.env["ir.mail_server"].search([]).smtp_host, "invalid")

    def test_the_original_is_never_neutralized_by_the_button(self):
        with self.assertRaises(UserError):
            self.router.action_is_copy()
        self.assertFalse(self.router._is_neutralized())

    def test_only_an_administrator_decides(self):
        manager = new_test_user(self.env, "router_manager", groups=MANAGER)
        self.become_a_copy()
        router = self.router.with_user(manager)
        self.assertTrue(router.is_stranger)
        for decide in (router.action_is_original, router.action_is_copy):
            with self.assertRaises(AccessError):
                decide()
