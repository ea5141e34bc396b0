"""The listener inside of Odoo: a thread of the process that answers browsers.

That is the only process of a threaded server, and of a server with workers the evented
one, which lives as long as the server and has the bus, too. The others are stopped and
begun anew all the time.
"""

import contextlib
import logging
import os
import sys
import threading

import psycopg2

import odoo
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.sql_db import db_connect
from odoo.tools import config

from . import process

_logger = logging.getLogger(__name__)

ADDON = "mail_catchall_router"
#: Environment variable: with 0, this process never listens, whatever the database says.
SWITCH = "ODOO_MAIL_ROUTER_LISTEN"
OFF = ("0", "false", "no", "off")
#: Seconds between two looks for new, changed and removed mailboxes.
REFRESH = 15.0
#: Seconds that the end of the server waits for ours at most; it needs milliseconds.
FAREWELL = 0.5


class Inside:
    """The one listener of this process, begun with the first database."""

    def __init__(self):
        self._lock = threading.Lock()
        self._listener = self._thread = None

    def add(self, database):
        """Listen for a database, too."""
        with self._lock:
            if not self._thread:
                self._begin()
            self._listener.add(database)

    def stop(self):
        """End with the server."""
        with self._lock:
            if self._thread:
                self._listener.stop()
                self._thread.join(FAREWELL)

    def _begin(self):
        self._listener = process.Listener([], REFRESH, is_inside=True)
        self._thread = threading.Thread(
            target=self._listener.run, name=f"{ADDON}.listener", daemon=True
        )
        self._thread.start()
        server.CommonServer.on_stop(self.stop)


inside = Inside()


def is_loaded(database):
    """Let this process listen for a database that it has loaded, if it is one that
    listens; a master of workers sees to it that its evented one does."""
    if listens():
        inside.add(database)
    elif is_on() and isinstance(server.server, server.PreforkServer):
        load_everywhere()


def is_on():
    """Tell whether this Odoo is one that serves, and may listen."""
    return (
        os.environ.get(SWITCH, "").lower() not in OFF
        and config["http_enable"]
        and not config["stop_after_init"]
        and not config["test_enable"]
    )


def listens():
    """Tell whether this process is one that listens."""
    kinds = (server.ThreadedServer, server.GeventServer)
    return is_on() and isinstance(server.server, kinds)


def load_everywhere():
    """Let the evented worker load the addon when it starts: it gets our command line,
    and would otherwise know no database until a browser asks it."""
    modules = config["server_wide_modules"]
    option = f"--load={','.join([*modules, ADDON])}"
    if ADDON not in modules and option not in sys.argv:
        sys.argv.append(option)


def begin():
    """Load the databases with the addon, in the evented worker that has just started:
    they are listened to then."""
    for database in server.cron_database_list():
        # One that cannot be asked now is loaded when somebody uses it.
        with contextlib.suppress(psycopg2.Error):
            if is_installed(database):
                Registry(database)


def is_installed(database):
    """Tell whether a database has the addon, without loading it."""
    with db_connect(database).cursor() as cr:
        cr.execute("SELECT to_regclass('ir_module_module')")
        if not cr.fetchone()[0]:
            return False
        cr.execute(
            "SELECT 1 FROM ir_module_module WHERE name = %s AND state = 'installed'",
            [ADDON],
        )
        return bool(cr.fetchone())


if odoo.evented and is_on() and ADDON in config["server_wide_modules"]:
    # Its turn comes when the server is there: nothing of the kind runs before.
    threading.Thread(target=begin, name=f"{ADDON}.begin", daemon=True).start()
