from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class MailMessage(models.Model):
    """Taking back what one has just written, before it leaves."""

    _inherit = "mail.message"

    @api.model
    def catchall_send_now(self, message_ids):
        """Let the user's own messages wait no longer; those that were sent or taken
        back meanwhile are left alone."""
        waiting = self.browse(map(int, message_ids)).exists()._catchall_waiting_mails()
        if waiting:
            waiting.scheduled_date = False
            waiting._catchall_wake_queue()
        return True

    @api.model
    def catchall_take_back(self, message_id):
        """Delete the user's own message that waits; return the action that opens the
        window for writing with its text.

        :raises UserError: when one of its mails has left
        """
        message = self.browse(int(message_id)).exists()
        mails = message._catchall_waiting_mails()
        others = message.sudo().mail_ids - mails
        locked = mails.try_lock_for_update(allow_referencing=True)
        if not mails or others or locked != mails:
            raise UserError(self.env._("Too late: the email has left."))
        action = message._catchall_write_again()
        mails.unlink()
        # The author may take it back, whatever he may do with messages otherwise.
        message.sudo().unlink()
        return action

    def _catchall_waiting_mails(self):
        """Return the mails in sudo of these messages that wait for an undo.

        :raises AccessError: for messages of somebody else
        """
        messages = self.sudo()
        if messages.filtered(lambda one: one.author_id != self.env.user.partner_id):
            raise AccessError(self.env._("Only its author can take an email back."))
        now = fields.Datetime.now()
        return messages.mail_ids.filtered(
            lambda mail: (
                mail.state == "outgoing"
                and mail.scheduled_date
                and mail.scheduled_date > now
                and not mail.catchall_attempts
            )
        )

    def _catchall_write_again(self):
        """Return the action that opens the full window with this message."""
        message = self.sudo()
        copied = message.catchall_cc_ids | message.catchall_bcc_ids
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compose Email"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
            "context": {
                "clicked_on_full_composer": True,
                "default_model": message.model,
                "default_res_ids": [message.res_id],
                "default_composition_mode": "comment",
                "default_subtype_xmlid": "mail.mt_comment",
                "default_subject": message.subject or message.record_name or "",
                "default_body": message.body,
                "default_email_add_signature": False,
                "default_partner_ids": (message.partner_ids - copied).ids,
                "default_catchall_cc_ids": message.catchall_cc_ids.ids,
                "default_catchall_bcc_ids": message.catchall_bcc_ids.ids,
                "default_attachment_ids": message.attachment_ids.ids,
            },
        }
