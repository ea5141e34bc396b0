"""What one company may take for its router, and what is another's."""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

SERVERS = {
    "fetchmail_server_id": "fetchmail.server",
    "mail_server_id": "ir.mail_server",
}


class MailCatchallRouter(models.Model):
    """Servers and domains know no company; a router gives them one. Nobody takes what
    another company's router has, and nobody chooses a server that he cannot read."""

    _inherit = "mail.catchall.router"

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("alias_domain_ids", "fetchmail_server_id", "mail_server_id")
    def _check_taken(self):
        """Leave the domains and the servers of other companies alone."""
        # Constraints are checked with all rights, and the settings write with them.
        if self.env.uid == SUPERUSER_ID:
            return
        mine = self.env.user.company_ids
        for router_sudo in self.sudo():
            router_sudo._check_domains(mine)
            taken = router_sudo._find_taken(mine)
            if taken:
                raise ValidationError(
                    self.env._(
                        "A domain or a mail server of router %s belongs to a router "
                        "of another company that you do not work for.",
                        router_sudo.name,
                    )
                )

    def _check_domains(self, mine):
        """Check that the domains of a router are of these companies, or of none.

        :raises ValidationError: that names the first that is not
        """
        for domain in self.alias_domain_ids:
            if domain.company_ids and not domain.company_ids & mine:
                raise ValidationError(
                    self.env._(
                        "The domain %s belongs to a company that you do not work for.",
                        domain.name,
                    )
                )

    def _find_taken(self, mine):
        """Return the routers of other companies that have a domain or a server of this
        router.

        :param mine: the ``res.company`` records of the user
        """
        same = Domain("alias_domain_ids", "in", self.alias_domain_ids.ids)
        for name in SERVERS:
            if self[name]:
                same |= Domain(name, "=", self[name].id)
        others = Domain("id", "!=", self.id) & Domain("company_id", "not in", mine.ids)
        return self.with_context(active_test=False).search(same & others, limit=1)

    @api.model
    def _require_readable(self, vals):
        """Check that the user may read the servers that are chosen.

        :raises AccessError: for the others
        """
        for name, model in SERVERS.items():
            if vals.get(name):
                self.env[model].browse(vals[name]).check_access("read")

    # ------------------------------------------------------------
    # WHO COMES FIRST
    # ------------------------------------------------------------

    def _own_first(self, domain):
        """Return these routers, those of the domain's companies first: the sequence
        decides among the routers of one company only.

        :param domain: str, the name of a domain
        """
        domains_sudo = self.sudo().alias_domain_ids
        owners = domains_sudo.filtered(
            lambda one: one.name.lower() == domain
        ).company_ids
        return self.sorted(lambda router: router.company_id not in owners)
