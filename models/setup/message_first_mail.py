from odoo import models

from .router_first_mail import FIRST_MAIL


class MailCatchallMessage(models.Model):
    """Whoever has just set up a router is told of its first mail at once."""

    _inherit = "mail.catchall.message"

    def _conclude(self, left=()):
        """Tell whoever waits for the first mail that it has an end, once."""
        result = super()._conclude(left)
        router = self.router_id
        user = router.first_mail_user_id
        if user and self.state in ("delivered", "held"):
            router.first_mail_user_id = False
            user._bus_send(FIRST_MAIL, {"router_id": router.id})
        return result
