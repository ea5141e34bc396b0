from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ...tools.mail import words


class MailCatchallWords(models.Model):
    """What a message is found by, and its first words.

    They stand in a table of their own because an index of trigrams is dear to write: a
    message's row is written anew several times on its way, this one once.
    """

    _name = "mail.catchall.words"
    _description = "Words of an Email"
    _log_access = False
    _rec_name = "snippet"

    message_id = fields.Many2one(
        "mail.catchall.message",
        "Email",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    snippet = fields.Char(readonly=True, help="The first words of the email.")
    text = fields.Text(
        readonly=True,
        help="Subject, sender, recipients and first words, without accents.",
    )

    _message_uniq = models.UniqueIndex("(message_id)")
    # Not as ``index="trigram"``: the text has no accents, and LIKE is much quicker than
    # ILIKE on many rows.
    _text_idx = models.Index(
        lambda registry: "USING gin (text gin_trgm_ops)" if registry.has_trigram else ""
    )

    @api.model
    def _domain_of(self, typed):
        """Return the domain of the rows in which all of some words stand."""
        return Domain.AND(
            Domain("text", "like", escape_psql(part)) for part in words.asked(typed)
        )
