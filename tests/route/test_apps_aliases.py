import logging
from functools import partial

from odoo.tests import tagged

from .test_apps import BILL, AppsCommon

_logger = logging.getLogger(__name__)

# What is the same, however the mail came. Of a bill `name` is its number.
COMPARED = (
    *("name", "subject", "description", "email_from", "invoice_source_email"),
    *("partner_id", "author_id", "company_id", "user_id", "stage_id", "type"),
    *("team_id", "job_id", "project_id", "maintenance_team_id", "journal_id"),
    *("move_type", "employee_id", "product_id", "total_amount_currency", "state"),
    *("mail_group_id", "moderation_status"),
)


# {alias: model that a mail to it makes}
MADE = {
    "north": "crm.lead",
    "cook": "hr.applicant",
    "works": "project.task",
    "repairs": "maintenance.request",
    "bills": "account.move",
    "receipts": "hr.expense",
    "club": "mail.group.message",
}
FILE, PLAIN, STRANGER, CLOSED = (
    "with a file",
    "without a file",
    "of a stranger",
    "to an alias for its followers alone",
)
# What Odoo refuses and forgets is kept for a person, with the app's own reason.
KEPT = "nothing is lost: a person decides"


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

    def send(self, local_part, kind, name):
        """Return the bytes of a mail of a kind."""
        sender = "nam@stranger.example" if kind == STRANGER else "lan@customer.example"
        raw = self.mail(
            original=self.at_domain(local_part),
            email_from=f'"Somebody" <{sender}>',
            # The same one to many addresses would be a burst.
            subject=f"A question to {local_part}, {kind}",
            message_id=f"<{name}.{local_part}.{len(kind)}@customer.example>",
        ).replace(
            b"Return-Path: <lan@customer.example>", f"Return-Path: <{sender}>".encode()
        )
        return raw if kind == PLAIN else raw.partition(b"MIME-Version")[0] + BILL

    def made(self, model, work):
        """Return what a mail has made, as it looks, None if nothing; it is deleted
        then: an applicant who writes a second time is told from one who writes
        first."""
        known = self.env[model].search([])
        work()
        # As before the commit: an applicant is thanked by then.
        self.flush_tracking()
        record = self.env[model].search([]) - known
        if not record:
            return None
        record.ensure_one()
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

    def through_odoo(self, model, raw):
        """Return (what a mail has made, what became of it) without the router."""
        self.router.active = False
        gateway = self.env["mail.thread"]
        with self.mock_mail_gateway():
            made = self.made(model, partial(gateway.message_process, None, raw))
        self.router.active = True
        told = " (the sender is told)" if self._new_mails else ""
        return made, "made" if made else f"refused{told}"

    def through_the_router(self, model, raw):
        """Return (what a mail has made, what became of it) through the router."""
        routed = []
        made = self.made(model, lambda: routed.append(self.route(raw)))
        [message] = routed
        told = " (the sender is told)" if message._is_answered() else ""
        return (
            made,
            "made" if made else f"{message.shown_state}: {message.reason}{told}",
        )

    def tell(self, *cells):
        """Write a row of the table that ``dev/peers --aliases`` prints."""
        _logger.info("alias %s", "".join(f"| {cell} " for cell in cells) + "|")

    def close(self, local_part):
        """Let an alias take mail of its followers alone, a group of its members."""
        alias = self.env["mail.alias"].search([("alias_name", "=", local_part)])
        alias.alias_contact = "followers"
        self.group.is_closed = True

    def test_the_router_makes_what_odoo_makes(self):
        for kind in (FILE, PLAIN, STRANGER, CLOSED):
            for local_part, model in MADE.items():
                with self.subTest(kind, model=model):
                    if kind == CLOSED:
                        self.close(local_part)
                    send = partial(self.send, local_part, kind)
                    stock, became = self.through_odoo(model, send("stock"))
                    ours, end = self.through_the_router(model, send("ours"))
                    why = "" if stock else KEPT
                    self.tell(model, kind, became, end, why)
                    self.assertEqual(ours, stock)
                    if not stock:
                        self.assertTrue(end.startswith("Held"), end)

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
