"""What routing reads of one mail, and what was looked up for it: plain Python."""

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from odoo import models
from odoo.tools import html2plaintext

from ...tools.inbound import (
    authentication,
    authors,
    automatic,
    bounce_proof,
    bounces,
    conditions,
    forwarding,
    loops,
    networks,
    profiles,
    receipts,
    spam,
    trust,
)
from ...tools.inbound import recipients as recipient_tools
from ...tools.inbound.proof.verdict import Proof
from ...tools.mail import addresses, mime
from ...tools.mail import headers as header_tools
from ...tools.mail.read import read_message
from .batch import Batch, SignedBounce
from .mail_catchall_rule import Ruling

READ_LIMIT = 20_000  # characters of a text in which a program says that it wrote it
MOST_NOTED = 100  # of one kind of decision on one mail
# What depends on the proof of who has sent a mail.
OF_PROOF = ("proof", "authenticated")
# What is kept of mail of an attack.
OF_ATTACK = {"attack_id", "network", "unknown_address"}
REFERENCES_LIMIT = 32  # the newest are last, RFC 5322 3.6.4; core looks at as many


@dataclass(frozen=True)
class Content:
    """A mail, or the beginning of one: headers, summary, what our own servers wrote on
    it, and the ``Proof`` that Odoo has found of who sent it, or None."""

    raw: bytes
    headers: header_tools.Headers
    summary: header_tools.Summary
    own_hosts: frozenset
    authserv_ids: frozenset
    profile: profiles.Profile | None
    proof: Proof | None = field(default=None, kw_only=True)

    def proven(self, proof):
        """Return the same mail with this ``Proof``, or None, and all that was read of
        it so far."""
        if proof == self.proof:
            return self
        content = replace(self, proof=proof)
        known = {name: one for name, one in vars(self).items() if name not in OF_PROOF}
        vars(content).update(known)
        return content

    @cached_property
    def parsed(self):
        """The mail's parts, an ``EmailMessage`` that nobody may change."""
        return mime.parse(self.raw)

    def hand_over(self):
        """Return its parts for somebody who changes them, as core does. They go with
        him: whoever asks later has the mail parsed once more."""
        parsed = self.parsed
        del vars(self)["parsed"]
        return parsed

    @cached_property
    def trace(self):
        """The ``Field`` tuple that our own servers wrote on top."""
        return trust.trusted_trace(self.headers, self.own_hosts, self.profile)

    @cached_property
    def verdicts(self):
        """What our own servers say of who wrote it, RFC 8601."""
        return authentication.read_verdicts(
            self.trace, self.authserv_ids, headers=self.headers
        )

    @cached_property
    def authenticated(self):
        """Whether it comes from the domain in From; None when nobody says, as of mail
        within one organisation, which its provider does not check.

        The provider's word goes first; where it has none, our own proof counts.
        """
        if self.is_internal:
            return None
        sender_domain = addresses.domain(addresses.normalize(self.summary.email_from))
        told = authentication.is_authenticated(self.verdicts, sender_domain)
        return self._own_word(sender_domain) if told is None else told

    def _own_word(self, sender_domain):
        """Return what our own proof says of mail from a domain, None for nothing."""
        proof = self.proof
        if proof is None or (proof.real and proof.author != sender_domain):
            return None
        return proof.real

    @cached_property
    def comes_from_inside(self):
        """Whether our own servers wrote it, as they write reports on deliveries."""
        return self.is_internal or bounce_proof.comes_from_inside(
            self.headers, self.trace
        )

    @cached_property
    def is_internal(self):
        """Whether its provider says that a colleague has sent it."""
        profile = trust.profile_of(self.trace)
        return bool(profile) and authentication.is_internal(self.headers, profile)

    @cached_property
    def spam_verdicts(self):
        """What our provider's filters say of it."""
        return spam.read_spam(self.trace, self.headers)

    @cached_property
    def network(self):
        """The network from which our provider's server had it, "" if unknown."""
        return networks.sender_network(self.trace)

    @cached_property
    def came_from_outside(self):
        """Whether our provider's server had it from the Internet, or none had it: who
        handed it over may have written all of it."""
        return bool(self.network) or networks.was_seen_by_no_server(self.trace)

    @cached_property
    def was_submitted(self):
        """Whether a user of our own servers has handed it to them."""
        return networks.was_submitted(self.trace)

    @cached_property
    def references(self):
        """The Message-IDs that it answers, as many of the last ones as core reads."""
        found = self.summary.references or (self.summary.in_reply_to,)
        return tuple(filter(None, found))[-REFERENCES_LIMIT:]

    @cached_property
    def receipt(self):
        """The ``Receipt`` if it tells that a mail was read (RFC 8098), else None."""
        return receipts.read_receipt(self.raw, self.headers)

    @cached_property
    def forwarding(self):
        """The ``Confirmation`` that a provider asks for before it forwards mail to us,
        or None."""
        return forwarding.read_confirmation(self.headers, self._texts)

    def _texts(self):
        content = mime.content_of(self.parsed, max_bytes=READ_LIMIT)
        return content.text, content.html

    def checker(self, asked, size, engines=()):
        """Return the ``conditions.Checker`` of the mail; what no condition asks for
        is not read.

        :param asked: the fields that conditions look at
        :param size: bytes of the whole mail
        :param engines: of each that has judged it, (whether it condemns it, its score)
        """
        found = self._files() if "attachment_type" in asked else ()
        return conditions.Checker(
            conditions.facts(
                self.headers,
                size=size,
                attachments=[(one.name, one.content_type) for one in found],
                spam=self.spam_verdicts if "spam" in asked else (),
                engines=engines,
                authenticated=self.authenticated if "authenticated" in asked else None,
            )
        )

    def _files(self):
        """Return its files, as the reader of mail names them."""
        read = read_message(self.parsed, self.headers, self.raw, summary=self.summary)
        return read.files


