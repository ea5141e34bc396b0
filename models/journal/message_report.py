from odoo import fields, models


class MailCatchallMessage(models.Model):
    """What reports on the journal count and group by."""

    _name = "mail.catchall.message"
    _inherit = ["mail.catchall.message", "mail.catchall.by.hour"]

    delay = fields.Integer(
        "Arrival to Document (s)",
        readonly=True,
        aggregator="avg",
        help="Seconds from the mail's arrival until it was on its document. Empty "
        "while it is on none, and for mail out of a file.",
    )

    # Reports look at the rows of their time alone, and count them in the index.
    _date_idx = models.Index(
        "(create_date, state, reason_code, company_id, router_id, delay)"
    )

    # ------------------------------------------------------------
    # DELAY
    # ------------------------------------------------------------

    def _prepare_delay_values(self, state, routed):
        """Answer the values that keep how long it took, once the mail is on a
        document.

        :param state: the one that the message ends in
        :param routed: datetime when it got there
        """
        if state != "delivered" or self.entrance == "import" or not self.arrived:
            return {}
        return {"delay": max(0, int((routed - self.arrived).total_seconds()))}
