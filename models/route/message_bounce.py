from dataclasses import replace

from odoo import models
from odoo.tools import html2plaintext, plaintext2html

from ...tools.inbound import bounce_proof, bounces
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
        return "ignored", self._settle_report(mail, bounce, original)

    def _settle_report(self, mail, bounce, original):
        """Keep what a report says of each recipient, as far as it is proven; return
        the reason code that it ends with.

        :param original: the ``mail.message``, may be empty
        """
        failed = self._find_failed(bounce, mail.signed_bounce)
        proven = [one for one in failed if self._is_proven(mail, original, one)]
        for one in failed:
            if one in proven:
                self._register_bounce(mail, original, one)
                mail.suspect("bounced", addresses.normalize(one.address))
            else:
                self._note_claim(mail, original, one)
        if original and proven and not mail.is_trial:
            original._notify_message_notification_update()
        if not proven and original and not mail.signed_bounce:
            return "bounce_claimed"
        return "bounce" if original or proven else "bounce_unknown"

    def _find_failed(self, bounce, signed):
        """Return the ``FailedRecipient`` sequence of a report. Where it came to a
        signed bounce address, the one recipient that this was made for: his mail may
        have been forwarded, and he may report on nobody else.

        :param signed: :class:`SignedBounce` or None
        """
        if not signed:
            return bounce.recipients
        own = [
            one
            for one in bounce.recipients
            if signed.is_for(addresses.normalize(one.address))
        ]
        return own or self._find_named_by(bounce, signed) or bounce.recipients

    def _find_named_by(self, bounce, signed):
        """Return the recipients that a signed bounce address was made for, where the
        report itself names another one or none.

        :return: list of ``FailedRecipient``
        """
        said = next(iter(bounce.recipients), bounces.FailedRecipient(""))
        return [
            replace(said, address=address)
            for address in self._recipients_of(signed.message)
            if signed.is_for(address)
        ]

    def _recipients_of(self, message):
        """Return the normalised addresses that a ``mail.message`` was sent to."""
        notified = message.notification_ids
        mails = self.env["mail.mail"].search([("mail_message_id", "in", message.ids)])
        written = [message.outgoing_email_to, *mails.mapped("email_to")]
        known = [
            *notified.res_partner_id.mapped("email_normalized"),
            *notified.mapped("mail_email_address"),
            *mails.recipient_ids.mapped("email_normalized"),
            *addresses.parse_list(", ".join(filter(None, written))),
        ]
        return list(dict.fromkeys(filter(None, known)))

    # ------------------------------------------------------------
    # PROOF
    # ------------------------------------------------------------

    def _is_proven(self, mail, original, failed):
        """Tell whether we have sent a mail to this recipient, and whoever reports on
        it is one of the servers that had it.

        :param mail: the ``Mail`` of the report
        :param failed: ``FailedRecipient``
        """
        address = addresses.normalize(failed.address)
        if mail.signed_bounce:
            return mail.signed_bounce.is_for(address)
        is_sent = address in self._recipients_of(original) or self._find_mailed(
            mail.bounce, address
        )
        return bool(is_sent) and self._is_said_by_a_server(mail, address)

    def _is_said_by_a_server(self, mail, address):
        if mail.comes_from_inside:
            return True
        host = self.router_id.sudo().mail_server_id.smtp_host or ""
        return bool(mail.authenticated) and bounce_proof.is_said_by_a_server(
            mail.summary.email_from,
            address,
            (host, *mail.own_domains),
        )

    def _find_mailed(self, bounce, address):
        """Return the Message-IDs of mails to many (Email Marketing) that this address
        got, of those that a report names. Their messages are deleted once they are
        sent; each recipient's trace stays.

        :return: list of str
        """
        ids = list(bounce.original_message_ids)
        if not ids or "mailing.trace" not in self.env:
            return []
        traces = self.env["mailing.trace"].search([("message_id", "in", ids)])
        return [
            trace.message_id
            for trace in traces
            if addresses.normalize(trace.email or "") == address
        ]

    def _note_claim(self, mail, original, failed):
        """Note what a report claims that nothing proves; on the document, too, where
        the mail went to this recipient. Nothing is marked and nothing counted."""
        address = addresses.normalize(failed.address)
        said = f"{failed.status} {failed.diagnostic}".strip()
        mail.note("bounce", "claimed", address=address, value=said)
        if mail.is_trial or address not in self._recipients_of(original):
            return
        if not original.model or original.model not in self.env:
            return
        record = self.env[original.model].browse(original.res_id).exists()
        if record and hasattr(record, "_message_log"):
            record._message_log(
                body=self.env._(
                    "An email of %(sender)s claims that your email to %(address)s was "
                    "not delivered: %(value)s. Nothing proves that a mail server wrote "
                    "it.",
                    sender=self.email_from or "",
                    address=address,
                    value=said,
                )
            )

    # ------------------------------------------------------------
    # EFFECT
    # ------------------------------------------------------------

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

    def _register_bounce(self, mail, original, failed):
        """Keep that one recipient's mail has failed.

        :param mail: the ``Mail`` of the report
        :param original: the ``mail.message``, may be empty
        :param failed: ``FailedRecipient``
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
        self._have_core_count(mail, original, address)
        self._fail_notifications(original, address, failed)

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
        meant = {one.address for one in mail.recipients.must_settle}
        meant -= mail.batch.mailboxes
        if original and meant and not self._has_proven_return(mail):
            mail.note("own", "unproven", address=", ".join(sorted(meant)))
            return
        if mail.is_trial or not original:
            return
        for address in meant:
            failure = {
                "failure_type": "mail_email_invalid",
                "failure_reason": self.env._(
                    "%s is an address of your own company: the email came back "
                    "into Odoo's mailbox and reached nobody. Correct the address "
                    "of the contact.",
                    address,
                ),
            }
            if found := self._notifications_to(original, address):
                found.write({"notification_status": "exception", **failure})
            else:
                self._fail_letters(original, address, failure)
        original._notify_message_notification_update()

    def _has_proven_return(self, mail):
        """Tell whether a mail with our Message-ID is what we have sent, and not what
        one of those who got it has written to look like it.

        A signature alone doesn't say to whom it went: who got the mail may send it on.
        """
        if mail.comes_from_inside or mail.was_submitted:
            return True
        is_ours = mail.authenticated or not mail.came_from_outside
        return bool(is_ours) and mail.recipients.original_known

    def _fail_letters(self, original, address, failure):
        """Say of mails to an address of no contact that they have reached nobody.

        :param failure: the values of its failure, as core names it
        """
        sent = (
            self.env["mail.mail"]
            .sudo()
            .search([("mail_message_id", "in", original.ids), ("state", "=", "sent")])
        )
        for letter in sent:
            named = f"{letter.email_to or ''}, {letter.email_cc or ''}"
            if address not in addresses.parse_list(named):
                continue
            letter.write({"state": "exception", **failure})
            if letter.res_id:
                self.env["mail.notification"].sudo().create(
                    {
                        "mail_message_id": letter.mail_message_id.id,
                        "mail_mail_id": letter.id,
                        "author_id": letter.author_id.id,
                        "mail_email_address": address,
                        "notification_type": "email",
                        "notification_status": "exception",
                        **failure,
                    }
                )

    def _have_core_count(self, mail, original, address):
        """Have core, and the apps that extend it, handle the bounce of one recipient.

        It counts on every record with the address, which only an address that is dead
        deserves: for a full mailbox it gets none.
        """
        counted = address if mail.bounce.hard else False
        partner = self.env["res.partner"]
        if counted:
            partner = partner.search([("email_normalized", "=", address)], limit=1)
        ids = [original.message_id] if original else []
        self.env["mail.thread"]._routing_handle_bounce(
            mail.parsed,
            {
                "is_bounce": True,
                "bounced_email": counted,
                "bounced_partner": partner,
                "bounced_message": original,
                "bounced_msg_ids": ids or self._find_mailed(mail.bounce, address),
                "body": plaintext2html(html2plaintext(self.preview or "")),
                "email_from": self.email_from or "",
                "to": ", ".join(mail.summary.to),
                "message_id": self.message_id,
            },
        )
