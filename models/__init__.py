"""One folder for each stop of a mail, imported in the order of its way.

A file named like a model defines or extends that model; ``message_x.py``,
``router_x.py``, ``trip_x.py`` and ``rule_x.py`` hold what a stop adds to that noun.
A later import overrides an earlier one.
"""

# ruff: isort: skip_file
from . import (
    fields,
    ir_http,
    mail_catchall_router,
    router_alert,
    router_neutralized,
    router_home,
    router_companies,
    router_presence,
    router_token,
    mail_catchall_shown_token,
    mail_catchall_signed_in,
)
from . import (
    journal,
    collect,
    route,
    answer,
    decide,
    send,
    trip,
    watch,
    setup,
)
