from dataclasses import replace

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import (
    authentication,
    explain,
    profiles,
)
from odoo.addons.mail_catchall_router.tools.inbound.received import parse_received
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..provider_shapes import MX, SHAPES
from ..strategies import given, quick, st

OWN = frozenset({"own.test"})
ACCOUNT = frozenset({"catchall@own.test"})
BOSS = "boss@own.test"
#: What the sender wrote who claims to be one of ours.
SENT = (
    "Received: from desk (desk [198.51.100.7]) by mx.customer.test with ESMTPSA id 9",
    f"From: Boss <{BOSS}>",
    "Subject: Pay",
)
FAILED = {"spf": "fail", "dkim": "none", "dmarc": "fail", "domain": "own.test"}
PASSED = {"spf": "pass", "dkim": "pass", "dmarc": "pass", "domain": "own.test"}

RECIPIENTS = tuple(
    f"{name}: {BOSS}"
    for name in (
        "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-RCPT-TO",
        "X-Gm-Original-To", "X-Forwarded-To", "Delivered-To", "X-Apparently-To",
    )
)  # fmt: skip


def _written():
    """Yield every line that any of the providers writes, as a sender would have it."""
    for shape in SHAPES:
        for line in (*shape.above, shape.edge, *shape.below, *shape.tail, *shape.ham):
            filled = line.format(**PASSED) if "{" in line else line
            filled = filled.replace("sales@own.test", BOSS)
            yield filled.replace("203.0.113.44", "198.51.100.9")


#: Lines of every class: recipients, servers, verdicts, filters, and the marks under
#: which a provider's own block ends.
FORGED = tuple(
    dict.fromkeys(
        [
            *RECIPIENTS,
            *_written(),
            "X-MS-Exchange-Organization-AuthAs: internal-not",
            "Authentication-Results: spf=pass; dmarc=pass header.from=own.test",
            f"Received-SPF: pass (x) receiver=spf.icloud.com; envelope-from={BOSS}",
            "X-Yandex-Spam: 1",
            "Received: from 10.0.0.1 (EHLO x) (10.0.0.1) by 10.253.233.86 with SMTPs",
        ]
    )
)
#: Names that a sender gives himself at HELO.
NAMES = (
    MX,
    "localhost",
    "[127.0.0.1]",
    "unknown",
    "VI1PR04MB01.eurprd04.prod.outlook.com",
    "mx.google.com",
    "forward500b.mail.yandex.net",
    "ci74p00im-qukt09.me.com",
    "phl-mx-05.messagingengine.com",
    "mx02.posteo.de",
    "atlas-production.v2-mail-prod1-bf1.omega.yahoo.com",
    "mailin026.protonmail.ch",
    "mxavas7.ad.aruba.it",
    "spool.mail.gandi.net",
    "server.hoster.test",
)


def arrives(line, shape):
    """Tell whether a forged line gets through: a provider takes some headers out."""
    [profile] = [one for one in profiles.PROFILES if one.code == shape.code]
    name, _colon, value = line.partition(":")
    if name in profile.stripped:
        return False
    strips = profile.strips_results and name == "Authentication-Results"
    return not (strips and value.split(";")[0].strip() in profile.authserv_ids)


