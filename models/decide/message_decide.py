from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools.translate import LazyTranslate

from ...tools.inbound import bayes
from ...tools.mail import addresses, preview
from ..windows import window
from ..words import translated

_lt = LazyTranslate(__name__)

DECIDED_STATES = ("held", "failed", "dead")
# How a report names mails, and how many documents it links to.
NAMED_LENGTH = 60
NAMED_DOCUMENTS = 3
# What cannot be taken back once it is in the trace.
EFFECTS = frozenset(
    {
        ("answer", "sent"),
        ("deliver", "created"),
        ("deliver", "posted"),
        ("deliver", "same_document"),
        ("duplicate", "served_by_copy"),
        ("forward", "forwarded"),
    }
)
# What has said all when it has its name: the mail is gone.
ENDS = frozenset({"discard", "spam", "block", "reject"})
DONE = {
    "release": _lt("Released"),
    "not_spam": _lt("Not spam"),
    "allow": _lt("Sender allowed"),
    "discard": _lt("Discarded"),
    "spam": _lt("Discarded as spam"),
    "block": _lt("Blocked"),
    "reject": _lt("Rejected"),
    "choose": _lt("Routed"),
    "route_to": _lt("Routed"),
    "create_address": _lt("Address created"),
    "snooze": _lt("Snoozed"),
    "undo": _lt("Undone"),
}
# What the spam filter learns of a decision.
LESSONS = {
    "release": bayes.FINE,
    "not_spam": bayes.FINE,
    "allow": bayes.FINE,
    "choose": bayes.FINE,
    "route_to": bayes.FINE,
    "block": bayes.SPAM,
    "spam": bayes.SPAM,
    "undo": False,
}
# What the mail of an allowed sender is not held for.
PASSED_REASONS = (
    "auto_reply",
    "forged_sender",
    "unproven_sender",
    "spam",
    "suspicious",
    "unchecked",
    "loop_guard",
    "loop_received",
    "loop_delivered",
    "burst",
    "attack",
    "trap",
    "trap_sender",
)


