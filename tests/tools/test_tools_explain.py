from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import explain, profiles
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..provider_shapes import SHAPES
from ..strategies import given, mail_bytes, quick, st

OWN = frozenset({"own.test"})
POSTFIX = """\
Delivered-To: catchall@own.test
X-Original-To: sales@own.test
Received: from filter.hoster.test (localhost [127.0.0.1])
 by mx1.hoster.test (Postfix) with ESMTP id 4ZQ for <sales@own.test>
Authentication-Results: mx1.hoster.test; spf=pass smtp.mailfrom=customer.test;
 dmarc=pass header.from=customer.test
Authentication-Results: mx1.hoster.test; dkim=pass header.d=customer.test
Received: from out.customer.test (out.customer.test [203.0.113.44])
 by mx1.hoster.test (Postfix) with ESMTPS id 4ZP for <sales@own.test>
X-Spam-Flag: NO
Received: from pc (pc [198.51.100.7]) by out.customer.test with ESMTPSA id 1
X-Original-To: boss@own.test
Authentication-Results: mx1.hoster.test; dkim=pass header.d=own.test
X-Spam-Flag: NO
From: Lan <lan@customer.test>
To: sales@own.test
Subject: Offer
"""
MICROSOFT = """\
Received: from AM0PR05CA03.eurprd05.prod.outlook.com (2603:10a6:208:1::22)
 by VI1PR04MB01.eurprd04.prod.outlook.com with HTTPS; Mon, 2 Nov 2026 08:00:00 +0000
Authentication-Results: spf=fail (sender IP is 203.0.113.44)
 smtp.mailfrom=own.test; dkim=none header.d=none;dmarc=fail header.from=own.test;
Received: from x.test (203.0.113.44) by AM4PEPF0004.mail.protection.outlook.com
 (10.167.16.5) with Microsoft SMTP Server id 15.20.1; Mon, 2 Nov 2026 08:00:00 +0000
Received: from evil (198.51.100.9) by AM4PEPF0004.mail.protection.outlook.com
 (10.167.16.5) with Microsoft SMTP Server id 15.20.1; Mon, 2 Nov 2026 08:00:00 +0000
From: Boss <boss@own.test>
To: sales@own.test
Subject: Pay
X-MS-Exchange-Organization-SCL: 6
"""


def explained(text, **trust):
    """Return what is explained of these headers."""
    trust = {"own_domains": OWN, **trust}
    return explain.explain(parse_headers(text.encode()), explain.Trust(**trust))


