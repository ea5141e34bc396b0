from odoo import models


class MailCatchallMessage(models.Model):
    """Confirming: somebody has set up a forwarding to us, and its provider asks."""

    _inherit = "mail.catchall.message"

    def action_confirm_forwarding(self):
        """Open the provider's page that confirms the forwarding.

        :return: an action; without a link that is surely the provider's, one that
            opens the mail, which has the code or says what to do
        """
        self.ensure_one()
        self._check_may_decide()
        content = self._read_content()
        asked = content.forwarding
        if asked and asked.link and content.authenticated:
            return {"type": "ir.actions.act_url", "url": asked.link, "target": "new"}
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
