from odoo import api, models
from odoo.tools import sql


class MailThreadBlacklist(models.AbstractModel):
    """Whose bounces are counted is looked up for each mail that arrives, in every
    model that counts them: by an index of those few who have any. How many documents a
    sender has of late core counts for each that a mail makes: core's own index of
    addresses, which serves what is like a word, takes thousands of pages for one."""

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
        if self._name != "res.partner":  # which has one
            sql.create_index(
                self.env.cr,
                self._catchall_index_name("address"),
                self._table,
                ["email_normalized"],
                where="email_normalized IS NOT NULL",
            )

    def _catchall_has_table(self):
        return self._auto and not self._abstract and not self._transient

    def _catchall_index_name(self, kind="bounced"):
        return sql.make_index_name(self._table, f"catchall_{kind}")

    @api.model
    def _catchall_models(self):
        """Return the models with a table that count bounces."""
        names = self.env.registry.descendants([self._name], "_inherit")
        models_of_names = (self.env[name] for name in names)
        return [model for model in models_of_names if model._catchall_has_table()]

    @api.model
    def _catchall_drop_indexes(self):
        """Remove the indexes of every model that counts bounces."""
        for model in self._catchall_models():
            for kind in ("bounced", "address"):
                name = model._catchall_index_name(kind)
                sql.drop_index(self.env.cr, name, model._table)
