from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from ..common import CommittingCommon

MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDecision(CommittingCommon):
    """Who released, discarded or routed a mail, and when, is a row of its own."""

    def held(self):
        return self.route(self.mail(self.at_domain("nobody")))

    def test_a_decision_is_a_row_with_name_and_time(self):
        message = self.held()
        user = new_test_user(self.env, login="decider", groups=MANAGER, name="Hoa")
        with freeze_time("2026-11-23 08:00:00"):
            message.with_user(user).action_discard()
        decision = message.decision_ids
        self.assertEqual(decision.code, "discard")
        self.assertEqual((decision.user_id, decision.user_name), (user, "Hoa"))
        self.assertEqual(str(decision.date), "2026-11-23 08:00:00")
        self.assertEqual(decision.state_before, "held")
        self.assertEqual(decision.reason_before, "unknown_recipient")
        self.assertIn("Hoa", decision.words)
        user.name = "Somebody else"
        self.assertEqual(decision.user_name, "Hoa")

    def test_what_is_taken_back_is_another_row(self):
        message = self.held()
        message.action_discard()
        message.action_undo()
        message.action_release()
        self.assertEqual(
            message.decision_ids.sorted("id").mapped("code"),
            ["discard", "undo", "release"],
        )

    def test_every_decision_has_a_row(self):
        kinds = self.env["mail.catchall.decision"]._fields["code"].get_values(self.env)
        for action, code in (
            ("action_release", "release"),
            ("action_allow_sender", "allow"),
            ("action_not_spam", "not_spam"),
            ("action_block_sender", "block"),
        ):
            with self.subTest(action):
                message = self.route(
                    self.mail(self.at_domain("nobody"), message_id=f"<{code}@c.x>")
                )
                getattr(message, action)()
                self.assertEqual(message.decision_ids.code, code)
                self.assertIn(code, kinds)
                self.env["mail.catchall.sender"].search([]).unlink()
        message = self.route(self.mail(self.at_domain("none"), message_id="<to@c.x>"))
        message._route_to(alias=self.sales.with_env(self.env))
        self.assertEqual(message.decision_ids.code, "route_to")
        self.assertIn(self.sales.display_name, message.decision_ids.words)

    def test_an_erased_mail_s_decisions_name_nobody(self):
        message = self.held()
        message.action_block_sender()
        self.assertIn("lan@customer.example", message.decision_ids.words)
        message._erase()
        self.assertNotIn("lan@customer.example", message.decision_ids.words)
        self.assertEqual(message.decision_ids.code, "block")
