"""What the listener asks of a database; all of it may block."""

import contextlib
import threading

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry


@contextlib.contextmanager
def servers(database):
    """Give the ``fetchmail.server`` model of a database; commit at the end."""
    threading.current_thread().dbname = database
    with Registry(database).check_signaling().cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})["fetchmail.server"]


def places(database):
    """Return the frozenset of the places to listen to; none where the addon is not
    installed."""
    with servers(database) as model:
        if "mail.catchall.router" not in model.env:
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
