from odoo.tests import new_test_user, tagged

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMessageCompanies(RouterCommon):
    """Who is a contact of one company writes to another: that is the other's mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.router.alias_domain_ids += cls.mail_alias_domain_c2
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Lan",
                "email": "lan@customer.example",
                "company_id": cls.company_admin.id,
            }
        )

    def at_second(self, local_part):
        return f"{local_part}@{self.mail_alias_domain_c2.name}"

    def alias_of_second(self, name, model, **defaults):
        if model not in self.env:
            self.skipTest(f"{model} is not installed")
        self._create_alias(
            name,
            model,
            alias_domain_id=self.mail_alias_domain_c2.id,
            alias_defaults=repr(defaults),
        )
        return self.at_second(name)

    def document(self, message):
        self.assertEnd(message, "delivered")
        delivery = message.delivery_ids
        return self.env[delivery.model].browse(delivery.res_id)

    def assertOfSecond(self, message):
        document = self.document(message)
        self.assertFalse(document.company_id - self.company_2)
        self.assertFalse(document.partner_id.company_id - self.company_2)
        self.assertNotEqual(document.partner_id, self.customer)
        return document

    def test_a_lead_of_a_team(self):
        team = self.env["crm.team"].create(
            {"name": "Second", "company_id": self.company_2.id}
        )
        address = self.alias_of_second("enquiries", "crm.lead", team_id=team.id)
        lead = self.assertOfSecond(self.route(self.mail(address)))
        self.assertEqual(lead.company_id, self.company_2)
        self.assertEqual(lead.email_normalized, "lan@customer.example")
        self.assertEqual(
            lead.message_ids[-1:].email_from[-22:], "<lan@customer.example>"
        )

    def test_a_lead_without_a_team(self):
        address = self.alias_of_second("enquiries", "crm.lead")
        self.assertOfSecond(self.route(self.mail(address)))

    def test_a_contact_of_the_second_is_preferred(self):
        team = self.env["crm.team"].create(
            {"name": "Second", "company_id": self.company_2.id}
        )
        contact = self.customer.copy(
            {"company_id": self.company_2.id, "email": self.customer.email}
        )
        address = self.alias_of_second("enquiries", "crm.lead", team_id=team.id)
        lead = self.assertOfSecond(self.route(self.mail(address)))
        self.assertEqual(lead.partner_id, contact)

    def test_a_colleague_of_the_first(self):
        team = self.env["crm.team"].create(
            {"name": "Second", "company_id": self.company_2.id}
        )
        user = new_test_user(self.env, "colleague", email="colleague@own.example")
        user.partner_id.company_id = self.company_admin
        address = self.alias_of_second("enquiries", "crm.lead", team_id=team.id)
        self.assertOfSecond(self.route(self.mail(address, email_from=user.email)))

    def test_a_contact_of_all_companies_stays_it(self):
        self.customer.company_id = False
        address = self.alias_of_second("enquiries", "crm.lead")
        lead = self.document(self.route(self.mail(address)))
        self.assertEqual(lead.partner_id, self.customer)

    def test_a_task(self):
        project = self.env["project.project"].create(
            {"name": "Second", "company_id": self.company_2.id}
        )
        address = self.alias_of_second("tasks", "project.task", project_id=project.id)
        self.assertOfSecond(self.route(self.mail(address)))

    def test_an_applicant(self):
        job = self.env["hr.job"].create(
            {"name": "Second", "company_id": self.company_2.id}
        )
        address = self.alias_of_second("careers", "hr.applicant", job_id=job.id)
        self.assertOfSecond(self.route(self.mail(address)))

    def test_to_both(self):
        team = self.env["crm.team"].create(
            {"name": "Second", "company_id": self.company_2.id}
        )
        address = self.alias_of_second("enquiries", "crm.lead", team_id=team.id)
        mail = self.mail(to=f"{self.at_domain('sales')}, {address}")
        message = self.route(mail)
        self.assertEnd(message, "delivered")
        self.assertEqual(set(message.delivery_ids.mapped("state")), {"delivered"})
