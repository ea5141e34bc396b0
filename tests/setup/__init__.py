"""Tests of models/setup."""

from . import (
    test_mail_catchall_demo,
    test_res_config_settings,
    test_router_connection,
    test_router_copy_setup,
    test_router_samples,
    test_router_visit,
)