def counts(found):
    """Return [(name, whose, counts)] of the lines that count, or could."""
    return [(one.name, one.whose, one.counts) for one in found.lines if one.counts]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestExplain(BaseCase):
    """Whose each line of a mail is, and what it counts for."""

    def test_each_line_says_what_it_counts_for(self):
        found = explained(POSTFIX, own_hosts=frozenset({"hoster.test"}))
        self.assertEqual(
            counts(found),
            [
                ("Delivered-To", "own", "recipient_unused"),
                ("X-Original-To", "own", "recipient"),
                ("Authentication-Results", "own", "verdict"),
                ("Authentication-Results", "own", "verdict"),
                ("X-Spam-Flag", "unsure", "doubted"),
                ("X-Original-To", "outside", "recipient_below"),
                ("Authentication-Results", "outside", "verdict_below"),
                ("X-Spam-Flag", "outside", "spam_below"),
            ],
        )
        [edge] = [one for one in found.lines if one.whose == "edge"]
        self.assertIn("out.customer.test", edge.value)

    def test_the_border_says_where_it_stands_and_why(self):
        border = explained(POSTFIX, own_hosts=frozenset({"hoster.test"})).border
        self.assertEqual((border.rule, border.why), ("hosts", "outside"))
        self.assertEqual(border.host, "mx1.hoster.test")
        self.assertEqual(border.sender, "out.customer.test")
        self.assertEqual(border.address, "203.0.113.44")
        border = explained(POSTFIX).border
        self.assertEqual((border.rule, border.why), ("topmost", "outside"))
        self.assertEqual(border.sender, "filter.hoster.test")
        for text, why in (
            ("From: a@b.test\n", "none"),
            ("Received: (from www@x) by x (8.1/8.2/Submit) id 1\nTo: a\n", "program"),
        ):
            self.assertEqual(explained(text).border.why, why)
        found = explained(
            "X-Spam-Flag: YES\nReceived: from a (a [192.0.2.1]) by b.test\nTo: a\n",
            own_hosts=frozenset({"hoster.test"}),
        )
        self.assertEqual(found.border.why, "foreign")
        self.assertEqual([one.whose for one in found.lines], ["own", *["outside"] * 2])

    def test_the_provider_s_profile_tells_edge_and_tail(self):
        profile = profiles.of_account("outlook.office365.com")
        found = explained(MICROSOFT, profile=profile)
        self.assertEqual((found.profile, found.fits), ("microsoft", True))
        self.assertEqual((found.border.rule, found.border.why), ("profile", "edge"))
        self.assertIs(found.reading.authenticated, False)
        self.assertEqual(found.reading.network, "203.0.113.0/24")
        self.assertEqual(
            counts(found),
            [
                ("Authentication-Results", "own", "verdict"),
                ("X-MS-Exchange-Organization-SCL", "outside", "condemns"),
            ],
        )

    def test_a_colleague_s_mail_and_a_provider_s_that_is_no_more(self):
        profile = profiles.of_account("outlook.office365.com")
        inner = "X-MS-Exchange-Organization-AuthAs: Internal\n"
        found = explained(MICROSOFT + inner, profile=profile)
        self.assertIn("colleague", [one.counts for one in found.lines])
        self.assertIsNone(found.reading.authenticated)
        found = explained(POSTFIX, profile=profile)
        self.assertEqual((found.profile, found.fits), ("microsoft", False))
        self.assertEqual(found.border.rule, "topmost")

    def test_without_domains_each_counts_as_served(self):
        found = explained(POSTFIX, own_domains=None)
        settled = [one.address for one in found.reading.recipients.must_settle]
        self.assertEqual(settled, ["sales@own.test"])

    @quick
    @given(st.lists(st.sampled_from((POSTFIX + MICROSOFT).splitlines())), mail_bytes)
    def test_whatever_the_lines_are_only_own_ones_tell(self, lines, raw):
        headers = parse_headers("\r\n".join(lines).encode() + b"\r\n" + raw)
        trust = explain.Trust(own_domains=OWN)
        found = explain.explain(headers, trust)
        self.assertEqual(len(found.lines) + found.more, len(headers))
        own = sum(one.whose in ("own", "edge") for one in found.lines)
        self.assertEqual(own, found.reading.size)
        for one in found.lines:
            if one.counts in ("recipient", "acquits"):
                self.assertIn(one.whose, ("own", "edge"))
        told = [one.counts for one in found.lines]
        known = found.reading.recipients.original_known
        self.assertEqual("recipient" in told, known)
        self.assertEqual("verdict" in told, bool(found.reading.verdicts.value))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestExplainedShapes(BaseCase):
    """The lines of each known provider are told from the sender's."""

    def explained(self, shape, *lines, **values):
        sent = ["Received: from pc (pc [198.51.100.7]) by out.customer.test", *lines]
        sent += ["From: Lan <lan@customer.test>", "To: sales@own.test", "Subject: x"]
        profile = profiles.of_account(shape.account)
        text = "\r\n".join(shape.lines(sent, **values))
        return explained(text, profile=profile)

    def test_the_profile_is_named_and_the_border_stands_at_its_edge(self):
        for shape in SHAPES:
            with self.subTest(shape=shape.code):
                found = self.explained(shape)
                self.assertEqual((found.profile, found.fits), (shape.code, True))
                size = len(shape.above) + (shape.spam_at == "above") + 1
                self.assertEqual(found.reading.size, size)
                self.assertEqual(found.lines[size - 1].whose, "edge")

    def test_what_is_heard_of_the_sender_is_the_provider_s_or_against_him(self):
        forged = "Authentication-Results: forged.test; dmarc=pass header.from=own.test"
        for shape in SHAPES:
            if not shape.verdict:
                continue
            with self.subTest(shape=shape.code):
                lines = self.explained(shape, forged, dmarc="fail", spf="fail").lines
                heard = [one for one in lines if one.counts.startswith("verdict")]
                expected = "verdict" if shape.trusted else "verdict_doubted"
                self.assertIn(expected, [one.counts for one in heard])
                for one in heard:
                    is_own = one.whose == "own"
                    known = ("verdict", "verdict_unused")
                    self.assertEqual(is_own, one.counts in known)
                    if "forged.test" in one.value:
                        self.assertEqual(one.counts, "verdict_below")

    def test_what_the_filter_says_condemns(self):
        for shape in SHAPES:
            if not shape.spam:
                continue
            with self.subTest(shape=shape.code):
                told = [
                    one.counts for one in self.explained(shape, spam=shape.spam).lines
                ]
                self.assertIn("condemns", told)
                told = [one.counts for one in self.explained(shape).lines]
                self.assertNotIn("condemns", told)
                self.assertEqual("acquits" in told, shape.acquits and bool(shape.ham))
