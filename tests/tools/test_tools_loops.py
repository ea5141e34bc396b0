from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import loops
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers

from ..strategies import given, header_text, mail_bytes, quick, st

KEY, OLD_KEY = b"k" * 32, b"o" * 32
DATABASE, OTHER = "9f1c-database", "0000-database"
ACCOUNT = {"catchall@own.test"}

MX = (
    "Received: from mail.customer.test (mail.customer.test [203.0.113.7])"
    " by mx.own.test (Postfix) with ESMTPS id 1 for <catchall@own.test>; now"
)
OWN_OUT = "Received: from odoo (odoo [10.0.0.5]) by mail.customer.test with ESMTP; now"


def read(*lines):
    return parse_headers("\r\n".join(lines).encode("utf-8", "replace"))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestOwnMail(BaseCase):
    """Only mail that this database sent is its own."""

    def is_own(self, *lines, keys=(KEY,), database=DATABASE):
        return bool(self.proofs(*lines, keys=keys, database=database))

    def proofs(self, *lines, keys=(KEY,), database=DATABASE):
        return loops.own_proofs(keys, database, read(*lines))

    def test_where_the_token_stands(self):
        token = loops.make_token(KEY, DATABASE, "1")
        for line, expected in (
            (f"Message-ID: <{token}@own.test>", True),
            (f"Message-ID: <{token.upper()}@own.test>", True),
            (f"Message-Id: <12.{token}.1700000000-odoo-7-crm.lead@own.test>", True),
            (f"Message-ID: {token}@own.test", True),
            (f"X-Catchall-Router-Token: {token}", True),
            (f"x-catchall-router-token:  {token} ", True),
            (f"References: <{token}@own.test>", False),
            (f"In-Reply-To: <{token}@own.test>", False),
            (f"Message-ID: <x@{token}.test>", False),
            (f"Message-ID: <a{token}@own.test>", False),
            (f"Subject: {token}", False),
            ("Message-ID: <x@own.test>", False),
            ("From: a@own.test", False),
        ):
            with self.subTest(line=line):
                self.assertIs(self.is_own(line), expected)

    def test_which_headers_prove_it(self):
        token, name = loops.make_token(KEY, DATABASE, "1"), loops.TOKEN_HEADER
        header, own_id = f"{name}: {token}", f"Message-ID: <{token}@own.test>"
        self.assertEqual(self.proofs(header, own_id), (name, "Message-ID"))
        self.assertEqual(self.proofs(header, "Message-ID: <a@b.test>"), (name,))
        self.assertEqual(self.proofs(own_id), ("Message-ID",))
        self.assertEqual(self.proofs("Message-ID: <a@b.test>"), ())

    def test_other_databases_and_keys(self):
        line = f"X-Catchall-Router-Token: {loops.make_token(OLD_KEY, DATABASE, '1')}"
        self.assertTrue(self.is_own(line, keys=(KEY, OLD_KEY)))
        self.assertFalse(self.is_own(line))
        self.assertFalse(self.is_own(line, keys=()))
        self.assertFalse(self.is_own(line, keys=(OLD_KEY,), database=OTHER))

    def test_a_forged_token_does_not_hide_a_genuine_one(self):
        genuine = loops.make_token(KEY, DATABASE, "1")
        forged = loops.make_token(OLD_KEY, DATABASE, "1")
        lines = [f"X-Catchall-Router-Token: {forged}"] * 3
        self.assertTrue(self.is_own(*lines, f"Message-ID: <{genuine}@own.test>"))
        self.assertFalse(self.is_own(*lines, f"Message-ID: <{forged}@own.test>"))

    @quick
    @given(header_text, st.integers(0, 30), st.sampled_from("0123456789abcdefghjkmn"))
    def test_no_letter_may_change(self, nonce, at, letter):
        token = loops.make_token(KEY, DATABASE, nonce)
        self.assertRegex(token, r"\A[0-9a-z]{31}\Z")
        self.assertTrue(self.is_own(f"Message-ID: <{token}@own.test>"))
        if token[at] != letter:
            changed = token[:at] + letter + token[at + 1 :]
            self.assertFalse(self.is_own(f"Message-ID: <{changed}@own.test>"))

    def test_tokens_differ(self):
        tokens = {loops.make_token(KEY, DATABASE, str(n)) for n in range(100)}
        self.assertEqual(len(tokens), 100)

    @quick
    @given(mail_bytes)
    def test_never_raises(self, raw):
        headers = parse_headers(b"X-Catchall-Router-Token: 0\r\nMessage-ID: " + raw)
        self.assertFalse(loops.own_proofs([KEY], DATABASE, headers))
        self.assertGreaterEqual(loops.count_received(headers), 0)
        self.assertIn(loops.delivered_to_twice(headers, ACCOUNT), (True, False))
        loops.burst_key(headers, raw)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTraces(BaseCase):
    """How often a mail has passed."""

    def test_count_received(self):
        self.assertEqual(loops.count_received(read(MX, "X: y", OWN_OUT)), 2)
        self.assertEqual(loops.count_received(read("From: a@b.test")), 0)

    def test_delivered_to_twice(self):
        own, other = "Delivered-To: <CatchAll@own.test>", "Delivered-To: lan@x.test"
        for lines, expected in (
            ((own, MX, OWN_OUT), False),
            ((own, own, MX, OWN_OUT), False),
            ((own, MX, own, OWN_OUT), True),
            ((own, MX, OWN_OUT, own), True),
            ((MX, own, OWN_OUT), False),
            ((MX, own, OWN_OUT, own), True),
            ((other, MX, other), False),
            ((own, MX, other), False),
            ((), False),
        ):
            with self.subTest(lines=lines):
                headers = read(*lines)
                self.assertIs(loops.delivered_to_twice(headers, ACCOUNT), expected)
                self.assertIs(loops.delivered_to_twice(headers, set()), False)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBursts(BaseCase):
    """Mails of one burst have one key."""

    def key(self, sender="a@b.test", subject="Report 17", body=b"All 3 are well."):
        return loops.burst_key(read(f"From: {sender}", f"Subject: {subject}"), body)

    def test_what_makes_no_difference(self):
        for values in (
            {"sender": "Alarm <A@B.test>"},
            {"subject": "Re: Report 18"},
            {"subject": "RE: Fwd: aw[2]: report 1"},
            {"body": b"All 4\r\nare  well."},
            {"body": "All 3 are well."},
            {"body": b"--=_1\nContent-Type: text/plain\n charset=x\n\nAll 3 are well."},
        ):
            with self.subTest(**values):
                self.assertEqual(self.key(**values), self.key())

    def test_what_makes_one(self):
        for values in (
            {"sender": "c@b.test"},
            {"subject": "Report"},
            {"subject": "Regards"},
            {"body": b"None is well."},
            {"body": b""},
        ):
            with self.subTest(**values):
                self.assertNotEqual(self.key(**values), self.key())

    @quick
    @given(header_text, header_text, st.one_of(st.binary(), header_text))
    def test_never_raises(self, sender, subject, body):
        headers = read(f"From: {sender}", f"Subject: {subject}")
        key = loops.burst_key(headers, body)
        self.assertRegex(key, r"\A[0-9a-f]{32}\Z")
        self.assertEqual(loops.burst_key(headers, body), key)

    def test_hostile_values_are_read_in_linear_time(self):
        for piece in ("re:", "re[1]", " ", "-", "1", "a:", "\n"):
            self.key(subject=piece * 100_000, body=piece.encode() * 1_000_000)
