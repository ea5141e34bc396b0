import time

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import (
    bounce_proof,
    networks,
    recipients,
)
from odoo.addons.mail_catchall_router.tools.mail.headers import Headers, parse_headers

from .. import strategies
from ..strategies import given, header_text, mail_bytes, quick, st

OWN = frozenset({"own.test", "own2.test"})
ACCOUNT = frozenset({"catchall@own.test"})

# What a customer's server looks like to ours, and what it wrote itself.
OUTSIDE = "from mail.customer.test (mail.customer.test [203.0.113.7])"
MX = f"Received: {OUTSIDE} by mx.own.test (Postfix) with ESMTPS id 1"
FOREIGN = "Received: from desk (desk [10.0.0.5]) by mail.customer.test with ESMTPA; now"

# What a sender may put into the line that our server writes: the name at HELO, which
# is one word, and an address, which may hold anything in quotes.
WORDS = (
    "from", "by", "(", ")", "<", ">", ";", '"', "\\", "a", "localhost", "mx.own.test",
    "[127.0.0.1]", "[10.0.0.1]", "mx.own.test([127.0.0.1])", "helo=localhost",
)  # fmt: skip
CLAUSES = (
    *WORDS, " ", " with LMTP ", " with local ", " by mx.own.test ", " by evil.test ",
    " for forged@own.test ", " (mx.own.test [127.0.0.1]) ", "(from x",
    ", from userid 0", " with ESMTPSA ", ") with spam-scanned (",
)  # fmt: skip
HELO_LINES = (
    "from {} (mail.customer.test [1.2.3.4]) by mx.own.test with ESMTPS id 1; now",
    "from {} (unknown [1.2.3.4]) by mx.own.test with SMTP id 1; now",
    "from mail.customer.test ([1.2.3.4] helo={}) by mx.own.test with esmtp; now",
    "from unknown (HELO {}) (1.2.3.4) by mx.own.test with SMTP; now",
)
ADDRESS_LINES = (
    'from c (c [1.2.3.4]) by mx.own.test (Postfix) with ESMTP for <"{}"@own.test>;',
    'from c (c [1.2.3.4]) by mx.own.test (Postfix) id 1 for <"{}"@own.test>; now',
    'from c ([1.2.3.4]) by mx.own.test with esmtp (envelope-from <"{}"@c.test>); now',
)

# Exim, Dovecot and Haraka write down whom the envelope names.
ENVELOPE_LINES = (
    'from c ([203.0.113.9]) by mx.own.test with esmtps (envelope-from <"{}"@c.test>);',
    'from c (c [203.0.113.9]) by mx.own.test with ESMTP envelope-from <"{}"@c.test>;',
)


def read(*lines):
    return parse_headers("\r\n".join(lines).encode())


def find(*lines, **options):
    options = {"own_domains": OWN, "account_addresses": ACCOUNT, **options}
    return recipients.find_recipients(read(*lines), **options)


def must(found):
    return [recipient.address for recipient in found.must_settle]


