from odoo import models


class MailMail(models.Model):
    """While the router routes nothing talks SMTP: what is to be sent is queued,
    and the queue is triggered."""

    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        if self._catchall_queue():
            return True
        return super().send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def send_after_commit(self):
        if self._catchall_queue():
            return None
        return super().send_after_commit()

    def _catchall_queue(self):
        """Answer whether a routing transaction is under way, and wake the queue
        for it, once per transaction."""
        if not self.env.context.get("catchall_routing"):
            return False
        done = self.env.cr.precommit.data.setdefault("mail_catchall_router", set())
        if "queue" not in done:
            done.add("queue")
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return True
