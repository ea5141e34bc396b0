import ast
import re
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

import pytz

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time, new_test_user, tagged

from ...models.journal.mail_catchall_message import STATES
from ...models.watch import router_health
from ..common import RouterCommon
from ..screens.test_views import USER_GROUP, ViewsCommon

BIG_TABLES = "mail_catchall_message", "mail_catchall_delivery"
READ_TABLES = *BIG_TABLES, "mail_catchall_decision", "mail_message"


class DashboardCommon(ViewsCommon):
    """The two mails of ViewsCommon, read by a user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Dashboard = cls.env["mail.catchall.dashboard"].with_user(cls.reader)

    def look(self, period="week", router_id=False):
        """Return the dashboard, and its tiles by their key."""
        report = {
            **self.Dashboard.read_dashboard(period, router_id),
            "waiting": self.Dashboard.read_waiting(router_id),
        }
        tiles = {one["key"]: one for one in [*report["ends"], report["sent"]]}
        waiting = {one["key"]: one for one in report["waiting"]}
        lists = {one["key"]: one["rows"] for one in report["lists"]}
        return report, tiles, waiting, lists

    def route_again(self, number, original, **values):
        raw = self.mail(
            self.at_domain(original),
            message_id=f"<{number}@customer.example>",
            body=f"Number {number}\r\n",
            **values,
        )
        return self.route(raw)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDashboard(DashboardCommon):
    """One page says what came in and went out, and what waits."""

    def test_it_counts_what_came_in_by_its_end(self):
        _report, tiles, waiting, _lists = self.look()
        counts = {key: tile["count"] for key, tile in tiles.items()}
        self.assertEqual(
            counts,
            {
                "all": 2,
                "delivered": 1,
                "ignored": 0,
                "held": 1,
                "failed": 0,
                "sent": 0,
            },
        )
        self.assertEqual(waiting["held"]["count"], 1)

    def test_each_number_opens_just_what_it_counts(self):
        self.route_again(3, "nobody")
        report, *_rest = self.look()
        rows = [row for one in report["lists"] for row in one["rows"]]
        for tile in [*report["ends"], *report["waiting"], *rows]:
            with self.subTest(tile["key"]):
                action = self.env.ref(tile["action"])
                records = self.env[action.res_model].with_user(self.reader)
                self.assertEqual(records.search_count(tile["domain"]), tile["count"])

    def test_what_is_held_in_an_attack_is_counted_apart(self):
        """The number of what is held is that of To Decide."""
        attack = self.route(
            *(self.attempt(number, address="198.51.100.7") for number in range(12))
        )
        self.assertTrue(attack.attack_id)
        _report, tiles, waiting, _lists = self.look()
        self.assertEqual(tiles["held"]["count"], waiting["held"]["count"])
        self.assertEqual(tiles["attack"]["count"], len(attack))
        ends = ("delivered", "ignored", "held", "failed", "attack")
        self.assertEqual(
            sum(tiles[key]["count"] for key in ends), tiles["all"]["count"]
        )
        self.test_each_number_opens_just_what_it_counts()

    def test_false_alarms_are_counted_among_what_was_stopped_as_spam(self):
        self.assertFalse(self.look()[0]["alarms"])
        released, held, spam = (
            self.route_again(number, "nobody") for number in (3, 4, 5)
        )
        for message in (released, held, spam):
            message.reason_code = "suspicious"
        self.assertIn("0 of 3", self.look()[0]["alarms"]["label"])
        released._note_decision("not_spam", before=released._snapshot())
        released.reason_code = False
        spam.action_spam()
        alarms = self.look()[0]["alarms"]
        self.assertIn("1 of 3", alarms["label"])
        self.assertTrue(alarms["is_much"])
        found = self.Message.with_user(self.reader).search(alarms["domain"])
        self.assertEqual(found, released)

    def test_who_decides_can_make_an_unknown_address(self):
        [row] = self.look()[3]["unknown"]
        self.assertFalse(row["may_create"], "a reader cannot")
        dashboard = self.env["mail.catchall.dashboard"].with_user(self.manager)
        lists = {one["key"]: one["rows"] for one in dashboard.read_dashboard()["lists"]}
        self.assertTrue(lists["unknown"][0]["may_create"])
        self._create_alias("nobody")
        lists = {one["key"]: one["rows"] for one in dashboard.read_dashboard()["lists"]}
        self.assertFalse(lists["unknown"], "it is there by now")

    def test_the_chart_has_a_column_for_each_day_and_for_each_hour(self):
        for period, size in (("today", 24), ("week", 7), ("month", 30)):
            with self.subTest(period):
                chart = self.look(period)[0]["chart"]
                self.assertEqual(len(chart["labels"]), size)
                for one in chart["series"]:
                    self.assertEqual(len(one["counts"]), size)
                counted = {one["key"]: sum(one["counts"]) for one in chart["series"]}
                self.assertEqual(counted, {"delivered": 1, "held": 1, "sent": 0})

    def test_days_and_hours_are_those_of_the_reader(self):
        self.reader.tz = "Asia/Ho_Chi_Minh"
        at = fields.Datetime.to_datetime("2026-11-20 18:30:00")  # the next day there
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_catchall_message SET create_date = %s", [at])
        self.env.invalidate_all()
        with freeze_time("2026-11-20 20:00:00"):
            report, tiles, _waiting, _lists = self.look("today")
        self.assertEqual(tiles["all"]["count"], 2)
        (delivered,) = (
            one for one in report["chart"]["series"] if one["key"] == "delivered"
        )
        self.assertEqual(delivered["counts"][1], 1)

    def test_each_mail_is_in_the_column_that_its_readers_clock_says(self):
        # Set back at night and at midnight, set forward, parts of an hour, never.
        for name, now in (
            ("Europe/Berlin", "2026-10-25 22:50:00"),
            ("Europe/Berlin", "2026-03-29 21:50:00"),
            ("America/Havana", "2018-11-06 04:50:00"),
            ("Africa/Cairo", "2026-04-24 20:50:00"),
            ("Asia/Kolkata", "2026-11-20 18:20:00"),
            ("UTC", "2026-11-20 23:50:00"),
        ):
            zone = pytz.timezone(name)
            self.Dashboard = self.Dashboard.with_context(tz=name)
            moments = self.fill_up_to(fields.Datetime.to_datetime(now))
            walls = [pytz.utc.localize(one).astimezone(zone) for one in moments]
            today = walls[0].date()
            days = [today - timedelta(days=ago) for ago in reversed(range(7))]
            hours = [one.hour for one in walls if one.date() == today]
            dates = [one.date() for one in walls]
            for period, expected in (
                ("today", [hours.count(hour) for hour in range(24)]),
                ("week", [dates.count(day) for day in days]),
            ):
                with self.subTest(name, period=period), freeze_time(now):
                    self.assertEqual(self.column_counts(period), expected)

    def fill_up_to(self, now):
        """Let one mail have come every half hour of eight days, and no other."""
        moments = [now - timedelta(minutes=30 * ago) for ago in range(8 * 48)]
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM mail_catchall_message")
        self.env.cr.execute(
            """
            INSERT INTO mail_catchall_message
                   (router_id, company_id, state, entrance, create_date)
            SELECT %s, %s, 'ignored', 'mailbox', unnest(%s)
            """,
            [self.router.id, self.router.company_id.id, moments],
        )
        self.env.invalidate_all()
        return moments

    def column_counts(self, period):
        """Return how many mails each column of the chart has."""
        series = self.look(period)[0]["chart"]["series"]
        counts = [one["counts"] for one in series if one["key"] != "sent"]
        return [sum(column) for column in zip(*counts, strict=True)]

    def test_what_was_sent_is_in_the_column_of_its_hour(self):
        self.reader.tz = "Asia/Ho_Chi_Minh"
        with freeze_time("2026-11-20 20:10:00"):
            self.env["mail.catchall.sent"].create(
                {"router_id": self.router.id, "date": "2026-11-20 18:00:00", "count": 7}
            )
            for period, column in (("today", 1), ("week", 6)):
                sent = self.look(period)[0]["chart"]["series"][-1]
                self.assertEqual((sent["key"], sent["counts"][column]), ("sent", 7))

    def test_what_is_older_than_the_period_is_not_counted_but_waits_still(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_message SET create_date = create_date - %s",
            [timedelta(days=40)],
        )
        self.env.invalidate_all()
        for period in ("today", "week", "month"):
            _report, tiles, waiting, _lists = self.look(period)
            self.assertEqual(tiles["all"]["count"], 0)
            self.assertEqual(waiting["held"]["count"], 1)

    def test_a_period_that_is_none_is_a_week(self):
        report, *_rest = self.look("'; DROP TABLE res_users")
        self.assertEqual(report["period"], "week")
        self.assertEqual(len(report["chart"]["labels"]), 7)

    def test_it_says_how_long_mail_takes_to_its_document(self):
        self.assertIn("second", self.look()[0]["delay"])
        self.delivered.delay = 7200
        self.assertEqual(self.look()[0]["delay"], "2 hours")
        self.env["mail.catchall.delivery"].search([]).unlink()
        self.Message.search([]).unlink()
        self.assertFalse(self.look()[0]["delay"])

    def test_half_of_the_mails_were_no_slower_than_the_usual_delay(self):
        more = [self.route_again(number, "sales") for number in range(3, 6)]
        for delays, words in (
            ((10, 10, 7200, 7200), "10 seconds"),
            ((10, 7200, 7200, 7200), "2 hours"),
            ((0, 0, 0, 7200), "1 second"),
        ):
            for message, delay in zip((self.delivered, *more), delays, strict=True):
                message.delay = delay
            self.assertEqual(self.look()[0]["delay"], words)

    def test_the_probe_of_a_round_trip_is_nobodys_mail(self):
        for reason in ("probe", "probe_bounce"):
            self.held.write({"state": "ignored", "reason_code": reason})
            report, tiles, _waiting, lists = self.look()
            self.assertEqual(tiles["all"]["count"], 1)
            self.assertEqual(tiles["ignored"]["count"], 0)
            self.assertFalse(lists["reasons"])
            counted = {one["key"] for one in report["chart"]["series"]}
            self.assertEqual(counted, {"delivered", "sent"})
            for key in ("all", "ignored"):
                self.assertEqual(
                    self.Message.search_count(tiles[key]["domain"]), tiles[key]["count"]
                )

    def test_of_aliases_with_as_much_mail_the_first_made_is_first(self):
        later = self.sales.copy({"alias_name": "aardvark"})
        self.route_again(3, "aardvark")
        self.assertEqual(
            [one["label"] for one in self.look()[3]["aliases"]],
            [self.sales.display_name, later.display_name],
        )

    def test_the_lists_name_what_there_is_most_of_first(self):
        for number in range(3, 6):
            self.route_again(number, "ghost")
        self.env["mail.catchall.sender"]._set(
            "pest@spammer.example", self.router.company_id, "block"
        )
        self.route_again(7, "sales", email_from="pest@spammer.example")
        lists = self.look()[3]
        self.assertEqual(
            [(one["label"], one["count"]) for one in lists["unknown"]],
            [(self.at_domain("ghost"), 3), (self.at_domain("nobody"), 1)],
        )
        self.assertEqual(
            [(one["label"], one["count"]) for one in lists["blocked"]],
            [("pest@spammer.example", 1)],
        )
        self.assertEqual(
            [(one["label"], one["count"]) for one in lists["aliases"]],
            [(self.at_domain("sales"), 1)],
        )
        self.assertEqual(
            [(one["label"], one["count"]) for one in lists["reasons"]],
            [("Unknown address", 4), ("Blocked sender", 1)],
        )

    def test_it_looks_at_one_router_alone(self):
        other = self.router.copy(
            {"name": "Other", "fetchmail_server_id": False, "alias_domain_ids": False}
        )
        self.assertEqual(self.look(router_id=other.id)[1]["all"]["count"], 0)
        self.assertEqual(self.look(router_id=other.id)[2]["held"]["count"], 0)
        self.assertEqual(self.look(router_id=self.router.id)[1]["all"]["count"], 2)

    def test_other_companies_are_not_counted(self):
        stranger = new_test_user(
            self.env, "elsewhere", groups=USER_GROUP, company_id=self.company_2.id
        )
        self.env["mail.catchall.sent"]._count(self.smtp_server.id)
        self.Dashboard = self.Dashboard.with_user(stranger)
        report, tiles, waiting, lists = self.look("month")
        self.assertFalse(report["routers"])
        self.assertFalse(report["delay"])
        self.assertFalse(any(one["count"] for one in tiles.values()))
        self.assertFalse(any(one["count"] for one in waiting.values()))
        self.assertFalse(any(lists.values()))

    def test_who_has_nothing_to_do_with_the_router_reads_nothing(self):
        dashboard = self.Dashboard.with_user(self.user_employee)
        for read in (dashboard.read_dashboard, dashboard.read_waiting):
            with self.assertRaises(AccessError):
                read()

    def test_the_number_of_queries_does_not_grow_with_the_journal(self):
        self.look("month")
        with self.assertQueryCount(20):
            self.env.invalidate_all()
            self.look("month")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSent(DashboardCommon):
    """How much went out is counted, and lasts."""

    def test_what_the_server_has_taken_is_counted_by_the_hour(self):
        for _mail in range(3):
            self.env["mail.catchall.sent"]._count(self.smtp_server.id)
        sent = self.env["mail.catchall.sent"].search([])
        self.assertEqual(sent.count, 3)
        self.assertEqual(sent.router_id, self.router)
        self.assertEqual((sent.date.minute, sent.date.second), (0, 0))
        self.assertEqual(self.look("today")[1]["sent"]["count"], 3)

    def test_the_mail_of_a_server_without_a_router_is_not_counted(self):
        self.router.mail_server_id = False
        self.env.flush_all()
        self.env["mail.catchall.sent"]._count(self.smtp_server.id)
        self.assertFalse(self.env["mail.catchall.sent"].search([]))

    def test_nobody_changes_what_was_counted(self):
        self.env["mail.catchall.sent"]._count(self.smtp_server.id)
        sent = self.env["mail.catchall.sent"].search([]).with_user(self.manager)
        for change in (lambda: sent.write({"count": 9}), sent.unlink, sent.copy):
            with self.assertRaises(AccessError):
                change()


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReport(DashboardCommon):
    """What the graph and pivot views group by."""

    def test_mail_is_grouped_by_the_hour_of_the_reader(self):
        journal = self.Message.with_user(self.reader)
        for timezone in ("Asia/Ho_Chi_Minh", "America/New_York", "Asia/Kolkata"):
            here = journal.with_context(tz=timezone)
            hour = here.browse(self.held.id).hour
            groups = here.formatted_read_group(
                [("id", "=", self.held.id)], ["hour"], ["__count"]
            )
            self.assertEqual([one["hour"] for one in groups], [hour])
            domain = Domain(groups[0]["__extra_domain"]) & Domain(
                "id", "=", self.held.id
            )
            self.assertEqual(here.search(domain), self.held)

    def test_only_mail_on_a_document_has_a_delay(self):
        self.assertGreaterEqual(self.delivered.delay, 0)
        held = [("id", "=", self.held.id)]
        [[average]] = self.Message._read_group(held, [], ["delay:avg"])
        self.assertIsNone(average or None)

    def test_mail_out_of_a_file_has_no_delay(self):
        raw = self.mail(self.at_domain("sales"), message_id="<old@customer.example>")
        message = self.router._journal_from("import", [raw])
        message._route()
        self.assertEqual(message.state, "delivered")
        self.assertFalse(message.delay)

    def test_the_clock_of_another_server_makes_no_negative_delay(self):
        raw = self.mail(self.at_domain("sales"), message_id="<early@customer.example>")
        ahead = fields.Datetime.now() + timedelta(hours=1)
        message = self.Message._journal(
            self.router, [{"raw": raw, "internal_date": ahead}]
        )
        message._route()
        self.assertEqual(message.delay, 0)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUnanswered(DashboardCommon):
    """Mail that a customer waits for an answer to is found in one query."""

    def setUp(self):
        super().setUp()
        self.delivery = self.delivered.delivery_ids
        self.document = self.env["res.partner"].browse(self.delivery.res_id)
        self.waited(hours=30)

    def waited(self, hours):
        """Let the mail have arrived some hours ago."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_delivery SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=hours), self.delivery.id],
        )
        self.env.invalidate_all()

    def assertUnanswered(self, is_so):
        self.env.invalidate_all()
        journal = self.env["mail.catchall.delivery"]
        found = journal.search([("unanswered", "=", True)])
        self.assertEqual(self.delivery in found, is_so)
        others = journal.search([("unanswered", "=", False)])
        self.assertEqual(self.delivery in others, not is_so)
        self.assertEqual(self.delivery.unanswered, is_so)
        self.assertEqual(self.look()[2]["unanswered"]["count"], int(is_so))

    def test_the_dashboard_says_where_more_mail_may_wait_than_it_looks_at(self):
        self.assertFalse(self.look()[2]["unanswered"]["is_more"])
        self.route_again(3, "sales")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_catchall_delivery SET create_date = create_date - interval"
            " '40 hours' WHERE state = 'delivered' AND id != %s",
            self.delivery.ids,
        )
        self.env.invalidate_all()
        every = self.look()[2]["unanswered"]
        path = "odoo.addons.mail_catchall_router.models.watch.mail_catchall_dashboard"
        with patch(f"{path}.UNANSWERED_AMONG", 1):
            some = self.look()[2]["unanswered"]
        self.assertGreater(every["count"], some["count"])
        self.assertEqual((some["count"], some["is_more"]), (1, True))
        self.assertFalse(every["is_more"])

    def test_a_customers_mail_is_unanswered_after_the_routers_hours(self):
        self.assertUnanswered(True)
        self.router.remind_hours = 31
        self.assertUnanswered(False)

    def test_after_two_weeks_it_counts_no_more(self):
        self.waited(hours=24 * 15)
        self.assertUnanswered(False)

    def test_an_answer_ends_it_and_a_note_does_not(self):
        author = self.document.with_user(self.user_employee)
        author.message_post(
            body="Note", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        self.assertUnanswered(True)
        author.message_post(
            body="Answer", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertUnanswered(False)

    def test_colleagues_and_machines_wait_for_nobody(self):
        self.delivered.trace = [
            *self.delivered.trace,
            {"step": "automatic", "code": "list"},
        ]
        self.assertUnanswered(False)
        self.delivered.trace = self.delivered.trace[:-1]
        self.assertUnanswered(True)
        self.user_employee.email = self.delivered.sender
        self.assertUnanswered(False)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestPlans(RouterCommon):
    """With many messages no screen reads a whole table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        values = {
            "router": cls.router.id,
            "company": cls.router.company_id.id,
            "alias": cls.sales.id,
        }
        # 20 000 mails over two years, as wide as real ones; a few of them wait.
        cls.env.cr.execute(
            """
            INSERT INTO mail_catchall_message
                   (router_id, company_id, state, reason_code, entrance, sender,
                    email_from, subject, fingerprint, create_date, arrived, raw_kept,
                    complete, delay, trace)
            SELECT %(router)s, %(company)s,
                   CASE WHEN n %% 500 = 0 THEN 'held' WHEN n %% 5 = 0 THEN 'ignored'
                        ELSE 'delivered' END,
                   CASE WHEN n %% 500 = 0 THEN 'spam' WHEN n %% 25 = 0 THEN 'blocked'
                        WHEN n %% 5 = 0 THEN 'bounce' END,
                   'mailbox', 's' || n %% 997 || '@customer.example',
                   's' || n %% 997 || '@customer.example', 'Mail ' || n, md5(n::text),
                   moment, moment, FALSE, TRUE, n %% 100,
                   jsonb_build_array(jsonb_build_object(
                       'step', 'recipient', 'code', 'original',
                       'value', repeat(md5(n::text), 40)))
              FROM (SELECT n, now() AT TIME ZONE 'UTC'
                              - (20000 - n) * interval '53 minutes' AS moment
                      FROM generate_series(1, 20000) n) mails
            """,
            values,
        )
        cls.env.cr.execute(
            """
            INSERT INTO mail_catchall_delivery
                   (message_id, router_id, company_id, fingerprint, recipient, state,
                    unknown, alias_id, model, res_id, create_date)
            SELECT id, router_id, company_id, fingerprint, 'sales@example.com',
                   CASE WHEN state = 'delivered' THEN state ELSE 'ignored' END,
                   id %% 40 = 0, %(alias)s, 'res.partner', 1, create_date
              FROM mail_catchall_message
            """,
            values,
        )
        # A person has decided about one of four, most of them long ago.
        cls.env.cr.execute(
            """
            INSERT INTO mail_catchall_decision
                   (message_id, company_id, code, date, user_name, state_before,
                    reason_before)
            SELECT id, company_id, 'release', create_date + interval '1 hour', 'Lan',
                   'held', 'spam'
              FROM mail_catchall_message
             WHERE id %% 4 = 0
            """,
            values,
        )
        cls.env.cr.execute(
            "ANALYZE mail_catchall_message, mail_catchall_delivery,"
            " mail_catchall_decision"
        )
        cls.reader = new_test_user(
            cls.env, "reader", groups=USER_GROUP, company_id=cls.router.company_id.id
        )

    def looks(self, screen):
        """Return the queries by which a screen looks into the big tables."""
        execute = type(self.env.cr).execute
        queries = []

        def remember(cr, query, params=None, log_exceptions=True):
            result = execute(cr, query, params, log_exceptions)
            queries.append(cr._obj.query.decode())
            return result

        self.env.flush_all()
        self.env.invalidate_all()
        self.patch(type(self.env.cr), "execute", remember)
        screen()
        self.patch(type(self.env.cr), "execute", execute)
        looked = [
            one
            for one in queries
            if one.lstrip().startswith(("SELECT", "WITH"))
            and any(t in one for t in BIG_TABLES)
        ]
        self.assertTrue(looked)
        return looked

    def rows_read(self, screen):
        """Return how many rows of the big tables the dearest query of a screen
        reads."""
        return max(map(self.rows_read_by, self.looks(screen)))

    def rows_read_by(self, query):
        """Return how many rows of the big tables, of decisions and of messages on
        documents a query reads."""
        self.env.cr.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
        ((found,),) = self.env.cr.fetchall()
        return sum(map(_rows_of, _nodes(found[0]["Plan"])))

    def assertNoFullScan(self, screen):
        """Explain each query of a screen: no big table is read as a whole."""
        scanned = re.compile(f"Seq Scan on ({'|'.join(BIG_TABLES)})")
        for query in self.looks(screen):
            self.env.cr.execute(f"EXPLAIN {query}")
            plan = "\n".join(row[0] for row in self.env.cr.fetchall())
            self.assertFalse(scanned.search(plan), f"{query}\n{plan}")

    def test_the_dashboard_reads_the_rows_of_its_period_alone(self):
        dashboard = self.env["mail.catchall.dashboard"].with_user(self.reader)
        for period in ("today", "week", "month"):
            with self.subTest(period):
                self.assertNoFullScan(lambda p=period: dashboard.read_dashboard(p))
        self.assertNoFullScan(dashboard.read_waiting)

    def test_the_mail_of_a_period_is_read_once(self):
        dashboard = self.env["mail.catchall.dashboard"].with_user(self.reader)
        read = [
            self.rows_read_by(query)
            for query in self.looks(lambda: dashboard.read_dashboard("month"))
            if 'FROM "mail_catchall_message"' in query
            and "mail_catchall_decision" not in query
        ]
        # One of 27 mails a day is blocked.
        self.assertEqual(len([count for count in read if count > 200]), 1, read)

    def test_the_dashboard_is_neither_compiled_nor_sorted_on_the_disk(self):
        self.env.cr.execute("SET LOCAL jit_above_cost TO 0; SET LOCAL work_mem TO 64")
        dashboard = self.env["mail.catchall.dashboard"].with_user(self.reader)
        queries = self.looks(lambda: dashboard.read_dashboard("month"))
        for query in [*queries, *self.looks(dashboard.read_waiting)]:
            self.env.cr.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
            ((found,),) = self.env.cr.fetchall()
            self.assertNotIn("JIT", found[0], query)
            for node in _nodes(found[0]["Plan"]):
                self.assertNotEqual(node.get("Sort Space Type"), "Disk", query)

    def test_the_quarantine_reads_what_waits_alone(self):
        action = self.env.ref("mail_catchall_router.mail_catchall_quarantine_action")
        journal = self.Message.with_user(self.reader)
        self.assertNoFullScan(lambda: journal.read_triage(search="lamp"))
        waiting = Domain("state", "in", ("held", "failed", "dead"))
        no_attack = Domain("attack_id", "=", False) | Domain(
            "attack_id.state", "!=", "open"
        )
        domain = Domain(ast.literal_eval(action.domain)) & waiting & no_attack
        self.assertNoFullScan(
            lambda: journal.web_search_read(
                domain, {"subject": {}, "reason_badges": {}, "recipients": {}}, limit=80
            )
        )
        for name in ("reason_code", "router_id"):
            self.assertNoFullScan(
                lambda panel=name: journal.search_panel_select_range(
                    panel, search_domain=list(domain), enable_counters=True
                )
            )

    def test_waiting_mail_by_its_sender_is_read_a_page_at_a_time(self):
        self.env.cr.execute(
            "UPDATE mail_catchall_message SET state = 'held' WHERE id % 2 = 0"
        )
        self.env.cr.execute("ANALYZE mail_catchall_message")
        journal = self.Message.with_user(self.reader)
        waiting = journal._to_decide_domain()
        by_sender = self.rows_read(
            lambda: journal.search(waiting, limit=80, order="sender, id desc")
        )
        self.assertLess(by_sender, 200)
        rows = journal.read_triage(order="sender")["rows"]
        senders = [row["address"] for row in rows]
        self.assertEqual(len(senders), 80)
        changes = sum(one != other for one, other in pairwise(senders))
        self.assertEqual(changes + 1, len(set(senders)))

    def test_addresses_look_for_test_mail_alone(self):
        self.assertLess(self.rows_read(self.sales._catchall_tests), 10)

    def test_the_last_mail_of_an_address_is_found_behind_much_that_was_stopped(self):
        self.env.cr.execute(
            "UPDATE mail_catchall_delivery SET state = 'ignored' WHERE id >"
            " (SELECT min(id) + 1000 FROM mail_catchall_delivery WHERE alias_id = %s)",
            self.sales.ids,
        )
        self.env.cr.execute("ANALYZE mail_catchall_delivery")
        self.assertLess(self.rows_read(self.sales._catchall_last_mails), 10)

    def test_an_answer_is_looked_for_from_the_last_message_of_a_document_on(self):
        # All mails of setUpClass are on the first document.
        self.env.cr.execute(
            """
            INSERT INTO mail_message
                   (model, res_id, message_type, author_id, create_date, is_internal)
            SELECT 'res.partner', document, kind, %s, now() AT TIME ZONE 'UTC', FALSE
              FROM generate_series(1, 20) document,
                   (SELECT CASE WHEN n = 1000 THEN 'comment' ELSE 'notification' END
                      FROM generate_series(1, 1000) n) messages (kind)
             ORDER BY kind = 'comment'
            """,
            self.reader.partner_id.ids,
        )
        self.env.cr.execute("ANALYZE mail_message")
        unanswered = [("unanswered", "=", True)]
        deliveries = self.env["mail.catchall.delivery"]
        read = self.rows_read(lambda: deliveries.search_count(unanswered))
        self.assertLess(read, 2000)
        self.assertFalse(deliveries.search_count(unanswered))

    def test_what_may_be_unanswered_is_read_once(self):
        dashboard = self.env["mail.catchall.dashboard"].with_user(self.reader)
        count = dashboard._unanswered_tile(Domain.TRUE)["count"]
        self.assertGreater(count, 200)
        # Each delivery, its message, and what stands on its document: no answer.
        read = self.rows_read(lambda: dashboard._unanswered_tile(Domain.TRUE))
        self.assertLessEqual(read, 3 * count)

    def test_false_alarms_are_looked_for_among_the_decisions_of_the_period(self):
        for screen in (
            self.env["mail.catchall.dashboard"].with_user(self.reader).read_dashboard,
            self.router._health_facts,
        ):
            queries = [q for q in self.looks(screen) if "mail_catchall_decision" in q]
            self.assertTrue(queries)
            for query in queries:
                self.assertLess(self.rows_read_by(query), 2000, query)

    def test_health_is_told_numbers_not_each_decision(self):
        for query in self.looks(self.router._health_facts):
            self.env.cr.execute(query)
            self.assertLess(self.env.cr.rowcount, 50, query)
        alarms = self.router.sudo()._health_alarms(fields.Datetime.now())
        self.assertGreater(alarms[self.router.id][0], 200)

    def test_what_waits_is_counted_in_its_index(self):
        index = "Index Only Scan using mail_catchall_message_waiting_idx"
        for screen in (
            lambda: self.router._unsettled_groups("__count"),
            self.router._health_unsettled,
        ):
            plans = []
            for query in self.looks(screen):
                self.env.cr.execute(f"EXPLAIN {query}")
                plans.append("\n".join(row[0] for row in self.env.cr.fetchall()))
            self.assertTrue(any(index in plan for plan in plans), plans)

    def test_health_does_not_count_what_the_watch_has_counted(self):
        self.patch(router_health, "NEWEST", 100)
        router = self.router.with_user(self.reader)
        counting = self.rows_read(router._health_facts)
        self.assertGreater(counting, 500)
        month = self.router._count_month(fields.Datetime.now())
        self.router._watch_alone([], month[self.router])
        self.assertAlmostEqual(self.router.month_count, counting, delta=1)
        self.assertLess(self.rows_read(router._health_facts), 500)

    def test_health_looks_at_the_newest_mail_alone(self):
        self.env.cr.execute("UPDATE mail_catchall_message SET entrance = 'pipe'")
        self.env.cr.execute("ANALYZE mail_catchall_message")
        with patch.object(router_health, "NEWEST", 100):
            read = self.rows_read(self.router._health_outsiders)
        self.assertEqual(read, 100)

    def test_marking_all_as_read_takes_few_statements(self):
        self.env.cr.execute(
            "INSERT INTO mail_catchall_read (message_id, user_id)"
            " SELECT id, %s FROM mail_catchall_message",
            [self.reader.id],
        )
        journal = self.Message.with_user(self.reader)
        before = self.env.cr.sql_log_count
        journal.action_mark_all_read()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 25)
        self.assertFalse(self.env["mail.catchall.read"].search([], limit=1))

    def test_what_is_counted_in_an_index_is_tidied_early(self):
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
            " AND 'autovacuum_vacuum_scale_factor=0.02' = ANY(reloptions)",
            [list(BIG_TABLES)],
        )
        self.assertEqual({row[0] for row in self.env.cr.fetchall()}, set(BIG_TABLES))

    def test_the_lists_read_their_page_alone(self):
        journal = self.Message.with_user(self.reader)
        for state in (False, *dict(STATES)):
            domain = [("state", "=", state)] if state else []
            with self.subTest(state):
                self.assertNoFullScan(lambda d=domain: journal.search(d, limit=80))
        deliveries = self.env["mail.catchall.delivery"].with_user(self.reader)
        self.assertNoFullScan(lambda: deliveries.search([], limit=80, order="id desc"))


def _nodes(plan):
    """Yield the steps of a plan of PostgreSQL."""
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def _rows_of(node):
    """Return how many rows of a big table a step reads."""
    if node.get("Relation Name") not in READ_TABLES:
        return 0
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return rows * node["Actual Loops"]
