from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .mail_catchall_setup_line import APPS, OWNERS


class MailCatchallSetup(models.TransientModel):
    """Which apps get mail, and under which addresses."""

    _inherit = "mail.catchall.setup"

    to_install = fields.Char("To Be Installed", compute="_compute_to_install")
    has_problem = fields.Boolean(compute="_compute_has_problem")
    ready_addresses = fields.Html(compute="_compute_ready_addresses", sanitize=False)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("line_ids.wanted")
    def _compute_to_install(self):
        for setup in self:
            missing = setup._missing_lines()
            setup.to_install = ", ".join(missing.mapped("app_name"))

    @api.depends("line_ids.problem")
    def _compute_has_problem(self):
        for setup in self:
            setup.has_problem = any(setup.line_ids.mapped("problem"))

    @api.depends("step")
    def _compute_ready_addresses(self):
        """Name the addresses that customers can write to now, as links."""
        link = Markup('<a href="mailto:%(email)s">%(email)s</a>')
        for setup in self:
            emails = setup._served_lines().mapped("email")
            links = [link % {"email": email} for email in filter(None, emails)]
            setup.ready_addresses = Markup(", ").join(links)

    def _missing_lines(self):
        return self.line_ids.filtered(lambda one: one.wanted and not one.installed)

    def _served_lines(self):
        return self.line_ids.filtered(lambda one: one.wanted and one.installed)

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    def _make_lines(self):
        """List the apps that can get mail, or look at them again.

        What a person has already chosen stays.
        """
        self.ensure_one()
        listed = set(self.line_ids.mapped("owner"))
        modules = self._offered_modules()
        lines = [
            {"module": app.module, "owner": app.owner, "sequence": number}
            for number, app in enumerate(APPS)
            if app.owner not in listed and app.module in modules
        ]
        offered = {app.owner for app in APPS}
        lines += [
            {"owner": owner, "sequence": 100}
            for owner in self._other_owners()
            if owner not in listed | offered
        ]
        for line in self.line_ids.create(
            [dict(one, setup_id=self.id) for one in lines]
        ):
            line._propose()
        if not self._router() and not any(self.line_ids.mapped("wanted")):
            # The first app that can take mail does, so that there is an address.
            ready = self.line_ids.filtered(
                lambda one: one.owner in self.env and one.address
            )
            ready.sorted("sequence")[:1].wanted = True

    def _offered_modules(self):
        """Return the names of those apps that are there or can be installed."""
        modules = self.env["ir.module.module"].sudo()
        found = modules.search(
            Domain("name", "in", [app.module for app in APPS])
            & (
                Domain("state", "=", "installed")
                | (Domain("state", "=", "uninstalled") & Domain("to_buy", "=", False))
            )
        )
        return set(found.mapped("name"))

    @api.model
    def _other_owners(self):
        """Return the models of other installed apps whose records have an address, or
        that have one for all their records."""
        mixin = self.env.registry["mail.alias.mixin.optional"]
        owners = sorted(
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract and not model._transient
        )
        found = [owner for owner in owners if self._first_owner(owner)]
        return found + [owner for owner in OWNERS if self._app_alias(owner)]

    @api.model
    def _app_alias(self, owner):
        """Return the alias that an app has for all documents of a model; an empty one
        where it has none, or is not installed."""
        aliases = self.env["mail.alias"].sudo()
        xmlid = OWNERS[owner].alias if owner in OWNERS else ""
        found = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
        return aliases.browse(found.id) if found and owner in self.env else aliases

    def _first_owner(self, owner, xmlid=""):
        """Return the record of a model that gets the mail: the app's own one, else the
        first with an address, else the first.

        :param owner: name of a model with aliases
        """
        # The person who sets up mail need not use each app.
        records = self.env[owner].sudo()
        domain = Domain(OWNERS[owner].domain) if owner in OWNERS else Domain.TRUE
        if "company_id" in records._fields:
            domain &= Domain("company_id", "in", (False, self.company_id.id))
        own = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
        return (
            (own and records.browse(own.id).filtered("active").filtered_domain(domain))
            or records.search(
                domain & Domain("alias_id.alias_name", "!=", False), limit=1
            )
            or records.search(domain, limit=1)
        )

    def _taken_addresses(self, names):
        """Return who has these addresses, so that no app can have them:
        {local part: [(alias or None, whose it is)]}.

        :param names: local parts, or whole addresses, as they were typed
        """
        domain = self._domain_name()
        wanted = {
            (name or "").strip().lower().removesuffix(f"@{domain}") for name in names
        }
        # An app without an address has none to lose: aliases without a name are many.
        wanted.discard("")
        found = {name: [] for name in wanted}
        for alias in self._aliases_like(wanted):
            found[alias.alias_name].append((alias, self._owner_name(alias)))
        addresses = {f"{name}@{domain}": name for name in wanted}
        if self._address() in addresses:
            found[addresses[self._address()]].append((None, self.env._("the mailbox")))
        users = self.env["res.users"].sudo()
        for user in users.search([("email_normalized", "in", list(addresses))]):
            found[addresses[user.email_normalized]].append((None, user.name))
        return found

    def _aliases_like(self, names):
        """Return the aliases of these names that are in the way: of the domain, or of
        the one that it is going to replace."""
        domains = self.env["mail.alias.domain"].sudo()
        domains = domains.search([("name", "=", self._domain_name())])
        domains |= self.company_id.sudo().alias_domain_id
        return (
            self.env["mail.alias"]
            .sudo()
            .search(
                [
                    ("alias_name", "in", list(names)),
                    ("alias_domain_id", "in", (False, *domains.ids)),
                ]
            )
        )

    def _owner_name(self, alias):
        parent = alias.alias_parent_model_id.model
        if parent in self.env and alias.alias_parent_thread_id:
            record = self.env[parent].sudo().browse(alias.alias_parent_thread_id)
            return record.exists().display_name or alias.display_name
        return alias.display_name

    # ------------------------------------------------------------
    # INSTALL
    # ------------------------------------------------------------

    def action_install(self):
        """Install the apps that are chosen and not there.

        :return: an action that reloads the page, and with it this assistant
        """
        self.ensure_one()
        return self._install(self._missing_lines().mapped("module"))

    def _install(self, names):
        modules = self.env["ir.module.module"].search([("name", "in", names)])
        modules.button_immediate_install()
        return {"type": "ir.actions.client", "tag": "reload"}

    # ------------------------------------------------------------
    # SAVE
    # ------------------------------------------------------------

    def _check_lines(self):
        """Check that all chosen addresses are free.

        :raises UserError: one sentence per address
        """
        if problems := self._served_lines().filtered("problem"):
            raise UserError("\n".join(dict.fromkeys(problems.mapped("problem"))))

    def _save_addresses(self, router):
        """Give the chosen apps their addresses; saved ones are left as they are."""
        for line in self._served_lines():
            line._save_address(router)
