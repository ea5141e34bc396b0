import base64
import io
from dataclasses import dataclass, field

from psycopg2.extensions import ISQLQuote

from odoo import fields, models
from odoo.tools import SQL

from ..tools.mail.headers import START_BYTES, open_mail
from ..tools.runtime.memo import memo

#: So many bytes of a column are read or written at once; a multiple of 3, which four
#: letters of base64 are. On the way they take about five times the room.
PIECE = 3 * 256 * 1024
# What a column begins with that holds bytes; base64, which it held before, never does.
_MARK = b"\x00"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"

# The server setting lists only what this PostgreSQL was built with.
_HAS_LZ4 = """
    SELECT 'lz4' = ANY(enumvals)
      FROM pg_settings
     WHERE name = 'default_toast_compression'
"""
_COMPRESSION = """
    SELECT attcompression
      FROM pg_attribute
     WHERE attrelid = %s::regclass AND attname = %s
"""


class RawMail(fields.Binary):
    """A binary column that holds the bytes themselves, where other columns of Odoo's
    hold their base64: a third less, and text that compresses.

    In Odoo it is as any binary field, base64. PostgreSQL decodes what it is given:
    ``psycopg2.Binary`` writes two letters for each byte, so the statement, and the
    memory that it takes, would be larger.

    Columns that were written before 19.0.1.1.0 hold base64, and are read as well.

    Where PostgreSQL can (14 and later, as it is usually built), the column is
    compressed by LZ4: as small as by PostgreSQL's own way, in a third of the time.
    """

    def convert_to_column(self, value, record, values=None, validate=True):
        """Return what is written for some base64.

        :raises ValueError: when it is none
        """
        if not value:
            return None
        return _Decoded(value.encode("ascii") if isinstance(value, str) else value)

    def get_column_update(self, record):
        """Return what is written for the base64 that a record was given."""
        return self.convert_to_column(super().get_column_update(record), record)

    def convert_to_record(self, value, record):
        """Return base64 of what was read from the column."""
        if isinstance(value, memoryview):
            return base64.b64encode(value)
        return super().convert_to_record(value, record)

    def to_sql(self, model, alias):
        """Return the bytes of the column as ``SQL``."""
        return self.part_to_sql(alias, 0, None)

    def _column(self, alias):
        return SQL.identifier(alias, self.name, to_flush=self)

    def part_to_sql(self, alias, start, length):
        """Return a part of the column's bytes as ``SQL``. PostgreSQL unpacks no more
        of the column than that needs.

        :param start: where it begins, 0 for the first byte; a multiple of 3
        :param length: how many bytes it has at most, a multiple of 3, or None for all
        """
        column = self._column(alias)
        letters = None if length is None else length // 3 * 4
        return SQL(
            "CASE WHEN substring(%(column)s FROM 1 FOR 1) = %(mark)s THEN %(bytes)s"
            " ELSE decode(encode(%(letters)s, 'escape'), 'base64') END",
            column=column,
            mark=_MARK,
            bytes=_slice(column, len(_MARK) + start, length),
            letters=_slice(column, start // 3 * 4, letters),
        )

    def is_base64_to_sql(self, alias):
        """Return as ``SQL`` whether the column holds base64, as it did before
        19.0.1.1.0."""
        column = self._column(alias)
        return SQL("substring(%s FROM 1 FOR 1) <> %s", column, _MARK)

    def recode(self, model, ids):
        """Write the bytes where these rows of a table still hold base64."""
        table = SQL.identifier(model._table)
        name = SQL.identifier(self.name)
        model.env.execute_query(
            SQL(
                "UPDATE %s SET %s = %s || %s WHERE id IN %s AND %s",
                table,
                name,
                _MARK,
                self.to_sql(model, model._table),
                tuple(ids),
                self.is_base64_to_sql(model._table),
            )
        )

    def update_db_column(self, model, column):
        """Create the column, and let it be compressed by LZ4 where that is there."""
        super().update_db_column(model, column)
        cr = model.env.cr
        cr.execute(_HAS_LZ4)
        if cr.fetchone() != (True,):
            return
        cr.execute(_COMPRESSION, [f'"{model._table}"', self.name])
        # Changing it waits for whoever uses the table: only when it isn't so yet.
        if cr.fetchone() != ("l",):
            cr.execute(
                SQL(
                    "ALTER TABLE %s ALTER COLUMN %s SET COMPRESSION lz4",
                    SQL.identifier(model._table),
                    SQL.identifier(self.name),
                )
            )

    def read_bytes(self, record):
        """Return what is kept of a record, b"" without it: of what stands in the
        database, whoever asks.

        A large mail comes in pieces: in one, the answer of PostgreSQL and its copy
        take several times what is asked for. None of it is kept in the cache.
        """
        # It gives out what was written into it, without a copy.
        found, piece = io.BytesIO(), None
        while piece is None or len(piece) == PIECE:
            piece = self._read_piece(record, found.tell())
            found.write(piece)
        return found.getvalue()

    def join(self, record, pieces):
        """Write the bytes of rows, one behind the other, into the column of a record.
        None of them comes out of PostgreSQL.

        :param pieces: :class:`Pieces`
        :return: how many bytes it is
        """
        rows = pieces.records
        of_one = rows._fields[pieces.column].to_sql(rows, rows._table)
        ((written,),) = record.env.execute_query(
            SQL(
                "UPDATE %s SET %s = %s || (SELECT string_agg(%s, ''::bytea ORDER BY id)"
                " FROM %s WHERE id IN %s) WHERE id = %s RETURNING octet_length(%s)",
                SQL.identifier(record._table),
                SQL.identifier(self.name),
                _MARK,
                of_one,
                SQL.identifier(rows._table),
                rows._ids,
                record.id,
                SQL.identifier(self.name),
            )
        )
        record.invalidate_recordset([self.name], flush=False)
        return written - len(_MARK)

    def read_all(self, records, start=0, length=None):
        """Return {record: what is kept of it} of records, in one statement.

        :param start: as for :meth:`part_to_sql`
        :param length: as for :meth:`part_to_sql`
        """
        part = self.part_to_sql(records._table, start, length)
        rows = records.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                part,
                SQL.identifier(records._table),
                records.ids,
            )
        )
        found = {record_id: bytes(raw or b"") for record_id, raw in rows}
        return {record: found[record.id] for record in records if record.id in found}

    def _read_piece(self, record, start):
        """Return the bytes from ``start`` on, ``PIECE`` at most."""
        return self.read_all(record, start, PIECE).get(record, b"")


