from markupsafe import Markup

from odoo import models

TOLD = ("sent", "would_send")


class MailCatchallMessage(models.Model):
    """Unknown addresses that nobody recognises: the router's policy for them."""

    _inherit = "mail.catchall.message"

    def _settle_unmatched(self, matches, mail):
        """Give those that nothing answers for their end.

        :param matches: {delivery: :class:`Match` or None}
        :return: those of them that something answers for
        """
        matched = {one: match for one, match in matches.items() if match}
        deliveries = self.delivery_ids.browse().concat(
            *(one for one in matches if one not in matched)
        )
        unknown = mail.find_unknown(deliveries)
        policy = self.router_id.unknown_policy
        if unknown and policy == "discard":
            self._ignore_unknown(unknown, "unknown_discarded", mail)
        elif unknown and policy == "tell" and self._tell_sender(unknown, mail):
            self._ignore_unknown(unknown, "told", mail)
        code = "only_account" if mail.recipients.only_account else "unknown_recipient"
        for delivery in deliveries.filtered(lambda one: one.state != "ignored"):
            self._hold(delivery, code, mail)
        return matched

    def _ignore_unknown(self, deliveries, reason_code, mail):
        deliveries.write({"state": "ignored", "reason_code": reason_code})
        for delivery in deliveries:
            mail.note("unknown", reason_code, address=delivery.recipient)

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _tell_sender(self, deliveries, mail):
        """Tell the sender, in his language when it is known, that these addresses
        don't exist, and what may have been meant; tell whether he is told."""
        message = self.with_context(lang=self._language_of(self.sender))
        body = Markup().join(message._prepare_told(one) for one in deliveries)
        subject = message.env._("Unknown address: %s", self.subject or "")
        self._answer_sender(mail, "unknown", subject, body)
        return self.trace[-1]["code"] in TOLD

    def _prepare_told(self, delivery):
        """Return what the sender is told of one address, as Markup."""
        text = self.env._(
            "Your mail “%(subject)s” was not delivered: there is no address "
            "%(address)s at %(company)s.",
            subject=self.subject or "",
            address=delivery.recipient,
            company=self.company_id.name,
        )
        told = Markup("<p>%s</p>") % text
        if meant := self._suggestions_for(delivery):
            items = Markup().join(Markup("<li>%s</li>") % one for one in meant)
            question = self.env._("Did the sender mean one of these?")
            told += Markup("<p>%s</p><ul>%s</ul>") % (question, items)
        return told

    def _suggestions_for(self, delivery):
        """Return the own addresses that may have been meant, as the trace has them."""
        return list(
            dict.fromkeys(
                step["suggestion"]
                for step in self.trace or ()
                if step["step"] == "suggestion"
                and step["address"] == delivery.recipient
            )
        )

    def _language_of(self, address):
        """Return the language code of the contact with an address, or None."""
        partner = self.env["res.partner"].search(
            [("email_normalized", "=", address)], limit=1
        )
        return partner.lang if address and partner else None
