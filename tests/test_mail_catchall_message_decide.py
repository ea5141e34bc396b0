from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import CommittingCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDecide(CommittingCommon):
    """A person's last word on mail that waits."""

    def held(self, **values):
        return self.route(self.mail(self.at_domain("nobody"), **values))

    def wizard(self, message, **values):
        action = message.action_route_to()
        return (
            self.env[action["res_model"]]
            .with_context(**action["context"])
            .create(values)
        )

    def test_held_mail_is_routed_to_an_alias(self):
        message = self.held()
        self.wizard(message, kind="alias", alias_id=self.sales.id).action_route()
        self.assertEnd(message, "delivered")
        self.assertDelivered(message, self.at_domain("nobody"))
        self.assertEqual(message.delivery_ids.matched_by, "person")
        self.assertIn(self.env.user.name, message.why)

    def test_held_mail_is_routed_to_a_document(self):
        message = self.held()
        partner = self.env["res.partner"].create({"name": "Customer"})
        self.wizard(
            message, kind="record", record=f"res.partner,{partner.id}"
        ).action_route()
        self.assertDelivered(message, self.at_domain("nobody"))
        self.assertEqual(message.delivery_ids.res_id, partner.id)
        self.assertEqual(partner.message_ids[:1].message_id, "<first@customer.example>")

    def test_mail_without_an_address_of_ours_is_routed_too(self):
        message = self.route(self.mail(to="somebody@elsewhere.example"))
        self.wizard(message, kind="alias", alias_id=self.sales.id).action_route()
        self.assertEnd(message, "delivered")

    def test_a_contact_policy_does_not_stop_a_person(self):
        self.jobs.with_env(self.env).alias_contact = "partners"
        message = self.held()
        self.wizard(message, kind="alias", alias_id=self.jobs.id).action_route()
        self.assertEnd(message, "delivered")

    def test_an_alias_made_since_is_found_by_routing_again(self):
        message = self.held()
        self.env["mail.alias"].create(
            {
                "alias_name": "nobody",
                "alias_domain_id": self.mail_alias_domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        message.action_route()
        self.assertEnd(message, "delivered")

    def test_an_absence_note_is_released(self):
        message = self.route(
            self.mail(
                self.at_domain("sales"),
                subject="Out of office",
                extra="Auto-Submitted: auto-replied\r\n",
            )
        )
        self.assertEnd(message, "held", "auto_reply")
        message.action_release()
        self.assertEnd(message, "delivered")

    def test_discarded_mail_comes_back(self):
        message = self.held()
        message.action_discard()
        self.assertEnd(message, "ignored", "discarded")
        self.assertEqual(message.delivery_ids.state, "ignored")
        self.assertTrue(message.undoable)
        message.action_undo()
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertEqual(message.delivery_ids.state, "held")
        self.assertFalse(message.undoable)
        with self.assertRaises(UserError):
            message.action_undo()

    def test_a_blocked_sender_is_ignored_until_it_is_undone(self):
        message = self.held()
        message.action_block_sender()
        self.assertEnd(message, "ignored", "blocked")
        again = self.route(
            self.mail(self.at_domain("sales"), message_id="<two@customer.example>")
        )
        self.assertEnd(again, "ignored", "blocked")
        message.action_undo()
        third = self.route(
            self.mail(self.at_domain("sales"), message_id="<three@customer.example>")
        )
        self.assertEnd(third, "delivered")

    def test_a_blocked_domain_blocks_everybody_there(self):
        self.held().action_block_domain()
        other = self.route(
            self.mail(
                self.at_domain("sales"),
                email_from="minh@customer.example",
                message_id="<two@customer.example>",
            )
        )
        self.assertEnd(other, "ignored", "blocked")

    def test_the_own_domain_cannot_be_blocked(self):
        message = self.held(email_from=self.at_domain("user_a"))
        with self.assertRaises(UserError):
            message.action_block_domain()

    def test_an_allowed_address_counts_before_its_blocked_domain(self):
        Sender = self.env["mail.catchall.sender"]
        Sender.create({"pattern": "@Customer.example", "policy": "block"})
        Sender.create({"pattern": "Lan <lan@customer.example>", "policy": "allow"})
        message = self.route(self.mail(self.at_domain("sales")))
        self.assertEnd(message, "delivered")

    def test_a_sender_must_be_an_address_or_a_domain(self):
        with self.assertRaises(ValidationError):
            self.env["mail.catchall.sender"].create({"pattern": "not an address"})

    def test_delivered_mail_waits_for_nobody(self):
        message = self.route(self.mail(self.at_domain("sales")))
        with self.assertRaises(UserError):
            message.action_discard()

    def test_only_administrators_decide(self):
        message = self.held()
        reader = new_test_user(
            self.env,
            login="reader",
            groups="mail_catchall_router.group_mail_catchall_router_user",
        )
        for action in ("action_discard", "action_release", "action_block_sender"):
            with self.assertRaises(AccessError):
                getattr(message.with_user(reader), action)()
