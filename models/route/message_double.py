from odoo import models

#: What stops a mail for the way it came, or for who sent it just then. A copy that came
#: otherwise may be clean: it is no double of one that has this end.
STOPPED_BY_GUARD = frozenset(
    {
        "attack",
        "blocked",
        "burst",
        "forged_sender",
        "loop_delivered",
        "loop_guard",
        "loop_received",
        "rule_discard",
        "rule_hold",
        "spam",
        "suspicious",
        "trap",
        "trap_sender",
        "unchecked",
        "unproven_sender",
        "virus",
    }
)


class MailCatchallMessage(models.Model):
    """Doubles: a copy of a mail that has reached its end makes nothing.

    One that a guard has stopped has not: a copy of it goes through the guards, too. If
    it passes them it takes over the recipients, and the stopped one becomes its double;
    if not, it is a double, and one of them waits.
    """

    _inherit = "mail.catchall.message"

    def _guard_duplicate(self, mail):
        if mail.is_trial:
            return self._note_journalled(mail)
        if self._find_stopped(mail):
            return None
        if self.delivery_ids:
            return ("ignored", "duplicate") if self._only_doubles() else None
        earliest = self._find_earlier_copy(mail)
        if not earliest:
            return None
        mail.note("duplicate", "same_content", message=earliest.id)
        return "ignored", "duplicate"

    def _note_journalled(self, mail):
        """Note that the journal has this mail: only without it would happen what the
        trial goes on to find."""
        known = self.search(
            [("fingerprint", "in", self._with_former([self.fingerprint]))], limit=1
        )
        if known:
            mail.note("duplicate", "in_journal", message=known.id)

    def _find_earlier_copy(self, mail):
        """Return the first message with this content, empty when it is this one."""
        earliest = mail.batch.earliest.get(self.fingerprint, self.id)
        return self.browse(earliest if earliest < self.id else ())

    def _only_doubles(self):
        return all(one.state == "duplicate" for one in self.delivery_ids)

    def _end_among_copies(self, end, mail):
        """Return the end of a mail for which the guards have this one: a mere double is
        none of its own. What they let pass takes over what others were stopped with.

        :param end: (state, reason code), or None
        """
        if end is None:
            self._take_over(mail)
            return None
        return ("ignored", "duplicate") if self._is_mere_double(mail) else end

    def _is_mere_double(self, mail):
        """Tell whether others have all that this mail is for."""
        if mail.is_trial:
            return False
        if self.delivery_ids:
            return self._only_doubles()
        return bool(self._find_stopped(mail))

    def _find_stopped(self, mail):
        """Return {delivery, or this message: what a guard has stopped for it}.

        A message stands for itself where neither it nor the earlier copy has a
        recipient.
        """
        if self.delivery_ids:
            originals = {
                one: one._find_original()
                for one in self.delivery_ids
                if one.state == "duplicate"
            }
        else:
            earlier = self._find_earlier_copy(mail)
            originals = {} if earlier.delivery_ids else {self: earlier}
        return {
            one: original
            for one, original in originals.items()
            if original.state in {"held", "ignored"}
            and original.reason_code in STOPPED_BY_GUARD
        }

    def _take_over(self, mail):
        """Have this clean copy serve the recipients of those that a guard stopped."""
        if mail.is_trial:
            return
        stopped = self._find_stopped(mail)
        for mine, original in stopped.items():
            message = original
            if mine != self:
                message = original.message_id
                original.write(
                    {"state": "duplicate", "reason_code": False, "original_id": mine.id}
                )
                # One content has one recipient once, in the database, too.
                original.flush_recordset(["state"])
                mine.write({"state": "pending", "original_id": False})
            mail.note("duplicate", "clean_copy", message=message.id)
            message._end_as_double_of(self)

    def _end_as_double_of(self, copy):
        """Conclude a stopped message, some of whose recipients a clean copy serves."""
        self._note("duplicate", "served_by_copy", message=copy.id)
        if self._only_doubles():
            self.write({"state": "ignored", "reason_code": "duplicate"})
        self._conclude()
