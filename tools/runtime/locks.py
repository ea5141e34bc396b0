"""Session locks of PostgreSQL: held over commits, gone with their connection.

A lock of this kind tells whether the worker that took it is still alive, without any
time-out: the server drops it the moment the connection of
a killed worker ends (PostgreSQL, "Advisory Locks").
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from .cursor import Cursor

WORKERS = 0x4D435257  # key class of the tokens of routing workers
NAMED = 0x4D43524E  # key class of the locks that have a name
EARS = 0x4D434541  # key class of the two locks of listeners
HEARD = 0x4D434845  # key class of the ids of folders that are listened to

#: SQL of the tokens, as text, whose worker lock is held in this database.
LIVING_WORKERS = f"""
    SELECT objid::text
      FROM pg_locks
     WHERE locktype = 'advisory'
       AND classid::bigint = {WORKERS}
       AND objsubid = 2
       AND database = (SELECT oid FROM pg_database
                        WHERE datname = current_database())
"""

#: Of EARS: held by the one listener of a database.
RIGHT = 0
#: Of EARS: shared by the listeners that are a process of their own.
OWN_PROCESS = 1


@dataclass(frozen=True)
class Holder:
    """A session that holds a lock: the name it gave itself, and its beginning (UTC)."""

    name: str
    since: datetime


def new_token() -> int:
    """Return a random positive int4, the name of one worker for one run."""
    return secrets.randbelow(2**31 - 1) + 1


@contextmanager
def worker_lock(cr: Cursor, token: int) -> Iterator[bool]:
    """Hold the lock of the worker ``token`` on the connection of ``cr``; yield True."""
    cr.execute("SELECT pg_advisory_lock(%s, %s)", [WORKERS, token])
    yield from _release_after(cr, WORKERS, token)


@contextmanager
def named_lock(cr: Cursor, name: str) -> Iterator[bool]:
    """Hold the lock called ``name``; wait while another session has it; yield True.

    The caller starts a new transaction after it, so that what the former
    holder committed is in the snapshot.
    """
    key = _key_of(cr, name)
    cr.execute("SELECT pg_advisory_lock(%s, %s)", [NAMED, key])
    yield from _release_after(cr, NAMED, key)


@contextmanager
def try_named_lock(cr: Cursor, name: str) -> Iterator[bool]:
    """Yield whether the lock called ``name`` was taken; never wait for it."""
    key = _key_of(cr, name)
    cr.execute("SELECT pg_try_advisory_lock(%s, %s)", [NAMED, key])
    if not cr.fetchone()[0]:
        yield False
        return
    yield from _release_after(cr, NAMED, key)


def living_workers(cr: Cursor) -> set[int]:
    """Return the tokens whose worker lock is held in this database."""
    cr.execute(LIVING_WORKERS)
    return {int(token) for (token,) in cr.fetchall()}


def try_lock(cr: Cursor, key_class: int, key: int, *, shared: bool = False) -> bool:
    """Take a lock of the session ``cr`` unless another session has it; return whether
    it was taken. It is held until :func:`unlock`, or the end of the connection."""
    function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    cr.execute(f"SELECT {function}(%s, %s)", [key_class, key])
    return bool(cr.fetchone()[0])


def unlock(cr: Cursor, key_class: int, keys: Iterable[int]) -> None:
    """Give locks of the session ``cr`` back."""
    for key in keys:
        _unlock(cr, key_class, key)


def holders(cr: Cursor, key_class: int) -> dict[int, Holder]:
    """Return who holds the locks of a class in this database, by key."""
    cr.execute(
        """
        SELECT locks.objid::bigint, session.application_name,
               session.backend_start AT TIME ZONE 'UTC'
          FROM pg_locks AS locks
          JOIN pg_stat_activity AS session USING (pid)
         WHERE locks.locktype = 'advisory'
           AND locks.granted
           AND locks.classid::bigint = %s
           AND locks.objsubid = 2
           AND locks.database = (SELECT oid FROM pg_database
                                  WHERE datname = current_database())
        """,
        [key_class],
    )
    return {
        key: Holder(name or "", since) for key, name, since in cr.fetchall() if since
    }


def _key_of(cr: Cursor, name: str) -> int:
    cr.execute("SELECT hashtext(%s)", [name])
    key: int = cr.fetchone()[0]
    return key


def _release_after(cr: Cursor, key_class: int, key: int) -> Iterator[bool]:
    """Yield True, then unlock; after an error in a transaction fit for it.

    An aborted transaction takes no statement, and a lost connection has lost
    its locks: the first is rolled back, the second needs nothing.
    """
    try:
        yield True
    except BaseException:
        if not cr.connection.closed:
            cr.rollback()
            _unlock(cr, key_class, key)
        raise
    _unlock(cr, key_class, key)


def _unlock(cr: Cursor, key_class: int, key: int) -> None:
    cr.execute("SELECT pg_advisory_unlock(%s, %s)", [key_class, key])
