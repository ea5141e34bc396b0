import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_datetime
from odoo.tools.constants import GC_UNLINK_LIMIT

from ...tools.watch.round_trip import seconds_since
from ..concurrency import start_over, try_hold
from ..windows import form

_logger = logging.getLogger(__name__)

#: How often the scheduled action looks after a trip that nobody watches.
NEXT_LOOK = timedelta(seconds=30)
#: How long a trip is kept; a probe that comes back later is not known any more.
KEPT = timedelta(days=90)

OPEN_STATES = ("new", "waiting")
FAILED_STATES = ("found", "bounced", "refused", "missing")


class MailCatchallTrip(models.Model):
    """One mail sent to an address that nobody has, to see whether and how it comes
    back into the catch-all mailbox.

    ``new``: not sent yet;
    ``waiting``: the mail server has taken it;
    ``arrived``: routing has met it in the journal, sooner or later;
    ``found``: it lies in a folder that the router doesn't read;
    ``bounced``: a notice of non-delivery came back instead;
    ``refused``: the mail server did not take it, or could not be reached;
    ``missing``: the time is over and nothing came.
    """

    _name = "mail.catchall.trip"
    _description = "Mail Router Round Trip"
    _order = "id desc"

    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    state = fields.Selection(
        [
            ("new", "Not sent yet"),
            ("waiting", "On its way"),
            ("arrived", "Arrived"),
            ("found", "In another folder"),
            ("bounced", "Undeliverable"),
            ("refused", "Not sent"),
            ("missing", "Not arrived"),
        ],
        required=True,
        default="new",
        readonly=True,
    )
    is_heartbeat = fields.Boolean("Started Automatically", readonly=True)
    # the probe
    recipient = fields.Char("Sent To", readonly=True)
    author = fields.Char("Sent As", readonly=True)
    # Who knows these could forge what comes back, and what the router learns of it.
    message_id = fields.Char(
        "Message-ID Sent",
        readonly=True,
        index="btree_not_null",
        groups="mail_catchall_router.group_mail_catchall_router_manager",
    )
    secret = fields.Char(
        readonly=True,
        groups="mail_catchall_router.group_mail_catchall_router_manager",
    )
    # its way
    sent_date = fields.Datetime("Sent At", readonly=True)
    looked_date = fields.Datetime("Last Look", readonly=True)
    junk_date = fields.Datetime("Last Look into Junk", readonly=True)
    ended_date = fields.Datetime("Ended", readonly=True)
    seconds = fields.Integer(readonly=True, help="How long it took.")
    journal_id = fields.Many2one(
        "mail.catchall.message",
        "Came Back As",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    folder = fields.Char(readonly=True)
    unread_reason = fields.Char(
        "Mailbox Cannot Be Read",
        readonly=True,
        help="Why Odoo could not read the mailbox last time.",
    )
    progress = fields.Json(compute="_compute_progress")

    _open_idx = models.Index("(id) WHERE state IN ('new', 'waiting')")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("create_date", "sent_date")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for trip in self:
            trip.display_name = self.env._(
                "Round trip of %s",
                format_datetime(
                    self.env, trip.sent_date or trip.create_date, dt_format="short"
                ),
            )

    @api.depends("state", "author", "sent_date", "seconds", "folder", "unread_reason")
    @api.depends_context("lang")
    def _compute_progress(self):
        """Return how far the trip is, as the screen shows it: ``is_open``, a ``note``,
        and ``steps``, each with a ``label`` and a ``state``: "done", "now", "todo" or
        "failed"."""
        for trip in self:
            trip.progress = {
                "is_open": trip.state in OPEN_STATES,
                "steps": trip._steps(),
                "note": trip._note_on_wait(),
            }

    def _steps(self):
        handed_over = "done" if self.author else "failed"
        if self.state == "new":
            handed_over = "now"
        taken = {"new": "todo", "refused": "failed"}.get(self.state, "done")
        back = {
            "new": "todo",
            "refused": "todo",
            "waiting": "now",
            "arrived": "done",
        }.get(self.state, "failed")
        return [
            {"label": self._sent_label(), "state": handed_over},
            {"label": self._taken_label(), "state": taken},
            {"label": self._back_label(), "state": back},
        ]

    def _sent_label(self):
        if not self.recipient:
            return self.env._("Odoo sends an email to a made-up address.")
        return self.env._(
            "Odoo sends an email to %s, a made-up address.", self.recipient
        )

    def _taken_label(self):
        if self.state == "refused":
            return self.env._("The mail server did not accept it.")
        if self.state == "new":
            return self.env._("The mail server accepts it.")
        return self.env._("The mail server accepted it.")

    def _back_label(self):
        return {
            "waiting": self.env._(
                "Waiting for it in the catch-all mailbox: %s s",
                seconds_since(self.sent_date, fields.Datetime.now()),
            ),
            "arrived": self.env._("It has arrived after %s s.", self.seconds),
            "found": self.env._(
                "It is in the folder “%s”, which Odoo does not read.", self.folder
            ),
            "bounced": self.env._("It came back as undeliverable."),
            "missing": self.env._("It has not arrived (yet)."),
        }.get(self.state, self.env._("It arrives in the catch-all mailbox."))

    def _note_on_wait(self):
        if self.state not in OPEN_STATES:
            return ""
        if self.unread_reason:
            return self.env._(
                "Odoo cannot read the mailbox now: %s", self.unread_reason
            )
        return self.env._(
            "This takes up to three minutes. You may leave this page: the result will "
            "be here when you come back."
        )

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    @api.model
    def _start(self, router):
        """Make a trip, which the screen or the scheduled action then sends.

        :raises UserError: where the router cannot send or receive
        """
        router._require_original()
        router_sudo = router.sudo()
        needed = ("alias_domain_ids", "mail_server_id", "fetchmail_server_id")
        if not all(router_sudo[name] for name in needed):
            raise UserError(
                self.env._(
                    "Router %s needs a domain, an incoming server and an outgoing "
                    "server for a round trip test.",
                    router.name,
                )
            )
        trip = self.create({"router_id": router.id})
        trip._wake()
        return trip

    def _wake(self, delay=timedelta()):
        """Let the scheduled action go on with the trips, whoever looks at them."""
        cron = self.env.ref("mail_catchall_router.ir_cron_trip").sudo()
        cron._trigger(fields.Datetime.now() + delay)

    def _open(self):
        """Return the action that shows the trip."""
        return form(self, name=self.env._("Round Trip Test"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_follow(self):
        """Take the step that is due; the screen asks every few seconds. Who may only
        read sees what others have done.

        :return: ``progress``
        """
        self.ensure_one()
        self.check_access("read")
        if self.has_access("write"):
            self._advance()
        return self.progress

    def action_again(self):
        """Start another trip of the same router.

        :return: the action that shows it
        """
        self.ensure_one()
        return self.router_id.action_round_trip()

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_advance(self):
        """Start the trips that are due, go on with all that are open, and come back
        while there are any."""
        self.env["mail.catchall.router"]._start_heartbeats()
        trips = self.search([("state", "in", OPEN_STATES)])
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=len(trips))
        for trip in trips:
            trip._go_on()
            if not commit_progress(1):
                break
        if trips.filtered(lambda trip: trip.state in OPEN_STATES):
            self._wake(NEXT_LOOK)

    @api.autovacuum
    def _gc_trips(self):
        """Forget old trips; the last of each router stays, it is shown there.

        :return: (number done, whether there may be more)
        """
        outdated = self.search(
            [("create_date", "<", fields.Datetime.now() - KEPT)], limit=GC_UNLINK_LIMIT
        )
        done = outdated - outdated.router_id.last_trip_id
        done.unlink()
        return len(done), len(outdated) >= GC_UNLINK_LIMIT

    def _go_on(self):
        """Take the step that is due; what is wrong with one trip keeps no other from
        its own, and is that trip's end."""
        try:
            self._advance()
            # A collision is found while it is written.
            self.env.cr.flush()
        except Exception as error:
            # The boundary of the scheduled action: whatever one raises, it goes on.
            _logger.info("Round trip %s: a step failed", self.id, exc_info=True)
            start_over(self.env)
            # Somebody else was at it: there is a next look.
            if not isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                self._fail(str(error) or repr(error))

    # ------------------------------------------------------------
    # ADVANCE
    # ------------------------------------------------------------

    def _advance(self):
        """Take the step that is due, unless another worker is at it."""
        if not try_hold(self):
            return
        self.invalidate_recordset()
        if self.state == "new":
            self._send()
        elif self.state == "waiting" and self._is_look_due():
            self._look()
