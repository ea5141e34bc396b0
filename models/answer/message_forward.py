from markupsafe import Markup

from odoo import models
from odoo.tools import html2plaintext, plaintext2html

from ...tools.inbound import answers
from ...tools.mail import addresses, enclosed
from ...tools.mail.read import read_mail
from ...tools.outbound import reply_address
from ..reader_words import reader_words

SHOWN_CHARACTERS = 50_000


class MailCatchallMessage(models.Model):
    """Forwarding: a mail goes on to a person's real mailbox.

    The original is enclosed as it arrived. What encloses it is a mail of our own, From
    the account, so that it passes SPF, DKIM and DMARC as all our mail does; an answer
    goes to the sender.
    """

    _inherit = "mail.catchall.message"

    def _forward(self, delivery, email_to, mail):
        """Queue the mail to a real mailbox, and settle the delivery: it is ignored,
        for it reached no document, with the reason "forwarded".

        A mail that we have sent ourselves, a forwarded one among them, is to be held:
        it would go in circles.

        :param delivery: the ``mail.catchall.delivery``
        :param email_to: where to
        :param mail: the ``Mail`` of ``_read_mail``
        :return: the reason code for which a person has to decide instead, or ""
        """
        self.ensure_one()
        address = addresses.normalize(email_to or "")
        if not self._may_forward(address, mail):
            return "forward_loop"
        end = {"state": "ignored", "reason_code": "forwarded", "error": False}
        delivery.write({**end, "forward_to": address})
        sent = mail.is_trial or self._is_forwarded(delivery, address)
        code = "would_forward" if mail.is_trial else "forwarded"
        mail.note("forward", code, address=delivery.recipient, to=address)
        if not sent:
            values = self._prepare_forward_values(delivery, mail)
            self._queue(email_to=address, **values)
        return ""

    def _is_forwarded(self, delivery, address):
        """Tell whether another recipient's copy has gone to this mailbox; what a
        person asks for goes there again."""
        if delivery.matched_by == "person":
            return False
        return bool(
            self.env["mail.catchall.delivery"].search_count(
                [
                    ("fingerprint", "=", self.fingerprint),
                    ("id", "!=", delivery.id),
                    ("forward_to", "=", address),
                    ("reason_code", "=", "forwarded"),
                ],
                limit=1,
            )
        )

    def _may_forward(self, address, mail):
        """Tell whether a mail that goes to this address doesn't come back."""
        if not address or address in mail.accounts:
            return False
        if reply_address.looks_like_reply_address(address):
            return False
        return not mail.own_proofs

    def _prepare_forward_values(self, delivery, mail):
        """Return the values of the ``mail.mail`` that encloses the original."""
        summary = mail.summary
        sender = addresses.first_mailbox(summary.email_from)
        reply_to = addresses.first_mailbox(mail.headers.get("Reply-To"))
        if not reply_to.address:
            reply_to = sender
        via = self.env._(
            "%(name)s via %(company)s",
            name=sender.name or sender.address.partition("@")[0],
            company=self.company_id.name,
        )
        return {
            "author_id": False,
            "name": via,
            "reply_to": addresses.readable_address(reply_to.name, reply_to.address)
            or False,
            "subject": answers.subject_of(summary.subject),
            "body_html": self._prepare_forward_body(delivery, mail.raw),
            "references": " ".join(answers.references_of(summary)) or False,
            "attachment_ids": [(0, 0, self._prepare_original_values(mail.raw))],
        }

    def _prepare_forward_body(self, delivery, raw):
        """Return why the person gets the mail, and its text, as far as it is short."""
        text = "\n".join(
            html2plaintext(one.content) if one.kind == "html" else one.content
            for one in read_mail(raw, reader_words(self.env)).texts
        )[:SHOWN_CHARACTERS]
        note = self.env._(
            "This email was sent to %(address)s. The original is attached.",
            address=delivery.recipient,
        )
        if delivery.matched_by == "guess":
            note = self.env._(
                "This email was sent to %(written)s, which does not exist. It was "
                "read as an email to you. The original is attached.",
                written=delivery.recipient,
            )
        return Markup("%s<p><em>%s</em></p>%s") % (
            self._prepare_forward_note(delivery),
            note,
            plaintext2html(text),
        )

    def _prepare_forward_note(self, delivery):
        """Return what the person who forwards the mail says to its reader."""
        if not delivery.forward_note:
            return Markup("")
        written = self.env._("%s writes:", self.decided_user_id.name)
        return Markup("<p>%s</p>%s") % (written, plaintext2html(delivery.forward_note))

    def _prepare_original_values(self, raw):
        # Attachments of messages go with them; this one has no document.
        return {
            "name": "original.eml",
            "raw": raw,
            "mimetype": enclosed.MESSAGE_TYPE,
            "res_model": "mail.message",
            "res_id": 0,
        }
