import contextlib
import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests import new_test_user, tagged

from odoo.addons.mail_catchall_router.tools.runtime import locks
from odoo.addons.mail_catchall_router.tools.servers.imap import FolderStatus
from odoo.addons.mail_catchall_router.tools.watch import listening
from odoo.addons.mail_catchall_router.tools.watch.listening import Ear

from ...models.watch.router_health import JOBS
from ...models.watch.sentences import ADVICE, BUTTONS, LABELS, SENTENCES
from .. import mail_servers
from ..common import RouterCommon
from ..fake_servers import ImapConnection, ImapServer
from ..send.test_mail_mail_attempt import SendingCommon

USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"


class HealthCommon(RouterCommon):
    """A router whose scheduled actions are not late: tests run none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crons = cls.env["ir.cron"].union(
            *(cls.env.ref(one) for group in JOBS for one in group)
        )
        cls.crons.write({"active": True, "nextcall": fields.Datetime.now()})

    def item(self, name, router=None):
        """Return an item of the report, as the screen gets it."""
        router = router or self.router
        router.invalidate_recordset()
        items = {one["item"]: one for one in router.health_report["items"]}
        return items[name]

    def assertItem(self, name, state, *words):
        item = self.item(name)
        self.assertEqual(item["state"], state, item)
        for word in words:
            self.assertIn(word, f"{item['sentence']} {item['advice']}")
        return item

    def counted(self, item, router):
        """Return the number in the sentence of an item."""
        sentence = self.item(item, router)["sentence"]
        return int(re.search(r"\d+(?= waiting|, the|\.$)", sentence)[0])

    def reader(self):
        """Return a user who sees the mail of the router's company alone."""
        return new_test_user(
            self.env, "health-reader", USER_GROUP, company_id=self.env.company.id
        )

    def ago(self, **delta):
        return fields.Datetime.now() - timedelta(**delta)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHealthReport(HealthCommon):
    """What the router's form says of its health."""

    def test_a_new_router_is_well(self):
        self.assertEqual(self.router.health, "ok")
        self.assertItem("last_in", "ok", "No mail yet")
        self.assertItem("incoming", "ok")
        self.assertItem("jobs", "ok")

    def test_every_sentence_can_be_said(self):
        names = "server words since age count used limit period end left folder names "
        names += "provider address code day total name record domain dead policy signer"
        names += " process host engine"
        values = {name: "x" for name in re.findall(r"\w+", names)}
        for (item, _code), sentence in [*SENTENCES.items(), *ADVICE.items()]:
            self.assertIn(item, LABELS)
            self.assertTrue(str(sentence) % values)
        self.assertLessEqual(set(ADVICE), set(SENTENCES))
        self.assertLessEqual(set(BUTTONS), set(LABELS))

    def test_what_waits_is_counted_router_by_router(self):
        other = self.router.copy({"fetchmail_server_id": False, "name": "Other"})
        self.route(self.mail(self.at_domain("nobody-there")))
        messages = self.journal(
            self.mail(self.at_domain("sales"), message_id="<2@customer.example>")
        )
        self.env.cr.execute(
            "UPDATE mail_catchall_message SET create_date = %s WHERE id = %s",
            [self.ago(minutes=20), messages.id],
        )
        self.env.invalidate_all()
        self.assertItem("held", "ok", "1 waiting for a decision")
        self.assertItem("waiting", "warning", "1, the oldest for 20 minutes")
        self.assertEqual(self.item("waiting", other)["state"], "ok")
        self.assertEqual(self.item("last_in", other)["sentence"], "No mail yet.")
        self.assertItem("last_in", "ok", "ago")

    def test_mail_that_was_given_up_is_a_problem_with_a_button_that_shows_it(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        message.state = "dead"
        self.assertEqual(self.assertItem("dead", "problem")["button"], "Show")
        self.assertEqual(self.router.health, "problem")
        action = self.router.action_health("dead")
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), message
        )

    def test_each_count_is_of_what_its_reader_sees(self):
        """A router may have mail of another company than its own."""
        own, other = self.env.company, self.company_2
        states = ("received", "held", "failed", "dead")
        ends = [(state, one) for state in states for one in (own, other, other)]
        messages = self.journal(
            *(self.mail(message_id=f"<{n}@customer.example>") for n in range(len(ends)))
        )
        for message, (state, company) in zip(messages, ends, strict=True):
            message.write({"state": state, "company_id": company.id})
        router, listed = self.router.with_user(self.reader()), self.env[messages._name]
        for item in ("waiting", "held", "failed", "dead"):
            self.assertEqual(self.counted(item, router), 1, item)
            action = router.action_health(item)
            listed |= listed.with_env(router.env).search(action["domain"])
        self.assertEqual(listed.sudo(), messages[::3].sudo())
        counts = ("waiting_count", "held_count", "failed_count")
        self.assertEqual([router[name] for name in counts], [1, 1, 2])
        both = self.router.with_context(allowed_company_ids=(own + other).ids)
        self.assertEqual([both[name] for name in counts], [3, 3, 6])
        self.assertEqual(self.counted("held", both), 3)

    def test_a_forwarding_of_another_company_is_not_told(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        message.write({"state": "held", "reason_code": "forwarding"})
        router = self.router.with_user(self.reader())
        asked = dict.fromkeys(("provider", "address", "code", "is_proven"), "x")
        with patch.object(type(self.Message), "_read_forwarding", return_value=asked):
            self.item("forwarding", router)
            message.company_id = self.company_2
            with self.assertRaises(KeyError):
                self.item("forwarding", router)

    def test_the_server_s_words_are_said_and_since_when(self):
        self.server.write(
            {
                "error_date": self.ago(minutes=4),
                "error_message": "[AUTHENTICATIONFAILED] Wrong <password>",
                "catchall_failures": 1,
            }
        )
        self.assertItem("incoming", "warning", "Wrong <password>")
        self.server.write({"error_date": self.ago(hours=1), "catchall_failures": 9})
        self.assertItem("incoming", "problem", "Wrong <password>", "Press Test")

    def test_what_is_off_is_switched_on_right_there(self):
        """Who reads it need not find the technical menu of the servers."""
        self.server.write({"active": False, "state": "draft"})
        self.smtp_server.active = False
        router = type(self.router)
        for item, server in (("incoming", self.server), ("outgoing", self.smtp_server)):
            found = self.assertItem(item, "problem", "Press Switch On")
            self.assertEqual(found["button"], "Switch On")
            with patch.object(router, f"_test_{item}", side_effect=UserError("No.")):
                with self.assertRaisesRegex(UserError, "No"):
                    self.router.action_health(item)
                self.assertFalse(server.active)
            with patch.object(router, f"_test_{item}", return_value="It works"):
                self.router.action_health(item)
            self.assertTrue(server.active)
            self.assertItem(item, "ok")

    def test_failures_in_a_row_are_counted_and_forgotten(self):
        server = self.server
        for count in (1, 2):
            server._catchall_keep_result(OSError("Connection refused"))
            self.assertEqual(server.catchall_failures, count)
        server._catchall_keep_result(None)
        self.assertFalse(server.catchall_failures)
        self.assertFalse(server.error_message)

    def test_switched_off_actions_are_named(self):
        self.crons[0].active = False
        self.assertItem("jobs", "problem", self.crons[0].name)

    def test_switched_off_actions_are_switched_on_right_there(self):
        """Who reads it need not find the technical menu of the actions."""
        self.crons.active = False
        found = self.assertItem("jobs", "problem", "Press Switch On")
        self.assertEqual(found["button"], "Switch On")
        self.router.action_health("jobs")
        self.assertItem("jobs", "ok")

    def test_an_action_that_has_nothing_to_do_for_a_router_is_not_missed(self):
        other = self.router.copy({"fetchmail_server_id": False, "name": "By pipe"})
        self.env.ref("mail.ir_cron_mail_gateway_action").active = False
        self.assertEqual(self.item("jobs", other)["state"], "ok")
        self.assertItem("jobs", "problem")

    def test_one_routing_lane_is_enough(self):
        self.env.ref("mail_catchall_router.ir_cron_route_2").active = False
        self.assertItem("jobs", "ok")

    def test_late_actions_are_named(self):
        self.crons[0].nextcall = self.ago(hours=5)
        self.assertItem("jobs", "problem", self.crons[0].name, "overdue")

    def test_used_budget_is_told_of_the_period_with_the_least_left(self):
        self.smtp_server.write({"catchall_limit_hour": 10, "catchall_limit_day": 500})
        Usage = self.env["mail.catchall.usage"]
        Usage._count(self.smtp_server.id, fields.Datetime.now(), 9)
        self.assertItem("budget", "warning", "9 of 10", "hour")
        self.assertEqual(self.smtp_server.catchall_used_hour, 9)

    def test_a_proxy_that_hides_every_client_is_told(self):
        def mails(start, address):
            raw = self.mail(self.at_domain("sales"))
            for number in range(start, start + 20):
                unique = raw.replace(b"<first@", b"<%d@" % number)
                unique = unique.replace(b"A question", b"Question %d" % number)
                yield unique.replace(b"192.0.2.7", address)

        self.router.burst_count = 0
        self.route(*mails(0, b"10.0.0.9"))
        self.assertItem("proof", "warning", "20", "PROXY")
        self.route(*list(mails(20, b"192.0.2.7"))[:1])
        self.router.invalidate_recordset()
        items = [one["item"] for one in self.router.health_report["items"]]
        self.assertNotIn("proof", items)

    def test_who_listens_is_told(self):
        self.assertItem("listening", "ok", "Nobody")
        with self.session(Ear(listening.INSIDE, 12, "web1")) as cr:
            locks.try_lock(cr, locks.HEARD, self.router.folder_ids[:1].id)
            self.env.cr.execute("SELECT pg_stat_clear_snapshot()")
            self.assertItem("listening", "ok", "Odoo itself", "process 12 on web1")
        self.assertItem("listening", "ok", "Nobody")

    @contextlib.contextmanager
    def session(self, ear):
        """Give another session of the database, which calls itself like a listener."""
        cr = db_connect(self.env.cr.dbname).cursor()
        try:
            name = listening.name_of(ear)
            cr.execute("SELECT set_config('application_name', %s, FALSE)", [name])
            yield cr
        finally:
            # Its locks end with the connection.
            cr.connection.close()
            cr.close()

    def test_a_mailbox_that_cannot_be_listened_to_says_nothing_of_it(self):
        self.server.server_type = "pop"
        self.router.invalidate_recordset()
        items = [one["item"] for one in self.router.health_report["items"]]
        self.assertNotIn("listening", items)

    def test_unread_junk_can_be_read_with_one_click(self):
        self.router.write(self.router._values_of_junk({"Spam": 3}))
        self.assertItem("junk", "warning", "not read: 3", "“Spam”")
        self.router.action_health("junk")
        self.assertEqual(self.router.folder_ids.mapped("name"), ["INBOX", "Spam"])
        self.assertItem("junk", "ok")

    def test_the_junk_folder_is_found_by_its_use_and_counted_once_a_day(self):
        fake = ImapServer({1: b"Subject: x\r\n\r\nHello"})
        fake.uses = {"Thư rác": "\\Junk", "Archive": "\\Archive"}
        fake.unseen = {"Thư rác": 4, "Archive": 9}
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args: 1)
        list(self.server._catchall_checker(ImapConnection(fake)))
        self.assertEqual(
            (self.router.junk_folder, self.router.junk_unread), ("Thư rác", 4)
        )
        self.router.folder_ids = [fields.Command.create({"name": "Thư rác"})]
        fake.folders["Th&AbA- r&AOE-c"] = {}
        list(self.server._catchall_checker(ImapConnection(fake)))
        self.assertEqual(self.router.junk_unread, 0)

    def test_a_server_that_lists_nothing_is_checked_all_the_same(self):
        fake = ImapServer({})
        fake.uses = None
        list(self.server._catchall_checker(ImapConnection(fake)))
        self.assertTrue(self.router.folder_ids.checked_date)
        self.assertFalse(self.router.junk_checked)

    def test_mail_that_nobody_collects_is_told(self):
        since = fields.Datetime.now() - timedelta(hours=1)
        self.router.folder_ids.write({"behind_count": 3, "behind_since": since})
        self.assertItem("behind", "problem", "mailbox: 3")

    def test_workers_that_were_killed_are_told(self):
        self.server.write(
            {"catchall_kills": 2, "catchall_last_kill": fields.Datetime.now()}
        )
        self.assertItem("killed", "warning", "2 times")

    def test_an_action_that_odoo_will_switch_off_is_told(self):
        cron = self.env.ref("mail.ir_cron_mail_gateway_action")
        cron.write({"failure_count": 3, "first_failure_date": fields.Datetime.now()})
        self.assertItem("jobs", "problem", cron.name)

    def test_the_end_of_the_certificate_is_read_when_connecting(self):
        self.server.write({"server": "localhost", "is_ssl": True})
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args: 1)
        with (
            mail_servers.certificate() as (context, _file),
            mail_servers.serve("* OK ready\r\n", mail_servers.imap_answer, context) as (
                port,
                _lines,
            ),
        ):
            self.server.port = port
            connection = self.server._connect__()
            self.server._catchall_keep_certificate(connection)
            connection.logout()
        left = self.server.catchall_certificate_end - fields.Datetime.now()
        self.assertLess(abs(left - timedelta(days=1)), timedelta(hours=1))
        self.assertItem("certificate", "warning", self.server.name)

    def test_readers_see_it_without_the_buttons_that_change_something(self):
        self.router.folder_ids._open(FolderStatus(7, 42, 40))
        self.router.folder_ids.missing_count = 2
        router = self.router.with_user(self.reader())
        item = self.item("complete", router)
        self.assertEqual((item["state"], item["button"]), ("problem", ""))
        with self.assertRaises(AccessError):
            router.action_health("complete")

    def test_only_what_a_button_says_can_be_done(self):
        for item in ("unlink", "_cron_check", "last_in", ""):
            with self.assertRaises(UserError):
                self.router.action_health(item)

    def test_many_routers_take_no_more_queries_than_two(self):
        routers = self.router | self.env["mail.catchall.router"].create(
            [{"name": f"Router {number}"} for number in range(5)]
        )
        self.env.flush_all()
        counts = []
        for some in (routers[:2], routers):
            self.env.invalidate_all()
            some.mapped("health")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("health")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_the_settings_say_it_too(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(
            settings.catchall_health_report["router"], settings.catchall_router_id.id
        )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSendingState(SendingCommon):
    """What is noted of the outgoing server while it sends."""

    def test_a_mail_that_went_out_is_noted(self):
        self.send()
        self.assertTrue(self.smtp_server.catchall_last_sent)
        self.assertFalse(self.smtp_server.catchall_failing_since)

    def test_a_refused_login_is_noted_until_one_works(self):
        self.smtp.refuse("AUTH", "535 5.7.8 Bad credentials")
        mail = self.send()
        server = self.smtp_server
        self.assertEqual(server.catchall_failures, 1)
        self.assertIn("Bad credentials", server.catchall_failure_words)
        self.assertNotIn("secret", server.catchall_failure_words)
        self.assertFalse(server.catchall_last_sent)
        since = server.catchall_failing_since
        with self.later(minutes=5):
            mail.send()
        self.assertEqual(
            (server.catchall_failures, server.catchall_failing_since), (2, since)
        )
        self.smtp.rules.clear()
        with self.later(minutes=20):
            mail.send()
        self.assertEqual(mail.state, "sent")
        self.assertFalse(server.catchall_failing_since)
        self.assertFalse(server.catchall_failures)

    def test_a_test_that_works_ends_the_failure(self):
        states = self.env["mail.catchall.server.state"]
        states._keep_failure(self.smtp_server.id, "421 Down")
        self.assertTrue(self.smtp_server.catchall_failing_since)
        self.router.action_test_outgoing()
        self.assertFalse(self.smtp_server.catchall_failing_since)
