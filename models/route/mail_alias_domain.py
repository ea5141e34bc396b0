from contextlib import contextmanager

from odoo import api, models

from ...tools.mail import addresses
from ...tools.outbound import reply_address
from ...tools.runtime.memo import memo
from .remembered import forget_searches, ordered_search

KNOWN = "aliases"  # {address: whether it is an alias}
CHANGES = "alias_changes"  # {"count": how many there were in this transaction}


class MailAliasDomain(models.Model):
    """Signed addresses are nobody's: core never makes a partner, a follower or a
    suggested recipient of what is an alias."""

    _inherit = "mail.alias.domain"

    @api.model_create_multi
    def create(self, vals_list):
        with self._catchall_changing_aliases():
            return super().create(vals_list)

    def write(self, vals):
        with self._catchall_changing_aliases():
            done = super().write(vals)
        if "name" in vals:
            # Which router serves which name is remembered.
            self.env.registry.clear_cache()
        return done

    def unlink(self):
        with self._catchall_changing_aliases():
            done = super().unlink()
        self.env.registry.clear_cache()
        return done

    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        """Core looks for all domains again for each mail."""
        return ordered_search(
            self,
            super()._search,
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    @api.model
    @contextmanager
    def _catchall_changing_aliases(self):
        """Look up anew which addresses are aliases, while they change and afterwards:
        core asks for them in between, too."""
        self._catchall_forget_aliases()
        try:
            yield
        finally:
            self._catchall_forget_aliases()

    @api.model
    def _catchall_forget_aliases(self):
        """Look up anew which addresses are aliases."""
        forget_searches(self)
        forget_searches(self.env["mail.alias"])
        memo(self.env.cr, KNOWN).clear()
        memo(self.env.cr, CHANGES)["count"] = self._catchall_alias_changes() + 1

    @api.model
    def _catchall_alias_changes(self):
        """Return how often this transaction has changed aliases: what was looked up
        before the last time may not be true any more."""
        return memo(self.env.cr, CHANGES).get("count", 0)

    @api.model
    def _find_aliases(self, email_list):
        """Core asks many times about the same few addresses while one mail is routed:
        they are looked up once. Signed addresses are aliases too."""
        if not self.env.context.get("catchall_routing"):
            return self._catchall_add_signed(
                email_list, super()._find_aliases(email_list)
            )
        known = memo(self.env.cr, KNOWN)
        unknown = [email for email in email_list if email not in known]
        if unknown:
            aliases = self._catchall_add_signed(unknown, super()._find_aliases(unknown))
            known.update({email: email in aliases for email in unknown})
        return [email for email in email_list if known[email]]

    @api.model
    def _catchall_add_signed(self, email_list, found):
        """Return the aliases found among these addresses, and the signed ones."""
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
