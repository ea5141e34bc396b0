from odoo import api, models
from odoo.tools import SQL


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
