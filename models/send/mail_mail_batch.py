from functools import cached_property

from odoo import models

from .mail_mail import odoobot
from .sending_run import SendingRun

#: What a notification says of who needs none any more.
SETTLED = ("sent", "canceled")


class Batch:
    """What is asked of each mail of a batch, looked up for all of them with the first:
    Odoo forgets what it has read whenever it commits a mail.

    :param mails: ``mail.mail``
    """

    def __init__(self, mails):
        self._mails = mails
        self._ids = frozenset(mails.ids)

    def has(self, mails):
        """Tell whether these mails are of this batch."""
        return self._ids.issuperset(mails.ids)

    @cached_property
    def robot(self):
        """Return (OdooBot's name, its normalised address)."""
        robot = odoobot(self._mails.env)
        return robot.name or "", robot.email_normalized or ""

    @cached_property
    def copied(self):
        """Return the frozenset of the ids of the mails of which somebody gets a copy,
        in Cc or Bcc."""
        if len(self._ids) == 1:
            # Its message was just made, as a rule, and nothing has to be asked.
            message = self._mails.mail_message_id.sudo()
            is_copied = message.catchall_cc_ids or message.catchall_bcc_ids
            return self._ids if is_copied else frozenset()
        found = self._mails.sudo().search(
            [
                ("id", "in", self._mails.ids),
                "|",
                ("mail_message_id.catchall_cc_ids", "!=", False),
                ("mail_message_id.catchall_bcc_ids", "!=", False),
            ]
        )
        return frozenset(found.ids)

    @cached_property
    def unsettled(self):
        """Return the frozenset of the ids of the mails that are not a message's own,
        and of which a notification still says that somebody has not got it."""
        if len(self._ids) == 1 and self._mails.is_notification:
            return frozenset()
        found = (
            self._mails.env["mail.notification"]
            .sudo()
            ._read_group(
                [
                    ("mail_mail_id", "in", self._mails.ids),
                    ("mail_mail_id.is_notification", "=", False),
                    ("notification_status", "not in", SETTLED),
                ],
                ["mail_mail_id"],
            )
        )
        return frozenset(mail.id for (mail,) in found)


class MailMail(models.Model):
    """Mails of a batch are looked up together, although each is sent and committed by
    itself."""

    _inherit = "mail.mail"

    def _catchall_batch(self):
        """Return the :class:`Batch` that these mails are sent in."""
        run = SendingRun.of(self.env)
        if run and run.batch and run.batch.has(self):
            return run.batch
        return Batch(self)
