"""What is remembered until the end of a transaction."""

from collections.abc import Iterable
from typing import Any

from .cursor import Cursor

_PREFIX = "mail_catchall_router."


def memo(cr: Cursor, name: str) -> dict[Any, Any]:
    """Return the dict of this name that lives as long as the transaction of ``cr``.

    Odoo's ``cr.cache`` outlives commits: a job that works for minutes would never see
    what others have changed. The data of the hooks after a commit goes with the
    transaction, be it committed or rolled back.
    """
    known: dict[Any, Any] = cr.postcommit.data.setdefault(_PREFIX + name, {})
    return known


def undoable_memo(cr: Cursor, name: str) -> dict[Any, Any]:
    """Return the dict of this name that lives as long as the transaction of ``cr``,
    but no longer than the savepoint that is rolled back first: what it says of rows
    would be undone with them.
    """
    transaction = memo(cr, "transaction").setdefault("mark", object())
    mark, kept = cr.cache.get(_PREFIX + name, (None, {}))
    known: dict[Any, Any] = kept if mark is transaction else {}
    cr.cache[_PREFIX + name] = transaction, known
    return known


def forget(cr: Cursor, keep: Iterable[str] = ()) -> None:
    """Forget all that is remembered in this transaction: part of it was undone.

    ``keep`` are the names of what doesn't depend on the database.
    """
    data = cr.postcommit.data
    kept = {_PREFIX + name for name in keep}
    for name in [name for name in data if name.startswith(_PREFIX)]:
        if name not in kept:
            del data[name]
