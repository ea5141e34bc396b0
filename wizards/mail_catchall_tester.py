import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.journal.mail_catchall_message import REASONS, STATES
from ..tools.mail import addresses, trial_mail


class MailCatchallTester(models.TransientModel):
    """The route tester: what would become of a mail, and why. Nothing happens."""

    _name = "mail.catchall.tester"
    _description = "Route Tester"

    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        default=lambda self: self.env["mail.catchall.router"].search([], limit=1),
        help="The router that the email would arrive at.",
    )
    # the mail
    source = fields.Selection(
        [
            ("fields", "From, To and Subject"),
            ("text", "Pasted headers or mail"),
            ("file", "A mail file (.eml)"),
            ("message", "A message of the journal"),
        ],
        "Test With",
        required=True,
        default="fields",
        help="Where the mail to test comes from. Pasted headers or a file tell more "
        "than sender and recipient alone: the checks for spam and forged senders read "
        "them.",
    )
    email_from = fields.Char(
        "From",
        help="Who would write the email.",
    )
    recipient = fields.Char("To", help="Your address that the email would be sent to.")
    subject = fields.Char(
        help="The subject of the email, for rules that ask for it.",
    )
    body = fields.Text(
        "Text",
        help="What the email would contain.",
    )
    text = fields.Text(
        "Headers or Mail",
        help="The headers of an email, or a whole mail, as your mail program shows "
        "it under “Show original” or “View source”.",
    )
    file = fields.Binary(
        "Mail File",
        attachment=False,
        help="One email as mail programs save it (.eml).",
    )
    file_name = fields.Char()
    message_id = fields.Many2one(
        "mail.catchall.message",
        domain="[('raw_kept', '=', True)]",
        help="This email has already arrived and Odoo still keeps it. Odoo does not "
        "process it a second time.",
    )
    # what would happen
    state = fields.Selection(STATES, "It Would Be", readonly=True)
    reason_code = fields.Selection(REASONS, readonly=True)
    reason = fields.Char(compute="_compute_reason")
    trace = fields.Json(readonly=True)
    why = fields.Html(compute="_compute_why", sanitize=False)
    error = fields.Text(readonly=True)
    line_ids = fields.One2many(
        "mail.catchall.tester.line", "tester_id", "Recipients", readonly=True
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    def _compute_display_name(self):
        self.display_name = self.env._("Route Tester")

    @api.depends("trace")
    @api.depends_context("lang", "uid")
    def _compute_why(self):
        for tester in self:
            tester.why = self.env["mail.catchall.message"]._why_of(tester.trace)

    @api.depends("trace", "reason_code")
    @api.depends_context("lang", "uid")
    def _compute_reason(self):
        for tester in self:
            tester.reason = self.env["mail.catchall.message"]._reason_of(
                tester.trace, tester.reason_code
            )

    @api.constrains("message_id")
    def _check_message(self):
        """A form shows the subject of what it refers to, whoever may read that."""
        # Odoo checks with all rights.
        self.sudo(False).message_id.check_access("read")

    @api.onchange("message_id")
    def _onchange_message_id(self):
        """A message is tested with the router that it arrived for."""
        self.router_id = self.message_id.router_id or self.router_id

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_test(self):
        """Find out what would become of the mail, and show it.

        :raises UserError: when there is no mail to test, or it would be one of a
            company that the user has not chosen
        """
        self.ensure_one()
        self.router_id.check_access("read")
        raw = self._raw()
        trial = self.env["mail.catchall.message"]._try_out(self.router_id, raw)
        if trial.company_id not in self.env.companies.ids:
            raise UserError(
                self.env._(
                    "This email would belong to a company that you have not selected "
                    "in the company menu."
                )
            )
        self.write(
            {
                **self._prepare_result(trial),
                "headers_read": self._read_headers(raw),
                "report": False,
            }
        )
        return True

    def _prepare_result(self, trial):
        """Return the values that show a ``Trial``."""
        return {
            "state": trial.state,
            "reason_code": trial.reason_code,
            "trace": trial.trace,
            "error": trial.error,
            "line_ids": [
                fields.Command.clear(),
                *map(fields.Command.create, trial.deliveries),
            ],
        }

    # ------------------------------------------------------------
    # THE MAIL
    # ------------------------------------------------------------

    def _raw(self):
        """Return the bytes of the mail to test."""
        sources = {
            "fields": self._raw_of_fields,
            "text": self._raw_of_text,
            "file": self._raw_of_file,
            "message": self._raw_of_message,
        }
        return sources[self.source]()

    def _raw_of_fields(self):
        for label, address in (
            (self.env._("From"), self.email_from),
            (self.env._("To"), self.recipient),
        ):
            if not addresses.parse_list(address or ""):
                raise UserError(
                    self.env._(
                        "%(label)s: “%(text)s” is not an email address.",
                        label=label,
                        text=address or "",
                    )
                )
        return trial_mail.compose(
            self.email_from, self.recipient, self.subject or "", self.body or ""
        )

    def _raw_of_text(self):
        mails = trial_mail.mails_in(trial_mail.pasted(self.text or ""))
        if not mails:
            raise UserError(
                self.env._(
                    "Paste the headers of an email, lines like “From: "
                    "somebody@example.com”, or the whole mail."
                )
            )
        return mails[0]

    def _raw_of_file(self):
        data = base64.b64decode(self.with_context(bin_size=False).file or b"")
        if not data:
            raise UserError(self.env._("Choose a file that is not empty."))
        mails = trial_mail.mails_in(data)
        if len(mails) != 1:
            raise UserError(
                self.env._(
                    "“%(name)s” holds %(count)s emails. Choose a file with one "
                    "email, as mail programs save it (.eml).",
                    name=self.file_name or "",
                    count=len(mails),
                )
            )
        return mails[0]

    def _raw_of_message(self):
        self.message_id.check_access("read")
        raw = self.message_id and self.message_id._raw_bytes()
        if not raw:
            raise UserError(self.env._("Odoo no longer keeps the raw mail."))
        return raw
