from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ...tools.inbound import conditions
from ..words import translated

_lt = LazyTranslate(__name__)

# What a person chooses -> the tools' operator, its fixed value, whether negated.
OPERATORS = {
    "contains": ("contains", None, False),
    "not_contains": ("contains", None, True),
    "equals": ("equals", None, False),
    "not_equals": ("equals", None, True),
    "starts_with": ("starts_with", None, False),
    "ends_with": ("ends_with", None, False),
    "matches": ("matches", None, False),
    "greater_than": ("greater_than", None, False),
    "less_than": ("less_than", None, False),
    "is_set": ("is_set", "yes", False),
    "is_not_set": ("is_set", "no", False),
    "is_true": ("equals", "yes", False),
    "is_false": ("equals", "no", False),
}
_TEXT = (
    "contains",
    "not_contains",
    "equals",
    "not_equals",
    "starts_with",
    "ends_with",
    "matches",
)
# The first one is proposed.
OPERATORS_OF = {
    "recipient": _TEXT,
    "sender": _TEXT,
    "sender_domain": ("equals", "not_equals", "ends_with", "matches"),
    "subject": (*_TEXT, "is_set", "is_not_set"),
    "header": (*_TEXT, "greater_than", "less_than", "is_set", "is_not_set"),
    "size": ("greater_than", "less_than"),
    "attachment_type": (
        "equals",
        "not_equals",
        "starts_with",
        "is_set",
        "is_not_set",
    ),
    "spam": ("is_true", "is_false", "greater_than", "less_than"),
    "engine": ("is_true", "is_false", "greater_than", "less_than"),
    "authenticated": ("is_true", "is_false"),
    "language": ("equals", "not_equals"),
}
PHRASES = {
    "contains": _lt("%(field)s contains “%(value)s”"),
    "not_contains": _lt("%(field)s doesn't contain “%(value)s”"),
    "equals": _lt("%(field)s is “%(value)s”"),
    "not_equals": _lt("%(field)s is not “%(value)s”"),
    "starts_with": _lt("%(field)s starts with “%(value)s”"),
    "ends_with": _lt("%(field)s ends with “%(value)s”"),
    "matches": _lt("%(field)s matches “%(value)s”"),
    "greater_than": _lt("%(field)s is greater than %(value)s"),
    "less_than": _lt("%(field)s is less than %(value)s"),
    "is_set": _lt("%(field)s is in the email"),
    "is_not_set": _lt("%(field)s is not in the email"),
    "is_true": _lt("%(field)s: yes"),
    "is_false": _lt("%(field)s: no"),
}
# What conditions.validate returns -> a sentence; None for what it doesn't name.
ERRORS = {
    "header_name": _lt("“%(header)s” is not a possible name of a header."),
    "operator_field": _lt("%(field)s cannot be compared in this way."),
    "value_missing": _lt("Enter the value to compare %(field)s with."),
    "value_too_long": _lt("The value to compare %(field)s with is too long."),
    "value_number": _lt(
        "“%(value)s” is not a number. Write a number, or a size like 5 MB."
    ),
    "pattern_too_long": _lt(
        "The regular expression is too long: at most 200 characters are allowed."
    ),
    "pattern_too_complex": _lt(
        "The regular expression “%(value)s” is too complex: use fewer groups and "
        "repetitions."
    ),
    "pattern_unbalanced": _lt(
        "In the regular expression “%(value)s” a bracket is not closed, or closes "
        "nothing."
    ),
    "pattern_nothing_to_repeat": _lt(
        "In the regular expression “%(value)s” there is nothing to repeat before one "
        "of * + ? {}."
    ),
    "pattern_bad_range": _lt(
        "In the regular expression “%(value)s” a range runs backwards."
    ),
    "pattern_unsupported": _lt(
        "The regular expression “%(value)s” uses something that is not allowed here, "
        "like a back reference or a look-ahead."
    ),
    None: _lt("The condition on %(field)s makes no sense."),
}


