"""Named points of the work at which a crash test kills the process.

``CATCHALL_CRASH_AT=committed`` kills this process with SIGKILL when it comes to
the point of that name; ``committed:3`` when it comes there the third time. Unset,
as always outside of tests, a point costs one comparison.
"""

import os
import signal

#: In the order in which a mail passes them on its way in, then on its way out.
POINTS = (
    "fetched",
    "inserted",
    "committed",
    "flagged",
    "claimed",
    "counted",
    "record_created",
    "delivered",
    "concluded",
    "routed",
    "handing_over",
    "taken",
    "noted",
)
#: Before a mail is fetched, and after a part of it came.
FETCH_POINTS = ("begun", "part")
#: Of a copy for the Sent folder: it is in the folder, the commit is to come.
COPY_POINTS = ("appended",)

_point, _, _times = os.environ.get("CATCHALL_CRASH_AT", "").partition(":")
_passes = iter(range(int(_times or 1) - 1, -1, -1))


def reached(point: str) -> None:
    """Say that the work has come to ``point``, one of those above."""
    if point == _point and not next(_passes, 1):
        os.kill(os.getpid(), signal.SIGKILL)
