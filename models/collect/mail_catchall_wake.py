from odoo import fields, models


class MailCatchallWake(models.Model):
    """A server that has, or may have, new mail until it is collected: the listener
    heard of it, there was no time for all of it, or a pause is over.

    Rows of their own, not a column of the server: who wakes and who collects write at
    the same time, and neither may make the transaction of the other fail.
    """

    _name = "mail.catchall.wake"
    _description = "Mail Router Wake-up"
    _order = "id"

    server_id = fields.Many2one(
        "fetchmail.server", required=True, index=True, ondelete="cascade"
    )
