from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import profiles
from odoo.addons.mail_catchall_router.tools.inbound.recipients import trusted_trace
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers
from odoo.addons.mail_catchall_router.tools.watch import learning
from odoo.addons.mail_catchall_router.tools.watch.learning import Arrived, Known

from ..strategies import given, quick, st

NOW = datetime(2026, 11, 23, 8)
NONE = frozenset()


def mail(by="mx1.hoster.test", *lines):
    """Return the headers of a mail that this server took in; "" for no server."""
    received = f"Received: from a.test (a.test [100.24.8.9]) by {by} with ESMTP id 1"
    top = [*lines, *([received] if by else []), "From: a@a.test", "To: b@own.test"]
    return parse_headers("\r\n".join(top).encode())


FILTERED = "Received: from localhost (localhost [127.0.0.1]) by mx1.hoster.test"


def filtered(by="mx1.hoster.test"):
    """Return the headers of a mail that a filter on this server gave back to it."""
    return mail(by, FILTERED.replace("mx1.hoster.test", by))


def arrived(*headers):
    """Return mails, the newest first, one an hour."""
    return [
        Arrived(NOW - timedelta(hours=index), one) for index, one in enumerate(headers)
    ]


def verdict(server):
    return f"Authentication-Results: {server}; spf=pass"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWhatIsLearnt(BaseCase):
    """To learn never means to believe less of the mail there is."""

    def test_the_domain_of_machines_is_learnt(self):
        found = learning.learnable(
            ["mx1.hoster.com.vn", "mx2.mail.hoster.com.vn", "other.test", "mx", ""]
        )
        self.assertEqual(found, ("hoster.com.vn", "other.test", "mx"))

    def test_hosts_are_kept_only_if_they_took_in_all_recent_mail(self):
        own = frozenset({"mx1.hoster.test"})
        other = mail("mx2.hoster.test")
        self.assertTrue(learning.keeps_trust([mail()], own))
        self.assertFalse(learning.keeps_trust([mail(), other], own))
        self.assertTrue(
            learning.keeps_trust([mail(), other], frozenset({"hoster.test"}))
        )
        self.assertFalse(learning.keeps_trust([], own))

    def test_a_filter_shows_in_all_recent_mail(self):
        mails = [filtered() for _number in range(learning.FILTERED_MAILS)]
        self.assertEqual(learning.filtered_domain(mails), "hoster.test")
        self.assertEqual(learning.filtered_domain(mails[1:]), "")
        for other in (
            filtered("mx1.other.test"),  # of another server
            mail(),  # not filtered
            parse_headers(b"From: a@a.test"),
            # Through a forwarded port: the next line is of the sender's server.
            mail("a.test", FILTERED.replace("localhost (", "a.test (")),
            # Nothing tells where the mail came from.
            parse_headers(b"Received: from localhost ([::1]) by mx1.hoster.test"),
        ):
            with self.subTest(other=other):
                self.assertEqual(learning.filtered_domain([*mails, other]), "")

    def test_verdicts_are_kept_only_under_the_name_of_all_recent_ones(self):
        server = "mx1.hoster.test"
        one = mail(server, verdict(server))
        other = mail(server, verdict("hoster.test"))
        self.assertTrue(learning.keeps_verdicts([one, mail()], NONE, server))
        self.assertFalse(learning.keeps_verdicts([one, other], NONE, server))
        self.assertFalse(learning.keeps_verdicts([mail()], NONE, server))
        self.assertTrue(learning.keeps_verdicts([one, other], NONE, "hoster.test"))

    def test_a_machine_that_a_hoster_rents_out_is_none_of_its_own(self):
        line = "Received: from {0} ({0} [100.24.8.9]) by mx1.hoster.test with ESMTP"
        for name, expected in (
            ("mx7.hoster.test", 3),
            ("smtp-in.hoster.test", 3),
            ("vps1234.hoster.test", 1),
            ("vmi77.rented.hoster.test", 1),
            ("static.9.8.24.100.clients.hoster.test", 1),
            ("ip-100-24-8-9.hoster.test", 1),
        ):
            headers = parse_headers(
                f"{line.format(name)}\r\nX-Original-To: boss@own.test\r\n"
                "Received: from b (b [100.64.1.1]) by x.hoster.test with SMTP\r\n"
                "To: a\r\n\r\n".encode()
            )
            with self.subTest(name=name):
                trace = trusted_trace(headers, frozenset({"hoster.test"}))
                self.assertEqual(len(trace), expected)
                # Whoever names it in full means it.
                both = frozenset({"hoster.test", name})
                self.assertEqual(len(trusted_trace(headers, both)), 3)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWhatHasChanged(BaseCase):
    """The newest mails tell whether what was learnt is still so."""

    hosts = Known(own_hosts=frozenset({"hoster.test"}))

    def test_three_mails_in_a_row_tell_that_the_servers_are_others(self):
        new, old = mail("in.new.test"), mail("mx9.hoster.test")
        for mails, expected in (
            ([new, new, old], None),
            ([old, new, new, new], None),
            ([new, new, new, old, old], "new.test"),
            ([new, mail(""), new, new, old], "new.test"),
            ([new, new, mail("mx.third.test"), old], ""),
            ([mail("")] * 5, None),
            ([], None),
        ):
            found = learning.changed_hosts(arrived(*mails), self.hosts)
            self.assertEqual(found, expected)
        self.assertIsNone(learning.changed_hosts(arrived(*[new] * 5), Known()))

    def test_the_oldest_of_them_tells_since_when(self):
        new = mail("in.new.test")
        mails = arrived(new, new, new, new, mail(), new)
        found = learning.strange_mails(mails, self.hosts)
        self.assertEqual(found[-1].date, NOW - timedelta(hours=3))

    def test_a_profile_knows_its_own_servers(self):
        profile = profiles.of_account("outlook.office365.com")
        known = Known(profile, own_hosts=frozenset({"in.new.test"}))
        exchange = mail("AM4PEPF0004.mail.protection.outlook.com")
        self.assertFalse(learning.strange_mails(arrived(*[exchange] * 4), known))
        new = mail("in.new.test")
        found = learning.strange_mails(arrived(*[new] * 4), known)
        self.assertEqual(len(found), 4)

    def test_verdicts_under_another_name_tell_that_the_name_is_another(self):
        known = Known(authserv_ids=frozenset({"old.test"}))
        new = mail("mx1.hoster.test", verdict("mx1.hoster.test"))
        other = mail("mx2.hoster.test", verdict("hoster.test"))
        old = mail("mx1.old.test", verdict("mx1.old.test"))
        for mails, expected in (
            ([new, other, new, old], "hoster.test"),
            ([new, mail(), other, new], "hoster.test"),
            ([new, new, old, new], None),
            ([mail()] * 5, None),
            ([new, new, mail("mx.b.test", verdict("b.test"))], ""),
        ):
            found = learning.changed_server(arrived(*mails), known)
            self.assertEqual(found, expected)

    def test_a_header_that_nobody_writes_any_more_is_silent(self):
        told = mail("mx1.hoster.test", "X-Meant-For: a@own.test")
        name = "x-meant-for"
        for mails, expected in (
            ([mail()] * 10, True),
            ([mail()] * 9, False),
            ([mail()] * 9 + [told], False),
            ([mail()] * 10 + [told], False),
        ):
            found = learning.is_silent(arrived(*mails), Known(), name)
            self.assertIs(found, expected)

    @quick
    @given(
        st.lists(
            st.sampled_from(["mx1.hoster.test", "in.new.test", "x.third.test", ""]),
            max_size=8,
        )
    )
    def test_what_is_learnt_anew_is_known_afterwards(self, servers):
        mails = arrived(*map(mail, servers))
        name = learning.changed_hosts(mails, self.hosts)
        if name:
            known = Known(own_hosts=frozenset({name}))
            self.assertFalse(learning.strange_mails(mails, known))
