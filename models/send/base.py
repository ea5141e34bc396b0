from odoo import models
from odoo.tools.mail import email_split_tuples, formataddr

from ...tools.mail import addresses


class Base(models.AbstractModel):
    """Answers find their document by the address they are sent to."""

    _inherit = "base"

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Put the signed reply address of each document, or the author's own, in the
        place of the alias or catch-all address, where a router serves its domain and
        says so."""
        reply_to = super()._notify_get_reply_to_batch(
            defaults=defaults, author_ids=author_ids
        )
        if not self.ids or self._abstract or self.env.context.get("catchall_unsigned"):
            return reply_to
        Router = self.env["mail.catchall.router"]
        routers = Router._reply_routers() if Router._is_in_use() else None
        if not routers:
            return reply_to
        return {
            res_id: self._catchall_choose_reply_to(
                res_id, value, (defaults or {}).get(res_id), routers
            )
            for res_id, value in reply_to.items()
        }

    def _catchall_choose_reply_to(self, res_id, reply_to, author, routers):
        """Return the formatted Reply-To that the router of its domain chooses.

        :param author: the author's formatted address, or False
        :param routers: {domain name: router} of those that choose
        """
        [(name, address)] = (email_split_tuples(reply_to or "") or [("", "")])[:1]
        router = routers.get(addresses.domain(address or ""))
        if not res_id or not router:
            return reply_to
        if router.reply_to == "author":
            return author or reply_to
        return formataddr((name, router._reply_address(self._name, res_id, address)))

    def _catchall_alias_addresses(self):
        """Return {id: normalised address} of the aliases under which these documents
        are answered: core knows them, whichever app they belong to."""
        Domain = self.env["mail.alias.domain"].sudo()
        shared = Domain.search([("catchall_alias", "!=", False)]).mapped(
            "catchall_email"
        )
        unsigned = self.with_context(catchall_unsigned=True)
        found = {
            res_id: addresses.normalize(reply_to or "")
            for res_id, reply_to in unsigned._notify_get_reply_to().items()
        }
        return {
            res_id: address
            for res_id, address in found.items()
            if address and address not in shared
        }

    def _catchall_own_reply_to(self, reply_to):
        """Return a formatted Reply-To with this document's signed address, where it
        has that of another document.

        Core's leads, applicants and tasks borrow the address of their team, job or
        project, whose signed address would lead the answer there.
        """
        [(name, address)] = (email_split_tuples(reply_to or "") or [("", "")])[:1]
        Router = self.env["mail.catchall.router"]
        document = Router._find_signed_document(address or "")
        if not document or document == (self._name, self.id):
            return reply_to
        local_part, domain = addresses.split(addresses.normalize(address))
        shown = f"{local_part.rpartition('.')[0]}@{domain}"
        return formataddr((name, Router._reply_address(self._name, self.id, shown)))
