from odoo import api, fields, models

from ..tools.servers import providers

# The app that brings a provider's way to sign in, by what Odoo calls it.
SIGN_IN_MODULES = {"gmail": "google_gmail", "outlook": "microsoft_outlook"}
# Where one signs in, the connection always begins so.
SIGN_IN_PORT = 587


class MailCatchallSetup(models.TransientModel):
    """Signing in at Google and Microsoft instead of giving Odoo a password.

    The two apps that can do it need not be there.
    """

    _inherit = "mail.catchall.setup"

    provider_hint = fields.Text(compute="_compute_provider_hint")
    can_sign_in = fields.Selection(
        [("yes", "Yes"), ("install", "After an app is installed")],
        compute="_compute_provider_hint",
    )

    @api.depends("provider", "by_hand")
    def _compute_provider_hint(self):
        known = self.env["fetchmail.server"]._fields["server_type"].get_values(self.env)
        for setup in self:
            provider = providers.find(setup.provider)
            sign_in = provider.sign_in if provider and not setup.by_hand else ""
            setup.can_sign_in = sign_in and ("yes" if sign_in in known else "install")
            setup.provider_hint = provider and setup._hint(provider)

    def _hint(self, provider):
        """Return what a person must know about a provider's passwords."""
        if self.by_hand:
            return False
        if provider.sign_in == "outlook":
            return self.env._(
                "Microsoft 365 no longer accepts passwords for reading email: sign "
                "in with Microsoft instead."
            )
        if provider.app_password:
            return self.env._(
                "%s does not accept your usual password here. Create an app password "
                "in the security settings of the account, and enter it here.",
                provider.name,
            )
        return False

    def action_install_sign_in(self):
        """Install the app that signs in at this provider.

        :return: an action that reloads the page, and with it this assistant
        """
        sign_in = providers.find(self.provider).sign_in
        return self._install([SIGN_IN_MODULES[sign_in]])

    def action_sign_in(self):
        """Prepare both servers for signing in, and open the first.

        :raises UserError: when the address or the domain is missing
        """
        self.ensure_one()
        self._require_address()
        provider = providers.find(self.provider)
        router = self._router()._set_up(
            {
                "domain": self._domain_name(),
                "address": self._address(),
                "incoming": self._sign_in_incoming(provider),
                "outgoing": self._sign_in_outgoing(provider),
            }
        )
        self.router_id = router
        return self.action_open_incoming()

    def _sign_in_incoming(self, provider):
        """Return the values of a ``fetchmail.server`` that nobody has signed in to."""
        server = provider.incoming
        values = self._router()._prepare_incoming(
            provider.sign_in,
            server.host,
            server.port,
            "ssl_strict",
            self._address(),
            False,
        )
        return dict(values, state="draft")

    def _sign_in_outgoing(self, provider):
        """Return the values of an ``ir.mail_server`` that nobody has signed in to."""
        values = self._router()._prepare_outgoing(
            provider.outgoing.host, SIGN_IN_PORT, "starttls", self._address(), False
        )
        preset = self.env["ir.mail_server"]._catchall_preset(provider.code)
        return {
            **values,
            **preset,
            "smtp_authentication": provider.sign_in,
            "catchall_provider": provider.code,
        }
