from dataclasses import dataclass

from odoo import fields, models

from ...tools.inbound import recipients as recipient_tools
from ...tools.inbound import suggestions
from ...tools.mail import addresses
from ...tools.outbound import reply_address

# Unknown addresses that are looked up together; more are, one by one, when it is their
# turn: each has as many keys as it has letters.
ALIKE_AHEAD = 200


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
    """Match: which own address, document, rule or guess stands for a recipient.

    The first hit wins: what a person has chosen; a signed reply address; a rule; the
    message that is replied to; an alias; a plus-address of an alias; a near miss.
    """

    _inherit = "mail.catchall.message"

    candidate_ids = fields.One2many(
        "mail.catchall.candidate", "message_id", "Candidates", readonly=True
    )

    def _find_matches(self, mail):
        """Return {delivery: :class:`Match` or None} of all that have no end yet: of
        what answers for them, without guesses."""
        answering = {one: self._answering(one, mail) for one in mail.open_deliveries}
        return answering | self._add_named_recipients(mail)

    def _guess_unmatched(self, matches, mail):
        """Return the matches with what those may mean that nothing answers for: what
        they nearly name, or what the policy for unknown addresses has for them.

        :param matches: {delivery: :class:`Match` or None}
        """
        return {
            delivery: match
            or self._guess(delivery, mail)
            or self._fallback(delivery, mail)
            for delivery, match in matches.items()
        }

    def _add_named_recipients(self, mail):
        """Add deliveries for To and Cc addresses that something answers for; return
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
        deliveries = self._add_deliveries(matches, must_settle=False)
        for found in matches:
            mail.note_found("may_match", found)
        return dict(zip(deliveries, matches.values(), strict=True))

    def _answering(self, delivery, mail):
        """Return the :class:`Match` of what answers for a recipient, or None."""
        return self._directed(delivery) or self._match(delivery.recipient, mail)

    def _directed(self, delivery):
        """Return the :class:`Match` that a person has chosen, or None."""
        if delivery.matched_by != "person":
            return None
        return Match(
            "person",
            delivery.recipient,
            delivery.alias_id,
            forward_to=delivery.forward_to or "",
        )

    def _match(self, recipient, mail):
        """Return the :class:`Match` of one own address, or None.

        :param recipient: normalised address on an own domain
        """
        known = self._match_address(recipient, mail)
        return self._match_rule(recipient, mail, known) or known

    def _match_address(self, recipient, mail):
        """Return the :class:`Match` of one own address without the rules, or None."""
        if document := mail.document_named_by(recipient):
            return Match(
                "reply_address",
                recipient,
                self._alias_shown_in(recipient, document[0]),
                document,
            )
        alias = self._known_alias(recipient, mail)
        if mail.parent and not self._forwards_elsewhere(
            recipient, alias, mail, mail.parent.model
        ):
            return Match("reference", recipient, alias)
        if alias and (answered := self._match_answered(recipient, alias, mail)):
            return answered
        if alias:
            return Match("alias", recipient, alias)
        base = addresses.base_of_plus(recipient)
        if base and (alias := self._known_alias(base, mail)):
            return Match("plus_address", base, alias)
        return None

    def _match_answered(self, recipient, alias, mail):
        """Return the :class:`Match` of an alias beside a signed reply address, or None:
        it names the same document, whether the mail has references or not."""
        signed, document = mail.signed_answer
        if (
            not document
            or not self._is_there(document)
            or self._forwards_elsewhere(recipient, alias, mail, document[0])
        ):
            return None
        shown = self._alias_shown_in(signed, document[0])
        return Match("reference", recipient, shown, document)

    def _known_alias(self, address, mail):
        """Return the alias for an address, from what was looked up for the mail."""
        changes = self.env["mail.alias.domain"]._catchall_alias_changes()
        if address in mail.aliases and changes == mail.batch.alias_changes:
            return mail.aliases[address]
        return self._find_alias(address)

    def _find_alias(self, address):
        """Return the alias for an address, or an empty one."""
        return self._find_aliases([address])[address]

    def _find_aliases(self, wanted):
        """Return {address: alias or empty}: the alias with this full address, else
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

    def _alias_shown_in(self, signed, model):
        """Return the alias in whose name a document's signed address was made: its
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

    def _forwards_elsewhere(self, recipient, alias, mail, model):
        """Tell whether an answer is addressed, not only copied, to an alias of
        another kind of document: core takes that for a new mail to the alias.

        :param model: of the document that is answered
        """
        if not alias or recipient_tools.is_cc_only(mail.headers, recipient):
            return False
        return alias.alias_model_id.model != model

    def _look_up_alike(self, mails, batch):
        """Fill ``batch.alike`` for all mails that may be guessed at.

        :param mails: {message: ``Mail``}
        """
        for messages in self.grouped("router_id").values():
            unknown = [
                address
                for message in messages
                if message not in batch.swelling
                for address in mails[message].seem_unknown
            ]
            alike = messages._find_alike(unknown[:ALIKE_AHEAD])
            batch.alike.update(
                {(messages.router_id, address): alike[address] for address in alike}
            )

    def _find_alike(self, unknown):
        """Return {address: tuple of ``Suggestion``} for unknown own addresses:
        aliases, and the users' own addresses."""
        if not unknown:
            return {}
        router = self.router_id
        local_parts = {addresses.split(address)[0] for address in unknown}
        aliases = self.env["mail.alias"]._catchall_find_alike(
            local_parts, router.sudo().alias_domain_ids
        )
        users = self.env["res.users"]._catchall_find_alike(local_parts)
        return suggestions.candidates_of_all(
            unknown,
            [*aliases.mapped("alias_full_name"), *users.mapped("email_normalized")],
            router._own_domains(),
        )

    def _alike(self, address, mail):
        """Return the tuple of ``Suggestion`` for an unknown own address."""
        key = self.router_id, address
        if key not in mail.batch.alike:
            mail.batch.alike[key] = self._find_alike([address])[address]
        return mail.batch.alike[key]

    def _match_guessed(self, address):
        """Return the :class:`Match` for an own address: its alias, or the mailbox of
        the user who has it."""
        alias = self._find_alias(address)
        forward_to = "" if alias else address
        return Match("guess", address, alias, forward_to=forward_to)

    def _match_rule(self, recipient, mail, known):
        """Return the :class:`Match` that a rule makes, or None.

        :param known: the :class:`Match` without rules, or None
        """
        sent_to = {one.address for one in mail.recipients.must_settle}
        if not known and recipient not in sent_to:
            return None
        ruling = mail.ruling(recipient)
        named = known and known.by == "reply_address"
        if not ruling.destination or (named and not ruling.is_guard):
            return None
        rule = ruling.destination
        target = {"alias": self.env["mail.alias"], **rule._target()}
        return Match("rule", recipient, rule=rule, **target)

    def _guess(self, delivery, mail):
        """Return the :class:`Match` for the one own address that an unknown address
        nearly names, or None. What comes into question is in the trace, and among
        the candidates that a person can choose from."""
        if not delivery.must_settle or mail.recipients.only_account:
            return None
        alike = self._alike(delivery.recipient, mail)
        for suggestion in alike:
            mail.note(
                "suggestion",
                suggestion.distance_kind,
                address=delivery.recipient,
                suggestion=suggestion.address,
            )
        # A detail is no slip: it may as well be an address that was never made.
        slips = [one for one in alike if one.distance_kind != suggestions.SUBADDRESS]
        if len(slips) == 1 and self.router_id.guess_policy != "hold":
            return self._match_guessed(slips[0].address)
        self._offer(delivery, alike, mail)
        return None

    def _offer(self, delivery, alike, mail):
        """Keep what may have been meant for a person to choose from."""
        if mail.is_trial:
            return
        self._candidates_of(delivery).unlink()
        matches = {one: self._match_guessed(one.address) for one in alike}
        self.env["mail.catchall.candidate"].create(
            [
                {
                    "message_id": self.id,
                    "delivery_id": delivery.id,
                    "address": suggestion.address,
                    "kind": suggestion.distance_kind,
                    "alias_id": match.alias.id,
                    "forward_to": match.forward_to,
                }
                for suggestion, match in matches.items()
            ]
        )

    def _candidates_of(self, delivery):
        return self.candidate_ids.filtered(lambda one: one.delivery_id == delivery)

    def _fallback(self, delivery, mail):
        """Return the :class:`Match` that the policy has for an unknown address, or
        None: it says nothing, or what it names is not there any more."""
        if not delivery.must_settle or mail.recipients.only_account:
            return None
        router_sudo = self.router_id.sudo()
        target = {}
        if router_sudo.unknown_policy == "forward":
            target = {"forward_to": router_sudo.forward_user_id.email_normalized}
        elif router_sudo.unknown_policy == "fallback":
            target = self._fallback_document(router_sudo)
        if not any(target.values()):
            return None
        no_alias = self.env["mail.alias"]
        return Match("fallback", delivery.recipient, no_alias, **target)

    def _fallback_document(self, router_sudo):
        """Return the document of a :class:`Match`, as keyword arguments."""
        if record := router_sudo.fallback_record:
            return {"document": (record._name, record.id)}
        model = router_sudo.fallback_model_id.model
        return {"new_in": (model, {}) if model in self.env else ()}
