from unittest.mock import Mock, patch

from odoo.exceptions import ConcurrencyError
from odoo.service import model as service
from odoo.tests import BaseCase, tagged
from odoo.tools.misc import Callbacks

from odoo.addons.mail_catchall_router.tools.runtime import retries


class FakeCursor:
    """The hooks of a cursor, in the order in which Odoo's runs them."""

    closed = _closed = False

    def __init__(self):
        self.prerollback, self.postrollback = Callbacks(), Callbacks()
        self.postcommit = Callbacks()

    def flush(self):
        """Write nothing."""

    def commit(self):
        self.prerollback.clear()
        self.postrollback.clear()
        self.postcommit.run()

    def rollback(self):
        self.postcommit.clear()
        self.prerollback.run()
        self.postrollback.run()


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestRetries(BaseCase):
    """What cannot be undone is done once, however often core does it all again."""

    def setUp(self):
        super().setUp()
        self.cursor = FakeCursor()
        self.done = []

    def do(self, key):
        """Do something, unless it was done."""
        known = retries.done_by(self.cursor)
        if not known.meet(key):
            self.done.append(key)
            known.note(key, "accepted")

    def retry(self, times, keys=("a",)):
        """Do these things in a transaction that fails so often."""
        failures = [ConcurrencyError] * times

        def work():
            for key in keys:
                self.do(key)
            if failures:
                raise failures.pop()

        env = Mock(cr=self.cursor)
        with patch.object(service.time, "sleep"), self.assertLogs(service._logger):
            service.retrying(work, env)

    def test_a_retry_does_nothing_twice(self):
        self.retry(3)
        self.assertEqual(self.done, ["a"])

    def test_what_is_done_twice_in_one_try_is_done_twice(self):
        self.retry(1, keys=("a", "b", "a"))
        self.assertEqual(self.done, ["a", "b", "a"])

    def test_after_the_commit_it_is_done_anew(self):
        self.retry(1)
        self.cursor.commit()
        self.do("a")
        self.assertEqual(self.done, ["a", "a"])

    def test_after_a_retry_in_which_it_was_not_met_the_commit_forgets_it(self):
        self.retry(1)
        self.retry(1, keys=("b",))
        self.cursor.commit()
        self.do("a")
        self.assertEqual(self.done, ["a", "b", "a"])

    def test_a_rollback_of_anybody_else_is_meant(self):
        self.do("a")
        self.cursor.rollback()
        self.do("a")
        self.assertEqual(self.done, ["a", "a"])
