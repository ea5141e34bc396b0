import email
import email.policy

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.answer.message_acknowledge import MOST_A_DAY
from .test_message_answer import AnswerCommon

LOGGER = "odoo.addons.mail_catchall_router.models.answer.message_acknowledge"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAcknowledge(AnswerCommon):
    """Who writes a new mail to an alias is told once that it arrived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Thank you",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "We have got: {{ object.name }}",
                "body_html": "<p>Thank you for <t t-out='object.name'/>.</p>",
                "email_from": "somebody@elsewhere.example",
                "auto_delete": True,
            }
        )
        cls.inbox = cls._create_alias(
            "inbox.case", catchall_acknowledge_template_id=cls.template.id
        )
        cls._create_alias("post.case", catchall_acknowledge_template_id=cls.template.id)

    def arrive(self, local_part="inbox.case", number=1, **values):
        """Route a proven mail of the customer; return (message, document)."""
        values.setdefault("message_id", f"<{number}@customer.example>")
        values.setdefault("subject", f"Question {number}")
        message = self.route(self.proven(local_part, **values))
        return message, self.assertDelivered(message, self.at_domain(local_part))

    def acknowledgements(self, document=None):
        """Return the queued acknowledgements, of one document or of all."""
        domain = [("message_type", "=", "auto_comment")]
        if document is not None:
            domain += [("model", "=", document._name), ("res_id", "=", document.id)]
        return self.env["mail.mail"].search(domain)

    def assertNot(self, raw, *words):
        """Check that a mail is delivered, not acknowledged, and that it says why."""
        before = self.acknowledgements()
        message = self.route(raw)
        self.assertEnd(message, "delivered")
        self.assertEqual(self.acknowledgements(), before)
        for word in words:
            self.assertIn(word, message.why)

    def sent(self, mail):
        """Send a queued mail; return (envelope sender, the mail)."""
        with self.mock_smtplib_connection():
            mail.send()
        ((sent,),) = (self.emails,)
        return sent, email.message_from_string(
            sent["message"], policy=email.policy.default
        )

    def test_people_read_the_company_s_name_and_servers_its_encoded_form(self):
        self.env.company.name = "Tên Miền"
        _message, document = self.arrive()
        mail = self.acknowledgements(document)
        shown = f'"Tên Miền" <{self.at_domain("inbox.case")}>'
        self.assertEqual(mail.email_from, shown)
        with self.mock_smtplib_connection():
            mail.send()
        ((sent,),) = (self.emails,)
        [line] = [
            one for one in sent["message"].splitlines() if one.startswith("From:")
        ]
        self.assertTrue(line.isascii(), line)
        letter = email.message_from_string(sent["message"], policy=email.policy.default)
        self.assertEqual(letter["From"].addresses[0].display_name, "Tên Miền")

    def test_a_new_mail_is_acknowledged_from_the_alias_and_on_the_document(self):
        message, document = self.arrive()
        mail = self.acknowledgements(document)
        on_document = mail.mail_message_id
        sent, letter = self.sent(mail)
        self.assertEqual(sent["smtp_from"], "")
        self.assertEqual(sent["smtp_to_list"], ["lan@customer.example"])
        self.assertEqual(letter["Subject"], "We have got: Question 1")
        self.assertEqual(
            letter["From"].addresses[0].addr_spec, self.at_domain("inbox.case")
        )
        self.assertEqual(letter["Auto-Submitted"], "auto-replied")
        self.assertEqual(letter["In-Reply-To"], "<1@customer.example>")
        found = self.router._find_signed_document(
            letter["Reply-To"].addresses[0].addr_spec
        )
        self.assertEqual(found, ("res.partner", document.id))
        self.assertIn("was sent an automatic answer", message.why)
        self.assertFalse(mail.exists())
        self.assertIn(on_document, document.message_ids)
        self.assertIn("Thank you for", on_document.body)
        notification = on_document.notification_ids
        self.assertEqual(notification.mail_email_address, "lan@customer.example")
        self.assertEqual(notification.notification_status, "sent")

    def test_an_answer_to_the_acknowledgement_lands_on_the_document_unanswered(self):
        _message, document = self.arrive()
        mail = self.acknowledgements(document)
        references = f"References: {mail.message_id}\r\n"
        message = self.route(
            self.proven("inbox.case", message_id="<2@x.example>", extra=references)
        )
        self.assertEqual(
            self.assertDelivered(message, self.at_domain("inbox.case")), document
        )
        self.assertEqual(self.acknowledgements(), mail)

    def test_one_conversation_gets_one_acknowledgement(self):
        _message, document = self.arrive()
        references = "References: <1@customer.example>\r\n"
        document.message_ids.unlink()
        self.assertNot(
            self.proven("post.case", message_id="<2@x.example>", extra=references),
            "continues a conversation",
        )

    def test_another_conversation_gets_its_own(self):
        for number in (1, 2):
            self.arrive(number=number)
        self.assertEqual(len(self.acknowledgements()), 2)

    def test_two_aliases_in_one_mail_acknowledge_once(self):
        both = f"{self.at_domain('inbox.case')}, {self.at_domain('post.case')}"
        message = self.route(self.proven("inbox.case", to=both))
        self.assertEqual(len(message.delivery_ids), 2)
        self.assertEqual(len(self.acknowledgements()), 1)

    def test_machines_that_begin_a_conversation_each_time_come_to_an_end(self):
        for number in range(MOST_A_DAY):
            self.arrive(number=number)
        self.assertEqual(len(self.acknowledgements()), MOST_A_DAY)
        self.assertNot(
            self.proven("inbox.case", message_id="<more@customer.example>"),
            "limit of acknowledgements",
        )

    def test_what_no_machine_may_answer_is_not_acknowledged(self):
        for number, (words, values) in enumerate(
            (
                ("a program wrote", {"extra": "Auto-Submitted: auto-replied\r\n"}),
                ("a program wrote", {"extra": "Precedence: bulk\r\n"}),
                ("a program wrote", {"extra": "List-Id: <l.customer.example>\r\n"}),
                ("neither in To nor in Cc", {"to": "lan@elsewhere.example"}),
                ("sender is forged", {"verdict": "fail"}),
            )
        ):
            with self.subTest(**values):
                self.router.auto_reply_policy = "held"
                raw = self.proven("inbox.case", message_id=f"<{number}@x>", **values)
                before = self.acknowledgements()
                message = self.route(raw)
                self.assertEqual(self.acknowledgements(), before)
                if message.state == "delivered":
                    self.assertIn(words, message.why)

    def test_a_stranger_is_acknowledged_where_the_provider_judges_nobody(self):
        self.route(self.mail(self.at_domain("inbox.case")))
        self.assertTrue(self.acknowledgements())

    def test_a_forged_sender_is_not_acknowledged(self):
        verdict = f"Authentication-Results: mx.{self.domain}; dmarc=fail\r\n".encode()
        message = self.route(verdict + self.mail(self.at_domain("inbox.case")))
        self.assertFalse(self.acknowledgements(), message.trace)

    def test_the_hourly_budget_counts(self):
        self.router.answers_per_hour = 0
        self.assertNot(self.proven("inbox.case"), "limit of answers per hour")

    def test_what_a_person_has_released_is_not_acknowledged(self):
        message = self.journal(self.proven("inbox.case"))
        message.released = True
        message._route()
        self.assertEnd(message, "delivered")
        self.assertFalse(self.acknowledgements())
        self.assertIn("a person has decided", message.why)

    def test_a_trial_acknowledges_nothing_and_says_that_it_would(self):
        raw = self.proven("inbox.case")
        trial = self.Message._try_out(self.router, raw)
        self.assertEqual(trial.state, "delivered")
        steps = [(step["step"], step["code"]) for step in trial.trace]
        self.assertIn(("answer", "would_send"), steps)
        self.assertFalse(self.acknowledgements())
        self.assertFalse(self.env["mail.catchall.answer"].search([]))

    @mute_logger(LOGGER, "odoo.addons.mail.models.mail_render_mixin")
    def test_a_template_with_an_error_costs_nobody_the_mail(self):
        # Core tries a template out on one record only, which has no such name.
        self.template.body_html = (
            "<p><t t-out='1 / (0 if object.name == \"Question 1\" else 1)'/></p>"
        )
        message, document = self.arrive()
        self.assertEnd(message, "delivered")
        self.assertFalse(self.acknowledgements(document))
        self.assertIn("has an error", message.why)

    def test_an_archived_template_acknowledges_nothing(self):
        self.template.active = False
        self.arrive()
        self.assertFalse(self.acknowledgements())

    def test_a_template_for_other_documents_is_refused(self):
        template = self.template.copy(
            {"model_id": self.env["ir.model"]._get_id("res.users")}
        )
        with self.assertRaises(ValidationError):
            self.inbox.catchall_acknowledge_template_id = template

    def test_the_template_cannot_send_it_to_others(self):
        self.template.write(
            {
                "use_default_to": False,
                "email_to": "victim@bank.example",
                "email_cc": "victim2@bank.example",
                "partner_to": str(self.user_employee.partner_id.id),
            }
        )
        _message, document = self.arrive()
        sent, _letter = self.sent(self.acknowledgements(document))
        self.assertEqual(sent["smtp_to_list"], ["lan@customer.example"])
