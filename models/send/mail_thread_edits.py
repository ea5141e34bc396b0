from odoo import models


class MailThread(models.AbstractModel):
    """What somebody corrects or deletes in the chatter while its mail waits leaves as
    it is then, or not at all."""

    _inherit = "mail.thread"

    def _message_update_content(self, message, /, *, body, **kwargs):
        result = super()._message_update_content(message, body=body, **kwargs)
        if body is None or not self.env["mail.catchall.router"]._is_sending():
            return result
        waiting = message.sudo().mail_ids._catchall_untouched()
        if message.sudo()._filter_empty():
            waiting._catchall_withdraw()
        elif waiting:
            self._catchall_write_anew(message.sudo(), waiting)
        return result

    def _catchall_write_anew(self, message, waiting):
        """Replace mails by such of the message as it is now, for the same people.

        :param waiting: ``mail.mail`` in sudo, made for this message
        """
        people = [
            one
            for one in self._notify_get_recipients(message, notify_author=True)
            if one["id"] in waiting.recipient_ids.ids
            or (not one["id"] and any(waiting.mapped("email_to")))
        ]
        if not people:
            return
        known, first = message.mail_ids, waiting[0]
        kept = {"scheduled_date": first.scheduled_date, "headers": first.headers}
        waiting._catchall_notifications().unlink()
        self._notify_thread_by_email(
            message, people, mail_auto_delete=first.auto_delete, force_send=False
        )
        message.invalidate_recordset(["mail_ids"])
        (message.mail_ids - known).write(kept)
        waiting.unlink()
