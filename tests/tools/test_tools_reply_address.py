from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import addresses, signatures
from odoo.addons.mail_catchall_router.tools.outbound import reply_address
from odoo.addons.mail_catchall_router.tools.outbound.reply_address import (
    BounceTarget,
    Target,
)

from .. import strategies
from ..strategies import given, header_text, quick, st

KEY, OLD_KEY = b"k" * 32, b"o" * 32
DATABASE, OTHER = "9f1c-database", "0000-database"

ids = st.integers(0, reply_address.MAX_ID)


def make(model_id=81, record_id=4711, readable="", key=KEY, database=DATABASE):
    return reply_address.make(key, database, model_id, record_id, "own.test", readable)


def read(address, keys=(KEY,), database=DATABASE):
    return reply_address.read(keys, database, address)


def replaced(address, at, letter):
    return address[:at] + letter + address[at + 1 :]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReplyAddress(BaseCase):
    """An address names its document to the database that made it, to no other."""

    def test_round_trip(self):
        address = make(readable="Đơn hàng #7: Nam & Co.")
        local = addresses.split(address)[0]
        self.assertTrue(local.startswith("don-hang-7-nam-co."))
        self.assertEqual(addresses.domain(address), "own.test")
        self.assertEqual(read(address), Target(81, 4711))

    def test_forms_in_which_it_comes_back(self):
        address = make(readable="order")
        local, host = addresses.split(address)
        token = local.rpartition(".")[2]
        for written in (
            address.upper(),
            f"Order <{address}>",
            f"{token}@{host}",
            f"other-name.{token}@{host}",
            f"reply+{token}@other.test",
            address.replace("0", "o").replace("1", "l"),
        ):
            with self.subTest(written=written):
                self.assertEqual(read(written), Target(81, 4711))

    def test_readable_part(self):
        for readable, expected in (
            ("", "reply"),
            ("***", "reply"),
            ("日本", "reply"),
            ("Hello\r\nBcc: x@y.test", "hello-bcc-x-y-test"),
            ("a.b@c", "a-b-c"),
        ):
            with self.subTest(readable=readable):
                local = addresses.split(make(readable=readable))[0]
                self.assertEqual(local.rpartition(".")[0], expected)

    def test_other_database(self):
        self.assertIsNone(read(make(), database=OTHER))
        self.assertIsNone(read(make(database=OTHER)))

    def test_rotation(self):
        old = make(key=OLD_KEY)
        self.assertEqual(read(old, keys=(KEY, OLD_KEY)), Target(81, 4711))
        self.assertIsNone(read(old))
        self.assertIsNone(read(old, keys=()))

    def test_a_bounce_address_is_no_reply_address(self):
        bounce = reply_address.make_bounce(KEY, DATABASE, 5, "a@b.test", "own.test")
        self.assertIsNone(read(bounce))
        self.assertIsNone(reply_address.read_bounce_address([KEY], DATABASE, make()))

    def test_another_document_cannot_be_named_with_the_same_signature(self):
        local, host = addresses.split(make(record_id=5))
        data = bytearray(signatures.decode(local.rpartition(".")[2]))
        self.assertEqual(data[-signatures.SIZE - 1], 5)
        data[-signatures.SIZE - 1] = 6
        self.assertIsNone(read(f"reply.{signatures.encode(bytes(data))}@{host}"))

    def test_signature_has_at_least_64_bits(self):
        self.assertGreaterEqual(signatures.SIZE, 8)

    def test_what_cannot_be_made(self):
        for model_id, record_id, host in (
            (-1, 1, "own.test"),
            (1, reply_address.MAX_ID + 1, "own.test"),
            (1, 1, ""),
            (1, 1, "own.test>, <x@y.test"),
        ):
            with self.assertRaises(ValueError):
                reply_address.make(KEY, DATABASE, model_id, record_id, host)

    @quick
    @given(ids, ids, st.text(max_size=80))
    def test_every_document_has_one(self, model_id, record_id, readable):
        address = make(model_id, record_id, readable)
        local, _host = addresses.split(address)
        self.assertLessEqual(len(local), 64)
        self.assertRegex(local, r"\A[a-z0-9][a-z0-9-]*\.[a-z0-9]+\Z")
        self.assertEqual(addresses.normalize(address), address)
        self.assertEqual(read(address), Target(model_id, record_id))
        self.assertTrue(reply_address.looks_like_reply_address(address))

    @quick
    @given(ids, ids, st.integers(6, 60), st.sampled_from(signatures.LETTERS))
    def test_no_letter_may_change(self, model_id, record_id, at, letter):
        address = make(model_id, record_id)
        at = min(at, address.index("@") - 1)
        if address[at] != letter:
            self.assertIsNone(read(replaced(address, at, letter)))

    @quick
    @given(st.binary(min_size=1, max_size=30))
    def test_nothing_is_believed_without_the_key(self, content):
        for mark in (b"\xb5", b"\xb6"):
            token = signatures.encode(mark + content)
            self.assertIsNone(read(f"reply.{token}@own.test"))

    @quick
    @given(st.one_of(header_text, strategies.addresses))
    def test_never_raises(self, text):
        self.assertIsNone(read(text))
        self.assertIsNone(reply_address.read_bounce_address([KEY], DATABASE, text))
        self.assertFalse(reply_address.looks_like_reply_address(text))

    def test_genuine_but_foreign_content(self):
        for body in (b"", b"\x01", b"\x01\x80", b"\x01\x02\x03", b"\xff" * 12):
            address = reply_address._address(
                "reply", KEY, DATABASE, body, "own.test", "x"
            )
            self.assertIsNone(read(address))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBounceAddress(BaseCase):
    """The bounce of a mail comes back with its number and its recipient."""

    def make(self, mail_id=5, recipient="lan@customer.test", **values):
        return reply_address.make_bounce(
            KEY, DATABASE, mail_id, recipient, "own.test", **values
        )

    def read_bounce(self, address, keys=(KEY,), database=DATABASE):
        return reply_address.read_bounce_address(keys, database, address)

    def test_round_trip(self):
        address = self.make(recipient="Lan <LAN@customer.test>")
        key = reply_address.recipient_key("lan@customer.test")
        self.assertTrue(address.startswith("b."))
        self.assertEqual(self.read_bounce(address.upper()), BounceTarget(5, key))
        plus = self.make(readable="bounce").replace(".", "+", 1)
        self.assertEqual(self.read_bounce(plus).mail_id, 5)

    def test_recipients_differ(self):
        self.assertNotEqual(self.make(), self.make(recipient="other@customer.test"))

    def test_not_ours(self):
        self.assertIsNone(self.read_bounce(self.make(), keys=[OLD_KEY]))
        self.assertIsNone(self.read_bounce(self.make(), database=OTHER))
        self.assertIsNone(self.read_bounce("bounce+5-res.partner-7@own.test"))
        self.assertIsNone(self.read_bounce("bounces+lan=customer.test@own.test"))

    @quick
    @given(ids, header_text)
    def test_every_mail_has_one(self, mail_id, recipient):
        address = self.make(mail_id, recipient)
        self.assertLessEqual(len(addresses.split(address)[0]), 64)
        target = self.read_bounce(address)
        expected = BounceTarget(mail_id, reply_address.recipient_key(recipient))
        self.assertEqual(target, expected)
        self.assertTrue(reply_address.looks_like_reply_address(address))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestShape(BaseCase):
    """Only what has the form of a signed address is kept from becoming a partner."""

    def test_people_and_machines(self):
        for address in (
            "",
            "lan@own.test",
            "nguyen.thi.hoang.yen.0123456789@own.test",
            "bounces+0123456789abcdef0123456789abcdef@own.test",
            "b." + "0" * 30 + "@own.test",
            "reply+0123456789abcdef0123456789abcdef01234567@github.example",
            "0100018a2b3c4d5e-6f708192-a3b4-c5d6-e7f8-091a2b3c4d5e-000000@ses.example",
        ):
            with self.subTest(address=address):
                self.assertFalse(reply_address.looks_like_reply_address(address))

    def test_forged_and_foreign(self):
        self.assertTrue(reply_address.looks_like_reply_address(make(key=OLD_KEY)))
        self.assertTrue(reply_address.looks_like_reply_address(make(database=OTHER)))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestProbeAddress(BaseCase):
    """An address of a round trip names its trip, and nobody can make one up."""

    def make(self, trip_id=7, nonce="n", key=KEY, database=DATABASE):
        return reply_address.make_probe(key, database, trip_id, nonce, "own.test")

    def trip_of(self, address, keys=(KEY,)):
        return reply_address.read_probe(keys, DATABASE, address)

    @quick
    @given(ids, header_text)
    def test_every_trip_has_one(self, trip_id, nonce):
        address = self.make(trip_id, nonce)
        self.assertEqual(self.trip_of(address.upper()), trip_id)
        self.assertLessEqual(len(addresses.split(address)[0]), reply_address.MAX_LOCAL)
        self.assertTrue(reply_address.looks_like_reply_address(address))

    def test_it_is_neither_a_document_nor_a_bounce(self):
        address = self.make()
        self.assertIsNone(read(address))
        self.assertIsNone(reply_address.read_bounce_address((KEY,), DATABASE, address))
        self.assertIsNone(self.trip_of(make()))

    def test_trips_with_one_number_differ(self):
        self.assertNotEqual(self.make(nonce="a"), self.make(nonce="b"))

    def test_not_ours(self):
        self.assertIsNone(self.trip_of(self.make(key=OLD_KEY)))
        self.assertEqual(self.trip_of(self.make(key=OLD_KEY), (KEY, OLD_KEY)), 7)
        self.assertIsNone(self.trip_of(self.make(database=OTHER)))
        self.assertIsNone(self.trip_of("probe@own.test"))

    @quick
    @given(st.integers(0, 40), st.sampled_from(signatures.LETTERS))
    def test_no_letter_may_change(self, at, letter):
        address = self.make()
        start = len("probe.") + at % (len(addresses.split(address)[0]) - len("probe."))
        changed = replaced(address, start, letter)
        expected = 7 if changed == address else None
        self.assertEqual(self.trip_of(changed), expected)
