from odoo import models

from ...tools.mail import addresses


class MailMail(models.Model):
    """A mail whose template names an archived server is not left lying: it goes the
    way that it would go without one, and who is to be told is told."""

    _inherit = "mail.mail"

    def _split_by_mail_configuration(self):
        if self.env["mail.catchall.router"]._is_sending():
            forced = self.filtered(
                lambda mail: (
                    mail.sudo().mail_server_id and not mail.sudo().mail_server_id.active
                )
            )
            for server, mails in forced.sudo().grouped("mail_server_id").items():
                mails._catchall_leave(server)
        return super()._split_by_mail_configuration()

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
                self.env._("Mail is to be sent through an archived server"),
                self.env._(
                    "A template or a program names the outgoing server “%(server)s”, "
                    "which is archived. Its mail was sent through “%(other)s” "
                    "instead. Choose another server on the template, or none.",
                    server=server.name,
                    other=router.sudo().mail_server_id.name,
                ),
            )
