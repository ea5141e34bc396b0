"""Tests of models/journal."""

from . import (
    test_mail_catchall_discussed,
    test_mail_catchall_evidence,
    test_mail_catchall_message,
    test_mail_message,
    test_message_conversation,
    test_message_keep,
    test_message_why,
    test_message_words,
)
