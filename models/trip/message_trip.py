from odoo import models

from ...tools.inbound import bounces

DELIVERY_NOTICES = (bounces.DELAYED, bounces.DELIVERED, bounces.RELAYED)


class MailCatchallMessage(models.Model):
    """The probe of a round trip that comes back, and the notice that it was not
    delivered: nobody has to do with them but the trip."""

    _inherit = "mail.catchall.message"

    def _guard_probe(self, mail):
        """Settle the probe of a trip before it is taken for own mail in a loop."""
        found = (*mail.recipients.must_settle, *mail.recipients.may_match)
        trip = self.env["mail.catchall.trip"]._find_of_probe(
            [one.address for one in found], mail.headers
        )
        if not trip:
            return None
        if not mail.is_trial:
            trip._arrive(self, mail.headers)
        return "ignored", "probe"

    def _guard_probe_bounce(self, mail):
        """Settle the notice that a trip's probe was not delivered."""
        bounce = mail.bounce
        if not bounce or not bounce.certain or bounce.action in DELIVERY_NOTICES:
            return None
        trip = self.env["mail.catchall.trip"]._find_of_bounce(bounce)
        if not trip:
            return None
        if not mail.is_trial:
            trip._bounce(self, bounce)
        return "ignored", "probe_bounce"
