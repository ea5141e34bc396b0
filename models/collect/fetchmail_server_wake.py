import time

from odoo import api, models

ORDINARY_CRON = "mail.ir_cron_mail_gateway_action"
WOKEN_CRON = "mail_catchall_router.ir_cron_collect_woken"
#: Seconds after which a server with much new mail lets the next one go first.
TURN = 5


class FetchmailServer(models.Model):
    """Servers that are known to have new mail are collected by a scheduled action of
    their own, beside the ordinary one that goes over all of them: whoever is slow, or
    cannot be reached, keeps nobody waiting who was woken."""

    _inherit = "fetchmail.server"

    def _catchall_wake(self):
        """Let these servers be collected as soon as this transaction is committed."""
        self.env["mail.catchall.wake"].sudo().create(
            [{"server_id": server.id} for server in self]
        )
        self.env.ref(WOKEN_CRON).sudo()._trigger()

    @api.model
    def _cron_collect_woken(self):
        """Collect the servers that were woken, the one that waits longest first.

        Who switches the ordinary scheduled action off wants nothing to be collected.
        """
        if not self.env.ref(ORDINARY_CRON).sudo().active:
            return
        collected = self.browse()
        while server := (self._catchall_woken() - collected)[:1]:
            collected |= server
            server.with_context(
                fetchmail_cron_running=True, catchall_until=time.monotonic() + TURN
            )._catchall_collect()
            if not self.env["ir.cron"]._commit_progress():
                self.env.ref(WOKEN_CRON).sudo()._trigger()
                return

    def _catchall_woken(self):
        """Return the servers that were woken and can be collected, in this order."""
        wakes = self.env["mail.catchall.wake"].search(
            [("server_id.active", "=", True), ("server_id.state", "=", "done")]
        )
        return wakes.server_id.filtered("catchall_router_ids")

    def _catchall_wakes(self):
        """Return the wake-ups of this server."""
        return self.env["mail.catchall.wake"].search([("server_id", "in", self.ids)])

    def _catchall_hear(self):
        """Let those be collected who were woken while this server was being worked
        on: the scheduled action has found it busy, and gone on."""
        # A new snapshot, taken after the lock was given back.
        self.env["ir.cron"]._commit_progress()
        if self._catchall_wakes():
            self.env.ref(WOKEN_CRON).sudo()._trigger()
            self.env["ir.cron"]._commit_progress()
