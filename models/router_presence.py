"""Where no router is, the addon costs nothing; where one is, little."""

from odoo import api, models
from odoo.tools import frozendict, ormcache

from ..tools.runtime.memo import undoable_memo

# What is asked of the routers for each message and each mail.
KNOWN_FIELDS = [
    *("account_email", "company_id", "fetchmail_server_id", "mail_server_id"),
    *("automatic_from", "reply_to"),
]


class MailCatchallRouter(models.Model):
    """Installed is not in use: what core does for each message and each mail asks one
    remembered question first."""

    _inherit = "mail.catchall.router"

    @api.model
    @ormcache()
    def _is_in_use(self):
        """Tell whether this database has any router, an archived one included."""
        everything = self.sudo().with_context(active_test=False)
        return bool(everything.search_count([], limit=1))

    @api.model
    @ormcache()
    def _ids_by_domain(self):
        """Return {name of a domain: ids of the active routers that serve it}, looked
        up once for all mails. Whoever uses them searches them: a savepoint that was
        rolled back may have taken one away."""
        found = {}
        routers_sudo = self.sudo().with_context(active_test=True)
        for router in routers_sudo.search([("active", "=", True)]):
            for domain in router._own_domains():
                found[domain] = (*found.get(domain, ()), router.id)
        return frozendict(found)

    @api.model
    def _active_routers(self):
        """Return the active routers in sudo, in their order. They are looked up once in
        a transaction, however much mail is written in it."""
        known = undoable_memo(self.env.cr, "routers")
        if "ids" not in known:
            routers = self.sudo().with_context(active_test=True)
            known["ids"] = routers.search_fetch([], KNOWN_FIELDS).ids
        return self.sudo().browse(known["ids"])

    @api.model
    def _forget_active_routers(self):
        """Have the routers looked up anew."""
        undoable_memo(self.env.cr, "routers").clear()

    def _among(self, domain):
        """Return those of these routers that serve a domain name; the first is the one
        that its companies want."""
        ids = self._ids_by_domain().get(domain, ())
        found = self.filtered(lambda router: router.id in ids)
        return found._own_first(domain) if len(found) > 1 else found
