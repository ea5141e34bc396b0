"""Tests of models/watch."""

from . import (
    test_health_route,
    test_mail_alias,
    test_mail_catchall_dashboard,
    test_router_digest,
    test_router_health,
    test_router_records,
    test_router_remind,
    test_router_watch,
)
