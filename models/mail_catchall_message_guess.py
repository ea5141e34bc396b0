from odoo import models

from ..tools import addresses, suggestions
from .mail_catchall_message_route import Match


class MailCatchallMessage(models.Model):
    """Unknown addresses: which own address was meant by one that nearly names it."""

    _inherit = "mail.catchall.message"

    def _guess(self, delivery, mail):
        """Answer the :class:`Match` for the one alias that an unknown address nearly
        names, or None. What comes into question is in the trace, for a person."""
        if not delivery.must_settle or mail.recipients.only_account:
            return None
        alike = self._find_alike(delivery.recipient)
        for suggestion in alike:
            self._note(
                "suggestion",
                suggestion.distance_kind,
                address=delivery.recipient,
                suggestion=suggestion.address,
            )
        if len(alike) != 1 or self.router_id.guess_policy != "deliver":
            return None
        alias = self._find_alias(alike[0].address)
        return Match("guess", alike[0].address, alias) if alias else None

    def _find_alike(self, address):
        """Answer the tuple of ``Suggestion`` for an unknown own address: aliases, and
        the users' own addresses."""
        domains = self.router_id.sudo().alias_domain_ids
        local_part = addresses.split(address)[0]
        aliases = self.env["mail.alias"]._catchall_find_alike(local_part, domains)
        own = self.router_id._own_domains()
        users = self.env["res.users"].search([("share", "=", False)])
        known = [
            *aliases.mapped("alias_full_name"),
            *filter(None, users.mapped("email_normalized")),
        ]
        return suggestions.candidates(address, dict.fromkeys(known), own)

    def _mark_guess(self, delivery, match):
        """Say on the document that the address was a guess."""
        record = self.env[delivery.model].browse(delivery.res_id)
        if match.by != "guess" or not hasattr(record, "_message_log"):
            return
        record._message_log(
            body=self.env._(
                "This mail was sent to %(written)s, which does not exist. It was taken "
                "for %(meant)s.",
                written=delivery.recipient,
                meant=match.address,
            )
        )
