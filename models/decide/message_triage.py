from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.mail import addresses, preview
from .mail_catchall_decision import FILTERED
from .message_decide import DECIDED_STATES
from .message_quarantine import SHOWN_LENGTH

PAGE = 80
# How far back a decision is looked for to be undone, and how many are looked at.
UNDO_WITHIN = timedelta(days=1)
UNDO_LOOKED_AT = 100

#: Nobody knows where it goes: a person says it, or makes the address.
WITHOUT_TARGET = frozenset({"unknown_recipient", "no_recipient", "only_account"})
#: Held because it may do harm, or because nobody waits for it.
UNWANTED = frozenset(
    {
        *("attack", "blocked", "burst", "forged_sender", "spam", "suspicious"),
        *("trap", "trap_sender", "unproven_sender", "auto_reply", "bounce_claimed"),
        "virus",
        *("bounce_doubtful", "bounce_unknown", "duplicate", "forward_loop"),
        *("loop_answer", "loop_delivered", "loop_guard", "loop_received"),
    }
)
# What people call the addresses that were probably meant, the likeliest first.
CHOICES = ("choose", "choose_second", "choose_third")
# Letting one of these pass can put a lie on a document: a person is asked first.
DANGEROUS = frozenset(
    {"attack", "blocked", "forged_sender", "spam", "suspicious", "trap", "virus"}
)
#: What stands in the tab for spam.
HARMFUL = frozenset({*FILTERED, "virus"})
#: Mail that a person reads one by one, and what is held for spam.
TABS = ("mail", "spam")


