from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.watch.router_watch import CUTS_OFF
from ...models.watch.sentences import LABELS, SUMMARIES
from .test_router_health import HealthCommon

WATCH_LOGGER = "odoo.addons.mail_catchall_router.models.watch.router_watch"
MANAGER_GROUP = "mail_catchall_router.group_mail_catchall_router_manager"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWatch(HealthCommon):
    """Nothing stops silently."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "watch_manager",
            MANAGER_GROUP,
            company_id=cls.env.company.id,
            email="manager@elsewhere.example",
        )
        cls.router.alert_user_ids = cls.manager
        cls.mail_servers.active = False

    def watch(self, **later):
        """Look as the scheduled action does; return the mails it sent at once."""
        moment = fields.Datetime.now() + timedelta(**later)
        self.env.invalidate_all()
        with (
            self.mock_mail_gateway(),
            patch.object(fields.Datetime, "now", lambda *_args: moment),
        ):
            self.crons.nextcall = moment
            self.router._watch(self.router._judge_health()[self.router.id])
            return self._mails

    def fail(self):
        self.server.write(
            {
                "error_date": self.ago(hours=1),
                "error_message": "[AUTHENTICATIONFAILED] <b>No</b>",
                "catchall_failures": 5,
            }
        )

    def mend(self):
        self.server.write(
            {"error_date": False, "error_message": False, "catchall_failures": 0}
        )

    def another_server(self, **values):
        return self.env["ir.mail_server"].create(
            {
                "name": "Another",
                "smtp_host": "smtp.elsewhere.example",
                "smtp_user": "odoo@elsewhere.example",
                "smtp_authentication": "login",
                **values,
            }
        )

    def activities(self):
        self.router.invalidate_recordset()
        return self.router.activity_ids

    def test_a_broken_account_is_told_once(self):
        self.fail()
        for _time in range(3):
            self.watch()
        activity = self.activities()
        self.assertEqual(activity.summary, "Mail cannot be collected")
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("&lt;b&gt;No", activity.note)

    def test_what_fails_once_is_told_to_nobody(self):
        self.fail()
        self.server.write({"catchall_failures": 1})
        self.watch()
        self.assertFalse(self.activities())

    def test_the_activity_closes_by_itself(self):
        self.fail()
        self.watch()
        self.mend()
        self.watch()
        self.assertFalse(self.activities())
        messages = self.router.message_ids.mapped("body")
        self.assertTrue(any("works again" in body for body in messages))
        self.assertFalse(self.router.problem_ids.lasts)

    def test_who_is_alerted_by_two_at_once_gets_both_alerts(self):
        """The other transaction has made him a follower, which this one cannot see."""
        self.router.message_subscribe(self.manager.partner_id.ids)
        followers = type(self.env["mail.followers"])
        with (
            patch.object(followers, "_get_subscription_data", lambda *_a, **_b: []),
            mute_logger("odoo.sql_db"),
        ):
            self.router._alert("Mail cannot be collected", "?")
        activity = self.activities()
        self.assertEqual(activity.summary, "Mail cannot be collected")
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn(self.manager.partner_id, self.router.message_partner_ids)

    def test_what_raises_an_alert_does_not_wait_for_a_mail_server(self):
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        wakes = self.env["ir.cron.trigger"].search([("cron_id", "=", queue.id)])
        with self.mock_mail_gateway():
            self.router._alert("Mail cannot be collected", "?")
        self.assertEqual(self._new_mails.state, "outgoing")
        self.assertEqual(self._new_mails.recipient_ids, self.manager.partner_id)
        now = self.env["ir.cron.trigger"].search([("cron_id", "=", queue.id)])
        self.assertTrue(now - wakes)

    def test_an_activity_in_another_language_is_the_same(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.fail()
        with patch.object(
            type(self.router),
            "_summaries_of",
            lambda _self, _item: {"Mail cannot be collected", "Không thể nhận thư"},
        ):
            self.router._alert("Không thể nhận thư", "?")
            self.watch()
            self.assertEqual(len(self.activities()), 1)
            self.mend()
            self.watch()
        self.assertFalse(self.activities())

    def test_the_mail_goes_another_way_and_once_a_day_at_most(self):
        self.another_server()
        self.fail()
        [mail] = self.watch()
        self.assertEqual(mail["email_from"], "odoo@elsewhere.example")
        self.assertIn("manager@elsewhere.example", mail["email_to"][0])
        self.assertIn("Mail cannot be collected", mail["subject"])
        self.assertEqual(mail["headers"]["Auto-Submitted"], "auto-generated")
        self.assertFalse(self.watch(hours=2))
        self.mend()
        self.watch(hours=3)
        self.fail()
        self.assertFalse(self.watch(hours=4))
        self.assertTrue(self.activities())
        self.assertEqual(len(self.watch(hours=25)), 1)

    def test_the_account_itself_is_no_other_way(self):
        self.fail()
        self.assertFalse(self.watch())
        self.assertTrue(self.activities())

    def test_a_server_that_fails_too_is_no_other_way(self):
        states = self.env["mail.catchall.server.state"]
        states._keep_failure(self.another_server().id, "421 Down")
        self.fail()
        self.assertFalse(self.watch())

    def test_a_server_of_one_domain_sends_under_an_address_of_it(self):
        server = self.another_server(smtp_user="robot", from_filter="x@here.example")
        self.assertEqual(server._catchall_plain_sender(), "x@here.example")
        server.from_filter = "nowhere.example"
        self.assertEqual(server._catchall_plain_sender(), "")

    def test_who_is_there_sees_it_on_the_screen(self):
        self.fail()
        with patch.object(type(self.env["bus.bus"]), "_sendone") as sent:
            self.watch()
        told = [
            content
            for _channel, kind, content in (call.args[-3:] for call in sent.mock_calls)
            if kind == "simple_notification"
        ]
        self.assertEqual([one["type"] for one in told], ["danger"])

    def test_the_watch_looks_at_every_router_and_talks_to_no_server(self):
        self.fail()
        other = self.router.copy({"fetchmail_server_id": False, "name": "Other"})
        self.env.flush_all()
        unreachable = OSError("The watch must not connect.")
        with (
            self.enter_registry_test_mode(),
            patch("socket.create_connection", side_effect=unreachable),
        ):
            self.env.ref("mail_catchall_router.ir_cron_watch").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(self.activities())
        self.assertFalse(other.activity_ids)

    def test_what_goes_wrong_with_one_router_costs_no_other_its_watch(self):
        self.fail()
        self.router.sequence = 99  # the other one's turn is first
        other = self.router.copy({"fetchmail_server_id": False, "sequence": 1})
        self.env.flush_all()
        watch = type(other)._watch

        def _watch(router, findings):
            if router.id == other.id:
                raise ValueError("not this one")
            return watch(router, findings)

        with (
            self.enter_registry_test_mode(),
            patch.object(type(other), "_watch", _watch),
            self.assertLogs(WATCH_LOGGER, "ERROR") as log,
        ):
            self.env.ref("mail_catchall_router.ir_cron_watch").method_direct_trigger()
        self.assertIn("not this one", "".join(log.output))
        self.env.invalidate_all()
        self.assertTrue(self.activities())

    def test_what_cuts_off_has_a_name_of_its_own(self):
        self.assertLessEqual(set(CUTS_OFF), set(SUMMARIES))
        self.assertLessEqual(set(SUMMARIES), set(LABELS))
