from odoo import api, fields, models

from .mail_mail_headers import is_automatic


class MailMail(models.Model):
    """What an automation or a scheduled action writes is sent at once: Odoo looks
    into its queue once an hour."""

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        if is_automatic(self.env):
            mails.filtered(lambda mail: mail._catchall_is_left())._catchall_send_soon()
        return mails

    def _catchall_is_left(self):
        """Answer whether nobody but the queue sends this mail: notifications go out
        after the commit, and a mailing sends its own."""
        mailing = self._fields.get("mailing_id") and self.mailing_id
        return not self.is_notification and not mailing

    def _catchall_send_soon(self):
        """Have these mails sent once this transaction is committed; those that are
        scheduled when their time has come."""
        waiting = self.sudo().filtered(lambda mail: mail.state == "outgoing")
        if not waiting or not self.env["mail.catchall.router"]._is_sending():
            return
        now = fields.Datetime.now()
        later = {
            mail.scheduled_date
            for mail in waiting
            if mail.scheduled_date and mail.scheduled_date > now
        }
        if later:
            cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
            cron.sudo()._trigger(sorted(later))
        if any(mail.scheduled_date not in later for mail in waiting):
            self._catchall_wake_queue()
