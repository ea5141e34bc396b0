from dataclasses import dataclass, field
from functools import cached_property

from odoo import models
from odoo.tools import email_normalize

from ...tools.inbound import (
    authentication,
    automatic,
    bounces,
    conditions,
    networks,
    spam,
)
from ...tools.inbound import recipients as recipient_tools
from ...tools.mail import addresses, mime
from ...tools.mail import headers as header_tools

# Unknown addresses that are looked up together; more are, one by one, when it is their
# turn: each has as many keys as it has letters.
ALIKE_AHEAD = 200
REFERENCES_LIMIT = 32  # the newest are last, RFC 5322 3.6.4; core looks at as many
# By these a mail is recognised as one that Odoo has already.
MESSAGE_FIELDS = ("message_id", "message_type", "email_from", "subject")


@dataclass(frozen=True)
class Content:
    """A mail, or the beginning of one: headers, summary, and what our own servers
    wrote on it."""

    raw: bytes
    headers: header_tools.Headers
    summary: header_tools.Summary
    own_hosts: frozenset
    authserv_ids: frozenset

    @cached_property
    def trace(self):
        """The ``Field`` tuple that our own servers wrote on top."""
        return recipient_tools.trusted_trace(self.headers, self.own_hosts)

    @cached_property
    def verdicts(self):
        """What our own servers say of who wrote it, RFC 8601."""
        return authentication.read_verdicts(
            self.trace, self.authserv_ids, headers=self.headers
        )

    @cached_property
    def authenticated(self):
        """Whether it comes from the domain in From; None when nobody says."""
        sender_domain = addresses.domain(addresses.normalize(self.summary.email_from))
        return authentication.is_authenticated(self.verdicts, sender_domain)

    @cached_property
    def spam_verdicts(self):
        """What our provider's filters say of it."""
        return spam.read_spam(self.trace, self.headers)

    @cached_property
    def network(self):
        """The network from which our provider's server had it, "" if unknown."""
        return networks.sender_network(self.trace)

    @cached_property
    def references(self):
        """The Message-IDs that it answers, as many of the last ones as core reads."""
        found = self.summary.references or (self.summary.in_reply_to,)
        return tuple(filter(None, found))[-REFERENCES_LIMIT:]

    def checker(self, asked, size):
        """Answer the ``conditions.Checker`` of the mail; what no condition asks for
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
    ``deliveries`` {digest: deliveries of its copies}, ``earliest`` {digest: id of the
    first message with it} and ``policies`` {(address, company): what a person has said
    of the sender there}.

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
        return self.batch.deliveries.get(self.message.digest, none)

    @cached_property
    def originals(self):
        """{recipient: delivery} of :attr:`copies`."""
        return {delivery.recipient: delivery for delivery in self.copies}

    @property
    def sender_policy(self):
        """What a person has said of its sender: "block", "allow", "not_spam", ""."""
        return self.batch.policies.get((self.message.sender, self.company), "")

    def is_suspect(self, kind, value):
        """Answer whether something of this kind may be on record of a value."""
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


class MailCatchallMessage(models.Model):
    """Reading: what is in mails, and what the database knows about it.

    Whatever routing asks about every mail is asked here, for all mails that are read
    together, in a number of statements that doesn't depend on theirs.
    """

    _inherit = "mail.catchall.message"

    def _read_mail(self):
        """Answer the :class:`Mail` of this message."""
        return self._read_mails()[self]

    def _read_mails(self, batch=None):
        """Answer {message: :class:`Mail`}, in the order of the messages.

        :param batch: the :class:`Batch` that they belong to, or None for one of their
            own
        """
        batch = batch or Batch()
        contents = {message: message._read_content() for message in self}
        batch.mailboxes |= self._find_mailboxes(contents)
        rules = {}
        mails = {}
        for message, content in contents.items():
            key = message.router_id, message.released
            if key not in rules:
                rules[key] = message.router_id._find_rules(message.released)
            mails[message] = message._mail_of(content, batch, rules[key])
        self._look_up(mails, batch)
        return mails

    def _read_content(self):
        raw = self._raw_bytes()
        headers = header_tools.parse_headers(raw)
        return Content(
            raw=raw,
            headers=headers,
            summary=header_tools.summarize(headers),
            own_hosts=self.router_id._trusted_hosts(),
            authserv_ids=self.router_id._trusted_authserv_ids(),
        )

    def _mail_of(self, content, batch, rules):
        recipients = self._find_recipients(content, batch.mailboxes)
        return Mail(
            raw=content.raw,
            headers=content.headers,
            summary=content.summary,
            own_hosts=content.own_hosts,
            authserv_ids=content.authserv_ids,
            message=self,
            batch=batch,
            recipients=recipients,
            rules=rules,
            company=self.router_id._company_of(
                [one.address for one in recipients.must_settle]
            ),
            signed_bounce=self._find_signed_bounce(recipients),
        )

    def _find_recipients(self, content, mailboxes):
        router = self.router_id
        return recipient_tools.find_recipients(
            content.headers,
            own_domains=router._own_domains(),
            account_addresses=router._account_addresses(),
            real_mailboxes=mailboxes,
            header_order=router._recipient_header_order(),
            own_hosts=content.own_hosts,
        )

    # ------------------------------------------------------------
    # LOOK-UP
    # ------------------------------------------------------------

    def _look_up(self, mails, batch):
        """Fill the batch with what the database knows about its mails."""
        asked = {address for mail in mails.values() for address in mail.named}
        asked.update(self.delivery_ids.mapped("recipient"))
        batch.mailboxes |= self._find_internal_users(asked - batch.mailboxes)
        bases = {addresses.base_of_plus(address) for address in asked}
        changes = self.env["mail.alias.domain"]._catchall_alias_changes()
        if changes != batch.alias_changes:
            batch.aliases.clear()
            batch.alias_changes = changes
        batch.aliases.update(self._find_aliases(filter(None, asked | bases)))
        self._answer_for_core(mails, asked)
        batch.messages.update(self._find_messages())
        batch.newest.update(self._find_newest(mails))
        batch.deliveries.update(self._find_copies())
        batch.earliest.update(self._find_earliest())
        batch.policies.update(
            self.env["mail.catchall.sender"]._policies_for(
                {(message.sender, mail.company) for message, mail in mails.items()}
            )
        )
        for messages in self.grouped("router_id").values():
            unknown = [
                address
                for message in messages
                for address in message._seem_unknown(mails[message])
            ]
            alike = messages._find_alike(unknown[:ALIKE_AHEAD])
            batch.alike.update(
                {(messages.router_id, address): alike[address] for address in alike}
            )
        batch.suspects |= self._find_suspects(mails.values())

    def _answer_for_core(self, mails, asked):
        """Have answered for all mails what core will ask about each: which of its
        addresses are aliases, and whether there is a contact of its sender."""
        found = (email_normalize(one.summary.email_from) for one in mails.values())
        senders = set(filter(None, found))
        written = {address for one in mails.values() for address in _written(one)}
        Domain = self.env["mail.alias.domain"].with_context(catchall_routing=True)
        Domain._find_aliases(list(senders | written | asked))
        self.env["res.partner"]._catchall_remember_strangers(list(senders))

    def _find_mailboxes(self, contents):
        """Answer which addresses in To and Cc are those of internal users, whose
        copy of a mail goes to their own mailbox."""
        own = {
            address
            for message, content in contents.items()
            for address in _written(content)
            if addresses.domain(address) in message.router_id._own_domains()
        }
        return self._find_internal_users(own)

    def _find_internal_users(self, wanted):
        """Answer the set of those of these addresses that internal users have."""
        if not wanted:
            return set()
        users = self.env["res.users"].search(
            [("share", "=", False), ("email_normalized", "in", list(wanted))]
        )
        return set(users.mapped("email_normalized"))

    def _find_aliases(self, wanted):
        """Answer {address: alias or empty}: the alias with this full address, else
        one with this local part that takes mail on any domain (core's
        ``alias_incoming_local``).

        :param wanted: normalised addresses
        """
        parts = {address: addresses.split(address) for address in wanted}
        if not parts:
            return {}
        found = self.env["mail.alias"].search(
            [
                ("alias_name", "in", [local_part for local_part, _ in parts.values()]),
                "|",
                ("alias_full_name", "in", list(parts)),
                ("alias_incoming_local", "=", True),
            ]
        )
        exact, local = {}, {}
        for alias in found:
            exact.setdefault((alias.alias_name, alias.alias_domain_id.name), alias)
            if alias.alias_incoming_local:
                local.setdefault(alias.alias_name, alias)
        return {
            address: exact.get(part) or local.get(part[0], found.browse())
            for address, part in parts.items()
        }

    def _find_messages(self):
        """Answer {Message-ID: ``mail.message``} of those with a Message-ID of these."""
        wanted = list(filter(None, self.mapped("message_id")))
        found = self.env["mail.message"].search_fetch(
            [("message_id", "in", wanted)], MESSAGE_FIELDS
        )
        return found.grouped("message_id")

    def _find_newest(self, mails):
        """Answer {Message-ID: the newest ``mail.message`` with it} of what the mails
        answer."""
        Message = self.env["mail.message"]
        wanted = {one for mail in mails.values() for one in mail.references}
        if not wanted:
            return {}
        found = Message._read_group(
            [("message_id", "in", list(wanted))], ["message_id"], ["id:max"]
        )
        # Browsed together, so that they are fetched in one statement.
        newest = Message.browse([largest for _message_id, largest in found])
        message_ids = (message_id for message_id, _largest in found)
        return dict(zip(message_ids, newest, strict=True))

    def _find_copies(self):
        """Answer {digest: deliveries} of all messages with the content of these."""
        found = self.env["mail.catchall.delivery"].search(
            [("digest", "in", self.mapped("digest")), ("state", "!=", "duplicate")]
        )
        return found.grouped("digest")

    def _find_earliest(self):
        """Answer {digest: id} of the first messages with the content of these."""
        return dict(
            self._read_group(
                [("digest", "in", self.mapped("digest"))], ["digest"], ["id:min"]
            )
        )

    def _seem_unknown(self, mail):
        """Answer the addresses that no alias answers for, as far as can be seen."""
        if mail.recipients.only_account or mail.parent:
            return []
        return [
            one.address
            for one in mail.recipients.must_settle
            if not mail.aliases[one.address]
            and not mail.aliases.get(addresses.base_of_plus(one.address))
        ]


def _written(content):
    return (*content.summary.to, *content.summary.cc)
