from datetime import timedelta

from odoo import api, fields, models

from ...tools.inbound import loops

# The longest start of a body that tells the mails of one burst.
BURST_BODY_BYTES = 10_000


class MailCatchallMessage(models.Model):
    """Loops: own mail that comes back, mail that goes round between servers, and the
    same mail over and over."""

    _inherit = "mail.catchall.message"

    arrived = fields.Datetime(
        "Reached Us",
        readonly=True,
        help="When the mail server took it in, as far as it tells.",
    )
    burst_key = fields.Char(
        readonly=True,
        help="Equal for mails of one sender with the same subject and beginning.",
    )

    _burst_idx = models.Index("(burst_key, arrived) WHERE burst_key IS NOT NULL")

    # ------------------------------------------------------------
    # JOURNAL
    # ------------------------------------------------------------

    @api.model
    def _prepare_journal_values(self, mail, opened, max_size):
        values = super()._prepare_journal_values(mail, opened, max_size)
        key = loops.burst_key(opened.headers, opened.body_start(BURST_BODY_BYTES))
        return dict(values, burst_key=key, arrived=self._arrival(values))

    @api.model
    def _arrival(self, values):
        """Return when a mail arrived: mail that was fetched after a long pause, or
        that was kept in a file, didn't arrive all at once."""
        from_file = values.get("entrance") == "import" and values["date"]
        return values.get("internal_date") or from_file or fields.Datetime.now()

    # ------------------------------------------------------------
    # OWN MAIL
    # ------------------------------------------------------------

    def _guard_own_token(self, mail):
        """Stop a mail that is proven to be ours. One proof alone counts under our
        own name only: a program that answers may have copied it."""
        proofs = self.env["mail.catchall.router"]._own_proofs(mail.headers)
        known = self.env["mail.message"]
        if not proofs or (len(proofs) == 1 and not self._is_from_us(known)):
            return None
        for name in proofs:
            self._note("own", "token", header=name, value=mail.headers.get(name))
        return "ignored", "own_message"

    # ------------------------------------------------------------
    # ROUND AND ROUND
    # ------------------------------------------------------------

    def _guard_received(self, mail):
        """Hold what has gone through more servers than any mail does (RFC 5321 6.3)."""
        count = loops.count_received(mail.headers)
        if count <= loops.MAX_RECEIVED:
            return None
        self._note("loop", "received", count=count)
        return "held", "loop_received"

    def _guard_delivered_before(self, mail):
        """Hold what was in this mailbox before and has come back from outside."""
        accounts = self.router_id._account_addresses()
        if not loops.delivered_to_twice(mail.headers, accounts, mail.own_hosts):
            return None
        return "held", "loop_delivered"

    # ------------------------------------------------------------
    # BURSTS
    # ------------------------------------------------------------

    def _guard_burst(self, mail):
        """Hold the same mail over and over; the first ones have gone through."""
        router = self.router_id
        limit = router.burst_count
        if not limit or not mail.is_suspect("repeated", self.burst_key):
            return None
        # Copies of one mail for several recipients are one mail.
        earlier = self._read_group(
            [
                ("burst_key", "=", self.burst_key),
                ("router_id", "=", router.id),
                ("company_id", "=", self.company_id.id),
                *self._arrived_within(timedelta(minutes=router.burst_minutes)),
                ("fingerprint", "!=", self.fingerprint),
            ],
            ["fingerprint"],
            limit=limit,
        )
        if len(earlier) < limit:
            return None
        self._note("burst", "same_mail", count=limit, minutes=router.burst_minutes)
        return "held", "burst"
