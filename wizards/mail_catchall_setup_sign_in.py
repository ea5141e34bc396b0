from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ..models.words import translated
from ..tools.servers import discovery, providers, sign_in

_lt = LazyTranslate(__name__)

# The app that brings a provider's way to sign in, by what Odoo calls it.
SIGN_IN_MODULES = {"gmail": "google_gmail", "outlook": "microsoft_outlook"}
# Where one signs in, the connection always begins so.
SIGN_IN_PORT, SSL_PORT = 587, 465
TOKEN_FIELDS = ("refresh_token", "access_token", "access_token_expiration")
NO_ID = _lt("Please enter the client ID that the provider shows for the application.")
NO_SECRET = _lt("Please enter the client secret of the application.")
SWAPPED = _lt("The client ID and the client secret are in each other's place.")
ID_TWICE = _lt(
    "This is the client ID once more. The client secret is another line of the same "
    "page."
)
TORN_SECRET = _lt("There is a space in the client secret. Copy it again, as a whole.")
# What is wrong with an id and a secret, see ``sign_in.check``.
REGISTRATION = {
    (sign_in.GMAIL, "no_id"): NO_ID,
    (sign_in.OUTLOOK, "no_id"): NO_ID,
    (sign_in.GMAIL, "no_secret"): NO_SECRET,
    (sign_in.OUTLOOK, "no_secret"): NO_SECRET,
    (sign_in.GMAIL, "swapped"): SWAPPED,
    (sign_in.OUTLOOK, "swapped"): SWAPPED,
    (sign_in.GMAIL, "id_twice"): ID_TWICE,
    (sign_in.OUTLOOK, "id_twice"): ID_TWICE,
    (sign_in.GMAIL, "torn_secret"): TORN_SECRET,
    (sign_in.OUTLOOK, "torn_secret"): TORN_SECRET,
    (sign_in.GMAIL, "wrong_id"): _lt(
        "This is not a client ID of Google, which looks like "
        "1234567890-abc.apps.googleusercontent.com."
    ),
    (sign_in.OUTLOOK, "wrong_id"): _lt(
        "This is not a client ID of Microsoft. Copy the “Application (client) ID” of "
        "the application's overview page: letters and digits with four dashes."
    ),
    (sign_in.OUTLOOK, "id_of_secret"): _lt(
        "This is the ID of the secret, not the secret. Copy the column “Value”, which "
        "Microsoft shows only right after the secret was made."
    ),
}
# What to do where the provider lets nobody in, see ``sign_in.refusal``.
REFUSALS = {
    "denied": _lt(
        "Nobody has allowed Odoo to read and send the email of this account. Sign in "
        "again, and agree on the provider's page."
    ),
    "admin": _lt(
        "Your organization lets only an administrator allow this. Ask one to approve "
        "the application at the provider, then sign in again."
    ),
    "unassigned": _lt(
        "This account may not use the application. Ask an administrator to assign the "
        "account to it, then sign in again."
    ),
    "stranger": _lt(
        "This account does not belong to the organization in which Odoo is registered. "
        "Sign in with the account of the mailbox, or register Odoo where that belongs."
    ),
    "single": _lt(
        "The application is registered for accounts of one organization only. In its "
        "registration, under Authentication, choose any organization."
    ),
    "policy": _lt(
        "A rule of your organization (conditional access) does not allow this sign-in. "
        "Ask an administrator to make an exception for the application."
    ),
    "secret": _lt(
        "The provider does not accept the client ID with this client secret. Choose "
        "“Other Client ID”, and enter both again."
    ),
    # The client ID is known there, as the provider has let somebody in.
    "no_token": _lt(
        "You have signed in, but the provider gave Odoo no access to the mailbox. The "
        "client secret is probably wrong or has expired. Choose “Other Client ID”, and "
        "enter the client ID and the client secret again."
    ),
    "old_secret": _lt(
        "The client secret has expired. Make a new one at the provider, choose “Other "
        "Client ID”, and enter it."
    ),
    "address": _lt(
        "The provider does not know the address of this Odoo. Choose “Other Client "
        "ID”, and enter the redirect URI shown there in the registration."
    ),
    "late": _lt("The sign-in took too long. Sign in again."),
    "later": _lt("The provider has a problem just now. Sign in again a little later."),
}
NOT_SIGNED_IN = _lt("The provider did not let you sign in.")


