"""Whether all is well, and who is told.

May call all rooms before it.
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_problem,
    router_health,
    router_records,
    router_watch,
    router_health_token,
    router_digest,
    router_received,
    router_remind,
    delivery_remind,
    mail_catchall_dashboard,
    mail_alias,
    mail_alias_test,
    mail_alias_mixin_optional,
)
