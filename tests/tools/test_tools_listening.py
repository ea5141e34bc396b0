from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.watch import listening
from odoo.addons.mail_catchall_router.tools.watch.listening import Ear


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestToolsListening(BaseCase):
    """A listener is known by the name of its session."""

    def test_a_name_tells_who_it_is(self):
        for ear in (
            Ear(listening.INSIDE, 12, "web1.example.com"),
            Ear(listening.OWN_PROCESS, 4194304, "mail"),
        ):
            self.assertEqual(listening.recognize(listening.name_of(ear)), ear)

    def test_a_long_or_strange_host_is_cut_to_what_postgresql_takes(self):
        name = listening.name_of(Ear(listening.INSIDE, 7, "máy-chủ" + "x" * 80))
        self.assertLessEqual(len(name.encode()), listening.LONGEST_NAME)
        self.assertEqual(listening.recognize(name).process, 7)

    def test_other_sessions_are_none(self):
        for name in (
            "",
            "odoo-12",
            "psql",
            "mail-router-inside",
            "mail-router-inside x",
        ):
            self.assertIsNone(listening.recognize(name), name)
