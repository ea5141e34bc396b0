import contextlib
import time
from unittest.mock import patch

from odoo.tests import BaseCase, TransactionCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import mbox, simplified
from odoo.addons.mail_catchall_router.tools.runtime import batches, time_limit

from ..strategies import given, quick, st


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBatches(BaseCase):
    @quick
    @given(st.lists(st.integers(0, 50)), st.integers(1, 9), st.integers(1, 60))
    def test_batches_are_bounded_and_lose_nothing(self, sizes, count, volume):
        found = list(batches.batches(sizes, int, count, volume))
        self.assertEqual([size for batch in found for size in batch], sizes)
        for batch in found:
            self.assertLessEqual(len(batch), count)
            self.assertTrue(sum(batch) <= volume or len(batch) == 1)

    def test_the_source_is_read_no_further_than_needed(self):
        source = iter(range(1, 10))
        next(batches.batches(source, int, 2, 100))
        self.assertEqual(next(source), 4)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMbox(BaseCase):
    def test_one_mail_is_one_mail(self):
        raw = b"Subject: one\r\n\r\nFrom here on\r\n"
        self.assertEqual(mbox.split_mbox(raw), [raw])

    def test_an_mbox_is_split_and_unquoted(self):
        data = (
            b"From a@b.example Mon Nov 23 08:00:00 2026\n"
            b"Subject: one\n\nText\n>From the start\nFrom inside\n\n"
            b"From a@b.example Mon Nov 23 08:00:00 2026\n"
            b"Subject: two\n\nText\n"
        )
        first, second = mbox.split_mbox(data)
        self.assertEqual(first, b"Subject: one\n\nText\nFrom the start\nFrom inside\n")
        self.assertEqual(second, b"Subject: two\n\nText")

    def test_what_has_no_header_is_no_mail(self):
        self.assertEqual(mbox.split_mbox(b"\x00\x01just bytes"), [])

    @quick
    @given(st.binary(max_size=2000))
    def test_no_bytes_raise(self, data):
        mbox.split_mbox(b"From " + data)
        mbox.split_mbox(data)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSimplified(BaseCase):
    def test_text_sender_and_original_survive(self):
        raw = (
            b'From: "Lan" <lan@customer.example>\r\nTo: sales@company.test\r\n'
            b"Subject: A\x00B\r\nContent-Type: text/plain; charset=no-such\r\n\r\n"
            b"Hello\x00 there\r\n"
        )
        message = simplified.simplify(raw, "<one@customer.example>", "A note.")
        self.assertIn("lan@customer.example", message["From"])
        self.assertEqual(message["Message-ID"], "<one@customer.example>")
        body, original = message.iter_parts()
        self.assertIn("A note.", body.get_content())
        self.assertIn("there", body.get_content())
        self.assertEqual(original.get_content(), raw)

    def test_a_broken_encoded_word_can_be_written_again(self):
        raw = b"Subject: \xff\xff =?utf-8?q?=C3=In-Reply-To: e-\r\n\r\nText\r\n"
        message = simplified.simplify(raw, "<one@customer.example>", "A note.")
        self.assertTrue(message["Subject"].startswith("\xff\xff"))
        # Python 3.13 writes what it could read, those before it a sign for each letter.
        written = rb"Subject: (\?\?|=\?utf-8\?q\?=C3=BF=C3=BF\?=)"
        self.assertRegex(message.as_bytes(), written)

    def test_a_recipient_that_the_standard_library_cannot_read_is_kept(self):
        raw = b"To: lan@own.test, .binh@own.test\r\n\r\nText\r\n"
        message = simplified.simplify(raw, "<one@customer.example>", "A note.")
        self.assertEqual(message["To"], "lan@own.test, .binh@own.test")
        self.assertIn(b"To: lan@own.test, .binh@own.test\r\n", message.as_bytes())

    @quick
    @given(st.binary(max_size=3000))
    def test_no_bytes_raise_and_none_are_lost(self, raw):
        message = simplified.simplify(raw, "<one@customer.example>", "A note.")
        _body, original = message.iter_parts()
        self.assertEqual(original.get_content(), raw)
        message.as_bytes()

    def test_what_no_document_can_store_is_left_out(self):
        values = {"date": "102-07-18 20:51:35", "body": "a\0b", "attachments": []}
        self.assertEqual(simplified.storable(values), {"body": "ab", "attachments": []})
        values = {"date": "2026-11-23 08:00:00"}
        self.assertEqual(simplified.storable(values), values)

    def test_without_a_subject_mail_and_sender_get_a_name(self):
        values = {"subject": "Hi", "from": "lan@customer.example"}
        self.assertEqual(simplified.named(values, "None"), values)
        self.assertEqual(
            simplified.named({"from": "lan@customer.example"}, "None"),
            {
                "subject": "None",
                "from": '"lan@customer.example" <lan@customer.example>',
            },
        )
        values = {"subject": " ", "from": '"Lan" <lan@customer.example>'}
        self.assertEqual(simplified.named(values, "None"), dict(values, subject="None"))
        self.assertEqual(simplified.named({}, "None"), {"subject": "None"})

    def test_nul_is_taken_out_of_text_only(self):
        self.assertEqual(simplified.without_nul("a\0b"), "ab")
        self.assertEqual(simplified.without_nul([1]), [1])


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWatchdog(TransactionCase):
    def test_python_code_is_stopped(self):
        with (
            self.assertRaises(time_limit.TimeLimitExceeded),
            time_limit.time_limit(self.env.cr, 1),
        ):
            while True:
                time.sleep(0.01)

    def test_what_catches_exceptions_does_not_catch_it(self):
        self.assertFalse(issubclass(time_limit.TimeLimitExceeded, Exception))

    def test_a_swallowed_alarm_rings_at_the_end(self):
        with (
            self.assertRaises(time_limit.TimeLimitExceeded),
            time_limit.time_limit(self.env.cr, 1),
            contextlib.suppress(time_limit.TimeLimitExceeded),
        ):
            until = time.monotonic() + 3
            while time.monotonic() < until:
                time.sleep(0.01)

    def test_an_alarm_that_never_rang_is_not_taken_back(self):
        with patch.object(time_limit._Alarm, "_raise_in_thread") as raised:
            with time_limit.thread_limit(30):
                pass
            raised.assert_not_called()

    def test_what_is_quick_is_left_alone(self):
        with time_limit.time_limit(self.env.cr, 30):
            pass
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], "0")
