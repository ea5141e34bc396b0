from odoo import api, fields, models

from ..models.journal.mail_catchall_message import REASONS


class MailCatchallTesterLine(models.TransientModel):
    """One recipient of a tested mail, and what would become of it there."""

    _name = "mail.catchall.tester.line"
    _description = "Route Tester Recipient"

    tester_id = fields.Many2one(
        "mail.catchall.tester", required=True, index=True, ondelete="cascade"
    )
    recipient = fields.Char(readonly=True)
    must_settle = fields.Boolean("Sent to This Address", readonly=True)
    header = fields.Char("Found In", readonly=True)
    matched_by = fields.Selection("_selection_matched_by", readonly=True)
    alias_id = fields.Many2one("mail.alias", readonly=True, ondelete="cascade")
    model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="model", readonly=True)
    forward_to = fields.Char(readonly=True)
    target = fields.Char("Where It Would Go", compute="_compute_target")
    state = fields.Selection("_selection_state", "It Would Be", readonly=True)
    reason_code = fields.Selection(REASONS, "Reason", readonly=True)
    error = fields.Text(readonly=True)

    @api.model
    def _selection_matched_by(self):
        return self._selection_of("matched_by")

    @api.model
    def _selection_state(self):
        return self._selection_of("state")

    def _selection_of(self, name):
        field = self.env["mail.catchall.delivery"]._fields[name]
        return field._description_selection(self.env)

    @api.depends("model", "res_id", "forward_to")
    @api.depends_context("lang", "uid")
    def _compute_target(self):
        for line in self:
            kind = self.env["mail.catchall.message"]._document(
                {"model": line.model, "res_id": line.res_id}
            )
            is_new = line.model and not line.res_id
            where = self.env._("New: %s", kind) if is_new else kind
            line.target = line.forward_to or where
