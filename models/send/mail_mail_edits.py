from odoo import models


class MailMail(models.Model):
    """Mails whose message is corrected or deleted before a server has taken them."""

    _inherit = "mail.mail"

    def _catchall_untouched(self):
        """Return those of these mails that wait, that no server has taken for anybody,
        and that nobody is sending just now."""
        waiting = self.filtered(
            lambda mail: mail.is_notification and mail.state == "outgoing"
        )
        waiting = waiting.try_lock_for_update(allow_referencing=True)
        known = self.env["mail.catchall.handover"].sudo()._known_of(waiting.ids)
        return waiting.filtered(lambda mail: mail.id not in known)

    def _catchall_notifications(self):
        """Return the notifications that these mails are for."""
        return self.env["mail.notification"].search([("mail_mail_id", "in", self.ids)])

    def _catchall_withdraw(self):
        """Send these mails to nobody: their message was deleted."""
        self._catchall_notifications().notification_status = "canceled"
        self.cancel()
