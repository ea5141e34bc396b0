from odoo import api, fields, models

from ...tools.mail import addresses

# Where apps keep who is responsible for a document.
RESPONSIBLE_FIELDS = ("user_id", "user_ids")


class MailCatchallRouter(models.Model):
    """Under whose name Odoo writes by itself."""

    _inherit = "mail.catchall.router"

    automatic_from = fields.Selection(
        [
            ("alias", "The document's alias, else the responsible user"),
            ("user", "The responsible user, else the document's alias"),
            ("odoo", "OdooBot"),
        ],
        "Automatic Mail Comes From",
        required=True,
        default="alias",
        help="Who appears as the sender of email that automated and scheduled "
        "actions write about a document. If there is neither an alias nor a "
        "responsible user, it is the company, with the account's address. A template "
        "that names a sender keeps it.",
    )

    @api.model
    def _automatic_routers(self):
        """Return {domain name: router} of those that name a sender for what Odoo
        writes by itself."""
        routers = self._active_routers().filtered(
            lambda router: router.automatic_from != "odoo" and router.mail_server_id
        )
        found = self._ids_by_domain()
        return {
            domain: router
            for router in routers
            for domain, ids in found.items()
            if router.id in ids
        }

    @api.model
    def _automatic_senders(self, records, routers):
        """Return {id: formatted address} under which Odoo writes by itself about
        these records; without those for which no router says so.

        :param records: of one model
        :param routers: what ``_automatic_routers`` answers
        """
        records = records.sudo()
        companies = records._mail_get_companies(default=self.env.company)
        aliases = records._catchall_alias_addresses()
        senders = {}
        for record in records:
            company = companies[record.id]
            candidates = {
                "alias": addresses.readable_address(
                    company.name, aliases.get(record.id, "")
                ),
                "user": self._responsible_of(record).email_formatted or "",
            }
            if sender := self._choose_sender(candidates, company, routers):
                senders[record.id] = sender
        return senders

    @api.model
    def _choose_sender(self, candidates, company, routers):
        """Return the formatted address that the router chooses, '' without one.

        :param candidates: {"alias", "user": formatted address or ''}
        :param company: the document's ``res.company``
        :param routers: what ``_automatic_routers`` answers
        """
        served = {
            name: candidate
            for name, candidate in candidates.items()
            if addresses.domain(addresses.normalize(candidate)) in routers
        }
        if not served:
            router = routers.get(company.alias_domain_id.name or "")
            account = router.account_email if router else ""
            return addresses.readable_address(company.name, account or "")
        [shown, *_others] = served.values()
        router = routers[addresses.domain(addresses.normalize(shown))]
        return served.get(router.automatic_from) or shown

    @api.model
    def _responsible_of(self, record):
        """Return the ``res.users`` who is responsible for a document, or an empty
        one."""
        for name in RESPONSIBLE_FIELDS:
            field = record._fields.get(name)
            if field and field.comodel_name == "res.users":
                users = record[name].filtered(lambda user: user.active)
                return users.filtered(lambda user: not user.share)[:1]
        return self.env["res.users"]
