from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ...tools.watch import learning, round_trip
from ..words import translated
from .instructions import OTHER, RECIPIENT_HINTS, catch_all_steps
from .sentences import REMEDIES, SENTENCES

_lt = LazyTranslate(__name__)


WITH_STEPS = ("missing", "recipient_refused", "bounced_unknown")

# code -> the button that applies the remedy
LABELS = {
    "in_junk": _lt("Read This Folder Too"),
    "in_folder": _lt("Read This Folder Too"),
    "recipient_hidden": _lt("Trust These Servers"),
    "author_replaced": _lt("Send as “Name via Company”"),
    "forwarding": _lt("Confirm the Forwarding"),
    "forwarding_unproven": _lt("Open the Email"),
}
# What a held mail asks for.
ASKED_BY_MAIL = ("forwarding", "forwarding_unproven")
# What only an administrator of the whole database may change.
FOR_SYSTEM = ("author_replaced",)

PARAGRAPH = Markup("<p>%s</p>")


class MailCatchallFinding(models.Model):
    """One thing that a round trip has shown, and what to do about it.

    It is kept as a code with its details, so that everybody reads it in the own
    language.
    """

    _name = "mail.catchall.finding"
    _description = "Mail Router Finding"
    _order = "trip_id desc, id"
    _rec_name = "code"

    trip_id = fields.Many2one(
        "mail.catchall.trip", required=True, index=True, ondelete="cascade"
    )
    code = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [
            (round_trip.GOOD, "Good"),
            (round_trip.NOTE, "Good to know"),
            (round_trip.WARNING, "Could be better"),
            (round_trip.PROBLEM, "Problem"),
        ],
        required=True,
        readonly=True,
    )
    details = fields.Json(readonly=True)
    is_applied = fields.Boolean("Applied", readonly=True)
    sentence = fields.Char("Finding", compute="_compute_words")
    remedy = fields.Html("What to Do", compute="_compute_words", sanitize=False)
    action_label = fields.Char(compute="_compute_action_label")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("code", "details")
    @api.depends_context("lang")
    def _compute_words(self):
        for finding in self:
            finding.sentence = finding._fill(SENTENCES[finding.code])
            finding.remedy = finding._remedy()

    @api.depends("code", "is_applied")
    @api.depends_context("lang", "uid")
    def _compute_action_label(self):
        is_system = self.env.user.has_group("base.group_system")
        for finding in self:
            label = LABELS.get(finding.code)
            allowed = is_system or finding.code not in FOR_SYSTEM
            finding.action_label = (
                translated(self.env, label)
                if label and allowed and not finding.is_applied
                else False
            )

    def _fill(self, text):
        """Return a text of this room in the reader's language, with the details."""
        return translated(self.env, text) % self._values()

    def _values(self):
        """Return what the texts are filled in with."""
        return {**self.trip_id._instruction_values(), **(self.details or {})}

    def _remedy(self):
        """Return what to do, as Markup; "" where there is nothing to do."""
        parts = []
        if text := REMEDIES.get(self.code):
            parts.append(PARAGRAPH % self._fill(text))
        provider = self.trip_id.router_id._provider_code()
        if self.code == "recipient_untold":
            hint = RECIPIENT_HINTS.get(provider) or RECIPIENT_HINTS[OTHER]
            parts.append(PARAGRAPH % self._fill(hint))
        if self.code in WITH_STEPS:
            values = self._values()
            at = self.trip_id.router_id._catch_all_provider()
            parts.append(catch_all_steps(self.env, at, values))
        return Markup("").join(parts)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_apply(self):
        """Do what the remedy says, once; a forwarding is confirmed by the person, on
        the page that opens.

        :return: an action that opens it, or True
        :raises UserError: where there is nothing to do
        """
        self.ensure_one()
        self.check_access("write")
        if not self.action_label:
            raise UserError(self.env._("There is nothing left to apply."))
        if self.code in ASKED_BY_MAIL:
            action = self.trip_id.router_id._confirm_forwarding()
            # Discarded or released meanwhile: somebody has seen to it.
            self.is_applied = action is True
            return action
        self.is_applied = True
        if self.code in ("in_junk", "in_folder"):
            self.trip_id._read_folder_too(self.details)
        elif self.code == "recipient_hidden":
            self._believe_hosts()
        else:
            self.trip_id.router_id.mail_server_id.catchall_header_from = "via"
        return True

    def _believe_hosts(self):
        hosts = [one.strip() for one in self.details["hosts"].split(",")]
        self.trip_id.router_id._learn_names("own_hosts", learning.learnable(hosts))
