from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models

from ...tools.inbound import bayes
from .message_ends import values_of_end

ATTACK_WINDOW = timedelta(hours=1)
TRAP_WINDOW = timedelta(hours=24)
# Most mails of before an attack was recognised that are put into it.
EARLIER_LIMIT = 200


class MailCatchallMessage(models.Model):
    """Attacks: mail to many addresses that do not exist, and to traps."""

    _inherit = "mail.catchall.message"

    network = fields.Char(
        readonly=True,
        help="The network from which the provider's mail server received the email.",
    )
    unknown_address = fields.Boolean(
        readonly=True, help="It was sent to an address that does not exist."
    )
    trapped = fields.Boolean(readonly=True, help="It was sent to a trap address.")
    attack_id = fields.Many2one(
        "mail.catchall.attack",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # Few of all messages are in these.
    _unknown_sender_idx = models.Index(
        "(sender, arrived) WHERE unknown_address IS TRUE"
    )
    _unknown_network_idx = models.Index(
        "(network, arrived) WHERE unknown_address IS TRUE"
    )
    _trapped_idx = models.Index("(sender, arrived) WHERE trapped IS TRUE")
    _attack_idx = models.Index("(attack_id, arrived) WHERE attack_id IS NOT NULL")

    # ------------------------------------------------------------
    # TRAPS
    # ------------------------------------------------------------

    def _guard_trap(self, mail):
        """Stop a mail to a trap, and for a day the other mail under its sender's name,
        unless something vouches for it."""
        traps = self.router_id._trap_addresses()
        hit = [one for one in mail.recipients.must_settle if one.address in traps]
        for found in hit:
            mail.note("trap", "hit", address=found.address)
        if hit:
            mail.kept["trapped"] = mail.authenticated is not False
            if not mail.is_trial and not mail.is_vouched_for:
                self._teach(bayes.SPAM)
            mail.suspect("trapped", self.sender)
            only_traps = len(hit) == len(mail.recipients.must_settle)
            if not only_traps or mail.is_vouched_for:
                # A trap beside an address that exists ends nobody's mail.
                return "held", "trap"
            return self.router_id.trap_policy, "trap"
        if not mail.is_suspect("trapped", self.sender):
            return None
        earlier = self._find_trapped(mail)
        if earlier and not mail.is_vouched_for:
            mail.note("trap", "sender", address=self.sender, message=earlier.id)
            return "held", "trap_sender"
        return None

    def _find_trapped(self, mail):
        """Return the mail of this sender to a trap in the last day, or empty."""
        if not self.sender:
            return self.browse()
        return self.search(
            [
                ("trapped", "=", True),
                ("sender", "=", self.sender),
                ("company_id", "=", self.company_id.id),
                *mail.arrived_within(TRAP_WINDOW),
            ],
            limit=1,
        )

    # ------------------------------------------------------------
    # ATTACKS
    # ------------------------------------------------------------

    def _guard_attack(self, mail):
        """Stop all mail under the name of a sender who is trying out addresses.

        Anybody can write a name. So what something vouches for passes, and what is
        also for an address that exists waits for a person, whatever was decided
        about the rest.
        """
        mail.kept["network"] = mail.network
        attack = self._find_attack("sender", self.sender, mail)
        if not attack or attack.state == "released" or mail.passes_guards:
            return None
        if mail.is_vouched_for:
            return None
        end = self._join_attack(attack, mail)
        tried = len(mail.seem_unknown) == len(mail.recipients.must_settle)
        return (end if tried else "held"), "attack"

    def _only_swells_attack(self, mail):
        """Tell whether the mail is nothing but one more of an attack that goes on:
        there, nothing answers for any address that it names. Nobody has to look at it
        more closely."""
        may_be = any(mail.is_suspect("attack", one) for one in mail.sources)
        if not may_be or not mail.recipients.must_settle or mail.passes_guards:
            return False
        is_for_somebody = (
            mail.recipients.only_account
            or any(map(self._directed, self.delivery_ids))
            or any(
                one in mail.batch.mailboxes or self._match(one, mail)
                for one in mail.named
            )
        )
        return not is_for_somebody and bool(self._attack_from_source(mail))

    def _attack_verdict(self, mail):
        """Return the verdict on a mail that other guards have stopped: what it tried
        counts all the same. Spam and bursts are what most attacks consist of."""
        if self.attack_id or "attack_id" in mail.kept:
            return None
        attack, unknown = self._attack_of(
            mail,
            {
                delivery: self._answering(delivery, mail)
                for delivery in mail.open_deliveries
            },
        )
        unknown.unknown = True
        return (self._join_attack(attack, mail), "attack") if attack else None

    def _stop_attack(self, matches, mail):
        """Settle what is addressed to nobody, if it is part of an attack.

        :param matches: {delivery: :class:`Match` or None}
        :return: those of them that are not settled
        """
        attack, unknown = self._attack_of(mail, matches)
        if not attack:
            unknown.unknown = True
            return matches
        state = self._join_attack(attack, mail)
        if unknown == self.delivery_ids and mail.may_end_with_others:
            mail.batch.ending[self] = mail, state
        else:
            self._end_deliveries(unknown, state)
        for delivery in unknown:
            mail.note("hold", "attack", address=delivery.recipient)
        return {one: match for one, match in matches.items() if one not in unknown}

    def _end_deliveries(self, deliveries, state):
        """Give deliveries to nobody the end that the mail of an attack has."""
        deliveries.write({"unknown": True, "state": state, "reason_code": "attack"})

    @api.model
    def _write_ending(self, batch):
        """Write the ends of mails of attacks that came one after the other: of all that
        end alike at once. They are most of a flood, and writing takes longest.

        Whatever is asked for in the database that may depend on them comes after it.

        :param batch: the ``Batch`` of the mails
        """
        alike = defaultdict(list)
        for message, (mail, state) in batch.ending.items():
            alike[state, tuple(sorted(mail.kept.items()))].append(message.id)
        batch.ending.clear()
        for (state, kept), ids in alike.items():
            messages = self.browse(ids)
            self._end_deliveries(messages.delivery_ids, state)
            now = fields.Datetime.now()
            messages.write({**dict(kept), **values_of_end(state, "attack", now)})

    def _attack_of(self, mail, matches):
        """Return the attack that this mail is a part of, or an empty one, and the
        deliveries to nobody. One is opened with the first address too many.

        A sender's name counts unless the provider says that it is forged.
        """
        attack = self.env["mail.catchall.attack"]
        unmatched = [delivery for delivery, match in matches.items() if not match]
        unknown = mail.find_unknown(self.delivery_ids.browse().concat(*unmatched))
        if not unknown:
            return attack, unknown
        mail.kept["unknown_address"] = True
        if not mail.passes_guards:
            attack = self._attack_from_source(mail, unknown)
        for source in filter(None, mail.sources):
            mail.suspect("tried", source)
        return attack, unknown

    def _attack_from_source(self, mail, unknown=()):
        """Return the attack that the mail's sender or network makes, or an empty
        one.

        :param unknown: the deliveries to nobody, with which one may be opened
        """
        attack = self.env["mail.catchall.attack"]
        sources = {"sender": self.sender, "network": mail.network}
        if mail.authenticated is False:
            del sources["sender"]
        for kind, source in sources.items():
            attack = self._find_attack(kind, source, mail)
            if unknown and not attack:
                attack = self._open_attack(kind, source, mail, unknown)
            if attack and kind == "sender" and attack._end() == "ignored":
                # By his name alone nobody's mail ends: it waits as any other would.
                attack = attack.filtered(lambda _one: not mail.is_vouched_for)
            if attack:
                break
        return attack.filtered(lambda one: one.state != "released")

    def _find_attack(self, kind, source, mail):
        """Return the attack of a source that goes on, or an empty one. An hour's
        rest ends it.

        :param kind: "sender" or "network"
        """
        Attack = self.env["mail.catchall.attack"]
        if not source or not mail.is_suspect("attack", source):
            return Attack
        key = mail.company, kind, source
        known = mail.batch.attacks.get(key)
        if known and self.arrived - ATTACK_WINDOW < known[1] <= self.arrived:
            return known[0]
        self._write_ending(mail.batch)
        domain = [(kind, "=", source), ("company_id", "=", mail.company.id)]
        attack = Attack.search(domain, order="id desc", limit=1)
        latest = attack and self.search(
            [("attack_id", "=", attack.id), *mail.arrived_within(ATTACK_WINDOW)],
            order="arrived desc",
            limit=1,
        )
        if not latest:
            return Attack
        mail.batch.attacks[key] = attack, latest.arrived
        return attack

    def _open_attack(self, kind, source, mail, unknown):
        """Return a new attack of a source that has tried too many addresses within
        the hour, with its earlier mail; else an empty one."""
        Attack = self.env["mail.catchall.attack"]
        limit = self.router_id.attack_count
        own = self.delivery_ids.filtered("unknown") | unknown
        may_be_many = mail.is_suspect("tried", source) or len(own) > limit
        if not source or not limit or not may_be_many:
            return Attack
        self._write_ending(mail.batch)
        earlier = [
            (kind, "=", source),
            ("unknown_address", "=", True),
            ("company_id", "=", self.company_id.id),
            *mail.arrived_within(ATTACK_WINDOW),
        ]
        if self._count_tried(own, earlier, limit + 1) <= limit:
            return Attack
        attack = Attack._open(self, kind, source)
        mail.suspect("attack", source)
        if mail.is_trial:
            return attack
        waiting = [*earlier, ("state", "=", "held")]
        for message in self.search(waiting, limit=EARLIER_LIMIT):
            message._join_late(attack)
        return attack

    def _join_late(self, attack):
        """Put a mail of before an attack was recognised, which waits, to its others."""
        unknown = self.delivery_ids.filtered(
            lambda one: one.unknown and one.state == "held"
        )
        self._end_deliveries(unknown, self._note_attack(attack))
        self._conclude(kept={"attack_id": attack.id, "reason_code": False})

    def _count_tried(self, own, earlier, limit):
        """Return how many addresses that do not exist were tried, ``limit`` at most,
        by the deliveries ``own`` and the messages of the domain ``earlier``."""
        tried = self.env["mail.catchall.delivery"]._read_group(
            [
                ("unknown", "=", True),
                ("message_id", "any", earlier),
                ("recipient", "not in", own.mapped("recipient")),
            ],
            ["recipient"],
            limit=limit,
        )
        return min(len(tried) + len(own), limit)

    def _join_attack(self, attack, mail):
        """Put the mail to the others of an attack.

        :param mail: the ``Mail`` that is being routed
        :return: the state that its mail ends in
        """
        mail.kept["attack_id"] = attack.id
        kind = "sender" if attack.sender else "network"
        source = attack.company_id, kind, attack[kind]
        mail.batch.attacks[source] = attack, self.arrived
        return self._note_attack(attack)

    def _note_attack(self, attack):
        """Note that the mail is one of an attack; return the state it ends in."""
        self._note("attack", "joined", source=attack.name)
        return attack._end()
