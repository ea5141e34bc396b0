from odoo import api, fields, models


class MailCatchallDelivery(models.Model):
    """One recipient of one message, and what became of it.

    ``pending``: routing has not come to it yet; ``delivered``: it is on a
    record; ``ignored``: settled without a record, the reason says why;
    ``held``: waits for a person; ``failed``: raised, is tried again;
    ``duplicate``: the same content for the same recipient is settled by
    ``original_id``.
    """

    _name = "mail.catchall.delivery"
    _description = "Mail Router Delivery"
    _inherit = ["mail.catchall.by.hour", "mail.catchall.evidence"]
    _order = "message_id desc, id"
    _rec_name = "recipient"

    # identity
    message_id = fields.Many2one(
        "mail.catchall.message", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="message_id.company_id", store=True)
    router_id = fields.Many2one(related="message_id.router_id", store=True)
    fingerprint = fields.Char(readonly=True)
    recipient = fields.Char(
        readonly=True,
        index=True,
        help="Your address that the email was for.",
    )
    must_settle = fields.Boolean(
        "Sent to This Address",
        readonly=True,
        help="The email was sent to this address. Otherwise the address is only "
        "named in To or Cc, and gets the email if it is one of yours.",
    )
    header = fields.Char(
        "Found In", readonly=True, help="The header that names the recipient."
    )
    # matching
    matched_by = fields.Selection(
        [
            ("reply_address", "Signed reply address"),
            ("rule", "Rule"),
            ("reference", "Reply to a message"),
            ("alias", "Alias"),
            ("plus_address", "Alias with +"),
            ("guess", "Guess"),
            ("fallback", "Unknown-address policy"),
            ("person", "A person's choice"),
        ],
        readonly=True,
        help="What decided where the email goes for this recipient.",
    )
    unknown = fields.Boolean(
        readonly=True,
        help="You have no such address; it may be a misspelling.",
    )
    alias_id = fields.Many2one("mail.alias", readonly=True, ondelete="set null")
    rule_id = fields.Many2one(
        "mail.catchall.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The rule that decided where the email goes.",
    )
    rule_ids = fields.Many2many(
        "mail.catchall.rule",
        string="Rules",
        readonly=True,
        context={"active_test": False},
        help="All rules that applied to it.",
    )
    # target
    model = fields.Char("Document Type", readonly=True)
    res_id = fields.Many2oneReference("Document", model_field="model", readonly=True)
    made_model = fields.Char("Begun Document Type", readonly=True)
    made_id = fields.Many2oneReference(
        "Begun Document",
        model_field="made_model",
        readonly=True,
        help="The document created for this recipient, even if the attempt did not "
        "finish: a later attempt continues with it.",
    )
    forward_to = fields.Char("Forwarded To", readonly=True)
    forward_note = fields.Text("Note to the Reader", readonly=True)
    record_name = fields.Char("Document Name", compute="_compute_record_name")
    # outcome
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("delivered", "Delivered"),
            ("ignored", "Ignored"),
            ("held", "Held"),
            ("failed", "Failed"),
            ("duplicate", "Duplicate"),
        ],
        required=True,
        default="pending",
        readonly=True,
        help="What happened to the email for this recipient. Duplicate: this "
        "recipient already has the same email.",
    )
    shown_state = fields.Char("Status", compute="_compute_shown_state")
    reason_code = fields.Char(readonly=True)
    error = fields.Text(
        readonly=True, groups="mail_catchall_router.group_mail_catchall_router_manager"
    )
    original_id = fields.Many2one(
        "mail.catchall.delivery",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The earlier delivery of the same email to this recipient.",
    )

    # One content reaches one recipient once, whatever the number of copies.
    _fingerprint_recipient_uniq = models.UniqueIndex(
        "(fingerprint, recipient) WHERE state != 'duplicate'",
        "This email already has a delivery for this recipient.",
    )
    # The newest mail of an alias, however many it got, and however many were stopped.
    _alias_idx = models.Index("(alias_id, state, id) WHERE alias_id IS NOT NULL")
    _record_idx = models.Index("(model, res_id) WHERE res_id IS NOT NULL")
    # Reports, the reminder and the digest of a time look at its rows alone, and what
    # is only counted is counted in the index.
    _date_idx = models.Index(
        "(create_date, state, unknown, alias_id, router_id, company_id)"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("state", "reason_code")
    @api.depends_context("lang")
    def _compute_shown_state(self):
        for delivery in self:
            delivery.shown_state = delivery._state_in_words()

    @api.depends("model", "res_id")
    def _compute_record_name(self):
        self.record_name = False
        for model, deliveries in self.filtered("res_id").grouped("model").items():
            if model not in self.env:
                continue
            ids = set(deliveries.mapped("res_id"))
            records = self.env[model].browse(ids).exists()._filtered_access("read")
            names = {record.id: record.display_name for record in records}
            for delivery in deliveries:
                delivery.record_name = names.get(delivery.res_id)

    # ------------------------------------------------------------
    # ROUTING
    # ------------------------------------------------------------

    def _find_original(self):
        """Return the delivery that settles this recipient in the end."""
        original = self.original_id
        # A clean copy may have taken over what an earlier one was stopped with.
        while original.state == "duplicate" and original.original_id:
            original = original.original_id
        return original

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_record(self):
        """Open the document that this delivery reached."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
