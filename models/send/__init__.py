"""From a document to the mail server: under whose name, how often, tried again when.

May call ``journal``. Base methods are imported before what extends them.

Overrides that depend on the order:

- mail.mail.send: mail_mail < mail_mail_attempt
- mail.mail.mark_outgoing: mail_mail_refused < mail_mail_retry
- mail.mail._prepare_outgoing_list: mail_mail_headers < mail_mail_attempt
- ir.mail_server._catchall_policy:
  ir_mail_server_identity < ir_mail_server_refusals
- ir.mail_server._catchall_open: ir_mail_server_attempt < ir_mail_server_state
- ir.mail_server._catchall_draw_conclusions:
  ir_mail_server_attempt < ir_mail_server_state
"""

# ruff: isort: skip_file
from . import (
    mail_catchall_handover,
    mail_catchall_usage,
    mail_catchall_server_state,
    mail_catchall_refused_sender,
    mail_catchall_sent,
    mail_catchall_copy,
    sending_run,
    base,
    mail_message,
    mail_message_copies,
    mail_message_undo,
    mail_thread_copies,
    mail_thread_edits,
    mail_scheduled_message,
    mail_template,
    mail_mail,
    mail_mail_batch,
    mail_mail_copies,
    mail_mail_undo,
    mail_mail_edits,
    mail_mail_headers,
    mail_mail_links,
    mail_mail_unread,
    mail_mail_refused,
    mail_mail_neighbours,
    mail_mail_retry,
    mail_mail_attempt,
    ir_mail_server,
    ir_mail_server_identity,
    ir_mail_server_refusals,
    ir_mail_server_budget,
    ir_mail_server_transactions,
    ir_mail_server_streak,
    ir_mail_server_attempt,
    ir_mail_server_state,
    ir_mail_server_sign_in,
    router_signing,
    router_automation,
    router_copy,
    mail_catchall_sender_check,
    router_sender_check,
)
