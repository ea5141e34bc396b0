from odoo import models
from odoo.fields import Domain


class MailCatchallRouter(models.Model):
    """The forwardings to the router's addresses that wait to be confirmed."""

    _inherit = "mail.catchall.router"

    def _find_forwardings(self):
        """Return {router id: the newest held mail that asks to confirm a forwarding}
        of those that have one."""
        waiting = (
            Domain("router_id", "in", self.ids)
            & Domain("state", "=", "held")
            & Domain("reason_code", "=", "forwarding")
        )
        Message = self.env["mail.catchall.message"]
        newest = Message._read_group(waiting, ["router_id"], ["id:max"])
        return {router.id: Message.browse(largest) for router, largest in newest}

    def _confirm_forwarding(self):
        """Open what confirms the newest forwarding that waits.

        :return: an action, or True if none waits any more
        """
        asked = self._find_forwardings().get(self.id)
        return asked.action_confirm_forwarding() if asked else True
