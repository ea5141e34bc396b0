import logging
from dataclasses import dataclass

from psycopg2.errors import QueryCanceled

from odoo import fields, models
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools.inbound import recipients as recipient_tools
from ...tools.mail import addresses, mime
from ...tools.outbound import reply_address
from ...tools.runtime.checkpoints import reached
from ...tools.runtime.memo import forget
from ...tools.runtime.time_limit import TimeLimitExceeded
from .mail_thread import ROUTED

_logger = logging.getLogger(__name__)

OPEN_DELIVERIES = ("pending", "failed")


@dataclass(frozen=True)
class Match:
    """What answers for a recipient: ``by`` is a ``matched_by``, ``address`` the
    recipient that core's routing is given, ``alias`` a ``mail.alias`` or empty.

    ``document`` is (model name, id) where the match names one; ``new_in`` is
    (model name, dict of defaults) where it asks for a new document without an alias;
    ``forward_to`` the real mailbox of a person where it asks for no document at all.
    ``rule`` is the ``mail.catchall.rule`` that made the match, or empty.
    """

    by: str
    address: str
    alias: models.Model
    document: tuple = ()
    new_in: tuple = ()
    rule: models.Model | tuple = ()
    forward_to: str = ""


class MailCatchallMessage(models.Model):
    """Routing of one message: guards, recipients, match, deliver, conclude.

    All of it is one transaction, with a savepoint per recipient where the mail does not
    share it with others. Nothing here talks SMTP or IMAP: what core wants to send is
    queued.
    """

    _inherit = "mail.catchall.message"

    def _route(self):
        """Bring the message to an end that is explained; no commit."""
        self.ensure_one()
        self._route_mail(self._begin()[self])

    def _begin(self, batch=None):
        """Read these messages and open their deliveries.

        :param batch: the ``Batch`` that they belong to, or None for one of their own
        :return: {message: ``Mail``}
        """
        mails = self._read_mails(batch)
        self._open_deliveries(mails)
        return mails

    def _route_mail(self, mail):
        """Bring the message to its end, for what was read of it."""
        message = self.with_company(mail.company)
        if not message._guard(mail):
            message._deliver(mail)
        message._conclude()

    # ------------------------------------------------------------
    # DELIVERIES
    # ------------------------------------------------------------

    def _open_deliveries(self, mails):
        """Write down who must be settled, once; later attempts find them there.

        A recipient whose copy of the same content has a delivery already gets one
        that is linked to it.

        :param mails: {message: ``Mail``}
        """
        values_list = []
        for message, mail in mails.items():
            if message.trace:
                message._note("route", "again")
            message.company_id = mail.company
            if not message.delivery_ids:
                values_list += message._prepare_opening(mail)
        # What was to make room for them comes before them.
        self.env["mail.catchall.delivery"].flush_model(["digest", "recipient", "state"])
        self._add_deliveries(values_list)

    def _prepare_opening(self, mail):
        """Answer the values of the deliveries that a mail opens with, and note who
        they are for."""
        found = mail.recipients.must_settle
        code = "original" if mail.recipients.original_known else "named"
        for one in found:
            self._note("recipient", code, **self._evidence(one))
        return [
            self._prepare_delivery_values(one, mail.originals.get(one.address))
            for one in found
        ]

    def _add_deliveries(self, values_list):
        """Answer new deliveries of this message; a trial's are as little stored as
        the message itself."""
        if not self._is_trial():
            return self.env["mail.catchall.delivery"].create(values_list)
        before = self.delivery_ids
        self.delivery_ids = [Command.create(values) for values in values_list]
        return self.delivery_ids - before

    def _open_delivery_ids(self):
        """Answer the deliveries that have no end yet."""
        return self.delivery_ids.filtered(lambda one: one.state in OPEN_DELIVERIES)

    def _prepare_delivery_values(self, found, original=None, must_settle=True):
        return {
            "message_id": self.id,
            "company_id": self.company_id.id,
            "router_id": self.router_id.id,
            "digest": self.digest,
            "recipient": found.address,
            "must_settle": must_settle,
            "header": found.header,
            "state": "duplicate" if original else "pending",
            "original_id": original.id if original else False,
        }

    # ------------------------------------------------------------
    # MATCH
    # ------------------------------------------------------------

    def _directed(self, delivery):
        """Answer the :class:`Match` that a person has chosen, or None."""
        if delivery.matched_by != "person":
            return None
        return Match(
            "person",
            delivery.recipient,
            delivery.alias_id,
            forward_to=delivery.forward_to or "",
        )

    def _match(self, recipient, mail):
        """Answer the :class:`Match` of one own address, or None.

        :param recipient: normalised address on an own domain
        """
        known = self._match_address(recipient, mail)
        return self._match_rule(recipient, mail, known) or known

    def _match_address(self, recipient, mail):
        """Answer the :class:`Match` of one own address without the rules, or None."""
        if document := self._find_named_document(recipient, mail):
            return Match(
                "reply_address",
                recipient,
                self._alias_shown_in(recipient, document[0]),
                document,
            )
        alias = self._known_alias(recipient, mail)
        if mail.parent and not self._forwards_elsewhere(recipient, alias, mail):
            return Match("reference", recipient, alias)
        if alias:
            return Match("alias", recipient, alias)
        base = addresses.base_of_plus(recipient)
        if base and (alias := self._known_alias(base, mail)):
            return Match("plus_address", base, alias)
        return None

    def _known_alias(self, address, mail):
        """Answer the alias for an address, from what was looked up for the mail."""
        changes = self.env["mail.alias.domain"]._catchall_alias_changes()
        if address in mail.aliases and changes == mail.batch.alias_changes:
            return mail.aliases[address]
        return self._find_alias(address)

    def _find_named_document(self, recipient, mail):
        """Answer the (model name, id) of the document that a signed reply address
        names; or a signed bounce address, to which absence notes come. Else None."""
        signed = mail.signed_bounce
        if signed and signed.address == recipient:
            return signed.document
        return self.router_id._find_signed_document(recipient)

    def _answers_something(self, mail):
        """Answer whether the mail belongs to a document of ours."""
        return bool(mail.parent) or any(
            self._find_named_document(one.address, mail)
            for one in mail.recipients.must_settle
        )

    def _find_alias(self, address):
        """Answer the alias for an address, or an empty one."""
        return self._find_aliases([address])[address]

    def _alias_shown_in(self, signed, model):
        """Answer the alias in whose name a document's signed address was made: its
        contact policy applies to answers too."""
        aliases = self.env["mail.alias"].search(
            [
                ("alias_contact", "!=", "everyone"),
                ("alias_model_id.model", "=", model),
                ("alias_domain_id", "in", self.router_id.sudo().alias_domain_ids.ids),
            ]
        )
        return aliases.filtered(
            lambda alias: reply_address.shows(signed, alias.alias_name or "")
        )[:1]

    def _forwards_elsewhere(self, recipient, alias, mail):
        """Answer whether an answer is addressed, not only copied, to an alias of
        another kind of document: core takes that for a new mail to the alias."""
        if not alias or recipient_tools.is_cc_only(mail.headers, recipient):
            return False
        return alias.alias_model_id.model != mail.parent.model

    # ------------------------------------------------------------
    # DELIVER
    # ------------------------------------------------------------

    def _deliver(self, mail):
        matches = self._find_matches(mail)
        pending = self.delivery_ids.browse().concat(*matches)
        pending -= self._stop_attack(matches, mail)
        self._apply_rules(pending, mail)
        self._settle_unmatched(
            pending.filtered(lambda delivery: not matches[delivery]), mail
        )
        if not any(matches[delivery] for delivery in pending):
            return
        thread = self.env["mail.thread"]._catchall_thread(self, mail)
        email_message, parsed = thread._catchall_parse(
            self._prepare_email_message(mail), mail.raw, self.fetchmail_server_id
        )
        if thread._detect_loop_headers(parsed):
            self._settle_all("ignored", "loop_answer")
            return
        for delivery in pending.filtered(matches.get):
            self._attempt_delivery(
                delivery, matches[delivery], thread, email_message, parsed, mail
            )

    def _find_matches(self, mail):
        """Answer {delivery: :class:`Match` or None} of all that have no end yet."""
        pending = self._open_delivery_ids()
        return {
            delivery: self._directed(delivery)
            or self._match(delivery.recipient, mail)
            or self._guess(delivery, mail)
            or self._fallback(delivery, mail)
            for delivery in pending
        } | self._add_named_recipients(mail)

    def _add_named_recipients(self, mail):
        """Add deliveries for To and Cc addresses that something answers for; answer
        {delivery: :class:`Match`} of them.

        Their own copy of the mail may arrive too: it finds them settled.
        """
        known = {*self.delivery_ids.mapped("recipient"), *mail.originals}
        named = [one for one in mail.recipients.may_match if one.address not in known]
        matches = {
            found: match
            for found in named
            if (match := self._match(found.address, mail))
        }
        deliveries = self._add_deliveries(
            [
                self._prepare_delivery_values(found, must_settle=False)
                for found in matches
            ]
        )
        for found in matches:
            self._note("recipient", "may_match", **self._evidence(found))
        return dict(zip(deliveries, matches.values(), strict=True))

    def _prepare_email_message(self, mail):
        """Answer the ``EmailMessage`` that core gets.

        Without the trace header Delivered-To, which core adds to the recipients
        and which names the mailbox, not the person it was meant for; with a
        Message-ID, which is the same at each attempt.
        """
        email_message = mime.parse(mail.raw)
        del email_message["Delivered-To"]
        if not mail.headers.get("Message-ID").strip():
            del email_message["Message-ID"]
            email_message["Message-ID"] = self.message_id
        return email_message

    def _attempt_delivery(self, delivery, match, thread, email_message, parsed, mail):
        """Deliver to one recipient under a savepoint: what raises undoes no other.

        In a transaction that mails share there is none: what raises undoes them all,
        and each is tried by itself.
        """
        if mail.batch.together:
            self._deliver_one(delivery, match, thread, email_message, parsed, mail)
            # As the end of a savepoint does: what core does before a commit it does in
            # the name of one sender, and before the next recipient's document.
            self.env.cr.flush()
            return
        try:
            # To clear the cache would lose a trial, which stands nowhere else.
            with self.env.cr.savepoint(flush=not self._is_trial()):
                self._deliver_one(delivery, match, thread, email_message, parsed, mail)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, QueryCanceled, TimeLimitExceeded):
            raise
        except Exception as error:
            # One bad alias must not cost the other recipients their mail.
            forget(self.env.cr, keep=(ROUTED,))
            _logger.info(
                "%s: delivery %s failed", self.message_id, delivery.id, exc_info=True
            )
            delivery.write(
                {
                    "state": "failed",
                    "reason_code": "error",
                    "error": self._format_error(error),
                }
            )
            self._note("deliver", "error", address=delivery.recipient)
            if match.alias and not self._is_trial():
                match.alias.sudo().alias_status = "invalid"

    def _deliver_one(self, delivery, match, thread, email_message, parsed, mail):
        self._note(
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
        if self._settle_by_rule(delivery, match):
            return
        if self._needs_proof(match, mail):
            self._hold(delivery, "unproven_sender")
            return
        if match.document and not self._is_there(match.document):
            self._hold(delivery, "deleted_document")
            return
        if match.forward_to:
            self._forward(delivery, match.forward_to)
            return
        routes = self._find_routes(delivery, match, thread, email_message, parsed, mail)
        if not routes:
            self._hold(delivery, "alias_contact")
        elif twin := self._find_twin(delivery, routes[0], mail):
            self._settle_on(delivery, twin.model, twin.res_id, "same_document")
        elif not self._passes_guards(mail) and thread._catchall_is_loop(
            email_message, parsed, routes
        ):
            counted = thread._catchall_count_loop(parsed, routes[0])
            self._hold(delivery, "loop_guard", **counted)
        else:
            acknowledged = self._claim_acknowledgement(match, routes[0], mail)
            if self._is_trial():
                self._foresee(delivery, routes[0])
                return
            routes = self._mark_new(delivery, routes)
            target = thread._catchall_process(email_message, parsed, routes)
            reached("record_created")
            code = "posted" if routes[0][1] else "created"
            self._settle_on(delivery, *target, code)
            self._mark_guess(delivery, match)
            self._acknowledge(delivery, acknowledged, mail)

    def _find_routes(self, delivery, match, thread, email_message, parsed, mail):
        """Answer core's routes for a match; [] when its alias refuses the sender."""
        if match.by == "person":
            return thread._catchall_routes_to(parsed, delivery)
        if match.new_in:
            return thread._catchall_routes_new(parsed, *match.new_in)
        if match.by == "rule" and match.alias:
            return thread._catchall_routes_by_alias(email_message, parsed, match.alias)
        if match.document:
            return thread._catchall_routes_on(
                email_message, parsed, match.document, match.alias
            )
        cc_only = recipient_tools.is_cc_only(mail.headers, delivery.recipient)
        return thread._catchall_routes(email_message, parsed, match.address, cc_only)

    def _is_there(self, document):
        model, res_id = document
        return bool(self.env[model].browse(res_id).exists())

    def _find_twin(self, delivery, route, mail):
        """Answer the delivery of the same content that reached what this route
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

    def _is_of_one_making(self, one, other):
        """Answer whether one rule, or the policy for unknown addresses, has asked for
        a new document for both deliveries."""
        if one.matched_by == other.matched_by == "fallback":
            return True
        return bool(one.rule_id & other.rule_id)

    def _delivered_copies(self, mail):
        """Answer the deliveries of this content that reached a document."""
        copies = self.delivery_ids | mail.copies
        return copies.filtered(lambda one: one.state == "delivered")

    def _settle_on(self, delivery, model, res_id, code):
        delivery.write(
            {
                "state": "delivered",
                "model": model,
                "res_id": res_id,
                "reason_code": False,
                "error": False,
            }
        )
        self._note(
            "deliver", code, address=delivery.recipient, model=model, res_id=res_id
        )
        reached("delivered")

    # ------------------------------------------------------------
    # HOLD
    # ------------------------------------------------------------

    def _hold(self, delivery, reason_code, **details):
        delivery.write({"state": "held", "reason_code": reason_code})
        self._note("hold", reason_code, address=delivery.recipient, **details)

    # ------------------------------------------------------------
    # CONCLUDE
    # ------------------------------------------------------------

    def _conclude(self):
        """Write the message's state, which follows from its deliveries."""
        values = {
            "routed_date": fields.Datetime.now(),
            "next_attempt": False,
            "claim": False,
            "crash_count": 0,
            "error": False,
            "reason_code": self.reason_code,
        }
        failed = self.delivery_ids.filtered(lambda one: one.state == "failed")
        if failed:
            self._register_failure(failed[0].error)
            return
        state, reason_code = self._end_of(self.delivery_ids)
        values.update(self._prepare_delay_values(state, values["routed_date"]))
        self.write(dict(values, state=state, reason_code=reason_code))

    def _end_of(self, deliveries):
        """Answer (state, reason code) that these settled deliveries make."""
        if held := deliveries.filtered(lambda one: one.state == "held"):
            return "held", held[0].reason_code
        if deliveries.filtered(lambda one: one.state == "delivered"):
            return "delivered", False
        if deliveries or self.reason_code:
            found = filter(None, deliveries.mapped("reason_code"))
            return "ignored", next(found, self.reason_code)
        self._note("hold", "no_recipient")
        return "held", "no_recipient"

    # ------------------------------------------------------------
    # TRACE
    # ------------------------------------------------------------

    def _note(self, step, code, **details):
        """Add a decision to the message's trace, which "why" shows in words."""
        self.trace = [*(self.trace or []), dict(details, step=step, code=code)]

    def _evidence(self, found):
        return {"address": found.address, "header": found.header, "value": found.value}
