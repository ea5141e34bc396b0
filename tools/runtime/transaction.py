"""Savepoints that survive an app which commits or rolls back by itself.

Odoo's import of e-invoices ends the transaction that it is called in. A savepoint is
gone then, and to release it would be an error (PostgreSQL: RELEASE SAVEPOINT).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from .cursor import Cursor


class Watch:
    """Whether the transaction of an Odoo cursor has ended since.

    ``ended`` is True from the first commit or rollback on.
    """

    def __init__(self, cr: Cursor) -> None:
        self.ended = False
        cr.postcommit.add(self._end)
        cr.postrollback.add(self._end)

    def _end(self) -> None:
        self.ended = True


@contextmanager
def survivable_savepoint(cr: Cursor, *, flush: bool = True) -> Iterator[None]:
    """Undo what is done within when it raises.

    Where somebody has ended the transaction meanwhile, an error undoes what was done
    since: what was committed stays.

    ``flush`` is as Odoo's ``cr.savepoint`` has it.
    """
    watch = Watch(cr)
    point = cr.savepoint(flush=flush)
    try:
        yield
    except BaseException:
        if watch.ended:
            cr.rollback()
        else:
            point.close(rollback=True)
        raise
    if not watch.ended:
        point.close(rollback=False)
