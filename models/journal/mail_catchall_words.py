from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ...tools.mail import words

# So many of the newest texts say which words are in nearly all mail.
SAMPLE = 100


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
        """Return the domain of the rows in which all of some words stand: the index is
        asked for what few have, and the rest is read in the rows that it knows."""
        parts = words.asked(typed)
        telling = words.telling(parts, self._newest_texts())
        known = Domain.AND(Domain("text", "like", escape_psql(one)) for one in telling)
        rest = [one for one in parts if one not in telling]
        return known & Domain.AND(map(self._says, rest))

    @api.model
    def _newest_texts(self):
        newest = self.search_fetch([], ["text"], order="id desc", limit=SAMPLE)
        return [one.text or "" for one in newest]

    @api.model
    def _says(self, part):
        """Return the domain of the rows in which something stands, which no index is
        asked for, and of which the planner knows all the same how many there are."""

        def condition(_model, alias, _query):
            pattern = f"%{escape_psql(part)}%"
            return SQL("(%s LIKE %s) IS TRUE", SQL.identifier(alias, "text"), pattern)

        return Domain.custom(to_sql=condition)
