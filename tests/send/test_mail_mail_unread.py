from email import policy
from email.parser import BytesParser
from email.utils import getaddresses

from odoo.fields import Command
from odoo.tests import tagged

from .test_mail_mail_attempt import SendingCommon

FORM = "no-reply@forms.example"
HOA = "hoa@khach.example"


class UnreadCommon(SendingCommon):
    """Customers who come by a form that takes no replies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Who counts as the author is another matter.
        cls.router.use_reply_to = False
        cls.form = cls.env["res.partner"].create({"name": "Hoa", "email": FORM})
        cls.team = cls.env["res.partner"].create(
            {"name": "Jobs", "email": cls.at_domain("jobs")}
        )

    def come(self, number=1, reply_to=HOA, verdict="", **values):
        """Let a mail of the form come in; return its document.

        :param verdict: what our provider says of the form's domain, "" for nothing
        """
        extra = f"Reply-To: {reply_to}\r\n" if reply_to else ""
        raw = self.mail(
            self.at_domain("sales"),
            email_from=f"Hoa <{FORM}>",
            message_id=f"<{number}@forms.example>",
            extra=extra + values.pop("extra", ""),
            **values,
        )
        if verdict:
            said = f"Authentication-Results: mx.{self.domain};\r\n"
            said += f"\tdmarc={verdict} header.from=forms.example\r\n"
            raw = said.encode() + raw
        message = self.route(raw)
        (delivery,) = message.delivery_ids
        return self.env[delivery.model].browse(delivery.res_id)

    def answer(self, document, partners, **values):
        """Write as a person does; return the mail.message."""
        return document.with_user(self.user_employee).message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partners.ids,
            **values,
        )

    def assertUnread(self, message, partner, *words):
        failed = message.notification_ids.filtered(
            lambda one: one.res_partner_id == partner
        )
        self.assertEqual(failed.notification_status, "exception")
        self.assertEqual(failed.failure_type, "mail_email_invalid")
        for one in words:
            self.assertIn(one, failed.failure_reason)
        self.assertNotIn(partner.email_normalized, self.got())


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUnread(UnreadCommon):
    """What nobody would read goes to who asked for it, or its author is told."""

    def test_an_answer_to_a_form_goes_to_reply_to(self):
        message = self.answer(self.come(), self.form)
        (letter,) = self.smtp.letters
        self.assertEqual(letter.recipients, [HOA])
        self.assertNotIn(FORM.encode(), letter.content)
        self.assertEqual(self.status_of(message, self.form), "sent")

    def test_without_reply_to_its_author_is_told(self):
        message = self.answer(self.come(reply_to=""), self.form)
        self.assertFalse(self.smtp.letters)
        self.assertUnread(message, self.form, FORM, "takes no replies")

    def test_a_reply_to_that_takes_no_replies_either_is_none(self):
        document = self.come(reply_to=f"{self.at_domain('jobs')}, do-not-reply@x.test")
        self.assertUnread(self.answer(document, self.form), self.form)

    def test_who_is_named_beside_it_gets_the_answer(self):
        self.answer(self.come(reply_to=f"{self.at_domain('jobs')}, {HOA}"), self.form)
        self.assertEqual(self.got(), [HOA])

    def test_the_others_get_theirs(self):
        document = self.come(reply_to="")
        message = self.answer(document, self.form + self.customer)
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertUnread(message, self.form)
        self.assertEqual(self.status_of(message, self.customer), "sent")

    def test_who_is_written_to_anyway_gets_one_copy(self):
        hoa = self.env["res.partner"].create({"name": "Hoa", "email": HOA})
        message = self.answer(self.come(), self.form + hoa)
        self.assertEqual(self.got(), [HOA])
        self.assertEqual(self.status_of(message, self.form), "sent")
        self.assertEqual(self.status_of(message, hoa), "sent")

    def test_another_document_s_mail_tells_nothing(self):
        self.come()
        message = self.answer(self.customer, self.form)
        self.assertUnread(message, self.form)

    def test_who_is_not_proven_leads_nobody_away(self):
        document = self.come()
        begun = document.message_ids.filtered(lambda one: one.message_type == "email")
        thread = {"extra": f"In-Reply-To: {begun.message_id}\r\n"}
        forged = {"reply_to": "thief@attacker.example", **thread}
        self.assertEqual(self.come(2, **forged), document)
        self.come(3, verdict="fail", **forged)
        self.answer(document, self.form)
        self.assertEqual(self.got(), [HOA])
        self.come(4, verdict="pass", reply_to="hoa@home.example", **thread)
        self.answer(document, self.form)
        self.assertEqual(self.got(), [HOA, "hoa@home.example"])

    def test_an_address_that_leads_back_reaches_nobody(self):
        for address in (
            self.team.email,
            self.account,
            self.mail_alias_domain.catchall_email,
            self.router._reply_address(
                "res.partner", self.customer.id, self.at_domain("jobs")
            ),
        ):
            with self.subTest(address=address):
                self.team.email = address
                message = self.answer(self.customer, self.team)
                self.assertUnread(message, self.team, address, "leads back into Odoo")
        self.assertFalse(self.smtp.letters)

    def test_the_website_s_own_address_stands_for_the_customer(self):
        raw = self.mail(
            self.at_domain("sales"),
            email_from=self.at_domain("jobs"),
            message_id=f"<1@{self.domain}>",
            extra=f"Reply-To: {HOA}\r\n",
        )
        document = self.assertDelivered(self.route(raw), self.at_domain("sales"))
        message = self.answer(document, self.team)
        self.assertEqual(self.got(), [HOA])
        self.assertEqual(self.status_of(message, self.team), "sent")

    def letter(self, **values):
        """Send a letter of a person to addresses of no contact; return its mail."""
        return self.send(
            author_id=self.user_employee.partner_id.id,
            message_type="email_outgoing",
            model="res.partner",
            **values,
        )

    def test_a_letter_to_no_contact_is_led_as_well(self):
        mail = self.letter(email_to=f"Hoa <{FORM}>", res_id=self.come().id)
        self.assertEqual(self.got(), [HOA])
        self.assertEqual(mail.state, "sent")

    def test_a_letter_s_cc_that_nobody_reads_is_the_only_one_that_fails(self):
        jobs = self.at_domain("jobs")
        mail = self.letter(email_cc=jobs, res_id=self.customer.id)
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertEqual(mail.state, "exception")
        self.assertIn(jobs, mail.failure_reason)

    def test_a_colleague_reads_what_goes_to_the_name_of_an_alias(self):
        self.user_employee_c2.write(
            {"email": self.at_domain("jobs"), "notification_type": "email"}
        )
        self.answer(self.customer, self.user_employee_c2.partner_id)
        self.assertIn(self.at_domain("jobs"), self.got())

    def test_other_roles_of_a_company_read_their_mail(self):
        for name in ("postmaster", "notifications", "alerts", "reply", "norea"):
            self.customer.email = f"{name}@customer.example"
            self.answer(self.other, self.customer)
            self.assertEqual(self.got()[-1], f"{name}@customer.example")

    def test_what_a_program_writes_goes_as_ever(self):
        self.customer.message_post(
            body="Hello",
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.form.ids,
            author_id=self.env.ref("base.partner_root").id,
        )
        self.assertEqual(self.got(), [FORM])

    def test_it_leaves_once_the_address_is_corrected(self):
        message = self.answer(self.come(reply_to=""), self.form)
        self.form.email = HOA
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        mail.mark_outgoing()
        mail.send()
        self.assertEqual(self.got(), [HOA])
        self.assertEqual(self.status_of(message, self.form), "sent")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUnreadCopies(UnreadCommon):
    """The same in Cc, and when somebody forwards a mail."""

    def compose(self, document, partners, **values):
        """Send from the full composer; return the mail.message."""
        Composer = self.env["mail.compose.message"].with_user(self.user_employee)
        _mails, message = (
            Composer.with_context(
                default_model="res.partner",
                default_res_ids=document.ids,
                default_composition_mode="comment",
            )
            .create(
                {
                    "body": "<p>Hello</p>",
                    "subject": "Offer",
                    "partner_ids": [Command.set(partners.ids)],
                    **values,
                }
            )
            ._action_send_mail()
        )
        return message

    def test_in_cc_all_read_who_stands_for_the_form(self):
        cc = {"catchall_cc_ids": [Command.set(self.form.ids)]}
        self.compose(self.come(), self.customer, **cc)
        self.assertEqual({*self.got()}, {"lan@customer.example", HOA})
        for letter in self.smtp.letters:
            read = BytesParser(policy=policy.compat32).parsebytes(letter.content)
            self.assertEqual(getaddresses([read["Cc"]]), [("Hoa", HOA)])
            self.assertNotIn(FORM.encode(), letter.content)

    def test_in_cc_an_own_address_is_the_only_one_that_fails(self):
        cc = {"catchall_cc_ids": [Command.set(self.team.ids)]}
        message = self.compose(self.come(), self.customer, **cc)
        self.assertEqual(self.got(), ["lan@customer.example"])
        self.assertUnread(message, self.team, "leads back into Odoo")

    def test_what_is_forwarded_goes_to_nobody_else(self):
        message = self.compose(
            self.come(), self.team, composition_comment_option="forward"
        )
        self.assertFalse(self.smtp.letters)
        self.assertUnread(message, self.team)
