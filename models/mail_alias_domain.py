from odoo import api, models

from ..tools import addresses, reply_address


class MailAliasDomain(models.Model):
    """Signed addresses are nobody's: core never makes a partner, a follower or a
    suggested recipient of what is an alias."""

    _inherit = "mail.alias.domain"

    @api.model
    def _find_aliases(self, email_list):
        found = super()._find_aliases(email_list)
        signed = [
            email
            for email in email_list
            if email and reply_address.looks_like_reply_address(email)
        ]
        if not signed:
            return found
        own = {domain.name.lower() for domain in self.search([("name", "!=", False)])}
        return found + [
            email
            for email in signed
            if addresses.domain(email) in own and email not in found
        ]
