from odoo import api, fields, models
from odoo.tools import html2plaintext

#: What a step of the trace is written down with as a column, or that is only for undo.
NOT_DETAILS = frozenset({"step", "code", "user", "user_id", "time", "before"})

#: What a filter says of a mail, who may be wrong about its sender.
FILTERED = ("spam", "suspicious")
#: What a person does with such mail when it was wanted.
WANTED = ("release", "not_spam", "allow")


class MailCatchallDecision(models.Model):
    """One decision of a person on one message: who, when, what, and what was before.

    Rows are added and never changed; one that is taken back gets another row.
    """

    _name = "mail.catchall.decision"
    _description = "Decision on an Email"
    _inherit = ["mail.catchall.evidence"]
    _order = "id desc"
    _rec_name = "code"

    message_id = fields.Many2one(
        "mail.catchall.message",
        "Email",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="message_id.company_id", store=True)
    code = fields.Selection(
        [
            ("release", "Release"),
            ("not_spam", "Not Spam"),
            ("allow", "Allow Sender"),
            ("discard", "Discard"),
            ("spam", "Discard as Spam"),
            ("block", "Block Sender"),
            ("reject", "Reject"),
            ("choose", "Choose an Address"),
            ("route_to", "Route To"),
            ("create_address", "Create the Address"),
            ("snooze", "Snooze"),
            ("undo", "Undo"),
        ],
        "Decision",
        required=True,
        readonly=True,
    )
    date = fields.Datetime("Decided", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    user_name = fields.Char(
        "Decided By",
        required=True,
        readonly=True,
        help="The name of the user at that time. It stays when the user is renamed or "
        "deleted.",
    )
    state_before = fields.Char(readonly=True)
    reason_before = fields.Char(readonly=True)
    details = fields.Json(readonly=True)
    words = fields.Char("What", compute="_compute_words")

    @api.depends("code", "details", "user_name", "date")
    def _compute_words(self):
        for decision in self:
            sentence = decision.message_id._sentence(decision._step())
            decision.words = html2plaintext(sentence or "")

    def _step(self):
        """Return the decision as a step of the message's trace."""
        return {
            # An erased mail names nobody any more.
            "sender": "",
            "target": "",
            **(self.details or {}),
            "step": "person",
            "code": self.code,
            "user": self.user_name,
            "time": fields.Datetime.to_string(self.date),
        }

    @api.model
    def _prepare_values(self, message, step):
        """Return the values for a decision.

        :param message: the ``mail.catchall.message``
        :param step: dict, the step "person" of its trace
        """
        before = step.get("before") or {}
        return {
            "message_id": message.id,
            "code": step["code"],
            "date": step["time"],
            "user_id": step["user_id"],
            "user_name": step["user"],
            "state_before": before.get("state") or message.state,
            "reason_before": before.get("reason_code") or message.reason_code,
            "details": {
                name: value for name, value in step.items() if name not in NOT_DETAILS
            },
        }
