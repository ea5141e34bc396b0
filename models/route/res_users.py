from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ...tools.inbound import suggestions
from ...tools.mail import addresses


class ResUsers(models.Model):
    """Internal users are found by addresses that nearly name theirs."""

    _inherit = "res.users"

    catchall_keys = fields.Char(
        compute="_compute_catchall_keys",
        compute_sudo=True,
        store=True,
        groups="base.group_system",
        help="What the address shares with every address that is one typing error "
        "away.",
    )

    _catchall_keys_idx = models.Index("USING gin (string_to_array(catchall_keys, ' '))")

    @api.depends("partner_id.email_normalized", "share")
    def _compute_catchall_keys(self):
        for user in self:
            email = "" if user.share else user.partner_id.email_normalized or ""
            keys = suggestions.keys(addresses.split(email)[0])
            user.catchall_keys = " ".join(sorted(filter(None, keys))) or False

    def exists(self):
        """Core asks for OdooBot's user with each mail that it puts on a document: it is
        always there, as nobody can delete it."""
        if self.env.context.get("catchall_routing") and self._ids == (SUPERUSER_ID,):
            return self
        return super().exists()

    @api.model
    def _catchall_find_alike(self, local_parts):
        """Return the internal users whose address may have been meant by one of some
        local parts."""
        keys = suggestions.keys_asked(local_parts)
        if not keys:
            return self.browse()
        self.flush_model(["catchall_keys", "active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM res_users
                 WHERE string_to_array(catchall_keys, ' ') && %s::text[]
                   AND active
                """,
                keys,
            )
        )
        return self.browse([row[0] for row in rows])
