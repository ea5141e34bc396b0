from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_datetime
from odoo.tools.translate import LazyTranslate

from ..words import translated
from .mail_catchall_message import REASONS
from .sentences import CLUES, OTHER_STEP, SENTENCES, STEPS

_lt = LazyTranslate(__name__)

# The steps of a trace whose code is a reason.
REASON_STEPS = ("guard", "hold")


LIST = Markup('<ol class="o_catchall_why list-unstyled">%s</ol>')
# What is filled in is escaped: a header's value is text, whatever it holds.
LINE = Markup(
    '<li class="d-flex mb-1"><i class="fa fa-fw %s mt-1 me-2 text-muted"></i>'
    '<span class="o_catchall_step text-muted me-2">%s</span><span>%s</span></li>'
)


class MailCatchallMessage(models.Model):
    """The decisions on a message in words, in the language of who reads them."""

    _inherit = "mail.catchall.message"

    @api.depends("trace")
    @api.depends_context("lang", "tz", "uid")
    def _compute_why(self):
        for message in self:
            message.why = self._why_of(message.trace)

    @api.depends("trace", "reason_code", "state")
    @api.depends_context("lang", "tz", "uid")
    def _compute_reason(self):
        for message in self:
            message.reason = self._reason_of(message.trace, message.reason_code)

    @api.model
    def _why_of(self, trace):
        """Return a trace in words, as Markup: an ordered list of its steps."""
        lines = [
            self._line(step, sentence)
            for step in trace or []
            if (sentence := self._sentence(step))
        ]
        return LIST % Markup("").join(lines)

    def _line(self, step, sentence):
        icon, label = STEPS.get(step["step"], OTHER_STEP)
        return LINE % (icon, translated(self.env, label), sentence)

    @api.model
    def _reason_of(self, trace, reason_code):
        """Return in words why a mail came to its end: the last sentence of the trace
        about it, else its label."""
        words = [
            self._sentence(step) for step in trace or [] if step["code"] == reason_code
        ]
        labels = dict(self._fields["reason_code"]._description_selection(self.env))
        return words[-1] if words else labels.get(reason_code, "")

    @api.depends("trace", "reason_code")
    def _compute_reason_codes(self):
        """List the codes of ``REASONS`` that the last routing found, ``reason_code``
        first; empty for a message that has none."""
        for message in self:
            steps = message._steps_of_last_routing() if message.reason_code else []
            found = [step["code"] for step in steps if step["step"] in REASON_STEPS]
            codes = dict.fromkeys([message.reason_code, *found])
            message.reason_codes = [code for code in codes if code in dict(REASONS)]

    def _sentence(self, step):
        """Return one step of the trace as a sentence, '' when it has none."""
        sentence = SENTENCES.get((step["step"], step["code"])) or SENTENCES.get(
            (step["step"], None)
        )
        if not sentence:
            return ""
        details = {
            "value": "",
            "alias": "",
            "header": "",
            **step,
            "conditions": self._condition_words(step),
            "clues": self._clue_words(step),
            "document": self._document(step),
            "time": self._moment(step.get("time")),
            "until": self._moment(step.get("until")),
            "written": self._beside(step.get("address"), step.get("value")),
            "named": self._beside(step.get("address"), step.get("alias")),
        }
        return translated(self.env, sentence) % details

    def _clue_words(self, step):
        """Return in words what of a mail the filter's opinion rests on."""
        words = []
        for token, percent in step.get("clues") or []:
            kind, _colon, text = token.partition(":")
            label = translated(self.env, CLUES.get(kind, CLUES["word"]))
            words.append(f"{label} “{text}” ({percent} %)")
        return ", ".join(words)

    def _beside(self, address, text):
        """Return a text in parentheses, where it says more than the address."""
        is_more = (text or "").strip(" <>").lower() not in ("", address)
        return f" ({text})" if is_more else ""

    def _moment(self, moment):
        """Return a moment of a step in the reader's language and time zone, "" of
        none."""
        timezone = self.env.context.get("tz")
        return format_datetime(self.env, moment, tz=timezone)

    def _document(self, step):
        """Return the name of a step's document as far as the reader may see it."""
        model, res_id = step.get("model"), step.get("res_id")
        if not model or model not in self.env:
            return ""
        kind = self.env["ir.model"]._get(model).display_name
        if not res_id:
            return kind
        record = self.env[model].browse(res_id).exists()
        if record and record.with_user(self.env.uid).has_access("read"):
            return f"{kind} “{record.display_name}”"
        return f"{kind} {res_id}"
