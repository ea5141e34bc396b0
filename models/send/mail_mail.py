from odoo import api, fields, models

from ...tools.mail import addresses
from ...tools.runtime.memo import memo

# In the context while an automation rule or a scheduled action runs.
AUTOMATIC_CONTEXT = ("__action_done", "ir_cron_progress_id")


def is_automatic(env):
    """Tell whether an automation rule or a scheduled action is at work."""
    return any(key in env.context for key in AUTOMATIC_CONTEXT)


def odoobot(env):
    """Return OdooBot's contact in sudo, without the look-up by which ``env.ref`` sees
    that it is there: this is asked for each message and each mail."""
    robot_id = env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
    return env["res.partner"].sudo().browse(robot_id)


class MailMail(models.Model):
    """When a mail is sent, and through which server.

    While the router routes nothing talks SMTP: what is to be sent is queued, and the
    queue is triggered. What an automation or a scheduled action writes is sent at once:
    Odoo looks into its queue once an hour.
    """

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._catchall_lead_by_links(vals_list)
        mails = super().create(self._catchall_spare_documents(vals_list))
        if mails and is_automatic(self.env):
            mails.filtered(lambda mail: mail._catchall_is_left())._catchall_send_soon()
            mails.filtered(
                lambda mail: mail.message_type == "email_outgoing"
            )._catchall_mark_automatic()
        return mails

    @api.model
    def _catchall_spare_documents(self, vals_list):
        """Return these values, those of a mailing's test without what leads an answer
        to the document that it only borrows for its words: core would post the
        tester's answer there, and send it to the customer.

        A mailing follows each mail to its own recipients with a trace; its test has
        none.
        """
        if "mailing_id" not in self._fields:
            return vals_list
        if not self.env["mail.catchall.router"]._is_sending():
            return vals_list
        return [
            {"reply_to": self.env.user.email_formatted, **_only_filled(values)}
            | {"reply_to_force_new": True, "is_notification": False}
            if values.get("mailing_id") and not values.get("mailing_trace_ids")
            else values
            for values in vals_list
        ]

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
        return super(
            MailMail, self - self._catchall_hold_for_undo()
        ).send_after_commit()

    def _split_by_mail_configuration(self):
        """Name the author where he had no address when the mail was written, and
        leave no mail lying whose template names an archived server."""
        if self.env["mail.catchall.router"]._is_sending():
            self._catchall_leave_archived_servers()
            for mail in self.filtered(lambda one: not one.email_from):
                mail.email_from = mail.author_id.email_formatted or False
            self._catchall_rename_robot()
        return super()._split_by_mail_configuration()

    def _catchall_leave_archived_servers(self):
        """Let mail go the way that it would go without the archived server that its
        template names."""
        forced = self.filtered(
            lambda mail: (
                mail.sudo().mail_server_id and not mail.sudo().mail_server_id.active
            )
        )
        for server, mails in forced.sudo().grouped("mail_server_id").items():
            mails._catchall_leave(server)

    def _catchall_leave(self, server):
        """Let these mails go without their archived server, where a router sends for
        their authors. A user's own server is core's business.

        :param server: ``ir.mail_server``
        """
        if server.owner_user_id:
            return
        for email_from, mails in self.grouped("email_from").items():
            router = self.env["ir.mail_server"]._catchall_router_for(
                addresses.normalize(email_from or "")
            )
            if not router:
                continue
            mails.mail_server_id = False
            router._alert(
                self.env._("An archived server is to send email"),
                self.env._(
                    "A template or a program names the outgoing server “%(server)s”, "
                    "which is archived. Odoo sent its email through “%(other)s” "
                    "instead. Choose another server on the template, or none.",
                    server=server.name,
                    other=router.sudo().mail_server_id.name,
                ),
            )

    def _catchall_queue(self):
        """Tell whether a routing transaction is under way, and wake the queue
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

    def _catchall_is_left(self):
        """Tell whether nobody but the queue sends this mail: notifications go out
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


def _only_filled(values):
    """Return the values of a mail without a Reply-To that is empty."""
    return {
        name: value for name, value in values.items() if value or name != "reply_to"
    }
