import time
from datetime import timedelta

import psycopg2

from odoo import fields, sql_db
from odoo.tests import TransactionCase, tagged

from odoo.addons.mail_catchall_router.listener.claim import Claim
from odoo.addons.mail_catchall_router.tools.runtime import locks

NOBODY = frozenset()
PATIENCE = 30


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestListenerClaim(TransactionCase):
    """Of all processes of all hosts one listens to a database."""

    def claim(self, *, is_inside=True):
        claim = Claim(self.env.cr.dbname, is_inside)
        self.addCleanup(claim.let_go)
        return claim

    def holders(self, key_class):
        # One transaction sees one picture of the sessions.
        self.env.cr.execute("SELECT pg_stat_clear_snapshot()")
        return locks.holders(self.env.cr, key_class)

    def backend(self, claim):
        """Return the number of the session of a claim."""
        return claim._cr.connection.info.backend_pid

    def test_the_second_gets_the_right_when_the_first_lets_it_go(self):
        first, second = self.claim(), self.claim()
        self.assertTrue(first.hold(NOBODY))
        self.assertFalse(second.hold(NOBODY))
        self.assertTrue(first.hold(NOBODY), "held, and not taken twice")
        first.let_go()
        self.assertTrue(second.hold(NOBODY))
        self.assertFalse(first.hold(NOBODY))

    def test_who_waits_has_no_connection(self):
        first, second = self.claim(), self.claim()
        first.hold(NOBODY)
        second.hold(NOBODY)
        self.assertIsNone(second._cr)

    def test_it_takes_no_connection_away_from_odoo(self):
        claim = self.claim()
        claim.hold(NOBODY)
        self.assertNotIn(claim._cr.connection, sql_db._Pool._connections)

    def test_a_process_that_is_gone_has_the_right_no_longer(self):
        first, second = self.claim(), self.claim()
        first.hold(NOBODY)
        first._cr.connection.close()
        deadline = time.monotonic() + PATIENCE
        while not second.hold(NOBODY):
            self.assertLess(time.monotonic(), deadline)

    def test_a_listener_of_its_own_goes_before_the_one_inside(self):
        inside, own = self.claim(), self.claim(is_inside=False)
        self.assertTrue(inside.hold(NOBODY))
        self.assertFalse(own.hold(NOBODY))
        self.assertFalse(inside.hold(NOBODY), "it steps back")
        self.assertTrue(own.hold(NOBODY))
        own.let_go()
        self.assertTrue(inside.hold(NOBODY), "and is there again afterwards")

    def test_of_two_listeners_of_their_own_one_waits(self):
        first, second = self.claim(is_inside=False), self.claim(is_inside=False)
        self.assertTrue(first.hold(NOBODY))
        self.assertFalse(second.hold(NOBODY))
        first.let_go()
        self.assertTrue(second.hold(NOBODY))

    def test_everybody_sees_who_listens_to_what(self):
        claim = self.claim()
        claim.hold(frozenset({7, 8}))
        found = self.holders(locks.HEARD)
        self.assertEqual(found.keys(), {7, 8})
        self.assertRegex(found[7].name, r"^mail-router-inside \d+ \S")
        age = fields.Datetime.now() - found[7].since
        self.assertLess(abs(age), timedelta(minutes=1))
        claim.hold(frozenset({8, 9}))
        self.assertEqual(self.holders(locks.HEARD).keys(), {8, 9})
        claim.let_go()
        self.assertFalse(self.holders(locks.HEARD))

    def test_a_lost_connection_is_said_and_made_anew(self):
        claim = self.claim()
        claim.hold(frozenset({7}))
        self.env.cr.execute("SELECT pg_terminate_backend(%s)", [self.backend(claim)])
        with self.assertRaises(psycopg2.Error):
            claim.hold(frozenset({7}))
        self.assertTrue(claim.hold(frozenset({7})))
        self.assertEqual(self.holders(locks.HEARD).keys(), {7})
