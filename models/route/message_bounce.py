from odoo import models
from odoo.tools import html2plaintext

from ...tools.inbound import bounces
from ...tools.mail import addresses


class MailCatchallMessage(models.Model):
    """Bounces: which outgoing mail failed, and for whom.

    The right recipient of the right message is marked as failed, its author sees
    it, and an address that is dead counts on its contacts. A notice of delay or of
    success changes nothing.
    """

    _inherit = "mail.catchall.message"

    def _guard_bounce(self, mail):
        """Settle a report on a delivery. What only reads like one is held, unless it
        belongs to a document: people write about deliveries, too."""
        bounce = mail.bounce
        if bounce is None:
            return None
        if not bounce.certain and mail.answers_something:
            return None
        for evidence in bounce.evidence:
            mail.note(
                "bounce", "evidence", header=evidence.header, value=evidence.value
            )
        if not bounce.certain:
            return "held", "bounce_doubtful"
        if bounce.action in (bounces.DELAYED, bounces.DELIVERED, bounces.RELAYED):
            return "ignored", "delivery_notice"
        original = self._find_bounced_message(bounce, mail.signed_bounce)
        for failed in bounce.recipients or self._find_named_by(mail.signed_bounce):
            self._register_bounce(mail, original, failed, bounce.hard)
            mail.suspect("bounced", addresses.normalize(failed.address))
        if original and not mail.is_trial:
            original._notify_message_notification_update()
        return "ignored", "bounce" if original else "bounce_unknown"

    def _find_named_by(self, signed):
        """Return the recipients that a signed bounce address was made for, where the
        report itself names none.

        :param signed: :class:`SignedBounce` or None
        :return: list of ``FailedRecipient``
        """
        if not signed:
            return []
        notified = signed.message.notification_ids
        known = [
            *notified.res_partner_id.mapped("email_normalized"),
            *notified.mapped("mail_email_address"),
            *addresses.parse_list(signed.message.outgoing_email_to or ""),
        ]
        return [
            bounces.FailedRecipient(address)
            for address in dict.fromkeys(filter(None, known))
            if signed.is_for(address)
        ]

    def _find_bounced_message(self, bounce, signed):
        """Return the ``mail.message`` that a report is about, or an empty one.

        :param signed: :class:`SignedBounce` or None; what it names is proven
        """
        if signed and signed.message:
            return signed.message
        Message = self.env["mail.message"]
        for ids in (bounce.original_message_ids, bounce.original_references):
            if ids and (
                found := Message.search(
                    [("message_id", "in", list(ids))], order="id desc", limit=1
                )
            ):
                return found
        return Message

    def _register_bounce(self, mail, original, failed, hard):
        """Keep that one recipient's mail has failed.

        :param mail: the ``Mail`` of the report
        :param original: the ``mail.message``, may be empty
        :param failed: ``FailedRecipient``
        :param hard: whether the address itself is dead
        """
        address = addresses.normalize(failed.address)
        mail.note(
            "bounce",
            "failed" if original else "unknown",
            address=address,
            value=f"{failed.status} {failed.diagnostic}".strip(),
            **(
                {"model": original.model, "res_id": original.res_id} if original else {}
            ),
        )
        if mail.is_trial:
            return
        self._fail_notifications(original, address, failed)
        if hard and (original or mail.is_known_contact(address)):
            self._count_bounce(original, address)

    def _fail_notifications(self, original, address, failed):
        reason = " ".join(filter(None, (failed.status, failed.diagnostic)))
        self._notifications_to(original, address).write(
            {
                "notification_status": "bounce",
                "failure_type": "mail_bounce",
                "failure_reason": reason or html2plaintext(self.preview or "")[:500],
            }
        )

    def _notifications_to(self, original, address):
        return original.notification_ids.filtered(
            lambda one: (
                address in (one.res_partner_id.email_normalized, one.mail_email_address)
            )
        )

    def _fail_returned(self, mail):
        """Show the author of a mail of ours that came back into our own mailbox that it
        has reached nobody: what was sent to colleagues is in their inbox all the same.
        """
        original = mail.known.filtered(lambda one: one.message_type != "email")
        if mail.is_trial or not original:
            return
        meant = {one.address for one in mail.recipients.must_settle}
        for address in meant - mail.batch.mailboxes:
            self._notifications_to(original, address).write(
                {
                    "notification_status": "exception",
                    "failure_type": "mail_email_invalid",
                    "failure_reason": self.env._(
                        "%s is an address of your own company: the mail came back into "
                        "Odoo's mailbox and has reached nobody. Correct the address of "
                        "the contact.",
                        address,
                    ),
                }
            )
        original._notify_message_notification_update()

    def _count_bounce(self, original, address):
        """Count the bounce on every record with this address, as core does."""
        partner = self.env["res.partner"].search(
            [("email_normalized", "=", address)], limit=1
        )
        models_sudo = self.env["ir.model"].search(
            [("is_mail_blacklist", "=", True), ("model", "!=", "mail.thread.blacklist")]
        )
        for model in models_sudo.filtered(lambda model: model.model in self.env):
            self.env[model.model].search(
                [("email_normalized", "=", address)]
            )._message_receive_bounce(address, partner)
