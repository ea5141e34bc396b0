from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.servers import diagnosis


class MailCatchallRouter(models.Model):
    """Copies of what people have sent, in the Sent folder of the account."""

    _inherit = "mail.catchall.router"

    sent_folder = fields.Char(
        "Copy Sent Mail To",
        help="The folder of the mailbox, for example Sent, in which Odoo stores a "
        "copy of what people send to outside. Empty: none. Providers like Gmail "
        "store one by themselves: Odoo finds it and adds no second one.",
    )
    copy_ids = fields.One2many("mail.catchall.copy", "router_id", "Copies Waiting")

    @api.constrains("sent_folder", "fetchmail_server_id")
    def _check_sent_folder(self):
        for router in self.filtered("sent_folder"):
            server = router.sudo().fetchmail_server_id
            if not server or server._get_connection_type() != "imap":
                raise ValidationError(
                    self.env._(
                        "Router %s: copies of sent email need an incoming server "
                        "with IMAP. POP3 has no folders. Empty the field, or choose "
                        "IMAP.",
                        router.name,
                    )
                )

    def _append_copies(self, copies):
        """Put these copies into the Sent folder of the account over one connection."""
        self.ensure_one()
        server = self.sudo().fetchmail_server_id
        if server._get_connection_type() != "imap" or not self.sent_folder:
            copies._register_failure(
                self.env._("The router no longer has a folder for sent email.")
            )
            self.env["ir.cron"]._commit_progress(len(copies))
            return
        _count, error = server._catchall_try(copies._append)
        if error is not None:
            left = copies.exists()
            left._register_failure(diagnosis.diagnose(error).words)
            self.env["ir.cron"]._commit_progress(len(left))
