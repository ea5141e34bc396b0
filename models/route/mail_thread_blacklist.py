from odoo import api, models
from odoo.tools import sql


class MailThreadBlacklist(models.AbstractModel):
    """Whose bounces are counted is looked up for each mail that arrives, in every
    model that counts them: by an index of those few who have any."""

    _inherit = "mail.thread.blacklist"

    def init(self):
        super().init()
        if not self._catchall_has_table():
            return
        sql.create_index(
            self.env.cr,
            self._catchall_index_name(),
            self._table,
            ["email_normalized"],
            where="message_bounce > 0",
        )

    def _catchall_has_table(self):
        return self._auto and not self._abstract and not self._transient

    def _catchall_index_name(self):
        return sql.make_index_name(self._table, "catchall_bounced")

    @api.model
    def _catchall_models(self):
        """Return the models with a table that count bounces."""
        names = self.env.registry.descendants([self._name], "_inherit")
        models_of_names = (self.env[name] for name in names)
        return [model for model in models_of_names if model._catchall_has_table()]

    @api.model
    def _catchall_drop_indexes(self):
        """Remove the index of every model that counts bounces."""
        for model in self._catchall_models():
            sql.drop_index(self.env.cr, model._catchall_index_name(), model._table)
