import json

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

FORMAT = "mail_catchall_router.setup"
VERSION = 1
LARGEST = 1_000_000  # bytes
MOST_RULES, MOST_PARTS, LONGEST = 500, 100, 2_000

#: What is a choice, and means the same at another company.
COPIED = (
    *("guess_policy", "unknown_policy", "fallback_model_id", "auto_reply_policy"),
    *("forged_policy", "use_reply_to", "spam_policy", "spam_threshold"),
    *("answers_per_hour", "defence_policy", "unproven_policy", "uses_filter"),
    *("looks_at_sender", "looks_at_answer", "looks_at_links", "looks_at_files"),
    *("looks_at_words", "looks_at_contact", "proof_policy"),
    *("burst_count", "burst_minutes"),
    *("attack_count", "attack_policy", "trap_policy", "heartbeat", "heartbeat_hour"),
    *("take_over", "after_collect", "move_folder", "max_size", "max_backlog"),
    *("keep_delivered", "keep_held", "keep_ignored", "max_seconds", "max_attempts"),
    *("sent_folder", "automatic_from", "reply_to", "remind_hours"),
)
#: What belongs to one company: its mailbox, its people, its provider's servers.
NOT_COPIED = (
    *("name", "sequence", "active", "company_id", "alias_domain_ids"),
    *("account_email", "fetchmail_server_id", "mail_server_id", "folder_ids"),
    *("alert_user_ids", "digest_user_ids", "forward_user_id", "fallback_record"),
    *("own_hosts", "authserv_ids", "recipient_headers", "trap_addresses"),
    *("guarded_names", "rule_ids"),
)
RULE_FIELDS = ("name", "sequence", "active", "match", "action", "priority", "stop")
CONDITION_FIELDS = ("sequence", "field", "header_name", "operator", "value")
# Which value has a type of JSON; numbers are no switches.
TYPES = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: (
        isinstance(value, (int, float)) and not isinstance(value, bool)
    ),
}


