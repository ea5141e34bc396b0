from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import identity
from odoo.addons.mail_catchall_router.tools.servers import providers


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestProviders(BaseCase):
    """What is known of mail providers."""

    def test_each_preset_is_one_that_the_policy_knows(self):
        for provider in providers.PROVIDERS:
            with self.subTest(provider=provider.code):
                self.assertIn(provider.header_from, identity.HEADER_CHOICES)
                self.assertIn(provider.envelope, identity.ENVELOPE_CHOICES)
                self.assertIs(providers.find(provider.code), provider)

    def test_codes_are_unique(self):
        codes = [provider.code for provider in providers.PROVIDERS]
        self.assertEqual(len(codes), len(set(codes)))

    def test_a_provider_is_recognised_by_the_mail_exchangers_of_the_domain(self):
        for host, code in (
            ("aspmx.l.google.com.", "gmail"),
            ("company-com.MAIL.protection.outlook.com", "microsoft"),
            ("mx.zoho.eu", "zoho"),
            ("in1-smtp.messagingengine.com", "fastmail"),
        ):
            with self.subTest(host=host):
                self.assertEqual(providers.recognise([host]).code, code)
        self.assertIsNone(providers.recognise(["mx.company.example", ""]))
        self.assertIsNone(providers.recognise(["notgoogle.com.example"]))

    def test_an_account_of_a_region_gets_the_servers_of_that_region(self):
        for host, incoming, outgoing in (
            ("mx.zoho.com", "imappro.zoho.com", "smtppro.zoho.com"),
            ("mx2.zoho.eu.", "imappro.zoho.eu", "smtppro.zoho.eu"),
            ("MX.zoho.com.au", "imappro.zoho.com.au", "smtppro.zoho.com.au"),
            ("mx.yandex.ru", "imap.yandex.com", "smtp.yandex.com"),
        ):
            with self.subTest(host=host):
                found = providers.recognise([host])
                servers = (found.incoming.host, found.outgoing.host)
                self.assertEqual(servers, (incoming, outgoing))

    def test_a_server_of_the_own_domain_is_named_by_it(self):
        server = providers.find("cpanel").incoming.of("company.example")
        self.assertEqual(server.host, "mail.company.example")

    def test_a_provider_is_recognised_by_its_own_server(self):
        for host, code in (
            ("smtp.gmail.com", "gmail"),
            ("smtp-relay.gmail.com.", "gmail"),
            ("SMTP.office365.com", "microsoft"),
            ("email-smtp.eu-west-1.amazonaws.com", "ses"),
            ("smtppro.zoho.eu", "zoho"),
            ("smtppro.zoho.com.au", "zoho"),
        ):
            with self.subTest(host=host):
                self.assertEqual(providers.of_host(host).code, code)
        for host in ("", "mail.company.example", "localhost", "gmail.com.example"):
            with self.subTest(host=host):
                self.assertIsNone(providers.of_host(host))