@st.composite
def forgeries(draw, lines):
    """Draw what a sender wrote, with forged lines at any place of it."""
    written = list(SENT)
    for line in draw(st.lists(st.sampled_from(lines), max_size=8)):
        written.insert(draw(st.integers(0, len(written))), line)
    return written


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestProviderForgeries(BaseCase):
    """Nothing that a sender writes counts for a provider's word, whatever it is, at
    whatever place, and whoever's customer the sender is."""

    def read_shape(self, shape, lines):
        profile = profiles.of_account(shape.account)
        raw = "".join(f"{one}\r\n" for one in lines).encode() + b"\r\n"
        trust = explain.Trust(
            profile=profile, own_domains=OWN, account_addresses=ACCOUNT
        )
        return explain.read(parse_headers(raw), trust)

    def assertUnbelieved(self, shape, sent, network):
        """Check a mail that its provider found forged and called spam."""
        found = self.read_shape(shape, shape.lines(sent, spam=shape.spam, **FAILED))
        plain = self.read_shape(shape, shape.lines(SENT, spam=shape.spam, **FAILED))
        above = sum(shape.spam_at == "above" for _line in shape.spam)
        self.assertEqual(found.size, len(shape.above) + 1 + above)
        told = [one.address for one in found.recipients.must_settle]
        self.assertNotIn(BOSS, told)
        self.assertEqual(found.recipients.original_known, shape.original)
        self.assertIsNot(found.authenticated, True)
        if shape.verdict:
            self.assertIs(found.authenticated, False)
        self.assertFalse(found.internal)
        self.assertEqual(found.network, network)
        acquitting = [one for one in found.spam if one.trusted and not one.is_spam]
        before = [one for one in plain.spam if one.trusted and not one.is_spam]
        self.assertEqual(acquitting, before)
        if shape.spam:
            self.assertTrue(any(one.is_spam for one in found.spam))

    def assertHolds(self, shape, network, names=NAMES):
        lines = [line for line in FORGED if arrives(line, shape)]
        edge = shape.edge

        @quick
        @given(forgeries(lines), st.sampled_from(names))
        def check(sent, name):
            forged = replace(shape, edge=edge.replace(f"from {MX} ", f"from {name} "))
            self.assertUnbelieved(forged, sent, network)

        with self.subTest(code=shape.code, account=shape.account):
            check()

    def test_a_sender_outside(self):
        for shape in SHAPES:
            self.assertHolds(shape, shape.network)

    def test_a_sender_inside_the_same_provider(self):
        """It hands over from the provider's own network, by an own name."""
        for shape in SHAPES:
            profile = profiles.of_account(shape.account)
            if profile and profile.networks:
                inner = str(profile.networks[0][77])
                edge = shape.edge.replace("203.0.113.44", inner)
                self.assertHolds(replace(shape, edge=edge), "")

    def test_a_name_of_the_provider_s_machines_hides_no_verdict(self):
        for shape in SHAPES:
            own = (*shape.above, shape.edge)
            hosts = {
                parse_received(one.partition(":")[2]).by
                for one in own
                if one.startswith("Received: ")
            }
            for host in hosts if shape.verdict else ():
                with self.subTest(code=shape.code, host=host):
                    line = f"Authentication-Results: {host}; spf=pass; dmarc=pass"
                    if arrives(line, shape):
                        self.assertUnbelieved(shape, [line, *SENT], shape.network)
                        self.assertUnbelieved(shape, [*SENT, line], shape.network)

    def test_a_sender_writes_no_verdict_out_of_sight(self):
        """However many lines he writes, none of which is believed."""
        many = [f"X-Spam-Flag: NO{' ' * (at % 2)}" for at in range(60)]
        many += [f"Authentication-Results: x{at}.test; dmarc=pass" for at in range(60)]
        many += ["X-A: b"] * 10_100
        for shape in SHAPES:
            with self.subTest(code=shape.code):
                self.assertUnbelieved(shape, [*many, *SENT], shape.network)
                self.assertUnbelieved(shape, [*SENT, *many], shape.network)

    def test_without_a_verdict_of_the_provider_s_nobody_is_real(self):
        for shape in SHAPES:
            with self.subTest(code=shape.code, account=shape.account):
                self.assertMute(shape)

    def assertMute(self, shape):
        """Check mails on which the provider has written the least that it ever does."""
        lines = [line for line in FORGED if arrives(line, shape)]
        profile = profiles.of_account(shape.account)
        mark = shape.below[-1:] if profile and profile.closing[0] else ()
        if shape.code == "yandex":
            mark = ("X-Yandex-Spam: 4",)
        mute = replace(
            shape,
            above=tuple(map(self._without_verdict, shape.above)),
            below=mark,
            tail=(),
            ham=(),
        )

        @quick
        @given(forgeries(lines))
        def check(sent):
            found = self.read_shape(mute, mute.lines(sent, **FAILED))
            self.assertIsNot(found.authenticated, True)
            self.assertFalse(
                [one for one in found.spam if one.trusted and not one.is_spam]
            )

        check()

    def _without_verdict(self, line):
        names = ("Authentication-Results", "Received-SPF")
        return "X-None: x" if line.startswith(names) else line

    def test_a_mark_of_the_sender_s_own_closes_no_block_from_inside(self):
        [shape, *_more] = [one for one in SHAPES if one.code == "icloud"]
        edge = shape.edge.replace("203.0.113.44", "127.0.0.2")
        sent = [line.format(**PASSED) for line in shape.below]
        mute = replace(shape, edge=edge, below=())
        found = self.read_shape(mute, mute.lines([*sent, *SENT], **FAILED))
        self.assertIsNot(found.authenticated, True)
        self.assertFalse(found.verdicts.trusted)

    def test_a_result_that_anybody_may_have_written_only_says_no(self):
        for said, expected in (("pass", None), ("fail", False)):
            verdicts = authentication.Verdicts(
                dmarc=said, dmarc_domain="own.test", trusted=False
            )
            real = authentication.is_authenticated(verdicts, "own.test")
            self.assertIs(real, expected)
