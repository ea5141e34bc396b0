"""A header reader that reads what there is and never raises (RFC 5322 2.2).

Mail is journalled whatever its bytes are; this module gives the
journal and the router what they ask of a header block, well-formed or broken.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice
from typing import overload

from . import addresses
from .text import clean, decode_field, decode_twice, is_unicode, single_line

#: Longest header block that is read; what stands beyond it is left alone.
MAX_HEADER_BYTES = 1024 * 1024
#: So much of the beginning of a mail tells all that is read of it here.
START_BYTES = MAX_HEADER_BYTES + 64 * 1024
#: Most fields that are read of it; there are a hundred in a mail that came a long way.
MAX_FIELDS = 20_000
#: Of more than that the last ones are read all the same: a server may write there.
LAST_FIELDS = 200
#: Most message ids kept of one References header.
MAX_REFERENCES = 200
#: How long before its arrival a mail may have been written, and how long after it by a
#: clock in another time zone.
LONGEST_WAY = timedelta(days=5 * 365)
FASTEST_CLOCK = timedelta(days=1)
#: Longest single value of a summary (RFC 5322 2.1.1).
MAX_TEXT = 998

# One line and its end. `\r\r\n` is what gateways make of `\r\n`; it ends one line.
_LINE = re.compile(rb"([^\r\n]*)(\r{0,2}\n|\r|\Z)")
# RFC 5322 2.2 field name, 4.5.8 with white space before the colon; a byte order
# mark may stand before the first one.
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?([!-9;-~]+)[ \t]*:")
# Not "From :", which is the field with white space before its colon.
_MBOX_FROM = re.compile(rb">?From (?![ \t]*:)")
# Empty lines that an export has put before the mail, which begins like any other.
_BLANKS = re.compile(
    rb"(?:[ \t]*\r{0,2}\n)+(?=>?From |(?:Received|Return-Path|Delivered-To|X-[\w-]+"
    rb"|From|To|Subject|Date|Message-ID|MIME-Version)[ \t]*:)",
    re.IGNORECASE,
)
# What people and programs take for a space (in UTF-8, and in sets of one byte).
_OTHER_SPACES = re.compile(rb"(?:\xc2\xa0|\xe3\x80\x80|\xa0)+")
# What must follow where a line ends with a semicolon.
_PARAMETER = re.compile(rb"[A-Za-z0-9_*-]{1,60}[ \t]*=")
# Fields whose lines are joined although nothing folds them: they are read by people, or
# describe what is. In all others such a line could name somebody else.
_JOINED = re.compile(rb"subject|content-.*", re.IGNORECASE)
# A field as the standard has it (RFC 5322 2.2), with its folded lines.
_PLAIN_FIELD = re.compile(r"([!-9;-~]+):([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)\r?\n")
# What is no text in a header block, or text of another charset than it seems.
_UNUSUAL = re.compile(rb"[\0\x1b]")
# So long is a header block at most that is read at once.
_MOST_PLAIN = 32 * 1024
_BRACKETED_ID = re.compile(r"<([^<>]+)>")
_CHARSET = re.compile(rb"(?i)\bcharset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.-]{1,40})")
_WORD = re.compile(rb"=\?([A-Za-z0-9_.:-]{1,40})[*?]")
# How far into the body a charset is looked for.
_PEEKED = 8192
_PIECE = 1024 * 1024
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Field:
    """One header field: its name as written and its unfolded value."""

    name: str
    value: str


class Headers(Sequence[Field]):
    """The fields of one header block, top-down, immutable; names ignore case."""

    def __init__(self, fields: Iterable[Field] = ()) -> None:
        self._fields = tuple(fields)

    @overload
    def __getitem__(self, index: int) -> Field: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Field, ...]: ...

    def __getitem__(self, index: int | slice) -> Field | tuple[Field, ...]:
        return self._fields[index]

    def __len__(self) -> int:
        return len(self._fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self._fields!r})"

    @cached_property
    def _by_name(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for one in self._fields:
            found.setdefault(one.name.lower(), []).append(one.value)
        return {name: tuple(values) for name, values in found.items()}

    def get(self, name: str, default: str = "") -> str:
        """Return the topmost value of `name` that is not empty, or `default`."""
        return next(filter(None, self.get_all(name)), default)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return all values of `name`, top-down."""
        return self._by_name.get(name.lower(), ())

    def names(self) -> Iterable[str]:
        """Return the names of the fields in lower case, each once."""
        return self._by_name.keys()

    def decoded(self, name: str) -> str:
        """Return the topmost value of `name` as a person reads it, decoded, or ""."""
        return decode_twice(self.get(name))


