from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import spam
from odoo.addons.mail_catchall_router.tools.inbound.recipients import trusted_trace
from odoo.addons.mail_catchall_router.tools.inbound.spam import SpamVerdict
from odoo.addons.mail_catchall_router.tools.mail.headers import Field, parse_headers

from ..strategies import given, header_text, mail_bytes, quick, st

MX = (
    "Received: from mail.customer.test (mail.customer.test [203.0.113.7])"
    " by mx.own.test (Postfix) with ESMTPS id 1 for <sales@own.test>; now"
)
BELOW = "Received: from desk (desk [10.0.0.5]) by mail.customer.test with ESMTPA; now"


def read(*lines, **options):
    headers = parse_headers("\r\n".join(lines).encode())
    return spam.read_spam(trusted_trace(headers), headers, **options)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSpam(BaseCase):
    """What the headers of the filters say, and which of them are read."""

    def assertReads(self, line, is_spam, score=None, threshold=None, kind="spam"):
        with self.subTest(line=line):
            (found,) = read(line, MX)
            self.assertEqual(
                (found.is_spam, found.score, found.threshold, found.kind),
                (is_spam, score, threshold, kind),
            )
            self.assertEqual(f"{found.header}: {found.value}", line)

    def assertSaysNothing(self, line):
        with self.subTest(line=line):
            self.assertEqual(read(line, MX), ())

    def test_spamassassin(self):
        self.assertReads("X-Spam-Flag: YES", True)
        self.assertReads("X-Spam-Flag: NO", False)
        self.assertReads("X-Spam: yes", True)
        self.assertReads(
            "X-Spam-Status: Yes, score=9.2 required=5.0 tests=A,B", True, 9.2, 5.0
        )
        self.assertReads("X-Spam-Status: No, hits=-1 required=6", False, -1, 6)
        self.assertReads("X-Spam-Status: No", False)
        self.assertReads("X-Spam-Level: ******", False, 6)
        self.assertReads("X-Spam-Score: 5.1 (+++++)", False, 5.1)
        self.assertReads("X-Spam-score: -2", False, -2)
        self.assertSaysNothing("X-Spam-Flag: maybe")
        self.assertSaysNothing("X-Spam: undefined")
        self.assertSaysNothing("X-Spam-Score: high")
        self.assertSaysNothing("X-Spam-Score: 1.2.3.4")
        self.assertSaysNothing("X-Spam-Level: five")

    def test_an_empty_level_is_nought(self):
        found = spam.read_spam(
            (Field("X-Spam-Level", ""),), (Field("X-Spam-Level", ""),)
        )
        self.assertEqual([one.score for one in found], [0.0])

    def test_rspamd(self):
        self.assertReads(
            "X-Spamd-Result: default: False [-2.10 / 15.00]; A(0.00)[]",
            False,
            -2.1,
            15.0,
        )
        self.assertReads("X-Spamd-Result: default: True [21 / 15]", True, 21, 15)
        for action, is_spam in (
            ("no action", False),
            ("greylist", False),
            ("soft reject", False),
            ("add header", True),
            ("Rewrite Subject", True),
            ("reject", True),
        ):
            self.assertReads(f"X-Rspamd-Action: {action}", is_spam)
        self.assertReads("X-Rspamd-Score: 7.35", False, 7.35)
        self.assertSaysNothing("X-Rspamd-Action: think")
        self.assertSaysNothing("X-Spamd-Result: default")

    def test_exchange(self):
        report = "X-Forefront-Antispam-Report: CIP:203.0.113.7;CTRY:VN;LANG:vi;"
        for told, is_spam, score in (
            ("SCL:1;SRV:;SFV:NSPM;CAT:NONE;", False, 1),
            ("SCL:5;SFV:SPM;CAT:SPM;", True, 5),
            ("SCL:9;SFV:SPM;CAT:HPHISH;", True, 9),
            ("SCL:-1;SFV:SKN;", False, -1),
            ("SCL:-1;SFV:SKB;", True, -1),
            ("SCL:1;SFV:BLK;", True, 1),
            ("SCL:-1;SFV:SKQ;CAT:HPHSH;", False, -1),
            ("SCL:1;SFV:NSPM;CAT:SPOOF;", False, 1),
            ("SCL:1;SRV:;CAT:SPOOF;", True, 1),
            ("SCL:9;SFV:SKN;", False, 9),
            ("SCL:5;SFV:SPM;H:x;SFV:NSPM;CAT:SPM;", True, 5),
            ("SCL:6;", True, 6),
            ("SCL:4;SFV:NEW;", False, 4),
        ):
            self.assertReads(report + told, is_spam, score, 5.0)
        self.assertReads(f"{report}SFV:SKI;", False)
        self.assertSaysNothing(report)
        for level, is_spam in (("-1", False), ("4", False), ("5", True), ("10", True)):
            line = f"X-MS-Exchange-Organization-SCL: {level}"
            self.assertReads(line, is_spam, float(level), 5.0)

    def test_other_providers(self):
        self.assertReads("X-SES-Spam-Verdict: FAIL", True)
        self.assertReads("X-SES-Spam-Verdict: PASS", False)
        self.assertReads("X-SES-Spam-Verdict: GRAY", False)
        self.assertSaysNothing("X-SES-Spam-Verdict: PROCESSING_FAILED")
        self.assertReads("X-Barracuda-Spam-Score: 3.50", False, 3.5)
        self.assertReads("X-Barracuda-Spam-Flag: YES", True)
        self.assertReads(
            "X-Barracuda-Spam-Status: Yes, SCORE=5.00 using tests", True, 5.0
        )
        self.assertReads("X-Bogosity: Spam, tests=bogofilter", True)
        self.assertReads("X-UI-Filterresults: junk:10;V03:K0:x", True)
        self.assertReads("X-UI-Filterresults: notjunk:1;V03:K0:x", False)
        self.assertReads("X-VR-SPAMSTATE: OK", False)
        self.assertReads("X-Yandex-Spam: 4", True)
        self.assertReads("X-Yandex-Spam: 1", False)
        self.assertReads("X-Mimecast-Spam-Score: 2", False, 2)
        for header in ("X-Gm-Spam", "X-Gm-Phishy"):
            self.assertReads(f"{header}: 1", True)
            self.assertReads(f"{header}: 0", False)
        for address in ("203.0.113.7", "[203.0.113.7]", "2001:db8::7"):
            self.assertReads(f"X-YahooFilteredBulk: {address}", True)
        for other in ("", "no", "0", "not spam at 203.0.113.7"):
            self.assertSaysNothing(f"X-YahooFilteredBulk: {other}")
        details = "X-Proofpoint-Spam-Details: rule=notspam policy=default score=0"
        self.assertReads(details, False, 0)
        details = "X-Proofpoint-Spam-Details: rule=inbound_spam score=99"
        self.assertReads(details, True, 99)

    def test_where_a_provider_put_it(self):
        for header in ("X-Pm-Spam-Action", "X-Apple-MoveToFolder"):
            self.assertReads(f"{header}: INBOX", False)
            self.assertReads(f"{header}: spam", True)
            self.assertReads(f"{header}: Junk", True)
            self.assertSaysNothing(f"{header}: Suppliers")
            self.assertSaysNothing(f"{header}: spam-free")
        self.assertReads("X-Pm-Spam-Action: phishing", True)
        self.assertSaysNothing("X-Pm-Spam-Action: dunno")

    def test_junk_also_stands_at_the_end(self):
        for header in ("X-UI-Filterresults", "UI-InboundReport"):
            self.assertReads(f"{header}: notjunk:1;M01:P0:aB3x=;ff", False)
            self.assertReads(f"{header}: junk:10;M01:P0:aB3x=;ff", True)
            self.assertReads(f"{header}: unknown:2;V03:K0:aB3x=;junk:10", True)
            self.assertSaysNothing(f"{header}: unknown:2;V03:K0:aB3x=")
        self.assertReads("X-VADE-SPAMSTATE: spam:high", True)
        self.assertReads("X-VADE-SPAMSTATE: clean", False)
        for value, is_spam in (
            ("0 (Mail was not recognized as spam); Detail=V3;", False),
            ("-2 (not scanned, spam filter disabled)", False),
            ("6 (nemesis text pattern profiler); Detail=V3;", True),
        ):
            self.assertReads(f"X-GMX-Antispam: {value}", is_spam)
        self.assertSaysNothing("X-GMX-Antispam: unknown")
        for value, is_spam in (("Ok", False), ("SPAM", True), ("PROBABLE_SPAM", True)):
            self.assertReads(f"X-Mras: {value}", is_spam)
        self.assertSaysNothing("X-Mras: 4A2F")

    def test_viruses(self):
        for line, infected in (
            ("X-SES-Virus-Verdict: FAIL", True),
            ("X-SES-Virus-Verdict: PASS", False),
            ("X-Virus-Status: Infected (Test.Signature)", True),
            ("X-Virus-Status: Clean", False),
            ("X-Amavis-Alert: INFECTED, message contains virus: Test", True),
        ):
            self.assertReads(line, infected, kind="virus")
        self.assertSaysNothing("X-Virus-Scanned: amavisd-new at own.test")

    def test_trust(self):
        line = "X-Spam-Flag: YES"
        for lines, trusted in (
            ((line, MX, BELOW), [True]),
            ((MX, line, BELOW), [False]),
            ((MX, line), [False]),
            ((line,), [True]),
            ((MX, BELOW, line), []),
            ((line, MX, line, BELOW, line), [True, False]),
        ):
            with self.subTest(lines=lines):
                self.assertEqual([found.trusted for found in read(*lines)], trusted)

    def test_appended_headers_are_read_anywhere(self):
        line = "X-Spamd-Result: default: True [21.00 / 15.00]"
        self.assertEqual(read(MX, BELOW, line), ())
        self.assertEqual(
            read(MX, BELOW, line, appended=["x-spamd-result"]),
            (
                SpamVerdict(
                    True,
                    21.0,
                    15.0,
                    "X-Spamd-Result",
                    "default: True [21.00 / 15.00]",
                    trusted=False,
                ),
            ),
        )

    def test_verdicts_are_bounded(self):
        found = read(*["X-Spam-Flag: YES" + " x" * 500] * 500)
        self.assertEqual(len(found), spam.VERDICT_LIMIT)
        self.assertLessEqual(len(found[0].value), spam.SHOWN_LIMIT)

    @quick
    @given(mail_bytes)
    def test_never_raises(self, raw):
        headers = parse_headers(b"X-Spam: yes\r\n" + raw)
        spam.read_spam(trusted_trace(headers), headers, ["Subject", "X-Spam"])

    @quick
    @given(
        st.sampled_from([name for rule in spam.RULES for name in rule.headers]),
        st.one_of(
            header_text, st.text("0123456789-+.,:;[]/ *SCLFVyesno=", max_size=40)
        ),
    )
    def test_no_value_raises(self, name, value):
        fields = (Field(name, value),)
        for verdict in spam.read_spam(fields, fields):
            self.assertEqual(verdict.header, name)
            self.assertTrue(verdict.score is None or abs(verdict.score) < 1e7)

    def test_hostile_values_are_read_in_linear_time(self):
        for name in {name for rule in spam.RULES for name in rule.headers}:
            for piece in ("*", "SCL:", "score=", "1", "-", ";", "rule=", "a:", " "):
                fields = (Field(name, piece * 100_000),)
                spam.read_spam(fields, fields)
