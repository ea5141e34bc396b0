from odoo import api, models


class MailMessage(models.Model):
    """What is written on a document leads the answers to this very document."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                dict(
                    values,
                    reply_to=self._catchall_lead_back(values["reply_to"], values),
                )
                if values.get("reply_to")
                else values
                for values in vals_list
            ]
        )

    def _get_reply_to(self, values):
        return self._catchall_lead_back(super()._get_reply_to(values), values)

    def _catchall_lead_back(self, reply_to, values):
        """Answer a Reply-To that names no other document than the message's."""
        model, res_id = values.get("model"), values.get("res_id")
        if not model or not res_id or model not in self.env:
            return reply_to
        return self.env[model].browse(res_id)._catchall_own_reply_to(reply_to)
