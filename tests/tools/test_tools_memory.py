from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.runtime import memory


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMemory(BaseCase):
    """What large mails have needed goes back, what small ones need costs nothing."""

    def test_cycles_that_hold_a_large_mail_are_collected(self):
        collected = []

        class Cycle:
            def __init__(self):
                self.me = self

            def __del__(self):
                collected.append(True)

        Cycle()
        memory.give_back(memory.WORTH_IT)
        self.assertTrue(collected)

    def test_small_batches_are_left_alone(self):
        with patch.object(memory.gc, "collect") as collect:
            memory.give_back(memory.WORTH_IT - 1)
        collect.assert_not_called()
