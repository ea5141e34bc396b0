from odoo import fields, models

from ..fields import RawMail


class MailCatchallPart(models.Model):
    """A part of a large mail that is being fetched. The next one begins where it ends:
    who is killed between them loses one part."""

    _name = "mail.catchall.part"
    _description = "Part of an Email That Is Fetched"
    _order = "id"

    fetch_id = fields.Many2one(
        "mail.catchall.fetch", required=True, index=True, ondelete="cascade"
    )
    data = RawMail(attachment=False, required=True)
