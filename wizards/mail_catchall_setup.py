from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..models.setup import questions
from ..models.windows import form, window
from ..tools.mail import addresses
from ..tools.servers import discovery, providers

SERVER_FIELDS = (
    "incoming_host",
    "incoming_port",
    "incoming_encryption",
    "outgoing_host",
    "outgoing_port",
    "outgoing_encryption",
)
# Servers that log in with a password and belong to no router.
TAKE_OVER = [
    ("server_type", "in", ("imap", "pop")),
    ("catchall_router_ids", "=", False),
]


def _selection_of(name):
    """Return the choices of a field of the settings form, for a field's selection."""
    return lambda self: (
        self.env["res.config.settings"]._fields[name]._description_selection(self.env)
    )


class MailCatchallSetup(models.TransientModel):
    """Set up a router, or set it right, with an address and a password.

    ``account``: a person enters the mailbox, and the servers if they are not found
    ``sign_in``: a person signs in at Google or Microsoft instead of a password
    ``search``: servers are being looked for and tried (see ``action_advance``)
    ``apps``: both directions work; a person chooses the addresses of the apps
    ``done``: everything is saved

    Until it is done, nothing is saved but this record; an app that is installed
    meanwhile finds it again by its id. Passwords go one way, as in the settings.
    """

    _name = "mail.catchall.setup"
    _description = "Setup Assistant"

    step = fields.Selection(
        [
            ("account", "Mailbox"),
            ("sign_in", "Sign In"),
            ("search", "Connection"),
            ("apps", "Addresses"),
            ("done", "Ready"),
        ],
        required=True,
        default="account",
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    router_id = fields.Many2one("mail.catchall.router", "Mail Router", readonly=True)
    verified = fields.Char(related="router_id.verified")
    forwarding = fields.Char("Forwarding to Confirm", compute="_compute_forwarding")
    by_hand = fields.Boolean(compute="_compute_by_hand")
    is_signed_in = fields.Boolean(compute="_compute_by_hand")
    # account
    take_over_id = fields.Many2one(
        "fetchmail.server",
        "Existing Mailbox",
        domain=TAKE_OVER,
        help="The router takes over this mailbox, with its server and password.",
    )
    can_take_over = fields.Boolean(compute="_compute_can_take_over")
    mailbox = fields.Char(
        "Email Address",
        help="The mailbox that receives the mail for all addresses of your domain "
        "that have no mailbox of their own.",
    )
    password = fields.Char(
        compute="_compute_password",
        inverse="_inverse_password",
        **questions.PASSWORD,
    )
    password_hint = fields.Char(compute="_compute_password")
    typed_password = fields.Char(groups=fields.NO_ACCESS)
    domain = fields.Char("Company Domain", **questions.DOMAIN)
    domain_needed = fields.Boolean(compute="_compute_domain_needed")
    # servers
    advanced = fields.Boolean(
        "I want to enter the servers myself",
        help="Shows the fields of the servers. Odoo finds most servers by itself; "
        "enter yours if it does not.",
    )
    provider = fields.Selection(
        selection=lambda self: [(one.code, one.name) for one in providers.PROVIDERS],
        string="Mail Provider",
        help="Who runs the mailbox. Choosing one fills in its servers and the "
        "settings that are known to work there.",
    )
    login = fields.Char(**questions.LOGIN)
    incoming_type = fields.Selection(
        selection=_selection_of("catchall_incoming_type"), **questions.INCOMING_TYPE
    )
    incoming_host = fields.Char(**questions.INCOMING_HOST)
    incoming_port = fields.Integer(
        help="Leave it empty: Odoo finds it by trying. Usually it is 993 for IMAP "
        "and 995 for POP3.",
    )
    incoming_encryption = fields.Selection(
        selection=_selection_of("catchall_incoming_encryption"),
        help="Leave it empty: Odoo finds it by trying. Encryption keeps others from "
        "reading the password on its way.",
    )
    outgoing_host = fields.Char(**questions.OUTGOING_HOST)
    outgoing_port = fields.Integer(
        help="Leave it empty: Odoo finds it by trying. Usually it is 587 or 465.",
    )
    outgoing_encryption = fields.Selection(
        selection=_selection_of("catchall_outgoing_encryption"),
        help="Leave it empty: Odoo finds it by trying. Encryption keeps others from "
        "reading the password on its way.",
    )
    found_for = fields.Char(
        readonly=True,
        help="The address whose servers these are, unless a person has typed them.",
    )
    # addresses
    line_ids = fields.One2many(
        "mail.catchall.setup.line",
        "setup_id",
        "Apps",
        help="The apps that can get mail, each with its address.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    def _compute_display_name(self):
        self.display_name = self.env._("Setup Assistant")

    @api.depends("router_id.health_report")
    @api.depends_context("lang")
    def _compute_forwarding(self):
        """Say which provider waits for a person's word before it forwards to us."""
        for setup in self:
            report = setup.router_id.health_report or {"items": []}
            setup.forwarding = next(
                (
                    one["sentence"]
                    for one in report["items"]
                    if one["item"] == "forwarding"
                ),
                False,
            )

    @api.depends("company_id", "mailbox")
    def _compute_by_hand(self):
        """Say whether the servers log in otherwise than with a password: signed in to
        at Google or Microsoft, which can be done again here, or by other means."""
        for setup in self:
            router = setup._router()
            by_token = router._is_by_token()
            setup.by_hand = router._is_by_hand() and not by_token
            setup.is_signed_in = by_token and setup._address() == router.account_email

    @api.depends("company_id")
    def _compute_can_take_over(self):
        for setup in self:
            setup.can_take_over = not setup._router() and bool(
                self.env["fetchmail.server"].search_count(TAKE_OVER, limit=1)
            )

    @api.depends("take_over_id", "company_id")
    def _compute_password(self):
        """Return no password, only whether there is one."""
        unchanged = self.env._("unchanged")
        for setup in self:
            setup.password = False
            setup.password_hint = unchanged if setup._known_password() else False

    def _inverse_password(self):
        for setup in self.filtered("password"):
            setup.sudo().typed_password = setup.password
        self.invalidate_recordset(["password"])

    @api.depends("mailbox", "domain")
    def _compute_domain_needed(self):
        """An address of a provider doesn't tell the company's domain."""
        for setup in self:
            own = setup._mailbox_domain()
            other = own and setup.domain and setup._domain_name() != own
            setup.domain_needed = bool(providers.of_address(own) or other)

    # ------------------------------------------------------------
    # ONCHANGE
    # ------------------------------------------------------------

    @api.onchange("mailbox")
    def _onchange_mailbox(self):
        """Follow with what the address tells; forget servers of another domain."""
        domain = self._mailbox_domain()
        if not domain:
            return
        self._glance(domain)
        if email_normalize(self.take_over_id.user or "") != self._address():
            self.take_over_id = False
        known = providers.of_address(domain)
        if not self._router():
            self.domain = False if known else domain
        if self.found_for and addresses.domain(self.found_for) != domain:
            self.update({name: False for name in SERVER_FIELDS})
            self.provider = False
        if known:
            self.provider = known.code

    @api.onchange("take_over_id")
    def _onchange_take_over(self):
        """Fill in the mailbox that Odoo reads already, and how it sends for it."""
        server = self.take_over_id
        if server:
            self.update(self._prepare_taken_over(server))

    @api.onchange("provider")
    def _onchange_provider(self):
        """Fill in the servers of the provider."""
        provider = providers.find(self.provider)
        domain = self._mailbox_domain() or self.domain
        if provider and domain:
            candidates = discovery.of_provider(provider, domain)
            self.update(
                {
                    **self._prepare_found("incoming", candidates.incoming[0]),
                    **self._prepare_found("outgoing", candidates.outgoing[0]),
                    # Of an address that is corrected later they are not.
                    "found_for": self._address(),
                }
            )

    @api.onchange("incoming_host")
    def _onchange_incoming_host(self):
        """Let the port and the encryption of another server be found by trying."""
        self._forget_preset("incoming")

    @api.onchange("outgoing_host")
    def _onchange_outgoing_host(self):
        """Let the port and the encryption of another server be found by trying."""
        self._forget_preset("outgoing")

    def _forget_preset(self, direction):
        """Empty what is the provider's, of a server that is not."""
        provider = providers.find(self.provider)
        domain = self._mailbox_domain() or self.domain
        if not provider or not domain or not self[f"{direction}_host"]:
            return
        candidates = discovery.of_provider(provider, domain)
        preset = self._prepare_found(direction, getattr(candidates, direction)[0])
        host = preset.pop(f"{direction}_host")
        is_other = self[f"{direction}_host"] != host
        if is_other and all(self[name] == value for name, value in preset.items()):
            self.update(dict.fromkeys(preset, False))

    # ------------------------------------------------------------
    # OPEN
    # ------------------------------------------------------------

    @api.model
    def _open_app(self):
        """Return what the app begins with: its dashboard, or this assistant for who can
        set up the first router."""
        routers = self.env["mail.catchall.router"].sudo().search_count([], limit=1)
        if not routers and self.env.user.has_group("base.group_system"):
            return self._open_assistant()
        return self.env["ir.actions.actions"]._for_xml_id(
            "mail_catchall_router.mail_catchall_dashboard_action"
        )

    @api.model
    def _open_assistant(self):
        """Go on with a first set-up that was left half way, else begin anew, with what
        there is filled in.

        :return: the action that shows the assistant
        """
        router = self.env["mail.catchall.router"]._of_company()
        if not router and (unfinished := self._find_unfinished()):
            return unfinished._show()
        shown = router._shown_values()
        values = {name: shown[name] for name in shown if name in self._fields}
        if router:
            values.update(found_for=router.account_email, router_id=router.id)
        if router._is_by_token():
            # As it is asked for where a password is entered instead.
            values.update(provider=router._token_provider(), incoming_type="imap")
        setup = self.create(values)
        if not router:
            setup._propose_take_over()
        return setup._show()

    @api.model
    def _find_unfinished(self):
        """Return this user's assistant in which a mailbox was entered last."""
        return self.search(
            [
                ("create_uid", "=", self.env.uid),
                ("company_id", "=", self.env.company.id),
                ("router_id", "=", False),
                ("mailbox", "!=", False),
            ],
            order="id desc",
            limit=1,
        )

    def _propose_take_over(self):
        """Choose the mailbox that Odoo reads already, if there is just one."""
        servers = self.env["fetchmail.server"].search(TAKE_OVER, limit=2)
        if len(servers) == 1:
            self.write(
                {"take_over_id": servers.id, **self._prepare_taken_over(servers)}
            )

    def _show(self):
        """Return the action that shows this assistant as it stands."""
        return window(self.env, "setup_action", res_id=self.id, views=[(False, "form")])

    # ------------------------------------------------------------
    # WHAT IS IN THE FORM
    # ------------------------------------------------------------

    def _router(self):
        """Return the company's router, or none."""
        routers = self.env["mail.catchall.router"]
        return routers.with_company(self.company_id)._of_company()

    def _address(self):
        return email_normalize(self.mailbox or "") or ""

    def _mailbox_domain(self):
        return addresses.domain(self._address())

    def _domain_name(self):
        """Return the company's domain: the one that was typed, else the mailbox's,
        unless that is its provider's."""
        typed = (self.domain or "").strip().lower().removeprefix("@")
        own = self._mailbox_domain()
        return typed or ("" if providers.of_address(own) else own)

    def _login_name(self):
        return (self.login or "").strip() or self._address()

    def _keeps_servers(self):
        """Tell whether the router's servers stay as they are: a person has entered
        nothing with which they could log in otherwise."""
        is_new = self._signs_in() or (not self.by_hand and self.sudo().typed_password)
        return (self.by_hand or self.is_signed_in) and not is_new

    def _known_password(self):
        """Return the typed password, else the one that Odoo knows of the mailbox."""
        stored = (
            self.take_over_id.password or self._router().fetchmail_server_id.password
        )
        return self.sudo().typed_password or stored

    def _incoming_values(self):
        """Return the form as values of a ``fetchmail.server``."""
        if self._signs_in():
            return self._sign_in_incoming()
        return self.env["mail.catchall.router"]._prepare_incoming(
            self.incoming_type,
            self.incoming_host,
            self.incoming_port,
            self.incoming_encryption,
            self._login_name(),
            self._known_password(),
        )

    def _outgoing_values(self):
        """Return the form as values of an ``ir.mail_server``.

        A router that sends with another login keeps it.
        """
        if self._signs_in():
            return self._sign_in_outgoing()
        router = self._router()
        login, password = self._login_name(), self._known_password()
        if router._has_own_login():
            login, password = (
                router.mail_server_id.smtp_user,
                router.mail_server_id.smtp_pass,
            )
        values = router._prepare_outgoing(
            self.outgoing_host,
            self.outgoing_port,
            self.outgoing_encryption,
            login,
            password,
        )
        if not router.mail_server_id:
            sending = self.env["ir.mail_server"]
            values.update(sending._catchall_preset(self.provider))
            values["catchall_provider"] = self.provider
        return values

    def _prepare_taken_over(self, server):
        """Return the values of this form for a ``fetchmail.server``."""
        shared = self.env["ir.mail_server"].search([("owner_user_id", "=", False)])
        # Where another addon reads these from a file, no search knows them.
        outgoing = shared.filtered(
            lambda one: (
                (one.smtp_user, one.smtp_authentication) == (server.user, "login")
            )
        )[:1]
        address = email_normalize(server.user or "") or False
        values = {
            **self.env["mail.catchall.router"]._shown_incoming(server),
            "mailbox": address or self.mailbox,
            "login": False if address else server.user,
            "found_for": address,
        }
        if address and not providers.of_address(addresses.domain(address)):
            values["domain"] = addresses.domain(address)
        if outgoing:
            values.update(
                outgoing_host=outgoing.smtp_host,
                outgoing_port=outgoing.smtp_port,
                outgoing_encryption=outgoing.smtp_encryption,
            )
        return values

    def _require_address(self):
        """Check the address and the domain.

        :raises UserError: one sentence
        """
        if not self._address():
            raise UserError(
                self.env._(
                    "Please enter the address of the mailbox. It looks like "
                    "catchall@example.com."
                )
            )
        if not self._domain_name():
            raise UserError(
                self.env._(
                    "Please enter your company's domain: the part after the @ in its "
                    "addresses."
                )
            )
        self.env["mail.catchall.router"]._check_set_up(
            self.mailbox,
            self._domain_name(),
            (self.incoming_port, self.outgoing_port),
        )

    def _require_account(self):
        """Check that the mailbox can be tried.

        :raises UserError: one sentence
        """
        self._require_address()
        self._require_password_taken()
        if not self._known_password():
            raise UserError(self.env._("Please enter the password of the mailbox."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_back(self):
        """Return to the mailbox, from behind a sign-in to that."""
        is_behind = self.step != "sign_in" and self.sign_in_incoming_id
        if self.sign_in_incoming_id and not is_behind:
            # What was found out is about servers that are gone now.
            self._forget_results()
        if not is_behind:
            self._forget_sign_in()
        step = "sign_in" if is_behind else "account"
        self.write({"step": step, "stage": False, "question": False})
        return True

    def action_finish(self):
        """Save everything, and send a mail round to see that it works.

        :return: the action that shows the round trip, to who may see it
        :raises UserError: when an address is not free
        """
        self.ensure_one()
        self._check_lines()
        router = self._save()
        self._save_addresses(router)
        self.sudo().typed_password = False
        self.write({"step": "done", "router_id": router.id})
        self._begin_waiting()
        router.sudo().fetchmail_server_id._catchall_wake()
        # Of a router that another company shares, that one's people test it.
        is_theirs = router.sudo(False).has_access("write")
        if is_theirs and self.env["mail.catchall.trip"].has_access("create"):
            return self.action_round_trip()
        return True

    def action_round_trip(self):
        """Send a mail round, and show beside this assistant how far it is."""
        router = self.env["mail.catchall.router"].browse(self.router_id.id)
        addon = "mail_catchall_router"
        dialog = self.env.ref(f"{addon}.mail_catchall_trip_view_form_dialog")
        return dict(
            router.action_round_trip(), target="new", views=[(dialog.id, "form")]
        )

    def action_confirm_forwarding(self):
        """Open the provider's page that confirms the forwarding, or the mail."""
        return (
            self.env["mail.catchall.router"]
            .browse(self.router_id.id)
            .action_health("forwarding")
        )

    def _save(self):
        """Make or update the router of the company."""
        router = self._router()
        if self._keeps_servers():
            router.fetchmail_server_id.state = "done"
            return router
        is_new = not router
        router = router._set_up(
            {
                "domain": self._domain_name(),
                "address": self._address(),
                "incoming": self._incoming_values(),
                "outgoing": self._outgoing_values(),
            }
        )
        self._keep_sign_in(router)
        if is_new:
            # Who has set it up is told what waits, until somebody else is chosen.
            router.digest_user_ids = self.env.user
        return router

    def action_open_router(self):
        """Open the router."""
        return form(self._router())

    def action_open_incoming(self):
        """Open the incoming server, where one signs in."""
        return form(self._router().fetchmail_server_id)

    def action_open_outgoing(self):
        """Open the outgoing server, where one signs in."""
        return form(self._router().mail_server_id)
