from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from ...tools.mail import addresses

# Down to this message, from the newest one on, the column of raw mail holds bytes.
RECODED_PARAMETER = "mail_catchall_router.raw_recoded"
# So many mails are written anew in one transaction.
RECODED_AT_ONCE = 200
# State of the message -> the router's field with the days to keep its raw mail.
KEPT_BY_STATE = {
    "delivered": "keep_delivered",
    "held": "keep_held",
    "dead": "keep_held",
    "ignored": "keep_ignored",
}
# What was ignored for what it seems to be: a person may still miss it.
KEPT_LIKE_HELD = ("bounce_unknown", "bounce_claimed")
# What tells whose mail it was and what stood in it.
PERSONAL = (
    "raw",
    "raw_kept",
    "email_from",
    "sender",
    "answers_to",
    "subject",
    "message_id",
    "conversation",
    "burst_key",
    "network",
    "attack_id",
    "trace",
    "error",
)


class MailCatchallMessage(models.Model):
    """Keeping and forgetting: raw mail is personal data.

    A row outlives its mail: without it the same content would be taken for new.
    """

    _inherit = "mail.catchall.message"

    @api.autovacuum
    def _gc_raw(self):
        """Drop raw mail that was kept long enough.

        :return: (number done, whether there may be more)
        """
        done = self.browse()
        Router = self.env["mail.catchall.router"]
        for router in Router.search([("active", "in", [True, False])]):
            for state, days_field in KEPT_BY_STATE.items():
                for days, reasons in self._days_of(router, state, days_field):
                    left = GC_UNLINK_LIMIT - len(done)
                    if left > 0:
                        done |= self._find_outdated(router, state, reasons, days, left)
        done.write({"raw": False, "raw_kept": False})
        done._forget_words()
        return len(done), len(done) >= GC_UNLINK_LIMIT

    @api.autovacuum
    def _gc_recode(self):
        """Write raw mail of before 19.0.1.1.0, which is base64, as the bytes that it
        is: the newest first, some at a time, while Odoo works. Who is killed begins
        where the last transaction ended.

        :return: (number looked at, whether there are more)
        """
        parameters = self.env["ir.config_parameter"].sudo()
        below = int(parameters.get_param(RECODED_PARAMETER) or 0)
        if not below:
            return 0, False
        self.flush_model(["raw"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE id < %s AND raw IS NOT NULL"
                " ORDER BY id DESC LIMIT %s",
                SQL.identifier(self._table),
                below,
                RECODED_AT_ONCE,
            )
        )
        ids = [one for (one,) in rows]
        if ids:
            self._fields["raw"].recode(self, ids)
        parameters.set_param(RECODED_PARAMETER, min(ids, default=False))
        return len(ids), bool(ids)

    @api.model
    def _days_of(self, router, state, days_field):
        """Return [(days, domain of the reasons)] that raw mail of a state is kept."""
        if state != "ignored":
            return [(router[days_field], Domain.TRUE)]
        held = Domain("reason_code", "in", KEPT_LIKE_HELD)
        return [(router[days_field], ~held), (router.keep_held, held)]

    @api.model
    def _find_outdated(self, router, state, reasons, days, limit):
        before = fields.Datetime.now() - timedelta(days=days)
        return self.search(
            Domain("router_id", "=", router.id)
            & Domain("state", "=", state)
            & Domain("raw_kept", "=", True)
            & Domain("routed_date", "<", before)
            & reasons,
            limit=limit,
            order="routed_date",
        )

    @api.model
    def _find_of_address(self, address):
        """Return the messages from or to an address, settled or not."""
        address = addresses.normalize(address or "")
        if not address:
            return self.browse()
        received = self.env["mail.catchall.delivery"].search(
            [("recipient", "=", address)]
        )
        return self.search([("sender", "=", address)]) | received.message_id

    def _forget_discussion(self):
        """Delete what colleagues have said of these mails: it names who wrote them."""
        self.message_ids.unlink()
        self.activity_ids.unlink()

    def _erase(self):
        """Forget whose mails these were and what stood in them.

        What is left, without any personal data, keeps a copy of the same mail from
        being taken for a new one. Mail that waits is not routed any more.
        """
        self.attack_id.sudo().sender = False
        self.write(dict.fromkeys(PERSONAL, False))
        waiting = self.filtered(lambda one: one.state not in ("delivered", "ignored"))
        waiting.write({"state": "ignored", "reason_code": "erased", "claim": False})
        waiting.routed_date = fields.Datetime.now()
        self.candidate_ids.unlink()
        self.decision_ids.details = False
        self._forget_words()
        self._forget_discussion()
        for delivery in self.delivery_ids:
            delivery.recipient = f"erased-{delivery.id}"
        told = ("header", "error", "forward_to", "forward_note")
        self.delivery_ids.write(dict.fromkeys(told, False))
