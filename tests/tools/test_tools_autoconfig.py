import os
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import autoconfig, discovery, survey
from odoo.addons.mail_catchall_router.tools.servers.autoconfig import Source
from odoo.addons.mail_catchall_router.tools.servers.discovery import Published
from odoo.addons.mail_catchall_router.tools.servers.providers import (
    PLAIN,
    SSL,
    STARTTLS,
    Server,
)

from .. import mail_servers
from ..strategies import given, quick, st

DOMAIN = "company.example"
ADDRESS = f"catchall@{DOMAIN}"

# As hosting panels write it: IMAP twice, POP3, and names that hold the domain.
THUNDERBIRD = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="company.example">
    <domain>company.example</domain>
    <!-- made by the panel -->
    <incomingServer type="imap">
      <hostname>mail.%EMAILDOMAIN%</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    </incomingServer>
    <incomingServer type="imap">
      <hostname>Mail.Hoster.example</hostname>
      <port> 143 </port>
      <socketType>STARTTLS</socketType>
    </incomingServer>
    <incomingServer type="pop3">
      <hostname>pop.hoster.example</hostname>
      <port>995</port>
      <socketType>SSL</socketType>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.hoster.example</hostname>
      <port>587</port>
      <socketType>STARTTLS</socketType>
    </outgoingServer>
  </emailProvider>
</clientConfig>
"""

# As Plesk answers a POST.
MICROSOFT = b"""\
<?xml version="1.0" encoding="utf-8"?>
<Autodiscover
 xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
<Response xmlns=
 "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
