from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.inbound import suggestions
from ..concurrency import hold
from .remembered import ordered_search


class MailAlias(models.Model):
    """Aliases are found by addresses that nearly name them.

    While the router routes, a failing alias is marked, its sender not told: the mail
    is tried again, and each attempt would tell him once more. Core marks it over a
    second connection, which would wait for ever for the alias if an earlier mail of
    the same transaction has marked it as working: the router marks it itself.
    """

    _inherit = "mail.alias"

    catchall_keys = fields.Char(
        compute="_compute_catchall_keys",
        store=True,
        help="What the alias shares with every name that is one typing error away.",
    )

    _catchall_keys_idx = models.Index("USING gin (string_to_array(catchall_keys, ' '))")

    # Core asks for the aliases of a document's parent with each message it posts.
    _catchall_parent_idx = models.Index(
        "(alias_parent_thread_id, alias_parent_model_id) "
        "WHERE alias_parent_thread_id IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["mail.alias.domain"]._catchall_changing_aliases():
            return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("catchall_routing"):
            # Two lanes with an alias's first mails: the later one begins anew.
            hold(self)
        with self.env["mail.alias.domain"]._catchall_changing_aliases():
            return super().write(vals)

    def unlink(self):
        with self.env["mail.alias.domain"]._catchall_changing_aliases():
            return super().unlink()

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
        """Core looks for the alias of a mail, and for that of the document's team, job
        or project, again for each mail that these get."""
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

    @api.depends("alias_name")
    def _compute_catchall_keys(self):
        for alias in self:
            keys = suggestions.keys(alias.alias_name or "")
            alias.catchall_keys = " ".join(sorted(filter(None, keys))) or False

    @api.model
    def _catchall_find_alike(self, local_parts, domains):
        """Return the aliases that may have been meant by one of some local parts.

        :param domains: ``mail.alias.domain`` to look in
        """
        keys = suggestions.keys_asked(local_parts)
        if not keys or not domains:
            return self.browse()
        self.flush_model(["catchall_keys", "alias_domain_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM mail_alias
                 WHERE string_to_array(catchall_keys, ' ') && %s::text[]
                   AND alias_domain_id IN %s
                """,
                keys,
                tuple(domains.ids),
            )
        )
        return self.browse([row[0] for row in rows])

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        context = self.env.context
        if set_invalid and context.get("catchall_routing"):
            in_transaction = self.env.cr is context.get("catchall_cursor")
            if in_transaction and not context.get("catchall_trial"):
                self.alias_status = "invalid"
            return None
        return super()._alias_bounce_incoming_email(
            message, message_dict, set_invalid=set_invalid
        )
