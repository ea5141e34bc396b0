from odoo import api, models
from odoo.fields import Command

BILL = "account.move"


class MailThread(models.AbstractModel):
    """Invoicing commits a bill before it imports the files of its mail. What has been
    left undone since, by a process that died or an app that rolled back, is done after
    all."""

    _inherit = "mail.thread"

    @api.model
    def _catchall_finish(self, delivery):
        """Import the files of a mail into the bills that were made of it, and send the
        copies of them that the journal wants, where that has not been done. Commits, as
        the import does.

        :param delivery: the ``mail.catchall.delivery``; what it has made otherwise is
            left alone
        """
        if delivery.made_model != BILL:
            return
        mails = self.env["mail.message"].search(
            [
                ("message_id", "=", delivery.message_id.message_id),
                ("model", "=", BILL),
                ("message_type", "=", "email"),
            ]
        )
        for mail in mails:
            bill = self.env[BILL].browse(mail.res_id).exists()
            # An answer on an older bill is not imported (Invoicing, case 2b).
            if bill.state == "draft" and bill.create_date >= delivery.create_date:
                self._catchall_finish_bill(bill, mail)

    @api.model
    def _catchall_finish_bill(self, bill, mail):
        """Do for one bill what ``account.move._message_post_after_hook`` does last.

        :param bill: the ``account.move``, a draft
        :param mail: the ``mail.message`` on it that has brought its files
        """
        followed = self.env["mail.message"].search(
            [("model", "=", BILL), ("res_id", "=", bill.id), ("id", ">", mail.id)]
        )
        bill = bill.with_company(bill.company_id).with_context(
            from_alias=True,
            skip_is_manually_modified=True,
            default_move_type=bill.move_type,
            default_journal_id=bill.journal_id.id,
            default_company_id=bill.company_id.id,
        )
        # The import says on the bill how it ended; a change of fields has no words.
        is_told = any(one.body for one in followed if one.message_type != "email")
        if not (bill.invoice_line_ids or is_told):
            files = bill._to_files_data(mail.attachment_ids)
            files += bill._unwrap_attachments(files)
            bill._extend_with_attachments(files, new=True)
        elif bill.invoice_line_ids and not any(map(_is_copy, followed)):
            bill.journal_id._notify_invoice_subscribers(
                invoice=bill, mail_params={"attachment_ids": _files(mail)}
            )


def _is_copy(message):
    """Tell whether a message on a bill is the copy that its journal wants."""
    return message.message_type == "email_outgoing"


def _files(mail):
    """Return the commands that bring a mail's files along, named as Invoicing does."""
    return [
        Command.create(
            {"name": f"MAIL_{one.name}", "mimetype": one.mimetype, "raw": one.raw}
        )
        for one in mail.attachment_ids
    ]