class MailCatchallMessage(models.Model):
    """The triage: what its screen shows of the mail that waits, and what it offers."""

    _inherit = "mail.catchall.message"

    likely_decision = fields.Char(compute="_compute_likely_decision")

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    @api.model
    def read_triage(
        self, search="", reason="", order="", limit=PAGE, tab="", domain=(), linked=0
    ):
        """Return what waits for a decision, as the screen lists it.

        :param search: words of the subject, the sender, a recipient or the text
        :param reason: code of ``REASONS``, "" for all
        :param order: "sender": mail of one sender stands together; else newest first
        :param tab: "spam": what is held for spam; "mail": all other mail; "" for both
        :param domain: list, of a favourite
        :param linked: id of a mail that is listed, too, as long as it waits at all
        :return: dict of ``rows``, ``count`` (of all), ``reasons`` of the tab and
            ``tabs`` (with counts), ``attacks``, ``snoozed``, ``may_decide`` and
            ``domain`` (list, what a favourite keeps of the choices)
        """
        chosen = Domain(domain) & self._triage_search(search)
        waiting = self._to_decide_domain()
        reasons = self._triage_reasons(waiting & chosen)
        tabs = _tabs(reasons)
        if tab in TABS:
            reasons = [one for one in reasons if _tab_of(one["code"]) == tab]
            chosen &= self._triage_tab(tab)
        chosen &= Domain("reason_code", "=", reason) if reason else Domain.TRUE
        shown = [one["count"] for one in reasons if reason in ("", one["code"])]
        return {
            "rows": self._listed_rows(waiting & chosen, order, limit, linked),
            "count": sum(shown),
            "reasons": reasons,
            "tabs": tabs,
            "attacks": self._triage_attacks(),
            "snoozed": self._count_snoozed(),
            "may_decide": self._is_decider(),
            "domain": list(chosen),
        }

    @api.model
    def _listed_rows(self, domain, order, limit, linked):
        """Return the rows of what is listed. The mail that a link names stands first
        where it waits elsewhere: snoozed, in an attack, or further down."""
        by = "sender, id desc" if order == "sender" else "id desc"
        listed = self.search(domain, limit=limit, order=by)
        waiting = Domain("id", "=", linked) & Domain("state", "in", DECIDED_STATES)
        named = self.search(waiting) if linked else self.browse()
        return (named - listed + listed)._triage_rows()

    @api.model
    def explain_linked(self, message_id):
        """Return why a mail that a link names is not listed.

        :return: dict of ``sentence`` and ``company`` (id; 0 unless it is the reason)
        """
        companies = self.env.user.company_ids
        everywhere = self.with_context(allowed_company_ids=companies.ids)
        message = everywhere.search([("id", "=", message_id)])
        company = message.company_id - self.env.companies
        if not message:
            sentence = self.env._(
                "This email no longer exists, or you may no longer see it."
            )
        elif company:
            sentence = self.env._(
                "This email is for %s. Choose this company, and it is shown.",
                company.name,
            )
        else:
            sentence = self.env._(
                "This email is no longer waiting: %s", message._in_words()
            )
        return {"sentence": sentence, "company": company.id or 0}

    @api.model
    def _triage_tab(self, tab):
        """Return the domain of one of ``TABS``."""
        harmful = Domain("reason_code", "in", sorted(HARMFUL))
        return harmful if tab == "spam" else ~harmful

    @api.model
    def _triage_search(self, words):
        words = (words or "").strip()
        return Domain("snippet", "ilike", words) if words else Domain.TRUE

    @api.model
    def _triage_reasons(self, waiting):
        labels = dict(self._fields["reason_code"]._description_selection(self.env))
        counts = self._read_group(waiting, ["reason_code"], ["__count"])
        return [
            {"code": code or "", "label": labels.get(code, ""), "count": count}
            for code, count in sorted(counts, key=lambda one: -one[1])
        ]

    @api.model
    def _triage_attacks(self):
        attacks = self.env["mail.catchall.attack"].search([("state", "=", "open")])
        return [
            {"id": one.id, "name": one.name, "count": one.message_count}
            for one in attacks
        ]

    def _triage_rows(self):
        """Return what the list shows of each message."""
        snippets = self._snippets()
        assigned = self._assigned()
        return [
            {
                **message._summary_shown(),
                **message._triage_offer(),
                "id": message.id,
                "sender_name": message._sender_shown(),
                "address": message.sender or "",
                "domain": addresses.domain(message.sender or ""),
                "snippet": snippets.get(message.id, ""),
                "recipients": message.recipients or "",
                "arrived": fields.Datetime.to_string(
                    message.arrived or message.create_date
                ),
                "has_files": message.has_files,
                "is_unread": message.is_unread,
                "state": message.state,
                "assigned": assigned.get(message.id, ""),
            }
            for message in self
        ]

    def _sender_shown(self):
        """Return what a person calls the sender: a name, else an address."""
        name = addresses.first_mailbox(self.email_from or "").name
        found = name or self.sender or self.email_from
        return preview.short_line(found, SHOWN_LENGTH) or self.env._("(no sender)")

    def _assigned(self):
        """Return {id: name of the colleague who has the next activity on it}."""
        activities = self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)],
            order="date_deadline DESC, id DESC",
        )
        return {one.res_id: one.user_id.name or "" for one in activities}

    # ------------------------------------------------------------
    # OFFER
    # ------------------------------------------------------------

    @api.depends("state", "reason_code", "candidate_ids", "raw_kept", "complete")
    def _compute_likely_decision(self):
        """Name the decision that a person probably wants, as the triage offers it
        first; the form has its button in blue."""
        waiting = self.filtered(lambda one: one.state in ("held", "failed", "dead"))
        (self - waiting).likely_decision = False
        for message in waiting:
            message.likely_decision = message._triage_offer()["primary"]

    def _triage_offer(self):
        """Return the decisions that make sense on this message: the first one that a
        person probably wants, and the others."""
        self.ensure_one()
        candidate = self.candidate_ids[:1] if self.state == "held" else None
        actions = self._triage_actions()
        primary = self._triage_primary(bool(candidate), actions)
        return {
            "primary": primary,
            "actions": [one for one in actions if one != primary],
            "candidate": candidate
            and {
                "id": candidate.id,
                "address": candidate.address,
                "is_forward": bool(candidate.forward_to),
            },
            "unknown": self._unknown_recipient(),
            "is_dangerous": self._is_dangerous(),
        }

    def _is_dangerous(self):
        """Tell whether a check has stopped the mail as forged, spam or an attack."""
        return bool(DANGEROUS.intersection(self.reason_codes or ()))

    def _target(self, choice):
        """Return the address that was probably meant, an empty one where nobody can
        tell.

        :param choice: one of `CHOICES`, by which people call them
        """
        number = CHOICES.index(choice)
        return self.candidate_ids[number : number + 1]

    def _choose_target(self, choice):
        """Send the mail to the address that was probably meant.

        :param choice: one of `CHOICES`
        :raises UserError: when there is none
        """
        candidate = self._target(choice)
        if not candidate:
            raise UserError(self.env._("Nobody knows which address was meant."))
        return candidate.action_choose()

    def _question_before(self, action):
        """Return what is said before a decision that can do harm, and how loudly; of
        others "" and "warning"."""
        if action != "release" or not self._is_dangerous():
            return "", "warning"
        question = self.env._(
            "A check has stopped this as forged, spam or part of an attack. Released, "
            "it is put on a document as if the sender were real, and your colleagues "
            "may answer it. Do you want that?"
        )
        return question, "danger"

    def _triage_primary(self, has_candidate, actions):
        if self.state in ("failed", "dead") and "retry" in actions:
            return "retry"
        if self.reason_code == "forwarding":
            return "confirm_forwarding"
        if self.reason_code in UNWANTED or "release" not in actions:
            return "choose" if has_candidate else self._triage_target(actions)
        return "release"

    def _triage_target(self, actions):
        """Return what is offered first where releasing is not."""
        if self.reason_code in UNWANTED:
            return "discard"
        offered = ("create_address", "route_to", "discard")
        return next(name for name in offered if name in actions)

    def _triage_actions(self):
        """Return the decisions that would change something, in the order of a menu."""
        kept = self.raw_kept and self.complete
        offered = (
            ("release", kept and self._is_releasable()),
            ("retry", kept and self.state in ("failed", "dead")),
            ("create_address", kept and self._unknown_recipient()),
            ("route_to", kept),
            ("not_spam", kept and self.sender and self.reason_code in FILTERED),
            ("allow_sender", kept and self.sender and self._is_releasable()),
            ("snooze", True),
            ("discard", True),
            ("spam", kept),
            ("reject", self.sender),
            ("block_sender", self.sender),
            ("block_domain", self.sender),
        )
        return [name for name, is_offered in offered if is_offered]

    def _is_releasable(self):
        """Tell whether a person who lets the mail pass changes its end: what nothing
        answers for has no place to go to, however far it is let."""
        return self.state == "held" and self.reason_code not in WITHOUT_TARGET

    def _unknown_recipient(self):
        """Return the address of ours that does not exist and waits for this mail."""
        waiting = self.delivery_ids.filtered(
            lambda one: one.state == "held" and one.reason_code == "unknown_recipient"
        )
        return waiting[:1].recipient or ""

    # ------------------------------------------------------------
    # ONE MAIL
    # ------------------------------------------------------------

    def read_triage_mail(self):
        """Return what the pane shows of one message: its text, files, recipients and
        why it waits; None when it is not there any more."""
        self.browse().check_access("read")
        message = self.exists()
        if not message:
            return None
        message.check_access("read")
        states = dict(
            self.env["mail.catchall.delivery"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        return {
            **message._triage_rows()[0],
            "state_label": message._state_label(message.state),
            "reason": message.reason or "",
            "preview": str(message.preview or ""),
            "raw_kept": message.raw_kept,
            "files": (message.attachment_names or "").splitlines(),
            "why": message.why,
            "deliveries": [
                {
                    "id": one.id,
                    "recipient": one.recipient or "",
                    "state": states[one.state],
                    "document": one.record_name or "",
                }
                for one in message.delivery_ids
            ],
        }

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    @api.model
    def undo_last(self):
        """Take back this user's last decision that can be, wherever the user is now;
        what was decided at once is taken back at once.

        :return: as ``action_undo``
        :raises UserError: when there is none of the last day
        """
        self._check_may_decide()
        decisions = self.env["mail.catchall.decision"].search(
            [
                ("user_id", "=", self.env.uid),
                ("date", ">=", fields.Datetime.now() - UNDO_WITHIN),
            ],
            limit=UNDO_LOOKED_AT,
        )
        at_once = decisions.grouped(lambda one: (one.create_date, one.code))
        for (_moment, code), together in at_once.items():
            messages = together.message_id
            if undoable := messages.filtered(lambda one, code=code: _last(one, code)):
                return undoable.action_undo()
        raise UserError(self.env._("There is no decision of yours left to undo."))


def _last(message, code):
    """Tell whether this decision is the message's last one, and can be taken back."""
    step = message._last_undoable()
    return bool(message.undoable and step and step["code"] == code)


def _tab_of(code):
    """Return the tab in which mail stands that is held for this reason."""
    return "spam" if code in HARMFUL else "mail"


def _tabs(reasons):
    """Return {tab: how many mails stand in it}."""
    counts = dict.fromkeys(TABS, 0)
    for one in reasons:
        counts[_tab_of(one["code"])] += one["count"]
    return counts
