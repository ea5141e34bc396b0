from odoo import fields, models


class ResUsers(models.Model):
    """Up to where a user has marked all mail as read."""

    _inherit = "res.users"

    catchall_read_until = fields.Integer(
        "Email Read Until",
        groups="base.group_system",
        help="The number of the newest email when the user marked all as read.",
    )
