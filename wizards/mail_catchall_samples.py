from odoo import api, fields, models
from odoo.fields import Command

from ..models.windows import notice


class MailCatchallSamples(models.TransientModel):
    """Add sample templates and automations for the apps that are installed."""

    _name = "mail.catchall.samples"
    _description = "Sample Templates and Automations"

    line_ids = fields.One2many(
        "mail.catchall.samples.line",
        "wizard_id",
        default=lambda self: self._default_lines(),
        readonly=True,
    )

    @api.model
    def _default_lines(self):
        samples = self.env["mail.catchall.router"]._list_samples()
        return [Command.create(values) for values in samples]

    def action_add(self):
        """Add what is possible and not there, and say what was added."""
        added = self.env["mail.catchall.router"]._add_samples()
        message = (
            self.env._("Added: %s", ", ".join(dict.fromkeys(added)))
            if added
            else self.env._("Everything possible is already there.")
        )
        return notice(message, next={"type": "ir.actions.act_window_close"})


class MailCatchallSamplesLine(models.TransientModel):
    """One sample, and whether it is there or can be added."""

    _name = "mail.catchall.samples.line"
    _description = "Sample Template or Automation"

    wizard_id = fields.Many2one(
        "mail.catchall.samples", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(readonly=True)
    kind = fields.Selection(
        [
            ("template", "Template"),
            ("automation", "Automated action"),
            ("cron", "Scheduled action"),
        ],
        readonly=True,
    )
    status = fields.Char(readonly=True)
