from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..common import RouterCommon

IN_AUTOMATION = {"__action_done": {}}


class AutomationCommon(RouterCommon):
    """A document with an alias of its own and a responsible user, and a template
    that names no sender."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_servers.active = False
        cls.user_employee.email = cls.at_domain("erna")
        cls.company = cls.router.company_id
        cls.company.alias_domain_id = cls.mail_alias_domain
        cls.document = cls.env["res.partner"].create(
            {
                "name": "Lan",
                "email": "lan@customer.example",
                "user_id": cls.user_employee.id,
                "company_id": cls.company.id,
            }
        )
        cls.alias = cls._create_alias(
            "lan.case",
            alias_parent_model_id=cls.env["ir.model"]._get_id("res.partner"),
            alias_parent_thread_id=cls.document.id,
        )
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Welcome",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Welcome, {{ object.name }}",
                "body_html": "<p>Hello <t t-out='object.name'/></p>",
            }
        )

    def queued(self, **values):
        """Return the mail that the template makes of the document."""
        mail_id = self.template.send_mail(self.document.id, **values)
        return self.env["mail.mail"].browse(mail_id)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAutomaticSender(AutomationCommon):
    """OdooBot's own address is on no mail to a customer."""

    def assertFrom(self, message, name, address):
        self.assertEqual(message.email_from, f'"{name}" <{address}>')

    def test_a_mail_about_a_document_comes_from_its_alias(self):
        mail = self.queued()
        self.assertFrom(mail, self.company.name, self.at_domain("lan.case"))
        mail._catchall_complete_reply_to()
        address = mail.reply_to.rpartition("<")[2].rstrip(">")
        document = self.router._find_signed_document(address)
        self.assertEqual(document, ("res.partner", self.document.id))

    def test_a_company_s_name_is_readable_in_any_script(self):
        self.company.name = "Tên Miền"
        self.assertFrom(self.queued(), "Tên Miền", self.at_domain("lan.case"))

    def test_without_an_alias_it_comes_from_the_responsible_user(self):
        self.alias.unlink()
        self.assertFrom(self.queued(), self.user_employee.name, self.at_domain("erna"))

    def test_the_router_may_put_the_user_first(self):
        self.router.automatic_from = "user"
        self.assertFrom(self.queued(), self.user_employee.name, self.at_domain("erna"))

    def test_an_address_of_elsewhere_is_no_sender(self):
        self.router.automatic_from = "user"
        self.user_employee.email = "erna@elsewhere.example"
        sender = self.queued().email_from
        self.assertIn(self.at_domain("lan.case"), sender)

    def test_without_both_it_comes_from_the_company(self):
        self.alias.unlink()
        self.document.user_id = False
        self.assertFrom(self.queued(), self.company.name, self.account)

    def test_the_router_may_leave_it_to_odoo(self):
        self.router.automatic_from = "odoo"
        robot = self.env.ref("base.partner_root")
        self.assertEqual(self.queued().email_from, robot.email_formatted)

    def test_a_template_that_names_a_sender_keeps_it(self):
        self.template.email_from = "Boss <boss@elsewhere.example>"
        self.assertIn("boss@elsewhere.example", self.queued().email_from)

    def test_a_person_keeps_the_own_name(self):
        self.user_employee.email = "erna@elsewhere.example"
        mail = self.template.with_user(self.user_employee).send_mail(self.document.id)
        mail = self.env["mail.mail"].browse(mail)
        self.assertIn("erna@elsewhere.example", mail.email_from)

    def test_a_user_of_elsewhere_has_an_automation_write_as_the_alias(self):
        self.user_employee.email = "erna@elsewhere.example"
        template = self.template.with_user(self.user_employee)
        mail = template.with_context(**IN_AUTOMATION).send_mail(self.document.id)
        sender = self.env["mail.mail"].browse(mail).email_from
        self.assertIn(self.at_domain("lan.case"), sender)

    def test_what_is_posted_by_an_automation_comes_from_the_alias(self):
        message = self.document.message_post_with_source(
            self.template, message_type="auto_comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertFrom(message, self.company.name, self.at_domain("lan.case"))
        self.assertEqual(message.author_id, self.env.ref("base.partner_root"))

    def test_what_is_only_logged_keeps_its_author(self):
        message = self.document._message_log(body="Noted")
        self.assertNotIn(self.domain, message.email_from)

    def test_a_mail_about_nothing_keeps_its_author(self):
        mail = self.env["mail.mail"].create({"email_to": "lan@customer.example"})
        self.assertNotIn(self.domain, mail.email_from)

    def test_a_line_break_in_a_name_makes_no_header(self):
        self.alias.unlink()
        self.document.user_id = False
        self.company.name = "Evil\r\nBcc: victim@bank.example"
        sender = self.queued().email_from
        self.assertNotIn("\n", sender)
        self.assertTrue(sender.endswith(f"<{self.account}>"))

    def test_each_document_of_many_has_its_own_sender(self):
        other = self.document.copy({"name": "Other", "email": "o@customer.example"})
        mails = self.template.send_mail_batch([self.document.id, other.id])
        self.assertFrom(mails[0], self.company.name, self.at_domain("lan.case"))
        self.assertFrom(mails[1], self.user_employee.name, self.at_domain("erna"))

    def test_each_company_writes_in_its_own_name(self):
        domain = self.mail_alias_domain_c2
        server = self.smtp_server.copy({"smtp_user": f"box@{domain.name}"})
        self.env["mail.catchall.router"].create(
            {
                "name": "Second",
                "company_id": self.company_2.id,
                "alias_domain_ids": domain.ids,
                "mail_server_id": server.id,
            }
        )
        other = self.document.copy({"company_id": self.company_2.id, "user_id": False})
        mails = self.template.send_mail_batch([self.document.id, other.id])
        self.assertFrom(mails[0], self.company.name, self.at_domain("lan.case"))
        self.assertFrom(mails[1], self.company_2.name, f"box@{domain.name}")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSentAtOnce(AutomationCommon):
    """What a program queues does not wait for the hourly queue."""

    def setUp(self):
        super().setUp()
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.trigger = self.startPatcher(patch.object(type(cron), "_trigger"))

    def test_a_template_wakes_the_queue_once_for_all_its_mails(self):
        self.template.send_mail_batch(
            [self.document.id, self.user_employee.partner_id.id]
        )
        self.queued()
        self.trigger.assert_called_once_with()

    def test_an_automation_wakes_the_queue(self):
        Mail = self.env["mail.mail"].with_context(**IN_AUTOMATION)
        Mail.create({"email_to": "lan@customer.example"})
        self.trigger.assert_called_once_with()

    def test_a_person_who_queues_a_mail_wakes_nothing(self):
        self.env["mail.mail"].create({"email_to": "lan@customer.example"})
        self.trigger.assert_not_called()

    def test_a_scheduled_mail_wakes_the_queue_at_its_time(self):
        later = fields.Datetime.add(fields.Datetime.now(), days=1)
        self.queued(email_values={"scheduled_date": later})
        self.trigger.assert_called_once_with([later])

    def test_without_a_router_that_sends_the_queue_is_cores(self):
        self.router.mail_server_id = False
        self.queued()
        self.trigger.assert_not_called()
