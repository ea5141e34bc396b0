import os
import threading
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import dns, survey
from odoo.addons.mail_catchall_router.tools.servers.providers import (
    PLAIN,
    SSL,
    STARTTLS,
    Server,
)

from .. import mail_servers, name_server


def smtp_with_starttls(line):
    if line.upper().startswith("EHLO"):
        return "250-localhost\r\n250 STARTTLS\r\n"
    return mail_servers.smtp_answer(line)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSurvey(BaseCase):
    """Which servers answer, and how they want to be spoken to."""

    def try_one(self, port, outgoing=False):
        server = Server("127.0.0.1", port, SSL)
        servers = ([], [server]) if outgoing else ([server], [])
        found = survey.try_servers(*servers, named={"127.0.0.1"})[outgoing]
        return found[0].server.security if found else None

    def test_a_server_without_encryption_is_recognised(self):
        with mail_servers.serve("* OK hi\r\n", mail_servers.imap_answer) as found:
            self.assertEqual(self.try_one(found[0]), PLAIN)

    def test_a_server_that_offers_starttls_is_recognised(self):
        with mail_servers.serve("220 hi\r\n", smtp_with_starttls) as found:
            self.assertEqual(self.try_one(found[0], outgoing=True), STARTTLS)
        with mail_servers.serve("220 hi\r\n", mail_servers.smtp_answer) as found:
            self.assertEqual(self.try_one(found[0], outgoing=True), PLAIN)

    def test_a_tls_server_and_its_certificate_are_recognised(self):
        with (
            mail_servers.certificate() as (context, chain),
            mail_servers.serve("* OK hi\r\n", context=context) as (port, _lines),
        ):
            server = Server("localhost", port, PLAIN)
            named = {"localhost"}
            (stranger,), _nobody = survey.try_servers([server], [], named=named)
            with patch.dict(os.environ, SSL_CERT_FILE=chain):
                (proven,), _nobody = survey.try_servers([server], [], named=named)
        self.assertEqual(stranger.server.security, SSL)
        self.assertFalse(stranger.verified)
        self.assertTrue(proven.verified)

    def test_where_nobody_answers_nothing_is_found(self):
        with mail_servers.serve("* OK hi\r\n") as (port, _lines):
            pass
        self.assertIsNone(self.try_one(port))

    def test_what_only_the_name_service_says_is_not_looked_for_inside(self):
        """An MX or SRV record that leads into our own network finds nobody there."""
        with mail_servers.serve("* OK hi\r\n", mail_servers.imap_answer) as found:
            port, lines = found[:2]
            for host in ("127.0.0.1", "localhost"):
                server = Server(host, port, SSL)
                self.assertEqual(survey.try_servers([server], [server]), ([], []))
        self.assertFalse(lines, "it was not even connected to")

    def test_which_addresses_are_public(self):
        for address in (
            "127.0.0.1",
            "10.0.0.1",
            "172.16.9.9",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "fec0::1",
            "64:ff9b:1::7f00:1",
            "::7f00:1",
            "::ffff:0:7f00:1",
            "168.63.129.16",
            "192.0.0.192",
            "::ffff:168.63.129.16",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "nosuch.invalid",
        ):
            with self.subTest(address=address):
                self.assertFalse(survey.is_public(address))
        for address in ("8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"):
            with self.subTest(address=address):
                self.assertTrue(survey.is_public(address))

    def test_a_name_with_one_inner_address_is_not_public(self):
        mixed = [(2, 1, 6, "", (one, 0)) for one in ("8.8.8.8", "10.0.0.1")]
        with patch.object(survey.socket, "getaddrinfo", return_value=mixed):
            self.assertFalse(survey.is_public("mail.company.example"))

    def test_a_name_that_leads_elsewhere_a_moment_later_leads_nowhere_else(self):
        """DNS rebinding: a public address for the look, an inner one to connect to."""
        public, inner = ([(2, 1, 6, "", (one, 0))] for one in ("8.8.8.8", "127.0.0.1"))
        connected = []

        def connect(address, *_args, **_options):
            connected.append(address[0])
            raise OSError("nobody is there")

        for answer in ("tls", "plain"):
            checked = patch.object(survey.diagnosis, "check_port", return_value=answer)
            with (
                patch.object(survey.socket, "getaddrinfo", side_effect=[public, inner]),
                patch.object(survey.socket, "create_connection", connect),
                checked as check_port,
            ):
                survey.try_servers([], [Server("mail.company.example", 25, SSL)])
            self.assertEqual(check_port.call_args.kwargs["at"], "8.8.8.8")
        self.assertEqual(connected, ["8.8.8.8", "8.8.8.8"])

    def test_the_domain_is_asked_everything_at_once(self):
        def datagrams(query):
            data = name_server.srv(0, 0, 993, "imap.company.example")
            yield name_server.answer(query, name_server.record(b"\xc0\x0c", 33, data))

        with (
            name_server.serve(datagrams) as server,
            patch.object(dns, "system_nameservers", lambda: (server,)),
        ):
            answers = survey.ask_domain("company.example")
        self.assertEqual(answers["imaps"][0].host, "imap.company.example")
        self.assertEqual(answers["mx"], ())

    def test_the_mail_exchangers_alone_are_asked_quickly(self):
        def datagrams(query):
            data = name_server.mx(10, "mx.hoster.example")
            yield name_server.answer(query, name_server.record(b"\xc0\x0c", 15, data))

        with (
            name_server.serve(datagrams) as server,
            patch.object(dns, "system_nameservers", lambda: (server,)),
        ):
            found = survey.ask_exchangers("company.example")
            self.assertEqual([one.host for one in found], ["mx.hoster.example"])
        with (
            name_server.serve(lambda query: ()) as silent,
            patch.object(dns, "system_nameservers", lambda: (silent,)),
            patch.object(survey, "GLANCE", 0.1),
        ):
            self.assertEqual(survey.ask_exchangers("company.example"), ())

    def test_who_is_late_is_not_waited_for(self):
        late = threading.Event()
        calls = {"quick": lambda: 1, "late": lambda: late.wait(30)}
        try:
            self.assertEqual(survey.gather(calls, 0.2), {"quick": 1})
        finally:
            late.set()
        self.assertEqual(survey.gather({}, 1), {})
