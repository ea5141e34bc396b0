import re
from dataclasses import replace

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import explain, profiles
from odoo.addons.mail_catchall_router.tools.inbound.anonymous import anonymous
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..provider_blocks import BLOCKS
from ..provider_shapes import SHAPES
from ..strategies import given, mail_bytes, quick, st

OWN = "tenmien.test"
HOSTS = frozenset({"hoster.test"})
TRUST = explain.Trust(
    own_hosts=HOSTS,
    own_domains=frozenset({OWN}),
    account_addresses=frozenset({f"catchall@{OWN}"}),
)
MAIL = """\
Delivered-To: catchall@{own}
X-Original-To: {local}@{own}
X-Hoster-{id}: yes
X-Hoster-Verdict: {id}; score=2.5; clean; owner={local}
Received: from filter7.hoster.test (localhost [127.0.0.1])
 by mx1.hoster.test (Postfix) with ESMTP id {id} for <{local}@{own}>;
 Mon, 2 Nov 2026 08:00:00 +0700 (ICT)
Authentication-Results: mx1.hoster.test; spf=pass (mx1.hoster.test: domain of
 {local}@{sender} designates 100.24.8.9 as permitted sender) smtp.mailfrom={sender};
 dkim=pass header.d={sender} header.b={id}
Received: from out.{sender} (out.{sender} [100.24.8.9])
 by mx1.hoster.test (Postfix) with ESMTPS id {id} for <{local}@{own}>
X-Spam-Status: No, score=-0.1 required=5.0 tests={id},DKIM_VALID
X-Mailer-{id}: {name}
Received: from [10.1.2.3] ({name} [2a02:8108::7]) by out.{sender} with ESMTPSA id {id}
Message-ID: <{id}.{local}@{sender}>
References: <{id}@{own}>
From: "{name}, 0903 123 456" <{local}@{sender}>
To: =?utf-8?q?{name}?= <{local}@{own}>
Subject: {name} {id}
X-Spam-Flag: NO
List-Unsubscribe: <https://{sender}/u/{id}?who={local}>

{name} {local} {id}
"""

#: Words that no vocabulary has: local parts, names and ids.
words = st.from_regex(r"\A[a-z0-9]{0,8}zq[a-z0-9]{1,8}\Z")
separated = st.builds(
    lambda one, mark, other: one + mark + other,
    words,
    st.sampled_from([".", "-", "_", "+", "=", "", "'"]),
    words,
)


