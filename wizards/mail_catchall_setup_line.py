from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import email_normalize
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..models.words import translated

_lt = LazyTranslate(__name__)


@dataclass(frozen=True)
class App:
    """An app that mail can be for.

    ``owner`` is the model whose records have an address, ``local_part`` a usual one in
    the language of the person; ``xmlid`` the record that the app brings, ``first`` the
    name of the one that is made if there is none.
    """

    module: str
    owner: str
    local_part: LazyGettext
    name: LazyGettext
    becomes: LazyGettext
    first: LazyGettext
    xmlid: str = ""


APPS = (
    App(
        "crm",
        "crm.team",
        _lt("sales"),
        _lt("CRM"),
        _lt("each email becomes a lead"),
        _lt("Sales"),
        xmlid="sales_team.team_sales_department",
    ),
    App(
        "hr_recruitment",
        "hr.job",
        _lt("jobs"),
        _lt("Recruitment"),
        _lt("each email becomes an applicant"),
        _lt("Open Application"),
    ),
    App(
        "project",
        "project.project",
        _lt("project"),
        _lt("Project"),
        _lt("each email becomes a task"),
        _lt("Customer Requests"),
    ),
    App(
        "helpdesk",
        "helpdesk.team",
        _lt("support"),
        _lt("Helpdesk"),
        _lt("each email becomes a ticket"),
        _lt("Customer Care"),
    ),
)


@dataclass(frozen=True)
class Owner:
    """What else has addresses once its app is there; offered, not proposed.

    ``local_part`` is a usual address in the language of the person, ``domain`` tells
    which of the records is meant, ``used`` (model and domain) which documents came by
    mail. Where the app has one address for all its documents, ``alias`` is the external
    id of it, ``stock`` its name that nobody has chosen, and ``switch`` the system
    parameter without which Settings takes the name away.
    """

    local_part: LazyGettext
    domain: tuple = ()
    used: tuple = ("", ())
    alias: str = ""
    stock: str = ""
    switch: str = ""


OWNERS = {
    "account.journal": Owner(
        _lt("bills"),
        domain=(("type", "=", "purchase"),),
        used=("account.move", (("invoice_source_email", "!=", False),)),
    ),
    "maintenance.team": Owner(_lt("maintenance")),
    "mail.group": Owner(_lt("group")),
    "hr.expense": Owner(
        _lt("expense"),
        used=("hr.expense", ()),
        alias="hr_expense.mail_alias_expense",
        stock="expense",
        switch="hr_expense.use_mailgateway",
    ),
}
#: An address that is taken gets a number, up to this one.
LAST_NUMBER = 99
STAGES = (_lt("New"), _lt("In Progress"), _lt("Done"))
# The address that CRM comes with: nobody has chosen it.
STOCK_ALIAS = "info"