def may(found):
    return [recipient.address for recipient in found.may_match]


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestOriginalRecipients(BaseCase):
    """The recipient the sender's server named, as each provider records it."""

    def assertOriginal(self, expected, *lines, **options):
        found = find(*lines, **options)
        self.assertTrue(found.original_known)
        self.assertFalse(found.only_account)
        self.assertEqual(must(found), expected)
        return found

    def test_postfix_virtual(self):
        found = self.assertOriginal(
            ["sales@own.test"],
            "Return-Path: <lan@customer.test>",
            "X-Original-To: sales@own.test",
            "Delivered-To: catchall@own.test",
            f"{MX}; now",
            FOREIGN,
            "To: boss@own.test",
        )
        self.assertEqual(may(found), ["boss@own.test"])
        self.assertEqual(
            found.must_settle[0],
            recipients.Recipient("sales@own.test", "X-Original-To", "sales@own.test"),
        )

    def test_dovecot_lmtp(self):
        found = self.assertOriginal(
            ["sales@own.test"],
            "Delivered-To: catchall@own.test",
            "Received: from mx.own.test ([127.0.0.1])",
            "\tby imap.own.test with LMTP",
            "\tid 1 (envelope-from <lan@customer.test>)",
            "\tfor <catchall@own.test>; now",
            f"{MX}",
            "\tfor <sales@own.test>; now",
            FOREIGN,
        )
        self.assertEqual(found.must_settle[0].header, "Received")
        self.assertIn("for <sales@own.test>", found.must_settle[0].value)

    def test_lmtp_between_hosts_of_other_names(self):
        self.assertOriginal(
            ["sales@own.test"],
            "Received: from mail.own.test by 2f6a1c (Dovecot) with LMTP id 1; now",
            f"Received: {OUTSIDE} by mx7.hoster.test with ESMTPS for <sales@own.test>;",
            FOREIGN,
        )

    def test_lmtp_from_an_address_in_public_is_that_of_outsiders(self):
        forged = (
            "Received: from x (x [203.0.113.7]) by mx.own.test with LMTP id 1; now",
            f"Received: {OUTSIDE} by evil.test with ESMTP for <forged@own.test>; then",
            FOREIGN,
        )
        for own_hosts in (frozenset(), frozenset({"mx.own.test"})):
            headers = parse_headers("\r\n".join((*forged, "", "")).encode())
            with self.subTest(own_hosts=own_hosts):
                self.assertEqual(len(recipients.trusted_trace(headers, own_hosts)), 1)

    def test_content_filter_on_the_same_host(self):
        for filtered in (
            "by localhost (mx.own.test [127.0.0.1]) (amavisd-new, port 10024)",
            "by mx.own.test (Postfix)",
        ):
            with self.subTest(filtered=filtered):
                found = self.assertOriginal(
                    ["sales@own.test"],
                    "Delivered-To: catchall@own.test",
                    "Received: from localhost (localhost [127.0.0.1])",
                    " by mx.own.test (Postfix) with ESMTP id 3; now",
                    f"Received: from mx.own.test ([127.0.0.1]) {filtered}",
                    " with ESMTP id 2; now",
                    f"{MX} for <sales@own.test>; now",
                    "Received: by mx.own.test for <forged@own.test>; then",
                    own_hosts=frozenset({"mx.own.test"}),
                )
                self.assertEqual(found.must_settle[0].header, "Received")

    def test_proofpoint_in_front(self):
        lines = (
            (
                "Received: from mx0.filter.test (mx0.filter.test [203.0.113.70]) by"
                " mx.own.test (Postfix) with ESMTPS id 1 for <sales@own.test>; now"
            ),
            (
                "Received: from pps.filterd (m0001.ppops.test [127.0.0.1]) by"
                " mx0.filter.test (8.18.1.2/8.18.1.2) with ESMTP id 2; now"
            ),
            f"Received: {OUTSIDE} by mx0.filter.test (PPS) with ESMTPS id 3; now",
            FOREIGN,
        )
        hosts = frozenset({"mx.own.test", "filter.test"})
        self.assertEqual(len(recipients.trusted_trace(read(*lines), hosts)), 3)
        self.assertEqual(len(recipients.trusted_trace(read(*lines))), 1)

    def test_content_filter_of_a_server_of_which_nothing_is_known(self):
        """What the host's last program wrote counts; what is below may be forged."""
        for store in (
            (),
            (
                "Received: from mx.own.test ([127.0.0.1])",
                " by mx.own.test with LMTP id 4 for <catchall@own.test>; now",
            ),
        ):
            with self.subTest(store=store):
                self.assertOriginal(
                    ["sales@own.test"],
                    *store,
                    "Received: from localhost (localhost [127.0.0.1]) by mx.own.test",
                    " (Postfix) with ESMTP id 3 for <sales@own.test>; now",
                    f"{MX} for <forged@own.test>; then",
                )

    def test_exim(self):
        self.assertOriginal(
            ["sales@own.test"],
            "Return-path: <lan@customer.test>",
            "Envelope-to: sales@own.test",
            "Delivery-date: now",
            "Received: from [203.0.113.7] (helo=mail.customer.test)",
            " by mx.own.test with esmtps (Exim 4.96) id 1 for sales@own.test; now",
        )

    def test_gmail(self):
        self.assertOriginal(
            ["sales@own.test"],
            "Delivered-To: catchall@own.test",
            "Received: by 2002:a05:7300:5b85:b0:f1 with SMTP id 1csp2; now",
            "Received: from mail.customer.test (mail.customer.test. [203.0.113.7])",
            " by mx.google.com with ESMTPS id 1 for <sales@own.test>",
            " (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); now",
            FOREIGN,
        )
        self.assertOriginal(
            ["info@own.test"],
            "Delivered-To: catchall@own.test",
            "Received: by 2002:a05:7300:5b85:b0:f1 with SMTP id 1csp2; now",
            "X-Gm-Original-To: info@own.test",
            "Received: from mail.customer.test (mail.customer.test. [203.0.113.7])",
            " by mx.google.com with ESMTPS id 1 for <sales@own.test>; now",
        )

    def test_fastmail(self):
        self.assertOriginal(
            ["sales@own.test"],
            "Received: from compute1.internal (compute1.nyi.internal [10.202.2.41])",
            " by sloti1 (Cyrus 3.9) with LMTPA; now",
            "X-Delivered-To: sales@own.test",
            "X-Resolved-To: catchall@own.test",
            f"Received: {OUTSIDE} by mx1.internal (Postfix) with ESMTPS id 1; now",
        )

    def test_qmail(self):
        self.assertOriginal(
            ["sales@own.test"],
            "Delivered-To: sales@own.test",
            "Received: (qmail 71 invoked by uid 89); now",
            "Received: from unknown (HELO mail.customer.test) (203.0.113.7)",
            " by mx.own.test with SMTP; now",
            "Received: by mx.own.test for <forged@own.test>; then",
        )

    def test_own_hosts_by_name(self):
        found = self.assertOriginal(
            ["sales@own.test"],
            "Received: from mx.own.test (mx.own.test [198.51.100.2])",
            " by store.own.test with ESMTPS id 2; now",
            f"{MX} for <sales@own.test>; now",
            FOREIGN.replace("by mail.customer.test", "by mx.own.test"),
            own_hosts=frozenset({"own.test"}),
        )
        self.assertIn("customer.test", found.must_settle[0].value)

    def test_own_hosts_by_address_and_private_network(self):
        for peer, own_hosts in (
            (
                "from mx (unknown [198.51.100.2])",
                {"store", "mx.own.test", "198.51.100.2"},
            ),
            ("from mx.own.test (unknown [10.0.0.2])", {"store", "mx.own.test"}),
        ):
            with self.subTest(peer=peer):
                self.assertOriginal(
                    ["sales@own.test"],
                    f"Received: {peer} by store with ESMTPS id 2; now",
                    f"{MX} for <sales@own.test>; now",
                    own_hosts=frozenset(own_hosts),
                )

    def test_a_mail_without_any_hop(self):
        self.assertOriginal(["sales@own.test"], "X-Original-To: sales@own.test")

    def test_the_surest_header_wins(self):
        lines = [f"{name}: {name}@own.test" for name in recipients.DEFAULT_HEADER_ORDER]
        for name in recipients.DEFAULT_HEADER_ORDER:
            with self.subTest(name=name):
                self.assertOriginal([f"{name.lower()}@own.test"], *reversed(lines))
            lines.pop(0)

    def test_the_order_can_be_learnt(self):
        self.assertOriginal(
            ["b@own.test"],
            "X-Original-To: a@own.test",
            "X-Provider-To: b@own.test",
            header_order=("X-Provider-To", "X-Original-To"),
        )

    def test_all_values_of_one_header_count(self):
        self.assertOriginal(
            ["a@own.test", "b@own2.test"],
            "Delivered-To: a@own.test",
            "Delivered-To: catchall@own.test",
            "Delivered-To: else@foreign.test",
            "Delivered-To: <B@OWN2.test>",
            "Delivered-To: a@own.test",
        )

    def test_a_tagged_account_address_is_somebody(self):
        self.assertOriginal(
            ["catchall+x@own.test"], "X-Original-To: catchall+x@own.test"
        )

    def test_a_real_mailbox_counts_when_it_was_addressed(self):
        self.assertOriginal(
            ["boss@own.test"],
            "X-Original-To: boss@own.test",
            real_mailboxes=frozenset({"boss@own.test"}),
        )

    def test_visible_recipients_may_match(self):
        found = self.assertOriginal(
            ["sales@own.test"],
            "X-Original-To: sales@own.test",
            "To: sales@own.test, a@own.test, catchall@own.test, x@foreign.test",
            "Cc: b@own2.test, a@own.test",
            "Resent-To: c@own.test",
            "Resent-Cc: d@own.test",
        )
        self.assertEqual(
            may(found), ["a@own.test", "b@own2.test", "c@own.test", "d@own.test"]
        )


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestUnknownRecipients(BaseCase):
    """No trace of the original recipient: To and Cc must do."""

    def test_visible_recipients_must_be_settled(self):
        found = find(
            "Delivered-To: catchall@own.test",
            f"{MX}; now",
            "To: Sales <sales@own.test>, x@foreign.test, boss@own.test",
            "Cc: info@own.test",
            real_mailboxes=frozenset({"boss@own.test"}),
        )
        self.assertEqual(must(found), ["sales@own.test", "info@own.test"])
        self.assertEqual((found.may_match, found.original_known), ((), False))

    def test_only_the_account(self):
        for lines, header in (
            (
                ["X-Original-To: catchall@own.test", "To: x@foreign.test"],
                "X-Original-To",
            ),
            ([f"{MX} for <catchall@own.test>; now"], "Received"),
            (["To: Catchall@own.test"], "To"),
            (["Delivered-To: catchall@own.test", "To: boss@own.test"], "Delivered-To"),
        ):
            with self.subTest(header=header):
                found = find(*lines, real_mailboxes=frozenset({"boss@own.test"}))
                self.assertTrue(found.only_account)
                self.assertFalse(found.original_known)
                self.assertEqual(must(found), ["catchall@own.test"])
                self.assertEqual(found.must_settle[0].header, header)

    def test_nobody(self):
        self.assertEqual(find("To: x@foreign.test"), recipients.Recipients())
        self.assertEqual(find(""), recipients.Recipients())

    def test_many_recipients(self):
        everybody = ", ".join(f"a{number}@own.test" for number in range(10_100))
        start = time.monotonic()
        self.assertEqual(len(must(find(f"To: {everybody}"))), 10_000)
        self.assertLess(time.monotonic() - start, 20)

    def test_cc_only(self):
        headers = read("To: a@own.test", "Cc: A@own.test, b@own.test")
        self.assertFalse(recipients.is_cc_only(headers, "a@own.test"))
        self.assertTrue(recipients.is_cc_only(headers, "b@own.test"))
        self.assertFalse(recipients.is_cc_only(headers, "c@own.test"))


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestForgery(BaseCase):
    """What a sender writes into a mail is never taken for our server's word."""

    FORGED = (
        "X-Original-To: forged@own.test",
        "Received: from x by mx.own.test with LMTP id 1 for <forged@own.test>; then",
        f"Received: {OUTSIDE} by mx.own.test (Postfix) for <forged@own.test>; then",
        "Delivered-To: forged@own.test",
    )

    def assertNotBelieved(self, *lines):
        for forged in self.FORGED:
            with self.subTest(forged=forged):
                self.assertEqual(must(find(*lines, forged)), ["sales@own.test"])
        self.assertEqual(must(find(*lines, *self.FORGED)), ["sales@own.test"])

    def test_below_our_only_line(self):
        self.assertNotBelieved(f"{MX} for <sales@own.test>; now")

    def test_below_a_foreign_line(self):
        self.assertNotBelieved(f"{MX} for <sales@own.test>; now", FOREIGN)

    def test_below_virtual_delivery(self):
        self.assertNotBelieved("X-Original-To: sales@own.test", f"{MX}; now")

    def test_a_local_name_at_helo(self):
        # Postfix: `from HELO (name [address])`; Exim: `from [address] (helo=HELO)`.
        for peer in (
            "from mx.own.test (mail.customer.test [203.0.113.7])",
            "from localhost (unknown [203.0.113.7])",
            "from [127.0.0.1] (mail.customer.test [203.0.113.7])",
            "from [203.0.113.7] (helo=[127.0.0.1])",
            "from mail.customer.test ([203.0.113.7] helo=localhost)",
            "from customer.test ([203.0.113.7] helo=[127.0.0.1] ident=[127.0.0.1])",
            "from [127.0.0.1]",
            "from localhost (203.0.113.7)",
            "from localhost (HELO localhost) (203.0.113.7)",
            "from localhost ([127.0.0.1] [203.0.113.7])",
            "from localhost ([IPv6:2001:db8::7])",
        ):
            with self.subTest(peer=peer):
                self.assertNotBelieved(
                    f"Received: {peer} by mx.own.test with ESMTPS for <sales@own.test>;"
                )

    def test_a_local_name_at_helo_over_the_loopback_network(self):
        """A port that is forwarded without its clients' addresses (a tunnel, a
        container) shows all of them as the host itself."""
        for peer in (
            "from localhost (localhost [127.0.0.1])",
            "from mx.own.test (localhost [127.0.0.1])",
            "from x (mx.own.test [127.0.0.1])",
            "from [127.0.0.1] (helo=localhost)",
            "from localhost ([127.0.0.1] helo=localhost)",
            "from localhost (HELO localhost) (127.0.0.1)",
            "from localhost ([IPv6:::1])",
            "from localhost ([::ffff:127.0.0.1])",
        ):
            line = f"Received: {peer} by mx.own.test with ESMTP for <sales@own.test>;"
            with self.subTest(peer=peer):
                self.assertNotBelieved(line)

    def test_a_foreign_name_at_helo_is_no_filter_s(self):
        """Every address of the loopback network is looked up as `localhost`. Exim
        writes what it saw before what the peer said."""
        for peer in (
            "a.test (localhost [127.0.0.1])",
            "[127.0.0.1] (helo=a.test)",
            "localhost ([127.0.0.1] helo=a.test)",
        ):
            for forged in (
                "Received: from b (b [203.0.113.7]) by a.test for <forged@own.test>;",
                "Received: from b by mx.own.test with LMTP for <forged@own.test>; then",
                "X-Original-To: forged@own.test",
            ):
                found = find(
                    f"Received: from {peer} by mx.own.test with ESMTP id 1"
                    " for <sales@own.test>; now",
                    forged,
                    own_hosts=frozenset({"mx.own.test"}),
                )
                with self.subTest(peer=peer, forged=forged):
                    self.assertEqual(must(found), ["sales@own.test"])

    def test_a_filter_behind_exim_is_ours(self):
        """It calls itself by a local name, or by that of an own host."""
        for peer in (
            "[127.0.0.1] (helo=localhost)",
            "localhost ([127.0.0.1] helo=mx.own.test)",
            "localhost ([127.0.0.1])",
        ):
            found = find(
                f"Received: from {peer} by mx.own.test with esmtp (Exim 4.96) id 2",
                "Received: from b (b [203.0.113.7]) by mx.own.test"
                " for <sales@own.test>; then",
                own_hosts=frozenset({"mx.own.test"}),
            )
            with self.subTest(peer=peer):
                self.assertEqual(must(found), ["sales@own.test"])

    def test_a_user_who_has_signed_in_over_the_loopback_network(self):
        for protocol in ("ESMTPA", "ESMTPSA", "esmtpsa", "UTF8SMTPA"):
            line = (
                "Received: from localhost (localhost [127.0.0.1]) by mx.own.test"
                f" with {protocol} id 1 for <sales@own.test>; now"
            )
            with self.subTest(protocol=protocol):
                found = find(line, *self.FORGED, own_hosts=frozenset({"mx.own.test"}))
                self.assertEqual(must(found), ["sales@own.test"])

    def test_a_looked_up_name_that_may_be_forged(self):
        line = "Received: from x (mx.own.test [203.0.113.7] (may be forged))"
        found = find(
            f"{line} by mx.own.test with ESMTP id 1 for <sales@own.test>; now",
            self.FORGED[2],
            own_hosts=frozenset({"mx.own.test"}),
        )
        self.assertEqual(must(found), ["sales@own.test"])

    def test_a_certificate_of_our_name(self):
        line = (
            'from x (x [203.0.113.7]) (Client CN "mx.own.test [127.0.0.1]", Issuer "y")'
        )
        self.assertNotBelieved(
            f"Received: {line} by mx.own.test with ESMTPS for <sales@own.test>; now"
        )

    def test_a_program_on_our_host(self):
        # What a web form hands to sendmail(1) is the visitor's word.
        for line in (
            "by mx.own.test (Postfix, from userid 33) id 1 for <sales@own.test>;",
            "from www by mx.own.test with local (Exim) for sales@own.test; now",
            "(from www@localhost) by mx.own.test for <sales@own.test>; now",
        ):
            with self.subTest(line=line):
                self.assertNotBelieved(f"Received: {line}")

    def test_an_unreachable_peer_with_a_foreign_name(self):
        self.assertNotBelieved(
            "Received: from mail.customer.test (unknown [127.0.0.1])",
            " by mx.own.test (Postfix) with ESMTP for <sales@own.test>; now",
        )

    def test_text_before_the_for_clause(self):
        self.assertNotBelieved(
            f"Received: {OUTSIDE} by mx.own.test with ESMTPS id 1",
            " (envelope-from <for <forged@own.test>>) for <sales@own.test>; now",
        )

    @quick
    @given(
        st.sampled_from(HELO_LINES),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
        st.sampled_from([frozenset(), frozenset({"mx.own.test"}), OWN]),
    )
    def test_no_name_at_helo_makes_the_sender_one_of_us(self, line, words, own_hosts):
        self.assertEndsAbove(line.format("".join(words)), own_hosts)

    @quick
    @given(
        st.sampled_from(ADDRESS_LINES),
        st.lists(st.sampled_from(CLAUSES), max_size=8),
        st.sampled_from([frozenset(), frozenset({"mx.own.test"}), OWN]),
    )
    def test_no_address_makes_the_sender_one_of_us(self, line, words, own_hosts):
        self.assertEndsAbove(line.format("".join(words)), own_hosts)

    def assertEndsAbove(self, line, own_hosts):
        trace = recipients.trusted_trace(
            read(f"Received: {line}", *self.FORGED), own_hosts
        )
        self.assertLessEqual(len(trace), 1)
        hop = recipients.parse_received(line)
        self.assertFalse(hop.submitted or hop.signed_in or hop.scanned or hop.lmtp)
        self.assertNotEqual(hop.recipient, "forged@own.test")

    def test_no_address_of_a_sender_makes_him_a_user_of_ours(self):
        for local in (
            "x (from y",
            ") with local (",
            ") for boss@own.test (",
            ") with ESMTPSA (",
            r"a\") with local (\"b",
            "a, from userid 0",
        ):
            for line in ENVELOPE_LINES:
                with self.subTest(local=local, line=line):
                    found = read(f"Received: {line.format(local)}")
                    trace = recipients.trusted_trace(found)
                    self.assertFalse(networks.was_submitted(trace))
                    self.assertEqual(networks.sender_network(trace), "203.0.113.0/24")
                    self.assertFalse(bounce_proof.comes_from_inside(found, trace))
                    hop = recipients.parse_received(line.format(local))
                    self.assertEqual((hop.by, hop.recipient), ("mx.own.test", ""))

    def test_clauses_in_an_address_and_at_helo(self):
        for line in (
            f'{OUTSIDE} by mx.own.test with ESMTP for <"a with LMTP b"@own.test>; now',
            "from ; (c [1.2.3.4]) by mx.own.test with SMTP id 1; now",
            "from ( (c [1.2.3.4]) by mx.own.test with SMTP id 1; now",
            "from mx.own.test([127.0.0.1]) (c [1.2.3.4]) by mx.own.test; now",
        ):
            with self.subTest(line=line):
                self.assertEndsAbove(line, frozenset())

    def test_named_hosts_that_are_not_on_top(self):
        found = find(
            f"{MX} for <sales@own.test>; now",
            "Received: from x by border.own.test for <forged@own.test>; then",
            own_hosts=frozenset({"mx.own.test", "border.own.test"}),
        )
        self.assertEqual(must(found), ["sales@own.test"])
        found = find(
            "Delivered-To: sales@own.test",
            f"{MX} for <forged@own.test>; now",
            own_hosts=frozenset({"elsewhere.test"}),
        )
        self.assertEqual(must(found), ["sales@own.test"])

    @quick
    @given(mail_bytes, st.lists(strategies.addresses), st.randoms())
    def test_nothing_below_the_border_matters(self, rest, forged, random):
        top = f"Delivered-To: catchall@own.test\r\n{MX} for <sales@own.test>; now\r\n"
        names = [*recipients.DEFAULT_HEADER_ORDER, "Received: x by mx.own.test for"]
        lines = [f"{random.choice(names)}: <{address}>\r\n" for address in forged]
        headers = parse_headers(top.encode() + "".join(lines).encode() + rest)
        if rest[:1] in (b" ", b"\t") and not lines:
            return  # a continuation of our own line
        trace = recipients.trusted_trace(headers)
        self.assertEqual(len(trace), 2)
        found = recipients.find_recipients(
            headers, own_domains=OWN, account_addresses=ACCOUNT
        )
        self.assertEqual(must(found), ["sales@own.test"])


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestReceived(BaseCase):
    """`Received` lines of many kinds."""

    def test_hops(self):
        for value, by, sender, recipient in (
            (
                f"{OUTSIDE} by mx.own.test (Postfix) id 1 for <A@own.test>; now",
                "mx.own.test",
                "mail.customer.test",
                "a@own.test",
            ),
            (
                "from by (by [203.0.113.7]) by mx.own.test. for a@own.test; now",
                "mx.own.test",
                "by",
                "a@own.test",
            ),
            ("by 2002:a05::1 with SMTP id 1; now", "2002:a05::1", "", ""),
            ("(qmail 1 invoked by uid 89); now", "", "", ""),
            (
                "from x (HELO by) (1.2.3.4) by mx.own.test with SMTP; now",
                "mx.own.test",
                "x",
                "",
            ),
            ("from x ((nested) by evil) by mx.own.test; now", "mx.own.test", "x", ""),
            ("from x (unclosed by mx.own.test; now", "", "x", ""),
            ("", "", "", ""),
        ):
            with self.subTest(value=value):
                hop = recipients.parse_received(value)
                self.assertEqual(
                    (hop.by, hop.sender, hop.recipient), (by, sender, recipient)
                )

    @quick
    @given(header_text)
    def test_parsing_never_raises(self, value):
        recipients.parse_received(value)

    @quick
    @given(mail_bytes, st.sets(st.sampled_from(["a", "b", "c", "b.test"])))
    def test_finding_never_raises(self, raw, own_hosts):
        headers = parse_headers(raw)
        found = recipients.find_recipients(
            headers,
            own_domains=frozenset({"b.test", "b"}),
            account_addresses=frozenset({"a@b.test"}),
            own_hosts=frozenset(own_hosts),
        )
        self.assertFalse(set(must(found)) & set(may(found)))
        self.assertEqual(len(set(must(found))), len(must(found)))
        self.assertIsInstance(headers, Headers)
