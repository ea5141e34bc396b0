from odoo import api, models

# How many mails of the senders, and how many decisions, are looked at.
LOOKED_AT = 30
MOST_DOCUMENTS, MOST_ALIASES = 4, 3
CHOICES = ("route_to", "choose", "create_address")


class MailCatchallMessage(models.Model):
    """Where mail probably belongs, for who is asked: on a document that its sender has
    written to, or at an address that people have chosen lately."""

    _inherit = "mail.catchall.message"

    def _suggest_documents(self):
        """Return the documents that mail of these senders has reached, the newest
        first, as far as this user may write on them and they are not archived."""
        senders = list(filter(None, self.mapped("sender")))
        mails = self.search(
            [("sender", "in", senders), ("state", "=", "delivered")],
            limit=LOOKED_AT,
            order="id desc",
        )
        found = []
        for delivery in mails.delivery_ids.filtered("record_name"):
            record = self.env[delivery.model].browse(delivery.res_id)
            is_open = record[record._active_name] if record._active_name else True
            if record not in found and is_open and record.has_access("write"):
                found.append(record)
        return found[:MOST_DOCUMENTS]

    @api.model
    def _suggest_aliases(self):
        """Return the addresses that people have chosen lately for waiting mail."""
        decisions = self.env["mail.catchall.decision"].search(
            [("code", "in", CHOICES)], limit=LOOKED_AT, order="id desc"
        )
        chosen = decisions.message_id.delivery_ids.alias_id
        return chosen.filtered("alias_name")[:MOST_ALIASES]
