from datetime import timedelta

from odoo import models

from ...tools.inbound import automatic, loops
from ...tools.mail import addresses
from ...tools.servers import engines

OWN_MAIL = ("ignored", "own_message")


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
        if verdict := self._settling_verdict(mail):
            verdicts = [verdict]
        else:
            verdicts = self._unwanted_verdicts(mail)
        for _state, reason_code in verdicts:
            mail.note("guard", reason_code)
        # False sorts before True: what is ignored before what is held.
        end = min(verdicts, key=lambda one: one[0] != "ignored", default=None)
        # Several copies of one mail are one decision.
        if not verdict or end[0] == "held":
            end = self._end_among_copies(end, mail)
        if not end and (end := self._guard_receipt(mail)):
            mail.note("guard", end[1])
        if end:
            self._settle_all(*end, mail)
        if end == OWN_MAIL:
            self._fail_returned(mail)
        return bool(end)

    def _settling_verdict(self, mail):
        """Return the verdict of the first guard that ends the work, or None."""
        found = (guard(mail) for guard in self._settling_guards())
        return next(filter(None, found), None)

    def _settling_guards(self):
        """Return the guards that end the work at once, in their order. A person who
        has released it knows better, but for a double, which would be made twice."""
        if self.released:
            return (self._guard_duplicate,)
        return (
            self._guard_probe,
            self._guard_own_token,
            self._guard_duplicate,
            self._guard_own_message,
            self._guard_probe_bounce,
            self._guard_bounce,
            self._guard_virus,
        )

    def _unwanted_guards(self):
        """Return the guards against unwanted mail, in their order."""
        return (
            self._guard_automatic,
            self._guard_forwarding,
            self._guard_sender,
            self._guard_authentication,
            self._guard_spam,
            self._guard_engines,
            self._guard_defence,
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
        if not verdicts or mail.passes_guards:
            return []
        return list(filter(None, [self._attack_verdict(mail), *verdicts]))

    # ------------------------------------------------------------
    # OWN MAIL
    # ------------------------------------------------------------

    def _guard_own_token(self, mail):
        """Stop a mail that is proven to be ours. One proof alone counts under our
        own name only: a program that answers may have copied it."""
        proofs = mail.own_proofs
        known = self.env["mail.message"]
        if not proofs or (len(proofs) == 1 and not mail.is_from_us(known)):
            return None
        for name in proofs:
            mail.note("own", "token", header=name, value=mail.headers.get(name))
        return OWN_MAIL

    def _guard_own_message(self, mail):
        """Stop a mail that Odoo itself has sent, or one that was routed before the
        router took the mailbox over.

        A Message-ID alone doesn't prove it: two different mails may carry the same.
        """
        known = mail.known
        own = known.filtered(lambda message: message.message_type != "email")
        if own and mail.is_from_us(own):
            return OWN_MAIL
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
            mail.note(
                "automatic", evidence.code, header=evidence.header, value=evidence.value
            )
        if mail.automatic_kind != "auto_reply" or mail.answers_something:
            return None
        # Words alone end nothing: people write them, too.
        is_sure = automatic.is_marked(mail.automatic)
        return self.router_id.auto_reply_policy if is_sure else "held", "auto_reply"

    def _guard_forwarding(self, mail):
        """Hold what a provider asks to confirm before it forwards mail to us: only a
        person knows whether somebody of us has set that up."""
        asked = mail.forwarding
        if asked is None:
            return None
        code = "asks" if mail.authenticated else "unproven"
        mail.note("forwarding", code, provider=asked.provider, value=asked.code)
        return "held", "forwarding"

    # ------------------------------------------------------------
    # SENDER
    # ------------------------------------------------------------

    def _guard_sender(self, mail):
        """Ignore a blocked sender. Anybody can write his name: where it is not proven,
        what a person seems to have written in the name of a contact, or on a document,
        waits."""
        if mail.sender_policy != "block":
            return None
        mail.note("sender", "blocked", address=self.sender)
        is_in_doubt = not mail.authenticated and not mail.automatic_kind
        if is_in_doubt and mail.is_vouched_for:
            mail.note("sender", "perhaps_forged", address=self.sender)
            return "held", "blocked"
        return "ignored", "blocked"

    # ------------------------------------------------------------
    # WHO WROTE IT
    # ------------------------------------------------------------

    def _guard_authentication(self, mail):
        """Stop a mail that claims to be from one of us and isn't, by the word of our
        own provider, or by our own proof. Without either, nobody is stopped."""
        if mail.proof:
            mail.note("proof", address=self.sender or "", **mail.proof.said)
        if mail.authenticated is not False or not mail.claims_to_be_one_of_us:
            return None
        verdicts = mail.verdicts
        # Without a word of the provider, our own proof has said it already.
        if verdicts.header:
            mail.note(
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
        for verdict in mail.condemning:
            mail.note("spam", verdict.kind, header=verdict.header, value=verdict.value)
        if not mail.condemning or self.router_id.spam_policy == "deliver":
            return None
        is_wanted = mail.forwarding and mail.authenticated
        if is_wanted or mail.sender_policy == "not_spam":
            return None
        return self.router_id.spam_policy, "spam"

    # ------------------------------------------------------------
    # ENGINES
    # ------------------------------------------------------------

    def _guard_virus(self, mail):
        """Hold what has a virus, whoever has sent it: he may not know it himself."""
        notes = self.sudo().engine_notes or []
        found = [one for one in notes if one["code"] == "virus"]
        for note in found:
            mail.note("engine", "virus", engine=note["engine"], value=note["value"])
        return ("held", "virus") if found else None

    def _guard_engines(self, mail):
        """Stop what an engine calls spam; hold what one was to look at that did not
        answer."""
        notes = self.sudo().engine_notes or []
        notes = engines.judged(notes, self.router_id.spam_threshold)
        for note in notes:
            shown = ("engine", "score", "value")
            details = {name: note[name] for name in shown if name in note}
            mail.note("engine", note["code"], **details)
        is_spam = any(one["code"] == "spam" for one in notes)
        policy = self.router_id.spam_policy
        if is_spam and policy != "deliver" and mail.sender_policy != "not_spam":
            return policy, "spam"
        is_unchecked = any(one["code"] == "awaited" for one in notes)
        return ("held", "unchecked") if is_unchecked else None

    # ------------------------------------------------------------
    # ROUND AND ROUND
    # ------------------------------------------------------------

    def _guard_received(self, mail):
        """Hold what has gone through more servers than any mail does (RFC 5321 6.3)."""
        count = loops.count_received(mail.headers)
        if count <= loops.MAX_RECEIVED:
            return None
        mail.note("loop", "received", count=count)
        return "held", "loop_received"

    def _guard_delivered_before(self, mail):
        """Hold what was in this mailbox before and has come back from outside."""
        if not loops.delivered_to_twice(mail.headers, mail.accounts, mail.trace):
            return None
        return "held", "loop_delivered"

    # ------------------------------------------------------------
    # BURSTS
    # ------------------------------------------------------------

    def _guard_burst(self, mail):
        """Hold the same mail over and over; the first ones have gone through."""
        router = self.router_id
        limit = router.burst_count
        if not limit or not mail.is_suspect("repeated", self.burst_key):
            return None
        # Copies of one mail for several recipients are one mail.
        earlier = self._read_group(
            [
                ("burst_key", "=", self.burst_key),
                ("router_id", "=", router.id),
                ("company_id", "=", self.company_id.id),
                *mail.arrived_within(timedelta(minutes=router.burst_minutes)),
                ("fingerprint", "!=", self.fingerprint),
            ],
            ["fingerprint"],
            limit=limit,
        )
        if len(earlier) < limit:
            return None
        mail.note("burst", "same_mail", count=limit, minutes=router.burst_minutes)
        return "held", "burst"
