from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..common import CommittingCommon

MANAGER = "mail_catchall_router.group_mail_catchall_router_manager"
READER = "mail_catchall_router.group_mail_catchall_router_user"
SATURDAY = datetime(2026, 5, 16, 10, 0)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSnooze(CommittingCommon):
    """Mail that somebody wants to see again later, and who counts it meanwhile."""

    def setUp(self):
        super().setUp()
        self.held = self.route(
            self.mail(self.at_domain("nobody"), message_id="<later@customer.example>")
        )
        self.manager = new_test_user(
            self.env,
            "snooze_manager",
            groups=MANAGER,
            email="manager@test.example",
            tz="Asia/Ho_Chi_Minh",
        )
        self.mine = self.Message.with_user(self.manager).browse(self.held.id)

    def snooze(self, **values):
        window = self.mine.action_snooze()
        wizard = self.env["mail.catchall.snooze"].with_user(self.manager)
        form = Form(
            wizard.with_context(**window["context"], tz=self.manager.tz),
        )
        for name, value in values.items():
            form[name] = value
        return form.save().action_snooze()

    def counts(self):
        """Return how much waits, as each place that says it counts it."""
        tiles = self.env["mail.catchall.dashboard"].read_waiting()
        report = self.Message.read_triage()
        self.router.digest_user_ids = self.manager
        health = self.router._health_unsettled().get(self.router.id, {}).get("held")
        return {
            "bell": self.Message.count_to_decide(),
            "triage": report["count"],
            "listed": len(report["rows"]),
            "dashboard": sum(one["count"] for one in tiles[:2]),
            "digest": len(self.router._queue_digest(self.manager)),
            "health": health.count if health else 0,
        }

    def test_what_is_snoozed_is_counted_nowhere_until_its_moment(self):
        self.assertEqual(set(self.counts().values()), {1})
        self.snooze()
        self.assertEqual(set(self.counts().values()), {0})
        self.assertEqual(self.Message.read_triage()["snoozed"], 1)
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.assertEqual(set(self.counts().values()), {1})
            self.assertEqual(self.Message.read_triage()["snoozed"], 0)

    @freeze_time(SATURDAY)
    def test_mornings_are_those_of_the_clock_of_who_snoozes(self):
        for when, expected in (
            ("tomorrow", datetime(2026, 5, 17, 1, 0)),
            ("monday", datetime(2026, 5, 18, 1, 0)),
            ("week", datetime(2026, 5, 23, 1, 0)),
        ):
            with self.subTest(when):
                self.snooze(when=when)
                self.assertEqual(self.held.snoozed_until, expected)

    @freeze_time(SATURDAY + timedelta(days=2))
    def test_on_a_monday_the_next_one_is_meant(self):
        self.snooze(when="monday")
        self.assertEqual(self.held.snoozed_until, datetime(2026, 5, 25, 1, 0))

    def test_another_moment(self):
        moment = fields.Datetime.now() + timedelta(hours=3)
        self.snooze(when="moment", until=moment)
        self.assertEqual(self.held.snoozed_until, moment)
        with self.assertRaises(UserError):
            self.snooze(when="moment", until=fields.Datetime.now())

    def test_it_is_undone_where_all_decisions_are(self):
        self.snooze()
        self.mine.undo_last()
        self.assertFalse(self.held.snoozed_until)
        self.assertEqual(self.Message.count_to_decide(), 1)

    def test_another_decision_wakes_it_and_its_undo_puts_it_back(self):
        self.snooze()
        until = self.held.snoozed_until
        self.mine.action_discard()
        self.assertFalse(self.held.snoozed_until)
        self.mine.action_undo()
        self.assertEqual(self.held.state, "held")
        self.assertEqual(self.held.snoozed_until, until)

    def test_the_journal_says_who_and_until_when(self):
        self.snooze()
        step = self.held.trace[-1]
        words = self.held.with_context(tz="Asia/Ho_Chi_Minh")._sentence(step)
        self.assertIn(self.manager.name, words)
        self.assertIn("8:00", words)
        self.assertEqual(self.held.decision_ids[0].code, "snooze")

    def test_only_who_decides_snoozes(self):
        reader = new_test_user(self.env, "snooze_reader", groups=READER)
        with self.assertRaises(AccessError):
            self.held.with_user(reader).action_snooze()
