"""Move what was noted on the row of an outgoing server into a table of its own."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists

COLUMNS = (
    "last_sent",
    "failing_since",
    "failures",
    "failure_words",
    "certificate_end",
)


def migrate(cr, version):
    """Copy the notes of each server and drop their former columns."""
    if not all(column_exists(cr, "ir_mail_server", f"catchall_{c}") for c in COLUMNS):
        return
    former = [SQL.identifier(f"catchall_{column}") for column in COLUMNS]
    cr.execute(
        SQL(
            """
            INSERT INTO mail_catchall_server_state (mail_server_id, %s)
            SELECT id, %s FROM ir_mail_server
                ON CONFLICT (mail_server_id) DO NOTHING
            """,
            SQL(", ").join(map(SQL.identifier, COLUMNS)),
            SQL(", ").join(former),
        )
    )
    for column in former:
        cr.execute(SQL("ALTER TABLE ir_mail_server DROP COLUMN %s", column))
