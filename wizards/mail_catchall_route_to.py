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
        [("alias", "As new email to an address"), ("record", "To a document")],
        required=True,
        default="alias",
        help="As new email to an address: it is processed as if it had been sent "
        "there. To a document: it is added there as a message.",
    )
    alias_id = fields.Many2one(
        "mail.alias",
        "Address",
        domain="[('alias_name', '!=', False)]",
        help="The address that the mail should have been sent to.",
    )
    record = fields.Reference(
        selection="_selection_record",
        string="Document",
        help="The document that the mail belongs to.",
    )

    @api.model
    def _selection_record(self):
        return self.env["mail.catchall.router"]._selection_document()

    def action_route(self):
        """Route the messages to what was chosen.

        :raises UserError: when nothing was chosen
        """
        self.ensure_one()
        if self.kind == "alias" and self.alias_id:
            return self.waiting_ids._route_to(alias=self.alias_id)
        if self.kind == "record" and self.record:
            self.record.check_access("write")
            return self.waiting_ids._route_to(record=self.record)
        raise UserError(self.env._("Choose an address or a document."))
