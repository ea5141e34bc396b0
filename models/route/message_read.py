from odoo import models
from odoo.tools import email_normalize

from ...tools.inbound import recipients as recipient_tools
from ...tools.inbound.proof.verdict import Proof
from ...tools.inbound.received import NO_SERVER
from ...tools.mail import addresses
from ...tools.mail import headers as header_tools
from .batch import Batch, SignedBounce
from .mail import Content, Mail

# What we would have written at the door of a mail that comes with no line of a server.
RECEIVED_BY_PIPE = header_tools.Field("Received", f"from unknown by {NO_SERVER}")
# By these a mail is recognised as one that Odoo has already.
MESSAGE_FIELDS = ("message_id", "message_type", "email_from", "subject")


class MailCatchallMessage(models.Model):
    """Reading: what is in mails, and what the database knows about it.

    Whatever routing asks about every mail is asked here, for all mails that are read
    together, in a number of statements that doesn't depend on theirs.
    """

    _inherit = "mail.catchall.message"

    def _read_mail(self):
        """Return the :class:`Mail` of this message."""
        return self._read_mails()[self]

    def _read_mails(self, batch=None):
        """Return {message: :class:`Mail`}, in the order of the messages.

        :param batch: the :class:`Batch` that they belong to, or None for one of their
            own
        """
        batch = batch or Batch()
        self._open_mails(batch.opened)
        contents = {one: one._read_content(batch.opened) for one in self}
        batch.mailboxes |= self._find_mailboxes(contents, batch)
        rules = {}
        mails = {}
        for message, content in contents.items():
            key = message.router_id, message.released
            if key not in rules:
                rules[key] = message.router_id._find_rules(message.released)
            mails[message] = message._mail_of(content, batch, rules[key])
        self._look_up(mails, batch)
        return mails

    def _open_mails(self, opened):
        """Read the headers of these messages, but for those that are read.

        :param opened: {message: its :class:`Content`}, to which they are added;
            nothing changes them, so that it may be kept from one transaction to the
            next
        """
        missing = self.filtered(lambda one: one not in opened)
        trusted = {router: router._trusted() for router in missing.router_id}
        for message, raw in missing._raws().items():
            opened[message] = message._content_of(
                header_tools.open_mail(raw), trusted[message.router_id]
            )

    def _read_content(self, opened=None):
        """Return the :class:`Content` of this message, with what is proven by now.

        :param opened: as for :meth:`_open_mails`
        """
        opened = {} if opened is None else opened
        if self not in opened:
            self._open_mails(opened)
        kept = self.sudo().sender_proof
        return opened[self].proven(Proof.of_json(kept) if kept else None)

    def _content_of(self, opened, trusted):
        headers, summary = opened.headers, opened.summary
        if self.entrance == "pipe" and not headers.get_all("Received"):
            # No mail server has written a line: whoever handed it over may have
            # written all of it. In a mailbox, the mailbox's server had it.
            headers = header_tools.Headers([RECEIVED_BY_PIPE, *headers])
        return Content(
            raw=opened.raw,
            headers=headers,
            summary=summary,
            **trusted,
        )

    def _mail_of(self, content, batch, rules):
        recipients = self._find_recipients(content, batch)
        return Mail.of(
            content,
            message=self,
            batch=batch,
            recipients=recipients,
            rules=rules,
            company=self.router_id._company_of(
                [one.address for one in recipients.must_settle]
            ),
            signed_bounce=self._find_signed_bounce(recipients),
        )

    def _find_recipients(self, content, batch):
        router = self.router_id
        return recipient_tools.find_recipients(
            content.headers,
            own_domains=batch.once(router._own_domains),
            account_addresses=batch.once(router._account_addresses),
            real_mailboxes=batch.mailboxes,
            header_order=batch.once(router._recipient_header_order),
            trace=content.trace,
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
            batch.swelling.clear()
            batch.alias_changes = changes
        batch.aliases.update(self._find_aliases(filter(None, asked | bases)))
        self._answer_for_core(mails, asked)
        batch.messages.update(self._find_messages())
        batch.newest.update(self._find_newest(mails))
        batch.earliest.update(self._find_earliest())
        batch.deliveries.update(self._find_copies())
        batch.policies.update(
            self.env["mail.catchall.sender"]._policies_for(
                {(message.sender, mail.company) for message, mail in mails.items()}
            )
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

    def _find_mailboxes(self, contents, batch):
        """Return which addresses in To and Cc are those of internal users, whose
        copy of a mail goes to their own mailbox."""
        own = {
            address
            for message, content in contents.items()
            for address in _written(content)
            if addresses.domain(address) in batch.once(message.router_id._own_domains)
        }
        return self._find_internal_users(own)

    def _find_internal_users(self, wanted):
        """Return the set of those of these addresses that internal users have."""
        if not wanted:
            return set()
        users = self.env["res.users"].search(
            [("share", "=", False), ("email_normalized", "in", list(wanted))]
        )
        return set(users.mapped("email_normalized"))

    def _find_messages(self):
        """Return {Message-ID: ``mail.message``} of those with a Message-ID of these."""
        wanted = list(filter(None, self.mapped("message_id")))
        found = self.env["mail.message"].search_fetch(
            [("message_id", "in", wanted)], MESSAGE_FIELDS
        )
        return found.grouped("message_id")

    def _find_newest(self, mails):
        """Return {Message-ID: the newest ``mail.message`` with it} of what the mails
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
        """Return {fingerprint: deliveries} of all messages with these contents."""
        found = self.env["mail.catchall.delivery"].search(
            [
                ("fingerprint", "in", self.mapped("fingerprint")),
                ("state", "!=", "duplicate"),
            ]
        )
        return found.grouped("fingerprint")

    def _find_earliest(self):
        """Return {fingerprint: id} of the first messages with the content of these."""
        wanted = set(filter(None, self.mapped("fingerprint")))
        found = self._read_group(
            [("fingerprint", "in", self._with_former(wanted))],
            ["fingerprint"],
            ["id:min"],
        )
        if self._is_trial() or not self._renew_fingerprints(wanted, dict(found)):
            return dict(found)
        return self._find_earliest()

    def _find_signed_bounce(self, recipients):
        """Return the :class:`SignedBounce` among these recipients, or None.

        :param recipients: ``Recipients`` of a mail
        """
        for found in recipients.must_settle:
            if named := self.router_id._find_signed_bounce(found.address):
                return SignedBounce(found.address, *named)
        return None


def _written(content):
    return (*content.summary.to, *content.summary.cc)