class MailCatchallMessage(models.Model):
    """A person's decisions on messages that wait for one.

    Each is written into the trace with user, time and what was before, and can be
    taken back until its effect is out of the journal: until a document was made, or
    somebody was written to.
    """

    _inherit = "mail.catchall.message"

    released = fields.Boolean(
        readonly=True,
        help="A person released this email from the checks.",
    )
    decided_date = fields.Datetime("Decided", readonly=True, index="btree_not_null")
    decided_user_id = fields.Many2one(
        "res.users", "Decided By", readonly=True, ondelete="set null"
    )
    snoozed_until = fields.Datetime(
        readonly=True,
        help="Until then, Odoo asks nobody to decide about this email.",
    )
    decision_ids = fields.One2many(
        "mail.catchall.decision", "message_id", "Decisions", readonly=True
    )
    undoable = fields.Boolean(compute="_compute_undoable")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("trace", "state")
    def _compute_undoable(self):
        for message in self:
            message.undoable = bool(message._last_undoable())

    def _last_undoable(self):
        """Return the step of the last decision, if nothing has left the journal
        since; else None."""
        for step in reversed(self.trace or []):
            if (step["step"], step["code"]) in EFFECTS:
                return None
            if step["step"] == "person":
                return step if "before" in step else None
        return None

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_release(self):
        """Let held or ignored mail pass the guards that stopped it, and route it
        now."""
        return self._decidable(ignored=True)._let_pass("release")._report("release")

    def action_not_spam(self):
        """Release the mail, and believe no spam filter about its sender any more."""
        waiting = self._decidable()
        details = waiting._remember_senders("not_spam")
        return waiting._let_pass("not_spam", details)._report("not_spam")

    def action_allow_sender(self):
        """Allow the sender from now on, and release the mail, also what else waits of
        this sender for what an allowed one may do."""
        waiting = self._decidable()
        details = waiting._remember_senders("allow")
        (waiting._find_of_same_senders() - waiting)._release_later()
        return waiting._let_pass("allow", details)._report("allow")

    def action_discard(self):
        """Settle waiting mail without a document."""
        return self._decidable()._settle("discard", "discarded")._report("discard")

    def action_spam(self):
        """Say that the mail is spam, of which the filter learns: what waits is
        discarded, what is on a document stays there."""
        self._check_may_decide()
        waiting = self.filtered(lambda message: message.state in DECIDED_STATES)
        if waiting:
            waiting._decidable()._settle("spam", "discarded")
        for message in self - waiting:
            message._note_decision("spam")
        return self._report("spam")

    def action_block_sender(self):
        """Block the sender from now on, and discard the mail."""
        waiting = self._decidable()
        details = waiting._remember_senders("block")
        return waiting._settle("block", "blocked", details)._report("block")

    def action_block_domain(self):
        """Block everybody of the sender's domain, and discard the mail."""
        waiting = self._decidable()
        details = waiting._remember_senders("block", whole_domain=True)
        return waiting._settle("block", "blocked", details)._report("block")

    def action_undo(self):
        """Take the last decision back, where nothing has left the journal."""
        self._check_may_decide()
        self._take_in_hand()
        for message in self:
            step = message._last_undoable()
            if not step:
                raise UserError(
                    self.env._(
                        "The last decision on “%s” cannot be undone: the email has "
                        "made a document, or somebody else continued with it.",
                        message.subject or message.message_id,
                    )
                )
            message._undo(step)
        return self._report("undo")

    def action_route_to(self):
        """Ask where this mail goes."""
        self._decidable(ignored=True)
        context = {"default_waiting_ids": self.ids}
        # The web client presses no button in a line that is not saved.
        asked = self.env["mail.catchall.route.to"].with_context(**context).create({})
        return window(self.env, "route_to_action", res_id=asked.id, context=context)

    # ------------------------------------------------------------
    # WHO AND WHAT
    # ------------------------------------------------------------

    def _decidable(self, ignored=False):
        """Return those that wait for a person, for who may decide; nobody else works
        on them until the end of this transaction.

        :param ignored: whether those count that were ignored, while the mail is kept
        :raises UserError: when none does
        """
        self._check_may_decide()
        waiting = self.filtered(
            lambda message: (
                message.state in DECIDED_STATES
                or (ignored and message.state == "ignored" and message.raw_kept)
            )
        )
        if not waiting:
            raise UserError(
                self.env._("None of these messages waits for a decision.")
                if len(self) > 1
                else self.env._("This email waits for no decision: it has its end.")
            )
        waiting._take_in_hand()
        return waiting

    def _take_in_hand(self):
        """Lock the messages against other people and the routing lanes.

        :raises UserError: when one is being worked on
        """
        try:
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(self._busy()) from error
        if self.sudo().filtered("claim"):
            raise UserError(self._busy())

    def _busy(self):
        return self.env._("This email is being routed just now. Try again in a moment.")

    def _remember_senders(self, policy, whole_domain=False):
        """Write the senders into the list of blocked and allowed ones.

        :return: {message: what its step says of it}
        :raises UserError: when a mail names no sender, or an own domain is to be
            blocked
        """
        Sender = self.env["mail.catchall.sender"]
        patterns = {one: one._sender_pattern(whole_domain) for one in self}
        former = Sender._policies_of(set(patterns.values()), self.company_id)
        for pattern, company in {(patterns[one], one.company_id): None for one in self}:
            Sender._set(pattern, company, policy)
        return {
            one: {
                "sender": pattern,
                "policy": policy,
                "former": former.get((pattern, one.company_id), ""),
            }
            for one, pattern in patterns.items()
        }

    def _sender_pattern(self, whole_domain):
        if not self.sender:
            raise UserError(
                self.env._(
                    "“%s” names no sender.", self.subject or self.message_id or ""
                )
            )
        if not whole_domain:
            return self.sender
        domain = addresses.domain(self.sender)
        if domain in self.router_id._own_domains():
            raise UserError(
                self.env._("%s is your own domain and cannot be blocked.", domain)
            )
        return domain

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _note_decision(self, code, **details):
        """Write a person's decision into the trace, and as a row of its own."""
        now = fields.Datetime.now()
        self.sudo()._note(
            "person",
            code,
            user=self.env.user.name,
            user_id=self.env.uid,
            time=fields.Datetime.to_string(now),
            **details,
        )
        Decision = self.env["mail.catchall.decision"].sudo()
        Decision.create(Decision._prepare_values(self.sudo(), self.sudo().trace[-1]))
        self.sudo().write(
            {
                "decided_date": now,
                "decided_user_id": self.env.uid,
                # Any other decision wakes it.
                "snoozed_until": details.get("until", False),
            }
        )
        if code in LESSONS:
            self._teach(LESSONS[code])
            self._teach_engines(LESSONS[code])

    def _snapshot(self):
        """Return what a decision may change, as JSON: what `_undo` needs."""
        self_sudo = self.sudo()
        waiting = self_sudo.delivery_ids.filtered(lambda one: one.state != "delivered")
        return {
            "state": self_sudo.state,
            "reason_code": self_sudo.reason_code,
            "released": self_sudo.released,
            "snoozed_until": fields.Datetime.to_string(self_sudo.snoozed_until),
            "deliveries": {
                str(one.id): {
                    "state": one.state,
                    "reason_code": one.reason_code,
                    "matched_by": one.matched_by,
                    "alias_id": one.alias_id.id,
                    "rule_id": one.rule_id.id,
                    "forward_to": one.forward_to,
                    "model": one.model,
                    "res_id": one.res_id,
                }
                for one in waiting
            },
        }

    def _let_pass(self, code, details=None):
        """Route the messages now, past the guards that stopped them."""
        for message in self:
            message._note_decision(
                code, before=message._snapshot(), **(details or {}).get(message, {})
            )
        self.with_user(SUPERUSER_ID)._route_directed()
        return self

    def _settle(self, code, reason_code, details=None):
        """End the messages without a document."""
        for message in self:
            message._settle_by_person(
                code, reason_code, **(details or {}).get(message, {})
            )
        return self

    def _settle_by_person(self, code, reason_code, **details):
        message = self.sudo()
        self._note_decision(code, before=self._snapshot(), **details)
        message.delivery_ids.filtered(
            lambda one: one.state not in {"delivered", "duplicate"}
        ).write({"state": "ignored", "reason_code": reason_code})
        message.write(
            {
                "state": "ignored",
                "reason_code": reason_code,
                "next_attempt": False,
                "routed_date": fields.Datetime.now(),
            }
        )

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def _undo(self, step):
        """Put the journal and the list of senders back to where they were."""
        before = step["before"]
        message = self.sudo()
        for delivery in message.delivery_ids:
            if values := before["deliveries"].get(str(delivery.id)):
                delivery.write(values)
            elif delivery.state != "delivered":
                delivery.unlink()
        if "policy" in step:
            self.env["mail.catchall.sender"]._restore(
                step["sender"], self.company_id, step["policy"], step["former"]
            )
        message.write(
            {
                "state": before["state"],
                "reason_code": before["reason_code"],
                "released": before["released"],
                "next_attempt": False,
            }
        )
        self._note_decision("undo")
        message.write(
            {
                "decided_date": False,
                "decided_user_id": False,
                "snoozed_until": before.get("snoozed_until", False),
            }
        )

    # ------------------------------------------------------------
    # ROUTE TO
    # ------------------------------------------------------------

    def _route_to(self, alias=None, record=None, reader=None, note=""):
        """Route waiting mail to where a person has chosen.

        :param alias: ``mail.alias``, whose contact policy doesn't count then
        :param record: a record that takes mail
        :param reader: ``res.partner`` into whose real mailbox it goes on
        :param note: str, what the person says to the reader
        """
        chosen = record or alias or reader
        target = {
            "matched_by": "person",
            "reason_code": False,
            "state": "pending",
            "forward_to": reader.email_normalized if reader else False,
            "forward_note": note,
            "alias_id": alias.id if alias else False,
            "model": record._name if record else False,
            "res_id": record.id if record else False,
        }
        waiting = self._decidable(ignored=True)
        for message in waiting:
            message._note_decision(
                "route_to",
                before=message._snapshot(),
                target=chosen.display_name or "",
            )
            message.sudo()._reopen()
            message.sudo()._direct(target)
        waiting.with_user(SUPERUSER_ID)._route_directed()
        return waiting._report("route_to")

    def _direct(self, target):
        """Give the deliveries that wait this target; one of them, for one document
        is enough. A message that has none gets one."""
        waiting = self.delivery_ids.filtered(
            lambda one: one.state in ("held", "failed", "pending")
        )
        if not waiting:
            waiting = self.env["mail.catchall.delivery"].create(
                {
                    "message_id": self.id,
                    "fingerprint": self.fingerprint,
                    "recipient": "",
                    "must_settle": True,
                }
            )
        waiting.write(target)

    def _route_directed(self):
        self._reopen()
        self.released = True
        return self.action_route()

    def _reopen(self):
        """Let ignored mail wait again; what was forwarded stays so."""
        ignored = self.filtered(lambda one: one.state == "ignored")
        ignored.delivery_ids.filtered(
            lambda one: one.state == "ignored" and one.reason_code != "forwarded"
        ).write({"state": "held", "reason_code": False})
        ignored.write({"state": "held", "reason_code": False})

    # ------------------------------------------------------------
    # REPORT
    # ------------------------------------------------------------

    def _report(self, code, warning=""):
        """Return the action that tells a person what a decision has come to, and
        offers to take it back.

        :param code: of ``DONE``
        :param warning: str, what could not be done
        """
        is_undo = code == "undo"
        waiting = self.filtered(lambda one: one.state in DECIDED_STATES)
        is_done = is_undo or not (waiting or warning)
        undoable = self.browse() if is_undo else self.filtered("undoable")
        is_said = code in ENDS and is_done
        self._tell_changed()
        return {
            "type": "ir.actions.client",
            "tag": "mail_catchall_router.decided",
            "params": {
                "title": translated(self.env, DONE[code]),
                "about": self._named(),
                "message": "" if is_said else warning or self._in_words(),
                "documents": self._documents_made(),
                "type": "success" if is_done else "warning",
                "undo_ids": undoable.ids,
                "back_ids": self.ids if is_undo else [],
            },
        }

    def _named(self):
        """Return in words which messages were decided about."""
        if len(self) != 1:
            return self.env._("%s emails", len(self))
        return preview.short_line(self.subject, NAMED_LENGTH) or self.env._(
            "(no subject)"
        )

    def _documents_made(self):
        """Return what the messages have reached, as far as the user may see it: names
        and what opens them, the first few."""
        made = self.delivery_ids.filtered("record_name")[:NAMED_DOCUMENTS]
        return [
            {
                "name": preview.short_line(one.record_name, NAMED_LENGTH // 2),
                "model": one.model,
                "id": one.res_id,
            }
            for one in made
        ]

    def _in_words(self):
        """Return in words where the messages are now."""
        if len(self) == 1 and self.state != "delivered" and self.reason:
            return f"{self._state_label(self.state)}: {self.reason}"
        if len(self) == 1:
            return self._state_label(self.state)
        counts = {
            state: len(messages) for state, messages in self.grouped("state").items()
        }
        return ", ".join(
            f"{self._state_label(state)}: {count}" for state, count in counts.items()
        )

    # ------------------------------------------------------------
    # RELEASING MUCH AT ONCE
    # ------------------------------------------------------------

    def _find_of_same_senders(self):
        """Return the held mail of these messages' senders that is held for what an
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

    def _choose(self, candidate):
        """Send waiting mail to the candidate that a person has chosen.

        :param candidate: a ``mail.catchall.candidate`` of this message
        """
        message = self._decidable()
        message._note_decision(
            "choose", before=message._snapshot(), target=candidate.address
        )
        candidate.delivery_id.sudo().write(
            {
                "matched_by": "person",
                "alias_id": candidate.alias_id.id,
                "forward_to": candidate.forward_to,
                "forward_note": False,
                "model": False,
                "res_id": False,
            }
        )
        message.with_user(SUPERUSER_ID)._route_directed()
        return message._report("choose")
