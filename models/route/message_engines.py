import logging

from odoo import api, fields, models

from ...tools.inbound import answers as answer_tools
from ...tools.inbound import networks
from ...tools.runtime.time_limit import TimeLimitExceeded, time_limit
from ...tools.servers import engines
from ..concurrency import start_over
from .batch import Batch

_logger = logging.getLogger(__name__)

# What is said of an engine that is to be asked once more.
UNANSWERED = ("silent", "awaited")
CONDEMNING, ACQUITTING = ("spam", "virus"), ("fine", "doubt", "clean")
# How often mail is held and routed again, by itself, for want of an answer.
MOST_ASKED = 10


class MailCatchallMessage(models.Model):
    """Engines: what Rspamd, SpamAssassin and ClamAV say of a mail.

    They are asked before routing, between two transactions: whoever waits for another
    server holds nothing in the database.
    """

    _inherit = "mail.catchall.message"

    engine_notes = fields.Json(
        "What the Engines Said", readonly=True, groups="base.group_system"
    )

    def _ask_engines(self, opened):
        """Ask the engines of the routers about these claimed messages; commits, if
        there is anything to ask.

        :param opened: as for :meth:`_open_mails`
        """
        routers = self.router_id
        found = self.env["mail.catchall.engine"].search(
            [("router_id", "in", routers.ids)]
        )
        for router, asked in found.grouped("router_id").items():
            messages = self.filtered(
                lambda one, router=router: one.router_id == router and one._is_unasked()
            )
            if messages:
                messages._ask(asked, opened)

    def _is_unasked(self):
        """Tell whether the engines are to be asked: they have not judged it, and no
        person has let it pass."""
        notes = self.engine_notes
        is_open = not notes or any(one["code"] in UNANSWERED for one in notes)
        return is_open and self.raw_kept and self.complete and not self.released

    def _ask(self, asked, opened):
        """Ask engines about these messages, at once, and keep what they say; commits.

        :param asked: the ``mail.catchall.engine`` of their router
        :param opened: as for :meth:`_open_mails`
        """
        self._open_mails(opened)
        mails = [(opened[one].raw, one._try_envelope(asked, opened)) for one in self]
        addresses = [one._address() for one in asked]
        self.env["ir.cron"]._commit_progress()
        answers = engines.ask_all(addresses, mails)
        self._retry_on_concurrency(lambda: self._keep_engine_notes(asked, answers))
        asked._note_answers(answers)

    def _keep_engine_notes(self, asked, answers):
        """Keep what engines say of these messages; a person may write on one of them at
        the same moment, so that it is to be done again.

        :param answers: of each engine what ``engines.ask_all`` says
        """
        for message, said in zip(self, zip(*answers, strict=True), strict=True):
            message.engine_notes = asked._notes_of(said, message._count_asked() + 1)

    def _count_asked(self):
        """Return how often the engines were asked about this message."""
        notes = self.sudo().engine_notes or []
        return max((one.get("tries", 1) for one in notes), default=0)

    def _engine_verdicts(self):
        """Return a list of (whether it condemns the mail, its score or None) of the
        engines that have judged it."""
        notes = self.sudo().engine_notes or []
        return [
            (one["code"] in CONDEMNING, one.get("score"))
            for one in engines.judged(notes, self.router_id.spam_threshold)
            if one["code"] in (*CONDEMNING, *ACQUITTING)
        ]

    def _ask_for_trial(self):
        """Ask the engines about this message, which is not stored."""
        asked = self.env["mail.catchall.engine"].search(
            [("router_id", "=", self.router_id.id)]
        )
        if asked and self.complete:
            mail = self._raw_bytes(), self._envelope(asked)
            answers = engines.ask_all([one._address() for one in asked], [mail])
            self.engine_notes = asked._notes_of([said for (said,) in answers])

    def _try_envelope(self, asked, opened):
        """Return the ``engines.Envelope``, an empty one of a mail that cannot be read,
        or not in time."""
        try:
            with time_limit(self.env.cr, self.router_id.max_seconds):
                return self._envelope(asked, opened)
        except (Exception, TimeLimitExceeded):
            # Whatever it is, it is met again, and dealt with, by the mail's own try.
            _logger.info("%s: not told to engines", self.message_id, exc_info=True)
            start_over(self.env)
            return engines.Envelope()

    def _envelope(self, asked, opened=None):
        """Return the ``engines.Envelope``: how our provider had the mail, as far as the
        lines tell that its servers wrote. Only Rspamd wants to know.

        :param asked: the ``mail.catchall.engine`` that are to judge it
        :param opened: as for :meth:`_open_mails`, or None
        """
        if engines.RSPAMD not in asked.mapped("kind"):
            return engines.Envelope()
        content = self._read_content(opened)
        # Who is signed in has his address from where he happens to be.
        is_outside = not content.was_submitted
        host = networks.sender_host(content.trace) if is_outside else networks.Host()
        found = self._find_recipients(content, Batch())
        return engines.Envelope(
            address=host.address,
            helo=host.helo,
            host=host.name,
            is_nameless=host.is_nameless,
            sender=answer_tools.envelope_sender(content.trace),
            recipients=tuple(one.address for one in found.must_settle),
            number=f"catchall-{self.id}" if self.id else "",
        )

    # ------------------------------------------------------------
    # AFTERWARDS
    # ------------------------------------------------------------

    @api.model
    def _route_unchecked(self, router):
        """Have routed again what a router holds because an engine did not answer."""
        held = self.search(
            [
                ("router_id", "=", router.id),
                ("state", "=", "held"),
                ("reason_code", "=", "unchecked"),
                ("complete", "=", True),
                ("raw_kept", "=", True),
            ]
        ).try_lock_for_update(allow_referencing=True)
        # An engine that lives may never have an answer to one mail: a person decides.
        held = held.filtered(lambda one: one._count_asked() < MOST_ASKED)
        held._revive()
        if held:
            held._trigger_routing()

    def _teach_engines(self, lesson):
        """Note what the engines are to learn of this mail, because of what a person has
        decided; the job of the lessons tells them.

        :param lesson: "spam", "fine", or False to take it back
        """
        self.env["mail.catchall.engine.lesson"].sudo()._note(self.sudo(), lesson)
