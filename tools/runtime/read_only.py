"""Work that must leave no trace in the database."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from .cursor import Cursor


@contextmanager
def read_only(cr: Cursor) -> Iterator[None]:
    """Let the block read and let PostgreSQL refuse it everything else.

    The block runs in a savepoint of a read-only subtransaction that is always rolled
    back; what ``cr`` has to flush is flushed before. A write raises
    ``psycopg2.errors.ReadOnlySqlTransaction``, and so does drawing from a sequence,
    which no rollback would give back (PostgreSQL, "SET TRANSACTION", "Sequence
    Manipulation Functions").
    """
    with closing(cr.savepoint()):
        cr.execute("SET TRANSACTION READ ONLY")
        yield
