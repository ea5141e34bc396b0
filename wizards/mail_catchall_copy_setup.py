import base64
import binascii
from urllib.parse import urlencode

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

TABLE = Markup("<table class='table table-sm'><tbody>%s</tbody></table>")
ROW = Markup("<tr><th>%s</th><td>%s</td></tr>")


class MailCatchallCopySetup(models.TransientModel):
    """Save a router's choices and rules to a file, or take over those of a file, with
    what would change on the screen first."""

    _name = "mail.catchall.copy.setup"
    _description = "Copy Setup"

    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
        help="The file is of this router, or its choices are changed.",
    )
    saved = fields.Binary("Setup of This Router", compute="_compute_saved")
    saved_name = fields.Char(compute="_compute_saved")
    file = fields.Binary(
        "Setup of Another Router",
        attachment=False,
        help="A file that Copy Setup has written, here or at another company.",
    )
    file_name = fields.Char()
    preview = fields.Html("What Changes", compute="_compute_preview", sanitize=False)
    problem = fields.Char(compute="_compute_preview")

    @api.depends("router_id")
    def _compute_saved(self):
        for wizard in self:
            router = wizard.router_id
            wizard.saved = router and base64.b64encode(router._setup_file())
            wizard.saved_name = router and "mail_router_setup.json"

    @api.depends("router_id", "file")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard.problem = False
            if wizard.router_id and wizard.file:
                try:
                    wizard.preview = wizard._preview()
                except UserError as error:
                    wizard.problem = str(error)

    def _content(self):
        """Return the file's bytes.

        :raises UserError: where a client has sent something else
        """
        # A form asks for the sizes of files, not for what is in them.
        file = self.with_context(bin_size=False, bin_size_file=False).file
        try:
            return base64.b64decode(file or b"")
        except binascii.Error as error:
            raise UserError(self.env._("This file is damaged.")) from error

    def _preview(self):
        """Return the table of what would change, as Markup."""
        values, rules = self.router_id._read_setup_file(self._content())
        rows = [
            ROW % (self._label(name), self._change(name, value))
            for name, value in values.items()
        ]
        rows += [ROW % (one["name"], self._rule_words(one)) for one in rules]
        if not rows:
            return self.env._("Nothing: this router has all of it already.")
        return TABLE % Markup("").join(rows)

    def _label(self, name):
        return self.router_id._fields[name]._description_string(self.env)

    def _change(self, name, value):
        return f"{self._words(name, self.router_id._plain(name))} → " + self._words(
            name, value
        )

    def _words(self, name, value):
        """Return a value as the form shows it."""
        field = self.router_id._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value) or "-"
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if name == "fallback_model_id" and value:
            return self.env["ir.model"].sudo()._get(value).name
        return "-" if value is False else str(value)

    def _rule_words(self, values):
        if values["action"] == "hold" and not values["active"]:
            return self.env._(
                "a new rule, switched off: look whether what it leads to is here"
            )
        action = self.env["mail.catchall.rule"]._fields["action"]
        words = dict(action._description_selection(self.env))[values["action"]]
        return self.env._("a new rule: %s", words)

    def action_save(self):
        """Let the browser save the file of this router."""
        self.ensure_one()
        self.check_access("read")
        asked = {
            "model": self._name,
            "id": self.id,
            "field": "saved",
            "filename_field": "saved_name",
            "download": "true",
        }
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content?{urlencode(asked)}",
            "target": "download",
        }

    def action_import(self):
        """Take over what the preview shows.

        :raises UserError: where there is no file, or it does not fit
        """
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        self.router_id._apply_setup_file(self._content())
        return {"type": "ir.actions.act_window_close"}
