"""Work that must leave no trace in the database."""

from contextlib import closing, contextmanager


@contextmanager
def without_effect(cr):
    """Let the block read and let PostgreSQL refuse it everything else.

    The block runs in a savepoint of a read-only subtransaction that is always
    rolled back. A write is an error there and so is drawing from a sequence, which
    no rollback would give back (PostgreSQL, "SET TRANSACTION", "Sequence
    Manipulation Functions").

    :param cr: Odoo's cursor; what it has to flush is flushed before
    """
    with closing(cr.savepoint()):
        cr.execute("SET TRANSACTION READ ONLY")
        yield
