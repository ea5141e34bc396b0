from odoo import api, models

from ...tools.outbound import sent_copy


class IrMailServer(models.Model):
    """What the mail server has accepted for a person is kept for the Sent folder."""

    _inherit = "ir.mail_server"

    @api.model
    def send_email(
        self,
        message,
        mail_server_id=None,
        smtp_server=None,
        smtp_port=None,
        smtp_user=None,
        smtp_password=None,
        smtp_encryption=None,
        smtp_ssl_certificate=None,
        smtp_ssl_private_key=None,
        smtp_debug=False,
        smtp_session=None,
    ):
        router_id = sent_copy.take_copy_header(message)
        try:
            message_id = super().send_email(
                message,
                mail_server_id=mail_server_id,
                smtp_server=smtp_server,
                smtp_port=smtp_port,
                smtp_user=smtp_user,
                smtp_password=smtp_password,
                smtp_encryption=smtp_encryption,
                smtp_ssl_certificate=smtp_ssl_certificate,
                smtp_ssl_private_key=smtp_ssl_private_key,
                smtp_debug=smtp_debug,
                smtp_session=smtp_session,
            )
        except Exception:
            # Who sends the same mail again wants the copy then.
            if router_id:
                message[sent_copy.COPY_HEADER] = str(router_id)
            raise
        if router_id:
            self.env["mail.catchall.copy"]._keep(router_id, message)
        return message_id
