from odoo import models

from ...tools.mail import addresses


class MailCatchallMessage(models.Model):
    """Guards: what settles a message before anybody looks for its recipients.

    A guard returns (state, reason code), or None to let the mail pass. It writes
    what it has found into the trace. Those of the first kind (a duplicate, own mail,
    a bounce) end the work at once. Those against unwanted mail all run, so that a
    person sees all reasons: the gravest end counts, of equals the first.
    """

    _inherit = "mail.catchall.message"

    def _guard(self, mail):
        """Tell whether a guard has settled the whole message."""
        # A person knows better, but for a double, which would be made twice.
        doubles = (self._guard_duplicate,)
        for guard in doubles if self.released else self._settling_guards():
            if verdict := guard(mail):
                self._settle_all(*verdict)
                return True
        if verdicts := self._unwanted_verdicts(mail):
            for _state, reason_code in verdicts:
                self._note("guard", reason_code)
            # False sorts before True: what is ignored before what is held.
            self._end_all(*min(verdicts, key=lambda one: one[0] != "ignored"))
        return bool(verdicts)

    def _settling_guards(self):
        """Return the guards that end the work at once, in their order."""
        return (
            self._guard_own_token,
            self._guard_duplicate,
            self._guard_own_message,
            self._guard_bounce,
        )

    def _unwanted_guards(self):
        """Return the guards against unwanted mail, in their order."""
        return (
            self._guard_automatic,
            self._guard_sender,
            self._guard_authentication,
            self._guard_spam,
            self._guard_rules,
            self._guard_received,
            self._guard_delivered_before,
            self._guard_trap,
            self._guard_attack,
            self._guard_burst,
        )

    def _unwanted_verdicts(self, mail):
        """Return the verdicts against the mail, [] when it passes."""
        found = [guard(mail) for guard in self._unwanted_guards()]
        verdicts = list(filter(None, found))
        if not verdicts or self._passes_guards(mail):
            return []
        return list(filter(None, [self._attack_verdict(mail), *verdicts]))

    # ------------------------------------------------------------
    # DUPLICATE
    # ------------------------------------------------------------

    def _guard_duplicate(self, mail):
        if self._is_trial():
            return self._note_journalled()
        if self.delivery_ids:
            states = set(self.delivery_ids.mapped("state"))
            return ("ignored", "duplicate") if states == {"duplicate"} else None
        earliest = mail.batch.earliest.get(self.fingerprint, self.id)
        if earliest >= self.id:
            return None
        self._note("duplicate", "same_content", message=earliest)
        return "ignored", "duplicate"

    # ------------------------------------------------------------
    # OWN MAIL
    # ------------------------------------------------------------

    def _guard_own_message(self, mail):
        """Stop a mail that Odoo itself has sent, or one that was routed before the
        router took the mailbox over.

        A Message-ID alone doesn't prove it: two different mails may carry the same.
        """
        known = mail.known
        own = known.filtered(lambda message: message.message_type != "email")
        if own and self._is_from_us(own):
            return "ignored", "own_message"
        before = known - own
        if before and not self._is_journalled() and self._looks_like(before):
            return "ignored", "duplicate"
        return None

    def _is_journalled(self):
        """Tell whether a mail with this Message-ID went through the journal, or was on
        its way when an attempt ended early."""
        return bool(
            self.env["mail.catchall.delivery"].search_count(
                [
                    ("message_id.message_id", "=", self.message_id),
                    "|",
                    ("state", "=", "delivered"),
                    ("matched_by", "!=", False),
                ],
                limit=1,
            )
        )

    def _looks_like(self, known):
        return any(
            addresses.normalize(message.email_from or "") == (self.sender or "")
            and (message.subject or "") == (self.subject or "")
            for message in known
        )

    # ------------------------------------------------------------
    # AUTOMATIC MAIL
    # ------------------------------------------------------------

    def _guard_automatic(self, mail):
        """Note why a mail is automatic; stop an automatic answer to nothing.

        Other automatic mail goes on: it reaches the record it belongs to, it only
        never gets an automatic answer.
        """
        for evidence in mail.automatic:
            self._note(
                "automatic", evidence.code, header=evidence.header, value=evidence.value
            )
        if mail.automatic_kind != "auto_reply" or self._answers_something(mail):
            return None
        return self.router_id.auto_reply_policy, "auto_reply"

    # ------------------------------------------------------------
    # SENDER
    # ------------------------------------------------------------

    def _guard_sender(self, mail):
        if mail.sender_policy != "block":
            return None
        self._note("sender", "blocked", address=self.sender)
        return "ignored", "blocked"

    # ------------------------------------------------------------
    # WHO WROTE IT
    # ------------------------------------------------------------

    def _guard_authentication(self, mail):
        """Stop a mail that claims to be from one of us and isn't, by the word of our
        own provider. Where he gives no verdict, nobody is stopped."""
        if mail.authenticated is not False or not self._claims_to_be_one_of_us():
            return None
        verdicts = mail.verdicts
        self._note(
            "authentication",
            "forged",
            address=self.sender,
            header=verdicts.header,
            value=verdicts.value,
        )
        if self.router_id.forged_policy == "outsider":
            return None
        return "held", "forged_sender"

    # ------------------------------------------------------------
    # SPAM
    # ------------------------------------------------------------

    def _guard_spam(self, mail):
        """Stop what our provider's filters call spam or a virus."""
        condemning = [one for one in mail.spam_verdicts if self._condemns(one)]
        for verdict in condemning:
            self._note("spam", verdict.kind, header=verdict.header, value=verdict.value)
        if not condemning or self.router_id.spam_policy == "deliver":
            return None
        if mail.sender_policy == "not_spam":
            return None
        return self.router_id.spam_policy, "spam"

    def _note_journalled(self):
        """Note that the journal has this mail: only without it would happen what the
        trial goes on to find."""
        known = self.search([("fingerprint", "=", self.fingerprint)], limit=1)
        if known:
            self._note("duplicate", "in_journal", message=known.id)
