import importlib.util
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.tests import freeze_time, tagged

from ...models.trip.router_learnt import COMPARED_EVERY
from ...tools.mail.registrable import registrable
from ...tools.watch import learning
from ..watch.test_router_health import HealthCommon

MIGRATION = Path(__file__).parents[2] / "migrations/19.0.1.1.0/post-learnt.py"
MICROSOFT = "AM4PEPF0004.mail.protection.outlook.com"
SATURDAY = "has written other headers since Saturday, November 21, 2026"
NOW = "2026-11-23 08:00:00"


@freeze_time(NOW)
@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRouterLearnt(HealthCommon):
    """What was learnt is said with its age, and corrected by what newer mails show."""

    def setUp(self):
        super().setUp()
        self.count = 0

    def take_in(self, by, count=1, verdict="", hours=0, above=""):
        """Journal mails that this server took in so many hours ago.

        :param above: header lines on top of them
        """
        for _number in range(count):
            self.count += 1
            mid = f"<{self.count}@customer.example>"
            raw = self.mail(self.at_domain("sales"), message_id=mid)
            raw = raw.replace(f"by mx.{self.domain}".encode(), b"by " + by.encode())
            if verdict:
                line = f"Authentication-Results: {verdict}; spf=pass\r\n"
                raw = line.encode() + raw
            (message,) = self.route(above.encode() + raw)
            date = fields.Datetime.now() - timedelta(hours=hours)
            self.env.cr.execute(
                "UPDATE mail_catchall_message SET create_date = %s WHERE id = %s",
                [date, message.id],
            )

    def compare(self):
        self.router.compared_date = False
        self.router._compare_headers()

    # ------------------------------------------------------------
    # WHAT THE NEWEST MAILS TEACH
    # ------------------------------------------------------------

    def test_a_filter_on_the_server_s_own_host_is_learnt(self):
        by = f"mx.{self.domain}"
        back = f"Received: from localhost ([127.0.0.1]) by {by} with ESMTP; now\r\n"
        self.take_in(by, learning.FILTERED_MAILS - 1, above=back)
        self.compare()
        self.assertFalse(self.router.own_hosts)
        self.take_in(by, above=back)
        self.compare()
        self.assertEqual(self.router.own_hosts, registrable(self.domain))

    # ------------------------------------------------------------
    # WHAT WAS LEARNT
    # ------------------------------------------------------------

    def test_what_was_learnt_is_said_with_its_age(self):
        self.assertFalse(self.router.learnt_words)
        self.router._learn_names("own_hosts", ["hoster.test"], self.ago(days=100))
        self.router.own_hosts += ", mine.test"
        self.take_in("mx1.hoster.test")
        self.compare()
        words = str(self.router.learnt_words)
        self.assertIn("end in hoster.test: learned 3 months ago", words)
        self.assertIn("The newest emails agree", words)
        self.assertNotIn("mine.test", words)
        self.assertItem("headers", "ok", "have the known headers")

    def test_a_profile_is_said_and_nothing_has_to_be_learnt(self):
        self.server.server = "outlook.office365.com"
        self.assertIn("are known (microsoft)", str(self.router.learnt_words))

    # ------------------------------------------------------------
    # CORRECTED
    # ------------------------------------------------------------

    def test_servers_that_were_learnt_are_replaced_when_others_take_mail_in(self):
        self.router._learn_names("own_hosts", ["hoster.test"], self.ago(days=100))
        self.take_in("mx1.hoster.test")
        self.take_in("in1.new.test")
        self.take_in("in2.new.test")
        self.compare()
        self.assertEqual(self.router.own_hosts, "hoster.test")
        self.take_in("in3.new.test")
        self.compare()
        self.assertEqual(self.router.own_hosts, "new.test")
        self.assertFalse(self.router.strange_since)
        self.assertIn("new.test: learned 0 minutes ago", str(self.router.learnt_words))
        self.assertItem("headers", "ok")

    def test_several_domains_leave_it_to_the_topmost_line(self):
        self.router._learn_names("own_hosts", ["hoster.test"])
        for number in range(3):
            self.take_in(f"mx.new{number}.test")
        self.compare()
        self.assertFalse(self.router.own_hosts)
        self.assertFalse(self.router.strange_since)

    def test_what_a_person_has_entered_is_kept_and_told_of(self):
        self.router.own_hosts = "hoster.test"
        self.take_in("mx1.hoster.test", hours=60)
        self.take_in("in1.new.test", count=3, hours=50)
        self.compare()
        self.assertEqual(self.router.own_hosts, "hoster.test")
        self.assertItem("headers", "warning", SATURDAY)

    def test_verdicts_under_a_new_name_are_believed_again(self):
        self.router._learn_names("authserv_ids", ["old.test"])
        self.take_in("mx1.new.test", count=3, verdict="mx1.new.test")
        self.compare()
        self.assertEqual(self.router.authserv_ids, "new.test")
        self.router.write({"authserv_ids": "old.test", "learnt": False})
        self.compare()
        self.assertEqual(self.router.authserv_ids, "old.test")

    def test_a_header_that_is_written_no_more_is_forgotten(self):
        self.router._learn_names("recipient_headers", ["X-Meant-For"])
        self.take_in("mx1.hoster.test", count=9)
        self.compare()
        self.assertEqual(self.router.recipient_headers, "X-Meant-For")
        self.take_in("mx1.hoster.test")
        self.compare()
        self.assertFalse(self.router.recipient_headers)

    # ------------------------------------------------------------
    # HEALTH
    # ------------------------------------------------------------

    def test_a_mailbox_whose_mail_no_longer_fits_is_a_line_of_health(self):
        self.server.server = "outlook.office365.com"
        self.take_in(MICROSOFT, count=2, hours=100)
        self.compare()
        self.assertItem("headers", "ok")
        self.take_in("in1.new.test", hours=48)
        self.take_in("in1.new.test", count=2, hours=1)
        self.compare()
        item = self.assertItem("headers", "warning", SATURDAY)
        self.assertEqual(item["button"], "Look")
        self.assertIn("since Saturday", str(self.router.learnt_words))
        action = self.router.action_health("headers")
        tester = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn("are known (microsoft), but", str(tester.headers))
        # The first of them is no recent mail any more.
        self.take_in("in1.new.test", count=20)
        self.compare()
        self.assertItem("headers", "warning", SATURDAY)
        self.take_in(MICROSOFT)
        self.compare()
        self.assertItem("headers", "ok")

    def test_nothing_known_is_no_line_of_health(self):
        self.take_in("mx1.hoster.test", count=3)
        self.compare()
        with self.assertRaises(KeyError):
            self.item("headers")

    def test_the_watch_compares_once_an_hour(self):
        self.router.own_hosts = "hoster.test"
        self.take_in("in1.new.test", count=3)
        self.router._watch_alone([], 0)
        self.assertTrue(self.router.strange_since)
        self.router.own_hosts = "new.test"
        self.router._watch_alone([], 0)
        self.assertTrue(self.router.strange_since)
        self.router.compared_date -= COMPARED_EVERY
        self.router._watch_alone([], 0)
        self.assertFalse(self.router.strange_since)

    # ------------------------------------------------------------
    # MIGRATION
    # ------------------------------------------------------------

    def migrate(self, **values):
        """Upgrade a router that has learnt the names of two machines and a header."""
        details = (
            ("learnt_hosts", {"hosts": "mx1.hoster.com.vn, lmtp2.hoster.com.vn"}),
            ("learnt_authserv", {"server": "mx1.hoster.com.vn"}),
            ("learnt_header", {"header": "X-Original-To"}),
            ("recipient_hidden", {"hosts": "unknown.example"}),
        )
        trip = self.env["mail.catchall.trip"].create({"router_id": self.router.id})
        trip.ended_date = self.ago(days=400)
        trip.finding_ids = [
            fields.Command.create({"code": code, "state": "good", "details": one})
            for code, one in details
        ]
        self.router.write(
            {
                "own_hosts": "mx1.hoster.com.vn, mine.test, lmtp2.hoster.com.vn",
                "authserv_ids": "mx1.hoster.com.vn",
                "recipient_headers": "X-Original-To",
                **values,
            }
        )
        self.env.flush_all()
        spec = importlib.util.spec_from_file_location("post_learnt", MIGRATION)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.flush_all()
        self.env.invalidate_all()

    def test_an_upgrade_turns_machines_into_their_domain(self):
        self.migrate()
        self.assertEqual(self.router.own_hosts, "mine.test, hoster.com.vn")
        self.assertEqual(self.router.authserv_ids, "hoster.com.vn")
        self.assertEqual(self.router.recipient_headers, "X-Original-To")
        words = str(self.router.learnt_words)
        self.assertIn("hoster.com.vn: learned 1 year ago", words)
        self.assertIn("X-Original-To: learned 1 year ago", words)

    def test_an_upgrade_leaves_to_a_profile_what_it_tells(self):
        self.server.server = "outlook.office365.com"
        self.migrate(own_hosts="mx1.hoster.com.vn")
        self.assertFalse(self.router.own_hosts)
        self.assertFalse(self.router.authserv_ids)
        self.assertEqual(self.router.recipient_headers, "X-Original-To")

    def test_an_upgrade_leaves_what_people_have_entered(self):
        self.migrate(own_hosts="unknown.example", authserv_ids="mine.test")
        self.assertEqual(self.router.own_hosts, "unknown.example")
        self.assertEqual(self.router.authserv_ids, "mine.test")
