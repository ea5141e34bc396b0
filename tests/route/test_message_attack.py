from collections import Counter
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.mail_catchall_router.models.route.batch import Batch

from ..common import CommittingCommon, RouterCommon
from .test_message_trial import TrialCommon

GROUP = "mail_catchall_router.group_mail_catchall_router_{}"
MORNING = datetime(2026, 11, 23, 8)


class AttackCommon(RouterCommon):
    """Mails to addresses that do not exist and that nothing is alike."""

    def attempts(self, count, start=0, **values):
        return self.route(
            *(self.attempt(number, **values) for number in range(start, start + count))
        )

    def attack(self):
        return self.env["mail.catchall.attack"].search([])


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAttack(AttackCommon):
    """Who tries out addresses is one case, not a hundred."""

    def test_one_address_too_many_puts_all_of_them_together(self):
        messages = self.attempts(10)
        self.assertFalse(self.attack())
        messages += self.attempts(30, start=10)
        attack = self.attack()
        self.assertEqual(attack.message_ids, messages)
        self.assertEqual(
            (attack.name, attack.state), ("robot@attacker.example", "open")
        )
        self.assertEqual(attack.message_count, 40)
        self.assertEqual(set(messages.mapped("state")), {"held"})
        for message in (messages[0], messages[10], messages[-1]):
            self.assertEnd(message, "held", "attack")
            self.assertIn("robot@attacker.example", message.why)

    def test_all_that_is_found_is_shown(self):
        messages = self.attempts(12)
        self.assertEqual(messages[0].reason_codes, ["attack", "unknown_recipient"])
        self.assertEqual(messages[-1].reason_codes, ["attack", "burst"])

    def test_a_mail_of_an_attack_is_written_on_once(self):
        self.attempts(12)
        write, written = type(self.Message).write, []

        def _write(messages, values):
            written.extend(messages.ids)
            return write(messages, values)

        with patch.object(type(self.Message), "write", _write):
            messages = self.attempts(3, start=12)
        self.assertEqual(written, messages.ids)

    def test_an_attack_of_spam_is_one_case_too(self):
        messages = self.route(
            *(b"X-Spam-Flag: YES\r\n" + self.attempt(number) for number in range(12))
        )
        self.assertEqual(self.attack().message_ids, messages)
        self.assertEqual(messages[0].reason_codes, ["attack", "spam"])

    def test_a_person_is_told_once(self):
        self.attempts(15)
        summaries = self.router.activity_ids.mapped("summary")
        self.assertIn("Attack on unknown addresses", summaries)
        self.assertEqual(
            len(self.router.activity_ids), len(self.router.activity_ids.user_id)
        )

    def test_senders_who_change_are_known_by_their_network(self):
        messages = self.route(
            *(
                self.attempt(
                    number,
                    email_from=f"robot{number}@attacker.example",
                    address=f"192.0.2.{number + 1}",
                )
                for number in range(11)
            )
        )
        attack = self.attack()
        self.assertEqual((attack.network, attack.sender), ("192.0.2.0/24", False))
        self.assertEqual(attack.message_ids, messages)
        # A customer of the same provider who writes to somebody is none of it.
        self.assertEnd(self.route(self.mail(self.at_domain("sales"))), "delivered")

    def test_a_forged_received_line_names_no_network(self):
        forged = "Received: from a (a [198.51.100.9]) by b.example; now\r\n"
        (message,) = self.attempts(1, extra=forged)
        self.assertEqual(message.network, "192.0.2.0/24")

    def test_private_networks_are_no_source(self):
        self.route(
            *(
                self.attempt(n, email_from=f"r{n}@attacker.example", address="10.0.0.7")
                for n in range(15)
            )
        )
        self.assertFalse(self.attack())

    def test_typos_of_a_customer_are_no_attack(self):
        messages = self.attempts(3, email_from="lan@customer.example")
        self.assertEqual(set(messages.mapped("reason_code")), {"unknown_recipient"})
        self.assertFalse(self.attack())

    def test_the_same_unknown_address_again_and_again_is_no_attack(self):
        self.router.burst_count = 0
        self.attempts(15, local_part="qwxnobodyzz")
        self.assertFalse(self.attack())

    def test_many_unknown_addresses_over_a_day_are_no_attack(self):
        mails = [
            {
                "raw": self.attempt(number),
                "internal_date": MORNING + timedelta(minutes=20 * number),
            }
            for number in range(15)
        ]
        for message in self.Message._journal(self.router, mails):
            message._route()
        self.assertFalse(self.attack())

    def test_mistyped_addresses_count_and_are_not_guessed_in_an_attack(self):
        self.router.attack_count = 2
        names = ("saless", "salees", "saales", "salles")
        messages = self.route(
            *(self.attempt(n, local_part=name) for n, name in enumerate(names))
        )
        self.assertEqual(
            messages.mapped("state"), ["delivered", "delivered", "held", "held"]
        )

    def test_an_attacker_s_mail_to_an_alias_is_held(self):
        self.attempts(11)
        message = self.attempts(1, start=50, local_part="sales")
        self.assertEnd(message, "held", "attack")
        self.assertEqual(message.attack_id, self.attack())

    def test_an_attack_ends_with_an_hour_s_rest(self):
        for hour, count in ((0, 11), (5, 1)):
            mails = [
                {
                    "raw": self.attempt(hour * 100 + number),
                    "internal_date": MORNING + timedelta(hours=hour),
                }
                for number in range(count)
            ]
            messages = self.Message._journal(self.router, mails)
            for message in messages:
                message._route()
        self.assertEnd(messages, "held", "unknown_recipient")

    def test_a_forged_customer_is_not_taken_for_the_attacker(self):
        results = (
            f"Authentication-Results: mx.{self.domain};\r\n"
            f"\tdmarc=fail header.from=customer.example\r\n"
        ).encode()
        for number in range(12):
            raw = self.attempt(
                number,
                email_from="lan@customer.example",
                address=f"198.51.{number}.1",
            )
            self.route(results + raw)
        self.assertFalse(self.attack())
        self.assertEnd(self.route(self.mail(self.at_domain("sales"))), "delivered")

    def test_the_router_may_discard_attacks(self):
        self.router.attack_policy = "ignored"
        messages = self.attempts(14)
        self.assertEqual(set(messages.mapped("state")), {"ignored"})
        self.assertEqual(set(messages.mapped("reason_code")), {"attack"})

    def test_without_a_limit_there_is_no_attack(self):
        self.router.attack_count = 0
        self.attempts(15)
        self.assertFalse(self.attack())

    def test_an_allowed_sender_may_try(self):
        self.env["mail.catchall.sender"]._set(
            "attacker.example", self.router.company_id, "allow"
        )
        messages = self.attempts(15)
        self.assertEqual(set(messages.mapped("reason_code")), {"unknown_recipient"})

    def test_the_journal_s_size_does_not_count(self):
        def queries(number):
            message = self.journal(self.attempt(number))
            mail = message._read_mail()
            message.company_id = self.router.company_id
            message._open_deliveries({message: mail})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            message._stop_attack(dict.fromkeys(message.delivery_ids), mail)
            return self.env.cr.sql_log_count - before

        self.attempts(5, email_from="lan@customer.example", address="198.51.100.1")
        queries(999)  # from now on there is something on record
        few = queries(1000)
        self.journal(*(self.attempt(number) for number in range(100, 600)))
        self.assertEqual(queries(1001), few)

    def test_one_more_of_an_attack_is_not_looked_at_closely(self):
        self.attempts(11)
        more, other = self.journal(
            self.attempt(50), self.attempt(51, local_part="sales")
        )
        batch = Batch()
        (more + other)._read_closely(batch)
        self.assertEqual(batch.swelling, {more})
        self.assertEqual(set(batch.evidence), {other})
        self.assertNotIn((self.router, self.at_domain("qwx50zzkj")), batch.alike)
        with patch.object(type(more), "_guess") as guess:
            more._route()
        guess.assert_not_called()
        self.assertEnd(more, "held", "attack")
        self.assertIn("robot@attacker.example", more.why)

    def test_what_a_rule_has_a_place_for_is_looked_at_closely(self):
        self.attempts(11)
        self.env["mail.catchall.rule"].create(
            {
                "name": "Old shop",
                "router_id": self.router.id,
                "action": "alias",
                "alias_id": self.sales.id,
                "condition_ids": [
                    Command.create(
                        {
                            "field": "recipient",
                            "operator": "starts_with",
                            "value": "qwx50",
                        }
                    )
                ],
            }
        )
        message = self.journal(self.attempt(50))
        batch = Batch()
        message._read_closely(batch)
        self.assertIn(message, batch.evidence)

    def test_an_alias_that_is_made_meanwhile_brings_the_closer_look_back(self):
        self.route(
            *(self.attempt(n, email_from=f"r{n}@attacker.example") for n in range(11))
        )
        first, second = self.journal(
            *(self.attempt(n, email_from=f"r{n}@attacker.example") for n in (50, 51))
        )
        Message = type(first)
        route_mail, judge = Message._route_mail, Message._judge
        judged = self.Message

        def make_alias(message, mail):
            if message == first:
                self._create_alias("qwx51zzkj")
            route_mail(message, mail)

        def note_judged(message, *arguments):
            nonlocal judged
            judged += message
            return judge(message, *arguments)

        with (
            patch.object(Message, "_route_mail", make_alias),
            patch.object(Message, "_judge", note_judged),
        ):
            (first + second)._settle_together()
        self.assertEqual(judged, second)
        self.assertEnd(first, "held", "attack")
        self.assertEnd(second, "delivered")

    def swarm(self, *numbers, **values):
        """Journal mails of one network, each of another sender unless one is given."""
        return self.journal(
            *(
                self.attempt(n, **{"email_from": f"r{n}@attacker.example", **values})
                for n in numbers
            )
        )

    def test_mails_of_an_attack_that_follow_each_other_are_written_on_together(self):
        self.router.burst_count = 0
        self.swarm(*range(11))._settle_together()
        messages = self.swarm(*range(20, 50))
        models = [type(messages), type(messages.delivery_ids)]
        written = Counter()

        def counting(model):
            write = model.write

            def _write(records, values):
                written[records._name, len(records)] += 1
                return write(records, values)

            return patch.object(model, "write", _write)

        with counting(models[0]), counting(models[1]):
            messages._settle_together()
        self.assertEqual(written, {(model._name, len(messages)): 1 for model in models})
        self.env.invalidate_all()
        self.assertEqual(messages.attack_id, self.attack())
        self.assertEqual(set(messages.mapped("network")), {"192.0.2.0/24"})
        for message in messages:
            self.assertEnd(message, "held", "attack")
        deliveries = messages.delivery_ids
        self.assertTrue(all(deliveries.mapped("unknown")))
        self.assertEqual(set(deliveries.mapped("state")), {"held"})
        self.assertEqual(set(deliveries.mapped("reason_code")), {"attack"})

    def test_what_depends_on_the_mails_before_it_sees_their_ends(self):
        self.router.burst_count = 0
        self.swarm(*range(11))._settle_together()
        network = self.attack()
        tries = self.swarm(*range(20, 31), email_from="robot@attacker.example")
        tries._settle_together()
        opened = self.attack() - network
        self.assertEqual(opened.sender, "robot@attacker.example")
        self.assertEqual(opened.message_ids, tries)

    def test_a_copy_takes_over_from_a_mail_of_the_same_batch(self):
        self.router.burst_count = 0
        self.swarm(*range(11))._settle_together()
        first, other, copy = self.swarm(20, 21, 20)
        (first + other + copy)._settle_together()
        self.assertEnd(first, "ignored", "duplicate")
        self.assertEnd(copy, "held", "attack")

    def test_mail_to_the_account_itself_swells_no_attack(self):
        self.attempts(11)
        raw = self.mail(self.account, email_from="robot@attacker.example")
        batch = Batch()
        self.journal(raw)._read_closely(batch)
        self.assertFalse(batch.swelling)

    def test_erasing_the_sender_erases_him_from_the_attack(self):
        self.attempts(12)
        attack = self.attack()
        self.Message.search([("sender", "=", "robot@attacker.example")])._erase()
        self.assertFalse(attack.sender)
        self.assertNotIn("robot", attack.name)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAttackTrial(AttackCommon, TrialCommon):
    """A trial finds the attack, and opens none."""

    def test_one_address_too_many_would_be_an_attack(self):
        self.router.burst_count = 0
        self.attempts(9)
        self.assertForeseen(self.attempt(50), "held", "unknown_recipient")
        self.assertForeseen(self.attempt(51), "held", "attack")
        self.assertEqual(len(self.attack()), 1)

    def test_a_mail_of_an_attack_would_join_it(self):
        self.attempts(11)
        self.env.cr.flush()  # what the alert has told the web client
        self.assertForeseen(self.attempt(50), "held", "attack")
        self.assertEqual(self.attack().message_count, 12)

    def test_mail_to_a_trap_would_be_held(self):
        self.router.trap_addresses = "hidden.person"
        raw = self.attempt(1, local_part="hidden.person")
        self.assertForeseen(raw, "held", "trap")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDecideAttack(AttackCommon, CommittingCommon):
    """One decision about all of it."""

    def test_discarding_all_lasts_as_long_as_the_attack(self):
        messages = self.attempts(12)
        self.attack().action_discard()
        self.assertEqual(set(messages.mapped("state")), {"ignored"})
        later = self.attempts(2, start=50)
        self.assertEnd(later[0], "ignored", "attack")
        self.assertEqual(len(self.attack()), 1)

    def test_a_discarded_attack_in_his_name_does_not_end_a_customer_s_mail(self):
        """Eleven mails under a customer's name and one press of a button must not
        make his own mail vanish."""
        self.attempts(12, email_from="lan@customer.example", address="198.51.100.7")
        self.attack().action_discard()
        message = self.route(
            self.mail(
                self.at_domain("sales"),
                subject="Stranger",
                message_id="<stranger@customer.example>",
            )
        )
        self.assertEnd(message, "held", "attack")
        results = (
            f"Authentication-Results: mx.{self.domain};\r\n"
            f"\tdmarc=pass header.from=customer.example\r\n"
        ).encode()
        raw = self.mail(
            self.at_domain("sales"),
            subject="Proven",
            message_id="<proven@customer.example>",
        )
        self.assertEnd(self.route(results + raw), "delivered")
        raw = self.mail(
            self.at_domain("nobody.zzqx"),
            subject="Proven, mistyped",
            message_id="<proven.mistyped@customer.example>",
        )
        self.assertEnd(self.route(results + raw), "held", "unknown_recipient")
        self.env["res.partner"].create({"name": "Lan", "email": "lan@customer.example"})
        message = self.route(
            self.mail(
                self.at_domain("sales"),
                subject="Contact",
                message_id="<contact@customer.example>",
            )
        )
        self.assertEnd(message, "delivered")

    def ask_about_lan(self, action):
        """Return an attack in a contact's name among others', and the question that
        one of its buttons asks."""
        self.env["res.partner"].create({"name": "Lan", "email": "lan@customer.example"})
        messages = self.attempts(12, email_from="lan@customer.example")
        asked = getattr(self.attack(), action)()
        self.assertEqual(set(messages.mapped("state")), {"held"})
        self.assertEqual(self.attack().state, "open")
        wizard = (
            self.env[asked["res_model"]].with_context(**asked["context"]).create({})
        )
        self.assertEqual(wizard.contact_ids.mapped("name"), ["Lan"])
        return messages, wizard

    def test_discarding_asks_about_contacts(self):
        messages, wizard = self.ask_about_lan("action_discard")
        wizard.action_discard_others()
        self.assertEqual(set(messages.mapped("state")), {"held"})
        self.assertEqual(self.attack().state, "discarded")
        wizard.action_discard_all()
        self.assertEqual(set(messages.mapped("state")), {"ignored"})

    def test_blocking_asks_about_contacts(self):
        messages, wizard = self.ask_about_lan("action_block")
        Sender = self.env["mail.catchall.sender"]
        self.assertFalse(Sender.search([("policy", "=", "block")]))
        wizard.action_discard_all()
        self.assertEqual(set(messages.mapped("state")), {"ignored"})
        self.assertTrue(Sender.search([("policy", "=", "block")]))

    def test_who_may_not_decide_is_not_asked(self):
        self.env["res.partner"].create({"name": "Lan", "email": "lan@customer.example"})
        self.attempts(12, email_from="lan@customer.example")
        reader = new_test_user(self.env, "reader", GROUP.format("user"))
        with self.assertRaises(AccessError):
            self.attack().with_user(reader).action_discard()

    def test_released_mail_is_routed_as_any_other(self):
        self.router.attack_count = 2
        messages = self.attempts(2)
        messages += self.attempts(1, start=2, local_part="saless")
        self.assertEqual(set(messages.mapped("reason_code")), {"attack"})
        self.attack().action_release()
        self.Message._cron_route()
        self.assertEqual(
            messages.mapped("reason_code"),
            ["unknown_recipient", "unknown_recipient", False],
        )
        later = self.attempts(1, start=50)
        self.assertEnd(later, "held", "unknown_recipient")
        self.assertEqual(len(self.attack()), 1)

    def test_what_was_discarded_can_be_released(self):
        messages = self.attempts(12)
        self.attack().action_discard()
        self.attack().action_release()
        self.Message._cron_route()
        self.assertEqual(set(messages.mapped("reason_code")), {"unknown_recipient"})

    def test_blocking_the_sender_discards_all(self):
        messages = self.attempts(12)
        self.attack().action_block()
        self.assertEqual(set(messages.mapped("state")), {"ignored"})
        later = self.attempts(1, start=50, local_part="sales")
        self.assertEnd(later, "ignored", "blocked")

    def test_a_network_cannot_be_blocked(self):
        for number in range(11):
            self.route(self.attempt(number, email_from=f"r{number}@attacker.example"))
        with self.assertRaises(UserError):
            self.attack().action_block()

    def test_only_who_may_decide_decides(self):
        self.attempts(12)
        attack = self.attack()
        self.mail_alias_domain.with_env(self.env).company_ids = attack.company_id
        reader = new_test_user(
            self.env, "reader", GROUP.format("user"), company_id=attack.company_id.id
        )
        foreign = new_test_user(
            self.env,
            "foreign",
            GROUP.format("manager"),
            company_id=self.company_2.id,
            company_ids=[(6, 0, self.company_2.ids)],
        )
        self.assertEqual(attack.with_user(reader).message_count, 12)
        for user in (reader, foreign):
            with self.assertRaises(AccessError):
                attack.with_user(user).action_discard()
        self.assertFalse(self.env["mail.catchall.attack"].with_user(foreign).search([]))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTraps(AttackCommon):
    """Addresses that only robots know."""

    def setUp(self):
        super().setUp()
        self.router.trap_addresses = f"hidden.person\n{self.at_domain('old.office')}"

    def test_mail_to_a_trap_has_the_end_that_the_router_says(self):
        for policy in ("held", "ignored"):
            with self.subTest(policy=policy):
                self.router.trap_policy = policy
                raw = self.attempt(policy, local_part="Hidden.Person")
                message = self.route(raw)
                self.assertEnd(message, policy, "trap")
                self.assertIn("hidden.person@", message.why)

    def test_the_sender_s_other_mail_is_held_for_a_day(self):
        trapped = self.attempts(1, local_part="old.office")
        message = self.route(self.attempt(7, local_part="sales"))
        self.assertEnd(message, "held", "trap_sender")
        self.assertIn(str(trapped.id), message.why)
        trapped.arrived -= timedelta(hours=25)
        message = self.route(self.attempt(8, local_part="sales"))
        self.assertEnd(message, "delivered")

    def test_a_trap_beside_an_address_that_exists_ends_nothing(self):
        self.router.trap_policy = "ignored"
        to = f"{self.at_domain('hidden.person')}, {self.at_domain('sales')}"
        message = self.route(self.mail(to=to, email_from="robot@attacker.example"))
        self.assertEnd(message, "held", "trap")

    def test_a_trap_ends_no_mail_that_is_vouched_for(self):
        self.router.trap_policy = "ignored"
        self.env["res.partner"].create({"name": "Lan", "email": "lan@customer.example"})
        raw = self.mail(self.at_domain("hidden.person"), message_id="<v@c.example>")
        self.assertEnd(self.route(raw), "held", "trap")

    def test_all_reasons_are_kept(self):
        raw = b"X-Spam-Flag: YES\r\n" + self.attempt(1, local_part="old.office")
        message = self.route(raw)
        self.assertEqual(message.reason_codes, ["spam", "trap"])
        self.router.trap_policy = "ignored"
        raw = b"X-Spam-Flag: YES\r\n" + self.attempt(2, local_part="old.office")
        message = self.route(raw)
        self.assertEnd(message, "ignored", "trap")
        self.assertEqual(message.reason_codes, ["trap", "spam"])

    def test_nobody_else_is_suspected(self):
        self.attempts(1, local_part="old.office")
        self.assertEnd(self.route(self.mail(self.at_domain("sales"))), "delivered")

    def test_a_customer_s_forged_name_does_not_hold_his_mail(self):
        results = (
            f"Authentication-Results: mx.{self.domain};\r\n"
            f"\tdmarc=fail header.from=customer.example\r\n"
        ).encode()
        raw = self.attempt(
            1, local_part="old.office", email_from="lan@customer.example"
        )
        self.assertEnd(self.route(results + raw), "held", "trap")
        self.assertEnd(self.route(self.mail(self.at_domain("sales"))), "delivered")

    def test_a_trap_in_his_name_does_not_hold_a_contact_s_mail(self):
        self.attempts(1, local_part="old.office", email_from="lan@customer.example")
        message = self.route(
            self.mail(
                self.at_domain("sales"),
                subject="Stranger",
                message_id="<stranger@customer.example>",
            )
        )
        self.assertEnd(message, "held", "trap_sender")
        self.env["res.partner"].create({"name": "Lan", "email": "lan@customer.example"})
        message = self.route(
            self.mail(
                self.at_domain("sales"),
                subject="Contact",
                message_id="<contact@customer.example>",
            )
        )
        self.assertEnd(message, "delivered")

    def test_an_address_in_use_is_no_trap(self):
        for trap in ("sales", self.account, "someone@elsewhere.example"):
            with self.subTest(trap=trap), self.assertRaises(ValidationError):
                self.router.trap_addresses = trap
