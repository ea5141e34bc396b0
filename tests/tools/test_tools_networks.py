import ipaddress

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import networks
from odoo.addons.mail_catchall_router.tools.inbound.recipients import trusted_trace
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..strategies import given, mail_bytes, quick, st

OUTSIDE = "Received: from a.test (b.test [198.51.100.3]) by mail.customer.test; now"


def network(*lines):
    headers = parse_headers("\r\n".join(lines).encode())
    return networks.sender_network(trusted_trace(headers))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestNetworks(BaseCase):
    """The network that connected to our provider, and nothing the sender wrote."""

    def test_the_line_of_our_own_server_tells(self):
        for peer, expected in (
            ("from c.test (mail.c.test [203.0.113.7])", "203.0.113.0/24"),
            ("from c.test (unknown [203.0.113.250])", "203.0.113.0/24"),
            ("from c.test (c [IPv6:2001:db8:1:2::5])", "2001:db8:1:2::/64"),
            ("from [203.0.113.7] (helo=c.test)", "203.0.113.0/24"),
            ("from [203.0.113.7] (port=41232 helo=c.test)", "203.0.113.0/24"),
            ("from unknown (HELO 198.51.100.9) (203.0.113.7)", "203.0.113.0/24"),
            ("from unknown (HELO x) (198.51.100.9) (203.0.113.7)", "203.0.113.0/24"),
            (
                "from c.test (HELO x) (203.0.113.7) (envelope-sender <a@[192.0.2.1]>)",
                "203.0.113.0/24",
            ),
            ("from c.test (c.test [10.1.2.3])", ""),
            ("from c.test (localhost [127.0.0.1])", ""),
            ("from [198.51.100.9] (c.test [203.0.113.7])", "203.0.113.0/24"),
            ("from c.test", ""),
        ):
            with self.subTest(peer=peer):
                line = f"Received: {peer} by mx.own.test with ESMTP; now"
                self.assertEqual(network(line, OUTSIDE), expected)

    def test_the_host_is_known_as_our_server_saw_it(self):
        for peer, *expected in (
            ("from c.test (mail.c.test [203.0.113.7])", "c.test", "mail.c.test"),
            ("from c.test (unknown [203.0.113.7])", "c.test", ""),
            ("from mail.c.test ([203.0.113.7] helo=c.test)", "c.test", "mail.c.test"),
            ("from [203.0.113.7] (port=41232 helo=c.test)", "c.test", ""),
            ("from unknown (HELO c.test) (203.0.113.7)", "c.test", ""),
            ("from [192.168.1.5] (c.test [203.0.113.7])", "", "c.test"),
        ):
            with self.subTest(peer=peer):
                line = f"Received: {peer} by mx.own.test with ESMTP; now"
                headers = parse_headers(f"{line}\r\n{OUTSIDE}".encode())
                host = networks.sender_host(trusted_trace(headers))
                self.assertEqual(
                    (host.address, host.helo, host.name), ("203.0.113.7", *expected)
                )
                self.assertEqual(host.is_nameless, "(unknown" in peer)

    def test_nobody_is_known_behind_a_server_of_ours(self):
        for peer in ("from c.test (c.test [10.1.2.3])", "from c.test"):
            line = f"Received: {peer} by mx.own.test with ESMTP; now"
            headers = parse_headers(f"{line}\r\n{OUTSIDE}".encode())
            host = networks.sender_host(trusted_trace(headers))
            self.assertEqual(host, networks.Host())

    def test_without_a_line_nothing_is_known(self):
        self.assertEqual(network("From: a@b.test"), "")

    def test_neighbours_share_a_network(self):
        for first, second in (
            ("203.0.113.1", "203.0.113.255"),
            ("2001:db8::1", "2001:db8::ffff:1:2:3"),
            ("::ffff:203.0.113.1", "203.0.113.2"),
        ):
            with self.subTest(first=first):
                both = map(ipaddress.ip_address, (first, second))
                self.assertEqual(len(set(map(networks.network_of, both))), 1)

    @quick
    @given(st.ip_addresses())
    def test_the_network_holds_its_address(self, address):
        found = networks.network_of(address)
        if found and not getattr(address, "ipv4_mapped", None):
            self.assertIn(address, ipaddress.ip_network(found))
        self.assertLess(len(found), 45)

    @quick
    @given(mail_bytes)
    def test_no_mail_raises(self, raw):
        headers = parse_headers(raw)
        self.assertIsInstance(networks.sender_network(tuple(headers)), str)
