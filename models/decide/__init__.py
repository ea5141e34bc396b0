"""What a person decides on a held mail: release, route, reject, discard, block.

May call ``journal``, ``route`` and ``answer``.
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_candidate,
    mail_catchall_attack,
    mail_catchall_sender,
    message_decide,
    message_reject,
    message_quarantine,
)
