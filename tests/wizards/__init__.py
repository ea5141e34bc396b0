"""Tests of wizards/."""

from . import (
    test_identity_preview,
    test_mail_catchall_address,
    test_mail_catchall_setup,
    test_mail_catchall_tester,
    test_setup_apps,
    test_setup_finish,
    test_setup_sign_in,
    test_wizards_by_rpc,
)
