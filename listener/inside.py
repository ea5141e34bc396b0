"""The listener inside of Odoo: a thread of the process that answers browsers.

That is the only process of a threaded server, and of a server with workers the evented
one, which lives as long as the server and has the bus, too. The others are stopped and
begun anew all the time.
"""

import itertools
import logging
import os
import sys
import threading

import psycopg2

import odoo
from odoo.modules.registry import Registry
from odoo.release import series
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
#: Seconds after which listening that broke off begins anew.
PAUSE = 30.0


class Inside:
    """The one listener of this process, begun with the first database."""

    def __init__(self):
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._names = set()
        self._listener = self._thread = None

    def add(self, database):
        """Listen for a database, too."""
        with self._lock:
            self._names.add(database)
            if not self._thread:
                self._begin()
            if self._listener:
                self._listener.add(database)

    def stop(self):
        """End with the server."""
        with self._lock:
            self._end.set()
            if self._listener:
                self._listener.stop()
        if self._thread:
            self._thread.join(FAREWELL)

    def _begin(self):
        self._thread = threading.Thread(
            target=self._run, name=f"{ADDON}.listener", daemon=True
        )
        self._thread.start()
        server.CommonServer.on_stop(self.stop)

    def _run(self):
        """Listen until the server ends, whatever happens meanwhile."""
        while not self._end.is_set():
            try:
                self._listen()
            except Exception:
                # The boundary of the thread. Threads or files may be used up, say: the
                # rest of Odoo goes on then, too.
                _logger.exception("Listening broke off, and begins again soon")
                self._end.wait(PAUSE)

    def _listen(self):
        with self._lock:
            names = sorted(self._names)
            listener = process.Listener(names, REFRESH, is_inside=True)
            self._listener = listener
        try:
            # The server may have ended before there was one to be stopped.
            if not self._end.is_set():
                listener.run()
        finally:
            with self._lock:
                self._listener = None


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
    running = server.server
    if isinstance(running, server.ThreadedServer):
        # A shell has such a server, too, which answers nobody.
        return is_on() and bool(running.httpd)
    return is_on() and isinstance(running, server.GeventServer)


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
    names = (name for name in server.cron_database_list() if has_addon(name))
    for database in itertools.islice(names, process.MOST_INSIDE):
        try:
            Registry(database)
        except Exception:
            # The boundary of the thread: whatever is wrong with one of them, maybe in
            # another addon, the others are listened to.
            _logger.warning("%s: it cannot be loaded", database, exc_info=True)


def has_addon(database):
    """Tell whether a database has the addon; one that cannot be asked now is loaded
    when somebody uses it."""
    try:
        return is_installed(database)
    except psycopg2.Error:
        return False


def is_installed(database):
    """Tell whether a database has the addon for this version of Odoo, without loading
    it."""
    with db_connect(database).cursor() as cr:
        cr.execute("SELECT to_regclass('ir_module_module')")
        if not cr.fetchone()[0]:
            return False
        cr.execute(
            "SELECT 1 FROM ir_module_module"
            " WHERE name = %s AND state = 'installed' AND latest_version LIKE %s",
            [ADDON, f"{series}.%"],
        )
        return bool(cr.fetchone())


if odoo.evented and is_on() and ADDON in config["server_wide_modules"]:
    # Its turn comes when the server is there: nothing of the kind runs before.
    threading.Thread(target=begin, name=f"{ADDON}.begin", daemon=True).start()
