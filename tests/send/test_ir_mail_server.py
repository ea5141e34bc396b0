from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools.mail import addresses

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestIdentity(RouterCommon):
    """Under whose name mail goes out through the one account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "lan@customer.example"}
        )
        # Core's own servers would answer for the domain first.
        cls.mail_servers.active = False

    def send(self, email_from, **values):
        mail = self.env["mail.mail"].create(
            {
                "email_from": email_from,
                "email_to": "lan@customer.example",
                "subject": "Offer",
                "body_html": "<p>Hello</p>",
                **values,
            }
        )
        with self.mock_smtplib_connection():
            mail.send()
        return mail

    def assertIdentity(self, header_from, envelope):
        (email,) = self.emails
        self.assertEqual(email["msg_from_fmt"], header_from)
        self.assertEqual(email["smtp_from"], envelope)
        return email

    def test_a_user_of_the_domain_is_seen_with_the_own_name_and_address(self):
        self.send(f'"User A" <{self.at_domain("user_a")}>')
        email = self.assertIdentity(
            f'"User A" <{self.at_domain("user_a")}>', self.account
        )
        self.assertIn(f"Sender: {self.account}", email["message"])

    def test_authors_of_elsewhere_are_named_with_the_account_address(self):
        company = self.env.company.name
        self.send('"Free Lancer" <free@gmail.example>')
        self.assertIdentity(
            f'"Free Lancer via {company}" <{self.account}>', self.account
        )

    def test_an_author_without_a_name_is_named_by_the_local_part(self):
        company = self.env.company.name
        self.send("free@gmail.example")
        self.assertIdentity(f'"free via {company}" <{self.account}>', self.account)

    def test_names_with_accents_are_readable(self):
        self.send(f'"Nguyễn Thị Lan" <{self.at_domain("lan")}>')
        (email,) = self.emails
        self.assertEqual(
            email["msg_from_fmt"], f'"Nguyễn Thị Lan" <{self.at_domain("lan")}>'
        )

    def test_the_envelope_sender_is_the_server_s_choice(self):
        author = self.at_domain("user_a")
        for choice, envelope in (("account", self.account), ("author", author)):
            with self.subTest(choice=choice):
                self.smtp_server.catchall_envelope = choice
                self.send(f'"User A" <{author}>')
                self.assertIdentity(f'"User A" <{author}>', envelope)
        self.smtp_server.catchall_envelope = "bounce"
        mail = self.send(f'"User A" <{author}>')
        signed_for, _key = self.router._find_signed_bounce(self.emails[0]["smtp_from"])
        self.assertEqual(signed_for, mail.mail_message_id)

    def test_who_is_seen_is_the_server_s_choice(self):
        author = self.at_domain("user_a")
        company = self.env.company.name
        own, via = f'"User A" <{author}>', f'"User A via {company}" <{self.account}>'
        for choice, verified, header_from in (
            ("author", "", own),
            ("verified", "", via),
            ("verified", f"somebody@else.example\n{author.upper()}", own),
            ("verified", self.domain, own),
            ("via", "", via),
            ("account", "", f'"{company}" <{self.account}>'),
        ):
            with self.subTest(choice=choice, verified=verified):
                self.smtp_server.write(
                    {"catchall_header_from": choice, "catchall_verified": verified}
                )
                self.send(own)
                self.assertIdentity(header_from, self.account)

    def test_a_verified_address_of_elsewhere_is_seen_as_it_is(self):
        self.smtp_server.catchall_verified = "free@gmail.example"
        self.send('"Free" <free@gmail.example>')
        email = self.assertIdentity('"Free" <free@gmail.example>', self.account)
        self.assertIn(f"Sender: {self.account}", email["message"])

    def test_the_form_of_the_name_and_the_sender_header_are_choices(self):
        self.smtp_server.write(
            {"catchall_display": "{company}: {name}", "catchall_sender_header": False}
        )
        self.send('"Free" <free@gmail.example>')
        name = f"{self.env.company.name}: Free"
        email = self.assertIdentity(f'"{name}" <{self.account}>', self.account)
        self.assertNotIn("\nSender:", email["message"])

    def test_what_makes_no_sense_is_refused_with_a_sentence(self):
        for values, words in (
            ({"catchall_display": "{company}"}, "{name}"),
            ({"catchall_verified": "no address"}, "no address"),
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError) as no:
                self.smtp_server.write(values)
            self.assertIn(words, str(no.exception))

    def test_a_provider_fills_in_what_works_there(self):
        with Form(self.smtp_server) as form:
            form.catchall_provider = "gmail"
            self.assertEqual(form.catchall_header_from, "verified")
            self.assertEqual(form.catchall_limit_day, 2000)
            form.catchall_provider = "postfix"
            self.assertEqual(form.catchall_limit_day, 0)
        self.assertEqual(self.smtp_server.catchall_header_from, "author")
        self.assertEqual(self.smtp_server.catchall_envelope, "bounce")

    def test_what_odoo_writes_by_itself_says_so_and_a_person_s_mail_does_not(self):
        person = self.env["res.partner"].create({"name": "User A"})
        author = f'"User A" <{self.at_domain("user_a")}>'
        for message_type, automatic in (
            ("comment", False),
            ("email_outgoing", False),
            ("email", False),
            ("notification", True),
            ("auto_comment", True),
            ("user_notification", True),
            ("out_of_office", True),
        ):
            with self.subTest(message_type=message_type):
                # What OdooBot is the author of, a program wrote whatever its type.
                self.send(author, message_type=message_type, author_id=person.id)
                self.assertEqual(
                    "Auto-Submitted: auto-generated" in self.emails[0]["message"],
                    automatic,
                )

    def test_a_template_that_an_automation_sends_says_so(self):
        author = f'"User A" <{self.at_domain("user_a")}>'
        for context in ({"__action_done": {}}, {"ir_cron_progress_id": 1}):
            with self.subTest(context=context):
                mail = (
                    self.env["mail.mail"]
                    .with_context(**context)
                    .create(
                        {
                            "email_from": author,
                            "email_to": "lan@customer.example",
                            "message_type": "email_outgoing",
                            "headers": "{'X-One': '1'}",
                        }
                    )
                )
                with self.mock_smtplib_connection():
                    # The queue sends it later, without the automation's context.
                    mail.with_env(self.env).send()
                self.assertIn("Auto-Submitted", self.emails[0]["message"])
                self.assertIn("X-One: 1", self.emails[0]["message"])

    def test_a_direct_send_has_the_same_identity(self):
        author = self.at_domain("user_a")
        IrMailServer = self.env["ir.mail_server"]
        with self.mock_smtplib_connection():
            message = IrMailServer._build_email__(
                email_from=author,
                email_to="lan@customer.example",
                subject="Offer",
                body="Hello",
            )
            IrMailServer.send_email(message)
        self.assertIdentity(author, self.account)

    def test_a_server_for_one_address_comes_first(self):
        author = self.at_domain("boss")
        self.env["ir.mail_server"].create(
            {
                "name": "The boss's own",
                "smtp_host": "smtp.example.com",
                "smtp_encryption": "none",
                "from_filter": author,
            }
        )
        self.send(author)
        (email,) = self.emails
        self.assertEqual(email["from_filter"], author)
        self.assertNotIn("Sender:", email["message"])

    def test_each_domain_of_the_router_sends_under_its_own_name(self):
        self.router.alias_domain_ids += self.mail_alias_domain_c2
        author = f'"User B" <user_b@{self.mail_alias_domain_c2.name}>'
        self.send(author)
        self.assertIdentity(author, self.account)
        foreign = self.send(
            '"Free Lancer" <free@gmail.example>',
            record_alias_domain_id=self.mail_alias_domain_c2.id,
        )
        self.assertTrue(foreign)
        (email,) = self.emails
        self.assertIn(self.company_2.name, email["msg_from"])

    def test_a_chatter_answer_leads_back_to_the_document(self):
        self.user_employee.email = self.at_domain("user_a")
        with self.mock_smtplib_connection():
            self.customer.with_user(self.user_employee).message_post(
                body="Hello",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.customer.ids,
            )
        (email,) = self.emails
        self.assertIn(self.at_domain("user_a"), email["msg_from"])
        answer = self.route(
            self.mail(addresses.normalize(self.customer.message_ids[:1].reply_to))
        )
        self.assertEqual(answer.delivery_ids.res_id, self.customer.id)
        self.assertIn("Reply-To: ", email["message"])

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_user_without_an_address_is_told_and_the_mail_is_kept(self):
        self.partner_employee.email = False
        mail = self.send(False, author_id=self.partner_employee.id)
        self.assertFalse(self.emails)
        self.assertEqual(mail.state, "exception")
        self.assertIn(self.partner_employee.name, mail.failure_reason)
        self.partner_employee.email = self.at_domain("user_a")
        mail.mark_outgoing()
        with self.mock_smtplib_connection():
            mail.send()
        self.assertIn(self.at_domain("user_a"), self.emails[0]["msg_from"])

    def test_what_nobody_wrote_goes_out_in_the_company_s_name(self):
        self.send(False, author_id=False)
        self.assertIdentity(self.mail_alias_domain.default_from_email, self.account)

    def test_without_a_router_the_server_is_core_s(self):
        self.router.mail_server_id = False
        self.smtp_server.from_filter = self.domain
        self.send('"Free Lancer" <free@gmail.example>')
        (email,) = self.emails
        self.assertNotIn(" via ", email["msg_from"])
