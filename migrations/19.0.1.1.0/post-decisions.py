"""Make rows of the decisions that so far stood in the traces of messages alone."""

from odoo.tools import SQL


def migrate(cr, version):
    """Write a row for each decision of a person, oldest first."""
    cr.execute(
        SQL(
            """
            INSERT INTO mail_catchall_decision (
                message_id, company_id, code, date, user_id, user_name,
                state_before, reason_before, details,
                create_uid, write_uid, create_date, write_date)
            SELECT message.id, message.company_id, step.value->>'code',
                   (step.value->>'time')::timestamp, one.id,
                   COALESCE(step.value->>'user', ''),
                   step.value->'before'->>'state',
                   NULLIF(step.value->'before'->>'reason_code', 'false'),
                   step.value
                       - ARRAY['step', 'code', 'user', 'user_id', 'time', 'before'],
                   1, 1, (step.value->>'time')::timestamp,
                   (step.value->>'time')::timestamp
              FROM mail_catchall_message message
             CROSS JOIN LATERAL jsonb_array_elements(message.trace)
                   WITH ORDINALITY step (value, number)
              LEFT JOIN res_users one ON one.id = (step.value->>'user_id')::integer
             WHERE jsonb_typeof(message.trace) = 'array'
               AND message.trace @> '[{"step": "person"}]'
               AND step.value->>'step' = 'person'
               AND step.value->>'time' IS NOT NULL
             ORDER BY step.value->>'time', message.id, step.number
            """
        )
    )
