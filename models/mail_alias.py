from odoo import models


class MailAlias(models.Model):
    """While the router routes, a failing alias is marked, its sender not told:
    the mail is tried again, and each attempt would tell him once more."""

    _inherit = "mail.alias"

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        if set_invalid and self.env.context.get("catchall_routing"):
            self.alias_status = "invalid"
            return None
        return super()._alias_bounce_incoming_email(
            message, message_dict, set_invalid=set_invalid
        )
