from contextlib import closing

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged

from ..models import concurrency
from ..tools.inbound.proof.book import Question
from ..tools.servers.dns import Answer

TABLE = "UPDATE res_partner SET write_date = write_date WHERE id = %s"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestConcurrency(TransactionCase):
    """Two real transactions that write on the same row."""

    def setUp(self):
        super().setUp()
        database = db_connect(self.env.cr.dbname)
        self.cr = self.enterContext(closing(database.cursor()))
        self.other_cr = self.enterContext(closing(database.cursor()))
        env = api.Environment(self.cr, SUPERUSER_ID, {})
        self.partner = env.ref("base.main_partner")
        # From here on the transaction sees the database as it is now.
        self.assertTrue(self.partner.name)

    def write_elsewhere(self, commit=True):
        """Let somebody else write on the row, and perhaps keep it."""
        self.other_cr.execute(TABLE, [self.partner.id])
        if commit:
            self.other_cr.commit()

    def test_what_was_changed_since_is_refused_without_a_word_in_the_log(self):
        self.write_elsewhere()
        with self.assertNoLogs("odoo.sql_db"), self.assertRaises(SerializationFailure):
            concurrency.hold(self.partner)

    def test_work_that_collides_is_done_once_more_and_committed(self):
        self.write_elsewhere()
        tries = []

        def work():
            tries.append(self.partner.name)
            self.partner.color = 7

        before = self.partner.color
        with self.assertNoLogs("odoo.sql_db"):
            concurrency.retry_on_concurrency(self.partner.env, work, self.partner)
        self.assertEqual(len(tries), 1)
        query = "SELECT color FROM res_partner WHERE id = %s"
        self.other_cr.execute(query, [self.partner.id])
        self.assertEqual(self.other_cr.fetchone(), (7,))
        self.other_cr.rollback()
        concurrency.write_alone(self.partner, {"color": before})

    def test_work_that_collides_each_time_says_so_in_the_end(self):
        tries = []

        def work():
            tries.append(self.partner.name)
            self.write_elsewhere()
            self.cr.execute(TABLE, [self.partner.id], log_exceptions=False)

        with self.assertRaises(SerializationFailure):
            concurrency.retry_on_concurrency(self.partner.env, work)
        self.assertEqual(len(tries), concurrency.TRIES)

    def test_who_only_tries_waits_for_nobody_and_stays_able_to_work(self):
        self.assertTrue(concurrency.try_hold(self.partner))
        self.cr.rollback()
        self.assertTrue(self.partner.name)
        self.write_elsewhere(commit=False)
        self.assertFalse(concurrency.try_hold(self.partner))
        self.other_cr.commit()
        with self.assertNoLogs("odoo.sql_db"):
            self.assertFalse(concurrency.try_hold(self.partner))
        self.assertTrue(self.partner.search_count([]))
        self.cr.rollback()
        self.assertTrue(concurrency.try_hold(self.partner))

    def test_a_mail_that_another_worker_has_just_had_is_left_to_it(self):
        mails = self.partner.env["mail.mail"]
        mail = mails.create({"subject": "One", "email_to": "a@tenmien.test"})
        mail.env.cr.commit()
        self.addCleanup(self.forget, mail)
        self.assertTrue(mail._catchall_lock(auto_commit=True))
        mail.env.cr.commit()
        self.assertEqual(mail.subject, "One")
        query = "UPDATE mail_mail SET state = state WHERE id = %s"
        self.other_cr.execute(query, [mail.id])
        self.assertFalse(mail._catchall_lock(auto_commit=True))
        self.other_cr.commit()
        with self.assertNoLogs("odoo.sql_db"):
            self.assertFalse(mail._catchall_lock(auto_commit=True))
        self.assertTrue(mail._catchall_lock(auto_commit=True))

    def test_a_lane_counts_its_attempts_beside_others_who_write_on_the_mail(self):
        env = self.partner.env
        server = env["fetchmail.server"].create({"name": "Collision"})
        values = {"name": "Collision", "fetchmail_server_id": server.id}
        router = env["mail.catchall.router"].create(values)
        raw = b"From: a@customer.example\r\nMessage-ID: <1@collision>\r\n\r\nHello\r\n"
        message = env["mail.catchall.message"]._journal(router, [{"raw": raw}])
        message.claim = "7"
        env.cr.commit()
        for records in (server, router, message):
            self.addCleanup(self.forget, records)
        query = "UPDATE mail_catchall_message SET uid = uid WHERE id = %s"
        for count in (message._count_attempt, message._count_attempts):
            self.assertEqual(message.claim, "7")
            self.other_cr.execute(query, [message.id])
            self.other_cr.commit()
            with self.assertNoLogs("odoo.sql_db"):
                self.assertTrue(count(7))
        self.assertEqual(message.attempt_count, 2)

    def test_two_lanes_keep_the_same_answer_of_a_name_server(self):
        answers = {
            Question("collision.example", "TXT"): Answer(("v=spf1 -all",), seconds=300)
        }
        kept = self.partner.env["mail.catchall.dns"]
        elsewhere = kept.with_env(api.Environment(self.other_cr, SUPERUSER_ID, {}))
        elsewhere._keep(answers)
        self.other_cr.commit()
        self.addCleanup(
            self.forget, elsewhere.search([("name", "=", "collision.example")])
        )
        with self.assertNoLogs("odoo.sql_db"):
            kept._keep(answers)
        # The transaction goes on.
        self.assertTrue(self.partner.exists())

    def test_two_who_sign_for_the_first_time_sign_with_one_key(self):
        name = "mail_catchall_router.collision"
        routers = self.partner.env["mail.catchall.router"]
        elsewhere = api.Environment(self.other_cr, SUPERUSER_ID, {})
        elsewhere["mail.catchall.router"]._keep_first(name, "theirs")
        self.other_cr.commit()
        parameters = elsewhere["ir.config_parameter"]
        self.addCleanup(self.forget, parameters.search([("key", "=", name)]))
        with self.assertNoLogs("odoo.sql_db"), self.assertRaises(SerializationFailure):
            routers._keep_first(name, "ours")
        self.cr.rollback()
        found = self.partner.env["ir.config_parameter"].get_param(name)
        self.assertEqual(found, "theirs")

    def forget(self, records):
        """Delete what was committed."""
        records.env.cr.rollback()
        records.unlink()
        records.env.cr.commit()
