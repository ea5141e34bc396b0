from odoo.tests import tagged

from .test_mail_catchall_setup import SetupCommon


# Needs the apps of "dev/test apps".
@tagged("catchall_apps", "-standard", "post_install", "-at_install")
class TestSetupApps(SetupCommon):
    """Whatever has an address is offered, each with a free one in the language of the
    person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expenses = cls.env.ref("hr_expense.mail_alias_expense")
        cls.expenses.alias_name = "expense"
        cls.env["hr.expense"].search([]).unlink()
        cls.env["account.journal"].create(
            {
                "name": "Bills",
                "type": "purchase",
                "code": "BILLX",
                "company_id": cls.fresh.id,
            }
        )
        cls.env["account.move"].search([]).invoice_source_email = False
        cls.env["maintenance.team"].search([]).alias_name = False
        cls.env["maintenance.team"].create({"name": "Ours", "company_id": cls.fresh.id})
        cls.env["mail.group"].create({"name": "Club", "alias_name": False})

    def addresses(self, setup):
        return {line.owner: line.address for line in setup.line_ids}

    def in_vietnamese(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.Setup = self.Setup.with_context(lang="vi_VN")
        return self.addresses(self.connected())

    def test_all_apps_with_an_address_are_offered(self):
        offered = self.addresses(self.connected())
        for owner, address in {
            "account.journal": "bills",
            "maintenance.team": "maintenance",
            "mail.group": "group",
            "hr.expense": "expense",
        }.items():
            with self.subTest(owner):
                self.assertEqual(offered[owner], address)

    def test_addresses_are_words_of_the_language(self):
        offered = self.in_vietnamese()
        self.assertEqual(offered["account.journal"], "hoadon")
        self.assertEqual(offered["maintenance.team"], "baotri")

    def test_an_address_that_people_use_stays(self):
        """Nobody has chosen the address that a journal gives itself, until a bill has
        come by mail."""
        journal = self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.fresh.id)]
        )
        self.env["account.move"].with_company(self.fresh).create(
            {
                "move_type": "in_invoice",
                "journal_id": journal.id,
                "invoice_source_email": "lan@customer.example",
            }
        )
        self.expenses.alias_name = "receipts"
        offered = self.in_vietnamese()
        self.assertEqual(offered["account.journal"], journal.alias_name)
        self.assertEqual(offered["hr.expense"], "receipts")

    def test_expenses_keep_their_address_when_settings_are_saved(self):
        """Settings takes the name away where its box for mail is not ticked."""
        setup = self.connected()
        line = self.line(setup, "hr.expense")
        line.write({"wanted": True, "address": "chiphi"})
        setup.action_finish()
        self.assertEqual(self.expenses.alias_full_name, "chiphi@congty.example")
        self.env["res.config.settings"].create({}).execute()
        self.assertEqual(self.expenses.alias_name, "chiphi")

    def test_none_of_the_addresses_is_taken(self):
        setup = self.connected()
        setup.line_ids.wanted = True
        self.assertFalse(setup.has_problem, setup.line_ids.mapped("problem"))
