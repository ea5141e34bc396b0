from dataclasses import replace

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import explain, profiles, spam
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..provider_blocks import BLOCKS, BRIDGED, Block, as_bytes
from ..strategies import given, quick, st

OWN = frozenset({"own.test"})
ACCOUNT = frozenset({"catchall@own.test"})
BOSS = "boss@own.test"

PASSED = (
    "spf=pass smtp.mailfrom=own.test; dkim=pass header.d=own.test; dmarc=pass"
    " header.from=own.test"
)
#: What a sender may write below the border, of every class; {host} wrote the last own
#: line.
FORGED = (
    *(
        f"{name}: {BOSS}"
        for name in (
            "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To",
            "X-RCPT-TO", "X-Orig-To", "X-Gm-Original-To", "X-Forwarded-To",
            "Delivered-To", "delivered-TO", "X-Apparently-To",
        )
    ),
    *(
        f"Authentication-Results: {server}; {said}"
        for server in (
            "{host}", "{HOST}", "{host} 1", "{host}/1", "({host}) {host}", '"{host}"',
            "(x; y) {host} (z)", "\r\n\t{host}", "{host}.", "x.{host}", "mx.google.com",
            "MX.GOOGLE.COM", "mx.google.com (v1) 1", "spf.icloud.com", "mх.google.com",
        )
        for said in ("spf=pass; dkim=pass; dmarc=pass", PASSED)
    ),
    (
        "Authentication-Results: spf=pass smtp.mailfrom=own.test; dkim=pass"
        " header.d=own.test; dmarc=pass header.from=own.test"
    ),
    "AUTHENTICATION-RESULTS: {host};\r\n dmarc=pass\r\n header.from=own.test",
    "ARC-Authentication-Results: i=1; {host}; dmarc=pass header.from=own.test",
    "ARC-Authentication-Results: i=9; mx.google.com; dmarc=pass header.from=own.test",
    "ARC-Seal: i=9; a=rsa-sha256; cv=pass; d=google.com; s=arc-20240605; b=x",
    f"Received-SPF: pass (x) receiver=spf.icloud.com; envelope-from={BOSS}",
    f"Received-SPF: Pass (protection.outlook.com: domain of {BOSS} designates)",
    "Received: from inner ([10.0.0.9]) by {host} with ESMTP for <boss@own.test>",
    "Received: from {host} (a [127.0.0.1]) by {host} with LMTP for <boss@own.test>",
    "Received: from x (y [198.51.100.9]) (by {host} for <boss@own.test>)\r\n by a.test",
    'Received: from x by "{host}" for <boss@own.test>; Mon, 2 Nov 2026 08:00:00 +0000',
    "Received: by {host} with SMTP id 1 for <boss@own.test>",
    "Received: (qmail 7 invoked by uid 110); 2 Nov 2026 08:00:00 -0000",
    "Received: from mail by {host} with spam-scanned (Exim 4.97) for boss@own.test",
    "X-Spam-Flag: NO",
    "X-Spam-Status: No, score=-99 required=5.0",
    "X-Spam-Score: -99",
    "X-Yandex-Spam: 1",
    "X-Gm-Spam: 0",
    "X-MS-Exchange-Organization-AuthAs: internal-not",
    'X-Spam-Report: running on the system "{host}"',
    "X-Forefront-Antispam-Report: SFV:NSPM;SCL:-1;CAT:NONE;",
)  # fmt: skip


def read(raw, block):
    """Return what the readers say of a mail in the block's mailbox."""
    return explain.read(
        parse_headers(raw),
        explain.Trust(
            profile=profiles.of_account(block.account),
            own_hosts=frozenset(block.hosts),
            own_domains=OWN,
            account_addresses=ACCOUNT,
        ),
    )


def facts(found):
    """Return what a block tells about a mail."""
    told = found.verdicts
    said = [one for one in found.spam if one.kind == spam.SPAM]
    settled = " ".join(one.address for one in found.recipients.must_settle)
    return {
        "size": found.size,
        "said": " ".join(one or "-" for one in (told.spf, told.dkim, told.dmarc)),
        "real": found.authenticated,
        "spam": any(one.is_spam for one in said) if said else None,
        "network": found.network,
        "original": settled if found.recipients.original_known else "",
    }


