from odoo import api, fields, models
from odoo.exceptions import UserError


class MailCatchallRouteTo(models.TransientModel):
    """Where a person wants waiting mail to go: an alias, or a document."""

    _name = "mail.catchall.route.to"
    _description = "Route Mail To"

    waiting_ids = fields.Many2many(
        "mail.catchall.message", string="Messages", required=True
    )
    kind = fields.Selection(
        [("alias", "As new mail to an address"), ("record", "To a document")],
        required=True,
        default="alias",
    )
    alias_id = fields.Many2one(
        "mail.alias", "Address", domain="[('alias_name', '!=', False)]"
    )
    record = fields.Reference(selection="_selection_record", string="Document")

    @api.model
    def _selection_record(self):
        """Answer the document types that take mail, as far as the user sees them."""
        models_sudo = (
            self.env["ir.model"].sudo().search([("is_mail_thread", "=", True)])
        )
        return [
            (model.model, model.name)
            for model in models_sudo
            if model.model in self.env
            and not self.env[model.model]._abstract
            and not self.env[model.model]._transient
            and self.env[model.model].has_access("write")
        ]

    def action_route(self):
        """Route the messages to what was chosen.

        :raises UserError: when nothing was chosen
        """
        self.ensure_one()
        if self.kind == "alias" and self.alias_id:
            return self._done(self.waiting_ids._route_to(alias=self.alias_id))
        if self.kind == "record" and self.record:
            self.record.check_access("write")
            return self._done(self.waiting_ids._route_to(record=self.record))
        raise UserError(self.env._("Choose an address or a document."))

    def _done(self, _result):
        return {"type": "ir.actions.act_window_close"}