class MailCatchallSetupLine(models.TransientModel):
    """One app, and the address that it gets mail under."""

    _name = "mail.catchall.setup.line"
    _description = "Setup Assistant: App"
    _order = "sequence, id"

    setup_id = fields.Many2one(
        "mail.catchall.setup", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    owner = fields.Char(required=True, readonly=True)
    module = fields.Char(readonly=True)
    installed = fields.Boolean(compute="_compute_target")
    name = fields.Char("App", compute="_compute_target")
    app_name = fields.Char("Name of the App", compute="_compute_target")
    wanted = fields.Boolean(
        "Receives Mail",
        help="When switched on, the app gets the email for this address. A missing "
        "app is installed first.",
    )
    address = fields.Char(
        help="The part before the @: letters without accents, digits, dots and "
        "hyphens.",
    )
    email = fields.Char("Email Address", compute="_compute_problem")
    problem = fields.Char(compute="_compute_problem")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("owner")
    @api.depends_context("lang")
    def _compute_target(self):
        """Name the app, what a mail becomes in it, and for which record it is."""
        for line in self:
            app = line._app()
            line.installed = line.owner in self.env
            record = line._record() if line.installed else None
            if app:
                line.app_name = translated(line.env, app.name)
                line.name = self.env._(
                    "%(app)s: %(becomes)s (%(record)s)",
                    app=line.app_name,
                    becomes=translated(line.env, app.becomes),
                    record=record.display_name
                    if record
                    else translated(line.env, app.first),
                )
            else:
                line.app_name = self.env["ir.model"].sudo()._get(line.owner).name
                whose = f" ({record.display_name})" if record else ""
                line.name = f"{line.app_name}{whose}"

    @api.depends("wanted", "address", "setup_id.line_ids.address", "setup_id.mailbox")
    def _compute_problem(self):
        """Say for each chosen address why it cannot be had."""
        for setup, lines in self.grouped("setup_id").items():
            siblings = setup.line_ids | lines
            taken = setup._taken_addresses(siblings.mapped("address"))
            for line in lines:
                name = line._local_part()
                line.email = name and f"{name}@{setup._domain_name()}"
                others = (siblings - line).filtered("wanted")
                line.problem = line.wanted and line._find_problem(
                    taken, {other._local_part() for other in others}
                )

    def _find_problem(self, taken, others):
        """Return why the address cannot be had, or False.

        :param taken: {local part: [(alias or nothing, whose it is)]}
        :param others: local parts of the other lines
        """
        name = self._local_part()
        if not name:
            return self.env._("%s: enter an address.", self.name)
        if not self._is_address(name):
            return self.env._(
                "“%s” cannot be an address: use letters without accents, digits, dots "
                "and hyphens only.",
                name,
            )
        if name in others:
            return self.env._("“%s” is entered for two apps.", name)
        own = self._alias()
        for alias, whose in taken.get(name, ()):
            if not alias or alias != own:
                return self.env._(
                    "“%(name)s” is already taken: it is the address of %(whose)s.",
                    name=name,
                    whose=whose,
                )
        return False

    def _is_address(self, name):
        domain = self.setup_id._domain_name() or "example.com"
        clean = self.env["mail.alias"]._sanitize_alias_name(name)
        return clean == name and bool(email_normalize(f"{name}@{domain}"))

    # ------------------------------------------------------------
    # WHAT THE LINE IS ABOUT
    # ------------------------------------------------------------

    def _app(self):
        return next((app for app in APPS if app.owner == self.owner), None)

    def _local_part(self):
        """Return what is entered, in lower case and without the domain."""
        name = (self.address or "").strip().lower()
        return name.removesuffix(f"@{self.setup_id._domain_name()}")

    def _record(self):
        """Return the record that gets the mail, if there is one; None where the app has
        one address for all its documents."""
        owner = OWNERS.get(self.owner)
        if owner and owner.alias:
            return None
        app = self._app()
        return self.setup_id._first_owner(self.owner, app.xmlid if app else "")

    def _alias(self):
        """Return the alias that this line is about, an empty one if there is none."""
        aliases = self.env["mail.alias"].sudo()
        if self.owner not in self.env:
            return aliases
        owner = OWNERS.get(self.owner)
        if owner and owner.alias:
            return self.setup_id._app_alias(self.owner)
        return self._record().alias_id.sudo()

    def _propose(self):
        """Fill in the address that the app has, or a usual one."""
        app, installed = self._app(), self.owner in self.env
        alias = self._alias().alias_name
        usual = app or OWNERS.get(self.owner)
        if usual and (not alias or self._is_stock(alias)):
            self.address = self._free_address(translated(self.env, usual.local_part))
        else:
            self.address = alias
        self.wanted = installed and bool(app or alias)

    def _is_stock(self, name):
        """Tell whether an address is one that nobody has chosen, nor used.

        :param name: local part that the app has
        """
        if self.setup_id._router():
            return False
        if self._app():
            return name == STOCK_ALIAS
        owner = OWNERS[self.owner]
        if name != (owner.stock or self._stock_name()):
            return False
        model, domain = owner.used
        return not self.env[model].sudo().search_count(domain, limit=1)

    def _stock_name(self):
        """Return the address that a journal gives itself; "" for other owners."""
        if self.owner != "account.journal":
            return ""
        journal = self._record()
        return journal._alias_prepare_alias_name(
            False, journal.name, journal.code, journal.type, journal.company_id
        )

    def _free_address(self, usual):
        """Return the usual address, with a number behind it where it is somebody
        else's: CRM and the Sales journal both want to be sales@.

        :param usual: local part
        """
        names = [usual, *(f"{usual}{number}" for number in range(2, LAST_NUMBER))]
        taken = self.setup_id._taken_addresses(names)
        siblings = self.setup_id.line_ids - self
        listed = {line._local_part() for line in siblings}
        own = self._alias()
        return next(
            (
                name
                for name in names
                if name not in listed
                and all(alias and alias == own for alias, _whose in taken[name])
            ),
            usual,
        )

    # ------------------------------------------------------------
    # SAVE
    # ------------------------------------------------------------

    def _save_address(self, router):
        """Write the address as the alias of the app's record, which is made if there
        is none.

        :param router: the ``mail.catchall.router``; the address is of its domain,
            unless the app has this one on another domain of it
        """
        record, name = self._record(), self._local_part()
        alias = self._alias()
        if switch := self.owner in OWNERS and OWNERS[self.owner].switch:
            self.env["ir.config_parameter"].sudo().set_param(switch, True)
        is_served = alias.alias_domain_id in router.alias_domain_ids
        if alias.alias_name == name and is_served:
            return
        values = {"alias_name": name, "alias_domain_id": router._shown_domain().id}
        if record:
            record.write(values)
        elif alias:
            alias.write(values)
        else:
            self._make_first(values)

    def _make_first(self, values):
        """Make the first record of an app, as its own form would."""
        records = self.env[self.owner].sudo().with_company(self.setup_id.company_id)
        values = dict(values, name=translated(self.env, self._app().first))
        if self.owner == "project.project":
            values["type_ids"] = [
                fields.Command.create({"name": translated(self.env, stage)})
                for stage in STAGES
            ]
        return records.create(values)
