import logging

from psycopg2.errors import QueryCanceled

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.mail import (
    decode_message_header,
    email_normalize,
    email_split_and_format,
)

from ...tools.inbound import authors
from ...tools.mail import addresses, mime
from ...tools.mail.headers import is_plausible
from ...tools.mail.read import read_message
from ...tools.mail.write import write_mail
from ...tools.runtime.checkpoints import reached
from ...tools.runtime.errors import describe
from ...tools.runtime.memo import forget, memo
from ...tools.runtime.time_limit import TimeLimitExceeded
from ...tools.runtime.transaction import Watch, survivable_savepoint
from ..reader_words import reader_words
from .mail_thread import ROUTED

_logger = logging.getLogger(__name__)

# So many documents of one mail are made in one transaction.
MOST_AT_ONCE = 40
# What an alias alone answers for, whoever else is written to.
ALIAS_MATCHES = frozenset({"alias", "plus_address"})


class MailCatchallMessage(models.Model):
    """Deliver: one recipient's mail onto its document, with core's own steps."""

    _inherit = "mail.catchall.message"

    def _deliver(self, matches, mail):
        """Deliver the mail to each recipient that something answers for.

        Of a mail for very many only the first documents are made; the other recipients
        wait for the next attempt, which comes at once.

        :param matches: {delivery: :class:`Match`}
        """
        if not matches:
            return
        core_mail = self._read_for_core(mail, self._author_for(matches, mail))
        if answers_to := mail.answers_to:
            proven = {"is_proven": bool(mail.authenticated)}
            self.write({"answers_to": answers_to, **proven})
        if core_mail.thread._detect_loop_headers(core_mail.parsed):
            mail.note("guard", "loop_answer")
            self._settle_all("ignored", "loop_answer", mail)
            return
        for number, (delivery, match) in enumerate(matches.items()):
            if len(mail.made) >= MOST_AT_ONCE and not mail.is_trial:
                mail.left.extend(list(matches)[number:])
                mail.note("deliver", "goes_on", count=len(mail.left))
                return
            self._attempt_delivery(delivery, match, core_mail)

    def _author_for(self, matches, mail):
        """Return the ``Author`` of the documents that a mail reaches. Where an alias
        takes mail of certain people only, From alone says who it is from.

        :param matches: {delivery: :class:`Match`}
        """
        contacts = {
            match.alias.alias_contact or "everyone" for match in matches.values()
        }
        author = mail.author
        if contacts != {"everyone"}:
            author = authors.written_author(mail.headers)
        if author.reason:
            mail.note(
                "author",
                author.reason,
                address=author.mailbox.address,
                written=mail.summary.email_from,
                header=author.header,
            )
        elif not mail.summary.email_from:
            mail.note("author", "nobody")
        return author

    def _read_for_core(self, mail, author):
        """Return the :class:`CoreMail` of a mail, as written by this ``Author``."""
        core_mail = self.env["mail.thread"]._catchall_read(
            self, mail, self._prepare_email_message(mail, author)
        )
        self._correct_date(core_mail.parsed)
        return core_mail

    def _correct_date(self, parsed):
        """Let the arrival of the mail count where nobody can have written it when its
        header says; the journal shows what that is."""
        written = fields.Datetime.to_datetime(parsed.get("date"))
        arrived = self.internal_date or self.create_date
        if written and arrived and not is_plausible(written, arrived):
            parsed["date"] = fields.Datetime.to_string(arrived)

    def _prepare_email_message(self, mail, author):
        """Return the ``EmailMessage`` that core gets, in the form in which it reads
        all that the mail says.

        Without the trace header Delivered-To, which core adds to the recipients
        and which names the mailbox, not the person it was meant for; with a
        Message-ID, which is the same at each attempt; and with the author in From
        whom the guards have judged.
        """
        read = read_message(
            mail.hand_over(),
            mail.headers,
            mail.raw,
            summary=mail.summary,
            words=reader_words(self.env),
        )
        email_message = write_mail(read)
        del email_message["Delivered-To"]
        if not mail.headers.get("Message-ID").strip():
            del email_message["Message-ID"]
            email_message["Message-ID"] = self.message_id
        self._name_author(email_message, mail.summary, author)
        return email_message

    def _name_author(self, email_message, summary, author):
        """Write the author whom the guards have judged into From, where core would
        read another one or none: `user_a@own <x@else>` is from x (RFC 5322 3.4).

        A From that core reads as the guards do stays as it came.
        """
        judged = author.mailbox.address
        if judged and self._author_for_core(email_message) == judged:
            return
        written = summary.email_from
        if author.reason:
            written = addresses.readable_address(author.mailbox.name, judged)
        # An address that core cannot read names nobody rather than somebody else; and
        # where nothing is named core would take the user who routes.
        nobody = summary.email_from.replace("@", " ").strip() or self.env._("Unknown")
        for value in (*((written, judged) if judged else ()), nobody):
            mime.replace_header(email_message, "From", value)
            if self._author_for_core(email_message) == judged:
                return

    def _author_for_core(self, email_message):
        """Return the address that core would take for the author's, or ""."""
        value = decode_message_header(email_message, "From", separator=",")
        found = email_split_and_format(value)
        return email_normalize(found[0] if found else value) or ""

    def _attempt_delivery(self, delivery, match, core_mail):
        """Deliver to one recipient under a savepoint: an error undoes no other.

        In a transaction that mails share there is none: an error undoes them all,
        and each is tried by itself. Nor is there one where nothing is asked of core.
        """
        # What somebody else's commit has made us forget.
        memo(self.env.cr, ROUTED).update(core_mail.routed)
        counted = self._known_loop(match, core_mail.mail)
        if core_mail.mail.batch.together:
            # As the end of a savepoint does: what core does before a commit it does in
            # the name of one sender, and before the next recipient's document.
            if core_mail.mail.attempted:
                self.env.cr.flush()
            core_mail.mail.attempted.append(delivery)
            self._deliver_one(delivery, match, core_mail, counted)
            return
        if counted:
            self._deliver_one(delivery, match, core_mail, counted)
            return
        try:
            # To clear the cache would lose a trial, which stands nowhere else.
            with survivable_savepoint(self.env.cr, flush=not core_mail.mail.is_trial):
                self._deliver_one(delivery, match, core_mail, counted)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, QueryCanceled, TimeLimitExceeded):
            raise
        except Exception as error:
            # One bad alias must not cost the other recipients their mail.
            forget(self.env.cr, keep=(ROUTED,))
            _logger.info(
                "%s: delivery %s failed", self.message_id, delivery.id, exc_info=True
            )
            self._fail_on(delivery, match, error, core_mail.mail)

    def _fail_on(self, delivery, match, error, mail):
        """Keep what one recipient's delivery raised."""
        delivery.write(
            {
                "state": "failed",
                "reason_code": "error",
                "error": describe(error),
            }
        )
        mail.note("deliver", "error", address=delivery.recipient)
        if match.alias and not mail.is_trial:
            match.alias.sudo().alias_status = "invalid"

    def _deliver_one(self, delivery, match, core_mail, counted):
        """Bring one recipient's mail onto its document, or hold it: for what
        ``_known_loop`` has ``counted``, or as the document wants it."""
        mail = core_mail.mail
        is_begun = self._is_begun(delivery, mail)
        self._keep_match(delivery, match, mail)
        end = self._end_by_rule(match)
        if obstacle := self._obstacle(match, end, counted, mail):
            reason, details = obstacle
            self._hold(delivery, reason, mail, **details)
            return
        if end:
            self._settle_by_rule(delivery, *end, mail)
            return
        if match.forward_to:
            if reason := self._forward(delivery, match.forward_to, mail):
                self._hold(delivery, reason, mail)
            return
        if twin := self._find_alias_twin(match, mail):
            self._settle_on(delivery, twin.model, twin.res_id, "same_document", mail)
            return
        routes = core_mail.thread._catchall_find_routes(delivery, match, core_mail)
        if not routes:
            if words := core_mail.thread._catchall_refusal():
                self._hold(delivery, "app_refused", mail, words=words)
            else:
                self._hold(delivery, "alias_contact", mail)
        elif twin := self._find_twin(delivery, routes[0], mail):
            self._settle_on(delivery, twin.model, twin.res_id, "same_document", mail)
        elif counted := self._loops_on(routes, core_mail):
            self._hold(delivery, "loop_guard", mail, **counted)
        else:
            made = is_begun and self._find_made(delivery, routes[0])
            self._process(delivery, match, routes, core_mail, made)

    def _obstacle(self, match, end, counted, mail):
        """Return (reason code, details) for which a recipient's mail waits for a
        person before anything is asked of core, or None.

        :param end: what ``_end_by_rule`` says
        :param counted: what ``_known_loop`` says
        """
        if counted:
            return "loop_guard", counted
        if end:
            state, reason_code = end
            return (reason_code, {"rule": match.rule.name}) if state == "held" else None
        if reason := self._reason_to_hold(match, mail):
            return reason, {}
        return None

    def _settle_by_rule(self, delivery, state, reason_code, mail):
        """Give a recipient the end that a rule has for it."""
        delivery.write({"state": state, "reason_code": reason_code})
        mail.note("rule", reason_code, address=delivery.recipient)

    def _settle_on(self, delivery, model, res_id, code, mail):
        """Keep which document a recipient's mail has reached."""
        delivery.write(
            {
                "state": "delivered",
                "model": model,
                "res_id": res_id,
                "reason_code": False,
                "error": False,
            }
        )
        mail.note(
            "deliver", code, address=delivery.recipient, model=model, res_id=res_id
        )
        mail.delivered_now.append(delivery)
        reached("delivered")

    def _is_begun(self, delivery, mail):
        """Tell whether an attempt that did not end may have committed something: the
        match stands on the delivery before anything is made."""
        return (
            bool(delivery.made_id or delivery.matched_by or self.attempt_count > 1)
            and not mail.is_trial
        )

    def _keep_match(self, delivery, match, mail):
        """Write down what answers for a recipient."""
        mail.note(
            "match",
            match.by,
            address=delivery.recipient,
            alias=match.alias.display_name or match.address,
            rule=match.rule.name if match.rule else "",
        )
        delivery.write(
            {
                "matched_by": match.by,
                "alias_id": match.alias.id,
                "rule_id": match.rule.id if match.rule else False,
            }
        )

    def _reason_to_hold(self, match, mail):
        """Return the reason code for which a match needs a person, or ""."""
        if mail.needs_proof(match):
            return "unproven_sender"
        if match.document and not self._is_there(match.document):
            return "deleted_document"
        return ""

    def _loops_on(self, routes, core_mail):
        """Return what core's guard against loops counted if these routes are too many
        for the sender, else None."""
        if core_mail.mail.passes_guards:
            return None
        model, thread_id, *_rest = routes[0]
        loops = core_mail.mail.loops
        if thread_id or model not in loops:
            counted = core_mail.thread._catchall_count_loop(core_mail, routes)
            if thread_id or not counted:
                return counted
            loops[model] = counted
        return loops[model]

    def _known_loop(self, match, mail):
        """Return what core's guard against loops has counted of the documents that an
        alias makes, if it was too many already and nothing else decides; else None."""
        alias = match.alias
        counted = mail.loops.get(alias.alias_model_id.model)
        if not counted or match.by not in ALIAS_MATCHES or alias.alias_force_thread_id:
            return None
        is_for_all = (alias.alias_contact or "everyone") == "everyone"
        is_reached = alias in self._delivered_copies(mail).alias_id
        return counted if is_for_all and not is_reached else None

    def _process(self, delivery, match, routes, core_mail, made):
        """Have core make the document, or the message on it.

        :param made: (model, id) if an attempt that did not end has done it already
        """
        mail = core_mail.mail
        acknowledged = self._claim_acknowledgement(match, routes[0], mail)
        if mail.is_trial:
            self._foresee(delivery, routes[0], mail)
            return
        code = "posted" if routes[0][1] else "created"
        target, is_begun = made, bool(delivery.made_id)
        watch = Watch(self.env.cr)
        if not target:
            routes = delivery.rule_ids._mark_new(self._onto_made(delivery, routes))
            target = self._make(delivery, routes, core_mail, watch)
            mail.made.append(target)
        if is_begun or watch.ended:
            core_mail.thread._catchall_finish(delivery)
        reached("record_created")
        self._settle_on(delivery, *target, code, mail)
        self._mark_guess(delivery, match)
        self._mark_test(delivery)
        self._heed(delivery, mail)
        self._acknowledge(delivery, acknowledged, mail)

    def _make(self, delivery, routes, core_mail, watch):
        """Have core do what the routes say; return (model, id) of the document.

        An app may commit or roll back in this. What it commits names the document on
        the delivery, so that a later attempt finds it.

        :param watch: the ``Watch`` over the transaction
        :raises UserError: when an app has undone the delivery itself
        """
        memo(self.env.cr, ROUTED)["delivery_id"] = delivery.id
        target = core_mail.thread._catchall_process(
            core_mail.message, core_mail.parsed, routes
        )
        if watch.ended and not (delivery.exists() and self._is_there(target)):
            raise UserError(
                self.env._(
                    "While %(model)s was receiving the email, an app rolled the "
                    "transaction back: nothing is left of it. Odoo retries the email.",
                    model=target[0],
                )
            )
        return target

    def _find_made(self, delivery, route):
        """Return (model, id) of the document that an attempt which did not end has
        made of this mail, or None.

        It has the mail on it already, under the Message-ID by which core stores it.
        """
        model, thread_id, *_rest = route
        elsewhere = self.env["mail.catchall.delivery"].search(
            [
                ("message_id.message_id", "=", self.message_id),
                ("id", "!=", delivery.id),
                ("model", "=", delivery.made_model or model),
                ("res_id", "!=", False),
            ]
        )
        domain = Domain("message_id", "=", self.message_id) & Domain(
            "create_date", ">=", delivery.create_date
        )
        domain &= Domain("model", "=", delivery.made_model or model)
        domain &= Domain("message_type", "=", "email")
        domain &= Domain("res_id", "not in", elsewhere.mapped("res_id"))
        if known := delivery.made_id or thread_id:
            domain &= Domain("res_id", "=", known)
        found = self.env["mail.message"].search(domain, order="id", limit=1)
        target = found and (found.model, found.res_id)
        return target if target and self._is_there(target) else None

    def _onto_made(self, delivery, routes):
        """Return the routes onto the document that an attempt which did not end has
        made, but not written the mail on; without one, the routes as they are."""
        made = (delivery.made_model, delivery.made_id)
        if not delivery.made_id or not self._is_there(made):
            return routes
        return [
            (*made, values, user_id, alias)
            for _model, _thread_id, values, user_id, alias in routes
        ]

    def _is_there(self, document):
        model, res_id = document
        return bool(self.env[model].browse(res_id).exists())

    def _find_twin(self, delivery, route, mail):
        """Return the delivery of the same content that reached what this route
        leads to: two addresses of one document, alias or rule make one message."""
        model, thread_id, _values, _user_id, alias = route
        delivered = self._delivered_copies(mail)
        if thread_id:
            return delivered.filtered(
                lambda one: one.model == model and one.res_id == thread_id
            )[:1]
        return (delivered - delivery).filtered(
            lambda one: (
                (alias and one.alias_id == alias)
                or (one.model == model and self._is_of_one_making(one, delivery))
            )
        )[:1]

    def _find_alias_twin(self, match, mail):
        """Return the delivery of this mail that reached what its alias makes, or an
        empty one: for a thousand addresses with a plus core is asked once."""
        none = self.delivery_ids.browse()
        if match.by not in ALIAS_MATCHES:
            return none
        twins = (
            one
            for one in self._delivered_copies(mail)
            if one.alias_id == match.alias
            and one.message_id == self
            and one.matched_by in ALIAS_MATCHES
        )
        return next(twins, none)

    def _is_of_one_making(self, one, other):
        """Tell whether one rule, or the policy for unknown addresses, has asked for
        a new document for both deliveries."""
        if one.matched_by == other.matched_by == "fallback":
            return True
        return bool(one.rule_id & other.rule_id)

    def _delivered_copies(self, mail):
        """Return the deliveries of this content that reached a document."""
        # Who was delivered to under a savepoint that is undone, was not; nor is there
        # a delivery any more whose transaction an app has rolled back.
        there = set(self.delivery_ids._ids)
        now = [one for one in mail.delivered_now if one.id in there]
        copies = mail.delivered_before.concat(*now)
        return copies.filtered(lambda one: one.state == "delivered")

    def _foresee(self, delivery, route, mail):
        """Note what delivering by core's route would do."""
        model, thread_id, *_rest = route
        delivery.write({"state": "delivered", "model": model, "res_id": thread_id})
        mail.delivered_now.append(delivery)
        mail.note(
            "deliver",
            "would_post" if thread_id else "would_create",
            address=delivery.recipient,
            model=model,
            res_id=thread_id or False,
        )

    def _mark_guess(self, delivery, match):
        """Say on the document that the address does not exist."""
        record = self.env[delivery.model].browse(delivery.res_id)
        if not hasattr(record, "_message_log"):
            return
        if match.by == "guess":
            record._message_log(
                body=self.env._(
                    "This email was sent to %(written)s, which does not exist. It "
                    "was read as %(meant)s.",
                    written=delivery.recipient,
                    meant=match.address,
                )
            )
        elif match.by == "fallback":
            record._message_log(
                body=self.env._(
                    "This email was sent to %(written)s, which does not exist.",
                    written=delivery.recipient,
                )
            )
