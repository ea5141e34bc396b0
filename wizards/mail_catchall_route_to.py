from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_datetime


class MailCatchallRouteTo(models.TransientModel):
    """Where a person wants waiting mail to go: an alias, a document, or on to a real
    mailbox."""

    _name = "mail.catchall.route.to"
    _description = "Route Mail To"

    waiting_ids = fields.Many2many(
        "mail.catchall.message", string="Messages", required=True
    )
    kind = fields.Selection(
        [
            ("alias", "As new email to an address"),
            ("record", "To a document"),
            ("reader", "On to somebody's mailbox"),
        ],
        required=True,
        default="alias",
        help="As new email to an address: it is processed as if it had been sent "
        "there. To a document: it is added there as a message. On to somebody's "
        "mailbox: it is enclosed in an email from the account, and replies go to its "
        "sender.",
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

    reader_id = fields.Many2one(
        "res.partner",
        "Forward To",
        domain="[('email', '!=', False)]",
        help="Who gets the email into their own mailbox.",
    )
    suggestion_ids = fields.One2many(
        "mail.catchall.route.to.line",
        "wizard_id",
        "Suggestions",
        default=lambda self: self._default_suggestions(),
        help="Documents that the sender has written to, and addresses that people "
        "have chosen lately.",
    )
    note = fields.Text(help="What you say to the reader, above the email.")

    @api.model
    def _default_suggestions(self):
        ids = self.env.context.get("default_waiting_ids") or []
        waiting = self.env["mail.catchall.message"].browse(ids)
        documents = [
            {"name": one.display_name, "model": one._name, "res_id": one.id}
            for one in waiting._suggest_documents()
        ]
        aliases = [
            {"name": one.display_name, "alias_id": one.id}
            for one in waiting._suggest_aliases()
        ]
        return [Command.create(values) for values in documents + aliases]

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
        if self.kind == "reader" and self.reader_id.email_normalized:
            return self.waiting_ids._route_to(
                reader=self.reader_id, note=self.note or ""
            )
        raise UserError(
            self.env._("Choose an address, a document, or a contact with an email.")
        )


class MailCatchallRouteToLine(models.TransientModel):
    """One place where the mail may belong, taken with one click."""

    _name = "mail.catchall.route.to.line"
    _description = "Suggested Target"

    wizard_id = fields.Many2one(
        "mail.catchall.route.to", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("Suggestion", required=True)
    model = fields.Char()
    kind = fields.Char("What It Is", compute="_compute_kind")
    res_id = fields.Many2oneReference("Document", model_field="model")
    alias_id = fields.Many2one("mail.alias")

    @api.depends("model", "res_id")
    @api.depends_context("lang", "tz")
    def _compute_kind(self):
        for line in self:
            line.kind = (
                line._words_of_document() if line.model else self.env._("Address")
            )

    def _words_of_document(self):
        """Return what a document is and of when: a sender's often have one name."""
        record = self.env[self.model].browse(self.res_id)
        return self.env._(
            "%(kind)s of %(time)s",
            kind=self.env["ir.model"]._get(self.model).display_name,
            time=format_datetime(self.env, record.create_date, dt_format="short"),
        )

    def action_route(self):
        """Route the mail there.

        :return: as the wizard's button
        """
        self.ensure_one()
        if self.alias_id:
            chosen = {"kind": "alias", "alias_id": self.alias_id.id}
        else:
            chosen = {"kind": "record", "record": f"{self.model},{self.res_id}"}
        self.wizard_id.write(chosen)
        return self.wizard_id.action_route()
