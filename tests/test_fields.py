import base64
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models import fields as our_fields
from ..models.journal import mail_catchall_message as journal

LARGE = b"Subject: Large\r\n\r\n" + b"All the same words. " * 1000
# What PostgreSQL's catalogue calls LZ4, and what it calls its own default.
KEPT = {True: "lz4", False: "pglz"}


@contextmanager
def patch_piece(size):
    """Let any mail be read in pieces of so many bytes of the column."""
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
            for piece in (4, 7, 1000, len(raw) + 100):
                with self.subTest(size=len(raw), piece=piece), patch_piece(piece):
                    self.assertEqual(message._raw_bytes(), values["raw"])

    def test_base64_in_lines_is_read_too(self):
        router = self.env["mail.catchall.router"].create({"name": "Raw"})
        message = self.env["mail.catchall.message"]._journal(router, [{"raw": LARGE}])
        message.raw = base64.encodebytes(LARGE)
        with patch_piece(1001):
            self.assertEqual(message._raw_bytes(), LARGE)
        message.raw = False
        self.assertEqual(message._raw_bytes(), b"")
