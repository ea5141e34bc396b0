from unittest.mock import patch

from odoo.tests import tagged, users
from odoo.tools import mute_logger

from ..common import RouterCommon

ROUTE_LOGGER = "odoo.addons.mail_catchall_router.models.route.message_deliver"
CORE_LOGGER = "odoo.addons.mail.models.mail_thread"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRoute(RouterCommon):
    """What becomes of one mail, in the normal course of things."""

    def test_the_original_recipient_makes_a_document(self):
        message = self.route(self.mail(self.at_domain("sales")))
        self.assertEnd(message, "delivered")
        partner = self.assertDelivered(message, self.at_domain("sales"))
        self.assertEqual(partner.name, "A question")
        self.assertEqual(partner.message_ids[:1].message_id, "<first@customer.example>")
        self.assertEqual(message.delivery_ids.matched_by, "alias")
        self.assertIn("X-Original-To", message.why)

    def test_a_blind_copy_reaches_its_alias(self):
        raw = self.mail(self.at_domain("sales"), to="undisclosed-recipients:;")
        message = self.route(raw)
        self.assertDelivered(message, self.at_domain("sales"))

    def test_without_trace_headers_to_and_cc_are_served(self):
        raw = self.mail(
            to=self.at_domain("sales"), extra=f"Cc: {self.at_domain('jobs')}\r\n"
        )
        message = self.route(raw)
        self.assertEnd(message, "delivered")
        first = self.assertDelivered(message, self.at_domain("sales"))
        second = self.assertDelivered(message, self.at_domain("jobs"))
        self.assertNotEqual(first, second)

    def test_one_copy_per_recipient_makes_each_document_once(self):
        to = f"{self.at_domain('sales')}, {self.at_domain('jobs')}"
        copies = [self.mail(self.at_domain(name), to=to) for name in ("sales", "jobs")]
        first, second = self.route(*copies)
        self.assertEnd(first, "delivered")
        self.assertEqual(len(first.delivery_ids), 2)
        self.assertEnd(second, "ignored", "duplicate")
        self.assertEqual(second.delivery_ids.state, "duplicate")
        self.assertEqual(second.delivery_ids.original_id.message_id, first)

    def test_the_same_mail_again_makes_nothing(self):
        raw = self.mail(self.at_domain("sales"))
        self.route(raw)
        count = self.env["res.partner"].search_count([])
        again = self.route(raw.replace(b"id 4ABC", b"id 4XYZ"))
        self.assertEnd(again, "ignored", "duplicate")
        self.assertEqual(self.env["res.partner"].search_count([]), count)

    def test_two_mails_with_one_message_id_are_both_delivered(self):
        self.route(self.mail(self.at_domain("sales")))
        other = self.route(self.mail(self.at_domain("jobs"), subject="Something else"))
        self.assertDelivered(other, self.at_domain("jobs"))

    def test_an_answer_is_posted_on_its_document(self):
        message = self.route(self.mail(self.at_domain("sales")))
        partner = self.assertDelivered(message, self.at_domain("sales"))
        sent = partner.message_post(body="Our answer", message_type="comment")
        answer = self.route(
            self.mail(
                self.at_domain("catchall"),
                message_id="<second@customer.example>",
                subject="Re: A question",
                extra=f"In-Reply-To: {sent.message_id}\r\n"
                f"References: {sent.message_id}\r\n",
            )
        )
        self.assertEnd(answer, "delivered")
        self.assertEqual(answer.delivery_ids.matched_by, "reference")
        self.assertEqual(answer.delivery_ids.res_id, partner.id)
        self.assertEqual(
            partner.message_ids[:1].message_id, "<second@customer.example>"
        )

    def test_an_answer_to_the_mailbox_itself_is_posted_on_its_document(self):
        message = self.route(self.mail(self.at_domain("sales")))
        partner = self.assertDelivered(message, self.at_domain("sales"))
        answer = self.route(
            self.mail(
                self.account,
                message_id="<second@customer.example>",
                extra=f"References: {partner.message_ids[:1].message_id}\r\n",
            )
        )
        self.assertEqual(answer.delivery_ids.res_id, partner.id)

    def test_reply_all_makes_one_message_on_the_document(self):
        message = self.route(self.mail(self.at_domain("sales")))
        partner = self.assertDelivered(message, self.at_domain("sales"))
        answer = self.route(
            self.mail(
                to=self.at_domain("catchall"),
                message_id="<second@customer.example>",
                extra=f"References: {partner.message_ids[:1].message_id}\r\n"
                f"Cc: {self.at_domain('sales')}\r\n",
            )
        )
        self.assertEnd(answer, "delivered")
        self.assertEqual(set(answer.delivery_ids.mapped("res_id")), {partner.id})
        posted = partner.message_ids.filtered(
            lambda post: post.message_id == "<second@customer.example>"
        )
        self.assertEqual(len(posted), 1)

    def test_an_answer_addressed_to_an_alias_of_another_model_is_new(self):
        message = self.route(self.mail(self.at_domain("sales")))
        partner = self.assertDelivered(message, self.at_domain("sales"))
        self._create_alias("channel", "discuss.channel")
        forwarded = self.route(
            self.mail(
                self.at_domain("channel"),
                message_id="<second@customer.example>",
                extra=f"References: {partner.message_ids[:1].message_id}\r\n",
            )
        )
        self.assertDelivered(forwarded, self.at_domain("channel"), "discuss.channel")

    def test_an_addition_after_plus_is_the_alias(self):
        message = self.route(self.mail(self.at_domain("sales+fair")))
        self.assertDelivered(message, self.at_domain("sales+fair"))
        self.assertEqual(message.delivery_ids.matched_by, "plus_address")

    def test_an_alias_of_another_domain_does_not_answer(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "elsewhere",
                "alias_domain_id": self.mail_alias_domain_c2.id,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        message = self.route(self.mail(self.at_domain("elsewhere")))
        self.assertEnd(message, "held", "unknown_recipient")

    def test_an_unknown_address_is_held_with_its_reason(self):
        message = self.route(self.mail(self.at_domain("nobody")))
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertIn(self.at_domain("nobody"), message.reason)

    def test_mail_to_the_mailbox_itself_is_held(self):
        message = self.route(self.mail(self.account))
        self.assertEnd(message, "held", "only_account")

    def test_mail_without_an_address_of_ours_is_held(self):
        message = self.route(self.mail(to="somebody@elsewhere.example"))
        self.assertEnd(message, "held", "no_recipient")

    def test_a_known_and_an_unknown_recipient_have_an_end_each(self):
        to = f"{self.at_domain('sales')}, {self.at_domain('nobody')}"
        message = self.route(self.mail(to=to))
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertDelivered(message, self.at_domain("sales"))

    def test_the_copy_of_a_user_is_left_to_the_user(self):
        self.user_employee.email = self.at_domain("user_a")
        raw = self.mail(
            to=self.at_domain("user_a"), extra=f"Cc: {self.at_domain('sales')}\r\n"
        )
        message = self.route(raw)
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.recipient, self.at_domain("sales"))

    def test_our_own_mail_that_comes_back_is_ignored(self):
        partner = self.env["res.partner"].create({"name": "Customer"})
        sent = partner.message_post(body="Hello", message_type="comment")
        message = self.route(
            self.mail(
                self.at_domain("sales"),
                message_id=sent.message_id,
                email_from=sent.email_from,
            )
        )
        self.assertEnd(message, "ignored", "own_message")

    def test_a_customer_s_mail_with_a_message_id_of_ours_is_delivered(self):
        partner = self.env["res.partner"].create({"name": "Customer"})
        sent = partner.message_post(body="Hello", message_type="comment")
        message = self.route(
            self.mail(self.at_domain("sales"), message_id=sent.message_id)
        )
        self.assertDelivered(message, self.at_domain("sales"))

    @mute_logger(CORE_LOGGER)
    def test_the_contact_policy_of_the_alias_is_in_force(self):
        self.jobs.alias_contact = "partners"
        message = self.route(self.mail(self.at_domain("jobs")))
        self.assertEnd(message, "held", "alias_contact")

    @mute_logger(CORE_LOGGER)
    def test_an_automatic_mail_is_not_answered(self):
        self.jobs.alias_contact = "partners"
        before = self.env["mail.mail"].search_count([])
        self.route(
            self.mail(self.at_domain("jobs"), extra="Auto-Submitted: auto-replied\r\n")
        )
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_one_account_for_everything_is_not_taken_for_a_bounce(self):
        self.mail_alias_domain.write({"bounce_alias": "box"})
        message = self.route(self.mail(self.account, to=self.at_domain("sales")))
        self.assertDelivered(message, self.at_domain("sales"))

    def test_twenty_recipients_are_looked_up_with_as_many_queries_as_two(self):
        def queries(count, original):
            names = [
                f"cost-{count}-{bool(original)}-{number}" for number in range(count)
            ]
            for name in names:
                self._create_alias(name)
            to = ", ".join(map(self.at_domain, names))
            (message,) = self.journal(
                self.mail(original, to=to, message_id=f"<{count}{original}@c.example>")
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            mail = message._read_mail()
            message._open_deliveries({message: mail})
            matches = message._find_matches(mail)
            self.assertEqual(len(matches), count + bool(original))
            self.assertTrue(all(matches.values()))
            return self.env.cr.sql_log_count - before

        for original in (None, self.at_domain("sales")):
            with self.subTest(original=original):
                queries(2, original)  # what is cached for good is asked once
                self.assertEqual(queries(20, original), queries(3, original))

    @mute_logger(ROUTE_LOGGER)
    def test_an_alias_that_raises_undoes_no_other(self):
        create = type(self.env["res.partner"]).message_new

        def message_new(records, msg_dict, custom_values=None):
            if (custom_values or {}).get("comment") == "broken":
                raise ValueError("This cannot be stored")
            return create(records, msg_dict, custom_values)

        self._create_alias("broken", alias_defaults="{'comment': 'broken'}")
        to = ", ".join(map(self.at_domain, ("broken", "sales")))
        with patch.object(type(self.env["res.partner"]), "message_new", message_new):
            message = self.route(self.mail(to=to))
        self.assertDelivered(message, self.at_domain("sales"))
        self.assertEqual(message.state, "failed")
        self.assertIn("This cannot be stored", message.error)
        self.assertTrue(message.next_attempt)

        message._route()
        self.assertEnd(message, "delivered")
        self.assertDelivered(message, self.at_domain("broken"))
        self.assertEqual(
            self.env["res.partner"].search_count([("name", "=", "A question")]), 2
        )

    def test_an_impossible_date_keeps_no_mail_away(self):
        raw = self.mail(self.at_domain("sales"))
        raw = raw.replace(b"Mon, 23 Nov 2026", b"Tue, 17 Sep 0102")
        message = self.route(raw)
        partner = self.assertDelivered(message, self.at_domain("sales"))
        self.assertEqual(partner.message_ids[:1].date.year, message.create_date.year)

    def test_a_document_whose_name_is_required_is_made_without_a_subject(self):
        raw = self.mail(
            self.at_domain("sales"), subject="", email_from="lan@customer.example"
        )
        message = self.route(raw)
        partner = self.assertDelivered(message, self.at_domain("sales"))
        self.assertEqual(partner.name, "No Subject")

    def test_routing_talks_no_smtp(self):
        alias = self._create_alias("watched")
        partner = self.env["res.partner"].create({"name": "Watched"})
        alias.alias_force_thread_id = partner.id
        partner.message_subscribe(partner_ids=self.partner_employee.ids)
        self.user_employee.notification_type = "email"
        with self.mock_mail_gateway():
            self.route(self.mail(self.at_domain("watched")))
            self.assertFalse(self.emails)
            self.assertEqual(self._new_mails.mapped("state"), ["outgoing"])

    def test_the_journal_keeps_the_exact_bytes(self):
        raw = b"Subject: \xff\xfe odd\r\n\r\n\x00body\rwith\nall\r\nends"
        message = self.journal(raw)
        self.assertEqual(message._raw_bytes(), raw)
        self.assertEqual(message.size, len(raw))

    @users("employee")
    def test_employees_do_not_read_the_journal(self):
        self.assertFalse(self.env["mail.catchall.message"].has_access("read"))
