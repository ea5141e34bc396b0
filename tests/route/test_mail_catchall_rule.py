import time

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..common import RouterCommon
from ..screens.test_views import MANAGER_GROUP, USER_GROUP

INVOICE = ("subject", "contains", "invoice")


class RuleCommon(RouterCommon):
    """Rules of the test's router, and mail for them."""

    @classmethod
    def rule(cls, *conditions, **values):
        """Return a rule; conditions are (field, operator, value) or with a header."""
        lines = [
            Command.create(
                {
                    "field": field,
                    "operator": operator,
                    "value": value,
                    "header_name": header[0] if header else False,
                }
            )
            for field, operator, value, *header in conditions
        ]
        return cls.env["mail.catchall.rule"].create(
            {
                "name": "Rule",
                "router_id": cls.router.id,
                "condition_ids": lines,
                "action": "hold",
                **values,
            }
        )

    def invoice(self, local_part="sales", **values):
        """Route a mail about an invoice to one own address."""
        values = {"subject": "Your invoice", **values}
        return self.route(self.mail(self.at_domain(local_part), **values))

    def delivery(self, message):
        self.assertEqual(len(message.delivery_ids), 1)
        return message.delivery_ids


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRuleConditions(RuleCommon):
    """What conditions find in a mail, from the record to the decision."""

    def assertFits(self, expected, conditions, raw, **values):
        rule = self.rule(*conditions, **values)
        message = self.journal(raw)
        mail = message._read_mail()
        ruling = mail.ruling(self.at_domain("sales"))
        self.assertEqual(bool(ruling.hits), expected, conditions)
        rule.unlink()

    def test_each_field_is_found_in_a_mail(self):
        raw = self.mail(
            self.at_domain("sales"),
            subject="=?utf-8?q?H=C3=B3a_=C4=91=C6=A1n?= 7",
            extra="X-Priority: 1\r\nContent-Language: vi-VN\r\n"
            "X-Spam-Status: Yes, score=7.5 required=5.0\r\n",
        )
        for number, (condition, expected) in enumerate(
            (
                (("recipient", "starts_with", "sales@"), True),
                (("recipient", "equals", "jobs@x.example"), False),
                (("sender", "contains", "Lan Nguyen"), True),
                (("sender", "equals", "lan@customer.example"), True),
                (("sender_domain", "equals", "customer.example"), True),
                (("sender_domain", "not_equals", "customer.example"), False),
                (("subject", "contains", "hóa đơn"), True),
                (("subject", "not_contains", "hóa đơn"), False),
                (("subject", "matches", r"n \d$"), True),
                (("subject", "is_not_set", ""), False),
                (("header", "equals", "1", "X-Priority"), True),
                (("header", "less_than", "3", "x-priority"), True),
                (("header", "is_not_set", "", "X-Other"), True),
                (("size", "greater_than", "100"), True),
                (("size", "greater_than", "1 MB"), False),
                (("attachment_type", "is_not_set", ""), True),
                (("language", "equals", "vi"), True),
                (("language", "equals", "en"), False),
            )
        ):
            with self.subTest(condition=condition):
                self.assertFits(
                    expected,
                    [condition],
                    raw.replace(b"<first@", b"<%d@" % number),
                )

    def test_attachments_are_known_by_type_and_by_extension(self):
        raw = (
            self.mail(self.at_domain("sales"))
            .replace(
                b"text/plain; charset=utf-8",
                b'application/pdf; name="Invoice.PDF"',
            )
            .replace(b"Hello", b"%PDF")
        )
        for value, expected in (
            ("pdf", True),
            ("application/pdf", True),
            ("exe", False),
        ):
            self.assertFits(expected, [("attachment_type", "equals", value)], raw)

    def test_spam_and_authentication_are_the_word_of_our_own_provider(self):
        host = f"mx.{self.domain}"
        verdict = (
            f"X-Spam-Flag: YES\r\n"
            f"Authentication-Results: {host}; dmarc=fail header.from=customer.example"
            f"\r\n"
        ).encode()
        forged = self.mail(self.at_domain("sales"), extra="X-Spam-Flag: NO\r\n")
        self.router.own_hosts = host
        self.router.authserv_ids = host
        raw = verdict + self.mail(self.at_domain("sales"))
        for condition, mail, expected in (
            (("spam", "is_true", ""), raw, True),
            (("spam", "is_false", ""), raw, False),
            (("spam", "is_false", ""), forged, False),
            (("authenticated", "is_false", ""), raw, True),
            (("authenticated", "is_true", ""), raw, False),
            (("authenticated", "is_true", ""), forged, False),
        ):
            with self.subTest(condition=condition, mail=mail):
                self.assertFits(expected, [condition], mail)

    def test_all_or_any_of_the_conditions(self):
        raw = self.mail(self.at_domain("sales"), subject="Your invoice")
        wrong = ("sender", "contains", "nobody")
        for conditions, match, expected in (
            ([INVOICE, wrong], "all", False),
            ([INVOICE, wrong], "any", True),
            ([INVOICE, ("sender", "contains", "lan@")], "all", True),
            ([wrong], "any", False),
        ):
            with self.subTest(conditions=conditions, match=match):
                self.assertFits(expected, conditions, raw, match=match)

    def test_a_hostile_regular_expression_finishes(self):
        subject = "a" * 1990 + "!"
        self.rule(("subject", "matches", "(a+)+$"), ("subject", "matches", "(a|aa)*b"))
        started = time.monotonic()
        message = self.invoice(subject=subject)
        self.assertEnd(message, "delivered")
        self.assertLess(time.monotonic() - started, self.router.max_seconds)

    def test_a_wrong_condition_is_refused_with_a_sentence(self):
        for condition, sentence in (
            (("subject", "matches", "(a"), "bracket is not closed"),
            (("subject", "matches", r"(a)\1"), "not allowed here"),
            (("subject", "matches", "+a"), "nothing to repeat"),
            (("subject", "matches", "[z-a]"), "runs backwards"),
            (("subject", "matches", "(a{50}){50}"), "too complex"),
            (("subject", "matches", "a" * 300), "too long"),
            (("subject", "contains", " "), "Enter the value to compare Subject with"),
            (("subject", "greater_than", "5"), "cannot be compared in this way"),
            (("subject", "contains", "a" * 1001), "too long"),
            (("size", "greater_than", "big"), "is not a number"),
            (("header", "contains", "x", "a b"), "not a possible name of a header"),
            (("header", "contains", "x"), "not a possible name of a header"),
        ):
            with (
                self.subTest(condition=condition),
                self.assertRaisesRegex(ValidationError, sentence),
            ):
                self.rule(condition)

    def test_a_rule_needs_a_condition(self):
        with self.assertRaisesRegex(ValidationError, "no condition"):
            self.rule()
        rule = self.rule(INVOICE)
        with self.assertRaisesRegex(ValidationError, "no condition"):
            rule.condition_ids = [Command.clear()]

    def test_the_operator_follows_the_field(self):
        form = Form(self.env["mail.catchall.rule"])
        with form.condition_ids.new() as condition:
            condition.field = "size"
            self.assertEqual(condition.operator, "greater_than")
            self.assertTrue(condition.has_value)
            condition.field = "authenticated"
            self.assertEqual(condition.operator, "is_true")
            self.assertFalse(condition.has_value)
            self.assertIn("is_false", condition.sensible_operators)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRuleActions(RuleCommon):
    """What rules do with a mail."""

    def test_a_rule_routes_to_an_alias(self):
        rule = self.rule(INVOICE, action="alias", alias_id=self.jobs.id)
        message = self.invoice("unknown-address")
        self.assertEnd(message, "delivered")
        delivery = self.delivery(message)
        self.assertEqual(delivery.matched_by, "rule")
        self.assertEqual((delivery.alias_id, delivery.rule_id), (self.jobs, rule))
        self.assertIn(
            "Rule “Rule” matched: Subject contains “invoice”.", str(message.why)
        )

    def test_the_alias_still_says_who_may_write(self):
        self.jobs.alias_contact = "partners"
        self.rule(INVOICE, action="alias", alias_id=self.jobs.id)
        self.assertEnd(self.invoice(), "held", "alias_contact")

    def test_a_rule_makes_a_document_with_values(self):
        rule = self.rule(
            INVOICE,
            action="new",
            model_id=self.env["ir.model"]._get_id("res.partner"),
            defaults="{'function': 'Supplier', 'is_company': True}",
        )
        message = self.invoice("unknown-address")
        partner = self.assertDelivered(message, self.at_domain("unknown-address"))
        self.assertEqual(partner.name, "Your invoice")
        self.assertEqual((partner.function, partner.is_company), ("Supplier", True))
        self.assertEqual(self.delivery(message).rule_id, rule)

    def test_a_rule_makes_a_task_in_a_project_without_an_address(self):
        project = self.env["project.project"].create({"name": "No address"})
        self.assertFalse(project.alias_name)
        self.rule(
            INVOICE,
            action="new",
            model_id=self.env["ir.model"]._get_id("project.task"),
            defaults=repr({"project_id": project.id}),
        )
        message = self.invoice()
        task = self.assertDelivered(message, self.at_domain("sales"), "project.task")
        self.assertEqual(task.project_id, project)

    def test_two_recipients_of_one_rule_make_one_document(self):
        self.rule(
            INVOICE,
            action="new",
            model_id=self.env["ir.model"]._get_id("res.partner"),
        )
        raw = self.mail(
            to=f"{self.at_domain('first-one')}, {self.at_domain('second-one')}",
            subject="Your invoice",
        )
        message = self.route(raw)
        self.assertEnd(message, "delivered")
        self.assertEqual(len(message.delivery_ids), 2)
        self.assertEqual(len(set(message.delivery_ids.mapped("res_id"))), 1)

    def test_a_rule_adds_to_a_document(self):
        partner = self.env["res.partner"].create({"name": "Invoices"})
        self.rule(INVOICE, action="record", record=f"res.partner,{partner.id}")
        message = self.invoice()
        self.assertEqual(
            self.assertDelivered(message, self.at_domain("sales")), partner
        )
        self.assertEqual(partner.message_ids[:1].subject, "Your invoice")

    def test_a_rule_holds_until_a_person_releases(self):
        self.rule(INVOICE, name="Look at it", action="hold")
        message = self.invoice()
        self.assertEnd(message, "held", "rule_hold")
        self.assertIn("Look at it", message.why)
        message.released = True
        message.delivery_ids.state = "pending"
        message._route()
        self.assertEnd(message, "delivered")

    def test_a_rule_forwards_once_to_a_users_mailbox(self):
        self.user_employee.email = "real@mailbox.example"
        rule = self.rule(
            INVOICE, action="forward", forward_user_id=self.user_employee.id
        )
        addresses = f"{self.at_domain('sales')}, {self.at_domain('jobs')}"
        with self.mock_mail_gateway(mail_unlink_sent=False):
            message = self.route(self.mail(to=addresses, subject="Your invoice"))
        self.assertEnd(message, "ignored", "forwarded")
        self.assertEqual(message.delivery_ids.rule_id, rule)
        self.assertEqual(
            set(message.delivery_ids.mapped("forward_to")), {"real@mailbox.example"}
        )
        sent = self._new_mails.filtered(
            lambda mail: mail.email_to == "real@mailbox.example"
        )
        self.assertEqual(len(sent), 1)

    def test_a_rule_forwards_to_no_customer(self):
        portal = new_test_user(
            self.env, "outside", groups="base.group_portal", email="x@y.example"
        )
        with self.assertRaisesRegex(ValidationError, "Say where"):
            self.rule(INVOICE, action="forward", forward_user_id=portal.id)

    def test_a_rule_discards(self):
        rule = self.rule(INVOICE, action="discard")
        message = self.invoice()
        self.assertEnd(message, "ignored", "rule_discard")
        self.assertEqual(self.delivery(message).rule_id, rule)

    def test_a_rule_discards_even_an_answer_to_a_document(self):
        partner = self.env["res.partner"].create({"name": "Document"})
        self.rule(INVOICE, action="discard")
        signed = self.router._reply_address(
            "res.partner", partner.id, self.at_domain("sales")
        )
        message = self.route(self.mail(signed, subject="Your invoice"))
        self.assertEnd(message, "ignored", "rule_discard")
        self.assertFalse(
            partner.message_ids.filtered(lambda one: one.message_type == "email")
        )

    def test_a_signed_reply_address_goes_before_where_a_rule_leads(self):
        partner = self.env["res.partner"].create({"name": "Document"})
        self.rule(INVOICE, action="alias", alias_id=self.jobs.id)
        signed = self.router._reply_address(
            "res.partner", partner.id, self.at_domain("sales")
        )
        message = self.route(self.mail(signed, subject="Your invoice"))
        self.assertEqual(self.assertDelivered(message, signed), partner)

    def test_a_rule_goes_before_the_reference(self):
        partner = self.env["res.partner"].create({"name": "Document"})
        sent = partner.message_post(body="Offer", message_type="comment")
        self.rule(INVOICE, action="alias", alias_id=self.jobs.id)
        message = self.invoice(extra=f"In-Reply-To: {sent.message_id}\r\n")
        found = self.assertDelivered(message, self.at_domain("sales"))
        self.assertNotEqual(found, partner)

    def test_a_rule_discards_for_one_recipient_only(self):
        self.rule(("recipient", "starts_with", "jobs@"), action="discard")
        message = self.route(
            self.mail(to=f"{self.at_domain('sales')}, {self.at_domain('jobs')}")
        )
        self.assertEnd(message, "delivered")
        states = {one.recipient: one.state for one in message.delivery_ids}
        self.assertEqual(
            states,
            {self.at_domain("sales"): "delivered", self.at_domain("jobs"): "ignored"},
        )

    def test_a_rule_applies_to_who_is_named_beside_the_recipient(self):
        self.rule(("sender", "contains", "lan@"), action="discard")
        message = self.invoice(
            to=f"{self.at_domain('sales')}, {self.at_domain('jobs')}"
        )
        self.assertEnd(message, "ignored", "rule_discard")

    def test_a_rule_makes_no_recipient_of_who_is_only_named(self):
        self.rule(INVOICE, action="alias", alias_id=self.jobs.id)
        message = self.invoice(cc := "sales", to=self.at_domain("own-mailbox"))
        self.assertEqual(self.delivery(message).recipient, self.at_domain(cc))

    def test_marks_are_set_on_the_message_and_on_the_new_document(self):
        tags = self.env["mail.catchall.tag"].create([{"name": "Bill"}, {"name": "VIP"}])
        known = self.env["res.partner.category"].create({"name": "VIP"})
        rule = self.rule(INVOICE, action="mark", tag_ids=tags.ids, priority="high")
        self.assertFalse(rule.stop)
        message = self.invoice()
        self.assertEqual(message.tag_ids, tags)
        self.assertEqual(self.Message.search([("tag_ids", "=", "Bill")]), message)
        partner = self.assertDelivered(message, self.at_domain("sales"))
        self.assertEqual(set(partner.category_id.mapped("name")), {"Bill", "VIP"})
        self.assertIn(known, partner.category_id)
        self.assertEqual(self.delivery(message).matched_by, "alias")
        self.assertEqual(self.delivery(message).rule_ids, rule)

    def test_marks_join_the_values_that_a_rule_gives(self):
        tag = self.env["mail.catchall.tag"].create({"name": "Bill"})
        categories = self.env["res.partner.category"].create(
            [{"name": "One"}, {"name": "Two"}]
        )
        for number, given in enumerate((categories.ids, [(4, categories[0].id)])):
            with self.subTest(given=given):
                rule = self.rule(
                    INVOICE,
                    action="new",
                    model_id=self.env["ir.model"]._get_id("res.partner"),
                    defaults=repr({"category_id": given}),
                    tag_ids=tag.ids,
                )
                message = self.invoice(message_id=f"<{number}@c.example>")
                partner = self.assertDelivered(message, self.at_domain("sales"))
                self.assertIn("Bill", partner.category_id.mapped("name"))
                self.assertIn(categories[0], partner.category_id)
                rule.unlink()

    def test_the_priority_is_one_of_the_document_types_own(self):
        task = self.env["project.task"]._fields["priority"]
        known = [value for value, _label in task._description_selection(self.env)]
        for word, expected in (("low", 0), ("normal", 1), ("high", -1)):
            rule = self.rule(INVOICE, priority=word)
            self.assertEqual(
                rule._marked("project.task", {}), {"priority": known[expected]}
            )
            self.assertEqual(rule._marked("res.partner", {}), {})

    def test_an_answer_changes_no_document(self):
        partner = self.env["res.partner"].create({"name": "Document"})
        tag = self.env["mail.catchall.tag"].create({"name": "Bill"})
        self.rule(
            INVOICE,
            action="record",
            record=f"res.partner,{partner.id}",
            tag_ids=tag.ids,
        )
        message = self.invoice()
        self.assertEqual(message.tag_ids, tag)
        self.assertFalse(partner.category_id)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRuleOrder(RuleCommon):
    """Several rules, and rules whose target is gone."""

    def setUp(self):
        super().setUp()
        self.tags = self.env["mail.catchall.tag"].create(
            [{"name": "First"}, {"name": "Last"}]
        )

    def test_the_first_destination_counts_and_all_marks(self):
        self.rule(INVOICE, sequence=3, action="mark", tag_ids=self.tags[1].ids)
        self.rule(
            INVOICE, sequence=2, action="alias", alias_id=self.sales.id, stop=False
        )
        self.rule(
            INVOICE,
            sequence=1,
            action="alias",
            alias_id=self.jobs.id,
            stop=False,
            tag_ids=self.tags[0].ids,
        )
        message = self.invoice("unknown-address")
        self.assertEqual(self.delivery(message).alias_id, self.jobs)
        self.assertEqual(message.tag_ids, self.tags)
        self.assertEqual(len(self.delivery(message).rule_ids), 3)

    def test_stop_ends_the_reading(self):
        self.rule(INVOICE, sequence=1, action="mark", stop=True)
        self.rule(INVOICE, sequence=2, action="discard")
        message = self.invoice()
        self.assertEnd(message, "delivered")

    def test_a_destination_stops_unless_the_rule_says_otherwise(self):
        self.assertTrue(self.rule(INVOICE, action="discard").stop)
        self.assertFalse(self.rule(INVOICE, action="discard", stop=False).stop)

    def test_rules_can_be_put_into_another_order(self):
        hold = self.rule(INVOICE, sequence=1, action="hold")
        discard = self.rule(INVOICE, sequence=2, action="discard")
        self.assertEnd(self.invoice(message_id="<1@c.example>"), "held", "rule_hold")
        hold.sequence, discard.sequence = 2, 1
        self.assertEnd(
            self.invoice(message_id="<2@c.example>", body="Again\r\n"),
            "ignored",
            "rule_discard",
        )

    def test_an_archived_rule_and_one_of_another_router_dont_apply(self):
        self.rule(INVOICE, active=False)
        other = self.env["mail.catchall.router"].create(
            {
                "name": "Other",
                "company_id": self.company_2.id,
                "alias_domain_ids": self.mail_alias_domain_c2.ids,
            }
        )
        self.rule(INVOICE, router_id=other.id)
        message = self.invoice()
        self.assertEnd(message, "delivered")
        self.assertFalse(self.delivery(message).rule_ids)

    def test_a_missing_target_holds_the_mail(self):
        partner = self.env["res.partner"].create({"name": "Gone"})
        alias = self._create_alias("leaves-soon")
        nameless = self._create_alias("loses-its-name")
        user = new_test_user(
            self.env, "goes", groups="base.group_user", email="goes@own.example"
        )
        model = self.env["ir.model"]._get_id("res.partner")
        for number, (values, remove) in enumerate(
            (
                (
                    {"action": "record", "record": f"res.partner,{partner.id}"},
                    partner.unlink,
                ),
                ({"action": "alias", "alias_id": alias.id}, alias.unlink),
                (
                    {"action": "alias", "alias_id": nameless.id},
                    lambda: nameless.write({"alias_name": False}),
                ),
                (
                    {"action": "forward", "forward_user_id": user.id},
                    lambda: user.write({"active": False}),
                ),
                ({"action": "new", "model_id": model}, None),
            )
        ):
            with self.subTest(values=values):
                rule = self.rule(INVOICE, name="Old rule", **values)
                if remove:
                    remove()
                else:
                    # What uninstalling the app leaves of the document type.
                    self.env.flush_all()
                    self.env.cr.execute(
                        "UPDATE mail_catchall_rule SET model_id = NULL WHERE id = %s",
                        [rule.id],
                    )
                    self.env.invalidate_all()
                message = self.invoice(
                    message_id=f"<{number}@c.example>", body=f"{number}\r\n"
                )
                self.assertEnd(message, "held", "rule_target")
                self.assertIn("Old rule", message.reason)
                rule.unlink()

    def test_a_document_of_an_app_that_is_gone_holds_the_mail(self):
        rule = self.rule(
            INVOICE, action="record", record=f"res.partner,{self.partner_employee.id}"
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_rule SET model = 'gone.app' WHERE id = %s", [rule.id]
        )
        self.env.invalidate_all()
        self.assertFalse(rule.record)
        self.assertEnd(self.invoice(), "held", "rule_target")

    def test_values_that_no_longer_fit_hold_the_mail(self):
        rule = self.rule(
            INVOICE,
            action="new",
            model_id=self.env["ir.model"]._get_id("res.partner"),
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_rule SET defaults = %s WHERE id = %s",
            ["{'field_of_a_gone_app': 1}", rule.id],
        )
        self.env.invalidate_all()
        self.assertEnd(self.invoice(), "held", "rule_target")

    def test_a_rule_knows_how_often_it_was_used(self):
        rule = self.rule(INVOICE, action="discard")
        self.assertEqual((rule.hit_count, rule.last_hit), (0, False))
        message = self.invoice()
        self.env.invalidate_all()
        self.assertEqual(rule.hit_count, 1)
        self.assertEqual(rule.last_hit, message.delivery_ids.create_date)
        domain = rule.action_open_deliveries()["domain"]
        self.assertEqual(
            self.env["mail.catchall.delivery"].search(domain), message.delivery_ids
        )

    def test_finding_out_what_rules_say_changes_nothing(self):
        self.rule(INVOICE, action="mark", tag_ids=self.tags.ids)
        message = self.journal(
            self.mail(self.at_domain("sales"), subject="Your invoice")
        )
        mail = message._read_mail()
        self.env.flush_all()
        with self.assertQueryCount(0):
            ruling = mail.ruling(self.at_domain("sales"))
            self.env.flush_all()
        self.assertTrue(ruling.hits)
        self.assertFalse(message.trace)

    def test_many_rules_are_read_at_once(self):
        for _number in range(20):
            self.rule(("subject", "contains", "no such word"))
        message = self.journal(self.mail(self.at_domain("sales")))
        self.env.flush_all()
        self.env.invalidate_all()
        message.router_id._own_domains()
        with self.assertQueryCount(4):
            mail_rules = message.router_id._find_rules()
            mail_rules._asked_fields()
            mail_rules.mapped("condition_ids.value")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRuleForm(RuleCommon):
    """Who writes rules, and what he is told before he saves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.router.company_id
        cls.reader = new_test_user(
            cls.env, "reader", groups=USER_GROUP, company_id=company.id
        )
        cls.manager = new_test_user(
            cls.env, "manager", groups=MANAGER_GROUP, company_id=company.id
        )

    def manage(self, rule=None):
        rules = self.env["mail.catchall.rule"].with_user(self.manager)
        return rules.browse(rule.id) if rule else rules

    def test_an_unsaved_rule_says_what_it_would_have_matched(self):
        for number, subject in enumerate(("Your invoice", "Invoice 7", "Hello")):
            self.journal(
                self.mail(
                    self.at_domain("sales"),
                    subject=subject,
                    message_id=f"<{number}@c.example>",
                )
            )
        form = Form(self.manage())
        form.name = "Invoices"
        self.assertIn("Add a condition", form.trial_result)
        with form.condition_ids.new() as condition:
            condition.field = "subject"
            condition.operator = "contains"
            condition.value = "invoice"
        self.assertEqual(form.trial_result, "2 of 3 matched")
        self.assertEqual(
            {message.subject for message in form.trial_message_ids},
            {"Your invoice", "Invoice 7"},
        )
        with form.condition_ids.edit(0) as condition:
            condition.operator = "matches"
            condition.value = "("
        self.assertIn("bracket is not closed", form.trial_result)
        self.assertFalse(self.manage().search([("name", "=", "Invoices")]))

    def test_the_trial_knows_recipients_sizes_and_attachments(self):
        message = self.invoice()
        self.invoice("jobs", message_id="<2@c.example>", body="x" * 2000)
        for condition, expected in (
            (("recipient", "starts_with", "sales@"), 1),
            (("recipient", "contains", self.domain), 2),
            (("size", "greater_than", "1 KB"), 1),
            (("attachment_type", "is_not_set", ""), 2),
        ):
            with self.subTest(condition=condition):
                rule = self.rule(condition)
                self.assertIn(f"{expected} of 2 matched", rule.trial_result)
                rule.unlink()
        self.assertTrue(message)

    def test_the_trial_shows_no_mail_of_another_company(self):
        other = self.env["mail.catchall.router"].create(
            {
                "name": "Other",
                "company_id": self.company_2.id,
                "alias_domain_ids": self.mail_alias_domain_c2.ids,
            }
        )
        self.Message._journal(
            other, [{"raw": self.mail(self.at_domain("sales"), subject="Secret")}]
        )
        rule = self.manage().new(
            {
                "router_id": other.id,
                "condition_ids": [
                    Command.create(
                        {"field": "subject", "operator": "contains", "value": "Secret"}
                    )
                ],
            }
        )
        looked_at, matched = rule._find_matched()
        self.assertEqual((looked_at, matched), (0, []))

    def test_only_administrators_write_rules(self):
        rule = self.rule(INVOICE)
        self.assertEqual(rule.with_user(self.reader).name, "Rule")
        for change in (
            lambda: rule.with_user(self.reader).write({"name": "x"}),
            lambda: rule.condition_ids.with_user(self.reader).write({"value": "x"}),
            lambda: rule.with_user(self.reader).unlink(),
        ):
            with self.assertRaises(AccessError):
                change()
        self.manage(rule).name = "Mine"
        self.assertEqual(rule.name, "Mine")

    def test_rules_of_other_companies_are_out_of_sight(self):
        rule = self.rule(INVOICE)
        stranger = new_test_user(
            self.env, "stranger", groups=MANAGER_GROUP, company_id=self.company_2.id
        )
        for records in (rule, rule.condition_ids):
            theirs = records.with_user(stranger)
            self.assertFalse(theirs.search([("id", "in", records.ids)]))
            with self.assertRaises(AccessError):
                theirs.write({"sequence": 1})

    def test_a_rule_must_lead_somewhere(self):
        for action in ("alias", "new", "record", "forward"):
            with (
                self.subTest(action=action),
                self.assertRaisesRegex(ValidationError, "Say where"),
            ):
                self.rule(INVOICE, action=action)

    def test_wrong_values_of_a_document_are_refused_with_a_sentence(self):
        model = self.env["ir.model"]._get_id("res.partner")
        for defaults, sentence in (
            ("{'name': ", "not a Python dictionary"),
            ("['name']", "not a Python dictionary"),
            ("{1: 2}", "not a Python dictionary"),
            ("__import__('os')", "not a Python dictionary"),
            ("{'colour': 1}", "no field “colour”"),
        ):
            with (
                self.subTest(defaults=defaults),
                self.assertRaisesRegex(ValidationError, sentence),
            ):
                self.rule(INVOICE, action="new", model_id=model, defaults=defaults)
        with self.assertRaisesRegex(ValidationError, "cannot be created from email"):
            self.rule(
                INVOICE, action="new", model_id=self.env["ir.model"]._get_id("res.lang")
            )

    def test_nobody_makes_by_mail_what_he_may_not_make_himself(self):
        values = {
            "name": "Rule",
            "router_id": self.router.id,
            "condition_ids": [
                Command.create({"field": "subject", "value": "x", "operator": "equals"})
            ],
        }
        model = self.env["ir.model"]._get_id("mail.blacklist")
        blocked = self.env["mail.blacklist"].create({"email": "a@b.example"})
        with self.assertRaisesRegex(ValidationError, "You may not create"):
            self.manage().create({**values, "action": "new", "model_id": model})
        with self.assertRaises(AccessError):
            self.manage().create(
                {
                    **values,
                    "action": "record",
                    "model": "mail.blacklist",
                    "res_id": blocked.id,
                }
            )
