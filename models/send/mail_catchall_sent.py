from odoo import api, fields, models
from odoo.tools import SQL


class MailCatchallSent(models.Model):
    """How many mails a router's outgoing server has taken within one hour.

    Mails are deleted once they are sent; this lasts, and it names nobody.
    """

    _name = "mail.catchall.sent"
    _description = "Mail Sent in an Hour"
    _inherit = ["mail.catchall.by.hour"]
    _order = "date desc, id desc"
    _rec_name = "date"
    _log_access = False
    _hour_of = "date"

    router_id = fields.Many2one(
        "mail.catchall.router", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime("From", required=True, readonly=True)
    count = fields.Integer("Emails", required=True, readonly=True)

    _date_uniq = models.Constraint(
        "UNIQUE(router_id, date)", "This hour is already counted."
    )

    @api.model
    def _count(self, server_id):
        """Count one mail that an outgoing server has taken, if a router sends by it.

        Its transaction must be a short one of its own: workers wait for each other.
        """
        self.env.cr.execute("SET LOCAL synchronous_commit TO OFF")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_catchall_sent AS sent (router_id, date, count)
                SELECT id, date_trunc('hour', now() AT TIME ZONE 'UTC'), 1
                  FROM mail_catchall_router
                 WHERE mail_server_id = %s AND active IS TRUE
                 ORDER BY sequence, id
                 LIMIT 1
                    ON CONFLICT (router_id, date)
                    DO UPDATE SET count = sent.count + 1
                """,
                server_id,
            )
        )
