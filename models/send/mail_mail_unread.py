from odoo import models
from odoo.fields import Domain

from ...tools.inbound import automatic
from ...tools.mail import addresses

# Where core names all recipients of a message, so that they find each other.
TO_HEADER = "X-Msg-To-Add"


class MailMail(models.Model):
    """A person's letter to an address that nobody reads: one of our own that leads
    back into Odoo's mailbox, or one that takes no replies.

    Where it answers a mail of that very sender, and the mail names somebody in
    Reply-To, the letter goes to him. Else it goes nowhere, and its author is told: the
    mail server would take it, and it would count as sent.
    """

    _inherit = "mail.mail"

    def _catchall_lead_to_readers(self, emails):
        """Lead the copies to people who read them, and note with the attempt at hand
        which of them nobody would read; return {partner: the address that stands for
        his}.

        :param emails: list of dicts, one for each copy, as core prepares them
        """
        attempt, led = self._catchall_attempt(), {}
        if attempt is None or not self.res_id or self.model not in self.env:
            return led
        for email in emails:
            meant = email["email_to_normalized"]
            for address in meant:
                reason = self._catchall_reason_unread(address)
                if not reason or not self._catchall_is_letter():
                    continue
                reader = self._catchall_find_reader(address)
                if reader and len(meant) == 1:
                    led[email["partner_id"]] = _lead(email, reader)
                else:
                    key = self.env["mail.catchall.handover"]._key(address)
                    attempt.unread[key] = reason
        _name_led(emails, led)
        return led

    def _catchall_reason_unread(self, address):
        """Return why nobody reads what is sent to an address, "" if somebody may."""
        if automatic.is_no_reply(address):
            return self.env._(
                "%s takes no replies: nobody reads what is sent there, and the email "
                "that you answer names nobody else in Reply-To. Correct the address "
                "of the contact, then press Retry.",
                address,
            )
        if self._catchall_leads_back(address) and not self._catchall_is_colleague(
            address
        ):
            return self.env._(
                "%s is an address of your own company that leads back into Odoo: the "
                "email would reach nobody. Correct the address of the contact, then "
                "press Retry.",
                address,
            )
        return ""

    def _catchall_leads_back(self, address):
        """Tell whether mail to an address comes back into a router's mailbox: it is an
        alias, a signed reply address or the account of one that serves its domain."""
        Router = self.env["mail.catchall.router"].sudo()
        ids = Router._ids_by_domain().get(addresses.domain(address), ())
        if not ids:
            return False
        if address in Router.browse(ids)._account_addresses():
            return True
        aliases = self.env["mail.alias.domain"].sudo()._find_aliases([address])
        return address in aliases

    def _catchall_is_colleague(self, address):
        """Tell whether the address is an internal user's, who has it for a mailbox of
        his own as well."""
        users = self.env["res.users"].sudo()
        wanted = [("share", "=", False), ("email_normalized", "=", address)]
        return bool(users.search_count(wanted, limit=1))

    def _catchall_find_reader(self, address):
        """Return the address in Reply-To of the last mail that came to the document
        from this sender, "" if nobody is named there.

        Anybody can write what he likes: a mail whose sender is not proven counts on the
        document that it began, not on one that it was added to.
        """
        began = Domain("made_model", "=", self.model)
        began &= Domain("made_id", "=", self.res_id)
        delivery = (
            self.env["mail.catchall.delivery"]
            .sudo()
            .search(
                Domain("model", "=", self.model)
                & Domain("res_id", "=", self.res_id)
                & Domain("state", "=", "delivered")
                & Domain("message_id.sender", "=", address)
                & Domain("message_id.answers_to", "!=", False)
                & (began | Domain("message_id.is_proven", "=", True)),
                order="id desc",
                limit=1,
            )
        )
        return delivery.message_id.answers_to or ""


def _lead(email, address):
    """Have one copy go to another address, and return that."""
    name = addresses.first_mailbox((email["email_to"] or [""])[0]).name
    email["email_to"] = [addresses.format_address(name, address)]
    email["email_to_normalized"] = [address]
    return address


def _name_led(emails, led):
    """Name in To of all copies those to whom the copies of others were led: core names
    everybody there.

    :param led: {partner: the address that stands for his}
    """
    shown = {
        partner.email_normalized: address for partner, address in led.items() if partner
    }
    for email in emails if shown else ():
        if TO_HEADER not in email["headers"]:
            continue
        named = addresses.mailboxes(email["headers"][TO_HEADER])
        email["headers"] = {
            **email["headers"],
            TO_HEADER: ", ".join(
                addresses.format_address(one.name, shown.get(one.address, one.address))
                for one in named
            ),
        }
