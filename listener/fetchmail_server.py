from odoo import models

from . import inside


class FetchmailServer(models.Model):
    """A database that Odoo has loaded is one to listen to."""

    _inherit = "fetchmail.server"

    def _register_hook(self):
        super()._register_hook()
        inside.is_loaded(self.env.cr.dbname)
