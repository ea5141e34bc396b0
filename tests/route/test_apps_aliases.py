from functools import partial

from odoo.tests import tagged

from .test_apps import BILL, AppsCommon

# What is the same, however the mail came. Of a bill `name` is its number.
COMPARED = (
    *("name", "subject", "description", "email_from", "invoice_source_email"),
    *("partner_id", "author_id", "company_id", "user_id", "stage_id", "type"),
    *("team_id", "job_id", "project_id", "maintenance_team_id", "journal_id"),
    *("move_type", "employee_id", "product_id", "total_amount_currency", "state"),
    *("mail_group_id", "moderation_status"),
)


# Needs the apps of "dev/test apps".
@tagged("catchall_apps", "-standard", "post_install", "-at_install")
class TestAppsAliases(AppsCommon):
    """For every model that has an alias, one mail through Odoo's own gateway and one
    through the router make the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["hr.employee"].create(
            {"name": "Lan Nguyen", "work_email": "lan@customer.example"}
        )
        cls.env["res.partner"]._find_or_create_from_emails(["lan@customer.example"])
        domain = cls.mail_alias_domain
        for model, local_part in {
            "crm.team": "north",
            "hr.job": "cook",
            "project.project": "works",
            "maintenance.team": "repairs",
        }.items():
            cls.env[model].create(
                {
                    "name": local_part.title(),
                    "alias_name": local_part,
                    "alias_domain_id": domain.id,
                }
            )
        cls.env.ref("hr_expense.mail_alias_expense").write(
            {"alias_name": "receipts", "alias_domain_id": domain.id}
        )
        cls.group.access_mode = "public"

    def send(self, local_part, name):
        """Return the bytes of a mail with a file, which is a bill's too."""
        mail = self.mail(
            original=self.at_domain(local_part),
            message_id=f"<{name}.{local_part}@customer.example>",
        )
        return mail.partition(b"MIME-Version")[0] + BILL

    def made(self, model, work):
        """Return what a mail has made, as it looks; it is deleted then: an applicant
        who writes a second time is told from one who writes first."""
        known = self.env[model].search([])
        work()
        # As before the commit: an applicant is thanked by then.
        self.flush_tracking()
        [record] = self.env[model].search([]) - known
        looks = {one: record[one] for one in COMPARED if one in record._fields}
        if model == "account.move":
            del looks["name"]
        messages = self.env["mail.message"].search(
            [("model", "=", model), ("res_id", "=", record.id)]
        )
        kinds = sorted(messages.mapped("message_type"))
        files = self.env["ir.attachment"].search(
            [("res_model", "=", model), ("res_id", "=", record.id)]
        )
        followers = record.message_partner_ids if "message_ids" in record else ()
        found = looks, kinds, sorted(files.mapped("name")), followers
        record.unlink()
        return found

    def test_the_router_makes_what_odoo_makes(self):
        for local_part, model in {
            "north": "crm.lead",
            "cook": "hr.applicant",
            "works": "project.task",
            "repairs": "maintenance.request",
            "bills": "account.move",
            "receipts": "hr.expense",
            "club": "mail.group.message",
        }.items():
            with self.subTest(model):
                self.router.active = False
                raw = self.send(local_part, "stock")
                gateway = self.env["mail.thread"]
                stock = self.made(model, partial(gateway.message_process, None, raw))
                self.router.active = True
                ours = self.send(local_part, "ours")
                found = self.made(model, partial(self.route, ours))
                self.assertEqual(found, stock)

    def test_every_model_with_an_alias_is_in_the_table(self):
        """A new app that brings one wants to be looked at."""
        mixin = self.env.registry["mail.alias.mixin.optional"]
        owners = {
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract
        }
        known = {"crm.team", "hr.job", "project.project", "maintenance.team"}
        known |= {"account.journal", "mail.group"}
        self.assertEqual(owners, known)
