from odoo import models

from ...tools.inbound import receipts


class MailCatchallMessage(models.Model):
    """Receipts: somebody's mail program tells that a mail of ours was read.

    That is a note on the document of that mail, and never a document of its own or an
    answer of the person.
    """

    _inherit = "mail.catchall.message"

    def _guard_receipt(self, mail):
        """Settle a receipt: the last guard, as nothing unwanted leaves a note. A person
        who has released it wants it on its way."""
        receipt = None if self.released else mail.receipt
        if receipt is None:
            return None
        is_forged = mail.authenticated is False
        document = () if is_forged else self._find_read_document(receipt, mail)
        missing = "unproven" if is_forged else "unknown"
        mail.note(
            "receipt",
            receipt.action if document else missing,
            address=mail.summary.sender or "",
            **(
                dict(zip(("model", "res_id"), document, strict=True))
                if document
                else {}
            ),
        )
        if document and not mail.is_trial:
            self._note_receipt(self.env[document[0]].browse(document[1]), receipt, mail)
        return "ignored", "receipt"

    def _find_read_document(self, receipt, mail):
        """Return (model name, id) of the document whose mail was read, () if there is
        none: what the receipt names, else what it answers or was sent to."""
        read = self.env["mail.message"]
        if receipt.original_message_id:
            read = read.search(
                [
                    ("message_id", "=", receipt.original_message_id),
                    ("message_type", "!=", "email"),
                ],
                order="id desc",
                limit=1,
            )
        read = read or mail.parent
        found = [
            read and (read.model, read.res_id),
            *(mail.document_named_by(address) for address in mail.named),
        ]
        return next((one for one in found if self._takes_notes(one)), ())

    def _takes_notes(self, document):
        """Tell whether a (model name, id) is there, and has a place for notes."""
        if not document or not all(document) or document[0] not in self.env:
            return False
        model, res_id = document
        record = self.env[model].browse(res_id)
        return hasattr(record, "_message_log") and bool(record.exists())

    def _note_receipt(self, record, receipt, mail):
        """Say on the document of a mail that it was read."""
        values = {
            "address": mail.summary.sender or mail.summary.email_from,
            "subject": mail.summary.subject or "",
        }
        if receipt.action == receipts.READ:
            body = self.env._("%(address)s has read an email: %(subject)s", **values)
        elif receipt.action == receipts.DELETED:
            body = self.env._(
                "%(address)s has deleted an email without reading it: %(subject)s",
                **values,
            )
        else:
            body = self.env._(
                "The mail program of %(address)s has received an email: %(subject)s",
                **values,
            )
        record._message_log(body=body)
