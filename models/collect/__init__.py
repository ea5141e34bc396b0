"""From the mail server into the journal: folders, cursors, listening, waking.

May call ``journal``.
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_wake,
    mail_catchall_folder,
    mail_catchall_fetch,
    mail_catchall_part,
    folder_notes,
    fetchmail_server,
    fetchmail_server_limits,
    fetchmail_server_certificate,
    fetchmail_server_imap,
    fetchmail_server_parts,
    fetchmail_server_pop,
    fetchmail_server_listen,
    fetchmail_server_wake,
    fetchmail_server_sign_in,
    fetchmail_server_find,
    router_backlog,
    router_intake,
)
