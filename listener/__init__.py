"""The listener: one loop for all mailboxes, inside of Odoo or behind
``odoo catchall_listen``."""

from . import fetchmail_server
