from odoo import models

from ...tools.mail import addresses


class MailMail(models.Model):
    """What the recipients of a message with copies read in To and Cc.

    Core sends each of them a mail of his own, which names nobody else. Here it names
    all whom the author has put into To and Cc, and goes to the one: whoever is in Bcc
    stands in nobody's mail, not even in his own.
    """

    _inherit = "mail.mail"

    def _catchall_name_copies(self, emails, led):
        """Write To and Cc into the mails of this message.

        :param emails: list of dicts, one for each copy, as core prepares them
        :param led: {partner: the address that stands for his}
        """
        if self.id not in self._catchall_batch().copied:
            return
        message = self.mail_message_id.sudo()
        copied = message.catchall_cc_ids | message.catchall_bcc_ids
        addressed = message.partner_ids - copied
        to = _mailboxes(addressed, led)
        cc = _mailboxes(message.catchall_cc_ids - addressed, led)
        for email in emails:
            headers = dict(email["headers"])
            # Core names everybody here, so that they find each other.
            headers.pop("X-Msg-To-Add", None)
            if email["partner_id"]:
                email["email_cc"] = cc
                # With nobody in To the header would name whoever is in Bcc.
                shown = to or cc or ["undisclosed-recipients:;"]
                headers["X-Forge-To"] = ", ".join(shown)
            email["headers"] = headers


def _mailboxes(partners, led):
    """Return the formatted addresses of those of these contacts that have one.

    :param led: {partner: the address that stands for his}
    """
    return [
        addresses.format_address(
            partner.name or "", led.get(partner, partner.email_normalized)
        )
        for partner in partners
        if partner.email_normalized
    ]
