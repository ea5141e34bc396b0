"""Tests of models/route."""

from . import (
    test_forged_headers,
    test_ir_qweb,
    test_mail_catchall_rule,
    test_message_attack,
    test_message_author,
    test_message_batch,
    test_message_claim,
    test_message_content,
    test_message_double,
    test_message_guards,
    test_message_guess,
    test_message_incoming,
    test_message_lanes,
    test_message_loops,
    test_message_queue,
    test_message_read,
    test_message_receipt,
    test_message_route,
    test_message_trial,
    test_message_unknown,
)
