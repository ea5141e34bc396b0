"""The threads in which a threaded Odoo runs its scheduled actions."""

import logging
import threading

from odoo.service import server

_logger = logging.getLogger(__name__)

#: How Odoo names them, before their number.
NAME = "odoo.service.cron.cron"


class Hands:
    """Begins Odoo's cron threads anew that have ended before their time.

    One that meets PostgreSQL while it restarts ends for ever (Odoo 19,
    ``ThreadedServer.cron_thread``): Odoo would answer browsers and take mail, and route
    none of it until somebody starts it anew. Workers are begun anew by their master.
    """

    def __init__(self):
        self._seen = set()

    def tend(self):
        """Begin those anew that were there before; called while PostgreSQL answers."""
        odoo = server.server
        if not isinstance(odoo, server.ThreadedServer):
            return
        alive = {one.name for one in threading.enumerate() if is_hand(one)}
        for name in sorted(self._seen - alive):
            _logger.warning("%s has ended, and begins anew", name)
            self._begin(odoo, name)
        self._seen |= alive

    def _begin(self, odoo, name):
        number = int(name.removeprefix(NAME))
        thread = threading.Thread(
            target=odoo.cron_thread, args=(number,), name=name, daemon=True
        )
        # By which Odoo knows whose time is limited.
        thread.type = "cron"
        thread.start()


def is_hand(thread):
    """Tell whether a thread is one that runs scheduled actions."""
    return thread.name.startswith(NAME) and thread.name[len(NAME) :].isdecimal()
