from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..answer.test_message_answer import AnswerCommon
from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUnknownPolicy(RouterCommon):
    """The router says what becomes of mail for unknown addresses."""

    def unknown(self, *names, **values):
        to = ", ".join(map(self.at_domain, names or ("nobody-here",)))
        return self.route(self.mail(to=to, **values))

    def queued(self):
        return self.env["mail.mail"].search([("reply_to", "ilike", "lan@customer")])

    def test_it_is_held_unless_a_person_says_otherwise(self):
        self.assertEnd(self.unknown(), "held", "unknown_recipient")

    def test_it_may_be_discarded(self):
        self.router.unknown_policy = "discard"
        message = self.unknown()
        self.assertEnd(message, "ignored", "unknown_discarded")
        self.assertIn(self.at_domain("nobody-here"), message.why)

    def test_it_may_be_forwarded_to_a_person(self):
        self.user_employee.email = "erna@elsewhere.example"
        self.router.write(
            {"unknown_policy": "forward", "forward_user_id": self.user_employee.id}
        )
        message = self.unknown()
        self.assertEnd(message, "ignored", "forwarded")
        self.assertEqual(message.delivery_ids.matched_by, "fallback")
        self.assertEqual(self.queued().email_to, "erna@elsewhere.example")

    def test_it_may_make_one_document_however_many_addresses_are_unknown(self):
        self.router.write(
            {
                "unknown_policy": "fallback",
                "fallback_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        message = self.unknown("nobody-here", "nobody-there")
        self.assertEnd(message, "delivered")
        partner = self.assertDelivered(message, self.at_domain("nobody-here"))
        other = self.assertDelivered(message, self.at_domain("nobody-there"))
        self.assertEqual(partner, other)
        notes = " ".join(partner.message_ids.mapped("body"))
        self.assertIn("which does not exist", notes)

    def test_it_may_be_added_to_a_document(self):
        partner = self.env["res.partner"].create({"name": "Lost and found"})
        self.router.write(
            {
                "unknown_policy": "fallback",
                "fallback_record": f"res.partner,{partner.id}",
            }
        )
        message = self.unknown()
        self.assertEnd(message, "delivered")
        self.assertDelivered(message, self.at_domain("nobody-here"))
        self.assertIn("Hello", " ".join(partner.message_ids.mapped("body")))
        partner.unlink()
        again = self.unknown(message_id="<2@customer.example>")
        self.assertEqual(again.state, "held")

    def test_what_the_policy_names_and_is_gone_leaves_the_mail_held(self):
        self.router.write(
            {"unknown_policy": "forward", "forward_user_id": self.user_employee.id}
        )
        self.user_employee.email = False
        self.assertEnd(self.unknown(), "held", "unknown_recipient")

    def test_a_known_address_beside_it_is_served(self):
        self.router.unknown_policy = "discard"
        message = self.unknown("nobody-here", "sales")
        self.assertEnd(message, "delivered")
        self.assertDelivered(message, self.at_domain("sales"))

    def test_a_near_miss_comes_before_the_policy(self):
        self.router.unknown_policy = "discard"
        self._create_alias("myname")
        message = self.unknown("miname")
        self.assertEnd(message, "delivered")

    def test_the_address_of_a_user_is_not_unknown(self):
        self.router.unknown_policy = "discard"
        self.user_employee.email = self.at_domain("erna")
        message = self.route(self.mail(self.at_domain("erna")))
        self.assertEnd(message, "held", "unknown_recipient")

    def test_a_policy_needs_what_it_names(self):
        for policy in ("forward", "fallback"):
            with self.subTest(policy=policy), self.assertRaises(ValidationError):
                self.router.unknown_policy = policy

    def test_the_form_asks_for_what_the_policy_needs(self):
        with Form(self.router) as form:
            form.unknown_policy = "forward"
            form.forward_user_id = self.user_employee
        self.assertEqual(self.router.forward_user_id, self.user_employee)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTellSender(AnswerCommon):
    """The sender learns that the address does not exist."""

    def setUp(self):
        super().setUp()
        self.router.unknown_policy = "tell"

    def told(self):
        return self.env["mail.mail"].search([("email_to", "=", "lan@customer.example")])

    def test_a_proven_sender_is_told_with_what_may_be_meant(self):
        for name in ("myname", "mynamo"):
            self._create_alias(name)
        message = self.route(self.proven("mynam", subject="A <b>question</b>"))
        self.assertEnd(message, "ignored", "told")
        (answer,) = self.told()
        self.assertEqual(answer.subject, "Unknown address: A <b>question</b>")
        for name in ("mynam", "myname", "mynamo"):
            self.assertIn(self.at_domain(name), answer.body_html)
        self.assertIn("&lt;b&gt;question", answer.body_html)

    def test_who_may_not_be_told_has_the_mail_held(self):
        message = self.route(self.mail(self.at_domain("nobody-here")))
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertFalse(self.told())
        self.assertIn("nothing proves who the sender is", message.why)

    def test_a_second_mail_of_the_day_is_held_and_not_answered(self):
        self.route(self.proven("nobody-here"))
        second = self.proven("nobody-there", message_id="<2@customer.example>")
        self.assertEnd(self.route(second), "held", "unknown_recipient")
        self.assertEqual(len(self.told()), 1)

    def test_several_unknown_addresses_make_one_answer(self):
        to = ", ".join(map(self.at_domain, ("nobody-here", "nobody-there")))
        raw = self.results("pass", "customer.example").encode() + self.mail(to=to)
        message = self.route(raw)
        self.assertEnd(message, "ignored", "told")
        (answer,) = self.told()
        for name in ("nobody-here", "nobody-there"):
            self.assertIn(self.at_domain(name), answer.body_html)

    def test_a_contact_is_told_in_the_own_language(self):
        self._activate_multi_lang()
        partner = self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example", "lang": "es_ES"}
        )
        message = self.route(self.proven("nobody-here"))
        self.assertEqual(message._language_of(message.sender), partner.lang)
        self.assertIsNone(message._language_of("stranger@customer.example"))
        self.assertIsNone(message._language_of(False))

    def test_a_trial_tells_nobody_and_says_what_would_happen(self):
        trial = self.Message._try_out(self.router, self.proven("nobody-here"))
        self.assertEqual((trial.state, trial.reason_code), ("ignored", "told"))
        self.assertFalse(self.told())
        self.assertFalse(self.env["mail.catchall.answer"].search([]))

    def test_a_trial_forwards_nothing(self):
        self.user_employee.email = "erna@elsewhere.example"
        self.router.write(
            {"unknown_policy": "forward", "forward_user_id": self.user_employee.id}
        )
        trial = self.Message._try_out(self.router, self.proven("nobody-here"))
        self.assertEqual((trial.state, trial.reason_code), ("ignored", "forwarded"))
        self.assertFalse(
            self.env["mail.mail"].search([("reply_to", "ilike", "lan@customer")])
        )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTellMeant(AnswerCommon):
    """The sender learns which address stood in for the mistyped one."""

    def setUp(self):
        super().setUp()
        self.router.guess_policy = "tell"
        self.user_employee.email = self.at_domain("thuyduong")
        self.alias = self._create_alias("myname")

    def told(self):
        return self.env["mail.mail"].search([("email_to", "=", "lan@customer.example")])

    def test_a_mail_forwarded_to_the_one_user_is_told_of(self):
        message = self.route(self.proven("thuyduon", subject="A <b>question</b>"))
        self.assertEnd(message, "ignored", "forwarded")
        self.assertEqual(message.shown_state, "Forwarded")
        (answer,) = self.told()
        self.assertEqual(answer.subject, "Mistyped address: A <b>question</b>")
        for name in ("thuyduon", "thuyduong"):
            self.assertIn(self.at_domain(name), answer.body_html)
        self.assertIn("&lt;b&gt;question", answer.body_html)
        self.assertIn("was sent an automatic answer", message.why)
        self.assertIn("the sender was told that it does not exist", message.why)

    def test_a_mail_on_a_document_is_told_of_once_a_day(self):
        for number in (1, 2):
            raw = self.proven("miname", message_id=f"<{number}@customer.example>")
            message = self.route(raw)
            self.assertEnd(message, "delivered")
        (answer,) = self.told()
        self.assertIn(self.at_domain("myname"), answer.body_html)
        self.assertIn("already got one today", message.why)

    def test_several_mistyped_addresses_make_one_answer(self):
        to = ", ".join(map(self.at_domain, ("thuyduon", "miname", "nobody-here")))
        self.route(self.results("pass", "customer.example").encode() + self.mail(to=to))
        (answer,) = self.told()
        for name in ("thuyduong", "myname"):
            self.assertIn(self.at_domain(name), answer.body_html)
        self.assertNotIn("nobody-here", answer.body_html)

    def test_who_may_not_be_told_has_the_mail_forwarded_all_the_same(self):
        automatic = self.proven(
            "thuyduon",
            message_id="<2@customer.example>",
            extra="Auto-Submitted: auto-generated\r\n",
        )
        for raw, why in (
            (self.mail(self.at_domain("thuyduon")), "nothing proves who the sender is"),
            (automatic, "a program wrote the email"),
        ):
            with self.subTest(why=why):
                message = self.route(raw)
                self.assertEnd(message, "ignored", "forwarded")
                self.assertIn(why, message.why)
                self.assertFalse(self.told())

    def test_nobody_is_told_what_the_router_does_not_want_or_did_not_do(self):
        self.alias.alias_contact = "followers"
        self.assertEnd(self.route(self.proven("miname")), "held", "alias_contact")
        self.router.guess_policy = "deliver"
        raw = self.proven("thuyduon", message_id="<2@customer.example>")
        self.assertEnd(self.route(raw), "ignored", "forwarded")
        self.assertFalse(self.told())

    def test_who_gets_another_answer_is_told_no_second_thing(self):
        self.router.unknown_policy = "tell"
        to = ", ".join(map(self.at_domain, ("thuyduon", "nobody-here")))
        self.route(self.results("pass", "customer.example").encode() + self.mail(to=to))
        (answer,) = self.told()
        self.assertIn(self.at_domain("nobody-here"), answer.body_html)

    def test_a_trial_tells_nobody_and_says_that_it_would(self):
        trial = self.Message._try_out(self.router, self.proven("thuyduon"))
        self.assertEqual((trial.state, trial.reason_code), ("ignored", "forwarded"))
        codes = [(step["step"], step["code"]) for step in trial.trace]
        self.assertIn(("answer", "would_send"), codes)
        self.assertFalse(self.told())
