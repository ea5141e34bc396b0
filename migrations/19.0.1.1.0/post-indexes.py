"""Drop the indexes of the journal that another one begins with, or that nothing uses.

Each is written anew with every step of a mail. Odoo drops an index that a model has
named by itself, but keeps that of a field.
"""

from odoo.tools import SQL

INDEXES = (
    "mail_catchall_message__router_id_index",
    "mail_catchall_message__fetchmail_server_id_index",
    "mail_catchall_delivery__alias_id_index",
)


def migrate(cr, version):
    """Drop these indexes."""
    for name in INDEXES:
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(name)))
