"""Rows that several write on at the same time: scheduled actions, the listener, people.

Odoo's transactions see the database as it was when they began. PostgreSQL refuses them
to write on what somebody else has changed since (SerializationFailure), and Odoo logs
that as an error. Whoever takes the rows first, with these functions, is refused before
anything is written, and without a word in the log.
"""

import random
import time

from psycopg2.errors import SerializationFailure

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

TRIES = 8


def hold(records, wait=True):
    """Keep everybody else from writing on these records until the transaction ends.

    :param wait: whether to wait for whoever is just writing on them
    :return: whether they are held: False when somebody else has one of them, and
        nobody waits for him
    :raises psycopg2.errors.SerializationFailure: when one of them was changed since
        the transaction began
    """
    query = SQL(
        "SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE%s",
        SQL.identifier(records._table),
        records.ids,
        SQL("" if wait else " SKIP LOCKED"),
    )
    # Whoever is refused does it once more, or does without: no error to be logged.
    records.env.cr.execute(query, log_exceptions=False)
    return records.env.cr.rowcount == len(records.ids)


def try_hold(records):
    """Tell whether these records can be written on: then nobody else does so until the
    transaction ends. Waits for nobody; a refusal costs the transaction nothing."""
    try:
        with records.env.cr.savepoint(flush=False):
            return hold(records, wait=False)
    except SerializationFailure:
        return False


def start_over(env):
    """Forget what this transaction has done and read."""
    env.cr.rollback()
    env.invalidate_all(flush=False)


def retry_on_concurrency(env, work, rows=None):
    """Do the work and commit; again at once, with jitter, while it collides with
    others, such as a person who decides about a claimed message.

    :param rows: the records that the work writes on, if they are to be held first
    :return: what the work has returned
    """
    result = None
    for tries_left in reversed(range(TRIES)):
        try:
            if rows is not None:
                hold(rows)
            result = work()
            env.cr.flush()
            env["ir.cron"]._commit_progress()
            break
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            if not tries_left:
                raise
            start_over(env)
            time.sleep(random.uniform(0.01, 0.2))
    return result


def write_alone(records, values):
    """Write on these records and commit, also while others write on them."""
    retry_on_concurrency(records.env, lambda: records.write(values), records)
