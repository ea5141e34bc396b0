from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import RouterCommon

MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestRouterCompanies(RouterCommon):
    """One company takes nothing of another's, and doesn't decide for it."""

    def user_of_second(self, login, groups):
        return new_test_user(
            self.env,
            login,
            groups=groups,
            company_id=self.company_2.id,
            company_ids=[(6, 0, self.company_2.ids)],
        )

    def router_of_second(self, user, **values):
        values = {"name": "Second", "company_id": self.company_2.id, **values}
        return self.env["mail.catchall.router"].with_user(user).create(values)

    def test_who_cannot_read_servers_chooses_none(self):
        manager = self.user_of_second("manager_c2", MANAGER)
        incoming = self.server.copy({"name": "Free"})
        outgoing = self.smtp_server.copy({"name": "Free"})
        router = self.router_of_second(manager)
        for name, server in (
            ("fetchmail_server_id", incoming),
            ("mail_server_id", outgoing),
        ):
            with self.subTest(field=name, by="create"), self.assertRaises(AccessError):
                self.router_of_second(manager, **{name: server.id})
            with self.subTest(field=name, by="write"), self.assertRaises(AccessError):
                router[name] = server.id

    def test_nobody_takes_what_another_companys_router_has(self):
        system = self.user_of_second("system_c2", f"base.group_system,{MANAGER}")
        self.router.active = False
        for name, value in (
            ("fetchmail_server_id", self.server.id),
            ("mail_server_id", self.smtp_server.id),
            ("alias_domain_ids", self.mail_alias_domain.ids),
        ):
            with self.subTest(field=name), self.assertRaises(ValidationError):
                self.router_of_second(system, **{name: value})

    def test_a_domain_of_another_company_is_left_alone(self):
        manager = self.user_of_second("manager_c2", MANAGER)
        domain = self.mail_alias_domain_c3
        self.assertTrue(domain.company_ids)
        with self.assertRaises(ValidationError):
            self.router_of_second(manager, alias_domain_ids=domain.ids)
        own = self.mail_alias_domain_c2.ids
        self.assertTrue(self.router_of_second(manager, alias_domain_ids=own))

    def test_a_sequence_decides_in_its_own_company_only(self):
        """Somebody of both companies has let both serve one domain."""
        second = self.env["mail.catchall.router"].create(
            {
                "name": "Second",
                "company_id": self.company_2.id,
                "sequence": self.router.sequence - 5,
                "alias_domain_ids": self.mail_alias_domain.ids,
                "mail_server_id": self.smtp_server.copy({"name": "Second"}).id,
                "fetchmail_server_id": self.server.copy({"name": "Second"}).id,
            }
        )
        Router = self.env["mail.catchall.router"]
        self.assertEqual(Router.search([], limit=1), second)
        self.assertEqual(Router._find_for_domain(self.domain), self.router)
        self.assertEqual(Router._reply_routers()[self.domain], self.router)
        raw = self.mail(self.at_domain("sales"))
        self.assertEqual(Router._find_for_mail(raw), self.router)
