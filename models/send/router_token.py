from odoo import api, models
from odoo.tools import ormcache

from ...tools.inbound import loops

# What decides whether a router sends.
SENDING_FIELDS = {"mail_server_id", "active"}


class MailCatchallRouter(models.Model):
    """Tokens: the signed mark on what this database sends, by which it knows its own
    mail when that comes back."""

    _inherit = "mail.catchall.router"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        routers = super().create(vals_list)
        self.env.registry.clear_cache()
        return routers

    def write(self, vals):
        done = super().write(vals)
        if SENDING_FIELDS & set(vals):
            self.env.registry.clear_cache()
        return done

    def unlink(self):
        done = super().unlink()
        self.env.registry.clear_cache()
        return done

    # ------------------------------------------------------------
    # TOKENS
    # ------------------------------------------------------------

    @api.model
    @ormcache()
    def _is_sending(self):
        """Answer whether any router sends; asked for each message and each mail."""
        return bool(
            self.sudo().search_count([("mail_server_id", "!=", False)], limit=1)
        )

    @api.model
    def _make_token(self, message_id):
        """Answer the token of one outgoing mail.

        :param message_id: its Message-ID, which tells it from the others
        """
        key = self._signing_keys()[0]
        return loops.make_token(key, self._database_id(), message_id)

    @api.model
    def _own_proofs(self, headers):
        """Answer the names of the headers that prove a mail to be this database's.

        :param headers: ``Headers`` of a mail that arrived
        """
        return loops.own_proofs(self._stored_keys(), self._database_id(), headers)
