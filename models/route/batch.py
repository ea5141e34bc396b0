"""What was looked up in the database for the mails that are read together."""

from dataclasses import dataclass, field

from odoo import models

from ...tools.inbound.bayes import Count
from ...tools.outbound import reply_address


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
    has said of the sender there}. ``opened`` is {message: its ``Content``}, also of
    mails that were read in a transaction before this one.

    ``suspects`` are the (kind, value) of whom something may be on record, so that
    nobody else is looked up; see :meth:`MailCatchallMessage._find_suspects`. What
    routing the batch adds to the records is added here. ``attacks`` are those that
    mails of the batch have joined, {(company, kind, source): (attack, arrival)}, and
    ``swelling`` the messages of whom that can be said before they are routed. Of these,
    ``ending`` is {message: (its ``Mail``, the state it ends in)} as long as that is not
    written; see :meth:`MailCatchallMessage._write_ending`.

    ``told`` is what was asked of the records that all mails have in common, such as
    their router; see :meth:`once`.

    ``evidence`` is {message: what it is judged by}, ``people`` {name: addresses of
    those of us who have it}, and ``learnt`` of how many mails the filter knows; see
    :meth:`MailCatchallMessage._look_up_defence`.
    """

    together: bool = False
    opened: dict = field(default_factory=dict)
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
    swelling: set = field(default_factory=set)
    ending: dict = field(default_factory=dict)
    evidence: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    learnt: Count = field(default_factory=Count)
    told: dict = field(default_factory=dict)

    def once(self, ask):
        """Return what a method without arguments says, asked once for all mails.

        :param ask: the bound method of a record
        """
        key = ask.__self__, ask.__name__
        if key not in self.told:
            self.told[key] = ask()
        return self.told[key]
