from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class MailCatchallMessage(models.Model):
    """What the user has not seen yet: the mail of the last weeks that this user has
    neither opened nor decided about, nor marked as read together with all other."""

    _inherit = "mail.catchall.message"

    is_unread = fields.Boolean(
        "Unread",
        compute="_compute_is_unread",
        search="_search_is_unread",
        help="You have not opened this email yet. After 30 days it counts as read.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("decided_user_id")
    @api.depends_context("uid")
    def _compute_is_unread(self):
        shown = Domain("id", "in", self._origin.ids)
        unread = set(self.sudo().search(self._unread_domain() & shown).ids)
        for message in self:
            message.is_unread = message._origin.id in unread

    @api.model
    def _search_is_unread(self, operator, value):
        if operator != "in":
            return NotImplemented
        unread = self._unread_domain()
        return Domain.OR(unread if one else ~unread for one in value)

    @api.model
    def _unread_domain(self):
        """Return the domain of what this user has not seen."""
        opened = SQL(
            "SELECT message_id FROM mail_catchall_read WHERE user_id = %s", self.env.uid
        )
        since = self.env["mail.catchall.read"]._unread_since()
        return (
            Domain("create_date", ">=", since)
            & Domain("id", ">", self.env.user.sudo().catchall_read_until or 0)
            & Domain("decided_user_id", "!=", self.env.uid)
            & Domain("id", "not any!", opened)
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_mark_read(self):
        """Note that this user has seen the messages."""
        self.check_access("read")
        unread = self.filtered("is_unread")
        if not unread:
            return
        # Two tabs may open one mail at the same time.
        self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_catchall_read (message_id, user_id)
                SELECT id, %s FROM unnest(%s) id
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                self.env.uid,
                unread.ids,
            )
        )
        unread.invalidate_recordset(["is_unread"], flush=False)

    def action_mark_all_read(self):
        """Note that this user has seen all mail that there is, not these alone."""
        self.check_access("read")
        newest = self.search([], limit=1, order="id desc")
        self.env.user.sudo().catchall_read_until = newest.id
        # There may be tens of thousands of them.
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_catchall_read"
                " WHERE user_id = %s AND message_id <= %s",
                self.env.uid,
                newest.id or 0,
            )
        )
        self.env["mail.catchall.read"].invalidate_model(flush=False)
        self.env["mail.catchall.message"].invalidate_model(["is_unread"], flush=False)
