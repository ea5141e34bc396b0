from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request

SECONDS_PARAMETER = "mail_catchall_router.undo_seconds"
# Addons that keep mail back themselves.
UNDO_RIVALS = ("mail_post_defer",)
#: Where the web client's two windows for writing are sent to.
SCREENS = ("/mail/message/post", "/mail.compose.message/action_send_mail")


class MailMail(models.Model):
    """What a person has just written waits for some seconds, and can be taken back."""

    _inherit = "mail.mail"

    @api.model
    def _catchall_undo_seconds(self):
        """Return how long (s) a person's mail waits, 0 when it doesn't."""
        parameters = self.env["ir.config_parameter"].sudo()
        kept = parameters.get_param(SECONDS_PARAMETER, "0")
        seconds = int(kept) if kept.isdigit() else 0
        if not seconds:
            return 0
        installed = self.env["ir.module.module"]._installed()
        return seconds if installed.keys().isdisjoint(UNDO_RIVALS) else 0

    @api.model
    def _catchall_is_at_screen(self):
        """Tell whether somebody has just pressed Send in the web client: a program
        cannot change its mind."""
        return bool(request and request.httprequest.path.endswith(SCREENS))

    def _catchall_hold_for_undo(self):
        """Let what the user has just written wait; return these mails."""
        mine = self.sudo().filtered(
            lambda mail: (
                mail.message_type == "comment"
                and mail.author_id == self.env.user.partner_id
                and not mail.scheduled_date
            )
        )
        if not mine or not self._catchall_is_at_screen():
            return self.browse()
        if not self.env.user._is_internal():
            return self.browse()
        seconds = self._catchall_undo_seconds()
        if not seconds:
            return self.browse()
        # Stored without fractions: a moment more, never less.
        until = fields.Datetime.now() + timedelta(seconds=seconds + 1)
        mine.scheduled_date = until
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger(until)
        return mine
