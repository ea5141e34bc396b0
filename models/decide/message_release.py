from odoo import models

# What the mail of an allowed sender is not held for.
PASSED_REASONS = (
    "auto_reply",
    "forged_sender",
    "unproven_sender",
    "spam",
    "loop_guard",
    "loop_received",
    "loop_delivered",
    "burst",
    "attack",
    "trap",
    "trap_sender",
)


class MailCatchallMessage(models.Model):
    """Releasing much at once: the queue routes it, nobody waits for it."""

    _inherit = "mail.catchall.message"

    def _find_of_same_senders(self):
        """Answer the held mail of these messages' senders that is held for what an
        allowed sender may do."""
        found = self.browse()
        for company, messages in self.grouped("company_id").items():
            found |= self.search(
                [
                    ("sender", "in", messages.mapped("sender")),
                    ("company_id", "=", company.id),
                    ("state", "=", "held"),
                    ("reason_code", "in", PASSED_REASONS),
                ]
            )
        return found

    def _release_later(self):
        """Release held mail as soon as the queue comes to it."""
        kept = self.filtered(
            lambda one: one.state == "held" and one.complete and one.raw_kept
        )
        for message in kept:
            message._note_decision("release", before=message._snapshot())
        kept.sudo().released = True
        kept.sudo()._revive()
        kept._trigger_routing()
