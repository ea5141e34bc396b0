"""Tests of models/decide."""

from . import (
    test_mail_catchall_decision,
    test_message_confirm,
    test_message_decide,
    test_message_presence,
    test_message_quarantine,
    test_message_reject,
    test_message_snooze,
    test_message_triage,
    test_message_unread,
)
