from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail.addresses import is_below
from odoo.addons.mail_catchall_router.tools.mail.registrable import registrable

from ..strategies import given, quick, st


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRegistrable(BaseCase):
    """The domain that somebody has registered."""

    def test_countries_keep_a_label_for_kinds_of_owners(self):
        for host, expected in (
            ("mx1.mail.hoster.vn", "hoster.vn"),
            ("mx1.hoster.com.vn", "hoster.com.vn"),
            ("hoster.com.vn", "hoster.com.vn"),
            ("a.b.hoster.co.uk", "hoster.co.uk"),
            ("mx.google.com", "google.com"),
            ("com.vn", ""),
            ("localhost", ""),
            ("192.0.2.1", ""),
            ("2001:db8::1", ""),
            ("", ""),
        ):
            self.assertEqual(registrable(host), expected)

    @quick
    @given(st.text(alphabet="abc.1-:", max_size=20))
    def test_the_host_is_below_it(self, host):
        found = registrable(host)
        self.assertTrue(not found or is_below(host.strip("."), found))
