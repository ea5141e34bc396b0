from odoo import fields, models
from odoo.exceptions import UserError

from ..models.windows import window
from ..tools.mail import mbox

MAX_MAILS = 10_000


class MailCatchallImport(models.TransientModel):
    """Bring .eml and mbox files into a router's journal, to be routed like mail
    that has just arrived."""

    _name = "mail.catchall.import"
    _description = "Import Mail Files"

    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        default=lambda self: self.env["mail.catchall.router"].search([], limit=1),
        help="The files are routed as if they had arrived in this router's mailbox.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Files (.eml, .mbox)",
        help="Emails as mail programs save them: single ones (.eml), or a whole "
        "folder (.mbox). Known emails create nothing a second time.",
    )

    def action_import(self):
        """Journal every mail of the files, and show the new messages.

        :raises UserError: when there is no mail in a file, or there are too many
        """
        self.ensure_one()
        self.router_id.check_access("write")
        raws = [raw for file in self.attachment_ids for raw in self._mails_of(file)]
        if not raws:
            raise UserError(self.env._("Choose a file with at least one email in it."))
        if len(raws) > MAX_MAILS:
            raise UserError(
                self.env._(
                    "The files hold %(count)s emails. Import at most %(limit)s at "
                    "once.",
                    count=len(raws),
                    limit=MAX_MAILS,
                )
            )
        messages = self.router_id.sudo()._journal_from("import", raws)
        self.attachment_ids.unlink()
        return window(
            self.env, "message_action", domain=[("id", "in", messages.ids)], context={}
        )

    def _mails_of(self, attachment):
        mails = mbox.split_mbox(attachment.raw or b"")
        if not mails:
            raise UserError(
                self.env._("“%s” is neither an .eml nor an mbox file.", attachment.name)
            )
        return mails
