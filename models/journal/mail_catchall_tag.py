from odoo import fields, models


class MailCatchallTag(models.Model):
    """A word that rules write on the messages of the journal."""

    _name = "mail.catchall.tag"
    _description = "Mail Router Tag"
    _order = "name"

    name = fields.Char(required=True)
    color = fields.Integer()

    _name_uniq = models.UniqueIndex("(lower(name))", "This tag already exists.")