@dataclass(frozen=True)
class Opened:
    """A mail whose header block is read, once for all who ask.

    `raw`: its bytes, or how they begin, the header block in any case; `rest` returns
    what follows them, in pieces. `body_at`: where in `raw` the body starts.
    """

    raw: bytes
    headers: Headers
    body_at: int
    rest: Callable[[], Iterable[bytes]] = tuple

    @cached_property
    def summary(self) -> "Summary":
        """What the journal shows of it."""
        return summarize(self.headers)

    def body_start(self, size: int) -> bytes:
        """Return the first `size` bytes of the body."""
        return self.raw[self.body_at : self.body_at + size]

    def body_pieces(self) -> Iterator[bytes]:
        """Yield the body in pieces: no second copy of it is in memory."""
        for start in range(self.body_at, len(self.raw), _PIECE):
            yield self.raw[start : start + _PIECE]
        yield from self.rest()


@dataclass(frozen=True)
class Summary:
    """What the journal shows of a mail; texts are decoded and bounded.

    `message_id` is as written, "" when missing. `date` is naive UTC, None when
    missing or unreadable. `sender`, `to` and `cc` are normalised bare addresses;
    the latter two are read only when they are asked for. `conversation` names the
    thread: the first id of References, else of In-Reply-To, else the mail's own id,
    else "".
    """

    headers: Headers = field(repr=False)
    message_id: str
    email_from: str
    sender: str
    subject: str
    date: datetime | None
    references: tuple[str, ...]
    in_reply_to: str
    conversation: str

    @cached_property
    def to(self) -> tuple[str, ...]:
        """The addresses of To."""
        return addresses.parse_list(", ".join(self.headers.get_all("To")))

    @cached_property
    def cc(self) -> tuple[str, ...]:
        """The addresses of Cc."""
        return addresses.parse_list(", ".join(self.headers.get_all("Cc")))


# ------------------------------------------------------------
# BYTES
# ------------------------------------------------------------


def parse_headers(raw: bytes) -> Headers:
    """Return the header fields of the mail `raw`; never raises, linear in its length.

    Line ends may be LF, CRLF or a bare CR. An mbox `From ` line, lines that are no
    field and continuation lines that continue nothing are skipped; in Subject and the
    fields of content, a line that is no field continues the one before (RFC 7103 7.2).
    Bytes that are not ASCII are read as UTF-8, else in the charset of the text, else as
    windows-1252 or Latin-1; NUL is removed.
    """
    return open_mail(raw).headers


def open_mail(raw: bytes, rest: Callable[[], Iterable[bytes]] = tuple) -> Opened:
    """Return the mail `raw` with its fields as of `parse_headers`.

    Of a mail that is too large to be in memory at once, `raw` is how it begins, at
    least START_BYTES, and `rest` returns what follows, in pieces, each time anew.
    """
    fields, body = _open_plain(raw) or _open_by_lines(raw)
    return Opened(raw, Headers(fields), body, rest)


def _open_plain(raw: bytes) -> tuple[list[Field], int] | None:
    """Return (fields, start of the body) of a mail whose header block is as the
    standard has it, as nearly all are; None of any other. To read it at once takes half
    the time.
    """
    end = raw.find(b"\n\r\n", 0, _MOST_PLAIN)
    other = raw.find(b"\n\n", 0, _MOST_PLAIN if end < 0 else end)
    end = (other if other >= 0 else end) + 1
    block = raw[:end]
    if not end or not block.isascii() or _UNUSUAL.search(block):
        return None
    text, at = block.decode("ascii"), 0
    fields: list[Field] = []
    for match in _PLAIN_FIELD.finditer(text):
        if match.start() != at:
            return None
        at, value = match.end(), match[2]
        if "\n" in value:
            value = value.replace("\r", "").replace("\n", "")
        fields.append(Field(match[1], value.strip()))
    return (fields, end + (1 if other >= 0 else 2)) if at == end else None


def _open_by_lines(raw: bytes) -> tuple[list[Field], int]:
    """Return (fields, start of the body) of any mail."""
    start, end, body = header_span(raw)
    charset = _charset_named(raw[start:end], raw[body : body + _PEEKED])
    fields = [
        Field(name.decode("ascii"), decode_field(b"".join(lines), charset).strip())
        for name, lines in _bounded_fields(raw, start, end)
    ]
    return fields, body


def split_raw(raw: bytes) -> tuple[bytes, bytes]:
    """Return (header block, body) of the mail `raw`, without the empty line between.

    Where that line is missing the body starts at the first line that cannot be
    part of a header.
    """
    start, end, body = header_span(raw)
    return raw[start:end], raw[body:]


def tidied(raw: bytes) -> bytes:
    """Return the mail `raw` with a header block that every parser reads alike.

    What `parse_headers` skips is gone, and the empty line before the body is there.
    """
    start, end, body = header_span(raw)
    fields = (
        name + b":" + b"\r\n".join(lines)
        for name, lines in _bounded_fields(raw, start, end)
    )
    return b"\r\n".join([*fields, b"", raw[body:]])


def header_span(raw: bytes) -> tuple[int, int, int]:
    """Return offsets in `raw`: start and end of the header block, start of the body."""
    start = end = _after_mbox_line(raw)
    limit = min(len(raw), start + MAX_HEADER_BYTES)
    is_open = False
    for line, at, after in _lines(raw, start, limit):
        if not line:
            return start, end, after
        is_asked = is_open and _PARAMETER.match(line)
        if not is_asked and not _belongs_to_header(line, raw, after):
            return start, end, at
        is_open = line.rstrip().endswith(b";")
        end = after
    return start, end, end


