"""What a person decides on a held mail: release, route, reject, discard, block.

May call ``journal``, ``route`` and ``answer``.

Overrides that depend on the order:

- mail.catchall.message._compute_undoable: message_decide < message_reject
- mail.catchall.message._undo: message_decide < message_reject
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_candidate,
    mail_catchall_attack,
    mail_catchall_decision,
    mail_catchall_sender,
    mail_catchall_read,
    res_users,
    message_decide,
    message_reject,
    message_presence,
    ir_websocket,
    message_confirm,
    router_confirm,
    message_quarantine,
    message_snooze,
    message_suggest,
    message_triage,
    message_unread,
    message_address,
)
