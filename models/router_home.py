"""A router knows the database that it has taken its servers over for."""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import neutralize_database
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

CLUSTER = "SELECT system_identifier FROM pg_control_system()"
MAY_ASK = "SELECT has_function_privilege('pg_control_system()', 'execute')"


class MailCatchallRouter(models.Model):
    """Whoever restores a backup or copies a database has two that read one mailbox and
    send as one account. The copy finds itself a stranger, leaves both alone, and asks a
    person which of the two it is."""

    _inherit = "mail.catchall.router"

    home = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The database that uses the servers: its UUID, and where PostgreSQL "
        "keeps it.",
    )
    is_stranger = fields.Boolean(compute="_compute_is_stranger", compute_sudo=True)

    @api.depends("home")
    def _compute_is_stranger(self):
        """Tell whether this is another database than the one that took over."""
        homes = set(filter(None, self.mapped("home")))
        here = self._here() if homes else ""
        for router in self:
            router.is_stranger = bool(router.home) and router.home != here

    @api.model
    def _here(self):
        """Return what tells this database from every copy of it: the uuid, which
        Odoo's own copies change; the number of the database, which any copy changes;
        and that of the PostgreSQL cluster, where it may be asked for."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        oid = SQL("SELECT oid FROM pg_database WHERE datname = current_database()")
        ((number,),) = self.env.execute_query(oid)
        cluster = ""
        if self.env.execute_query(SQL(MAY_ASK))[0][0]:
            ((cluster,),) = self.env.execute_query(SQL(CLUSTER))
        return f"{uuid} {cluster}/{number}"

    def _take_home(self):
        """Remember this database, where no other is remembered."""
        homeless = self.sudo().filtered(lambda router: not router.home)
        if homeless:
            homeless.home = self._here()

    # ------------------------------------------------------------
    # A PERSON DECIDES
    # ------------------------------------------------------------

    def action_is_original(self):
        """Go on here: the mailbox and the account belong to this database.

        :raises AccessError: for all but the system's administrators
        """
        self._require_administrator()
        strangers = self._strangers()
        strangers.home = self._here()
        for router in strangers:
            router.message_post(
                body=self.env._(
                    "%s confirmed that this is the real database, which reads the "
                    "mailbox and sends, and not a copy.",
                    self.env.user.name,
                )
            )
        servers = strangers.fetchmail_server_id
        servers.filtered(
            lambda one: one.active and one.state == "done"
        )._catchall_wake()
        return True

    def action_is_copy(self):
        """Neutralize this database, as ``odoo neutralize`` does: it logs in at no mail
        server any more, and has keys of its own.

        :raises AccessError: for all but the system's administrators
        :raises UserError: in a database that took its servers over itself
        """
        self._require_administrator()
        if not self._strangers():
            raise UserError(
                self.env._(
                    "This is the database that uses the mail servers. To make a copy "
                    "harmless, do it in the copy."
                )
            )
        _logger.info("User %s neutralizes this copy", self.env.uid)
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all(flush=False)
        self.env.registry.clear_all_caches()
        return {"type": "ir.actions.client", "tag": "reload"}

    @api.model
    def _strangers(self):
        """Return all routers, also archived ones, whose home is another database."""
        everywhere = self.sudo().with_context(active_test=False)
        routers = everywhere.search([("home", "!=", False)])
        return routers.filtered("is_stranger")

    @api.model
    def _require_administrator(self):
        if not self.env.is_system():
            raise AccessError(
                self.env._(
                    "Only an administrator of Odoo can decide this: it affects all "
                    "routers of the database."
                )
            )