class MailCatchallSetup(models.TransientModel):
    """Signing in at Google and Microsoft instead of giving Odoo a password.

    The two apps that can do it need not be there.
    """

    _inherit = "mail.catchall.setup"

    client_id = fields.Char(
        "Client ID",
        help="The name under which the provider knows this Odoo. It is shown where you "
        "registered Odoo.",
    )
    client_secret = fields.Char(
        help="The password of that registration. Odoo keeps it among its parameters.",
    )
    is_registering = fields.Boolean()
    is_registered = fields.Boolean(compute="_compute_is_registered")
    redirect_uri = fields.Char("Redirect URI", compute="_compute_is_registered")
    is_address_refused = fields.Boolean(compute="_compute_is_registered")
    sign_in_incoming_id = fields.Many2one("fetchmail.server")
    sign_in_outgoing_id = fields.Many2one(
        "ir.mail_server", context={"active_test": False}
    )
    signed_in_receiving = fields.Char(compute="_compute_signed_in")
    signed_in_sending = fields.Char(compute="_compute_signed_in")
    # In the words of who let nobody in, see ``sign_in.refusal``.
    sign_in_problem = fields.Char(readonly=True)
    sign_in_advice = fields.Char(compute="_compute_sign_in_advice")
    sign_in_details = fields.Char(compute="_compute_sign_in_advice")
    provider_hint = fields.Text(compute="_compute_provider_hint")
    password_page = fields.Char(compute="_compute_provider_hint")
    can_sign_in = fields.Selection(
        [("yes", "Yes"), ("install", "After an app is installed")],
        compute="_compute_provider_hint",
    )
    sign_in_at = fields.Char(compute="_compute_provider_hint")

    @api.depends("provider", "by_hand", "hoster", "mailbox")
    @api.depends_context("lang")
    def _compute_provider_hint(self):
        known = self.env["fetchmail.server"]._fields["server_type"].get_values(self.env)
        for setup in self:
            provider = setup._provider()
            kind = provider.sign_in if provider and not setup.by_hand else ""
            setup.can_sign_in = kind and ("yes" if kind in known else "install")
            setup.sign_in_at = bool(kind) and provider.code
            setup.provider_hint = provider and setup._hint(provider)
            setup.password_page = bool(setup.provider_hint) and provider.password_page

    def _provider(self):
        """Return the chosen ``Provider``, else the one that the MX record of the
        mailbox's domain names, or None."""
        return providers.find(self.provider or self._told_code())

    def _require_password_taken(self):
        """Check that the provider takes a password at all.

        :raises UserError: what to do instead
        """
        provider = self._provider()
        if not provider or provider.sign_in != "outlook":
            return
        if (self.incoming_host or provider.incoming.host) == provider.incoming.host:
            raise UserError(self._hint(provider))

    def _hint(self, provider):
        """Return what a person must know about a provider's passwords."""
        if self.by_hand:
            return False
        if provider.sign_in == "outlook":
            return self.env._(
                "Microsoft 365 no longer accepts passwords for reading email: sign "
                "in with Microsoft instead."
            )
        return provider.app_password and self._words_app_password(provider.name)

    def _words_app_password(self, name):
        """Return what a person must know where an app password is wanted."""
        return self.env._(
            "%s: your usual password does not work here. Create an app password in "
            "the security settings of the account, and enter it here.",
            name,
        )

    @api.depends("provider", "is_registering", "step")
    def _compute_is_registered(self):
        """Say whether Odoo is registered, and to which address people come back."""
        parameters = self.env["ir.config_parameter"].sudo()
        for setup in self:
            provider = providers.find(setup.provider)
            prefix = provider and providers.TOKEN_PREFIXES.get(provider.sign_in)
            setup.redirect_uri = prefix and f"{setup.get_base_url()}/{prefix}/confirm"
            setup.is_address_refused = bool(prefix) and not sign_in.is_accepted_address(
                setup.redirect_uri
            )
            setup.is_registered = bool(
                prefix
                and not setup.is_registering
                and parameters.get_param(f"{prefix}_client_id")
                and parameters.get_param(f"{prefix}_client_secret")
            )

    @api.depends("sign_in_incoming_id", "sign_in_outgoing_id", "step")
    def _compute_signed_in(self):
        """Say as whom somebody has signed in, "" for not yet."""
        for setup in self:
            setup.signed_in_receiving = setup._signed_in_as(setup.sign_in_incoming_id)
            setup.signed_in_sending = setup._signed_in_as(setup.sign_in_outgoing_id)

    @api.depends("sign_in_problem")
    @api.depends_context("lang")
    def _compute_sign_in_advice(self):
        """Say what to do where somebody came back without having signed in, and what
        there is for who knows more."""
        for setup in self:
            words = setup.sign_in_problem
            sentence = words and REFUSALS.get(sign_in.refusal(words), NOT_SIGNED_IN)
            setup.sign_in_advice = translated(self.env, sentence)
            setup.sign_in_details = words and sign_in.details(words)

    def _signed_in_as(self, server):
        prefix = server and server._catchall_token_prefix()
        if not prefix or not server.sudo()[f"{prefix}_refresh_token"]:
            return False
        return self._address()

    def action_install_sign_in(self):
        """Install the app that signs in at this provider.

        :return: an action that reloads the page, and with it this assistant
        """
        return self._install([SIGN_IN_MODULES[self._provider().sign_in]])

    def action_sign_in(self):
        """Begin to sign in: nothing is saved but this assistant.

        :raises UserError: when the address or the domain is missing
        """
        self.ensure_one()
        self._require_address()
        self._forget_results()
        self._split_hosts()
        provider = self._provider()
        self.write({"provider": provider.code, "found_for": self._address()})
        if not (self.incoming_host and self.outgoing_host):
            candidates = discovery.of_provider(provider, self._mailbox_domain())
            for direction in ("incoming", "outgoing"):
                server = getattr(candidates, direction)[0]
                self.write(self._prepare_found(direction, server))
        self.write({"step": "sign_in", "sign_in_problem": False})
        return True

    def action_register(self):
        """Keep the id and the secret with which Odoo is registered at the provider.

        :raises UserError: that says which of them is wrong, and how it is known
        """
        self.ensure_one()
        kind = self._sign_in_kind()
        client_id = (self.client_id or "").strip()
        secret = (self.client_secret or "").strip()
        problem = sign_in.check(kind, client_id, secret)
        if problem:
            raise UserError(translated(self.env, REGISTRATION[kind, problem]))
        parameters = self.env["ir.config_parameter"].sudo()
        prefix = providers.TOKEN_PREFIXES[kind]
        parameters.set_param(f"{prefix}_client_id", client_id)
        parameters.set_param(f"{prefix}_client_secret", secret)
        self.write(
            {"client_id": False, "client_secret": False, "is_registering": False}
        )
        self.invalidate_recordset(["is_registered"])
        return True

    def action_register_again(self):
        """Enter another id and secret."""
        self.ensure_one()
        self.is_registering = True
        return True

    def action_sign_in_receiving(self):
        """Open the provider's window for reading the mailbox."""
        self._make_sign_in_servers()
        return self.sign_in_incoming_id._catchall_sign_in()

    def action_sign_in_sending(self):
        """Open the provider's window for sending."""
        self._make_sign_in_servers()
        return self.sign_in_outgoing_id._catchall_sign_in()

    def _come_back(self, model, problem=""):
        """Keep what came of a sign-in; the server waits for the end of the assistant.

        :param model: of the server that somebody has signed in to, or has not
        :param problem: the provider's words, "" where there is none
        """
        direction = "incoming" if model == "fetchmail.server" else "outgoing"
        # Core switches on what somebody has signed in to.
        self.sign_in_outgoing_id.active = False
        self.write(
            {
                f"{direction}_state": False,
                f"{direction}_result": False,
                "sign_in_problem": problem or False,
            }
        )

    def action_signed_in(self):
        """Try both servers, once somebody has signed in to them.

        :raises UserError: when that is missing
        """
        self.ensure_one()
        if not (self.signed_in_receiving and self.signed_in_sending):
            raise UserError(
                self.env._("Sign in for receiving and for sending first, one by one.")
            )
        self._forget_results()
        self.sign_in_problem = False
        self._enter_login("incoming")
        return True

    # ------------------------------------------------------------
    # SERVERS
    # ------------------------------------------------------------

    def _sign_in_kind(self):
        """Return what Odoo calls the provider's way to sign in."""
        return providers.find(self.provider).sign_in

    def _make_sign_in_servers(self):
        """Make the two servers to sign in to, which are no router's yet."""
        self.ensure_one()
        if not self.sign_in_incoming_id:
            values = dict(self._incoming_values(), state="draft", name=self._address())
            self.sign_in_incoming_id = self.env["fetchmail.server"].create(values)
        if not self.sign_in_outgoing_id:
            # Core switches it on when somebody has signed in.
            values = dict(self._outgoing_values(), active=False, name=self._address())
            self.sign_in_outgoing_id = self.env["ir.mail_server"].create(
                dict(values, from_filter=self._address())
            )

    def _sign_in_incoming(self):
        """Return the values of a ``fetchmail.server`` to sign in to."""
        return self._router()._prepare_incoming(
            self._sign_in_kind(),
            self.incoming_host,
            self.incoming_port,
            "ssl_strict",
            self._address(),
            False,
        )

    def _sign_in_outgoing(self):
        """Return the values of an ``ir.mail_server`` to sign in to."""
        port = SIGN_IN_PORT if self.outgoing_port == SSL_PORT else self.outgoing_port
        values = self._router()._prepare_outgoing(
            self.outgoing_host, port, "starttls", self._address(), False
        )
        preset = self.env["ir.mail_server"]._catchall_preset(self.provider)
        return {
            **values,
            **preset,
            "smtp_authentication": self._sign_in_kind(),
            "catchall_provider": self.provider,
        }

    def _signs_in(self):
        """Tell whether this assistant signs in instead of using a password."""
        return self.step == "sign_in" or bool(self.sign_in_incoming_id)

    def _keep_sign_in(self, router):
        """Move the tokens to the servers of the router."""
        kept = {
            self.sign_in_incoming_id: router.sudo().fetchmail_server_id,
            self.sign_in_outgoing_id: router.sudo().mail_server_id,
        }
        for signed_in, server in kept.items():
            if signed_in and signed_in != server:
                prefix = server._catchall_token_prefix()
                names = [f"{prefix}_{name}" for name in TOKEN_FIELDS]
                server.write({name: signed_in[name] for name in names})
        self._forget_sign_in()

    def unlink(self):
        """Leave no server behind that somebody has signed in to half way."""
        for setup in self:
            setup._forget_sign_in()
        return super().unlink()

    def _forget_sign_in(self):
        """Drop the servers that were made to sign in to, unless a router has them."""
        for server in (self.sign_in_incoming_id, self.sign_in_outgoing_id):
            if not server.catchall_router_ids:
                server.unlink()
        self.write({"sign_in_incoming_id": False, "sign_in_outgoing_id": False})

    @api.model
    def _of_sign_in(self, model, server_id):
        """Return this user's assistant that waits for a server to be signed in to.

        :param model: ``fetchmail.server`` or ``ir.mail_server``
        """
        names = {
            "fetchmail.server": "sign_in_incoming_id",
            "ir.mail_server": "sign_in_outgoing_id",
        }
        if model not in names:
            return self.browse()
        domain = [(names[model], "=", server_id), ("create_uid", "=", self.env.uid)]
        return self.search(domain, order="id desc", limit=1)
