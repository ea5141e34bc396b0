from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import discovery
from odoo.addons.mail_catchall_router.tools.servers.discovery import Found
from odoo.addons.mail_catchall_router.tools.servers.dns import Record
from odoo.addons.mail_catchall_router.tools.servers.providers import (
    PLAIN,
    SSL,
    STARTTLS,
    Server,
)

from ..strategies import given, quick, st

DOMAIN = "company.example"
RECORDS = st.lists(
    st.builds(Record, st.text(max_size=30), port=st.integers(0, 65535)), max_size=20
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDiscovery(BaseCase):
    """Which servers are tried for an address, and which of them is taken."""

    # ------------------------------------------------------------
    # CANDIDATES
    # ------------------------------------------------------------

    def test_a_provider_is_known_by_its_own_domain(self):
        found = discovery.find_candidates("gmail.com", {})
        self.assertEqual(found.provider.code, "gmail")
        self.assertEqual(found.hosts, ("imap.gmail.com", "smtp.gmail.com"))

    def test_a_provider_is_known_by_the_domains_mail_servers(self):
        answers = {"mx": [Record("company-example.mail.protection.outlook.com")]}
        found = discovery.find_candidates(DOMAIN, answers)
        self.assertEqual(found.provider.code, "microsoft")
        self.assertEqual(found.outgoing[0].host, "smtp.office365.com")

    def test_what_the_domain_announces_comes_before_the_usual_names(self):
        answers = {
            "imaps": [Record("in.company.example", port=1993)],
            "submissions": [Record("out.company.example", port=1465)],
        }
        found = discovery.find_candidates(DOMAIN, answers)
        self.assertEqual(found.incoming[0], Server("in.company.example", 1993, SSL))
        self.assertEqual(found.outgoing[0], Server("out.company.example", 1465, SSL))

    def test_without_any_answer_the_usual_names_are_tried(self):
        found = discovery.find_candidates(DOMAIN, {})
        self.assertEqual(
            found.hosts,
            (
                "imap.company.example",
                "mail.company.example",
                "company.example",
                "smtp.company.example",
            ),
        )
        self.assertEqual({one.port for one in found.incoming}, {993, 143})
        self.assertEqual({one.port for one in found.outgoing}, {465, 587, 25})

    def test_the_host_that_takes_the_domains_mail_is_tried(self):
        answers = {"mx": [Record("host7.hosting.example")]}
        found = discovery.find_candidates(DOMAIN, answers)
        self.assertIn("host7.hosting.example", found.hosts)

    def test_no_name_of_a_machine_inside_is_taken_from_the_domain(self):
        hostile = (
            "localhost",
            "127.0.0.1",
            "10.0.0.1",
            "a b.example",
            "-x.example",
            "",
        )
        answers = {
            key: [Record(host, port=993) for host in hostile]
            for key in discovery.QUESTIONS
        }
        found = discovery.find_candidates(DOMAIN, answers)
        self.assertFalse(set(found.hosts) & set(hostile))

    @given(st.dictionaries(st.sampled_from(list(discovery.QUESTIONS)), RECORDS))
    @quick
    def test_no_answer_makes_it_try_without_end(self, answers):
        found = discovery.find_candidates(DOMAIN, answers)
        for servers in (found.incoming, found.outgoing):
            self.assertLessEqual(len(servers), 60)
            self.assertEqual(len(servers), len({(s.host, s.port) for s in servers}))
            self.assertTrue(all(discovery.is_host(s.host) for s in servers))

    # ------------------------------------------------------------
    # WHAT A PERSON TYPES
    # ------------------------------------------------------------

    def test_a_server_name_may_carry_its_port(self):
        for text, expected in (
            (" imap.company.example ", ("imap.company.example", 0)),
            ("imap.company.example:1993", ("imap.company.example", 1993)),
            ("imaps://imap.company.example:993/", ("imap.company.example", 993)),
            ("[2001:db8::1]:143", ("2001:db8::1", 143)),
            ("2001:db8::1", ("2001:db8::1", 0)),
            ("localhost:x", ("localhost:x", 0)),
            ("", ("", 0)),
        ):
            with self.subTest(text=text):
                self.assertEqual(discovery.split_host(text), expected)

    @given(st.text(max_size=60))
    @quick
    def test_nothing_that_is_typed_raises(self, text):
        _host, port = discovery.split_host(text)
        self.assertLess(port, 100_000)

    # ------------------------------------------------------------
    # CHOICE
    # ------------------------------------------------------------

    def found(self, host, security, verified=True):
        return Found(Server(host, 1, security), verified)

    def test_encryption_and_a_valid_certificate_come_first(self):
        plain = self.found("a.example", PLAIN, verified=False)
        self_signed = self.found("b.example", SSL, verified=False)
        starttls = self.found("c.example", STARTTLS)
        self.assertEqual(discovery.choose([plain, self_signed, starttls]), starttls)
        self.assertEqual(discovery.choose([plain, self_signed]), self_signed)
        self.assertEqual(discovery.choose([plain]), plain)
        self.assertIsNone(discovery.choose([]))

    def test_the_password_goes_unasked_to_encrypted_servers_of_the_domain_only(self):
        for found, trusted in (
            (self.found("mail.company.example", SSL), True),
            (self.found("company.example", STARTTLS), True),
            (self.found("mail.company.example", PLAIN), False),
            (self.found("mail.hosting.example", SSL), False),
            (self.found("evilcompany.example", SSL), False),
        ):
            with self.subTest(found=found):
                self.assertIs(discovery.is_trusted(found, DOMAIN), trusted)

    def test_what_a_server_answers_tells_its_encryption(self):
        server = Server("mail.company.example", 25, STARTTLS)
        for answer, starttls, security in (
            ("tls", False, SSL),
            ("plain", True, STARTTLS),
            ("plain", False, PLAIN),
        ):
            found = discovery.seen(server, answer, starttls, True)
            self.assertEqual(found.server.security, security)
        for answer in ("silent", "closed"):
            self.assertIsNone(discovery.seen(server, answer, False, False))
