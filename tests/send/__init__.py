"""Tests of models/send."""

from . import (
    test_account_faults,
    test_automation,
    test_forced_server,
    test_ir_mail_server,
    test_mail_catchall_copy,
    test_mail_catchall_sender_check,
    test_mail_mail_attempt,
    test_mail_mail_batch,
    test_mail_mail_copies,
    test_mail_mail_edits,
    test_mail_mail_neighbours,
    test_mail_mail_refused,
    test_mail_mail_undo,
    test_mail_mail_unread,
    test_mailing_mails,
    test_never_odoobot,
    test_router_signing,
    test_secrets,
    test_wire,
)