def strips(line, block):
    """Tell whether the provider takes this line out of mail from outside: only that in
    which its name stands as it writes it."""
    profile = profiles.of_account(block.account)
    name, _colon, value = line.partition(":")
    known = profile.authserv_ids if profile and profile.strips_results else ()
    is_result = name.lower() == "authentication-results"
    return is_result and value.partition(";")[0].strip() in known


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestProviderBlocks(BaseCase):
    """Whole header blocks say what is written in them, and no more."""

    maxDiff = None

    def test_what_a_block_says(self):
        for block in BLOCKS:
            with self.subTest(block.name):
                told = facts(read(block.raw, block))
                self.assertEqual(told, {name: getattr(block, name) for name in told})

    def test_nothing_below_the_border_is_believed(self):
        for block in BLOCKS:
            with self.subTest(block.name):
                self.assertUnbelieved(block)

    def test_the_score_of_fastmail_decides_unless_the_sender_is_known(self):
        [block] = [one for one in BLOCKS if one.name == "Fastmail, spam"]
        plain = block.text.replace("X-Spam: spam\n", "")
        self.assertNotEqual(plain, block.text)
        for score, is_known, is_spam in (
            ("14.2", "no", True),
            ("5.0", 'no ("Email failed DMARC policy for domain")', True),
            ("4.9", "no", False),
            ("-3", "no", False),
            ("14.2", 'yes ("Address x in From header is in addressbook")', False),
        ):
            with self.subTest(score=score, is_known=is_known):
                text = plain.replace("score: 14.2", f"score: {score}")
                text = text.replace("sender: no", f"sender: {is_known}")
                # The sender's own score and his own acquaintance say nothing.
                told = "X-Spam-Score: 99\nX-Spam-known-sender: yes\nSubject: Offer"
                text = text.replace("Subject: Offer", told)
                found = read(replace(block, text=text).raw, block)
                self.assertIs(facts(found)["spam"], is_spam)

    def test_what_a_program_has_rearranged_is_not_believed(self):
        block = Block("Bridge", "127.0.0.1", BRIDGED)
        gluon = ["X-Pm-Gluon-Id: 1", "To: Hoa <hoa@own.test>"]
        found = read(as_bytes([*gluon, *block.lines]), block)
        self.assertEqual(found.size, block.size + len(gluon))
        self.assertIs(found.authenticated, False)
        self.assertEqual(facts(found)["original"], "hoa@own.test")
        self.assertEqual(found.network, "203.0.113.0/24")
        for lines in (block.lines[::-1], block.lines[block.size :]):
            found = read(as_bytes(["X-Pm-Gluon-Id: 1", *lines]), block)
            self.assertEqual(found.size, 0)
            self.assertIsNone(found.authenticated)
            self.assertFalse(found.recipients.original_known)
            self.assertFalse(acquitting(found))
            self.assertEqual(found.network, "")

    def assertUnbelieved(self, block):
        plain = read(block.raw, block)
        host = plain_host(block)
        lines = [
            line.replace("{host}", host).replace("{HOST}", host.upper())
            for line in FORGED
        ]
        arriving = [line for line in lines if not strips(line, block)]

        @quick
        @given(st.lists(st.sampled_from(arriving), max_size=8), st.randoms())
        def check(forged, random):
            found = read(with_forged(block, forged, random), block)
            self.assertEqual(found.size, plain.size)
            self.assertEqual(found.network, plain.network)
            self.assertEqual(facts(found)["original"], facts(plain)["original"])
            if plain.authenticated is not True:
                self.assertIsNot(found.authenticated, True)
            self.assertLessEqual(
                {(one.header, one.value) for one in acquitting(found)},
                {(one.header, one.value) for one in acquitting(plain)},
            )
            self.assertGreaterEqual(
                {one.header for one in found.spam if one.is_spam and one.trusted},
                {one.header for one in plain.spam if one.is_spam and one.trusted},
            )

        check()


def acquitting(found):
    """Return the verdicts that speak for a mail."""
    return [one for one in found.spam if one.trusted and not one.is_spam]


def plain_host(block):
    """Return the host that wrote the last own line."""
    last = block.lines[block.size - 1]
    return last.split(" by ", 1)[-1].split()[0] if " by " in last else "mail.own.test"


def with_forged(block, forged, random):
    """Return the raw block with forged lines at any place where the sender writes."""
    lines = list(block.lines)
    last = next(i for i, line in enumerate(lines) if line.startswith("Subject:"))
    for line in forged:
        lines.insert(random.randint(block.first_sent, last), line)
        last += 1
    return as_bytes(lines)