def filled(**values):
    """Return the headers of the mail with these names and ids in it."""
    known = {
        "own": OWN, "local": "hoa.tran", "name": "Trần Thị Hoa", "id": "4ZQab12",
        "sender": "customer.com.vn",
    }  # fmt: skip
    return parse_headers(MAIL.format(**{**known, **values}).encode())


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestAnonymous(BaseCase):
    """A report about a provider's headers: its words stay, nobody's else."""

    def test_what_makes_a_profile_stays(self):
        text = anonymous(filled(), TRUST, "imap.hoster.test")
        for kept in (
            "X-Report-Account: imap.hoster.test",
            "X-Report-Border: 7, hosts, outside",
            "X-Other-1: yes",
            "X-Hoster-Verdict: w",
            "score=2.5; clean; w",
            (
                "from filter7.hoster.test (localhost [127.0.0.1]) by mx1.hoster.test "
                "(Postfix) with ESMTP id w"
            ),
            "Authentication-Results: mx1.hoster.test; spf=pass",
            "X-Spam-Status: No, score=-0.1 required=5.0 tests=",
            "DKIM_VALID",
            "X-Spam-Flag: NO",
            "Subject: (left out)",
        ):
            self.assertIn(kept, text)

    def test_the_same_is_replaced_by_the_same(self):
        text = anonymous(filled(), TRUST, "imap.hoster.test")
        [original] = re.findall(r"X-Original-To: (\S+)", text)
        self.assertRegex(original, r"\Auser\d+@d\d+\.example\Z")
        self.assertEqual(text.count(f"for <{original}>"), 2)
        self.assertEqual(len(set(re.findall(r"192\.88\.99\.\d+", text))), 1)
        self.assertEqual(len(re.findall(r"192\.88\.99\.\d+", text)), 2)
        [domain] = re.findall(r"header\.d=(\S+)", text)
        self.assertRegex(text, rf"from h\d+\.{re.escape(domain)} \(")

    def test_our_reader_sees_the_same_in_it(self):
        headers = filled()
        text = anonymous(headers, TRUST)
        trust = explain.Trust(
            own_hosts=HOSTS,
            own_domains=frozenset(re.findall(r"X-Original-To: .*@(\S+)", text)),
        )
        masked = parse_headers(text.partition("X-Report-Border")[2].encode())
        before, after = explain.explain(headers, TRUST), explain.explain(masked, trust)
        # The line of the report that was cut is no field any more.
        self.assertEqual(after.reading.size, before.reading.size)
        self.assertEqual(after.border.why, before.border.why)
        self.assertTrue(after.reading.recipients.original_known)
        self.assertEqual(
            [one.whose for one in after.lines], [one.whose for one in before.lines]
        )
        self.assertEqual(after.reading.verdicts.spf, before.reading.verdicts.spf)
        self.assertTrue(after.reading.authenticated)

    def test_a_server_with_the_own_domain_s_name_is_not_named(self):
        headers = parse_headers(
            f"Received: from a.test (a.test [100.24.8.9]) by mail.{OWN} with ESMTP id 7"
            f" for <hoa@{OWN}>\r\nX-Tenmien-Id: 7\r\nTo: a\r\n\r\n".encode()
        )
        text = anonymous(headers, TRUST, f"mail.{OWN}")
        self.assertNotIn("tenmien", text.lower())
        self.assertNotIn("hoa", text)
        self.assertNotRegex(text, r"\b7\b")

    @quick
    @given(words, words, words, separated, words)
    def test_no_local_part_name_or_id_survives(self, local, name, code, other, host):
        headers = filled(local=local, name=name, id=code, sender=f"{host}.test")
        text = anonymous(headers, TRUST, "imap.hoster.test").lower()
        for one in (local, name, code, host):
            self.assertNotIn(one, text)
        headers = filled(local=other, name=other, id=other)
        text = anonymous(headers, TRUST, "imap.hoster.test").lower()
        self.assertNotIn(other, text)
        for one in re.findall(r"[a-z0-9]*zq[a-z0-9]+", other):
            self.assertNotIn(one, text)

    @quick
    @given(st.lists(st.sampled_from(MAIL.splitlines())), mail_bytes, words)
    def test_whatever_the_bytes_are_it_is_ascii_lines(self, lines, raw, word):
        block = "\r\n".join(lines).replace("{", "").replace("}", "") + word + "@x.test"
        text = anonymous(parse_headers(block.encode() + b"\r\n" + raw), TRUST)
        self.assertNotIn(word, text.lower())
        self.assertTrue(text.isascii())
        self.assertNotRegex(text, r"[^\x20-\x7e\n]")
        self.assertTrue(all(": " in line for line in text.splitlines()))

    def test_a_profile_can_be_made_of_it(self):
        # What is known of each provider is seen in its report as in the mail itself.
        for shape in SHAPES:
            for values in ({}, {"spf": "fail", "dmarc": "fail", "spam": shape.spam}):
                with self.subTest(shape=shape.code, values=values):
                    self.assert_same_reading(shape, values)

    @quick
    @given(st.sampled_from(BLOCKS), st.lists(words, min_size=7, max_size=7))
    def test_of_no_provider_s_mail_a_name_survives(self, block, drawn):
        names = ("lan", "hoa", "customer", "own", "desk", "Offer", "EX02")
        text = block.text
        for name, word in zip(names, drawn, strict=True):
            text = re.sub(rf"(?<![A-Za-z]){name}(?![A-Za-z])", word, text)
        raw = replace(block, text=text).raw
        own = f"{drawn[3]}.test"
        trust = explain.Trust(
            profile=profiles.of_account(block.account),
            own_hosts=frozenset({own} if block.hosts else ()),
            own_domains=frozenset({own}),
            account_addresses=frozenset({f"catchall@{own}"}),
        )
        report = anonymous(parse_headers(raw), trust, f"mail.{own}").lower()
        for word in drawn:
            self.assertNotIn(word, report)
        self.assertNotIn("203.0.113.44", report)
        self.assertNotIn("catchall@", report)

    def test_no_address_survives_inside_a_word(self):
        for written in ("[{}:53887]", "ip-{}-host", "{}:25", "dsl_{}", "x={}/24"):
            for address in ("93.184.216.34", "93-184-216-34", "93_184_216_34"):
                line = f"X-Spam-Status: No, {written.format(address)}"
                raw = f"{line}\r\nX-Other-Client: {written.format(address)}\r\n\r\n"
                text = anonymous(parse_headers(raw.encode()), TRUST)
                self.assertNotRegex(text, r"93[._-]184", written)

    def test_a_machine_inside_a_company_is_not_named(self):
        headers = parse_headers(
            b"Received: from EX1.tranphu.local (10.0.0.2) by EX1.tranphu.local"
            b" (10.0.0.2) with Microsoft SMTP Server id 15.1 via Mailbox Transport\r\n"
            b"Received: from a.test (203.0.113.44) by EX1.tranphu.local (10.0.0.2) with"
            b" Microsoft SMTP Server id 15.1 via Frontend Transport\r\n\r\n"
        )
        text = anonymous(headers, TRUST, "ex1.tranphu.local").lower()
        self.assertNotIn("tranphu", text)
        self.assertIn("via mailbox transport", text)

    def assert_same_reading(self, shape, values):
        sent = ["From: Lan <lan@customer.test>", "To: sales@tenmien.test", "Subject: x"]
        profile = profiles.of_account(shape.account)
        trust = explain.Trust(profile=profile, own_domains=frozenset({OWN}))
        headers = parse_headers("\r\n".join(shape.lines(sent, **values)).encode())
        text = anonymous(headers, trust, shape.account)
        masked = parse_headers("".join(text.splitlines(keepends=True)[3:]).encode())
        before = explain.explain(headers, trust)
        after = explain.explain(masked, explain.Trust(profile=profile))
        self.assertEqual((after.profile, after.fits), (before.profile, before.fits))
        # To the tool no domain of the report is an own one.
        for one, other in zip(after.lines, before.lines, strict=True):
            if not {"recipient", "recipient_unused"} & {one.counts, other.counts}:
                same = (one.whose, one.counts), (other.whose, other.counts)
                self.assertEqual(*same, other.name)
        for name in ("size", "authenticated", "block"):
            self.assertEqual(
                getattr(after.reading, name), getattr(before.reading, name)
            )
