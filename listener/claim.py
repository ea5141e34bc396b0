"""The right to listen to a database, which one process of all hosts has."""

import contextlib
import os
import socket

import psycopg2

from odoo.sql_db import connection_info_for

from ..tools.runtime import locks
from ..tools.watch import listening

#: Seconds after which PostgreSQL notices that the host of a listener is gone: it is
#: asked after 4, again every 2, and given up after 2 questions. Without effect where
#: the connection is no TCP.
KEEP_ALIVE = (("idle", 4), ("interval", 2), ("count", 2))


class Claim:
    """The right to listen to a database, and the folders that are listened to, as
    locks of a connection of our own: whichever way we end, they end with us. It is
    none of Odoo's pool, which has few of them for all databases.

    A listener that is a process of its own goes before the one inside of Odoo.

    :param database: name of the database
    :param is_inside: whether we are a thread of Odoo
    """

    def __init__(self, database, is_inside):
        self.is_inside = is_inside
        self._database = database
        self._cr = None
        self._has_right = False
        self._heard = frozenset()

    def hold(self, heard):
        """Take the right unless another has it, and say what we listen to.

        :param heard: frozenset of ids of ``mail.catchall.folder``
        :return: whether we have the right now
        :raises psycopg2.Error: the database cannot be asked; we have nothing then
        """
        try:
            cr = self._session()
            self._has_right = self._take(cr)
            if self._has_right:
                self._tell(cr, heard)
        except psycopg2.Error:
            self.let_go()
            raise
        if self.is_inside and not self._has_right:
            # Who only waits needs no connection for it.
            self.let_go()
        return self._has_right

    def let_go(self):
        """Give the right back, and end the connection."""
        cr, self._cr = self._cr, None
        self._has_right, self._heard = False, frozenset()
        if not cr:
            return
        # PostgreSQL gives the locks of a closed connection back a moment later only.
        with contextlib.suppress(psycopg2.Error):
            cr.execute("SELECT pg_advisory_unlock_all()")
        cr.connection.close()

    def _session(self):
        """Return the cursor of our connection, a new one if it was lost."""
        if self._cr and self._cr.connection.closed:
            self.let_go()
        if not self._cr:
            _name, where = connection_info_for(self._database)
            connection = psycopg2.connect(**where)
            # Locks of a session need no transaction.
            connection.autocommit = True
            self._cr = connection.cursor()
            self._introduce(self._cr)
        # Whether it is lost, nothing but a question says.
        self._cr.execute("SELECT 1")
        return self._cr

    def _introduce(self, cr):
        kind = listening.INSIDE if self.is_inside else listening.OWN_PROCESS
        ear = listening.Ear(kind, os.getpid(), socket.gethostname())
        name = listening.name_of(ear)
        cr.execute("SELECT set_config('application_name', %s, FALSE)", [name])
        for option, value in KEEP_ALIVE:
            setting = f"tcp_keepalives_{option}"
            cr.execute("SELECT set_config(%s, %s, FALSE)", [setting, str(value)])
        if not self.is_inside:
            locks.try_lock(cr, locks.EARS, locks.OWN_PROCESS, shared=True)

    def _take(self, cr):
        if self.is_inside and locks.OWN_PROCESS in locks.holders(cr, locks.EARS):
            return False
        return self._has_right or locks.try_lock(cr, locks.EARS, locks.RIGHT)

    def _tell(self, cr, heard):
        """Hold the locks of these folders, and of no others."""
        for folder_id in heard - self._heard:
            locks.try_lock(cr, locks.HEARD, folder_id)
        locks.unlock(cr, locks.HEARD, self._heard - heard)
        self._heard = heard
