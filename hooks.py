"""What happens when the addon leaves a database."""

import logging

from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

FORCE_PARAMETER = "mail_catchall_router.uninstall_anyway"
WAITING_STATES = ("received", "failed", "held", "dead")


def uninstall_hook(env):
    """Hand the mailboxes back to Odoo's own reading of unread mail, and leave nothing
    behind on the tables of others.

    Mail that has reached no document yet would go with the journal.

    :raises UserError: while such mail waits, unless the system parameter
        ``mail_catchall_router.uninstall_anyway`` is set; then it is made unread on
        the mail server as far as it is there
    """
    waiting = env["mail.catchall.message"].search([("state", "in", WAITING_STATES)])
    if waiting:
        _hand_back(env, waiting)
    # What an init() has made is nobody's to remove but ours.
    env["mail.thread.blacklist"]._catchall_drop_indexes()


def _hand_back(env, waiting):
    if not env["ir.config_parameter"].sudo().get_param(FORCE_PARAMETER):
        raise UserError(
            env._(
                "Messages that have not reached a document yet and would be lost with "
                "the Mail Router: %(count)s. Route or discard them first. To "
                "uninstall anyway, set the system parameter %(parameter)s to 1: they "
                "are then marked as unread on the mail server, if it still has them.",
                count=len(waiting),
                parameter=FORCE_PARAMETER,
            )
        )
    for server, messages in waiting.grouped("fetchmail_server_id").items():
        server._catchall_hand_back(messages)
