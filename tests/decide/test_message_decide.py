from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import format_datetime, mute_logger

from odoo.addons.mail_catchall_router.models.decide.message_decide import DONE
from odoo.addons.mail_catchall_router.models.journal.sentences import SENTENCES

from ..common import CommittingCommon


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

    def test_routing_begins_with_the_senders_documents_and_recent_addresses(self):
        known = self.route(
            self.mail(self.at_domain("sales"), message_id="<known@customer.example>")
        )
        other = self.route(
            self.mail(
                self.at_domain("sales"),
                message_id="<other@customer.example>",
                email_from="other@other.example",
            )
        )
        message = self.held()
        lines = self.wizard(message).suggestion_ids
        self.assertEqual(
            [(one.model, one.res_id) for one in lines],
            [(known.delivery_ids.model, known.delivery_ids.res_id)],
        )
        self.assertNotEqual(lines.res_id, other.delivery_ids.res_id)
        lines.action_route()
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.res_id, known.delivery_ids.res_id)

        second = self.held(
            message_id="<second@customer.example>", email_from="new@new.example"
        )
        self.wizard(second, kind="alias", alias_id=self.sales.id).action_route()
        third = self.held(
            message_id="<third@customer.example>", email_from="newer@new.example"
        )
        lines = self.wizard(third).suggestion_ids
        self.assertEqual(lines.alias_id.alias_name, self.sales.alias_name)
        lines.action_route()
        self.assertEqual(third.delivery_ids.alias_id, lines.alias_id)

    def test_documents_of_one_name_are_told_apart_by_their_time(self):
        self.route(
            self.mail(self.at_domain("sales"), message_id="<known@customer.example>")
        )
        line = self.wizard(self.held()).suggestion_ids
        created = self.env[line.model].browse(line.res_id).create_date
        self.assertEqual(
            line.kind,
            f"Contact of {format_datetime(self.env, created, dt_format='short')}",
        )

    def test_an_archived_document_is_not_suggested(self):
        known = self.route(
            self.mail(self.at_domain("sales"), message_id="<known@customer.example>")
        ).delivery_ids
        self.env[known.model].browse(known.res_id).active = False
        self.assertFalse(self.wizard(self.held()).suggestion_ids)

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

    def bounce(self):
        """Return an ignored report on a mail that is not ours."""
        raw = self.mail(
            self.at_domain("sales"),
            email_from="Mail Delivery System <MAILER-DAEMON@mx.customer.example>",
            subject="Undelivered Mail Returned to Sender",
            body="550 5.1.1 <lan@customer.example>: unknown user\r\n",
        )
        message = self.route(raw)
        self.assertEnd(message, "ignored", "bounce_unknown")
        return message

    def test_what_was_ignored_as_a_report_is_released_by_a_person(self):
        message = self.bounce()
        message.action_release()
        self.assertEnd(message, "delivered")

    def test_what_was_ignored_as_a_report_is_routed_by_a_person(self):
        message = self.bounce()
        partner = self.env["res.partner"].create({"name": "Customer"})
        message._route_to(record=partner)
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.mapped("res_id"), partner.ids)

    def test_an_ignored_mail_that_is_not_kept_stays_as_it_is(self):
        message = self.bounce()
        message.sudo().write({"raw": False, "raw_kept": False})
        with self.assertRaisesRegex(UserError, "waits for no decision"):
            message.action_release()

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

    def spam(self, **values):
        values.setdefault("message_id", "<spam@customer.example>")
        return self.route(
            self.mail(self.at_domain("sales"), **values).replace(
                b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1
            )
        )

    def entries(self):
        entries = self.env["mail.catchall.sender"].search([])
        return {one.pattern: one.policy for one in entries}

    def test_no_spam_is_released_and_its_sender_believed_against_spam_filters(self):
        message = self.spam()
        self.assertEnd(message, "held", "spam")
        message.action_not_spam()
        self.assertEnd(message, "delivered")
        self.assertEqual(self.entries(), {"lan@customer.example": "not_spam"})
        again = self.spam(message_id="<spam2@customer.example>")
        self.assertEnd(again, "delivered")

    def test_no_spam_is_believed_only_against_spam_filters(self):
        self.spam().action_not_spam()
        absence = self.route(
            self.mail(
                self.at_domain("sales"),
                message_id="<away@customer.example>",
                extra="Auto-Submitted: auto-replied\r\n",
            )
        )
        self.assertEnd(absence, "held", "auto_reply")

    def test_an_allowed_sender_is_written_down_with_who_did_it(self):
        message = self.spam()
        message.action_allow_sender()
        self.assertEnd(message, "delivered")
        self.assertEqual(self.entries(), {"lan@customer.example": "allow"})
        self.assertIn(f"{self.env.user.name} allowed lan@", message.why)
        self.assertEqual(message.decided_user_id, self.env.user)
        self.assertTrue(message.decided_date)

    def test_what_made_a_document_cannot_be_undone(self):
        for action in ("action_release", "action_not_spam", "action_allow_sender"):
            message = self.spam(message_id=f"<{action}@customer.example>")
            getattr(message, action)()
            self.env["mail.catchall.sender"].search([]).unlink()
            self.assertEnd(message, "delivered")
            with self.subTest(action), self.assertRaisesRegex(UserError, "a document"):
                message.action_undo()

    def test_a_release_that_came_to_nothing_is_undone(self):
        message = self.held()
        message.action_release()
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertTrue(message.released)
        message.action_undo()
        self.assertFalse(message.released)
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertFalse(message.decided_date)

    def test_a_route_that_failed_is_undone(self):
        message = self.route(self.mail(to="somebody@elsewhere.example"))
        partner = self.env["res.partner"].create({"name": "Customer"})
        wizard = self.wizard(message, kind="record", record=f"res.partner,{partner.id}")
        with (
            patch.object(
                self.registry["res.partner"], "message_post", side_effect=ValueError
            ),
            mute_logger("odoo.addons.mail_catchall_router"),
        ):
            wizard.action_route()
        self.assertEqual(message.state, "failed")
        message.action_undo()
        self.assertEnd(message, "held", "no_recipient")
        self.assertFalse(message.delivery_ids)

    def test_an_undone_block_leaves_the_list_as_it_was(self):
        Sender = self.env["mail.catchall.sender"]
        Sender.create({"pattern": "lan@customer.example", "policy": "allow"})
        message = self.held()
        message.action_block_sender()
        self.assertEqual(self.entries(), {"lan@customer.example": "block"})
        message.action_undo()
        self.assertEqual(self.entries(), {"lan@customer.example": "allow"})

    def test_an_undo_leaves_alone_what_somebody_has_changed_since(self):
        message = self.held()
        message.action_block_sender()
        self.env["mail.catchall.sender"].search([]).policy = "allow"
        message.action_undo()
        self.assertEqual(self.entries(), {"lan@customer.example": "allow"})

    def test_many_are_decided_and_undone_at_once(self):
        messages = self.held() + self.held(message_id="<two@customer.example>")
        messages += self.held(
            email_from="minh@other.example", message_id="<three@customer.example>"
        )
        told = messages.action_block_sender()
        self.assertEqual(told["params"]["undo_ids"], messages.ids)
        self.assertEqual(set(messages.mapped("state")), {"ignored"})
        self.assertEqual(len(self.entries()), 2)
        messages.action_undo()
        self.assertEqual(set(messages.mapped("state")), {"held"})
        self.assertEqual(self.entries(), {})

    def test_a_mail_that_is_being_routed_is_left_to_the_lane(self):
        message = self.held()
        message.claim = "1"
        for action in ("action_discard", "action_release", "action_route_to"):
            with self.subTest(action), self.assertRaisesRegex(UserError, "just now"):
                getattr(message, action)()

    def test_a_person_is_told_what_a_decision_has_come_to(self):
        message = self.held()
        told = message.action_release()["params"]
        self.assertEqual((told["type"], told["title"]), ("warning", "Released"))
        self.assertIn("No alias, message or document", told["message"])
        told = message.action_discard()["params"]
        self.assertEqual((told["type"], told["undo_ids"]), ("success", message.ids))
        # “Discarded” has said it: no “Ignored: 1”.
        self.assertEqual(told["message"], "")
        told = message.action_undo()["params"]
        self.assertEqual((told["type"], told["undo_ids"]), ("success", []))
        self.assertEqual(told["back_ids"], message.ids)

    def test_who_comes_too_late_is_told_so_of_one_mail_or_of_many(self):
        messages = self.held() + self.held(message_id="<two@customer.example>")
        messages.action_discard()
        with self.assertRaisesRegex(UserError, "it has its end"):
            messages[0].action_discard()
        with self.assertRaisesRegex(UserError, "None of these"):
            messages.action_discard()

    def test_a_mail_that_was_let_pass_is_told_without_a_count(self):
        message = self.route(
            self.mail(self.at_domain("sales")).replace(
                b"Received: ", b"X-Spam-Flag: YES\r\nReceived: ", 1
            )
        )
        told = message.action_release()["params"]
        self.assertEqual((told["title"], told["message"]), ("Released", "Delivered"))

    def test_every_decision_has_a_sentence_with_user_and_time(self):
        decisions = {step[1] for step in SENTENCES if step[0] == "person"}
        self.assertLessEqual(set(DONE), decisions)
        for code in decisions:
            text = str(SENTENCES["person", code])
            self.assertIn("%(user)s", text)
            self.assertIn("%(time)s", text)

    def test_time_is_shown_where_the_reader_is(self):
        message = self.held()
        with freeze_time("2026-11-23 08:00:00"):
            message.action_discard()
        there = message.with_context(tz="Asia/Ho_Chi_Minh")
        self.assertRegex(there.why, r"3:00:00.PM")

    def test_other_companies_mail_cannot_be_decided(self):
        message = self.held()
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups="mail_catchall_router.group_mail_catchall_router_manager",
            company_id=self.company_2.id,
        )
        for action in ("action_discard", "action_release", "action_block_sender"):
            with self.assertRaises(AccessError):
                getattr(message.with_user(stranger), action)()
        message.action_discard()
        with self.assertRaises(AccessError):
            message.with_user(stranger).action_undo()

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

    # ------------------------------------------------------------
    # LEARNING
    # ------------------------------------------------------------

    def learnt(self):
        """Return {kind: mails} that the filter has learnt of."""
        self.Message._cron_learn()
        total = self.env["mail.catchall.token"]._totals()[None]
        return {"spam": total.spam, "fine": total.fine}

    def test_what_is_being_routed_is_learnt_of_a_moment_later(self):
        message = self.held()
        message.action_spam()
        message.claim = "1"
        cron = self.env.ref("mail_catchall_router.ir_cron_learn")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.assertEqual(self.learnt(), {"spam": 0, "fine": 0})
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))
        message.claim = False
        self.assertEqual(self.learnt(), {"spam": 1, "fine": 0})

    def test_the_filter_learns_of_decisions_and_unlearns_what_is_undone(self):
        message = self.held()
        message.action_spam()
        self.assertEnd(message, "ignored", "discarded")
        self.assertEqual(self.learnt(), {"spam": 1, "fine": 0})
        message.action_undo()
        self.assertEqual(message.state, "held")
        self.assertEqual(self.learnt(), {"spam": 0, "fine": 0})
        message.action_release()
        self.assertEqual(self.learnt(), {"spam": 0, "fine": 1})

    def test_what_is_on_a_document_can_be_called_spam_too(self):
        message = self.route(self.mail(self.at_domain("sales")))
        message.action_spam()
        self.assertEqual(message.state, "delivered")
        self.assertIn(self.env.user.name, message.why)
        self.assertEqual(self.learnt(), {"spam": 1, "fine": 0})

    def test_a_false_alarm_is_counted_in_the_routers_health(self):
        message = self.held()
        message.reason_code = "suspicious"
        message.action_not_spam()
        items = {one["item"]: one for one in self.router.health_report["items"]}
        self.assertEqual(items["alarms"]["state"], "warning")
        self.assertIn("1", items["alarms"]["sentence"])

    def test_to_discard_teaches_nothing(self):
        self.held().action_discard()
        self.assertEqual(self.learnt(), {"spam": 0, "fine": 0})