def _after_mbox_line(raw: bytes) -> int:
    blanks = _BLANKS.match(raw)
    start = blanks.end() if blanks else 0
    line = _LINE.match(raw, start) if _MBOX_FROM.match(raw, start) else None
    return line.end() if line else start


def _lines(raw: bytes, at: int, limit: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (line, offset, offset behind its line end) from `at` up to `limit`."""
    while at < limit and (match := _LINE.match(raw, at, limit)):
        yield match[1], at, match.end()
        at = match.end()


def _belongs_to_header(line: bytes, raw: bytes, after: int) -> bool:
    """Tell whether `line` is header: a field, a continuation, or junk before a field.

    A MIME boundary is neither, although part headers follow it.
    """
    if line[:1] in (b" ", b"\t") or _FIELD.match(line) or _MBOX_FROM.match(line):
        return True
    return not line.startswith(b"--") and bool(_FIELD.match(raw, after))


def _bounded_fields(
    raw: bytes, start: int, end: int
) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield the fields as `_field_lines` does: the first and the last of very many."""
    fields = _field_lines(_lines_within(raw, start, end))
    yield from islice(fields, MAX_FIELDS - LAST_FIELDS)
    yield from deque(fields, maxlen=LAST_FIELDS)


def _lines_within(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    return (line for line, _at, _after in _lines(raw, start, end))


def _field_lines(lines: Iterator[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield (name, value lines) of each field; junk ends the field before it, or
    continues it where it is one of `_JOINED`."""
    name = b""
    value: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            value.append(line)
            continue
        match = _FIELD.match(line)
        if not match and _JOINED.fullmatch(name) and not _MBOX_FROM.match(line):
            value.append(b" " + _OTHER_SPACES.sub(b"", line, count=1))
            continue
        if name:
            yield name, value
        name = match[1] if match else b""
        value = [line[match.end() :]] if match else []
    if name:
        yield name, value


def _charset_named(header: bytes, body: bytes) -> str:
    """Return the charset of the mail's first text that can be that of bytes which are
    not UTF-8, "" where nothing asks for it; encoded words name one too."""
    if header.isascii():
        return ""
    named = [*_CHARSET.findall(header), *_CHARSET.findall(body), *_WORD.findall(header)]
    names = (name.decode("ascii") for name in named)
    return next((name for name in names if not is_unicode(name)), "")


# ------------------------------------------------------------
# SUMMARY
# ------------------------------------------------------------


def summarize(headers: Headers) -> Summary:
    """Return the summary of a mail with these headers; never raises."""
    message_id = _own_id(headers.get("Message-ID"))
    references = _capped(message_ids(" ".join(headers.get_all("References"))))
    in_reply_to = next(iter(message_ids(headers.get("In-Reply-To"))), "")
    email_from, sender = addresses.readable_and_bare(
        headers.get("From") or headers.get("Sender")
    )
    return Summary(
        headers=headers,
        message_id=message_id,
        email_from=email_from,
        sender=sender,
        subject=headers.decoded("Subject")[:MAX_TEXT],
        date=parse_date(headers.get("Date")),
        references=references,
        in_reply_to=in_reply_to,
        conversation=next(iter(references), "") or in_reply_to or message_id,
    )


def message_ids(value: str) -> tuple[str, ...]:
    """Return the message ids in `value`, in angle brackets, each once (RFC 5322 3.6.4).

    Folded ids are joined; ids without brackets count only if none has them.
    """
    found = _BRACKETED_ID.findall(value) or _bare_ids(value)
    ids = (_SPACE.sub("", inner) for inner in found)
    return tuple(dict.fromkeys(f"<{inner}>"[:MAX_TEXT] for inner in ids if inner))


def parse_date(value: str) -> datetime | None:
    """Return the moment a Date header names, naive UTC; None when it names none.

    Moments before 1970 come from unset clocks and count as none.
    """
    try:
        moment = parsedate_to_datetime(value[:200])
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, TypeError, LookupError, OverflowError):
        return None
    return moment if moment.year >= 1970 else None


def is_plausible(moment: datetime, arrived: datetime) -> bool:
    """Tell whether a mail that arrived then can have been written at that moment.

    Clocks that nobody has set show years long past, or far ahead.
    """
    return arrived - LONGEST_WAY <= moment <= arrived + FASTEST_CLOCK


def _own_id(value: str) -> str:
    match = _BRACKETED_ID.search(value)
    return single_line(match[0] if match else value).strip()[:MAX_TEXT]


def _bare_ids(value: str) -> list[str]:
    words = clean(value).replace(",", " ").split()
    return [word.strip("<>") for word in words if "@" in word]


def _capped(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the root of the thread and its newest ids, so that both ends are kept."""
    if len(ids) <= MAX_REFERENCES:
        return ids
    return ids[:1] + ids[1 - MAX_REFERENCES :]