@dataclass(frozen=True)
class Pieces:
    """The bytes of a mail that stand in the database already, in rows of their own.

    ``records`` are the rows, one at least, in the order of the pieces, and ``column``
    is the name of their :class:`RawMail`. ``start`` is how the mail begins, with all of
    its header block: the bytes of the first ``begun`` rows. ``size`` are the bytes of
    the mail.
    """

    records: models.Model
    column: str
    start: bytes = field(repr=False)
    begun: int
    size: int

    @classmethod
    def of(cls, records, column, size):
        """Return the pieces of these rows."""
        read, start, begun = records._fields[column].read_bytes, io.BytesIO(), 0
        while begun < len(records) and start.tell() < START_BYTES:
            start.write(read(records[begun]))
            begun += 1
        return cls(records, column, start.getvalue(), begun, size)

    def open(self):
        """Return the ``headers.Opened`` of the mail."""
        return open_mail(self.start, self.rest)

    def rest(self):
        """Yield what follows ``start``: the bytes of one row after the other."""
        read = self.records._fields[self.column].read_bytes
        return map(read, self.records[self.begun :])


class Steps(fields.Json):
    """A list that grows step by step, as a trace does.

    Odoo copies the whole of a JSON value when it is read, and converts the whole when
    it is written. Here what is read is a list of its own, whose steps are for reading
    only, and a step that is added is converted alone.
    """

    def convert_to_record(self, value, record):
        """Return the steps in a list, False for none."""
        return list(value) if value else False

    def convert_to_cache(self, value, record, validate=True):
        """Return the steps as they are kept, None for none."""
        if isinstance(value, _Converted):
            return value
        return super().convert_to_cache(value, record, validate)

    def add(self, record, step):
        """Add a step to a record's, and nothing else: who has written on the record,
        and when, stays as it is.

        :param step: dict of what JSON can say
        """
        new = self.convert_to_cache([step], record)
        # As ``write`` does, but nothing computes a trace, nor is it what it was.
        steps = _Converted([*(record[self.name] or ()), *new])
        self._update_cache(record, steps, dirty=True)
        if any(_is_known(one, record.env) for one in self._dependents(record)):
            record.modified([self.name])

    def _dependents(self, record):
        """Return the fields that are computed from the steps. Odoo works them out anew
        for each step: a mail has many, and nobody looks at it meanwhile."""
        known = memo(record.env.cr, "dependents")
        if self not in known:
            known[self] = tuple(record.pool.get_dependent_fields(self))
        return known[self]


class OwnMany2many(fields.Many2many):
    """A list whose table is each model's own: an addon that makes a model of another
    (``_name`` and ``_inherit``) gets all its fields, and no table serves two.

    It is named after model and field, so a model can have several lists of one kind.
    """

    def setup_nonrelated(self, model):
        """Name the table."""
        self.relation = self.table_of(model)
        return super().setup_nonrelated(model)

    def table_of(self, model):
        """Return the name of the table for a model."""
        return f"{model._table}_{self.name.removesuffix('_ids')}_rel"


def _is_known(field, env):
    """Tell whether a computed field has a value that may have become wrong."""
    return field.store or bool(field._get_all_cache_ids(env))


class _Converted(list):
    """Steps of which each was converted before."""


class _Decoded:
    """Base64 that PostgreSQL decodes, as a value of a statement (psycopg2's protocol
    ``ISQLQuote``)."""

    def __init__(self, letters):
        if letters.translate(None, _LETTERS):
            raise ValueError("A raw mail is written as base64.")
        self._letters = letters

    def __conform__(self, protocol):
        """Return itself: it quotes itself."""
        return self if protocol is ISQLQuote else None

    def getquoted(self):
        """Return the SQL expression, as bytes."""
        return b"'\\x00'::bytea || decode('%s', 'base64')" % self._letters


def _slice(column, start, length):
    """Return as ``SQL`` the bytes of a column from ``start``, 0 for the first, on."""
    if length is None:
        return SQL("substring(%s FROM %s)", column, start + 1)
    return SQL("substring(%s FROM %s FOR %s)", column, start + 1, length)
