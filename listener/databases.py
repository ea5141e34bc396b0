"""What the listener asks of a database; all of it may block."""

import contextlib
import threading
from dataclasses import dataclass

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import PoolError, db_connect

#: What is in a database without the addon, and in none that is gone.
MODEL = "mail.catchall.router"


@dataclass(frozen=True)
class View:
    """What a listener sees of a database: whether it may listen, and the frozenset of
    the places to listen to; None where they were not asked for. `is_gone`: Odoo has no
    such database any more."""

    may_listen: bool
    places: frozenset | None
    is_gone: bool = False


@contextlib.contextmanager
def servers(database):
    """Give the ``fetchmail.server`` model of a database; commit at the end."""
    threading.current_thread().dbname = database
    with Registry(database).check_signaling().cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})["fetchmail.server"]


def look(database, claim, heard, reads):
    """Return the ``View`` of a database.

    :param claim: the ``claim.Claim`` of it
    :param heard: frozenset of ids of the folders that are listened to already
    :param reads: whether to read the places anew
    """
    if claim.is_inside and not is_loaded(database):
        return _forget(claim)
    try:
        return _look(database, claim, heard, reads)
    except (psycopg2.Error, PoolError):
        # Who was asked to listen to a database by name waits for it.
        if claim.is_inside and is_gone(database):
            # The next one of this name is another one: it is loaded, and listened to.
            Registry.delete(database)
            return _forget(claim)
        raise


def _forget(claim):
    claim.let_go()
    return View(False, frozenset(), is_gone=True)


def _look(database, claim, heard, reads):
    if reads and not may_listen(database, claim.is_inside):
        claim.let_go()
        return View(False, frozenset())
    if not claim.hold(heard):
        return View(False, frozenset())
    found = places(database) if reads else None
    if claim.is_inside and found == frozenset():
        # Many databases have the addon, and few of them a mailbox: no connection each.
        claim.let_go()
    return View(True, found)


def is_loaded(database):
    """Tell whether Odoo has this database loaded. It keeps a limited number of them,
    and drops one that is dropped or renamed: whoever listens loads none of them anew.
    """
    return database in Registry.registries


def is_gone(database):
    """Tell whether PostgreSQL answers and has no such database: it was dropped, or has
    another name."""
    try:
        with db_connect("postgres").cursor() as cr:
            cr.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            return not cr.fetchone()
    except psycopg2.Error:
        return False


def may_listen(database, is_inside):
    """Tell whether a listener has anything to do there; not where the addon is not
    installed.

    :param is_inside: it is a thread of Odoo
    """
    with servers(database) as model:
        return MODEL in model.env and model._catchall_may_listen(is_inside)


def places(database):
    """Return the frozenset of the places to listen to; none where the addon is not
    installed."""
    with servers(database) as model:
        if MODEL not in model.env:
            return frozenset()
        return model._catchall_places()


def dial(database, place):
    """Return a ``Line`` to a place."""
    with servers(database) as model:
        return model.browse(place.server_id)._catchall_dial(place.folder)


def wake(database, server_ids):
    """Let a database collect these of its servers at once, if they are still there."""
    with servers(database) as model:
        model.browse(server_ids).exists()._catchall_wake()
