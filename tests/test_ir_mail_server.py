from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools import addresses

from .common import RouterCommon


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
        for choice, envelope in (
            ("account", self.account),
            ("author", author),
            ("bounce", self.mail_alias_domain.bounce_email),
        ):
            with self.subTest(choice=choice):
                self.smtp_server.catchall_envelope = choice
                self.send(f'"User A" <{author}>')
                self.assertIdentity(f'"User A" <{author}>', envelope)

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
