from odoo import api, models

from ...tools.mail import fingerprint as fingerprints
from ...tools.mail import headers as header_tools


class MailCatchallMessage(models.Model):
    """The fingerprints of before 19.0.1.1.0, which said less of a mail.

    Their rows keep them until a mail comes that may be the same: then they get the
    present one, from the mail itself where it is kept. A copy that arrives around the
    upgrade is thus known, and no upgrade has to read a whole journal.
    """

    _inherit = "mail.catchall.message"

    @api.model
    def _with_former(self, wanted):
        """Return the fingerprints ``wanted`` and what they would have been before."""
        return list({*wanted, *map(fingerprints.former_fingerprint, wanted)})

    @api.model
    def _renew_fingerprints(self, wanted, stored):
        """Give former rows that may be the same mail as one of these the present
        fingerprint.

        :param wanted: fingerprints of mails that are looked for
        :param stored: those of them, and of their former ones, that rows have
        :return: whether there were former rows
        """
        former = list(filter(fingerprints.is_former, stored))
        if not former:
            return False
        likely = {
            fingerprints.former_fingerprint(one): one
            for one in wanted
            if not fingerprints.is_former(one)
        }
        rows = self.sudo().search([("fingerprint", "in", former)])
        for row in rows.sorted("raw_kept", reverse=True):
            key = row.fingerprint
            row._renew_fingerprint(likely.get(key))
            likely.setdefault(key, row.fingerprint)
        return True

    def _renew_fingerprint(self, likely):
        """Write the present fingerprint of a row, and of its deliveries.

        :param likely: the fingerprint of a mail that says the same, or None. It counts
            where the row's own mail is not kept, and the other says which one it is
        """
        renewed = self._present_fingerprint()
        if not renewed and likely and fingerprints.is_of_content(likely):
            renewed = likely
        # A mail that says nothing of itself is taken for no other.
        self.fingerprint = renewed or f"{self.fingerprint}-"
        self.delivery_ids.fingerprint = self.fingerprint

    def _present_fingerprint(self):
        """Return the fingerprint of the mail itself, "" when it is not kept."""
        raw = self._raw_bytes()
        if not raw:
            return ""
        place = self._place_of(
            {
                "folder": self.folder,
                "uidvalidity": self.uidvalidity,
                "uid": self.uid,
                "entrance": self.entrance,
            }
        )
        return fingerprints.fingerprint_of(header_tools.open_mail(raw), place)
