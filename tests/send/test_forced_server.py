from odoo.tests import tagged

from .test_automation import AutomationCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestForcedServer(AutomationCommon):
    """Which server sends when somebody has named one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.smtp_server.copy({"name": "Other", "smtp_user": "other"})

    def server_of(self, mail):
        """Return the server that sends this mail."""
        ((server_id, _domain, _smtp_from, _ids),) = mail._split_by_mail_configuration()
        return self.env["ir.mail_server"].browse(server_id)

    def archive_other(self):
        """Have the template name an archived server; core refuses the other order."""
        self.other.active = False
        self.template.mail_server_id = self.other

    def personal_server(self):
        """Return the own server of the employee, as core makes it."""
        return self.other.copy(
            {
                "name": "Own",
                "owner_user_id": self.user_employee.id,
                "from_filter": self.user_employee.email,
                "smtp_user": self.user_employee.email,
            }
        )

    def test_a_template_keeps_the_server_that_it_names(self):
        self.template.mail_server_id = self.other
        self.assertEqual(self.server_of(self.queued()), self.other)
        self.assertFalse(self.router.activity_ids)

    def test_an_archived_server_is_left_and_it_is_told(self):
        self.archive_other()
        for _time in range(2):
            self.assertEqual(self.server_of(self.queued()), self.smtp_server)
        summaries = set(self.router.activity_ids.mapped("summary"))
        self.assertEqual(len(summaries), 1)
        users = self.router.activity_ids.mapped("user_id")
        self.assertEqual(len(self.router.activity_ids), len(users))
        self.assertIn("Other", self.router.activity_ids[0].note)

    def test_without_a_router_for_it_an_archived_server_is_cores_error(self):
        self.archive_other()
        self.template.email_from = "x@elsewhere.example"
        self.company.alias_domain_id = False
        self.document.company_id = False
        mail = self.queued()
        mail.mail_message_id.record_alias_domain_id = False
        self.assertEqual(self.server_of(mail), self.other)

    def test_an_archived_server_of_the_router_sends_nothing(self):
        self.smtp_server.active = False
        self.assertNotEqual(self.server_of(self.queued()), self.smtp_server)

    def test_a_users_own_server_sends_what_this_user_writes(self):
        server = self.personal_server()
        Mail = self.env["mail.mail"]
        values = {"email_to": "lan@customer.example"}
        for user, expected in (
            (self.user_employee, server),
            (self.user_admin, self.smtp_server),
        ):
            mail = (
                Mail.with_user(user)
                .sudo()
                .create({**values, "email_from": self.user_employee.email_formatted})
            )
            self.assertEqual(self.server_of(mail), expected)

    def test_a_users_own_server_changes_no_identity(self):
        server = self.personal_server()
        with self.mock_smtplib_connection():
            mail = (
                self.env["mail.mail"]
                .with_user(self.user_employee)
                .sudo()
                .create(
                    {
                        "email_to": "lan@customer.example",
                        "email_from": self.user_employee.email_formatted,
                    }
                )
            )
            mail.send()
        ((sent,),) = (self.emails,)
        self.assertIn(self.user_employee.email, sent["msg_from_fmt"])
        self.assertNotIn("Sender:", sent["message"])
        self.assertEqual(server.owner_user_id, self.user_employee)
