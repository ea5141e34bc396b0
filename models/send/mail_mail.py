from odoo import api, models

from ...tools.runtime.memo import memo

# What a person has written or made a template write.
PERSONS_MESSAGES = ("comment", "email_outgoing")


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

    def _split_by_mail_configuration(self):
        """Name the author where he had no address when the mail was written."""
        if self.env["mail.catchall.router"]._is_sending():
            for mail in self.filtered(lambda one: not one.email_from):
                mail.email_from = mail.author_id.email_formatted or False
        return super()._split_by_mail_configuration()

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Give a mail of the router's server what a person expects of it.

        Core has just written that it sends the mail. That goes to the database before
        anything goes out: who has taken the mail back meanwhile has done it in time.
        """
        self.flush_recordset(["state"])
        if mail_server and mail_server.sudo().catchall_router_ids:
            self._catchall_require_author()
            self._catchall_complete_reply_to()
        return super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )

    def _catchall_require_author(self):
        """Refuse to send a person's mail under a name that is not the person's: an
        author without an address is told so, and the mail is kept. What Odoo notifies
        by itself goes out in the company's name, as core does it."""
        if self.email_from or not self.author_id:
            return
        if self.message_type not in PERSONS_MESSAGES:
            return
        # Core shows the second argument of this assertion as the reason.
        raise AssertionError(
            self.env["ir.mail_server"].NO_VALID_FROM,
            self.env._(
                "%s has no e-mail address. Set one on the user or the contact, then "
                "press Retry.",
                self.author_id.display_name,
            ),
        )

    def _catchall_complete_reply_to(self):
        """Lead the answer back to the document: core leaves it to the author's own
        address when a template names none."""
        if self.reply_to or not self.res_id or self.reply_to_force_new:
            return
        if self.env["ir.model"]._get(self.model).is_mail_thread:
            self.reply_to = self.mail_message_id._get_reply_to(
                {
                    "model": self.model,
                    "res_id": self.res_id,
                    "email_from": self.email_from,
                    "author_id": self.author_id.id,
                }
            )

    def _catchall_queue(self):
        """Answer whether a routing transaction is under way, and wake the queue
        for it."""
        if not self.env.context.get("catchall_routing"):
            return False
        self._catchall_wake_queue()
        return True

    @api.model
    def _catchall_wake_queue(self):
        """Have queued mail sent once this transaction is committed, not within the
        hour; once per transaction."""
        woken = memo(self.env.cr, "queue_is_woken")
        if not woken:
            woken[True] = True
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
