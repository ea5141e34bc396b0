from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import (
    explain,
    profiles,
    spam,
    trust,
)
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..provider_shapes import SHAPES

OWN = frozenset({"own.test"})
ACCOUNT = frozenset({"catchall@own.test"})
#: Nothing of theirs is a name of their own.
NAMELESS = frozenset(
    {"netease", "cpanel", "uol", "fortimail", "rspamd", "plesk", "ovh"}
) | {"mailscanner"}
SENT = (
    "Received: from desk (desk [198.51.100.7]) by mx.customer.test with ESMTPSA id 9",
    "From: Lan <lan@customer.test>",
    "To: undisclosed-recipients:;",
    "Subject: Offer",
)


def mail(lines):
    """Return the ``Headers`` of these lines."""
    return parse_headers("".join(f"{one}\r\n" for one in lines).encode() + b"\r\n")


def read(headers, shape):
    """Return what the readers say of a mail in a mailbox of the shape's account."""
    profile = profiles.of_account(shape.account)
    return explain.read(
        headers,
        explain.Trust(profile=profile, own_domains=OWN, account_addresses=ACCOUNT),
    )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestProviderShapes(BaseCase):
    """Each provider's own words are read in the form in which it writes them."""

    def test_every_profile_is_shown_by_a_mail(self):
        known = {profile.code for profile in profiles.PROFILES}
        self.assertEqual({shape.code for shape in SHAPES}, known)

    def test_the_border_is_the_provider_s_last_own_line(self):
        for shape in SHAPES:
            with self.subTest(code=shape.code, account=shape.account):
                headers = mail(shape.lines(SENT, spam=()))
                self.assertEqual(read(headers, shape).size, len(shape.above) + 1)

    def test_the_topmost_line_chooses_the_profile_of_a_customer_s_own_server(self):
        for shape in SHAPES:
            if shape.code in NAMELESS:
                continue
            with self.subTest(code=shape.code):
                trace = trust.trusted_trace(mail(shape.lines(SENT)))
                self.assertEqual(trust.profile_of(trace).code, shape.code)
                self.assertTrue(trace.edge)

    def test_the_sender_s_network(self):
        for shape in SHAPES:
            with self.subTest(code=shape.code):
                found = read(mail(shape.lines(SENT)), shape)
                self.assertEqual(found.network, shape.network)

    def test_the_original_recipient(self):
        for shape in SHAPES:
            with self.subTest(code=shape.code):
                found = read(mail(shape.lines(SENT)), shape).recipients
                told = [one.address for one in found.must_settle]
                expected = ["sales@own.test"] if shape.original else []
                self.assertEqual(told, expected)

    def test_the_verdicts_are_read_as_written(self):
        for shape in SHAPES:
            for said in (
                {"spf": "pass", "dkim": "pass", "dmarc": "pass"},
                {"spf": "softfail", "dkim": "none", "dmarc": "fail"},
            ):
                with self.subTest(code=shape.code, **said):
                    found = read(mail(shape.lines(SENT, **said)), shape)
                    told = found.verdicts
                    self.assertEqual(told.dkim, said["dkim"] if told.value else "")
                    if shape.verdict:
                        read_so = {one: getattr(told, one) for one in said}
                        self.assertEqual(read_so, said)
                        self.assertIs(told.trusted, shape.trusted)
                        passes = said["dmarc"] == "pass"
                        expected = passes if shape.trusted or not passes else None
                        self.assertIs(found.authenticated, expected)

    def test_a_field_without_a_result_hides_none_further_down(self):
        below = [one for one in SHAPES if one.code == "proton" and not one.trusted]
        [shape] = below
        arc = "Authentication-Results: mailin027.protonmail.ch; arc=none"
        found = read(mail([arc, *shape.lines(SENT, dmarc="fail")]), shape)
        self.assertEqual(found.verdicts.dmarc, "fail")
        self.assertIs(found.authenticated, False)

    def test_what_the_filters_say(self):
        for shape in SHAPES:
            for lines, is_spam in ((shape.spam, True), (shape.ham, False)):
                if not lines:
                    continue
                with self.subTest(code=shape.code, lines=lines):
                    found = read(mail(shape.lines(SENT, spam=lines)), shape)
                    said = [one for one in found.spam if one.kind == spam.SPAM]
                    self.assertTrue(said)
                    self.assertIs(any(one.is_spam for one in said), is_spam)
                    trusted = any(one.trusted for one in said)
                    if not is_spam:
                        self.assertIs(trusted, shape.acquits)

    def test_a_scanner_is_heard_by_the_number_of_the_own_server(self):
        [shape] = [one for one in SHAPES if one.code == "mailscanner"]
        lines = shape.lines(SENT, spam=shape.spam)
        [verdict] = read(mail(lines), shape).spam
        self.assertEqual((verdict.score, verdict.threshold), (8.1, 5.0))
        self.assertIs(verdict.trusted, False)
        for number in ("1abC-0002", "1abc-0001", "", "9", ".", "id", "1abC"):
            other = [one.replace("ID: 1abC-0001", f"ID: {number}") for one in lines]
            self.assertEqual(read(mail(other), shape).spam, ())
        other = [
            one.replace("X-Own-MailScanner-ID", "X-A-MailScanner-ID") for one in lines
        ]
        self.assertEqual(read(mail(other), shape).spam, ())
        unknown = [one.replace("spam, Spam", "too large, Spam") for one in lines]
        self.assertEqual(read(mail(unknown), shape).spam, ())

    def test_cpanel_writes_ten_times_the_score(self):
        [shape] = [one for one in SHAPES if one.code == "cpanel"]
        found = read(mail(shape.lines(SENT, spam=shape.ham)), shape)
        scores = {one.header: one.score for one in found.spam}
        self.assertEqual(scores["X-Spam-Score"], 0.8)
        plain = [one.replace("Score: 8", "Score: 0.8 (/)") for one in shape.ham]
        found = read(mail(shape.lines(SENT, spam=plain)), shape)
        self.assertIn(0.8, [one.score for one in found.spam])
        other = [one.replace("server.hoster.test", "a.test") for one in shape.spam]
        self.assertEqual(read(mail(shape.lines(SENT, spam=other)), shape).spam, ())
