from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools.translate import LazyTranslate

from ..models.words import translated
from ..tools.mail import addresses

_lt = LazyTranslate(__name__)

#: What an address can make, the first that is installed is proposed: the model, and
#: the words of the choice.
DOCUMENTS = (
    ("crm.lead", _lt("A lead in CRM")),
    ("helpdesk.ticket", _lt("A ticket in Helpdesk")),
    ("hr.applicant", _lt("An applicant in Recruitment")),
    ("project.task", _lt("A task in Project")),
)
PERSON, OTHER = "person", "other"
OTHER_DOCUMENT = "res.partner"
# So much mail is delivered at once; what is more follows as the queue comes to it.
DELIVERED_AT_ONCE = 50


class MailCatchallAddress(models.TransientModel):
    """Make an address that mail already waits for: what it makes, and for whom."""

    _name = "mail.catchall.address"
    _description = "Create an Address"

    address = fields.Char(
        required=True, help="The whole address, as it is written in an email."
    )
    makes = fields.Selection(
        "_selection_makes",
        "Each Email Becomes",
        required=True,
        default=lambda self: self._selection_makes()[0][0],
        help="What Odoo makes of an email that is written to this address.",
    )
    goes_to = fields.Char("In", compute="_compute_goes_to")
    model_id = fields.Many2one(
        "ir.model",
        "Document Type",
        domain="[('is_mail_thread', '=', True), ('abstract', '=', False),"
        " ('model', 'not like', 'mail.catchall.')]",
        default=lambda self: self.env["ir.model"]._get(OTHER_DOCUMENT),
        help="The kind of document that each email creates.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Person",
        domain="[('share', '=', False), ('email', '!=', False)]",
        default=lambda self: self.env.user,
        help="This person gets each email in their own mailbox.",
    )
    waiting_count = fields.Integer(compute="_compute_waiting_count")

    @api.model
    def _selection_makes(self):
        documents = [
            (model, translated(self.env, words))
            for model, words in DOCUMENTS
            if model in self.env
        ]
        return [
            *documents,
            (OTHER, self.env._("Another kind of document")),
            (PERSON, self.env._("No document: it goes on to a person")),
        ]

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("makes", "address")
    def _compute_goes_to(self):
        for wizard in self:
            wizard.goes_to = wizard._first_project().display_name

    def _first_project(self):
        """Return the project that tasks go to, without which nobody would see them;
        nothing for other documents."""
        if self.makes != "project.task":
            return self.env["mail.catchall.router"]
        projects = self.env["project.project"].sudo()
        router_sudo = self._routers_sudo()[:1]
        company = router_sudo._company_of([self.address]) or self.env.company
        return projects.search([("company_id", "in", (False, company.id))], limit=1)

    @api.depends("address")
    def _compute_waiting_count(self):
        for wizard in self:
            wizard.waiting_count = self.env["mail.catchall.message"].search_count(
                wizard._waiting_domain()
            )

    def _waiting_domain(self):
        return Domain("state", "=", "held") & Domain(
            "delivery_ids",
            "any",
            [
                ("recipient", "=", self.address),
                ("state", "=", "held"),
                ("reason_code", "=", "unknown_recipient"),
            ],
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_create(self):
        """Make the address, and deliver all that waits for it.

        :return: the action that says what has become of it
        :raises UserError: when it is not an address of a router's domain
        """
        self.ensure_one()
        messages = self.env["mail.catchall.message"]
        messages._check_may_decide()
        self.address = self._one_address()
        domain = self._alias_domain()
        waiting = messages.search(self._waiting_domain())
        if self.makes == PERSON:
            self._forward(domain)
        else:
            self._make_alias(domain)
        return waiting._deliver_to_new_address(self.address, DELIVERED_AT_ONCE)

    def _one_address(self):
        """Return the address as it is stored.

        :raises UserError: when only a part of what was typed is an address, as of
            `or(ders@a.example`, where a comment begins (RFC 5322 3.2.2)
        """
        typed = (self.address or "").strip()
        found = addresses.normalize(typed)
        local_part = typed.rpartition("<")[2].rpartition("@")[0].lower()
        if found and addresses.split(found)[0] != local_part:
            self._refuse(found)
        return found or typed

    def _refuse(self, possible):
        """Say that only another address than the one typed is possible."""
        raise UserError(
            self.env._(
                "Odoo cannot have the address “%(address)s”, only “%(alias)s”.",
                address=self.address,
                alias=possible,
            )
        )

    def _alias_domain(self):
        """Return the alias domain of the address."""
        routers_sudo = self._routers_sudo()
        if not routers_sudo:
            raise UserError(
                self.env._("“%s” is not at a domain of yours.", self.address or "")
            )
        name = self._domain_name()
        return routers_sudo[0].alias_domain_ids.filtered(lambda one: one.name == name)

    def _domain_name(self):
        return addresses.domain(addresses.normalize(self.address or ""))

    def _routers_sudo(self):
        """Return the routers that serve the domain of the address: those of the chosen
        companies, and those that others share with them."""
        name, chosen = self._domain_name(), self.env.companies
        routers_sudo = self.env["mail.catchall.router"].sudo()
        served = Domain("alias_domain_ids.name", "=", name) if name else Domain.FALSE
        return routers_sudo.search(served).filtered(
            lambda one: (one.company_id | one._company_of([self.address])) & chosen
        )

    def _make_alias(self, domain):
        """Make the alias; it is nobody's: mail goes on when somebody leaves.

        :raises UserError: when Odoo would write the address another way
        """
        alias = self.env["mail.alias"].sudo().create(self._prepare_alias(domain))
        if alias.alias_full_name != self.address:
            self._refuse(alias.alias_full_name)

    def _prepare_alias(self, domain):
        """Return the values of the alias.

        :raises UserError: when nothing says what it makes, or for which project
        """
        is_other = self.makes == OTHER
        model = self.model_id if is_other else self.env["ir.model"]._get(self.makes)
        if not model:
            raise UserError(self.env._("Choose what each email becomes."))
        project = self._first_project()
        if self.makes == "project.task" and not project:
            raise UserError(
                self.env._("There is no project yet that tasks could go to.")
            )
        local_part, _at, _domain = self.address.rpartition("@")
        return {
            "alias_name": local_part,
            "alias_domain_id": domain[:1].id,
            "alias_model_id": model.sudo().id,
            "alias_defaults": repr({"project_id": project.id} if project else {}),
            "alias_contact": "everyone",
        }

    def _forward(self, domain):
        """Let mail to the address go on to the person."""
        if not self.user_id:
            raise UserError(self.env._("Choose the person."))
        routers = self.env["mail.catchall.router"].search(
            [("alias_domain_ids", "in", domain.ids)]
        )
        if not routers:
            raise UserError(
                self.env._(
                    "A router of %s reads this email: only who works there can let it "
                    "go on to a person. Choose a document instead.",
                    self._routers_sudo().company_id[:1].name,
                )
            )
        condition = {"field": "recipient", "operator": "equals", "value": self.address}
        self.env["mail.catchall.rule"].create(
            [
                {
                    "name": self.env._(
                        "%(address)s to %(person)s",
                        address=self.address,
                        person=self.user_id.name,
                    ),
                    "sequence": 100,
                    "router_id": router.id,
                    "condition_ids": [Command.create(condition)],
                    "action": "forward",
                    "forward_user_id": self.user_id.id,
                }
                for router in routers
            ]
        )
