from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_tours import ToursCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTriageTours(ToursCommon):
    """Working through what waits: with the keyboard, with few clicks, on a phone."""

    def tour(self, name, **options):
        self.start_tour("/odoo/mail-router-triage", name, login="manager", **options)

    def test_decide_with_the_keyboard(self):
        self.quarantine()
        self.tour("mail_catchall_triage_keys")
        self.assertFalse(self.env["mail.catchall.sender"].search([]))
        waiting = self.Message.search([("state", "=", "held")])
        self.assertEqual(len(waiting), 6)

    def test_what_is_typed_elsewhere_decides_nothing(self):
        self.quarantine()
        with mute_logger("odoo.http"):  # nothing is left to undo
            self.tour("mail_catchall_triage_typing")
        decided = self.Message.search([("decided_date", "!=", False)])
        self.assertEqual(len(decided), 1)
        self.assertTrue(decided.subject.startswith("An offer"))

    def test_what_an_input_method_writes_decides_nothing(self):
        self.tour("mail_catchall_triage_written")
        self.assertEnd(self.held, "ignored", "discarded")
        self.assertEqual(len(self.held.decision_ids), 1)

    def test_what_is_decided_without_a_connection_still_waits(self):
        self.quarantine()
        self.tour("mail_catchall_triage_offline")
        decided = self.Message.search([("decided_date", "!=", False)])
        self.assertEqual(decided.mapped("subject"), ["An absence"])

    def test_a_link_to_what_is_decided_says_so(self):
        self.quarantine()
        self.held.action_discard()
        self.start_tour(
            f"/odoo/mail-router-triage/{self.held.id}",
            "mail_catchall_triage_linked",
            login="manager",
        )

    def test_snooze_until_monday_with_the_keyboard(self):
        self.tour("mail_catchall_triage_snooze")
        self.assertFalse(self.held.snoozed_until)

    def test_take_it_on_and_comment_with_the_keyboard(self):
        self.tour("mail_catchall_triage_discuss")
        self.assertEqual(self.held.activity_user_id, self.manager)
        note = self.held.message_ids.filtered(lambda one: one.message_type == "comment")
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(self.held.state, "held")

    def test_empty_sixty_with_one_key_each(self):
        self.held.action_discard()
        numbers = range(1, 61)
        raws = (
            self.mail(
                self.at_domain(f"name{number}"),
                subject=f"Number {number}.",
                email_from=f"writer{number}@customer{number}.example",
                message_id=f"<{number}@customer.example>",
            )
            for number in numbers
        )
        with patch.object(type(self.Message), "_guard_attack", lambda *_args: None):
            messages = self.route(*raws)
        self.assertEqual(set(messages.mapped("state")), {"held"})
        # A busy machine takes a second for each.
        self.tour("mail_catchall_triage_sixty", timeout=180)
        self.assertEqual(set(messages.mapped("reason_code")), {"discarded"})

    def test_make_an_unknown_address_a_real_one_in_two_clicks(self):
        self.quarantine()
        self.tour("mail_catchall_triage_create")
        alias = self.env["mail.alias"].search([("alias_name", "=", "unbekannt")])
        self.assertEqual(alias.alias_domain_id, self.mail_alias_domain)
        delivered = self.Message.search([("subject", "=", "A question")])
        self.assertEnd(delivered, "delivered")

    def test_send_a_mail_where_it_was_meant_in_one_click(self):
        for name in ("myname", "mynamo"):
            self._create_alias(name)
        message = self.route(
            self.mail(self.at_domain("mynam"), message_id="<meant@customer.example>")
        )
        self.tour("mail_catchall_triage_choose")
        self.assertEnd(message, "delivered")

    def test_send_a_mail_to_the_document_of_its_sender(self):
        # A document is offered to who may write on it.
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        self.tour("mail_catchall_triage_route")
        self.assertEnd(self.held, "delivered")
        partner = self.assertDelivered(self.delivered, self.at_domain("sales"))
        self.assertEqual(self.held.delivery_ids.res_id, partner.id)

    def test_discard_with_one_key(self):
        self.tour("mail_catchall_triage_discard")
        self.assertEnd(self.held, "ignored", "discarded")

    def test_decide_on_a_phone(self):
        spam = (b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1)
        raw = self.mail(self.at_domain("sales"), subject="An offer", message_id="<o@c>")
        offer = self.route(raw.replace(*spam))
        with self.on_a_phone():
            self.tour("mail_catchall_triage_phone")
        for message in (offer, self.held):
            self.assertEnd(message, "ignored", "discarded")

    def test_make_an_address_real_from_the_dashboard(self):
        self.start_tour(
            "/odoo/mail-router-dashboard",
            "mail_catchall_dashboard_create",
            login="manager",
        )
        self.assertEnd(self.held, "delivered")

    def test_spam_is_not_released_from_its_form_without_an_answer(self):
        self.quarantine()
        spam = self.Message.search([("subject", "=", "With a file")])
        self.start_tour(
            f"/odoo/mail-router/{spam.id}",
            "mail_catchall_form_release",
            login="manager",
        )
        self.assertEnd(spam, "held", "spam")

    def test_look_at_the_addresses(self):
        self.start_tour(
            "/odoo/mail-router-addresses", "mail_catchall_addresses", login="manager"
        )
        alias = self.env["mail.alias"].search([("alias_name", "=", "shop")])
        self.assertEqual(alias.alias_model_id.model, "res.partner")
