import base64

from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ..common import CommittingCommon

GROUPS = "mail_catchall_router.group_mail_catchall_router_manager,base.group_system"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWizardsByRpc(CommittingCommon):
    """A program that fills in what is required gets what a person gets in the form."""

    def setUp(self):
        super().setUp()
        self.held = self.route(self.mail(self.at_domain("nobody")))
        self.manager = new_test_user(self.env, "program", GROUPS)

    def press(self, wizard, values, button):
        """Make a wizard as a program does, without the action's context, and press its
        button; return what the button does."""
        model = self.env[wizard].with_user(self.manager)
        made = call_kw(model, "create", [values], {})
        return call_kw(model, button, [[made]], {})

    def press_on_held(self, wizard, button, **values):
        values["waiting_ids"] = [Command.set(self.held.ids)]
        return self.press(f"mail.catchall.{wizard}", values, button)

    def test_mail_is_snoozed(self):
        self.press_on_held("snooze", "action_snooze")
        self.assertTrue(self.held.snoozed_until)
        self.press_on_held("snooze", "action_snooze", when="week")

    def test_mail_is_rejected(self):
        self.press_on_held("reject", "action_reject")
        self.assertEqual(self.held.state, "ignored")

    def test_mail_is_routed_to_an_address(self):
        self.press_on_held("route.to", "action_route", alias_id=self.sales.id)
        self.assertEqual(self.held.state, "delivered")

    def test_an_address_is_made(self):
        address = {"address": self.at_domain("nobody")}
        self.press("mail.catchall.address", address, "action_create")
        self.assertEqual(self.held.state, "delivered")

    def test_what_is_known_of_an_address_is_erased(self):
        address = {"address": "lan@customer.example"}
        self.press("mail.catchall.erase", address, "action_erase")
        self.assertFalse(self.held.email_from)

    def test_a_file_is_imported(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create(
                {"name": "a.eml", "raw": self.mail(message_id="<rpc@customer.example>")}
            )
        )
        action = self.press(
            "mail.catchall.import",
            {"router_id": self.router.id, "attachment_ids": [Command.set(file.ids)]},
            "action_import",
        )
        self.assertTrue(self.Message.search(action["domain"]))

    def test_an_attack_is_discarded(self):
        attack = self.route(*(self.attempt(n) for n in range(12))).attack_id
        self.assertTrue(attack)
        values = {"attack_ids": [Command.set(attack.ids)]}
        wizard = "mail.catchall.discard.attack"
        self.press(wizard, values, "action_discard_others")
        self.assertEqual(set(attack.message_ids.mapped("state")), {"ignored"})

    def test_a_setup_is_saved_and_taken_over(self):
        wizard, values = "mail.catchall.copy.setup", {"router_id": self.router.id}
        self.assertIn("saved", self.press(wizard, values, "action_save")["url"])
        values["file"] = base64.b64encode(self.router._setup_file()).decode()
        self.press(wizard, values, "action_import")

    def test_a_route_is_tested(self):
        values = {"router_id": self.router.id, "recipient": self.at_domain("sales")}
        values["email_from"] = "lan@customer.example"
        self.press("mail.catchall.tester", values, "action_test")

    def test_what_recipients_see_is_shown(self):
        model = self.env["mail.catchall.identity.preview"].with_user(self.manager)
        self.assertTrue(model.browse(call_kw(model, "create", [{}], {})).why)

    def test_no_required_value_is_computed_only_after_its_row_is_written(self):
        late = [
            str(field)
            for name, model in self.registry.items()
            if name.startswith("mail.catchall.")
            for field in model._fields.values()
            if field.required and field.store and field.compute and not field.precompute
        ]
        self.assertFalse(late)
