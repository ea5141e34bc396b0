from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import CommittingCommon

READER = "mail_catchall_router.group_mail_catchall_router_user"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAddress(CommittingCommon):
    """An unknown address becomes a real one, and its mail is delivered."""

    def held(self, name="orders", number=1, **values):
        message_id = f"<{name}{number}@customer.example>"
        raw = self.mail(self.at_domain(name), message_id=message_id, **values)
        return self.route(raw)

    def wizard(self, message, **values):
        action = message.action_create_address()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
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
