from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import (
    authentication,
    networks,
    profiles,
    recipients,
    spam,
)
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..strategies import given, quick, st

NONE = frozenset()
INNER = (
    (
        "Received: from VI1PR04MB01.eurprd04.prod.outlook.com (2603:10a6:800:5a::11)"
        " by DB7PR04MB02.eurprd04.prod.outlook.com with HTTPS; {date}"
    ),
    (
        "Received: from AM0PR05CA03.eurprd05.prod.outlook.com (2603:10a6:208:1::22) by"
        " VI1PR04MB01.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) with Microsoft"
        " SMTP Server (version=TLS1_2, cipher=X) id 15.20.1; {date}"
    ),
    (
        "Received: from AM4PEPF0004.eurprd83.prod.outlook.com (2603:10a6:208:1::3)"
        " by AM0PR05CA03.outlook.office365.com (2603:10a6:208:1::22) with SMTP"
        " Server id 15.20.1 via Frontend Transport; {date}"
    ),
    (
        "Authentication-Results: spf={spf} (sender IP is 203.0.113.44)"
        " smtp.mailfrom={domain}; dkim=none (not signed) header.d=none;dmarc={dmarc}"
        " action=none header.from={domain};"
    ),
    (
        "Received-SPF: Pass (protection.outlook.com: domain of {domain} designates"
        " 203.0.113.44 as permitted sender)"
    ),
    (
        "Received: from {helo} (203.0.113.44) by"
        " AM4PEPF0004.mail.protection.outlook.com (10.167.16.5) with Microsoft SMTP"
        " Server id 15.20.1 via Frontend Transport; {date}"
    ),
)
FORGED = (
    "X-Original-To: boss@own.test",
    "Delivered-To: boss@own.test",
    (
        "Authentication-Results: spf=pass smtp.mailfrom=own.test; dkim=pass"
        " header.d=own.test; dmarc=pass header.from=own.test"
    ),
    "X-MS-Exchange-Organization-AuthAs: internal-not",
    (
        "Received: from AM0PR05CA03.eurprd05.prod.outlook.com (2603:10a6:208:1::22) by"
        " VI1PR04MB01.eurprd04.prod.outlook.com (2603:10a6:800:5a::11) for"
        " <boss@own.test> with HTTPS; Mon, 2 Nov 2026 08:00:00 +0000"
    ),
    (
        "Received: from bad (198.51.100.9) by AM4PEPF0004.mail.protection.outlook.com"
        " (10.167.16.5) for <boss@own.test>; Mon, 2 Nov 2026 08:00:00 +0000"
    ),
)


