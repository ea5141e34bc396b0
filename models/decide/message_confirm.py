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

    def _read_forwarding(self):
        """Return what the mail asks to confirm: the ``provider``, the ``address`` that
        it would forward to, the ``code`` ("" if it has none), and whether it
        ``is_proven`` to be that provider's; {} if it asks for nothing."""
        self.ensure_one()
        content = self._read_content()
        asked = content and content.forwarding
        if not asked:
            return {}
        return {
            "provider": asked.provider,
            "address": ", ".join(self.delivery_ids.mapped("recipient")[:1]),
            "code": asked.code,
            "is_proven": bool(content.authenticated),
        }
