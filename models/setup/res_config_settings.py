from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..windows import form, notice
from . import questions

INCOMING_PORTS = {
    ("imap", True): 993,
    ("imap", False): 143,
    ("pop", True): 995,
    ("pop", False): 110,
}
OUTGOING_PORTS = {
    "none": 25,
    "starttls": 587,
    "starttls_strict": 587,
    "ssl": 465,
    "ssl_strict": 465,
}
# The fields of the form that are stored somewhere, passwords apart.
FORM = (
    "catchall_domain",
    "catchall_mailbox",
    "catchall_login",
    "catchall_incoming_type",
    "catchall_incoming_host",
    "catchall_incoming_port",
    "catchall_incoming_encryption",
    "catchall_outgoing_host",
    "catchall_outgoing_port",
    "catchall_outgoing_encryption",
    "catchall_outgoing_own_login",
    "catchall_outgoing_login",
    "catchall_envelope",
)
REQUIRED = (
    "catchall_domain",
    "catchall_mailbox",
    "catchall_incoming_host",
    "catchall_incoming_port",
    "catchall_outgoing_host",
    "catchall_outgoing_port",
)


class ResConfigSettings(models.TransientModel):
    """One short form for all that a router needs.

    Saving it makes or updates the alias domain, the two servers and the router of
    the current company. A form that nobody has touched changes nothing: people
    save the settings for other reasons.

    Passwords go one way. What is typed waits in a field that no user can read
    until the form is saved; what is stored never comes back.
    """

    _inherit = "res.config.settings"

    catchall_router_id = fields.Many2one(
        "mail.catchall.router",
        "Mail Router",
        compute="_compute_catchall_router_id",
        help="What collects and distributes the email of this company's mailbox.",
    )
    catchall_trip_verified = fields.Char(
        "Round Trip",
        compute="_compute_catchall_router_id",
        help="When an email to a made-up address last came back.",
    )
    catchall_by_hand = fields.Boolean(
        compute="_compute_catchall_router_id",
        help="The servers do not use a password: set them up in their own forms.",
    )
    catchall_health_report = fields.Json(compute="_compute_catchall_router_id")
    # account
    catchall_domain = fields.Char("Email Domain", **questions.DOMAIN)
    catchall_mailbox = fields.Char(
        "Mailbox Address",
        help="The mailbox that receives the mail for all addresses of the domain "
        "that have no mailbox of their own. Your mail provider calls it the "
        "catch-all mailbox.",
    )
    catchall_login = fields.Char(**questions.LOGIN)
    catchall_password = fields.Char(
        "Mailbox Password",
        compute="_compute_catchall_passwords",
        inverse="_inverse_catchall_password",
        **questions.PASSWORD,
    )
    catchall_password_hint = fields.Char(compute="_compute_catchall_passwords")
    # incoming
    catchall_incoming_type = fields.Selection(
        [("imap", "IMAP"), ("pop", "POP3")], **questions.INCOMING_TYPE
    )
    catchall_incoming_host = fields.Char(**questions.INCOMING_HOST)
    catchall_incoming_port = fields.Integer(
        "Incoming Port",
        default=993,
        help="The number that belongs to the encryption, usually 993 for IMAP and "
        "995 for POP3 with SSL/TLS. Odoo sets it; change it only if your provider "
        "names another.",
    )
    catchall_incoming_encryption = fields.Selection(
        [
            ("ssl_strict", "SSL/TLS, certificate checked"),
            ("ssl", "SSL/TLS, certificate not checked"),
            ("none", "None"),
        ],
        "Incoming Encryption",
        default="ssl_strict",
        help="Whether others can read the password on its way. Keep “certificate "
        "checked”; choose another only for a server of your own without a valid "
        "certificate.",
    )
    # outgoing
    catchall_outgoing_host = fields.Char(**questions.OUTGOING_HOST)
    catchall_outgoing_port = fields.Integer(
        "Outgoing Port",
        default=587,
        help="The number that belongs to the encryption, usually 587 for STARTTLS "
        "and 465 for SSL/TLS. Odoo sets it; change it only if your provider names "
        "another.",
    )
    catchall_outgoing_encryption = fields.Selection(
        [
            ("starttls_strict", "STARTTLS, certificate checked"),
            ("starttls", "STARTTLS, certificate not checked"),
            ("ssl_strict", "SSL/TLS, certificate checked"),
            ("ssl", "SSL/TLS, certificate not checked"),
            ("none", "None"),
        ],
        "Outgoing Encryption",
        default="starttls_strict",
        help="Whether others can read the password and the mail on their way. Your "
        "provider's help page says STARTTLS or SSL/TLS. Keep “certificate checked” "
        "unless it is a server of your own.",
    )
    catchall_outgoing_own_login = fields.Boolean(
        "Another Login for Sending",
        help="Set it if the outgoing server wants a login other than the mailbox's, "
        "for example that of a delivery service.",
    )
    catchall_outgoing_login = fields.Char(
        "Outgoing Login",
        help="Leave it empty if the outgoing server accepts email without a login.",
    )
    catchall_outgoing_password = fields.Char(
        compute="_compute_catchall_passwords",
        inverse="_inverse_catchall_outgoing_password",
        help="The password of the other login. Odoo never shows it again: leave it "
        "empty to keep the stored one.",
    )
    catchall_outgoing_password_hint = fields.Char(compute="_compute_catchall_passwords")
    catchall_envelope = fields.Selection(
        selection=lambda self: (
            self.env["ir.mail_server"]
            ._fields["catchall_envelope"]
            ._description_selection(self.env)
        ),
        string="Bounces Go To",
        default="account",
        help="Where mail servers report that an email could not be delivered. The "
        "account's address works with every provider; choose another only if yours "
        "allows it.",
    )
    # typed and not saved yet
    catchall_lanes = fields.Integer(
        "Routing Lanes",
        help="How many emails are routed at the same time, 1 to 16. More lanes help "
        "when much email is waiting and the machine has processors to spare.",
    )
    catchall_typed_password = fields.Char(groups=fields.NO_ACCESS)
    catchall_typed_outgoing_password = fields.Char(groups=fields.NO_ACCESS)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("company_id")
    def _compute_catchall_router_id(self):
        router = self._catchall_router()
        self.catchall_router_id = router
        self.catchall_by_hand = router._is_by_hand()
        self.catchall_health_report = router.health_report if router else False
        self.catchall_trip_verified = router.verified

    @api.depends("company_id", "catchall_outgoing_own_login")
    def _compute_catchall_passwords(self):
        """Return no password, only whether there is one."""
        router = self._catchall_router()
        unchanged = self.env._("unchanged")
        for settings in self:
            typed = settings.sudo().catchall_typed_password
            known = typed or router.fetchmail_server_id.password
            typed_outgoing = settings.sudo().catchall_typed_outgoing_password
            known_outgoing = typed_outgoing or (
                router._has_own_login() and router.mail_server_id.smtp_pass
            )
            settings.catchall_password = False
            settings.catchall_outgoing_password = False
            settings.catchall_password_hint = unchanged if known else False
            settings.catchall_outgoing_password_hint = (
                unchanged if known_outgoing else False
            )

    def _inverse_catchall_password(self):
        for settings in self.filtered("catchall_password"):
            settings.sudo().catchall_typed_password = settings.catchall_password
        self.invalidate_recordset(["catchall_password"])

    def _inverse_catchall_outgoing_password(self):
        for settings in self.filtered("catchall_outgoing_password"):
            settings.sudo().catchall_typed_outgoing_password = (
                settings.catchall_outgoing_password
            )
        self.invalidate_recordset(["catchall_outgoing_password"])

    # ------------------------------------------------------------
    # ONCHANGE
    # ------------------------------------------------------------

    @api.onchange("catchall_mailbox")
    def _onchange_catchall_mailbox(self):
        """Take the domain from the address when it is not given yet."""
        _local_part, at, domain = (self.catchall_mailbox or "").strip().rpartition("@")
        if at and not self.catchall_domain:
            self.catchall_domain = domain.lower()

    @api.onchange("catchall_incoming_type", "catchall_incoming_encryption")
    def _onchange_catchall_incoming(self):
        """Follow with the usual port, unless another one was typed."""
        if self.catchall_incoming_port in (0, *INCOMING_PORTS.values()):
            tls = self.catchall_incoming_encryption != "none"
            self.catchall_incoming_port = INCOMING_PORTS.get(
                (self.catchall_incoming_type, tls), 0
            )

    @api.onchange("catchall_outgoing_encryption")
    def _onchange_catchall_outgoing(self):
        """Follow with the usual port, unless another one was typed."""
        if self.catchall_outgoing_port in (0, *OUTGOING_PORTS.values()):
            self.catchall_outgoing_port = OUTGOING_PORTS.get(
                self.catchall_outgoing_encryption, 0
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_catchall_test_incoming(self):
        """Try the incoming server of the form; nothing is saved.

        :raises UserError: with what is wrong, what to do and the server's words
        """
        self.ensure_one()
        router = self._catchall_router()
        if router._is_by_hand():
            return router.action_test_incoming()
        self._catchall_require(
            "catchall_mailbox", "catchall_incoming_host", "catchall_incoming_port"
        )
        values = self._catchall_incoming_values()
        with router._trial("fetchmail.server", values) as server:
            sentence = router._test_incoming(server)
        return self._catchall_works(sentence)

    def action_catchall_test_outgoing(self):
        """Try the outgoing server of the form; nothing is saved.

        :raises UserError: with what is wrong, what to do and the server's words
        """
        self.ensure_one()
        router = self._catchall_router()
        if router._is_by_hand():
            return router.action_test_outgoing()
        self._catchall_require(
            "catchall_mailbox", "catchall_outgoing_host", "catchall_outgoing_port"
        )
        values = self._catchall_outgoing_values()
        with router._trial("ir.mail_server", values) as server:
            sentence = router._test_outgoing(server, self._catchall_address())
        return self._catchall_works(sentence)

    def _catchall_works(self, sentence):
        if self._catchall_is_touched():
            unsaved = self.env._("Press Save to keep these settings.")
            sentence = f"{sentence} {unsaved}"
        return notice(sentence)

    def action_catchall_open_router(self):
        """Open the company's router."""
        self.check_access("write")
        return form(self._catchall_router())

    def action_catchall_round_trip(self):
        """Send a mail round through the company's router, and show how far it is."""
        # The router of the company is found whoever asks.
        self.check_access("write")
        return self._catchall_router().action_round_trip()

    # ------------------------------------------------------------
    # WHAT THERE IS
    # ------------------------------------------------------------

    @api.model
    def get_values(self):
        """Return what the form shows; nothing of the router to who may not save it."""
        if not self.browse().has_access("write"):
            return super().get_values()
        lanes = self.env["mail.catchall.message"]._lanes()
        return {
            **super().get_values(),
            **self._catchall_stored_values(),
            "catchall_lanes": len(lanes),
        }

    @api.model
    def _catchall_router(self):
        """Return the router that this form is about."""
        return self.env["mail.catchall.router"]._of_company()

    @api.model
    def _catchall_stored_values(self):
        """Return what the form shows of the router; {} leaves the defaults."""
        stored = self._catchall_router()._shown_values()
        return {f"catchall_{name}": value for name, value in stored.items()}

    # ------------------------------------------------------------
    # SAVE
    # ------------------------------------------------------------

    def set_values(self):
        result = super().set_values()
        if not self.catchall_by_hand and self._catchall_is_touched():
            self._catchall_save()
        self._catchall_save_lanes()
        return result

    def _catchall_save_lanes(self):
        """Change the number of lanes only if it is another: people save the settings
        for other reasons, also where no scheduled action is active."""
        journal = self.env["mail.catchall.message"]
        if self.catchall_lanes != len(journal._lanes()):
            journal._set_lanes(self.catchall_lanes)

    def _catchall_is_touched(self):
        """Tell whether the form differs from what is stored."""
        stored = self.default_get(FORM)
        typed = self.sudo()
        return bool(
            typed.catchall_typed_password or typed.catchall_typed_outgoing_password
        ) or any((self[name] or False) != (stored.get(name) or False) for name in FORM)

    def _catchall_save(self):
        """Make or update all that the form describes."""
        self._catchall_require(*REQUIRED)
        self._catchall_router()._set_up(
            {
                "domain": self._catchall_domain_name(),
                "address": self._catchall_address(),
                "incoming": self._catchall_incoming_values(),
                "outgoing": self._catchall_outgoing_values(),
            }
        )
        self.sudo().write(
            {
                "catchall_typed_password": False,
                "catchall_typed_outgoing_password": False,
            }
        )

    def _catchall_require(self, *names):
        """Check what is in the form, and that these fields are filled in.

        :raises UserError: one sentence
        """
        missing = [name for name in names if not self[name]]
        if not self._catchall_password():
            missing.append("catchall_password")
        if missing:
            labels = self.fields_get(missing, ["string"])
            raise UserError(
                self.env._(
                    "Catch-all Mail Router: please fill in %(fields)s.",
                    fields=", ".join(labels[name]["string"] for name in missing),
                )
            )
        self.env["mail.catchall.router"]._check_set_up(
            self.catchall_mailbox,
            self._catchall_domain_name(),
            (self.catchall_incoming_port, self.catchall_outgoing_port),
        )

    # ------------------------------------------------------------
    # WHAT IS IN THE FORM
    # ------------------------------------------------------------

    def _catchall_address(self):
        return email_normalize(self.catchall_mailbox or "") or ""

    def _catchall_domain_name(self):
        return (self.catchall_domain or "").strip().lower().removeprefix("@")

    def _catchall_login_name(self):
        return (self.catchall_login or "").strip() or self._catchall_address()

    def _catchall_password(self):
        """Return the mailbox's password: the typed one, else the stored one."""
        stored = self._catchall_router().fetchmail_server_id.password
        return self.sudo().catchall_typed_password or stored

    def _catchall_incoming_values(self):
        """Return the form as values of a ``fetchmail.server``."""
        return self.env["mail.catchall.router"]._prepare_incoming(
            self.catchall_incoming_type,
            self.catchall_incoming_host,
            self.catchall_incoming_port,
            self.catchall_incoming_encryption,
            self._catchall_login_name(),
            self._catchall_password(),
        )

    def _catchall_outgoing_values(self):
        """Return the form as values of an ``ir.mail_server``."""
        login, password = self._catchall_login_name(), self._catchall_password()
        if self.catchall_outgoing_own_login:
            login, password = self._catchall_own_login()
        values = self.env["mail.catchall.router"]._prepare_outgoing(
            self.catchall_outgoing_host,
            self.catchall_outgoing_port,
            self.catchall_outgoing_encryption,
            login,
            password,
        )
        return dict(values, catchall_envelope=self.catchall_envelope)

    def _catchall_own_login(self):
        """Return the login for sending, and its password: the typed one, else the
        stored one."""
        router = self._catchall_router()
        stored = router.mail_server_id.smtp_pass
        login = (self.catchall_outgoing_login or "").strip()
        typed = self.sudo().catchall_typed_outgoing_password
        return login, login and (typed or (router._has_own_login() and stored))
