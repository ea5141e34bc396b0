from odoo import api, fields, models

from .mail_catchall_rule import GUARD_ACTIONS


class MailCatchallRouter(models.Model):
    """The rules that people write for the mail of a router."""

    _inherit = "mail.catchall.router"

    rule_ids = fields.One2many("mail.catchall.rule", "router_id", "Rules")
    rule_count = fields.Integer(compute="_compute_rule_count")

    @api.depends("rule_ids")
    def _compute_rule_count(self):
        counts = dict(
            self.env["mail.catchall.rule"]._read_group(
                [("router_id", "in", self.ids)], ["router_id"], ["__count"]
            )
        )
        for router in self:
            router.rule_count = counts.get(router, 0)

    def action_open_rules(self):
        """Open the rules of this router."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_catchall_router.mail_catchall_rule_action"
        )
        return dict(
            action,
            domain=[("router_id", "=", self.id)],
            context={"default_router_id": self.id},
        )

    def _find_rules(self, released=False):
        """Return the rules in their order.

        :param released: whether a person has let the mail pass: what holds or
            discards it doesn't count then
        """
        rules = self.env["mail.catchall.rule"].search([("router_id", "=", self.id)])
        return rules.filtered(
            lambda rule: not (released and rule.action in GUARD_ACTIONS)
        )

    @api.model
    def _selection_document(self):
        """Return the document types that take mail, as far as the user may write
        there."""
        models_sudo = (
            self.env["ir.model"].sudo().search([("is_mail_thread", "=", True)])
        )
        return [
            (model.model, model.name)
            for model in models_sudo
            if model.model in self.env
            and not model.model.startswith("mail.catchall.")
            and not self.env[model.model]._abstract
            and not self.env[model.model]._transient
            and self.env[model.model].has_access("write")
        ]