def exchange(*below, spf="pass", dmarc="pass", domain="customer.test", helo="x.test"):
    """Return the ``Headers`` of a mail as Exchange Online stores it."""
    values = {
        "date": "Mon, 2 Nov 2026 08:00:00 +0000",
        "spf": spf,
        "dmarc": dmarc,
        "domain": domain,
        "helo": helo,
    }
    lines = [
        *(line.format(**values) for line in INNER),
        *below,
        f"From: Lan <lan@{domain}>",
        "To: sales@own.test",
        "Subject: Offer",
    ]
    return parse_headers("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMicrosoft(BaseCase):
    """Mail in a mailbox of Microsoft 365."""

    profile = profiles.of_account("outlook.office365.com")

    def trace(self, headers):
        return recipients.trusted_trace(headers, NONE, self.profile)

    def verdicts(self, headers):
        return authentication.read_verdicts(self.trace(headers), NONE, headers)

    def test_the_account_s_server_chooses_the_profile(self):
        self.assertEqual(self.profile.code, "microsoft")
        for host in ("imap.customer.test", "outlook.com.evil.test", ""):
            self.assertIsNone(profiles.of_account(host))

    def test_the_border_is_the_server_that_took_the_mail_in(self):
        trace = self.trace(exchange("X-Own: no"))
        self.assertEqual(len(trace), len(INNER))

    def test_the_verdict_above_the_edge_is_read(self):
        for dmarc, expected in (("pass", True), ("fail", False)):
            found = self.verdicts(exchange(spf=dmarc, dmarc=dmarc))
            known = authentication.is_authenticated(found, "customer.test")
            self.assertIs(known, expected)

    def test_the_network_is_that_of_the_sender_and_never_microsoft_s(self):
        headers = exchange()
        found = networks.sender_network(self.trace(headers), self.profile)
        self.assertEqual(found, "203.0.113.0/24")
        inner = parse_headers(INNER[0].format(date="x").encode() + b"\r\n\r\n")
        self.assertEqual(networks.sender_network(self.trace(inner), self.profile), "")

    def test_what_exchange_appends_condemns(self):
        for line, is_own in (
            ("X-MS-Exchange-Organization-SCL: 6", True),
            (
                "X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;jmr:0;dest:J;ENG:(1);",
                True,
            ),
            ("X-Forefront-Antispam-Report: CIP:203.0.113.44;SFV:SPM;CAT:SPM;", False),
        ):
            headers = exchange("Received: from a (b [192.0.2.9]) by x.test", line)
            found = spam.read_spam(self.trace(headers), headers)
            self.assertEqual([one.is_spam for one in found], [True], line)
            self.assertIs(found[0].trusted, is_own)

    def test_what_exchange_takes_out_of_outside_mail_acquits_if_it_stands_once(self):
        below = "Received: from a (b [192.0.2.9]) by x.test"
        clean = "X-MS-Exchange-Organization-SCL: 1"
        for lines, expected in (
            ([clean], [(False, True)]),
            ([clean, "X-MS-Exchange-Organization-SCL: 6"], [(True, False)]),
            (["X-Forefront-Antispam-Report: SFV:NSPM;SCL:1;"], [(False, False)]),
        ):
            headers = exchange(below, *lines)
            found = spam.read_spam(self.trace(headers), headers)
            self.assertEqual([(one.is_spam, one.trusted) for one in found], expected)

    def test_a_mail_of_the_organisation_s_own_user_is_judged_by_nobody(self):
        internal = "X-MS-Exchange-Organization-AuthAs: Internal"
        for lines, expected in (
            ((internal,), True),
            ((internal, internal), False),
            (("X-MS-Exchange-Organization-AuthAs: Anonymous",), False),
            ((), False),
        ):
            found = authentication.is_internal(exchange(*lines), self.profile)
            self.assertIs(found, expected)

    @quick
    @given(st.lists(st.sampled_from(FORGED), max_size=6), st.sampled_from(("", "v")))
    def test_nothing_that_a_sender_writes_is_believed(self, forged, helo):
        helo = helo and "VI1PR04MB01.eurprd04.prod.outlook.com"
        headers = exchange(
            *forged, spf="fail", dmarc="fail", domain="own.test", helo=helo or "x"
        )
        found = recipients.find_recipients(
            headers,
            own_domains=frozenset({"own.test"}),
            account_addresses=frozenset({"catchall@own.test"}),
            profile=self.profile,
        )
        self.assertFalse(found.original_known)
        verdicts = self.verdicts(headers)
        self.assertIs(authentication.is_authenticated(verdicts, "own.test"), False)
        network = networks.sender_network(self.trace(headers), self.profile)
        self.assertEqual(network, "203.0.113.0/24")
        self.assertFalse(authentication.is_internal(headers, self.profile))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestQmail(BaseCase):
    """qmail writes the virtual domain in front of the local part."""

    def test_the_domain_in_front_of_the_address_is_no_part_of_it(self):
        for told, expected in (
            ("own.test-hoa@own.test", "hoa@own.test"),
            ("own.test-hoa-tran@own.test", "hoa-tran@own.test"),
            ("hoa@own.test", "hoa@own.test"),
            ("own.test-@own.test", "own.test-@own.test"),
        ):
            raw = (
                f"Delivered-To: {told}\r\n"
                "Received: (qmail 11 invoked by uid 89); 2 Nov 2026 08:00:00 -0000\r\n"
                "Received: from mx.customer.test (203.0.113.44)\r\n"
                "  by mail.own.test with SMTP; 2 Nov 2026 08:00:00 -0000\r\n"
                "From: lan@customer.test\r\nTo: undisclosed\r\n\r\n"
            )
            found = recipients.find_recipients(
                parse_headers(raw.encode()),
                own_domains=frozenset({"own.test"}),
                account_addresses=frozenset({"catchall@own.test"}),
            )
            addresses = [one.address for one in found.must_settle]
            self.assertEqual(addresses, [expected], told)
