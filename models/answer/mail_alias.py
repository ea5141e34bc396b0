from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MailAlias(models.Model):
    """An alias may acknowledge what is sent to it."""

    _inherit = "mail.alias"

    catchall_acknowledge_template_id = fields.Many2one(
        "mail.template",
        "Acknowledge with Template",
        domain="[('model_id', '=', alias_model_id)]",
        ondelete="set null",
        index="btree_not_null",
        help="Whoever writes a new email to this alias gets this template as an "
        "answer, from the alias' own address, once per conversation. Programs, "
        "mailing lists, spam and senders who are not proven get none.",
    )

    @api.constrains("catchall_acknowledge_template_id", "alias_model_id")
    def _check_catchall_acknowledge_template(self):
        for alias in self:
            template = alias.sudo().catchall_acknowledge_template_id
            if template and template.model_id != alias.alias_model_id:
                raise ValidationError(
                    self.env._(
                        "The template “%(template)s” is for %(kind)s, but the alias "
                        "%(alias)s makes %(made)s. Choose a template for these.",
                        template=template.name,
                        kind=template.model_id.name or "",
                        alias=alias.display_name,
                        made=alias.alias_model_id.name,
                    )
                )
