"""The round trip: a mail that we send to ourselves to see whether all of it works.

May call ``collect``, ``route``, ``decide`` and ``send``.
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_trip,
    trip_send,
    trip_look,
    trip_findings,
    mail_catchall_finding,
    instructions,
    message_trip,
    router_trip,
    router_learn,
    router_learnt,
    router_heartbeat,
)
