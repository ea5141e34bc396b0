from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import CommittingCommon

READER = "mail_catchall_router.group_mail_catchall_router_user"
MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAddress(CommittingCommon):
    """An unknown address becomes a real one, and its mail is delivered."""

    def held(self, name="orders", number=1, **values):
        message_id = f"<{name}{number}@customer.example>"
        raw = self.mail(self.at_domain(name), message_id=message_id, **values)
        return self.route(raw)

    def wizard(self, message, **values):
        action = message.action_create_address()
        wizard = message.env[action["res_model"]].with_context(**action["context"])
        return wizard.create(values)

    def test_all_that_waits_is_delivered_to_what_was_chosen(self):
        messages = self.held() + self.held(number=2, subject="Another")
        elsewhere = self.held("other")
        wizard = self.wizard(messages[0], makes="other")
        self.assertEqual(wizard.waiting_count, 2)
        done = wizard.action_create()["params"]
        for message in messages:
            self.assertEnd(message, "delivered")
            self.assertDelivered(message, self.at_domain("orders"))
            self.assertIn("created the address", message.why)
        self.assertEnd(elsewhere, "held", "unknown_recipient")
        self.assertEqual(done["about"], self.at_domain("orders"))
        self.assertEqual(len(done["documents"]), 2)
        self.assertFalse(done["undo_ids"])

    def test_what_comes_later_is_delivered_too(self):
        self.wizard(self.held(), makes="other").action_create()
        self.assertEnd(self.held(number=2, subject="Later"), "delivered")

    def test_mail_goes_on_to_a_person(self):
        message = self.held()
        self.wizard(
            message, makes="person", user_id=self.user_employee.id
        ).action_create()
        self.assertEnd(message, "ignored", "forwarded")
        self.assertEqual(
            message.delivery_ids.forward_to, self.user_employee.email_normalized
        )

    def test_the_first_choice_is_what_an_installed_app_makes(self):
        wizard = self.wizard(self.held())
        known = [code for code, _words in wizard._selection_makes()]
        self.assertEqual(wizard.makes, known[0])
        self.assertEqual(known[-2:], ["other", "person"])

    def test_more_than_a_few_follow_in_the_queue(self):
        messages = self.held() + self.held(number=2, subject="Another")
        self.wizard(messages[0], makes="other")._make_alias(self.mail_alias_domain)
        messages._deliver_to_new_address(self.at_domain("orders"), 1)
        self.assertEqual(
            sorted(messages.mapped("state")), ["delivered", "failed"], "one is due"
        )
        self.Message._cron_route()
        self.assertEqual(set(messages.mapped("state")), {"delivered"})

    def second(self):
        """Return a manager of the second company alone, whose domain the first one's
        router serves, and a mail that waits there."""
        self.router.alias_domain_ids += self.mail_alias_domain_c2
        manager = new_test_user(
            self.env,
            "manager_c2",
            groups=MANAGER,
            company_id=self.company_2.id,
            company_ids=[(6, 0, self.company_2.ids)],
        )
        raw = self.mail(f"orders@{self.mail_alias_domain_c2.name}")
        message = self.route(raw)
        self.assertEqual(message.company_id, self.company_2)
        return manager, message

    def test_who_shares_a_router_creates_an_address(self):
        manager, message = self.second()
        wizard = self.wizard(message.with_user(manager), makes="other")
        wizard.action_create()
        self.assertEnd(message, "delivered")
        alias = self.env["mail.alias"].search([("alias_name", "=", "orders")])
        self.assertEqual(alias.alias_domain_id, self.mail_alias_domain_c2)

    def test_who_shares_a_router_has_nothing_go_on_to_a_person(self):
        manager, message = self.second()
        wizard = self.wizard(
            message.with_user(manager), makes="person", user_id=manager.id
        )
        with self.assertRaisesRegex(UserError, self.router.company_id.name):
            wizard.action_create()
        self.assertEnd(message, "held", "unknown_recipient")

    def test_who_shares_no_router_creates_no_address_of_the_first(self):
        manager, _message = self.second()
        wizard = self.env["mail.catchall.address"].with_user(manager)
        with self.assertRaisesRegex(UserError, "not at a domain of yours"):
            wizard.create(
                {"address": self.at_domain("orders"), "makes": "other"}
            ).action_create()

    def test_a_task_goes_to_a_project_of_the_company_that_the_mail_is_for(self):
        if "project.project" not in self.env:
            self.skipTest("project is not installed")
        projects = self.env["project.project"]
        projects.search([("company_id", "=", False)]).active = False
        for company in self.router.company_id + self.company_2:
            projects.create({"name": company.name, "company_id": company.id})
        _manager, message = self.second()
        wizard = self.wizard(message, makes="project.task")
        self.assertEqual(wizard.goes_to, self.company_2.name)

    def test_an_address_elsewhere_is_refused(self):
        wizard = self.env["mail.catchall.address"].create(
            {"address": "orders@elsewhere.example", "makes": "other"}
        )
        with self.assertRaisesRegex(UserError, "not at a domain of yours"):
            wizard.action_create()

    def test_an_address_that_no_alias_can_have_is_refused(self):
        wizard = self.env["mail.catchall.address"].create(
            {"address": self.at_domain("or(ders"), "makes": "other"}
        )
        with self.assertRaises(UserError):
            wizard.action_create()

    def test_mail_to_a_known_address_asks_for_none(self):
        spam = (b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1)
        message = self.route(self.mail(self.at_domain("sales")).replace(*spam))
        with self.assertRaisesRegex(UserError, "no unknown address"):
            message.action_create_address()

    def test_a_reader_creates_nothing(self):
        message = self.held()
        reader = new_test_user(
            self.env, "looks", groups=READER, company_id=self.router.company_id.id
        )
        with self.assertRaises(AccessError):
            message.with_user(reader).action_create_address()
        with self.assertRaises(AccessError):
            self.env["mail.catchall.address"].with_user(reader).create(
                {"address": self.at_domain("orders"), "makes": "other"}
            )