class MailCatchallRouter(models.Model):
    """Copy Setup: a router's choices and rules as a file, without what is secret or
    belongs to one company, for the router of another one.

    The file is JSON: ``format``, ``version``, ``router`` (values by field) and
    ``rules``. What it names is found by its name at the other company.
    """

    _inherit = "mail.catchall.router"

    # ------------------------------------------------------------
    # EXPORT
    # ------------------------------------------------------------

    def _setup_file(self):
        """Return the file, as bytes."""
        self.ensure_one()
        content = {
            "format": FORMAT,
            "version": VERSION,
            "router": {name: self._plain(name) for name in COPIED},
            "rules": [
                self._setup_rule(rule)
                for rule in self.with_context(active_test=False).rule_ids
            ],
        }
        return json.dumps(content, ensure_ascii=False, indent=1).encode()

    def _plain(self, name):
        value = self[name]
        return value.sudo().model if name == "fallback_model_id" else value

    @api.model
    def _setup_rule(self, rule):
        """Return what a rule is, with names in the place of records; the document, the
        user and the values that it writes are its company's own."""
        return {
            **{name: rule[name] for name in RULE_FIELDS},
            "alias": rule.alias_id.sudo().alias_name,
            "model": rule.model_id.sudo().model,
            "tags": rule.tag_ids.mapped("name"),
            "conditions": [
                {name: one[name] for name in CONDITION_FIELDS}
                for one in rule.condition_ids
            ],
        }

    # ------------------------------------------------------------
    # READ A FILE
    # ------------------------------------------------------------

    def _read_setup_file(self, content):
        """Return (values of this router that change, values of rules to add).

        A rule whose name the router has already is left out. One that leads to what is
        not here is switched off, and holds.

        :param content: bytes that somebody says are such a file
        :raises UserError: where they are not
        """
        self.ensure_one()
        found = self._parse_setup(content)
        values = {
            name: self._checked(self, name, value)
            for name, value in found["router"].items()
            if name in COPIED
        }
        self._leave_out_what_leads_nowhere(values)
        current = {name: self._plain(name) for name in values}
        values = {name: one for name, one in values.items() if one != current[name]}
        known = set(self.with_context(active_test=False).rule_ids.mapped("name"))
        rules = [self._read_rule(rule) for rule in found["rules"]]
        return values, [one for one in rules if one["name"] not in known]

    @api.model
    def _parse_setup(self, content):
        """Return what a file holds, as far as its form goes."""
        if len(content) > LARGEST:
            raise UserError(self.env._("This file is too large for a setup."))
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise UserError(
                self.env._("This file is none that Copy Setup has written.")
            )
        if found.get("version") != VERSION:
            raise UserError(
                self.env._(
                    "This file is of another version of the app: copy the setup again."
                )
            )
        if not isinstance(found.get("router"), dict) or not self._is_list_of_dicts(
            found.get("rules"), MOST_RULES
        ):
            raise UserError(self.env._("This file is damaged."))
        return found

    @api.model
    def _is_list_of_dicts(self, found, most):
        return (
            isinstance(found, list)
            and len(found) <= most
            and all(isinstance(one, dict) for one in found)
        )

    @api.model
    def _checked(self, record, name, value):
        """Return a value of the file for a field.

        :raises UserError: where the field cannot have it
        """
        field = record._fields[name]
        if field.type in TYPES:
            fits = TYPES[field.type](value)
        elif field.type == "selection":
            fits = value in field.get_values(self.env) or (
                not field.required and value is False
            )
        else:
            fits = value is False or (
                isinstance(value, str) and len(value) <= LONGEST and "\0" not in value
            )
        if not fits:
            raise UserError(
                self.env._(
                    "The file has no possible value for “%s”.",
                    field._description_string(self.env),
                )
            )
        return value

    def _leave_out_what_leads_nowhere(self, values):
        """Take out of the values what needs a person, a document or a mailbox that only
        the other company has."""
        model = values.get("fallback_model_id")
        if model and not self._takes_mail(model):
            values["fallback_model_id"] = False
        policy = values.get("unknown_policy")
        if policy == "forward" and not self.forward_user_id:
            del values["unknown_policy"]
        has_fallback = self.fallback_record or values.get("fallback_model_id")
        if policy == "fallback" and not has_fallback:
            del values["unknown_policy"]
        server_sudo = self.sudo().fetchmail_server_id
        if not server_sudo or server_sudo._get_connection_type() != "imap":
            for name in ("sent_folder", "after_collect", "move_folder"):
                values.pop(name, None)

    @api.model
    def _takes_mail(self, model):
        found = self.env.get(model)
        return (
            found is not None
            and not found._abstract
            and not found._transient
            and self.env["ir.model"].sudo()._get(model).is_mail_thread
        )

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def _read_rule(self, found):
        """Return the values of a rule of the file, for this router."""
        rules = self.env["mail.catchall.rule"]
        values = {
            name: self._checked(rules, name, found.get(name)) for name in RULE_FIELDS
        }
        alias, model, tags = (found.get(one) for one in ("alias", "model", "tags"))
        for name, value in (("alias_id", alias), ("model_id", model)):
            self._checked(rules.condition_ids, "value", value or False)
            values[name] = False
        if values["action"] == "alias" and alias:
            values["alias_id"] = self._alias_named(alias).id
        if values["action"] == "new" and model and self._takes_mail(model):
            values["model_id"] = self.env["ir.model"].sudo()._get(model).id
        targets = {"alias": values["alias_id"], "new": values["model_id"]}
        if values["action"] not in ("hold", "discard", "mark") and not targets.get(
            values["action"]
        ):
            values.update(action="hold", active=False)
        values["tag_ids"] = self._read_tags(tags)
        values["condition_ids"] = self._read_conditions(found.get("conditions"))
        return values

    def _alias_named(self, name):
        aliases_sudo = self.env["mail.alias"].sudo()
        domain = [
            ("alias_name", "=", name),
            ("alias_domain_id", "in", self.alias_domain_ids.ids),
        ]
        return aliases_sudo.search(domain, limit=1)

    def _read_tags(self, names):
        if not isinstance(names, list) or len(names) > MOST_PARTS:
            raise UserError(self.env._("This file is damaged."))
        tags = self.env["mail.catchall.tag"]
        commands = []
        for name in dict.fromkeys(self._checked(tags, "name", one) for one in names):
            found = tags.search([("name", "=ilike", name)], limit=1)
            values = {"name": name}
            commands.append(Command.link(found.id) if found else Command.create(values))
        return commands

    def _read_conditions(self, found):
        if not self._is_list_of_dicts(found, MOST_PARTS):
            raise UserError(self.env._("This file is damaged."))
        conditions = self.env["mail.catchall.rule.condition"]
        return [
            Command.create(
                {
                    name: self._checked(conditions, name, one.get(name))
                    for name in CONDITION_FIELDS
                }
            )
            for one in found
        ]

    # ------------------------------------------------------------
    # IMPORT
    # ------------------------------------------------------------

    def _apply_setup_file(self, content):
        """Take the choices and the rules of a file over.

        :raises UserError: where one of them is impossible here; nothing has changed
        """
        values, rules = self._read_setup_file(content)
        if model := values.get("fallback_model_id"):
            values["fallback_model_id"] = self.env["ir.model"].sudo()._get(model).id
        with self.env.cr.savepoint():
            try:
                self.write(values)
                self.env["mail.catchall.rule"].create(
                    [dict(one, router_id=self.id) for one in rules]
                )
            except ValidationError as error:
                raise UserError(
                    self.env._("The setup does not fit here: %s", error)
                ) from error
