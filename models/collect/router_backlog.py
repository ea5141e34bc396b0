import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..concurrency import write_alone

_logger = logging.getLogger(__name__)

# Collecting goes on when the backlog has sunk to this share of the limit: not at
# once, or it would stop and start with every mail.
SUNK = 0.8


class MailCatchallRouter(models.Model):
    """Back-pressure: when mail arrives faster than it is routed, the mailbox is the
    buffer, and the journal doesn't grow without end."""

    _inherit = "mail.catchall.router"

    max_backlog = fields.Integer(
        "Maximum Backlog",
        default=10000,
        help="When this many collected emails are waiting to be routed, collecting "
        "pauses: new email stays safely in the mailbox. It continues by itself when "
        "enough of them are routed. 0 means no limit.",
    )
    paused_since = fields.Datetime(
        "Collecting Paused Since",
        readonly=True,
        copy=False,
        help="Since when Odoo leaves new email in the mailbox, because too much "
        "email is already waiting to be routed.",
    )

    @api.constrains("max_backlog")
    def _check_max_backlog(self):
        for router in self:
            if router.max_backlog < 0:
                raise ValidationError(
                    self.env._(
                        "Router %s: the maximum backlog cannot be less than 0.",
                        router.name,
                    )
                )

    def _must_pause(self):
        """Tell whether collecting is to pause now, and keep since when it does.

        Commits when that changes: whoever collects goes on to talk to a server, and
        others write on the router meanwhile.
        """
        self.ensure_one()
        limit = self._backlog_limit()
        paused = bool(limit) and self._has_backlog(limit)
        if paused == bool(self.paused_since):
            return paused
        if paused:
            _logger.info("Router %s: collecting pauses, %s mails wait", self.id, limit)
        else:
            _logger.info("Router %s: collecting goes on", self.id)
        # What was done until now stays, also if this is to be written once more.
        self.env["ir.cron"]._commit_progress()
        write_alone(self, {"paused_since": paused and fields.Datetime.now()})
        return paused

    def _stays_paused(self):
        """Tell whether collecting pauses and has to go on pausing: then nobody needs
        to log in."""
        return bool(
            self.paused_since
            and self.max_backlog
            and self._has_backlog(self._backlog_limit())
        )

    def _backlog_limit(self):
        """Return how many waiting mails are too many; lower while collecting pauses."""
        if self.max_backlog and self.paused_since:
            return int(self.max_backlog * SUNK) + 1
        return self.max_backlog

    def _has_backlog(self, count):
        """Tell whether at least so many mails wait. What failed is not counted: it
        waits for its time, however quickly the lanes work."""
        domain = [("router_id", "=", self.id), ("state", "=", "received")]
        waiting = self.env["mail.catchall.message"].sudo()
        return waiting.search_count(domain, limit=count) >= count

    @api.model
    def _wake_paused(self):
        """Wake collecting when the backlog of a router that pauses has sunk."""
        paused = self.search([("paused_since", "!=", False)])
        ready = paused.filtered(lambda router: not router._stays_paused())
        servers = ready.sudo().fetchmail_server_id.filtered(
            lambda server: server.active and server.state == "done"
        )
        if servers:
            servers._catchall_wake()
