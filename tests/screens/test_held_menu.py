from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .test_views import ViewsCommon

USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHeldMenu(ViewsCommon, HttpCase):
    """How many mails wait for a decision, in the bar at the top."""

    def count(self, user):
        return self.Message.with_user(user).count_to_decide()

    def hold(self, number):
        messages = self.journal(
            *(
                self.mail(
                    self.at_domain("nobody"), message_id=f"<{n}@customer.example>"
                )
                for n in range(number)
            )
        )
        messages.write({"state": "held", "reason_code": "unknown_recipient"})
        return messages

    def test_what_waits_is_counted_and_what_has_an_end_is_not(self):
        self.assertEqual(self.count(self.reader), 1)
        self.hold(2)[0].state = "dead"
        self.assertEqual(self.count(self.reader), 3)

    def test_mail_of_an_open_attack_waits_for_one_decision_elsewhere(self):
        attack = self.env["mail.catchall.attack"].create(
            {
                "router_id": self.router.id,
                "company_id": self.router.company_id.id,
                "sender": "robot@attacker.example",
            }
        )
        self.hold(2).attack_id = attack
        self.assertEqual(self.count(self.reader), 1)

    def test_more_than_a_hundred_are_not_counted(self):
        self.hold(120)
        self.assertEqual(self.count(self.reader), 100)

    def test_other_companies_mail_is_not_counted(self):
        stranger = new_test_user(
            self.env, "held-stranger", USER_GROUP, company_id=self.company_2.id
        )
        self.assertEqual(self.count(stranger), 0)

    def test_who_does_not_read_the_journal_is_told_nothing_and_asks_nothing(self):
        with self.assertRaises(AccessError):
            self.count(self.user_employee)
        for login, is_reader in ((self.reader.login, True), ("employee", False)):
            self.authenticate(login, login)
            answer = self.make_jsonrpc_request("/web/session/get_session_info")
            self.assertIs(answer["catchall_reader"], is_reader)

    def test_the_number_leads_to_the_quarantine_and_follows_decisions(self):
        self.start_tour("/odoo", "mail_catchall_router_held_menu", login="manager")
        self.assertEqual(self.held.state, "ignored")

    def test_nobody_else_sees_it(self):
        self.start_tour("/odoo", "mail_catchall_router_no_held_menu", login="employee")
