from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import (
    discovery,
    hosters,
    providers,
)
from odoo.addons.mail_catchall_router.tools.servers.discovery import Found
from odoo.addons.mail_catchall_router.tools.servers.dns import Record
from odoo.addons.mail_catchall_router.tools.servers.providers import SSL, Server

DOMAIN = "congty.example"
# As customers' domains name them, and their programs the servers.
SEEN = (
    ("pro50.emailserver.vn", "matbao", "pro50.emailserver.vn"),
    ("s129d209.emailserver.vn", "matbao", "s129d209.emailserver.vn"),
    ("mail90168.maychuemail.com", "pavietnam", "mail90168.maychuemail.com"),
    ("h01.azdigimail.com", "azdigi", "h01.azdigimail.com"),
    ("mx1.larksuite.com", "lark", "imap.larksuite.com"),
    ("mx.vnptemail.vn", "vnpt", "imap.vnptemail.vn"),
    ("w020a88d.kasserver.com", "allinkl", "w020a88d.kasserver.com"),
    ("stardust.uberspace.de", "uberspace", "stardust.uberspace.de"),
    ("mx1.onemail.vn", "inet", None),
    ("mx1.smtp-in.onemail.vn", "inet", None),
    ("mx.inet.vn", "inet", None),
    ("mail.nhanhoa.com", "nhanhoa", None),
    ("mx.bizflycloud.vn", "bizfly", None),
    ("mx.viettel.com.vn", "viettel", None),
)


def of(*hosts):
    """Return what is tried for a domain with these MX hosts."""
    return discovery.find_candidates(DOMAIN, {"mx": [Record(host) for host in hosts]})


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHosters(BaseCase):
    """Hosters are told by the MX record; what is known of them is a hint."""

    def test_each_is_told_by_its_mx_and_its_servers_are_tried(self):
        for exchanger, code, incoming in SEEN:
            with self.subTest(exchanger):
                found = of(exchanger)
                self.assertEqual(found.hoster.code, code)
                self.assertIsNone(found.provider)
                if incoming:
                    server = Server(incoming, 993, SSL)
                    self.assertEqual(found.incoming[0], server)
                    self.assertEqual(found.outgoing[0].port, 465)

    def test_no_server_of_a_hoster_gets_a_password_unasked(self):
        for exchanger, _code, _incoming in SEEN:
            found = of(exchanger)
            servers = (*found.hoster.incoming, *found.hoster.outgoing)
            for server in servers:
                with self.subTest(server):
                    self.assertFalse(discovery.is_trusted(Found(server, True), DOMAIN))

    def test_a_name_that_only_ends_alike_is_nobodys(self):
        for exchanger in ("notemailserver.vn", "emailserver.vn.example", "", "."):
            with self.subTest(exchanger):
                self.assertIsNone(hosters.recognise([exchanger]))

    def test_names_are_read_as_name_servers_write_them(self):
        found = hosters.recognise(["MAIL9066.MaychuEmail.com."])
        self.assertEqual(found.incoming[0].host, "mail9066.maychuemail.com")

    def test_the_preferred_host_is_the_customers(self):
        found = hosters.recognise(["pro1.emailserver.vn", "pro2.emailserver.vn"])
        self.assertEqual(found.incoming[0].host, "pro1.emailserver.vn")

    def test_what_the_domain_announces_comes_first(self):
        announced = {"imaps": [Record("in.congty.example", port=993)]}
        found = discovery.find_candidates(
            DOMAIN, {"mx": [Record("pro50.emailserver.vn")], **announced}
        )
        self.assertEqual(found.incoming[0].host, "in.congty.example")
        self.assertEqual(found.incoming[1].host, "pro50.emailserver.vn")

    def test_each_is_found_by_its_code_and_is_no_provider(self):
        codes = [one.code for one in hosters.HOSTERS]
        self.assertEqual(sorted(codes), sorted({code for _mx, code, _host in SEEN}))
        for hoster in hosters.HOSTERS:
            with self.subTest(hoster.code):
                self.assertIs(hosters.find(hoster.code), hoster)
                self.assertIsNone(providers.find(hoster.code))
                self.assertTrue(hoster.page.startswith("https://"))
        self.assertIsNone(hosters.find(None))
