import base64
import copy
from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..models import fields as our_fields
from ..models.journal import mail_catchall_message as journal
from ..models.journal import message_keep as keep

LARGE = b"Subject: Large\r\n\r\n" + b"All the same words. " * 1000
# What PostgreSQL's catalogue calls LZ4, and what it calls its own default.
KEPT = {True: "lz4", False: "pglz"}


@contextmanager
def patch_piece(size):
    """Let any mail be read in pieces of so many bytes, a multiple of 3."""
    with (
        patch.object(our_fields, "PIECE", size),
        patch.object(journal, "LARGE", -1),
    ):
        yield


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRawMail(TransactionCase):
    """The column of raw mails."""

    def query(self, query, *values):
        self.env.cr.execute(query, values)
        return self.env.cr.fetchone()

    def test_large_mails_are_compressed_by_what_is_fast_where_it_is_there(self):
        # PostgreSQL 14 and later, built with it, lists it for its own setting.
        can = self.query(
            "SELECT count(*) = 1 FROM pg_settings"
            " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
        )[0]
        router = self.env["mail.catchall.router"].create({"name": "Raw"})
        message = self.env["mail.catchall.message"]._journal(router, [{"raw": LARGE}])
        self.env.flush_all()
        kept, size = self.query(
            "SELECT pg_column_compression(raw), pg_column_size(raw)"
            " FROM mail_catchall_message WHERE id = %s",
            message.id,
        )
        self.assertEqual(kept, KEPT[can])
        self.assertLess(size, len(LARGE))
        self.env.invalidate_all()
        self.assertEqual(message._raw_bytes(), LARGE)
        self.assertEqual(base64.b64decode(message.raw), LARGE)

    def test_a_mail_is_read_whole_however_many_pieces_it_comes_in(self):
        router = self.env["mail.catchall.router"].create({"name": "Raw"})
        for raw in (b"", b"S", LARGE, LARGE[:-1], LARGE[:-2]):
            values = {"raw": b"Subject: Pieces\r\n\r\n" + raw}
            message = self.env["mail.catchall.message"]._journal(router, [values])
            for piece in (3, 9, 999, (len(raw) + 100) // 3 * 3):
                with self.subTest(size=len(raw), piece=piece), patch_piece(piece):
                    self.assertEqual(message._raw_bytes(), values["raw"])

    def test_base64_in_lines_is_read_too(self):
        router = self.env["mail.catchall.router"].create({"name": "Raw"})
        message = self.env["mail.catchall.message"]._journal(router, [{"raw": LARGE}])
        message.raw = base64.encodebytes(LARGE)
        with patch_piece(1002):
            self.assertEqual(message._raw_bytes(), LARGE)
        message.raw = False
        self.assertEqual(message._raw_bytes(), b"")

    def test_the_column_holds_the_bytes_themselves(self):
        message = self.kept(LARGE)
        self.assertEqual(self.column_of(message), b"\x00" + LARGE)
        self.assertEqual(message._raw_bytes(), LARGE)
        shown = message.with_context(bin_size=True)
        shown.invalidate_recordset(["raw"])
        self.assertEqual(shown.raw, "20 kB")

    def test_every_byte_is_kept(self):
        raw = bytes(range(256)) * 3 + b"'\\%s%%"
        message = self.kept(raw)
        self.assertEqual(message._raw_bytes(), raw)
        self.assertEqual(message.read(["raw"])[0]["raw"], base64.b64encode(raw))

    def test_what_is_no_base64_is_refused(self):
        message = self.kept(LARGE)
        for value in (b"a');--", "a');--", b"\\x00"):
            with self.subTest(value=value), self.assertRaises(ValueError):
                message.raw = value
                message.flush_recordset()
            message.invalidate_recordset(flush=False)
        self.assertEqual(message._raw_bytes(), LARGE)

    def test_base64_of_a_former_version_is_read_everywhere(self):
        for raw in (LARGE, LARGE[:-1], LARGE[:-2], b"S"):
            message = self.as_before(self.kept(raw))
            with self.subTest(size=len(raw)):
                self.assertEqual(message._raw_bytes(), raw)
                self.assertEqual(base64.b64decode(message.raw), raw)
                for piece in (3, 999, 30000):
                    with patch_piece(piece):
                        self.assertEqual(message._raw_bytes(), raw)
                trial = self.env["mail.catchall.rule"]._read_raw
                self.assertEqual(trial(message), raw)
                self.assertEqual(trial(message, 48), raw[:48])
                now = self.kept(raw)
                self.assertEqual(
                    message._snippets()[message.id],
                    now._snippets()[now.id],
                )

    def test_a_former_mail_that_is_written_anew_holds_bytes(self):
        message = self.as_before(self.kept(LARGE))
        message.raw = base64.b64encode(b"Subject: Whole\r\n\r\n")
        self.assertEqual(self.column_of(message), b"\x00Subject: Whole\r\n\r\n")
        self.assertEqual(message._raw_bytes(), b"Subject: Whole\r\n\r\n")
        self.as_before(message).raw = False
        self.assertEqual(message._raw_bytes(), b"")

    def test_former_mail_is_recoded_some_at_a_time_from_the_newest_on(self):
        raws = [b"Subject: %d\r\n\r\n" % number for number in range(7)]
        former = self.as_before(self.kept(*raws))
        former[3].raw = False
        later = self.kept(LARGE)
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param(keep.RECODED_PARAMETER, former[-1].id + 1)
        with patch.object(keep, "RECODED_AT_ONCE", 4):
            count, more = former._gc_recode()
            self.assertEqual((count, more), (4, True))
            self.assertEqual(
                [self.column_of(one)[:1] == b"\x00" for one in former if one.raw],
                [False] * 2 + [True] * 4,
            )
            # Who is killed here goes on with those that are left.
            while former._gc_recode()[1]:
                pass
        self.assertFalse(parameters.get_param(keep.RECODED_PARAMETER))
        self.assertEqual(former._gc_recode(), (0, False))
        raws[3] = b""
        self.assertEqual([one._raw_bytes() for one in former], raws)
        self.assertEqual(later._raw_bytes(), LARGE)
        for one in former - former[3]:
            self.assertEqual(self.column_of(one)[:1], b"\x00")

    def kept(self, *raws):
        """Return the messages of these mails, none of them in the cache."""
        router = self.env["mail.catchall.router"].create({"name": "Raw"})
        mails = [{"raw": raw} for raw in raws]
        messages = self.env["mail.catchall.message"]._journal(router, mails)
        messages.flush_recordset()
        messages.invalidate_recordset()
        return messages

    def as_before(self, messages):
        """Return these messages with their mail kept as a former version did."""
        messages.flush_recordset()
        for one in messages:
            self.env.cr.execute(
                "UPDATE mail_catchall_message SET raw = %s WHERE id = %s",
                [base64.b64encode(one._raw_bytes()), one.id],
            )
        messages.invalidate_recordset()
        return messages

    def column_of(self, message):
        """Return the bytes that stand in the database."""
        message.flush_recordset()
        return bytes(
            self.query(
                "SELECT raw FROM mail_catchall_message WHERE id = %s", message.id
            )[0]
        )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestOwnMany2many(TransactionCase):
    """OCA's mail_gateway makes a model of the window in which people write."""

    def test_the_tables_have_the_names_that_they_had(self):
        for model in ("mail.compose.message", "mail.message"):
            for kind in ("cc", "bcc"):
                field = self.env[model]._fields[f"catchall_{kind}_ids"]
                table = f"{model.replace('.', '_')}_catchall_{kind}_rel"
                self.assertEqual(field.relation, table)

    def test_a_model_that_is_made_of_it_has_its_own_table(self):
        field = self.env["mail.compose.message"]._fields["catchall_bcc_ids"]
        copied = copy.copy(field)
        other = self.env["res.partner"]
        with patch.object(fields.Many2many, "setup_nonrelated") as setup:
            copied.setup_nonrelated(other)
        self.assertEqual(copied.relation, "res_partner_catchall_bcc_rel")
        setup.assert_called_once_with(other)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSteps(TransactionCase):
    """A trace grows step by step."""

    def setUp(self):
        super().setUp()
        router = self.env["mail.catchall.router"].create({"name": "Steps"})
        Message = self.env["mail.catchall.message"]
        self.message = Message._journal(router, [{"raw": LARGE}])
        self.field = Message._fields["trace"]

    def stored(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.message.trace

    def test_steps_are_added_to_what_is_there(self):
        self.assertFalse(self.message.trace)
        self.field.add(self.message, {"step": "one"})
        self.assertEqual(self.stored(), [{"step": "one"}])
        self.field.add(self.message, {"step": "two", "pair": (1, 2)})
        self.field.add(self.message, {"step": "three"})
        expected = [
            {"step": "one"},
            {"step": "two", "pair": [1, 2]},
            {"step": "three"},
        ]
        self.assertEqual(self.message.trace, expected)
        self.assertEqual(self.stored(), expected)
        self.message.trace = expected[1:]
        self.assertEqual(self.stored(), expected[1:])

    def test_what_is_read_is_a_list_of_its_own(self):
        self.field.add(self.message, {"step": "one"})
        self.message.trace.append({"step": "two"})
        self.assertEqual(self.message.trace, [{"step": "one"}])

    def test_a_new_step_is_seen_in_words_at_once(self):
        self.message._note("hold", "no_recipient")
        before = self.message.why
        self.message._note("hold", "too_slow", seconds=60)
        self.assertIn("60", self.message.why)
        self.assertNotEqual(self.message.why, before)
