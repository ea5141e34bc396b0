"""What routing reads of one mail, and what was looked up for it: plain Python."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property

from odoo import models

from ...tools.inbound import (
    authentication,
    automatic,
    bounces,
    conditions,
    networks,
    profiles,
    spam,
)
from ...tools.inbound import recipients as recipient_tools
from ...tools.mail import addresses, mime
from ...tools.mail import headers as header_tools
from ...tools.outbound import reply_address

REFERENCES_LIMIT = 32  # the newest are last, RFC 5322 3.6.4; core looks at as many


@dataclass(frozen=True)
class SignedBounce:
    """The signed bounce address that a mail was sent to, and what it names: the
    ``mail.message``, which may be empty, and its recipient's key."""

    address: str
    message: models.Model
    recipient_key: str

    @property
    def document(self):
        """(model name, id) of the message's document, or None."""
        if not self.message.model or not self.message.res_id:
            return None
        return self.message.model, self.message.res_id

    def is_for(self, recipient):
        """Tell whether the address was made for this recipient's copy."""
        return reply_address.recipient_key(recipient) == self.recipient_key


@dataclass(frozen=True)
class Content:
    """A mail, or the beginning of one: headers, summary, and what our own servers
    wrote on it."""

    raw: bytes
    headers: header_tools.Headers
    summary: header_tools.Summary
    own_hosts: frozenset
    authserv_ids: frozenset
    profile: profiles.Profile | None

    @cached_property
    def trace(self):
        """The ``Field`` tuple that our own servers wrote on top."""
        return recipient_tools.trusted_trace(self.headers, self.own_hosts, self.profile)

    @cached_property
    def verdicts(self):
        """What our own servers say of who wrote it, RFC 8601."""
        return authentication.read_verdicts(
            self.trace, self.authserv_ids, headers=self.headers
        )

    @cached_property
    def authenticated(self):
        """Whether it comes from the domain in From; None when nobody says, as of mail
        within one organisation, which its provider does not check."""
        if self.profile and authentication.is_internal(self.headers, self.profile):
            return None
        sender_domain = addresses.domain(addresses.normalize(self.summary.email_from))
        return authentication.is_authenticated(self.verdicts, sender_domain)

    @cached_property
    def spam_verdicts(self):
        """What our provider's filters say of it."""
        tail = self.profile.tail if self.profile else ()
        return spam.read_spam(self.trace, self.headers, tail)

    @cached_property
    def network(self):
        """The network from which our provider's server had it, "" if unknown."""
        return networks.sender_network(self.trace, self.profile)

    @cached_property
    def references(self):
        """The Message-IDs that it answers, as many of the last ones as core reads."""
        found = self.summary.references or (self.summary.in_reply_to,)
        return tuple(filter(None, found))[-REFERENCES_LIMIT:]

    def checker(self, asked, size):
        """Return the ``conditions.Checker`` of the mail; what no condition asks for
        is not read.

        :param asked: the fields that conditions look at
        :param size: bytes of the whole mail
        """
        content = mime.read_content(self.raw) if "attachment_type" in asked else None
        found = content.attachments if content else ()
        return conditions.Checker(
            conditions.facts(
                self.headers,
                size=size,
                attachments=[(one.filename, one.content_type) for one in found],
                spam=self.spam_verdicts if "spam" in asked else (),
                authenticated=self.authenticated if "authenticated" in asked else None,
            )
        )


@dataclass
class Batch:
    """What was looked up for the mails that are read together, for all at once.

    ``together`` says whether they share a transaction. ``mailboxes`` are the own
    addresses that are those of internal users, ``aliases`` is {address: alias or
    empty} after so many ``alias_changes`` of the transaction, ``alike``
    {(router, unknown address): ``Suggestion`` tuple}, ``messages`` {own Message-ID:
    ``mail.message``}, ``newest`` {Message-ID: the newest one with it},
    ``deliveries`` {fingerprint: deliveries of its copies}, ``earliest`` {fingerprint:
    id of the first message with it} and ``policies`` {(address, company): what a person
    has said of the sender there}.

    ``suspects`` are the (kind, value) of whom something may be on record, so that
    nobody else is looked up; see :meth:`MailCatchallMessage._find_suspects`. What
    routing the batch adds to the records is added here. ``attacks`` are those that
    mails of the batch have joined, {(company, kind, source): (attack, arrival)}.
    """

    together: bool = False
    mailboxes: set = field(default_factory=set)
    aliases: dict = field(default_factory=dict)
    alias_changes: int = 0
    alike: dict = field(default_factory=dict)
    messages: dict = field(default_factory=dict)
    newest: dict = field(default_factory=dict)
    deliveries: dict = field(default_factory=dict)
    earliest: dict = field(default_factory=dict)
    policies: dict = field(default_factory=dict)
    suspects: set = field(default_factory=set)
    attacks: dict = field(default_factory=dict)


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
    signed_bounce: object = None

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

    @cached_property
    def copies(self):
        """The deliveries of all messages with its content, less the doubles; none for
        a trial, which asks what would happen if there was no other."""
        none = self.message.env["mail.catchall.delivery"]
        if self.message._is_trial():
            return none
        return self.batch.deliveries.get(self.message.fingerprint, none)

    @cached_property
    def originals(self):
        """{recipient: delivery} of :attr:`copies`."""
        return {delivery.recipient: delivery for delivery in self.copies}

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
        return automatic.automatic(self.headers)

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

    @cached_property
    def rule_checker(self):
        """The ``conditions.Checker`` for all of its rules."""
        return self.checker(self.rules._asked_fields(), len(self.raw))


@dataclass(frozen=True)
class CoreMail:
    """A mail as core's gateway takes it.

    ``thread`` is ``mail.thread`` with the context that it is routed in, ``message`` the
    ``EmailMessage`` and ``parsed`` core's dict (``message_parse``) of ``mail``;
    ``routed`` is the memo of it that :class:`MailThread` reads.
    """

    mail: Mail
    thread: models.Model
    message: EmailMessage
    parsed: dict
    routed: dict