<Account><AccountType>email</AccountType><Action>settings</Action>
<Protocol><Type>IMAP</Type><Server>mail.company.example</Server><Port>993</Port>
<SSL>on</SSL><AuthRequired>on</AuthRequired></Protocol>
<Protocol><Type>POP3</Type><Server>mail.company.example</Server><Port>995</Port>
<SSL>on</SSL></Protocol>
<Protocol><Type>SMTP</Type><Server>mail.company.example</Server><Port>465</Port>
<SSL>on</SSL></Protocol>
<Protocol><Type>SMTP</Type><Server>mail.company.example</Server><Port>587</Port>
<SSL>on</SSL></Protocol>
<Protocol><Type>SMTP</Type><Server>mail.company.example</Server><Port>2525</Port>
<SSL>off</SSL><Encryption>TLS</Encryption></Protocol>
</Account></Response></Autodiscover>
"""


def inside(host, port="993"):
    """Return a file that names a host."""
    return (
        b"<clientConfig><emailProvider><incomingServer type='imap'><hostname>%s"
        b"</hostname><port>%s</port><socketType>SSL</socketType></incomingServer>"
        b"</emailProvider></clientConfig>" % (host.encode(), port.encode())
    )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAutoconfig(BaseCase):
    """What a domain publishes about its mail servers."""

    def test_thunderbirds_file(self):
        self.assertEqual(
            autoconfig.read(THUNDERBIRD, DOMAIN),
            Published(
                (
                    Server("mail.company.example", 993, SSL),
                    Server("mail.hoster.example", 143, PLAIN),
                ),
                (Server("smtp.hoster.example", 587, STARTTLS),),
            ),
        )

    def test_microsofts_answer(self):
        host = "mail.company.example"
        self.assertEqual(
            autoconfig.read(MICROSOFT, DOMAIN),
            Published(
                (Server(host, 993, SSL),),
                (
                    Server(host, 465, SSL),
                    Server(host, 587, STARTTLS),
                    Server(host, 2525, STARTTLS),
                ),
            ),
        )

    def test_no_name_of_a_machine_inside_and_no_wrong_port_is_taken(self):
        for host, port in (
            ("127.0.0.1", "993"),
            ("localhost", "993"),
            ("[::1]", "993"),
            ("a.example/x", "993"),
            ("", "993"),
            ("a.example", "0"),
            ("a.example", "65536"),
            ("a.example", "993x"),
            ("a.example", "٩٩٣"),
        ):
            with self.subTest(host=host, port=port):
                found = autoconfig.read(inside(host, port), DOMAIN)
                self.assertEqual(found, Published())

    def test_a_file_with_entities_is_not_read(self):
        """They grow without end, or are files of this machine."""
        for declared in (
            b'<!ENTITY a "mail.company.example">',
            b'<!ENTITY a SYSTEM "file:///etc/hostname">',
            b'<!ENTITY b "bbbbbbbbbb"><!ENTITY a "&b;&b;&b;&b;&b;&b;&b;&b;">',
        ):
            data = b"<!DOCTYPE c [%s]>%s" % (declared, inside("&a;"))
            self.assertEqual(autoconfig.read(data, DOMAIN), Published())

    def test_what_is_no_such_file_names_nobody(self):
        for data in (b"", b"<html><body>Not found</body></html>", b"{}", b"\xff\x00"):
            self.assertEqual(autoconfig.read(data, DOMAIN), Published())

    def test_a_file_names_few_servers(self):
        many = b"".join(inside(f"mail{number}.company.example") for number in range(50))
        data = b"<clientConfig>%s</clientConfig>" % many
        found = autoconfig.read(data, DOMAIN)
        self.assertEqual(len(found.incoming), autoconfig.MAX_SERVERS)

    @quick
    @given(st.binary(max_size=200))
    def test_nothing_that_is_published_raises(self, data):
        autoconfig.read(data, DOMAIN)
        autoconfig.read(b"<clientConfig>%s</clientConfig>" % data, DOMAIN)
        autoconfig.read(THUNDERBIRD.replace(b"993", data), DOMAIN)

    def test_it_comes_before_what_is_only_guessed_and_is_trusted_no_more(self):
        published = (autoconfig.read(THUNDERBIRD, DOMAIN),)
        found = discovery.find_candidates(DOMAIN, {}, published)
        first, second, *others = found.incoming
        self.assertEqual(first.host, "mail.company.example")
        self.assertIn("imap.company.example", [one.host for one in others])
        self.assertTrue(discovery.is_trusted(discovery.Found(first), DOMAIN))
        stranger = discovery.Found(Server(second.host, 993, SSL), verified=True)
        self.assertFalse(discovery.is_trusted(stranger, DOMAIN))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAutoconfigFetch(BaseCase):
    """The file is fetched from where it may be, and from nowhere else."""

    def serve(self, response):
        """Give the port of a web server, and the lines that it receives."""
        context, chain = self.enterContext(mail_servers.certificate())
        self.enterContext(patch.dict(os.environ, SSL_CERT_FILE=chain))
        served = mail_servers.serve("", lambda line: "" if line else response, context)
        return self.enterContext(served)

    def fetch(self, port, body="", at="127.0.0.1", seconds=5.0):
        source = Source("localhost", "/mail/config-v1.1.xml", body)
        return autoconfig.fetch(source, seconds, lambda _host: at, port)

    def answer(self, text, status="200 OK", more=""):
        return (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n{more}"
            f"Connection: close\r\n\r\n{text}"
        )

    def test_a_file_is_fetched(self):
        port, lines = self.serve(self.answer("<clientConfig/>"))
        self.assertEqual(self.fetch(port), b"<clientConfig/>")
        self.assertEqual(lines[0], "GET /mail/config-v1.1.xml HTTP/1.1")

    def test_microsofts_is_asked_for(self):
        port, lines = self.serve(self.answer("<Autodiscover/>"))
        self.assertEqual(self.fetch(port, body="<a/>"), b"<Autodiscover/>")
        self.assertEqual(lines[0], "POST /mail/config-v1.1.xml HTTP/1.1")

    def test_who_leads_elsewhere_or_has_none_or_too_much_has_none(self):
        for response in (
            self.answer("", "302 Found", "Location: https://127.0.0.1/x\r\n"),
            self.answer("", "401 Unauthorized"),
            self.answer("x" * (autoconfig.MAX_BYTES + 1)),
            "no web server\r\n\r\n",
        ):
            port, _lines = self.serve(response)
            self.assertEqual(self.fetch(port), b"")

    def test_who_drips_is_left(self):
        port, _lines = self.serve("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<")
        self.assertEqual(self.fetch(port, seconds=0.3), b"")

    def test_an_untrusted_certificate_is_no_source(self):
        port, lines = self.serve(self.answer("<clientConfig/>"))
        with patch.dict(os.environ, SSL_CERT_FILE="/nonexistent"):
            self.assertEqual(self.fetch(port), b"")
        self.assertFalse(lines)

    def test_nobody_inside_is_asked_unless_an_administrator_says_so(self):
        asked = []

        def fetch(source, _seconds, find_address):
            asked.append((source.host, find_address("localhost")))
            return THUNDERBIRD if source.host == f"autoconfig.{DOMAIN}" else b""

        with patch.object(autoconfig, "fetch", fetch):
            (found,) = survey.ask_published(ADDRESS)
            self.assertEqual({at for _host, at in asked}, {""})
            hosts = [host for host, _at in asked]
            asked.clear()
            survey.ask_published(ADDRESS, anywhere=True)
            self.assertEqual({at for _host, at in asked}, {"localhost"})
        self.assertEqual(found.incoming[0].host, "mail.company.example")
        self.assertEqual(
            sorted(hosts),
            sorted([f"autoconfig.{DOMAIN}", f"autodiscover.{DOMAIN}", DOMAIN, DOMAIN]),
        )

    def test_an_address_cannot_leave_its_place_in_the_question(self):
        for source in autoconfig.sources('a&b"<c>@company.example'):
            self.assertNotIn("<c>", source.path + source.body)
            self.assertNotIn("&b", source.path)
            self.assertNotIn("&b", source.body)
