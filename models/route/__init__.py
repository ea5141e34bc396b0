"""From the journal to the document: guards, recipients, match, rules, delivery.

May call ``journal``. ``mail_thread`` is the only seam with core's routing.
"""

# ruff: isort: skip_file
from . import (
    message_ends,
    message_queue,
    message_batch,
    message_lanes,
    message_read,
    message_suspects,
    message_double,
    message_guards,
    mail_catchall_token,
    message_lesson,
    message_defence,
    message_attack,
    message_bounce,
    message_receipt,
    mail_catchall_rule,
    mail_catchall_rule_condition,
    rule_trial,
    message_rules,
    message_match,
    message_deliver,
    message_route,
    message_unknown,
    message_trial,
    router_policy,
    router_defence,
    router_attack,
    router_rules,
    mail_thread,
    mail_thread_gate,
    mail_thread_made,
    mail_thread_blacklist,
    mail_alias,
    mail_alias_domain,
    res_partner,
    res_users,
    ir_qweb,
)
