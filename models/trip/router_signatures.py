from odoo import fields, models

from ...tools.mail import addresses


class MailCatchallRouter(models.Model):
    """Who signs the mail of each domain, as the probes that came back tell.

    ``signatures`` is {domain of the author: [[signing domain, selector]]}.
    """

    _inherit = "mail.catchall.router"

    signatures = fields.Json("DKIM Signatures", readonly=True, copy=False)
    records_date = fields.Datetime("DNS Looked Up On", readonly=True, copy=False)

    def _learn_signatures(self, arrival):
        """Keep who signed a probe, and have the keys looked up in the DNS.

        :param arrival: ``round_trip.Arrival``
        """
        domain = addresses.domain(arrival.author)
        seen = [[one.domain, one.selector] for one in arrival.signatures]
        known = self.signatures or {}
        if domain and known.get(domain) != seen:
            self.write({"signatures": {**known, domain: seen}, "records_date": False})
            self.env.ref("mail_catchall_router.ir_cron_records").sudo()._trigger()
