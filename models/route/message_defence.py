from dataclasses import dataclass

from odoo import SUPERUSER_ID, fields, models
from odoo.tools import SQL

from ...tools.inbound import bayes, defence, networks, signs
from ...tools.inbound.letter import Letter, letter_of
from ...tools.inbound.tokens import tokens
from ...tools.mail import addresses
from ...tools.servers import engines

# Of each sender: whether a contact has the address (one that this sender's own mail
# has made does not count), whether one of us has written to it, and whether mail of it
# was delivered before.
ACQUAINTANCES = """
    SELECT sender,
           EXISTS (SELECT FROM res_partner contact
                    WHERE contact.email_normalized = sender AND contact.active
                      AND (contact.create_uid != %(router)s OR NOT EXISTS (
                           SELECT FROM mail_catchall_message mail
                            WHERE mail.sender = contact.email_normalized
                              AND mail.id != ALL(%(messages)s)
                              AND mail.create_date <= contact.create_date))),
           EXISTS (SELECT FROM res_partner contact
                     JOIN mail_notification told ON told.res_partner_id = contact.id
                     JOIN mail_message written ON written.id = told.mail_message_id
                    WHERE contact.email_normalized = sender
                      AND told.notification_type = 'email'
                      AND written.message_type = 'comment'),
           EXISTS (SELECT FROM mail_catchall_message mail
                    WHERE mail.sender = senders.sender AND mail.state = 'delivered'
                      AND mail.lesson IS DISTINCT FROM 'spam'
                      AND mail.id != ALL(%(messages)s))
      FROM unnest(%(senders)s::text[]) senders(sender)"""


# The users' names, of whom there may be thousands: nothing else is read of them.
COLLEAGUES = """
    SELECT person.name, colleague.login, person.email_normalized
      FROM res_users colleague
      JOIN res_partner person ON person.id = colleague.partner_id
     WHERE colleague.active AND colleague.share IS NOT TRUE"""
# So much wanted mail the filter learns by itself, or as much as it knows of spam.
UNASKED = 200


@dataclass(frozen=True)
class Evidence:
    """What was read of one mail, and looked up, to judge it by."""

    letter: Letter
    is_contact: bool = False
    is_answered: bool = False
    is_seen: bool = False
    opinion: bayes.Opinion | None = None


