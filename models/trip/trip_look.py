import time
from datetime import timedelta

from odoo import api, fields, models

from ...tools.servers.diagnosis import diagnose
from ...tools.watch import round_trip

#: How long a probe is waited for before it is said that it has not come back.
TIME_LIMIT = timedelta(minutes=3)
#: The mailbox is read again after a part of the time that was waited, and not before.
SHORTEST_PAUSE = timedelta(seconds=2)
PAUSE_PART = 5
FIRST_JUNK_LOOK = timedelta(seconds=10)
#: Seconds after which a look begins no other batch of mails.
COLLECTING_SECONDS = 10
#: Most mails that one look routes; the lanes do the rest.
ROUTED_AT_ONCE = 50

NOT_SENT_STATES = ("new", "arrived")


class MailCatchallTrip(models.Model):
    """Looking for the probe: in the mailbox while it is waited for, and whenever
    routing meets it or a notice about it."""

    _inherit = "mail.catchall.trip"

    # ------------------------------------------------------------
    # LOOK
    # ------------------------------------------------------------

    def _is_look_due(self):
        now = fields.Datetime.now()
        pause = max(SHORTEST_PAUSE, (now - self.sent_date) / PAUSE_PART)
        return not self.looked_date or now - self.looked_date >= pause

    def _look(self):
        """Look into the mailbox, then into Junk; give the probe up when its time is
        over and it is nowhere."""
        self.looked_date = fields.Datetime.now()
        self._collect()
        is_over = self._is_over()
        if self.state == "waiting" and (is_over or self._is_junk_due()):
            self.junk_date = fields.Datetime.now()
            self._find_elsewhere(everywhere=is_over)
        if self.state == "waiting" and is_over:
            self._give_up()

    def _collect(self):
        """Collect and route what there is."""
        router_sudo = self.router_id.sudo()
        # A person waits for the answer: what a full mailbox has beyond comes next.
        server_sudo = router_sudo.fetchmail_server_id.with_context(
            catchall_until=time.monotonic() + COLLECTING_SECONDS
        )
        error = server_sudo._catchall_collect()
        self.invalidate_recordset()
        self.unread_reason = (
            diagnose(error).words if error else router_sudo._why_not_collected()
        )
        self._route_received()

    def _route_received(self):
        """Route what has just been collected, without waiting for a lane."""
        messages = self.env["mail.catchall.message"].search(
            [("router_id", "=", self.router_id.id), ("state", "=", "received")],
            limit=ROUTED_AT_ONCE,
        )
        if messages:
            messages.action_route()
            self.invalidate_recordset()

    def _is_junk_due(self):
        """Tell whether twice the time has passed since the last look into Junk."""
        first = self.sent_date + FIRST_JUNK_LOOK
        last = self.junk_date or self.sent_date
        now = fields.Datetime.now()
        return now >= first and now - self.sent_date >= 2 * (last - self.sent_date)

    def _is_over(self):
        return fields.Datetime.now() - self.sent_date >= TIME_LIMIT

    # ------------------------------------------------------------
    # RECOGNISE
    # ------------------------------------------------------------

    @api.model
    def _find_of_probe(self, recipients, headers):
        """Return the trip whose probe a mail is, or an empty one.

        The signed address tells which; the secret, that it is no other mail to this
        address. A probe comes back once: what follows is handled like any mail.

        :param recipients: the mail's own addresses
        :param headers: its ``Headers``
        """
        found = self._find_of_addresses(recipients)
        return found.filtered(
            lambda one: round_trip.carries(headers, one.secret or "")
        )[:1]

    @api.model
    def _find_of_bounce(self, bounce):
        """Return the trip whose probe a notice of non-delivery is about, or an empty
        one: it names the signed address, or the probe's Message-ID.

        :param bounce: ``Bounce``
        """
        failed = [one.address for one in bounce.recipients]
        if found := self._find_of_addresses(failed):
            return found[:1]
        ids = list(bounce.original_message_ids)
        if not ids:
            return self
        domain = [("message_id", "in", ids), ("state", "not in", NOT_SENT_STATES)]
        return self.sudo().search(domain, limit=1)

    @api.model
    def _find_of_addresses(self, recipients):
        """Return the trips, not arrived yet, whose signed addresses these are; nothing
        is looked up for other addresses."""
        router = self.env["mail.catchall.router"]
        ids = [router._find_signed_trip(address) for address in recipients]
        found = self.sudo().browse(filter(None, ids)).exists()
        return found.filtered(lambda one: one.state not in NOT_SENT_STATES)
