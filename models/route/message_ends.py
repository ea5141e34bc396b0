import logging
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.outbound.attempts import delay_after

_logger = logging.getLogger(__name__)

LONGEST_DELAY = timedelta(hours=16)


def values_of_end(state, reason_code, now):
    """Return the values that every message has at its end, {field: value}."""
    return {
        "state": state,
        "reason_code": reason_code,
        "routed_date": now,
        "next_attempt": False,
        "claim": False,
        "crash_count": 0,
        "error": False,
    }


class MailCatchallMessage(models.Model):
    """Ends: how a message and its deliveries are settled, held, tried again or buried.

    The message's state follows from its deliveries.
    """

    _inherit = "mail.catchall.message"

    def _hold(self, delivery, reason_code, mail, **details):
        delivery.write({"state": "held", "reason_code": reason_code})
        mail.note("hold", reason_code, address=delivery.recipient, **details)

    def _settle_all(self, state, reason_code, mail):
        """Give every delivery that is open the same end; a mail without any, too."""
        mail.kept["reason_code"] = reason_code
        if not self.delivery_ids:
            mail.kept["state"] = state
        mail.open_deliveries.write({"state": state, "reason_code": reason_code})

    def _conclude(self, left=(), kept=None):
        """Write the message's state, which follows from its deliveries.

        :param left: deliveries that wait for another attempt, which comes at once
        :param kept: {field: value} of what else is written, or None
        """
        kept = kept or {}
        failed = self.delivery_ids.filtered(lambda one: one.state == "failed")
        if left or failed:
            self.write(kept)
        if left:
            self._go_on()
            return
        if failed:
            self._register_failure(failed[0].error)
            return
        known = [kept.get(name, self[name]) for name in ("state", "reason_code")]
        state, reason_code = self._end_of(self.delivery_ids, *known)
        now = fields.Datetime.now()
        delay = self._prepare_delay_values(state, now)
        self.write({**kept, **delay, **values_of_end(state, reason_code, now)})

    def _go_on(self):
        """Have a mail for very many recipients routed again: what was done is done, and
        no attempt has failed."""
        self.write(
            {
                "state": "received",
                "reason_code": False,
                "next_attempt": False,
                "claim": False,
                "attempt_count": 0,
                "crash_count": 0,
            }
        )

    def _end_of(self, deliveries, state, reason_code):
        """Return (state, reason code) that these settled deliveries make.

        :param state: what the message's is without them
        :param reason_code: as ``state``
        """
        if held := deliveries.filtered(lambda one: one.state == "held"):
            return "held", held[0].reason_code
        if deliveries.filtered(lambda one: one.state == "delivered"):
            return "delivered", False
        if not deliveries and reason_code and state == "held":
            return "held", reason_code
        if deliveries or reason_code:
            found = filter(None, deliveries.mapped("reason_code"))
            return "ignored", next(found, reason_code)
        self._note("hold", "no_recipient")
        return "held", "no_recipient"

    def _hold_slow(self):
        """Hold a mail whose routing took too long; nothing of it is kept."""
        _logger.info("%s: routing message %s took too long", self.message_id, self.id)
        seconds = self.router_id.max_seconds
        self._note("hold", "too_slow", seconds=seconds)
        self.write(
            {
                "state": "held",
                "reason_code": "too_slow",
                "routed_date": fields.Datetime.now(),
                "claim": False,
                "crash_count": 0,
            }
        )

    def _register_failure(self, text):
        """Keep what went wrong and when to try again; dead when tried enough."""
        if self.attempt_count >= self.router_id.max_attempts:
            self._bury("error", error=text)
            return
        self.write(
            {
                "state": "failed",
                "reason_code": "error",
                "error": text,
                "next_attempt": fields.Datetime.now() + self._retry_delay(),
                "claim": False,
                "crash_count": 0,
            }
        )

    def _bury(self, reason_code, error=None, crash_count=0):
        self.write(
            {
                "state": "dead",
                "reason_code": reason_code,
                "error": error or self.error,
                "next_attempt": False,
                "claim": False,
                "crash_count": crash_count,
            }
        )
        self.router_id._alert(
            self.env._("Mail that could not be routed"),
            self.env._(
                "Odoo gave up on “%(subject)s” from %(sender)s after %(attempts)s "
                "attempts. Open Mail Router, Messages, filter Dead, read why and "
                "press Retry.",
                subject=self.subject or "",
                sender=self.email_from or "",
                attempts=self.attempt_count,
            ),
        )

    def _retry_delay(self):
        """Return the timedelta to wait: a minute, doubled per attempt, 16 h at most."""
        return delay_after(self.attempt_count, LONGEST_DELAY)

    def _prepare_delay_values(self, state, routed):
        """Return the values that keep how long it took, once the mail is on a
        document.

        :param state: the one that the message ends in
        :param routed: datetime when it got there
        """
        if state != "delivered" or self.entrance == "import" or not self.arrived:
            return {}
        return {"delay": max(0, int((routed - self.arrived).total_seconds()))}

    def _revive(self):
        """Make these messages due now, with their attempts forgotten.

        :raises UserError: when the mail itself is not in the journal
        """
        if not self:
            return
        for message in self:
            if not message.complete or not message.raw_kept:
                raise UserError(
                    self.env._(
                        "“%s” cannot be routed: Odoo no longer keeps the email itself.",
                        message.subject or message.message_id,
                    )
                )
        self.delivery_ids.filtered(lambda one: one.state == "held").state = "pending"
        self.write(
            {
                "state": "failed",
                "next_attempt": False,
                "attempt_count": 0,
                "crash_count": 0,
            }
        )
