from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.mail import addresses
from ...tools.outbound import identity, reply_address
from ...tools.servers import providers

DISPLAY = "{name} via {company}"


class IrMailServer(models.Model):
    """Under whose name mail leaves through a router's server: header From, envelope
    sender and Sender are separate choices, for a provider may accept one and refuse
    the other."""

    _inherit = "ir.mail_server"

    catchall_provider = fields.Selection(
        selection="_selection_catchall_provider",
        string="Provider",
        help="Choosing one fills in the settings that are known to work there. You "
        "can change everything afterwards.",
    )
    catchall_header_from = fields.Selection(
        [
            ("author", "The author's own address, if it is on your domains"),
            ("verified", "The author's own address, if it is in the list below"),
            ("via", "The author's name, with the account's address"),
            ("account", "The company's name, with the account's address"),
        ],
        "Sender Shown to Recipients",
        default="author",
        help="What recipients see as the sender of a user's email. Choose the "
        "account's address if your provider refuses or replaces other senders. "
        "Authors outside your domains always appear with it, unless listed below: "
        "otherwise their email would be treated as forged.",
    )
    catchall_envelope = fields.Selection(
        [
            ("account", "The account's address"),
            ("bounce", "An address for this one email (signed bounce address)"),
            ("author", "The author's address"),
        ],
        "Envelope Sender",
        default="account",
        help="Where mail servers report that an email could not be delivered. The "
        "account's address works everywhere. A signed bounce address tells exactly "
        "which email it was, where the provider allows it.",
    )
    catchall_sender_header = fields.Boolean(
        "Name the Account as Sender",
        default=True,
        help="Says in the mail that the account has sent it for the author, as the "
        "standard asks. Outlook then shows “account on behalf of user”. Switch it off "
        "if that disturbs your customers.",
    )
    catchall_display = fields.Char(
        "Form of the Name",
        default=DISPLAY,
        help="How the author is shown when the account's address replaces the "
        "author's own. {name} is the author, {company} the company.",
    )
    catchall_verified = fields.Text(
        "Verified Addresses",
        help="Addresses and domains that the provider lets this account send from, "
        "one per line. They may be outside your domains.",
    )

    @api.model
    def _selection_catchall_provider(self):
        return [(one.code, one.name) for one in providers.PROVIDERS]

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("catchall_display")
    def _check_catchall_display(self):
        for server in self:
            if "{name}" not in (server.catchall_display or ""):
                raise ValidationError(
                    self.env._(
                        "The form of the name must contain {name}: “%s” would give "
                        "everybody the same name.",
                        server.catchall_display or "",
                    )
                )

    @api.constrains("catchall_verified")
    def _check_catchall_verified(self):
        Sender = self.env["mail.catchall.sender"]
        for server in self:
            for line in server._catchall_verified_lines():
                if not Sender._normalize(line):
                    raise ValidationError(
                        self.env._(
                            "“%s” is neither an email address nor a domain.", line
                        )
                    )

    # ------------------------------------------------------------
    # ONCHANGE
    # ------------------------------------------------------------

    @api.onchange("catchall_provider")
    def _onchange_catchall_provider(self):
        """Take over what is known to work at the provider."""
        self.update(self._catchall_preset(self.catchall_provider))

    @api.model
    def _catchall_preset(self, code):
        """Return the values that are known to work at a provider, {} if it is not
        known."""
        preset = providers.find(code)
        if not preset:
            return {}
        values = {
            "catchall_header_from": preset.header_from,
            "catchall_envelope": preset.envelope,
            "catchall_sender_header": preset.sender_header,
            "catchall_limit_minute": preset.per_minute,
            "catchall_limit_hour": preset.per_hour,
            "catchall_limit_day": preset.per_day,
        }
        if preset.connections:
            values["catchall_connections"] = preset.connections
        return values

    # ------------------------------------------------------------
    # IDENTITY
    # ------------------------------------------------------------

    def _catchall_verified_lines(self):
        lines = (self.catchall_verified or "").replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def _catchall_policy(self, sending):
        """Return the ``identity.Policy`` of this server for one mail.

        :param sending: ``ir.mail_server`` with the context of the mail, which may
            choose another envelope sender (``catchall_envelope``)
        """
        router = self.catchall_router_ids[:1]
        normalize = self.env["mail.catchall.sender"]._normalize
        return identity.Policy(
            account=router.account_email or addresses.normalize(self.smtp_user or ""),
            own_domains=router._own_domains(),
            envelope=sending.env.context.get("catchall_envelope")
            or self.catchall_envelope
            or "account",
            company=self._catchall_company(sending, router).name,
            display=self.catchall_display or DISPLAY,
            header_from=self.catchall_header_from or "author",
            sender_header=self.catchall_sender_header,
            verified=frozenset(map(normalize, self._catchall_verified_lines())),
        )

    def _catchall_bounce_address(self, message_id, recipients):
        """Return the signed address for the bounces of one mail, '' where the
        provider doesn't let it through.

        :param message_id: of the ``mail.message``
        :param recipients: list of normalised addresses
        """
        router = self.catchall_router_ids[:1]
        domain = router.alias_domain_ids[:1].name
        if self.catchall_envelope != "bounce" or not domain or not message_id:
            return ""
        return reply_address.make_bounce(
            router._signing_keys()[0],
            router._database_id(),
            message_id,
            recipients[0] if len(recipients) == 1 else "",
            domain,
            "bounce",
        )

    def _catchall_seen_as(self, name, email):
        """Return what recipients see as the sender of a mail by this author."""
        chosen = identity.choose_identity(
            addresses.format_address(name, email), "", self._catchall_policy(self)
        )
        return addresses.readable(chosen.header_from)
