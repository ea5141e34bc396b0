"""Give what has a new name since 19.0.1.0.0 that name, with all its records.

A sender check was called a probe, which is the mail of a round trip. A sender whom the
provider refuses was called an identity, which is what one outgoing mail says of its
author. The fingerprint of a mail's content was called a digest, which is the daily mail
to people.
"""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

MODULE = "mail_catchall_router"
MODELS = {
    "mail.catchall.probe": "mail.catchall.sender.check",
    "mail.catchall.probe.line": "mail.catchall.sender.check.line",
    "mail.catchall.identity": "mail.catchall.refused.sender",
}
# model as it is called now -> {old field: new field}
FIELDS = {
    "mail.catchall.message": {"digest": "fingerprint"},
    "mail.catchall.delivery": {"digest": "fingerprint"},
    "mail.catchall.sender.check.line": {"probe_id": "check_id", "answer": "reply"},
    "ir.mail_server": {"catchall_identity_ids": "catchall_refused_sender_ids"},
}
INDEXES = {
    "mail_catchall_message__digest_index": "mail_catchall_message__fingerprint_index",
    "mail_catchall_delivery_digest_recipient_uniq": (
        "mail_catchall_delivery_fingerprint_recipient_uniq"
    ),
    "mail_catchall_probe_line__probe_id_index": (
        "mail_catchall_sender_check_line__check_id_index"
    ),
    "mail_catchall_identity__mail_server_id_index": (
        "mail_catchall_refused_sender__mail_server_id_index"
    ),
}


def migrate(cr, version):
    """Rename models, fields and indexes; Odoo renews the constraints by itself."""
    for old, new in MODELS.items():
        _rename_model(cr, old, new)
    for model, renamed in FIELDS.items():
        for old, new in renamed.items():
            _rename_field(cr, model, old, new)
    for old, new in INDEXES.items():
        _rename_index(cr, old, new)
    _forget_accepted_senders(cr)


def _rename_model(cr, old, new):
    """Give a model, its table and what refers to it by name its new name."""
    old_table, new_table = old.replace(".", "_"), new.replace(".", "_")
    if not table_exists(cr, old_table):
        return
    rename = SQL("RENAME TO %s", SQL.identifier(new_table))
    cr.execute(SQL("ALTER TABLE %s %s", SQL.identifier(old_table), rename))
    sequences = SQL.identifier(f"{old_table}_id_seq")
    renamed = SQL.identifier(f"{new_table}_id_seq")
    cr.execute(SQL("ALTER SEQUENCE %s RENAME TO %s", sequences, renamed))
    _drop_constraints(cr, old)
    for table, column in (
        ("ir_model", "model"),
        ("ir_model_data", "model"),
        ("ir_model_fields", "model"),
        ("ir_model_fields", "relation"),
        ("ir_ui_view", "model"),
        ("ir_act_window", "res_model"),
        ("ir_attachment", "res_model"),
    ):
        place, name = SQL.identifier(table), SQL.identifier(column)
        cr.execute(
            SQL("UPDATE %s SET %s = %s WHERE %s = %s", place, name, new, name, old)
        )
    _rename_external_ids(cr, old_table, new_table)


def _drop_constraints(cr, model):
    """Drop the constraints of a model, whose names begin with that of its table."""
    cr.execute(
        """
        DELETE FROM ir_model_constraint
              USING ir_model
              WHERE ir_model.id = ir_model_constraint.model AND ir_model.model = %s
          RETURNING ir_model_constraint.id
        """,
        [model],
    )
    gone = [row[0] for row in cr.fetchall()]
    cr.execute(
        """
        DELETE FROM ir_model_data
              WHERE model = 'ir.model.constraint' AND res_id = ANY(%s)
        """,
        [gone],
    )
    table = MODELS[model].replace(".", "_")
    cr.execute(
        """
        SELECT conname FROM pg_constraint
         WHERE conrelid = %s::regclass AND contype = 'u'
        """,
        [table],
    )
    for (name,) in cr.fetchall():
        constraint = SQL.identifier(name)
        cr.execute(
            SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), constraint)
        )


def _rename_external_ids(cr, old, new):
    """Give the external ids of the addon that hold a table's name the new one."""
    cr.execute(
        """
        UPDATE ir_model_data SET name = replace(name, %(old)s, %(new)s)
         WHERE module = %(module)s
           AND position(%(old)s in name) > 0
           AND name !~ (%(old)s || '_(line|preview)')
        """,
        {"old": old, "new": new, "module": MODULE},
    )


def _rename_field(cr, model, old, new):
    """Give a field and its column the new name."""
    table = model.replace(".", "_")
    if column_exists(cr, table, old):
        cr.execute(
            SQL(
                "ALTER TABLE %s RENAME COLUMN %s TO %s",
                SQL.identifier(table),
                SQL.identifier(old),
                SQL.identifier(new),
            )
        )
    cr.execute(
        "UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s",
        [new, model, old],
    )
    cr.execute(
        """
        UPDATE ir_model_fields SET relation_field = %s
         WHERE relation = %s AND relation_field = %s
        """,
        [new, model, old],
    )
    names = {"old": f"{table}__{old}", "new": f"{table}__{new}", "module": MODULE}
    cr.execute(
        """
        UPDATE ir_model_data SET name = replace(name, %(old)s, %(new)s)
         WHERE module = %(module)s
           AND (name = 'field_' || %(old)s
                OR starts_with(name, 'selection__' || %(old)s || '__'))
        """,
        names,
    )


def _rename_index(cr, old, new):
    """Keep an index, which would be made anew under its new name."""
    cr.execute(
        SQL(
            "ALTER INDEX IF EXISTS %s RENAME TO %s",
            SQL.identifier(old),
            SQL.identifier(new),
        )
    )
    cr.execute("UPDATE ir_model_constraint SET name = %s WHERE name = %s", [new, old])
    cr.execute(
        "UPDATE ir_model_data SET name = %s WHERE module = %s AND name = %s",
        [f"constraint_{new}", MODULE, f"constraint_{old}"],
    )


def _forget_accepted_senders(cr):
    """Only refused senders are kept: the state that said so is no column any more."""
    table = "mail_catchall_refused_sender"
    if column_exists(cr, table, "state"):
        cr.execute("DELETE FROM mail_catchall_refused_sender WHERE state != 'refused'")
