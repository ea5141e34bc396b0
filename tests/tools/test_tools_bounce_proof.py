from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound.bounce_proof import (
    comes_from_inside,
    is_said_by_a_server,
)
from odoo.addons.mail_catchall_router.tools.inbound.recipients import trusted_trace
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

OWN = b"Received: by mx.own.test (Postfix) id 4ABC; now\r\n"
SUBMITTED = (
    b"Received: from mailnull by mx.own.test with local (Exim 4.96) id 1; now\r\n"
)
STORE = b"Received: from mx.own.test by store.own.test with LMTP id 9; now\r\n"
OUTSIDE = (
    b"Received: from mx.evil.test (mx.evil.test [192.0.2.9])\r\n"
    b"\tby mx.own.test (Postfix) with ESMTP id 5; now\r\n"
)
FORGED = b"Received: by mx.evil.test (Postfix) id 7; now\r\n"


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestInside(BaseCase):
    """Only our own servers have had the mail."""

    def inside(self, raw, own_hosts=frozenset()):
        headers = parse_headers(raw + b"Subject: Undelivered\r\n\r\n")
        return comes_from_inside(headers, trusted_trace(headers, own_hosts))

    def test_what_our_own_server_wrote(self):
        for trace in (b"", OWN, SUBMITTED, STORE + OWN, OWN + OWN):
            for hosts in (frozenset(), frozenset({"own.test"})):
                with self.subTest(trace=trace, hosts=hosts):
                    self.assertTrue(self.inside(trace, hosts))

    def test_what_came_from_outside(self):
        for trace in (
            OUTSIDE,
            STORE + OUTSIDE,
            OWN + OUTSIDE,
            OUTSIDE + FORGED,
            OUTSIDE + OWN,
            STORE + OUTSIDE + FORGED + OWN,
        ):
            for hosts in (frozenset(), frozenset({"own.test"})):
                with self.subTest(trace=trace, hosts=hosts):
                    self.assertFalse(self.inside(trace, hosts))


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestServer(BaseCase):
    """A daemon of the recipient's domain, or of the server that took our mail."""

    def believed(self, sender, servers=("smtp.host.test",)):
        return is_said_by_a_server(sender, "lan@customer.test", servers)

    def test_servers_that_had_the_mail(self):
        for sender in (
            "MAILER-DAEMON@customer.test",
            "Mail Delivery System <mailer-daemon@mx.customer.test>",
            "MAILER-DAEMON@host.test",
            "MAILER-DAEMON@bounces.host.test",
        ):
            with self.subTest(sender=sender):
                self.assertTrue(self.believed(sender))

    def test_providers_that_report_under_another_name(self):
        gmail = ("smtp.gmail.com",)
        self.assertTrue(self.believed("mailer-daemon@googlemail.com", servers=gmail))
        self.assertFalse(self.believed("mailer-daemon@googlemail.com"))
        ses = ("email-smtp.eu-west-1.amazonaws.com",)
        self.assertTrue(self.believed("mailer-daemon@amazonses.com", servers=ses))

    def test_others(self):
        for sender in (
            "MAILER-DAEMON@evil.test",
            "MAILER-DAEMON@evilcustomer.test",
            "MAILER-DAEMON@customer.test.evil.test",
            "MAILER-DAEMON",
            "",
        ):
            with self.subTest(sender=sender):
                self.assertFalse(self.believed(sender))

    def test_a_person_of_that_domain(self):
        self.assertFalse(self.believed("nam@customer.test"))
        self.assertFalse(self.believed("Mail Delivery System <nam@customer.test>"))

    def test_without_known_servers(self):
        self.assertTrue(
            self.believed("MAILER-DAEMON@customer.test", servers=("", "1.2"))
        )
