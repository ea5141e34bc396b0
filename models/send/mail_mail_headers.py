import ast

from odoo import api, models

from ...tools.inbound import automatic

# What Odoo writes by itself, whoever's name stands on it.
AUTOMATIC_TYPES = ("notification", "auto_comment", "out_of_office", "user_notification")
# In the context while an automation rule or a scheduled action runs.
AUTOMATIC_CONTEXT = ("__action_done", "ir_cron_progress_id")


def is_automatic(env):
    """Answer whether an automation rule or a scheduled action is at work."""
    return any(key in env.context for key in AUTOMATIC_CONTEXT)


class MailMail(models.Model):
    """What a mail of a router's server says of itself on the wire: that a program
    wrote it (RFC 3834 5), and to which address its bounce comes."""

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        if mails and is_automatic(self.env):
            mails.filtered(
                lambda mail: mail.message_type == "email_outgoing"
            )._catchall_mark_automatic()
        return mails

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if mail_server and mail_server.sudo().catchall_router_ids:
            for email in emails:
                email["headers"] = self._catchall_headers(mail_server.sudo(), email)
        return emails

    def _catchall_headers(self, server, email):
        """Answer the headers of one of this mail's copies.

        :param server: ``ir.mail_server`` of a router, in sudo
        :param email: dict of one copy, as core prepares it
        """
        headers = dict(email["headers"])
        if self.message_type in AUTOMATIC_TYPES:
            headers = automatic.marked(headers)
        bounce_address = server._catchall_bounce_address(
            self.mail_message_id.id, email["email_to_normalized"]
        )
        if bounce_address:
            headers["Return-Path"] = bounce_address
        return headers

    def _catchall_mark_automatic(self):
        """Keep with these mails that a program wrote them: once they are sent,
        nothing else tells."""
        for mail in self:
            headers = self._catchall_read_headers(mail.headers)
            mail.headers = repr(automatic.marked(headers))

    @api.model
    def _catchall_read_headers(self, text):
        """Answer the dict in a mail's ``headers``; empty where it is none, as core
        takes it."""
        try:
            headers = ast.literal_eval(text or "{}")
        except (SyntaxError, ValueError):
            return {}
        return headers if isinstance(headers, dict) else {}
