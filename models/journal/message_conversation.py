from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: How long an answer waits for a first mail that may be on its way.
FIRST_WAIT = timedelta(minutes=10)


class MailCatchallMessage(models.Model):
    """Which mails are of one conversation, and so are routed in their order.

    A mail names the first mail of its conversation; but some programs name the mail
    alone that they answer, and with it the conversation of that one is meant.
    """

    _inherit = "mail.catchall.message"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._join_conversations(vals_list))

    @api.model
    def _join_conversations(self, vals_list):
        """Return the values of mails, in the order of their arrival, each with the
        conversation of the mail that it names, if that is in the journal."""
        conversations = self._find_conversations(
            {
                values["conversation"]
                for values in vals_list
                if values.get("conversation")
                and values["conversation"] != values.get("message_id")
            }
        )
        joined = []
        for values in vals_list:
            if named := values.get("conversation"):
                conversation = conversations.get(named, named)
                conversations.setdefault(values.get("message_id"), conversation)
                joined.append(dict(values, conversation=conversation))
            else:
                joined.append(values)
        return joined

    @api.model
    def _find_conversations(self, message_ids):
        """Return {Message-ID: conversation} of these mails of the journal."""
        if not message_ids:
            return {}
        self.flush_model(["message_id", "conversation"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (message_id) message_id, conversation
                      FROM mail_catchall_message
                     WHERE message_id = ANY(%s) AND conversation IS NOT NULL
                     ORDER BY message_id, id
                    """,
                    list(message_ids),
                )
            )
        )

    def _wait_for_first(self):
        """Let those of these new messages wait a while that answer a mail which is not
        in the journal: routed before it, an answer makes a document of its own.

        :return: those that wait
        """
        answers = self.filtered(
            lambda one: (
                one.state == "received"
                and one.conversation not in {one.message_id, one.fingerprint}
            )
        )
        known = self._find_conversations(set(answers.mapped("conversation")))
        waiting = answers.filtered(lambda one: one.conversation not in known)
        waiting.next_attempt = fields.Datetime.now() + FIRST_WAIT
        return waiting

    @api.model
    def _end_waiting_for_first(self, router):
        """Have a router's messages that wait for a first mail routed: all mail is
        collected. What somebody else holds is left to its time."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE mail_catchall_message
               SET next_attempt = NULL
             WHERE id IN (SELECT id
                            FROM mail_catchall_message
                           WHERE router_id = %s AND state = 'received'
                             AND attempt_count = 0 AND next_attempt IS NOT NULL
                             FOR UPDATE SKIP LOCKED)
            """,
            [router.id],
        )
        if self.env.cr.rowcount:
            self.invalidate_model(["next_attempt"])
            self._trigger_routing()
