from odoo.tests import Form, new_test_user, tagged

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestIdentityPreview(RouterCommon):
    """What recipients will see is shown before anything is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core's own servers would answer for the domain first.
        cls.mail_servers.active = False
        cls.user_employee.email = cls.at_domain("user_a")

    def preview(self, **values):
        return self.env["mail.catchall.identity.preview"].create(
            {"user_id": self.user_employee.id, **values}
        )

    def seen(self, preview):
        """What the customer gets when the same mail is sent for real."""
        mail = self.env["mail.mail"].create(
            {
                "email_from": preview._author(preview._sample_document()),
                "email_to": "lan@customer.example",
                "reply_to": preview.reply_to,
            }
        )
        with self.mock_smtplib_connection():
            mail.send()
        return self.emails[0]

    def test_the_preview_shows_what_is_sent_under_each_policy(self):
        for policy in ("author", "verified", "via", "account"):
            with self.subTest(policy=policy):
                self.smtp_server.catchall_header_from = policy
                preview = self.preview()
                email = self.seen(preview)
                self.assertEqual(email["msg_from_fmt"], preview.header_from)
                self.assertEqual(email["smtp_from"], preview.envelope_from)
                unfolded = email["message"].replace("\r\n ", " ")
                self.assertIn(f"Reply-To: {preview.reply_to}", unfolded)
                self.assertEqual(
                    f"Sender: {self.account}" in email["message"], bool(preview.sender)
                )
                self.assertTrue(preview.why)

    def test_an_author_of_elsewhere_gets_the_reason(self):
        self.user_employee.email = "user_a@gmail.example"
        preview = self.preview()
        self.assertIn(self.account, preview.header_from)
        self.assertIn("not on a domain of this router", preview.why)

    def test_a_template_s_own_sender_is_shown(self):
        template = self.env["mail.template"].create(
            {
                "name": "Sent as sales",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "email_from": f"Sales <{self.at_domain('sales')}>",
            }
        )
        preview = self.preview(template_id=template.id)
        self.assertEqual(preview.header_from, f'"Sales" <{self.at_domain("sales")}>')

    def test_a_template_runs_with_the_rights_of_who_looks_at_it(self):
        template = self.env["mail.template"].create(
            {
                "name": "Whose rights",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "email_from": f"u{{{{ object.env.uid }}}}{self.at_domain('')}",
            }
        )
        looking = new_test_user(
            self.env,
            "looking",
            groups="mail_catchall_router.group_mail_catchall_router_manager,"
            "base.group_partner_manager",
        )
        admin = self.env.ref("base.user_admin")
        preview = self.preview(template_id=template.id, user_id=admin.id)
        author = preview.with_user(looking).sudo(False)._author(looking.partner_id)
        self.assertEqual(author, f"u{looking.id}{self.at_domain('')}")
        template.email_from = "{{ user.email_formatted }}"
        author = preview.with_user(looking).sudo(False)._author(looking.partner_id)
        self.assertEqual(author, admin.email_formatted)

    def test_the_choice_of_another_user_is_shown_at_once(self):
        with Form(self.env["mail.catchall.identity.preview"]) as form:
            form.user_id = self.user_employee
            self.assertIn(self.at_domain("user_a"), form.header_from)
            form.user_id = self.env.ref("base.user_admin")
            self.assertNotIn(self.at_domain("user_a"), form.header_from)

    def test_without_a_router_odoo_s_own_rules_are_named(self):
        self.router.mail_server_id = False
        self.assertIn("Odoo's own rules", self.preview().why)