class MailCatchallRuleCondition(models.Model):
    """What a rule asks of a mail: a field of it, an operator and a value."""

    _name = "mail.catchall.rule.condition"
    _description = "Mail Router Rule Condition"
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one(
        "mail.catchall.rule", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    field = fields.Selection(
        [
            ("recipient", "Recipient"),
            ("sender", "Sender"),
            ("sender_domain", "Sender's domain"),
            ("subject", "Subject"),
            ("header", "Another header"),
            ("size", "Size"),
            ("attachment_type", "Attachment type"),
            ("spam", "Spam, says your provider"),
            ("engine", "Spam or a virus, says an engine"),
            ("authenticated", "Sender proven"),
            ("language", "Language"),
        ],
        required=True,
        default="subject",
        help="The part of the email that the rule looks at. Recipient is your "
        "address that the email is for, even if it is not in To.",
    )
    header_name = fields.Char(
        "Header",
        help="The name of a header of the email, like X-Priority. “Headers” in an "
        "open message lists them.",
    )
    operator = fields.Selection(
        [
            ("contains", "contains"),
            ("not_contains", "doesn't contain"),
            ("equals", "is"),
            ("not_equals", "is not"),
            ("starts_with", "starts with"),
            ("ends_with", "ends with"),
            ("matches", "matches the regular expression"),
            ("greater_than", "is greater than"),
            ("less_than", "is less than"),
            ("is_set", "is in the email"),
            ("is_not_set", "is not in the email"),
            ("is_true", "yes"),
            ("is_false", "no"),
        ],
        compute="_compute_operator",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="How Odoo compares the part of the email with the value.",
    )
    value = fields.Char(
        help="Upper and lower case make no difference. A size is written like 5 MB, "
        "an attachment type like pdf or image/png, a language like vi.",
    )
    sensible_operators = fields.Json(compute="_compute_sensible_operators")
    has_value = fields.Boolean(compute="_compute_has_value")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("field")
    def _compute_operator(self):
        for condition in self:
            sensible = OPERATORS_OF.get(condition.field, _TEXT)
            if condition.operator not in sensible:
                condition.operator = sensible[0]

    @api.depends("field")
    def _compute_sensible_operators(self):
        for condition in self:
            condition.sensible_operators = list(OPERATORS_OF.get(condition.field, ()))

    @api.depends("operator")
    def _compute_has_value(self):
        for condition in self:
            condition.has_value = OPERATORS.get(condition.operator, ("", ""))[1] is None

    @api.depends("field", "header_name", "operator", "value")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = self._phrase(*condition._words())

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("field", "header_name", "operator", "value")
    def _check_condition(self):
        for condition in self:
            if error := condition._error():
                raise ValidationError(error)

    def _error(self):
        """Return what is wrong with the condition as a sentence, or ''."""
        self.ensure_one()
        code = conditions.validate(self._condition())
        if not code and self.operator not in OPERATORS_OF[self.field]:
            code = "operator_field"
        if not code:
            return ""
        sentence = ERRORS.get(code, ERRORS[None])
        return translated(self.env, sentence) % {
            "field": self._label("field", self.field),
            "header": self.header_name or "",
            "value": self.value or "",
        }

    # ------------------------------------------------------------
    # CONDITION
    # ------------------------------------------------------------

    def _condition(self):
        """Return the ``conditions.Condition`` that this record stands for."""
        self.ensure_one()
        operator, value, negated = OPERATORS.get(self.operator, ("", "", False))
        field = self.field or ""
        if field == "header":
            field = conditions.HEADER_PREFIX + (self.header_name or "")
        return conditions.Condition(
            field, operator, self.value or "" if value is None else value, negated
        )

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _words(self):
        """Return (field, header, operator, value): what a trace keeps of it."""
        self.ensure_one()
        return self.field, self.header_name or "", self.operator, self.value or ""

    @api.model
    def _phrase(self, field, header, operator, value):
        """Return a condition in the reader's words."""
        if operator not in PHRASES:
            return ""
        label = header if field == "header" else self._label("field", field)
        return translated(self.env, PHRASES[operator]) % {
            "field": label,
            "value": value,
        }

    @api.model
    def _label(self, name, value):
        return dict(self._fields[name]._description_selection(self.env)).get(value, "")
