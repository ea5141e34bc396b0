from datetime import timedelta

from odoo import api, fields, models

from ..cleaning import delete_outdated

#: Days that a message can be unread: nobody comes back to what is older.
UNREAD_DAYS = 30


class MailCatchallRead(models.Model):
    """That a user has opened a message, and not when: nobody is watched by it.

    There is a row for what somebody opened, as long as it could be unread, and none
    for all other mail, so the table is small whatever the size of the journal.
    """

    _name = "mail.catchall.read"
    _description = "Email Opened by a User"
    _log_access = False
    _rec_name = "message_id"

    message_id = fields.Many2one(
        "mail.catchall.message",
        "Email",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )

    _user_message_uniq = models.UniqueIndex("(user_id, message_id)")

    @api.model
    def _unread_since(self):
        """Return when the oldest mail arrived that can be unread."""
        return fields.Datetime.now() - timedelta(days=UNREAD_DAYS)

    @api.autovacuum
    def _gc_read(self):
        """Delete what says nothing any more, as the message counts as read for all.

        :return: (number done, whether there may be more)
        """
        read = [("message_id.create_date", "<", self._unread_since())]
        return delete_outdated(self, read)