@dataclass(frozen=True)
class Mail(Content):
    """What routing reads of one message, with its own recipients.

    ``message`` is its ``mail.catchall.message``, ``batch`` what was looked up for it
    and others. ``rules`` are the ``mail.catchall.rule`` that apply to it, ``company``
    the one it is for, ``signed_bounce`` the :class:`SignedBounce` it was sent to, or
    None.
    """

    message: models.Model
    batch: Batch
    recipients: recipient_tools.Recipients
    rules: models.Model
    company: models.Model
    signed_bounce: SignedBounce | None = None

    @classmethod
    def of(cls, content, **values):
        """Return the mail of a :class:`Content`, with all that was read of it so far.

        :param values: what it is given besides
        """
        known = {one.name: getattr(content, one.name) for one in fields(content)}
        mail = cls(**known, **values)
        vars(mail).update(vars(content))
        return mail

    @cached_property
    def named(self):
        """The own addresses that it was sent to or that it names."""
        found = (*self.recipients.must_settle, *self.recipients.may_match)
        return tuple(one.address for one in found)

    @cached_property
    def parent(self):
        """The ``mail.message`` of a document that it answers, or an empty one.

        The same as core's ``message_route`` finds: the newest message that one of
        the last references names.
        """
        none = self.message.env["mail.message"]
        newest = self.batch.newest
        found = (newest[one] for one in self.references if one in newest)
        parent = max(found, key=lambda one: one.id, default=none)
        return parent if parent.model and parent.res_id else none

    @property
    def known(self):
        """The ``mail.message`` that have its own Message-ID."""
        none = self.message.env["mail.message"]
        return self.batch.messages.get(self.message.message_id, none)

    @property
    def aliases(self):
        """{address: alias or empty} of the own addresses of all mails of the batch."""
        return self.batch.aliases

    # ------------------------------------------------------------
    # ITS MESSAGE
    # ------------------------------------------------------------

    @property
    def is_trial(self):
        """Whether it is only tried out: then nothing may be written, sent, counted or
        created, only noted as what would happen."""
        return self.message._is_trial()

    @property
    def open_deliveries(self):
        """The deliveries that have no end yet."""
        return self.message._open_delivery_ids()

    @property
    def steps(self):
        """What the trace says of this attempt to route it, a list of dicts."""
        return self.message._steps_of_last_routing()

    @cached_property
    def kept(self):
        """{field: value} of what is found out about its message and is written with
        its end, at once: each writing costs as much as a guard."""
        return {}

    @cached_property
    def noted(self):
        """How often each (step, code) was noted in this attempt, a ``Counter``."""
        return Counter()

    def note(self, step, code, **details):
        """Add a decision to the trace, which "why" shows in words, whoever decides.

        Of the same decision on very many recipients only the first are written.
        """
        self.noted[step, code] += 1
        if self.noted[step, code] <= MOST_NOTED:
            self.message.sudo()._note(step, code, **details)
        elif self.noted[step, code] == MOST_NOTED + 1:
            self.message.sudo()._note("more", step)

    def note_found(self, code, found):
        """Note a recipient and the header that names it.

        :param found: ``recipients.Recipient``
        """
        self.note(
            "recipient",
            code,
            address=found.address,
            header=found.header,
            value=found.value,
        )

    def arrived_within(self, window):
        """Return the domain of the messages that came before it, in the time
        ``window`` (a timedelta) up to its arrival."""
        arrived = self.message.arrived
        before = [] if self.is_trial else [("id", "<", self.message.id)]
        return [("arrived", ">", arrived - window), ("arrived", "<=", arrived), *before]

    # ------------------------------------------------------------
    # ITS SENDER
    # ------------------------------------------------------------

    @cached_property
    def own_domains(self):
        """The domains of its router."""
        return self.batch.once(self.message.router_id._own_domains)

    @cached_property
    def accounts(self):
        """The addresses of its router's accounts."""
        return self.batch.once(self.message.router_id._account_addresses)

    @property
    def passes_guards(self):
        """Whether a person has let it, or all mail of its sender, pass what guards
        against unwanted mail. A double never passes."""
        return self.message.released or self.sender_policy == "allow"

    @cached_property
    def condemning(self):
        """The verdicts against it: by the router's threshold where it has one and
        there is a score, else by the filter's own word."""
        threshold = self.message.router_id.spam_threshold
        return [
            one
            for one in self.spam_verdicts
            if (
                one.is_spam
                if not threshold or one.score is None
                else one.score >= threshold
            )
        ]

    def is_from_us(self, own):
        """Tell whether the sender is one that Odoo writes as.

        :param own: the ``mail.message`` of ours with its Message-ID
        """
        senders = {addresses.normalize(one.email_from or "") for one in own}
        sender = self.message.sender or ""
        known = sender in senders or sender in self.accounts
        return known or addresses.domain(sender) in self.own_domains

    @property
    def claims_to_be_one_of_us(self):
        """Whether its sender is an internal user, or on an own domain."""
        sender = self.message.sender or ""
        if addresses.domain(sender) in self.own_domains:
            return True
        return bool(sender and self.message._find_internal_users({sender}))

    @cached_property
    def author(self):
        """The ``Author`` who counts as its own: who wants the answer, where the router
        looks for that, and From names an address that has none. Never one of us, nor
        instead of one of us; nor where our provider says that From is forged."""
        written = authors.written_author(self.headers)
        if not self.message.router_id.use_reply_to or self.authenticated is False:
            return written
        found = authors.find_author(self.headers, self.own_domains)
        named = {written.mailbox.address, found.mailbox.address}
        if not found.reason or self.message._find_internal_users(named):
            return written
        return found

    @property
    def answers_to(self):
        """The address in Reply-To at which somebody of elsewhere reads answers, "" if
        there is none, or if our provider says that From is forged."""
        if self.authenticated is False:
            return ""
        return authors.answers_to(self.headers, self.own_domains)

    @property
    def sources(self):
        """(sender address, network): those to whom an attack counts."""
        return self.message.sender, self.network

    @property
    def only_swells_attack(self):
        """Whether it is known to be only one more mail of an attack: no alias was made
        since."""
        changes = self.message.env["mail.alias.domain"]._catchall_alias_changes()
        known = self.batch.alias_changes == changes
        return known and self.message in self.batch.swelling

    @property
    def may_end_with_others(self):
        """Whether its end may be written together with those of other mails of attacks:
        nothing is kept of it that is its own."""
        return (
            self.batch.together
            and self.only_swells_attack
            and self.kept.keys() <= OF_ATTACK
        )

    @property
    def is_outsider(self):
        """Whether it goes on without being posted as the one of us that it names: he
        has not proven it."""
        is_doubtful = self.authenticated is False or self._is_unproven_from_outside
        return is_doubtful and self.claims_to_be_one_of_us

    @cached_property
    def _is_unproven_from_outside(self):
        """Whether it came in from the internet, no user of our own servers has handed
        it to them, and nothing says who has; as far as the router minds. Where the
        customer in Reply-To counts as its author, it names none of us."""
        return (
            self.message.router_id.unproven_policy == "outsider"
            and self.authenticated is None
            and self.came_from_outside
            and not self.author.reason
            and not (self.is_internal or self.was_submitted or self.own_proofs)
        )

    def needs_proof(self, match):
        """Tell whether the alias of a ``Match`` is for certain people only, and our
        provider says that the sender is not who he claims to be."""
        return (
            match.by != "person"
            and (match.alias.alias_contact or "everyone") != "everyone"
            and self.authenticated is False
            and not self.passes_guards
        )

    def is_known_contact(self, address):
        """Tell whether a contact has this normalised address."""
        contacts = self.message.env["res.partner"]
        wanted = [("email_normalized", "=", address)]
        return bool(contacts.search_count(wanted, limit=1))

    @property
    def is_vouched_for(self):
        """Whether more than its sender's name speaks for it: it is proven to be his, it
        belongs to a document, or he is a contact of ours."""
        return bool(
            self.authenticated
            or self.answers_something
            or self.is_known_contact(self.message.sender)
        )

    @cached_property
    def own_proofs(self):
        """The names of the headers that prove it to be this database's own mail."""
        signed_by = self.batch.once(self.message.router_id._signed_by)
        return loops.own_proofs(*signed_by, self.headers)

    # ------------------------------------------------------------
    # ITS RECIPIENTS
    # ------------------------------------------------------------

    def find_unknown(self, deliveries):
        """Return those whose address is nobody's: neither the account's own nor that
        of a user, who is there but has no mailbox elsewhere."""
        if self.recipients.only_account:
            return deliveries.browse()
        users = self.batch.mailboxes
        return deliveries.filtered(
            lambda one: one.must_settle and one.recipient not in users
        )

    @property
    def seem_unknown(self):
        """The addresses that no alias answers for, as far as can be seen."""
        if self.recipients.only_account or self.parent:
            return []
        return [
            one.address
            for one in self.recipients.must_settle
            if not self.aliases[one.address]
            and not self.aliases.get(addresses.base_of_plus(one.address))
        ]

    # ------------------------------------------------------------
    # WHAT IT ANSWERS
    # ------------------------------------------------------------

    def document_named_by(self, recipient):
        """Return the (model name, id) of the document that a signed reply address
        names; or a signed bounce address, to which absence notes come. Else None."""
        signed = self.signed_bounce
        if signed and signed.address == recipient:
            return signed.document
        return self.message.router_id._find_signed_document(recipient)

    @cached_property
    def signed_answer(self):
        """(address, document) of the first signed reply address that it is written to,
        or ("", None)."""
        found = ((one, self.document_named_by(one)) for one in self.named)
        return next((pair for pair in found if pair[1]), ("", None))

    @property
    def answers_something(self):
        """Whether it belongs to a document of ours."""
        return bool(self.parent) or any(
            self.document_named_by(one.address) for one in self.recipients.must_settle
        )

    @cached_property
    def copies(self):
        """The deliveries of all messages with its content, less the doubles; none for
        a trial, which asks what would happen if there was no other."""
        none = self.message.env["mail.catchall.delivery"]
        if self.is_trial:
            return none
        return self.batch.deliveries.get(self.message.fingerprint, none)

    @cached_property
    def originals(self):
        """{recipient: delivery} of :attr:`copies`."""
        return {delivery.recipient: delivery for delivery in self.copies}

    @cached_property
    def delivered_before(self):
        """The deliveries of its content that had reached a document before it was
        routed."""
        copies = self.message.delivery_ids | self.copies
        return copies.filtered(lambda one: one.state == "delivered")

    @cached_property
    def delivered_now(self):
        """A list of those that have reached one since: each that is written down."""
        return []

    @cached_property
    def made(self):
        """A list of the documents that this attempt has made or written on."""
        return []

    @cached_property
    def attempted(self):
        """A list of the deliveries that this attempt has tried, in a transaction that
        mails share."""
        return []

    @cached_property
    def left(self):
        """A list of the deliveries that wait for the next attempt."""
        return []

    @cached_property
    def loops(self):
        """{model: what core's guard against loops counted of its new documents}: too
        many once are too many for all of its other recipients."""
        return {}

    @property
    def sender_policy(self):
        """What a person has said of its sender: "block", "allow", "not_spam", ""."""
        return self.batch.policies.get((self.message.sender, self.company), "")

    def is_suspect(self, kind, value):
        """Tell whether something of this kind may be on record of a value."""
        return (kind, value) in self.batch.suspects

    def suspect(self, kind, value):
        """Keep that something of this kind is on record of a value from now on."""
        self.batch.suspects.add((kind, value))

    @cached_property
    def automatic(self):
        """All ``Evidence`` that a program wrote it."""
        return automatic.automatic(self.headers, self._said)

    def _said(self):
        """Return what it says, without markup."""
        text, html = self._texts()
        return text.strip() or html2plaintext(html)

    @cached_property
    def automatic_kind(self):
        """ "auto_reply", "list", "bulk", "machine" or ""."""
        return automatic.kind_of(self.automatic)

    @cached_property
    def bounce(self):
        """The ``Bounce`` if it is a report on the delivery of a mail, else None."""
        signed = self.signed_bounce
        sender = addresses.normalize(self.summary.email_from)
        # The recipient's own program answers there too: he is away, he has moved.
        proven = signed and not signed.is_for(sender)
        return bounces.read_bounce(
            self.raw, signed.address if proven else "", self.headers
        )

    def ruling(self, recipient):
        """Return the :class:`Ruling` of its rules for one recipient."""
        if not self.rules:
            return Ruling((), self.rules)
        return self.rules._ruling(recipient, self.rule_checker)

    @cached_property
    def rule_checker(self):
        """The ``conditions.Checker`` for all of its rules."""
        said = self.message._engine_verdicts()
        return self.checker(self.rules._asked_fields(), len(self.raw), said)
