"""The round trip: a mail that we send to ourselves to see whether all of it works.

May call ``collect``, ``route`` and ``send``.

Overrides that depend on the order:

- mail.catchall.message._settling_guards: route.message_guards < message_trip
- mail.catchall.message._guard_bounce: route.message_bounce < message_trip
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
    router_heartbeat,
)
