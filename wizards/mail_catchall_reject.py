from odoo import api, fields, models


class MailCatchallReject(models.TransientModel):
    """What the senders of rejected mail are told."""

    _name = "mail.catchall.reject"
    _description = "Reject Mail"

    waiting_ids = fields.Many2many(
        "mail.catchall.message", string="Messages", required=True
    )
    body = fields.Text(
        "Answer",
        compute="_compute_body",
        store=True,
        readonly=False,
        help="What you tell the sender. Odoo sends it only if that is safe: never to "
        "a forged sender or a program.",
    )

    @api.depends("waiting_ids")
    def _compute_body(self):
        for wizard in self:
            lang = wizard._language_of_senders()
            texts = wizard.with_context(lang=lang) if lang else wizard
            wizard.body = texts.env._(
                "Hello,\n\nyour email has arrived, but we cannot accept it at this "
                "address. Please write to another of our addresses.\n\n%s",
                wizard.waiting_ids.company_id[:1].name or wizard.env.company.name,
            )

    def _language_of_senders(self):
        """Return the language that all senders who are contacts have, else ''."""
        senders = list(filter(None, self.waiting_ids.mapped("sender")))
        contacts = self.env["res.partner"].search([("email_normalized", "in", senders)])
        languages = set(filter(None, contacts.mapped("lang")))
        return languages.pop() if len(languages) == 1 else ""

    def action_reject(self):
        """Answer the senders, and settle their mail.

        :raises UserError: when no sender may be answered
        """
        self.ensure_one()
        return self.waiting_ids._reject(self.body)
