import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .mail_catchall_trip import FAILED_STATES


class MailCatchallRouter(models.Model):
    """The heartbeat: a round trip each day, and an alert when it fails."""

    _inherit = "mail.catchall.router"

    heartbeat = fields.Selection(
        [("off", "Only when somebody presses the button"), ("daily", "Every day")],
        "Round Trip Test",
        required=True,
        default="off",
        help="Odoo sends an email to a made-up address, and tells the alert "
        "recipients if it does not come back: then your customers' email may not "
        "arrive either.",
    )
    heartbeat_hour = fields.Integer(
        "At (Hour)",
        default=6,
        help="The hour of the day, 0 to 23, in the company's time zone.",
    )
    heartbeat_date = fields.Date("Last Automatic Test", readonly=True, copy=False)
    heartbeat_alert = fields.Char(
        readonly=True,
        copy=False,
        help="The summary of the activity about a failed test.",
    )

    @api.constrains("heartbeat_hour")
    def _check_heartbeat_hour(self):
        for router in self:
            if not 0 <= router.heartbeat_hour <= 23:
                raise ValidationError(
                    self.env._("Router %s: an hour is from 0 to 23.", router.name)
                )

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    @api.model
    def _start_heartbeats(self):
        """Start a trip of each router whose hour has come today."""
        routers = self.search(
            [
                ("heartbeat", "=", "daily"),
                ("alias_domain_ids", "!=", False),
                ("mail_server_id", "!=", False),
                ("fetchmail_server_id", "!=", False),
            ]
        )
        for router in routers:
            now = router._local_now()
            if now.hour >= router.heartbeat_hour and router._is_heartbeat_due(now):
                router.heartbeat_date = now.date()
                router.env["mail.catchall.trip"]._start(router).is_heartbeat = True

    def _is_heartbeat_due(self, now):
        return not self.heartbeat_date or self.heartbeat_date < now.date()

    def _local_now(self):
        """Return the time where the company is."""
        timezone = pytz.timezone(self.company_id.partner_id.tz or "UTC")
        return pytz.utc.localize(fields.Datetime.now()).astimezone(timezone)

    # ------------------------------------------------------------
    # ALERT
    # ------------------------------------------------------------

    def _hear(self, trip):
        """Alert people that the trip has failed; take it back once a mail
        comes round again.

        :param trip: the ``mail.catchall.trip`` that has just ended
        """
        if trip.state == "arrived":
            self._clear_heartbeat_alert()
        elif trip.is_heartbeat and trip.state in FAILED_STATES:
            self.heartbeat_alert = self.env._("Mail does not come back")
            self._alert(
                self.heartbeat_alert,
                self.env._(
                    "The daily round trip test of the router has failed: %(why)s Open "
                    "the router and press Round Trip Test to see what to do.",
                    why=trip.finding_ids[:1].sentence or "",
                ),
            )

    def _clear_heartbeat_alert(self):
        if not self.heartbeat_alert:
            return
        told = self.sudo().activity_ids.filtered(
            lambda one: one.summary == self.heartbeat_alert
        )
        told.action_feedback(feedback=self.env._("An email has come back in a loop."))
        self.heartbeat_alert = False
