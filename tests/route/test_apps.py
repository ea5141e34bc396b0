from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import email_normalize, file_open

from ..common import RouterCommon
from .test_mail_catchall_rule import RuleCommon

BILL = (
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
    b"--x\r\nContent-Type: image/png\r\n"
    b'Content-Disposition: attachment; filename="bill.png"\r\n\r\npicture\r\n--x--\r\n'
)


class AppsCommon(RuleCommon):
    """A journal and a group that get mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journal = cls.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", cls.env.company.id)]
        )
        journal = journal[:1] or cls.env["account.journal"].create(
            {"name": "Bills", "type": "purchase", "code": "BILLX"}
        )
        journal.write(
            {"alias_name": "bills", "alias_domain_id": cls.mail_alias_domain.id}
        )
        cls.purchases, cls.bills = journal, journal.alias_id
        cls.group = cls.env["mail.group"].create(
            {
                "name": "Club",
                "access_mode": "public",
                "alias_name": "club",
                "alias_domain_id": cls.mail_alias_domain.id,
            }
        )

    def answers(self):
        return self.env["mail.mail"].search([("email_to", "ilike", "lan@")])

    def with_bill(self, address):
        head = self.mail(original=self.at_domain(address)).partition(b"MIME-Version")[0]
        return head + BILL


# Needs the apps of "dev/test apps".
@tagged("catchall_apps", "-standard", "post_install", "-at_install")
class TestApps(AppsCommon):
    """Each app keeps its gate, and says itself why it takes a mail or not."""

    def lead(self, message, alias):
        """Let a person choose an alias for what is held."""
        message._reopen()
        message._direct(
            {
                "matched_by": "person",
                "reason_code": False,
                "state": "pending",
                "forward_to": False,
                "alias_id": alias.id,
                "model": False,
                "res_id": False,
            }
        )
        message._route()

    # ------------------------------------------------------------
    # GATES
    # ------------------------------------------------------------

    def test_a_bill_without_an_attachment_is_refused_in_the_apps_words(self):
        known = self.env["account.move"].search([])
        message = self.route(self.mail(original=self.at_domain("bills")))
        self.assertEnd(message, "held", "app_refused")
        self.assertIn("needs an attachment", message.reason)
        self.assertNotIn("discarded", " ".join(self.answers().mapped("body_html")))
        self.assertEqual(self.env["account.move"].search([]), known)

    def test_a_bill_with_an_attachment_is_made(self):
        message = self.route(self.with_bill("bills"))
        self.assertEnd(message, "delivered")
        bill = self.assertDelivered(message, self.at_domain("bills"), "account.move")
        self.assertEqual(bill.move_type, "in_invoice")

    def test_a_test_mail_brings_a_bill_its_file(self):
        [(name, content, kind)] = self.bills._catchall_test_files()
        self.assertEqual(
            (name, content[:4], kind), ("Test.pdf", b"%PDF", "application/pdf")
        )
        self.assertFalse(self.sales._catchall_test_files())

    def test_a_test_mail_asks_before_it_reaches_a_group(self):
        self.assertFalse(self.group.alias_id._catchall_test_question())
        self.group._join_group("lan@customer.example")
        self.assertIn("“Club”", self.group.alias_id._catchall_test_question())

    def test_an_answer_on_a_bill_needs_none(self):
        message = self.route(self.with_bill("bills"))
        bill = self.assertDelivered(message, self.at_domain("bills"), "account.move")
        again = self.mail(
            original=self.at_domain("bills"),
            message_id="<second@customer.example>",
            extra=f"In-Reply-To: {message.message_id}\r\n",
        )
        message = self.route(again)
        self.assertEnd(message, "delivered")
        self.assertEqual(message.delivery_ids.res_id, bill.id)

    def test_a_rule_makes_no_empty_bill(self):
        known = self.env["account.move"].search([])
        self.rule(
            ("subject", "contains", "question"),
            action="new",
            model_id=self.env["ir.model"]._get_id("account.move"),
            defaults=repr({"move_type": "in_invoice", "journal_id": self.purchases.id}),
        )
        message = self.route(self.mail(original=self.at_domain("sales")))
        self.assertEnd(message, "held", "app_refused")
        self.assertEqual(self.env["account.move"].search([]), known)

    def test_nobody_leads_a_mail_into_a_closed_group(self):
        self.group.is_closed = True
        message = self.route(self.mail(original=self.at_domain("club")))
        self.assertEnd(message, "held", "app_refused")
        self.assertIn("has been closed, and will not accept", message.reason)
        for word in ("Hello", "Regards", ".."):
            self.assertNotIn(word, message.reason)
        self.lead(message, self.group.alias_id)
        self.assertEnd(message, "held", "app_refused")
        self.assertFalse(self.group.mail_group_message_ids)

    def test_a_group_of_members_says_so_in_its_own_words(self):
        self.group.access_mode = "members"
        message = self.route(self.mail(original=self.at_domain("club")))
        self.assertEnd(message, "held", "app_refused")
        said = "this email: Only members can send email to the mailing list."
        self.assertTrue(message.reason.endswith(said), message.reason)

    def test_a_person_leads_no_empty_bill_in(self):
        message = self.route(self.mail(original=self.at_domain("nobody-at-all")))
        self.assertEqual(message.state, "held")
        self.lead(message, self.bills)
        self.assertEnd(message, "held", "app_refused")

    # ------------------------------------------------------------
    # WHAT CAN BE MADE
    # ------------------------------------------------------------

    def test_an_order_gets_its_customer_from_the_mail(self):
        self.rule(
            ("subject", "contains", "question"),
            action="new",
            model_id=self.env["ir.model"]._get_id("sale.order"),
        )
        message = self.route(self.mail(original=self.at_domain("sales")))
        self.assertEnd(message, "delivered")
        order = self.assertDelivered(message, self.at_domain("sales"), "sale.order")
        self.assertEqual(order.partner_id.email_normalized, "lan@customer.example")

    def test_what_needs_more_is_refused_when_the_rule_is_written(self):
        known = self.env["event.registration"].search([])
        with self.assertRaises(ValidationError) as found:
            self.rule(
                ("subject", "contains", "question"),
                action="new",
                model_id=self.env["ir.model"]._get_id("event.registration"),
            )
        self.assertIn("cannot be created", str(found.exception))
        self.assertEqual(self.env["event.registration"].search([]), known)


# Needs the apps of "dev/test apps". For what commits see dev/bills.
@tagged("catchall_apps", "-standard", "post_install", "-at_install")
class TestBills(AppsCommon):
    """The import of an e-invoice commits before it begins: what it does not come to is
    done when the mail is tried again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        expenses = cls.env["account.account"].create(
            {"name": "Expenses", "code": "X600", "account_type": "expense"}
        )
        cls.purchases.default_account_id = expenses
        cls.copies = "copies@customer.example"
        cls.purchases.incoming_einvoice_notification_email = cls.copies
        cls.Move = type(cls.env["account.move"])

    def e_invoice(self):
        with file_open("mail_catchall_router/tests/bill.xml") as stream:
            xml = stream.read()
        currency = self.env.company.currency_id.name
        xml = xml.format(name="BILL-1", amount="70.00", currency=currency)
        head, _mime, rest = self.with_bill("bills").partition(b"MIME-Version")
        kind = rest.replace(b"image/png", b"text/xml").replace(b"bill.png", b"bill.xml")
        return head + b"MIME-Version" + kind.replace(b"picture", xml.encode())

    def all_bills(self):
        return self.env["account.move"].search([("journal_id", "=", self.purchases.id)])

    def copies_of(self, bill):
        return self.env["mail.mail"].search(
            [("email_to", "=", self.copies), ("res_id", "=", bill.id)]
        )

    def try_again(self, message):
        """Try a mail whose worker died before the end, and after a commit."""
        message.delivery_ids.write({"state": "pending", "model": False, "res_id": 0})
        message.write({"state": "received", "attempt_count": 1})
        message._route()

    def assertBill(self, message):
        self.assertEnd(message, "delivered")
        bill = self.assertDelivered(message, self.at_domain("bills"), "account.move")
        self.assertEqual(self.all_bills(), bill)
        self.assertEqual(bill.ref, "BILL-1")
        self.assertEqual(bill.amount_untaxed, 70)
        self.assertEqual(len(self.copies_of(bill)), 1)

    def test_an_e_invoice_is_imported_and_copied(self):
        self.assertBill(self.route(self.e_invoice()))

    def test_a_bill_that_was_not_imported_is(self):
        with patch.object(self.Move, "_extend_with_attachments"):
            message = self.route(self.e_invoice())
        self.assertFalse(self.all_bills().invoice_line_ids)
        self.try_again(message)
        self.assertBill(message)

    def test_a_bill_that_was_not_copied_is(self):
        journal = type(self.purchases)
        with patch.object(journal, "_notify_invoice_subscribers"):
            message = self.route(self.e_invoice())
        self.assertFalse(self.copies_of(self.all_bills()))
        self.try_again(message)
        self.assertBill(message)

    def test_a_bill_without_its_mail_gets_it_and_is_imported(self):
        """An app has committed in message_new, and its process has died."""
        message = self.journal(self.e_invoice())
        with (
            patch.object(self.Move, "message_post", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            message._route_mail(message._begin()[message])
        self.assertEqual(message.delivery_ids.made_id, self.all_bills().id)
        self.try_again(message)
        self.assertBill(message)

    def test_what_is_imported_is_left_alone(self):
        message = self.route(self.e_invoice())
        for _time in range(2):
            self.try_again(message)
            self.assertBill(message)

    def test_a_picture_is_not_imported_again_and_again(self):
        message = self.route(self.with_bill("bills"))
        posts = len(self.all_bills().message_ids)
        self.try_again(message)
        self.assertEqual(len(self.all_bills().message_ids), posts)


# Needs the apps of "dev/test apps".
@tagged("catchall_apps", "-standard", "post_install", "-at_install")
class TestReplies(RouterCommon):
    """What customers answer to surveys, certificates and tickets finds its document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.alias_domain_id = cls.mail_alias_domain
        cls.customer = cls.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example"}
        )
        cls.survey = cls.env["survey.survey"].create(
            {
                "title": "How are we?",
                "access_mode": "public",
                "question_and_page_ids": [(0, 0, {"title": "Well?"})],
            }
        )

    def assertAnswered(self, mail, document):
        """Route the answer to a mail; it has to come to this document."""
        mail._catchall_complete_reply_to()
        address = email_normalize(mail.reply_to)
        answer = self.mail(original=address, message_id="<answer@customer.example>")
        message = self.route(answer)
        self.assertEnd(message, "delivered")
        found = message.delivery_ids
        self.assertEqual((found.model, found.res_id), (document._name, document.id))

    def newest(self):
        return self.env["mail.mail"].search([], order="id desc", limit=1)

    def test_an_invitation_to_a_survey(self):
        action = self.survey.action_send_survey()
        wizard = self.env["survey.invite"].with_context(**action["context"])
        wizard = wizard.create({"partner_ids": [(6, 0, self.customer.ids)]})
        wizard.action_invite()
        [person] = self.survey.user_input_ids
        self.assertAnswered(self.newest(), person)

    def test_a_certificate(self):
        person = self.survey._create_answer(partner=self.customer)
        template = self.env.ref("survey.mail_template_certification")
        template.report_template_ids = False
        mail = self.env["mail.mail"].browse(template.send_mail(person.id))
        self.assertAnswered(mail, person)

    def test_a_ticket(self):
        event = self.env["event.event"].create(
            {
                "name": "Open Day",
                "date_begin": "2026-12-01 08:00:00",
                "date_end": "2026-12-01 18:00:00",
            }
        )
        ticket = self.env["event.registration"].create(
            {"event_id": event.id, "partner_id": self.customer.id}
        )
        template = self.env.ref("event.event_subscription")
        template.report_template_ids = False
        mail = self.env["mail.mail"].browse(template.send_mail(ticket.id))
        self.assertAnswered(mail, ticket)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestGate(RouterCommon):
    """What cannot be made of a mail is found by trying, without a trace."""

    def test_trying_leaves_nothing(self):
        partners = self.env["res.partner"].search([])
        thread = self.env["mail.thread"]
        self.assertEqual(thread._catchall_creation_error("res.partner", {}), "")
        self.assertEqual(self.env["res.partner"].search([]), partners)

    def test_what_cannot_be_made_says_why(self):
        wrong = {"type": "nonsense"}
        error = self.env["mail.thread"]._catchall_creation_error("res.partner", wrong)
        self.assertIn("nonsense", error)
