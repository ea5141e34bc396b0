import logging

from markupsafe import escape
from psycopg2.errors import UniqueViolation

from odoo import fields, models
from odoo.tools import html2plaintext

_logger = logging.getLogger(__name__)


class MailCatchallRouter(models.Model):
    """Alerts: who is told when something needs a person."""

    _inherit = "mail.catchall.router"

    alert_user_ids = fields.Many2many(
        "res.users",
        string="Alert Recipients",
        help="These users get an activity when something needs attention. Empty: the "
        "administrators of the mail router.",
    )

    def _alert(self, summary, note, other_summaries=()):
        """Give the alert recipients an activity, unless they have this one still.

        :param summary: str, one short line; the same problem has the same summary
        :param note: str or Markup, what happened and what to do; in a str nothing is
            markup, whatever servers and senders of mail have written into it
        :param other_summaries: how the same problem may be called, too
        """
        self.ensure_one()
        same = {summary, *other_summaries}
        told = self.activity_ids.filtered(lambda one: one.summary in same).user_id
        for user in self._alert_users() - told:
            try:
                with self.env.cr.savepoint():
                    self._alert_user(user, summary, note)
            except UniqueViolation:
                # Another transaction alerts him at this moment, and has made him a
                # follower of the router: what calls this must not end for that.
                _logger.info("%s: %s is alerted already", self.name, user.login)
                unfollowed = self.with_context(catchall_makes_no_follower=True)
                unfollowed._alert_user(user, summary, note)

    def _alert_user(self, user, summary, note):
        # What raises an alert, as a lane that routes, waits for no mail server.
        self.with_context(mail_notify_force_send=False).activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=escape(note),
            user_id=user.id,
        )
        self.env["mail.mail"]._catchall_wake_queue()

    def _message_subscribe(self, *args, **options):
        """Leave the followers as they are while another transaction adds to them."""
        if self.env.context.get("catchall_makes_no_follower"):
            return True
        return super()._message_subscribe(*args, **options)

    def _alert_users(self):
        if self.alert_user_ids:
            return self.alert_user_ids
        group = self.env.ref("mail_catchall_router.group_mail_catchall_router_manager")
        return group.sudo().all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )

    def _alert_by_another_way(self, summary, note):
        """Alert people without the account: on the screen of those who are
        there, and by mail through another outgoing server, if there is one.

        :param summary: str, one short line
        :param note: as for ``_alert``
        """
        note = escape(note)
        users = self._alert_users()
        users._bus_send(
            "simple_notification",
            {
                "type": "danger",
                "title": f"{self.name}: {summary}",
                "message": html2plaintext(note),
                "sticky": True,
            },
        )
        server_sudo = self._another_server()
        recipients = [user.email_formatted for user in users if user.email_normalized]
        if server_sudo and recipients:
            self._send_alert(server_sudo, recipients, summary, note)

    def _send_alert(self, server_sudo, recipients, summary, note):
        mails_sudo = self.env["mail.mail"].sudo()
        mails_sudo.create(
            [
                {
                    "mail_server_id": server_sudo.id,
                    "email_from": server_sudo._catchall_plain_sender(),
                    "email_to": recipient,
                    "subject": f"{self.name}: {summary}",
                    "body_html": note,
                    "auto_delete": True,
                    "headers": "{'Auto-Submitted': 'auto-generated'}",
                }
                for recipient in recipients
            ]
        ).send()

    def _another_server(self):
        """Return an outgoing server that is not this router's: one of no router at
        all before one of another."""
        servers_sudo = (
            self.env["ir.mail_server"]
            .sudo()
            .search([("owner_user_id", "=", False)], order="sequence, id")
        )
        others = servers_sudo.filtered(
            lambda server: (
                self not in server.catchall_router_ids
                and not server.catchall_failing_since
                and server._catchall_plain_sender()
            )
        )
        free = others.filtered(lambda server: not server.catchall_router_ids)
        return (free or others)[:1]
