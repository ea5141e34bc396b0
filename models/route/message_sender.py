from odoo import models

from ...tools.mail import addresses


class MailCatchallMessage(models.Model):
    """The sender: whether it is one of us, is proven, or is condemned by a verdict."""

    _inherit = "mail.catchall.message"

    def _condemns(self, verdict):
        """Tell whether a verdict is against the mail: by the router's threshold
        where it has one and there is a score, else by the filter's own word."""
        threshold = self.router_id.spam_threshold
        if threshold and verdict.score is not None:
            return verdict.score >= threshold
        return verdict.is_spam

    def _is_from_us(self, own):
        """Tell whether the sender is one that Odoo writes as."""
        senders = {addresses.normalize(one.email_from or "") for one in own}
        return (
            self.sender in senders
            or self.sender in self.router_id._account_addresses()
            or addresses.domain(self.sender or "") in self.router_id._own_domains()
        )

    def _claims_to_be_one_of_us(self):
        """Tell whether the sender is an internal user or on an own domain."""
        if addresses.domain(self.sender or "") in self.router_id._own_domains():
            return True
        return bool(self.sender) and bool(
            self.env["res.users"].search_count(
                [("share", "=", False), ("email_normalized", "=", self.sender)], limit=1
            )
        )

    def _is_taken_for_outsider(self, mail):
        """Tell whether a mail that is not proven goes on without being posted as
        the one of us that it names."""
        return mail.authenticated is False and self._claims_to_be_one_of_us()

    def _needs_proof(self, match, mail):
        """Tell whether the alias is for certain people only, and our provider says
        that the sender is not who he claims to be."""
        contact = match.alias.alias_contact or "everyone"
        return (
            match.by != "person"
            and contact != "everyone"
            and mail.authenticated is False
            and not self._passes_guards(mail)
        )
