"""Terms of tables that are written once and read in the language of each reader."""

from odoo.tools.translate import LazyGettext


def translated(env, term):
    """Return a term in the language of an environment, "" for none.

    :param term: a ``LazyGettext`` of a table, or a text that needs no translation
    """
    if isinstance(term, LazyGettext):
        return term._translate(env.lang or "en_US")
    return term or ""
