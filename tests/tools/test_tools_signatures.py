import hashlib
import hmac
import math
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import signatures

from ..strategies import given, header_text, quick, st

KEY, OLD_KEY = b"k" * 32, b"o" * 32

secrets = st.binary(min_size=1, max_size=64)
purposes = st.text(max_size=10)
payloads = st.binary(max_size=40)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSignatures(BaseCase):
    """What one key signs, only the same key, purpose and payload verify."""

    def test_is_a_cut_hmac(self):
        expected = hmac.new(KEY, b"5:replypayload", hashlib.sha256).digest()[:10]
        self.assertEqual(signatures.sign(KEY, "reply", b"payload"), expected)
        self.assertGreaterEqual(8 * len(expected), 80)

    def test_rotation(self):
        old = signatures.sign(OLD_KEY, "reply", b"1")
        for keys, expected in (
            ([KEY, OLD_KEY], True),
            ([OLD_KEY, KEY], True),
            ([KEY], False),
            ([], False),
        ):
            self.assertIs(signatures.verify(keys, "reply", b"1", old), expected)

    def test_all_keys_are_tried(self):
        keys = [KEY, OLD_KEY, b"x"]
        for key in keys:
            signature = signatures.sign(key, "reply", b"1")
            with patch.object(
                signatures.hmac, "compare_digest", wraps=hmac.compare_digest
            ) as compare:
                self.assertTrue(signatures.verify(keys, "reply", b"1", signature))
            self.assertEqual(compare.call_count, len(keys))

    @quick
    @given(secrets, purposes, payloads)
    def test_verifies_what_it_signed(self, secret, purpose, payload):
        signature = signatures.sign(secret, purpose, payload)
        self.assertEqual(len(signature), signatures.SIZE)
        self.assertTrue(signatures.verify([secret], purpose, payload, signature))

    @quick
    @given(purposes, payloads, purposes, payloads)
    def test_purpose_and_payload_count(self, purpose, payload, purpose2, payload2):
        signature = signatures.sign(KEY, purpose, payload)
        same = (purpose, payload) == (purpose2, payload2)
        self.assertIs(signatures.verify([KEY], purpose2, payload2, signature), same)

    def test_purpose_does_not_flow_into_payload(self):
        first = signatures.sign(KEY, "ab", b"c")
        self.assertNotEqual(first, signatures.sign(KEY, "a", b"bc"))
        self.assertFalse(signatures.verify([KEY], "a", b"bc", first))

    @quick
    @given(payloads, st.integers(0, 79))
    def test_no_bit_may_change(self, payload, bit):
        signature = bytearray(signatures.sign(KEY, "x", payload))
        signature[bit // 8] ^= 1 << bit % 8
        self.assertFalse(signatures.verify([KEY], "x", payload, bytes(signature)))

    @quick
    @given(payloads)
    def test_other_lengths_are_refused(self, payload):
        signature = signatures.sign(KEY, "x", payload)
        for wrong in (b"", signature[:-1], signature + b"\0"):
            self.assertFalse(signatures.verify([KEY], "x", payload, wrong))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestLetters(BaseCase):
    """Bytes in letters that survive addresses and people."""

    @quick
    @given(payloads)
    def test_round_trip(self, data):
        text = signatures.encode(data)
        self.assertEqual(signatures.decode(text), data)
        self.assertEqual(signatures.decode(text.upper()), data)
        self.assertEqual(len(text), math.ceil(len(data) * 8 / 5))
        self.assertLessEqual(set(text), set(signatures.LETTERS))

    def test_mistaken_letters(self):
        self.assertFalse(set("ilou") & set(signatures.LETTERS))
        self.assertEqual(signatures.decode("ILOO"), signatures.decode("1100"))
        self.assertEqual(signatures.decode(""), b"")

    def test_what_is_no_code(self):
        for text in ("u0", "0", "000", "01", "0=", "=", "0 0", "é0", "-0", "0" * 2000):
            with self.subTest(text=text[:10]):
                self.assertIsNone(signatures.decode(text))

    @quick
    @given(st.one_of(header_text, st.text("019azAZilo=", max_size=20)))
    def test_one_value_has_one_spelling(self, text):
        data = signatures.decode(text)
        if data is not None:
            plain = text.lower().translate(str.maketrans("ilo", "110"))
            self.assertEqual(signatures.encode(data), plain)
