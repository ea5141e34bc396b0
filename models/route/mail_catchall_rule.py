import ast
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

GUARD_ACTIONS = ("hold", "discard")
TARGET_FIELDS = frozenset(
    (
        "action",
        "alias_id",
        "model_id",
        "defaults",
        "record",
        "model",
        "res_id",
        "forward_user_id",
    )
)
# How a person's word names a place in a document type's own list of priorities.
PRIORITIES = {
    "low": lambda values: values[0],
    "normal": lambda values: values[(len(values) - 1) // 2],
    "high": lambda values: values[-1],
}
# The names that Odoo's apps give the tags of a document.
TAG_FIELDS = ("tag_ids", "categ_ids", "category_id")


@dataclass(frozen=True)
class Ruling:
    """What the rules say of a mail for one recipient.

    ``hits`` are (rule, its conditions that fit), in the order of the rules;
    ``destination`` is the first rule that says where the mail goes, or empty.
    """

    hits: tuple
    destination: models.Model

    @property
    def is_guard(self):
        """Whether the mail is kept from getting anywhere."""
        return self.destination.action in GUARD_ACTIONS


class MailCatchallRule(models.Model):
    """What shall become of mail that fits conditions, written by a person.

    The rules of a router are read in their order. The first one that fits and says
    where the mail goes decides; tags and priority of all that fit count, until one
    that says stop.
    """

    _name = "mail.catchall.rule"
    _description = "Mail Router Rule"
    _order = "sequence, id"

    # identity
    name = fields.Char(
        required=True,
        help="The rule's name, shown where an email explains where it went and why.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env["mail.catchall.router"].search([], limit=1),
        help="The rule looks only at mail that arrives through this router.",
    )
    company_id = fields.Many2one(related="router_id.company_id", store=True)
    # matching
    match = fields.Selection(
        [("all", "All conditions are true"), ("any", "At least one is true")],
        "Applies When",
        required=True,
        default="all",
        help="Whether every condition has to be true, or one is enough.",
    )
    condition_ids = fields.One2many(
        "mail.catchall.rule.condition",
        "rule_id",
        "Conditions",
        copy=True,
        help="What an email must be like for this rule to apply. The blue line below "
        "says how many of the newest emails would fit.",
    )
    asks_for_header = fields.Boolean(compute="_compute_asks_for_header")
    # destination
    action = fields.Selection(
        [
            ("alias", "Route it to an alias"),
            ("new", "Make a new document"),
            ("record", "Add it to a document"),
            ("hold", "Hold it for a person"),
            ("discard", "Discard it"),
            ("forward", "Forward it to a user"),
            ("mark", "Only mark it"),
        ],
        required=True,
        default="alias",
        help="What happens to an email that fits. Only mark it: the email goes where "
        "it would go without this rule, with the tags and the priority from here.",
    )
    alias_id = fields.Many2one(
        "mail.alias",
        domain="[('alias_name', '!=', False)]",
        ondelete="set null",
        help="The email is processed as if it had been sent to this address.",
    )
    model_id = fields.Many2one(
        "ir.model",
        "Document Type",
        domain="[('is_mail_thread', '=', True), ('abstract', '=', False),"
        " ('model', 'not like', 'mail.catchall.')]",
        ondelete="set null",
        help="The kind of document that each such email creates. Email to a "
        "document's own reply address still reaches that document.",
    )
    defaults = fields.Text(
        default="{}",
        help="What the new document is filled with, for people who know the names of "
        "its fields: {'project_id': 3, 'user_id': 2}. {} fills in nothing.",
    )
    model = fields.Char()
    res_id = fields.Many2oneReference(model_field="model")
    record = fields.Reference(
        selection="_selection_record",
        string="Document",
        compute="_compute_record",
        inverse="_inverse_record",
        help="The email is added to this document as a message.",
    )
    forward_user_id = fields.Many2one(
        "res.users",
        "Forward To",
        domain="[('share', '=', False), ('email', '!=', False)]",
        ondelete="set null",
        help="This user gets the email in their own mailbox. It creates no document.",
    )
    # marks
    priority = fields.Selection(
        [("low", "Low"), ("normal", "Normal"), ("high", "High")],
        help="The priority of the new document, if its type has priorities: the "
        "lowest, the middle or the highest one.",
    )
    tag_ids = fields.Many2many(
        "mail.catchall.tag",
        string="Tags",
        help="Put on the message, and on the new document if its type has tags.",
    )
    stop = fields.Boolean(
        "Stop Here",
        compute="_compute_stop",
        store=True,
        readonly=False,
        help="When this rule fits, Odoo does not look at those below it. Switch it "
        "off to let later rules add tags or a priority.",
    )
    # use
    hit_count = fields.Integer(
        "Used",
        compute="_compute_hits",
        help="How many recipients this rule has applied to.",
    )
    last_hit = fields.Datetime(
        "Last Used",
        compute="_compute_hits",
        help="When this rule last applied to an email.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _selection_record(self):
        return self.env["mail.catchall.router"]._selection_document()

    @api.depends("condition_ids.field")
    def _compute_asks_for_header(self):
        for rule in self:
            rule.asks_for_header = "header" in rule._asked_fields()

    @api.depends("model", "res_id")
    def _compute_record(self):
        for rule in self:
            rule.record = rule._existing_record()

    def _inverse_record(self):
        for rule in self:
            record = rule.record
            rule.write(
                {
                    "model": record._name if record else False,
                    "res_id": record.id if record else False,
                }
            )

    @api.depends("action")
    def _compute_stop(self):
        for rule in self:
            rule.stop = rule.action != "mark"

    def _compute_hits(self):
        found = {
            rule: (count, last)
            for rule, count, last in self.env["mail.catchall.delivery"]._read_group(
                [("rule_ids", "in", self.ids)],
                ["rule_ids"],
                ["__count", "create_date:max"],
            )
        }
        for rule in self:
            rule.hit_count, rule.last_hit = found.get(rule, (0, False))

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("name", "condition_ids")
    def _check_conditions(self):
        for rule in self:
            if not rule.condition_ids:
                raise ValidationError(
                    self.env._(
                        "Rule “%s” has no condition: add one, or it would apply to "
                        "all mail.",
                        rule.name,
                    )
                )

    def _check_target(self):
        """Refuse rules that lead nowhere, or where their writer may not write.

        No constraint: those run as superuser, and before the document is written
        into its fields.
        """
        for rule in self:
            if rule._is_target_missing():
                raise ValidationError(
                    self.env._("Say where the mail of rule “%s” goes.", rule.name)
                )
            if rule.action == "record":
                rule._existing_record().check_access("write")
            if error := rule._defaults_error() or rule._creation_error():
                raise ValidationError(error)

    def _defaults_error(self):
        """Return what is wrong with the new document's values, or ''."""
        self.ensure_one()
        if self.action != "new":
            return ""
        model = self.env.get(self.model_id.sudo().model)
        if model is None:
            return ""
        if not self.model_id.sudo().is_mail_thread or model._abstract:
            return self.env._("“%s” cannot be created from email.", self.model_id.name)
        if not model.has_access("create"):
            return self.env._("You may not create “%s” yourself.", self.model_id.name)
        values = self._default_values()
        if values is None:
            return self.env._(
                "The values of the new document are not a Python dictionary like "
                "{'user_id': 2}."
            )
        for name in values:
            field = model._fields.get(name)
            if not field or not model._has_field_access(field, "write"):
                return self.env._(
                    "“%(model)s” has no field “%(field)s” that can be set.",
                    model=self.model_id.name,
                    field=name,
                )
        return ""

    def _creation_error(self):
        """Return why no document can be made of a mail with the rule's values, or ''.
        It is tried when the rule is written, not when a mail arrives."""
        model = self.model_id.sudo()
        if self.action != "new" or model.model not in self.env:
            return ""
        values = self._default_values()
        error = self.env["mail.thread"]._catchall_creation_error(model.model, values)
        if not error:
            return ""
        return self.env._(
            "“%(model)s” cannot be created from an email with these values: %(error)s",
            model=model.name,
            error=error,
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_target()
        return rules

    def write(self, vals):
        done = super().write(vals)
        if not TARGET_FIELDS.isdisjoint(vals):
            self._check_target()
        return done

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_deliveries(self):
        """Open what this rule has been applied to."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_catchall_router.mail_catchall_delivery_action"
        )
        return dict(action, domain=[("rule_ids", "in", self.ids)], context={})

    # ------------------------------------------------------------
    # RULING
    # ------------------------------------------------------------

    def _ruling(self, recipient, checker):
        """Return the :class:`Ruling` of these rules; nothing is changed.

        :param recipient: address that the mail is for
        :param checker: ``conditions.Checker`` of the mail
        """
        hits, destination = [], self.browse()
        for rule in self:
            fitting = rule._fitting(recipient, checker)
            if not fitting:
                continue
            hits.append((rule, fitting))
            if not destination and rule.action != "mark":
                destination = rule
            if rule.stop:
                break
        return Ruling(tuple(hits), destination)

    def _fitting(self, recipient, checker):
        """Return the conditions that make this rule apply, none if it doesn't."""
        wanted = {one._condition(): one for one in self.condition_ids}
        fitting = checker.fitting(tuple(wanted), recipient, every=self.match == "all")
        return self.condition_ids.browse().concat(*map(wanted.get, fitting))

    def _asked_fields(self):
        """Return the set of what the conditions of these rules look at."""
        return set(self.condition_ids.mapped("field"))

    # ------------------------------------------------------------
    # TARGET
    # ------------------------------------------------------------

    def _is_target_missing(self):
        """Tell whether the rule leads to what is not, or no longer, there."""
        self.ensure_one()
        if self.action == "alias":
            return not self.alias_id.sudo().alias_name
        if self.action == "new":
            return self.model_id.sudo().model not in self.env
        if self.action == "record":
            return not self._existing_record()
        if self.action == "forward":
            return not self._forward_target()
        return False

    def _is_broken(self):
        """Tell whether mail cannot go where the rule says."""
        return self._is_target_missing() or bool(self._defaults_error())

    def _existing_record(self):
        """Return the document that mail is added to, or None."""
        if not self.res_id or self.model not in self.env:
            return None
        return self.env[self.model].browse(self.res_id).exists() or None

    def _target(self):
        """Return what mail goes to, as the keyword arguments of a :class:`Match`."""
        if self.action == "alias":
            return {"alias": self.alias_id}
        if self.action == "record":
            return {"document": (self.model, self.res_id)}
        if self.action == "new":
            values = self._default_values() or {}
            return {"new_in": (self.model_id.sudo().model, values)}
        return {"forward_to": self._forward_target()}

    def _forward_target(self):
        """Return the mailbox that mail is forwarded to, or ''."""
        user_sudo = self.forward_user_id.sudo()
        if self.action != "forward" or user_sudo.share or not user_sudo.active:
            return ""
        return user_sudo.email_normalized or ""

    def _default_values(self):
        """Return the dict of the new document's values, None if it is no dict."""
        try:
            values = ast.literal_eval((self.defaults or "{}").strip())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return None
        named = isinstance(values, dict) and all(isinstance(key, str) for key in values)
        return values if named else None

    # ------------------------------------------------------------
    # MARKS
    # ------------------------------------------------------------

    def _mark_new(self, routes):
        """Return core's routes with the marks of these rules on what they make anew."""
        return [
            (model, thread_id, values, user_id, alias)
            if thread_id or not self
            else (model, thread_id, self._marked(model, values), user_id, alias)
            for model, thread_id, values, user_id, alias in routes
        ]

    def _marked(self, model, values):
        """Return the values of a new document with the marks of these rules.

        :param model: name of the document type
        :param values: dict of values that its route gives
        """
        return {
            **values,
            **self._priority_values(model),
            **self._tag_values(model, values),
        }

    def _priority_values(self, model):
        wanted = next(filter(None, self.mapped("priority")), None)
        field = self.env[model]._fields.get("priority")
        if not wanted or not field or field.type != "selection":
            return {}
        known = [value for value, _label in field._description_selection(self.env)]
        return {"priority": PRIORITIES[wanted](known)} if known else {}

    def _tag_values(self, model, values):
        name = next(filter(self.env[model]._fields.get, TAG_FIELDS), None)
        if not self.tag_ids or not name:
            return {}
        field = self.env[model]._fields[name]
        if field.type != "many2many" or "name" not in self.env[field.comodel_name]:
            return {}
        tags = self._document_tags(field.comodel_name)
        given = values.get(name) or ()
        links = [
            one if isinstance(one, (list, tuple)) else Command.link(one)
            for one in given
        ]
        return {name: [*links, *map(Command.link, tags.ids)]}

    def _document_tags(self, model):
        """Return the tags of a document type with the names of these rules' tags;
        what it doesn't know is made."""
        tags_sudo = self.env[model].sudo()
        names = self.tag_ids.mapped("name")
        known = tags_sudo.search([("name", "in", names)])
        missing = set(names).difference(known.mapped("name"))
        return known | tags_sudo.create([{"name": name} for name in sorted(missing)])