class MailCatchallMessage(models.Model):
    """Defence: what the router sees of spam and forgery for itself."""

    _inherit = "mail.catchall.message"

    suspicion = fields.Float(
        "Points of Suspicion",
        digits=(16, 1),
        readonly=True,
        help="What speaks against this email, less what speaks for it. From 5 points "
        "on it is held, from 3 on it is delivered with a warning.",
    )
    warned = fields.Boolean(
        "Delivered with a Warning",
        readonly=True,
        help="The document that the email reached says what is suspicious.",
    )

    # Whether mail of a sender was delivered before: however much of it never was.
    _delivered_sender_idx = models.Index("(sender) WHERE state = 'delivered'")

    # ------------------------------------------------------------
    # LOOK-UP
    # ------------------------------------------------------------

    def _look_up_defence(self, mails, batch):
        """Fill ``batch.evidence`` for all mails that are looked at, in few statements.

        :param mails: {message: ``Mail``}
        """
        looked_at = {
            message: mail
            for message, mail in mails.items()
            if message._is_to_be_judged(mail)
        }
        if not looked_at:
            return
        letters = {
            message: letter_of(mail.parsed, mail.headers)
            for message, mail in looked_at.items()
        }
        totals = self.env["mail.catchall.token"]._totals()
        batch.learnt, opinions = totals[None], {}
        if batch.learnt.is_enough:
            opinions = self._opinions_on(letters, looked_at, totals)
        known = self._find_acquaintances(looked_at)
        for message, letter in letters.items():
            batch.evidence[message] = Evidence(
                letter, *known.get(message.sender, ()), opinion=opinions.get(message)
            )
        batch.people.update(self._find_people(batch.evidence.values()))

    def _is_to_be_judged(self, mail):
        """Tell whether nobody has said already what is to become of the mail: a person
        of its sender, the provider of its kind, or an attack that it is a part of.
        Floods consist of such mail."""
        router = self.router_id
        if mail.only_swells_attack or router.defence_policy == "off":
            return False
        is_decided = mail.passes_guards or mail.sender_policy == "block"
        is_spam = router.spam_policy != "deliver" and mail.condemning
        return not (is_decided or is_spam)

    def _is_unjudged(self, mail):
        """Tell whether the mail was not looked at and is to be judged all the same:
        there is something by now that may answer for it."""
        return self not in mail.batch.evidence and self._is_to_be_judged(mail)

    def _opinions_on(self, letters, mails, totals):
        """Return {message: ``bayes.Opinion``} of those whose router wants one.

        :param totals: of how many mails the filter knows, by company
        """
        companies = {
            message: mail.company
            for message, mail in mails.items()
            if message.router_id.uses_filter
        }
        found = {message: tokens(letters[message]) for message in companies}
        return self.env["mail.catchall.token"]._opinions(found, companies, totals)

    def _find_acquaintances(self, mails):
        """Return {sender: (is a contact, was answered, has written before)}."""
        senders = sorted({one.sender for one in mails if one.sender})
        if not senders:
            return {}
        self.flush_model(["sender", "state", "lesson"])
        self.env["res.partner"].flush_model(["name", "email_normalized", "active"])
        self.env["mail.notification"].flush_model()
        query = SQL(
            ACQUAINTANCES,
            router=SUPERUSER_ID,
            senders=senders,
            messages=[one.id or 0 for one in mails],
        )
        return {sender: facts for sender, *facts in self.env.execute_query(query)}

    def _find_people(self, evidence):
        """Return {name key: addresses} of our users whose names the mails' senders
        have, and of the names that routers guard."""
        wanted = {signs.name_key(one.letter.author.name) for one in evidence} - {""}
        if not wanted:
            return {}
        people = {}
        self.env["res.users"].flush_model(["login", "share", "active", "partner_id"])
        for name, login, email in self.env.execute_query(SQL(COLLEAGUES)):
            key = signs.name_key(name or "")
            if key in wanted:
                emails = {email or "", addresses.normalize(login)}
                people.setdefault(key, set()).update(emails)
        for router in self.router_id:
            for name in (router.guarded_names or "").splitlines():
                people.setdefault(signs.name_key(name), set())
        return {key: frozenset(found) for key, found in people.items() if key in wanted}

    # ------------------------------------------------------------
    # GUARD
    # ------------------------------------------------------------

    def _guard_defence(self, mail):
        """Hold what looks like spam or forgery by all that speaks for and against it;
        what looks a little like it is delivered with a warning."""
        evidence = mail.batch.evidence.get(self)
        if not evidence:
            return None
        judgement = self._judge(mail, evidence)
        for sign in judgement.signs:
            mail.note("defence", sign.code, value=sign.value, points=sign.weight)
        if judgement.opinion:
            self._note_opinion(judgement, mail)
        is_held = judgement.end == defence.HOLD
        is_held = is_held and self.router_id.defence_policy == "hold"
        is_warned = judgement.end != defence.DELIVER and not is_held
        mail.kept.update(suspicion=judgement.points, warned=is_warned)
        if not is_held or mail.sender_policy == "not_spam":
            return None
        return "held", "suspicious"

    def _judge(self, mail, evidence):
        """Return the ``defence.Judgement`` on a mail."""
        is_ours = mail.answers_something
        is_contact = evidence.is_contact or is_ours
        facts = signs.Facts(
            own_domains=frozenset(mail.own_domains),
            people=mail.batch.people,
            is_known=is_contact or evidence.is_answered,
            is_first=not evidence.is_seen,
            is_proven=mail.authenticated,
            is_inside=mail.is_internal or mail.was_submitted,
            recipients=len(mail.named),
            has_reverse_name=networks.has_reverse_name(mail.trace),
        )
        found = signs.find_signs(evidence.letter, facts, self.router_id._signs_off())
        return defence.judge(
            signs.confirmed(found, self._doubting_engine()),
            evidence.opinion,
            is_contact=is_contact,
            is_answered=evidence.is_answered,
        )

    def _doubting_engine(self):
        """Return the name of an engine that finds the mail suspicious, "" for none."""
        notes = self.sudo().engine_notes or []
        notes = engines.judged(notes, self.router_id.spam_threshold)
        return next((one["engine"] for one in notes if one["code"] == "doubt"), "")

    def _note_opinion(self, judgement, mail):
        opinion = judgement.opinion
        mail.note(
            "filter",
            "form" if opinion.by_form else opinion.verdict,
            percent=round(opinion.score * 100),
            clues=[[one.token, round(one.probability * 100)] for one in opinion.clues],
        )

    # ------------------------------------------------------------
    # DELIVERED
    # ------------------------------------------------------------

    def _heed(self, delivery, mail):
        """Warn on the document that a mail has reached, and learn from the mail."""
        self._warn_on(delivery, mail)
        self._teach_by_conversation(mail)

    def _teach_by_conversation(self, mail):
        """Have the filter learn of mail that belongs to a conversation, or is from
        somebody whom we know, until it knows enough of it beside what people decide."""
        evidence = mail.batch.evidence.get(self)
        is_wanted = evidence and (evidence.is_answered or mail.answers_something)
        if not is_wanted and not (evidence and evidence.is_contact):
            return
        learnt = mail.batch.learnt
        is_hungry = learnt.fine < max(UNASKED, learnt.spam)
        if is_hungry and not self._is_warned(mail) and mail.authenticated is not False:
            self._teach(bayes.FINE)

    def _warn_on(self, delivery, mail):
        """Say on the document what is suspicious about the mail."""
        record = self.env[delivery.model].browse(delivery.res_id)
        if not self._is_warned(mail) or not hasattr(record, "_message_log"):
            return
        lines = [
            self._sentence(step) for step in mail.steps if step["step"] == "defence"
        ]
        record._message_log(
            body=self.env._(
                "Be careful with this email: %(signs)s",
                signs=" ".join(filter(None, lines)) or self._reason_of_filter(),
            )
        )

    def _is_warned(self, mail):
        """Tell whether the mail is delivered with a warning."""
        return mail.kept.get("warned", self.warned)

    def _reason_of_filter(self):
        return self.env._("its words are those of spam.")
