from odoo import fields, models

# What ends a mail without looking for its documents -> (state, reason code).
ENDS = {"hold": ("held", "rule_hold"), "discard": ("ignored", "rule_discard")}


class MailCatchallMessage(models.Model):
    """Rules that people wrote: what they say of a mail, and doing it.

    To find out what they say changes nothing. What a rule holds or discards, it
    holds or discards before anything else is looked at; where it sends mail comes
    after the signed reply address, which names one document.
    """

    _inherit = "mail.catchall.message"

    tag_ids = fields.Many2many("mail.catchall.tag", string="Tags", readonly=True)

    # ------------------------------------------------------------
    # RULING
    # ------------------------------------------------------------

    def _guard_rules(self, mail):
        """Stop a mail that the rules hold, or discard, for everybody it is for.

        What they say of single recipients is done when it comes to these.
        """
        meant = (*mail.recipients.must_settle, *mail.recipients.may_match)
        recipients = [one.address for one in meant] or [""]
        rulings = [mail.ruling(recipient) for recipient in recipients]
        ends = {ENDS.get(ruling.destination.action) for ruling in rulings}
        if len(ends) > 1 or None in ends:
            return None
        for recipient, ruling in zip(recipients, rulings, strict=True):
            self._note_hits(recipient, ruling, mail)
        for delivery in mail.open_deliveries:
            self._write_ruling(delivery, mail.ruling(delivery.recipient))
        return ends.pop()

    # ------------------------------------------------------------
    # DO IT
    # ------------------------------------------------------------

    def _apply_rules(self, matches, mail):
        """Write down which rules fit each of these deliveries.

        :param matches: {delivery: :class:`Match` or None}
        """
        for delivery in matches:
            ruling = mail.ruling(delivery.recipient)
            self._note_hits(delivery.recipient, ruling, mail)
            self._write_ruling(delivery, ruling)

    def _write_ruling(self, delivery, ruling):
        rules = ruling.destination.concat(*[rule for rule, _fitting in ruling.hits])
        if not rules:
            return
        delivery.rule_ids = rules
        if ruling.is_guard:
            delivery.rule_id = ruling.destination
        if new_tags := rules.tag_ids - self.tag_ids:
            self.tag_ids |= new_tags

    def _note_hits(self, recipient, ruling, mail):
        """Write into the trace which rules fit and why, once."""
        known = mail.steps if ruling.hits else ()
        for rule, fitting in ruling.hits:
            details = {
                "address": recipient,
                "rule": rule.name,
                "rule_id": rule.id,
                "conditions": [list(one._words()) for one in fitting],
            }
            if dict(details, step="rule", code="matched") not in known:
                mail.note("rule", "matched", **details)

    def _end_by_rule(self, match):
        """Return (state, reason code) of the end that the rule of a match has for its
        recipient, or None: there is none, or it leads to a document."""
        if not match.rule:
            return None
        if match.rule._is_broken():
            return "held", "rule_target"
        return ENDS.get(match.rule.action)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _condition_words(self, step):
        """Return a step's conditions in the reader's words."""
        phrase = self.env["mail.catchall.rule.condition"]._phrase
        return ", ".join(phrase(*words) for words in step.get("conditions", ()))
