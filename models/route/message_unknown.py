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
        return self._tell("unknown", subject, body, mail)

    def _tell(self, kind, subject, body, mail):
        """Answer the sender, as far as that is allowed; tell whether it is."""
        self._answer_sender(mail, kind, subject, body)
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

    def _tell_meant(self, matches, mail):
        """Tell the sender, where the router wants that, which own addresses stood in
        for those that don't exist; one mail gets one answer, whatever it says.

        :param matches: {delivery: :class:`Match`}
        """
        guessed = [
            (delivery, match.address)
            for delivery, match in matches.items()
            if match.by == "guess" and self._has_gone_on(delivery)
        ]
        if not guessed or self.router_id.guess_policy != "tell" or self._is_answered():
            return
        message = self.with_context(lang=self._language_of(self.sender))
        body = Markup().join(message._prepare_meant(*one) for one in guessed)
        subject = message.env._("Mistyped address: %s", self.subject or "")
        if self._tell("guess", subject, body, mail):
            for delivery, _address in guessed:
                mail.note("unknown", "told", address=delivery.recipient)

    def _has_gone_on(self, delivery):
        """Tell whether a recipient's mail is on a document, or in a mailbox."""
        return delivery.state == "delivered" or delivery.reason_code == "forwarded"

    def _is_answered(self):
        """Tell whether a machine has answered this mail."""
        return any(
            step["step"] == "answer" and step["code"] in TOLD
            for step in self.trace or ()
        )

    def _prepare_meant(self, delivery, address):
        """Return what the sender is told of one address that was read as another, as
        Markup."""
        text = self.env._(
            "There is no address %(written)s at %(company)s. Your email “%(subject)s” "
            "was passed on to %(meant)s. Please write to that address next time.",
            written=delivery.recipient,
            company=self.company_id.name,
            subject=self.subject or "",
            meant=address,
        )
        return Markup("<p>%s</p>") % text

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
