from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.tools import get_lang
from odoo.tools.misc import babel_locale_parse

from ...tools.outbound import reply_address
from ...tools.servers import providers
from ..windows import window
from .mail_catchall_trip import FAILED_STATES


class MailCatchallRouter(models.Model):
    """The round trip test: when a mail was last sent round, and what came of it."""

    _inherit = "mail.catchall.router"

    trip_ids = fields.One2many("mail.catchall.trip", "router_id", "Round Trips")
    last_trip_id = fields.Many2one(
        "mail.catchall.trip", "Last Round Trip", compute="_compute_last_trip"
    )
    is_trip_failed = fields.Boolean(
        "Last Round Trip Failed", compute="_compute_last_trip"
    )
    verified = fields.Char(
        "Round Trip",
        compute="_compute_last_trip",
        help="When an email to a made-up address last came back.",
    )

    domain_provider = fields.Char(
        "Provider of the Domain",
        readonly=True,
        copy=False,
        help="Who receives the domain's mail, as its MX record says.",
    )

    @api.depends("trip_ids.state")
    @api.depends_context("lang")
    def _compute_last_trip(self):
        Trip = self.env["mail.catchall.trip"]
        of_router = [("router_id", "in", self.ids)]
        last = dict(Trip._read_group(of_router, ["router_id"], ["id:max"]))
        dates = self._trips_came_back()
        for router in self:
            router.last_trip_id = last.get(router, False)
            router.is_trip_failed = router.last_trip_id.state in FAILED_STATES
            router.verified = self._verified_words(dates.get(router))

    def _trips_came_back(self):
        """Return {router: when a mail that was sent round came back last}."""
        arrived = [("router_id", "in", self.ids), ("state", "=", "arrived")]
        return dict(
            self.env["mail.catchall.trip"]._read_group(
                arrived, ["router_id"], ["ended_date:max"]
            )
        )

    @api.model
    def _verified_words(self, date):
        if not date:
            return self.env._("Never verified")
        ago = format_timedelta(
            date - fields.Datetime.now(),
            add_direction=True,
            locale=babel_locale_parse(get_lang(self.env).code),
        )
        return self.env._("Verified %s", ago)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_round_trip(self):
        """Send a mail to an address that nobody has, and follow it until it comes
        back.

        :return: the action that shows how far it is, and then what was found
        :raises UserError: where the router cannot send or receive
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["mail.catchall.trip"]._start(self)._open()

    def action_open_trips(self):
        """Open the round trips of the router, the last one first."""
        self.ensure_one()
        self.check_access("read")
        return window(self.env, "trip_action", domain=[("router_id", "=", self.id)])

    # ------------------------------------------------------------
    # PROVIDER
    # ------------------------------------------------------------

    def _provider_code(self):
        """Return the code of the provider whose mailbox is read, "" if not known: the
        one that was chosen for sending, unless the mailbox is another's."""
        self_sudo = self.sudo()
        incoming = providers.of_host(self_sudo.fetchmail_server_id.server or "")
        outgoing = providers.of_host(self_sudo.mail_server_id.smtp_host or "")
        chosen = self_sudo.mail_server_id.catchall_provider or ""
        if incoming and incoming.code != chosen:
            return incoming.code
        return chosen or (outgoing.code if outgoing else "")

    def _catch_all_provider(self):
        """Return the code of the provider or hoster at which the catch-all is switched
        on: the one that receives the domain's mail, else the mailbox's; "" if not
        known."""
        return self.sudo().domain_provider or self._provider_code()

    # ------------------------------------------------------------
    # SIGNED ADDRESS
    # ------------------------------------------------------------

    @api.model
    def _find_signed_trip(self, address):
        """Return the id of the trip that a probe's address was signed for, or None."""
        if not reply_address.looks_like_reply_address(address):
            return None
        return self._read_signed(reply_address.read_probe, address)
