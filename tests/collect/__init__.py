"""Tests of models/collect."""

from . import (
    test_fetchmail_server_parts,
    test_fetchmail_server_wake,
    test_intake_route,
    test_mail_catchall_folder,
    test_router_backlog,
)
