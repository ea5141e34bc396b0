"""A mailbox read by UID (RFC 3501, RFC 6851, RFC 4315).

The functions work on a connection of `imaplib` that somebody else has opened
and logged in. They look without touching: `\\Seen` is set only by `mark_seen`, and
nothing is ever expunged but the mails that were named.

What the server refuses becomes a `MailboxError` with its own words; a connection
that is gone raises what the standard library raises (`IMAP4.abort`, `OSError`).
"""

import base64
import imaplib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from . import bounds

#: What FETCH tells of one mail: {name: value}.
Attributes = dict[str, Any]
#: A method of a connection that sends a command and returns (status, data).
Method = Callable[..., tuple[str, list[Any]]]

#: Mails of one UID FETCH, so that memory stays bounded; see `bounds.CHUNK_BYTES`.
CHUNK_COUNT = 100
#: A size that is believed: what is more than a column of the database can hold is none.
MOST_SIZE = 2**31 - 1
#: The highest number that a mail can have (RFC 3501 2.3.1.1).
MAX_UID = 2**32 - 1
#: Header bytes fetched of a mail that is too large.
HEADER_BYTES = 1024 * 1024
#: Mails of one SEARCH: `imaplib` refuses lines over 1,000,000 bytes and a UID
#: takes up to 11.
SEARCH_COUNT = 50_000
#: Characters of one UID set (RFC 7162 4 asks clients to stay under 8,192 in all).
SET_LENGTH = 4000
SIZES_COUNT = 1000
WHOLE_PART = "BODY.PEEK[]"
HEADER_PART = f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"

_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_INTERNAL_DATE = re.compile(
    r"\s?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"
)
_TOKEN = re.compile(
    rb'"((?:[^"\\]|\\.)*)"'  # quoted string
    rb"|([()])"
    # BODY[HEADER]<0>; some say what was asked for, BODY[HEADER]<0.99>
    rb"|([A-Za-z0-9.]+\[[^\]]*\](?:<\d+(?:\.\d+)?>)?)"
    rb'|([^\s()"]+)'
)
# RFC 5530 3, and what providers write.
_FOR_NOW = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA)\]|temporar|try again|throttl|time.?out",
    re.IGNORECASE,
)
_LITERAL_MARK = re.compile(rb"~?\{\d+\}\Z")
# A line of LIST: (attributes) delimiter name (RFC 3501 7.2.2).
_LISTED = re.compile(rb'\s*\(([^)]*)\)\s+(?:NIL|"(?:[^"\\]|\\.)*")\s+(.*)', re.DOTALL)
# The first of the personal namespaces: (("INBOX." ".")) and what follows (RFC 2342 6).
_PERSONAL = re.compile(rb'\(\(("(?:[^"\\]|\\.)*")')
_UNSEEN = re.compile(r"\bUNSEEN\s+(\d{1,18})\b", re.IGNORECASE)
_UIDNEXT = re.compile(r"\(UIDNEXT\s+(\d{1,10})\)", re.IGNORECASE)
# Fields of RFC 2971 3.3.
_IDENTITY = '("name" "Odoo" "version" "19.0" "vendor" "Catch-all Mail Router")'
_UTF7_PART = re.compile(r"&([^-]*)-")
_PLAIN_RUN = re.compile(r"[\x20-\x25\x27-\x7e]+|&|[^\x20-\x7e]+")


class MailboxError(Exception):
    """The server refused; the message is what it said."""


@dataclass(frozen=True)
class FolderStatus:
    """What the server said when the folder was opened (RFC 3501 2.3.1.1).

    When it has not told `uidnext`, that is one more than the highest UID there is:
    lower than the server's own when the last mails were removed.
    """

    uidvalidity: int
    uidnext: int
    exists: int
    tells_uidnext: bool = True


@dataclass(frozen=True)
class FolderName:
    """A folder that the server has.

    `name` is as people write it; `flags` are its attributes in lower case (RFC 6154).
    """

    name: str
    flags: frozenset[str]


@dataclass(frozen=True)
class Fetched:
    """One mail of an IMAP folder.

    `internal_date` is naive UTC, None when unreadable. `size` is in bytes. When
    not `complete`, `raw` holds the headers only, or nothing if the server could
    not give even those.
    """

    uid: int
    raw: bytes
    internal_date: datetime | None
    flags: tuple[str, ...]
    size: int
    complete: bool


# ------------------------------------------------------------
# FOLDERS
# ------------------------------------------------------------


def select_folder(
    connection: imaplib.IMAP4, name: str, readonly: bool = False
) -> FolderStatus:
    """Open the folder `name` (any characters) and return its UID state.

    `uidvalidity` is 0 where the server has none. Raises MailboxError when the folder is
    missing or, unless `readonly`, cannot be written.
    """
    try:
        _command(connection, connection.select, quote_folder(name), readonly)
    except MailboxError as error:
        if not _introduced(connection, str(error)):
            raise
        _command(connection, connection.select, quote_folder(name), readonly)
    exists = _exists(connection)
    uidvalidity = _status_number(connection, "UIDVALIDITY")
    told = _status_number(connection, "UIDNEXT") or _ask_uidnext(connection, name)
    uidnext = told or _derive_uidnext(connection, exists)
    return FolderStatus(uidvalidity, uidnext, exists, bool(told))


def _introduced(connection: imaplib.IMAP4, words: str) -> bool:
    """Tell the server who we are (RFC 2971) if that is what it wants.

    NetEase (163.com, 126.com and its business mail) opens no folder for a program that
    has not said its name: "SELECT Unsafe Login. Please contact kefu@188.com".
    """
    if "unsafe login" not in words.lower() or "ID" not in _capabilities(connection):
        return False
    accepted, _data = _ask(connection, connection.xatom, "ID", _IDENTITY)
    return accepted


def list_folders(connection: imaplib.IMAP4) -> list[FolderName]:
    """Return the folders that can be opened, as the server lists them."""
    data = _command(connection, connection.list)
    listed = (_listed(item) for item in data)
    return [one for one in listed if one and "\\noselect" not in one.flags]


def _listed(item: bytes | tuple[bytes, bytes]) -> FolderName | None:
    """Return one folder of LIST; a name sent as a literal is beside the line."""
    line, literal = item if isinstance(item, tuple) else (item, None)
    listed = _LISTED.fullmatch(line or b"")
    if not listed:
        return None
    name = unquote_folder(listed[2] if literal is None else literal)
    return FolderName(name, frozenset(text_of(listed[1]).lower().split()))


def quote_folder(name: str) -> str:
    """Return a folder name as a quoted string in modified UTF-7 (RFC 3501 5.1.3)."""
    encoded = "".join(map(_utf7_run, _PLAIN_RUN.findall(name)))
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote_folder(name: bytes) -> str:
    """Return a folder name that the server wrote, quoted or not, in modified UTF-7.

    What is not such stays as it is.
    """
    quoted = re.fullmatch(rb'\s*"((?:[^"\\]|\\.)*)"\s*', name, re.DOTALL)
    plain = re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else name
    return _UTF7_PART.sub(_utf7_text, text_of(plain))


def _utf7_text(part: re.Match[str]) -> str:
    if not part[1]:
        return "&"
    padded = part[1].replace(",", "/") + "=" * (-len(part[1]) % 4)
    try:
        return base64.b64decode(padded, validate=True).decode("utf-16-be")
    except ValueError:
        return str(part[0])


def list_special(connection: imaplib.IMAP4, use: str) -> list[str]:
    """Return the folders that have a special use, such as `\\Junk` (RFC 6154)."""
    return [one.name for one in list_folders(connection) if use.lower() in one.flags]


def count_unseen(connection: imaplib.IMAP4, folder: str) -> int:
    """Return how many unread mails a folder has, unopened (RFC 3501 6.3.10)."""
    data = _command(connection, connection.status, quote_folder(folder), "(UNSEEN)")
    counted = _UNSEEN.search(_words(data))
    return int(counted[1]) if counted else 0


def _utf7_run(run: str) -> str:
    if run == "&":
        return "&-"
    if " " <= run[0] <= "~":
        return run
    data = base64.b64encode(run.encode("utf-16-be", "replace")).decode("ascii")
    return f"&{data.rstrip('=').replace('/', ',')}-"


def _status_number(connection: imaplib.IMAP4, code: str) -> int:
    _code, data = connection.response(code)
    return number_in(data[-1]) if data else 0


def _exists(connection: imaplib.IMAP4) -> int:
    """Return how many mails the open folder has, by the server's latest word."""
    counts = connection.untagged_responses.get("EXISTS") or [b"0"]
    return number_in(counts[-1])


def _ask_uidnext(connection: imaplib.IMAP4, name: str) -> int:
    """Return the UIDNEXT of a folder, 0 where the server doesn't tell that either.

    Courier IMAP tells it here and not when the folder is opened.
    """
    _accepted, data = _ask(
        connection, connection.status, quote_folder(name), "(UIDNEXT)"
    )
    told = _UIDNEXT.search(_words(data))
    return int(told[1]) if told else 0


def _derive_uidnext(connection: imaplib.IMAP4, exists: int) -> int:
    """Return one more than the highest UID there is; for servers that do not tell."""
    return max(_search(connection, "UID *"), default=0) + 1 if exists else 1


# ------------------------------------------------------------
# LISTING
# ------------------------------------------------------------


def list_uids(
    connection: imaplib.IMAP4,
    after: int = 0,
    unseen_only: bool = False,
    below: int | None = None,
) -> list[int]:
    """Return the UIDs of the open folder above `after` and below `below`, ascending.

    Right also where `n:*` answers the last mail although its UID is smaller than
    `n` (RFC 3501 6.4.8), and for folders of any size.
    """
    if below is not None and below <= after + 1:
        return []
    found: set[int] = set()
    for low, high in _windows(connection, after, below):
        keys = [f"UID {low}:{high}", *(["UNSEEN"] if unseen_only else [])]
        found.update(_search(connection, *keys))
    return sorted(uid for uid in found if after < uid and _is_below(uid, below))


def _windows(
    connection: imaplib.IMAP4, after: int, below: int | None
) -> Iterator[tuple[int, str]]:
    """Yield UID ranges that hold at most SEARCH_COUNT mails each."""
    low = after + 1
    for edge in _edges(connection):
        if low <= edge and _is_below(edge, below):
            yield low, str(edge)
            low = edge + 1
    yield low, "*" if below is None else str(below - 1)


def _edges(connection: imaplib.IMAP4) -> list[int]:
    """Return the UID of every SEARCH_COUNT-th mail.

    Ranges of sequence numbers would shift when another client expunges in between,
    and mails would be missed; UIDs stay.
    """
    numbers = range(SEARCH_COUNT, _exists(connection), SEARCH_COUNT)
    edges: set[int] = set()
    for number in numbers:
        # Refused when expunges have made the folder smaller meanwhile.
        accepted, data = _ask(connection, connection.fetch, str(number), "(UID)")
        edges.update(_by_uid(data) if accepted else ())
    return sorted(edges)


def _search(connection: imaplib.IMAP4, *keys: str) -> list[int]:
    data = _command(connection, connection.uid, "SEARCH", *keys)
    found = (number_in(word) for line in data if line for word in line.split())
    return [uid for uid in found if 0 < uid <= MAX_UID]


def _is_below(uid: int, below: int | None) -> bool:
    return below is None or uid < below


def newest_uids(
    connection: imaplib.IMAP4, status: FolderStatus, count: int
) -> list[int]:
    """Return the UIDs of the newest mails of the open folder, ascending.

    They are at most `count`.
    """
    after = max(0, status.uidnext - 1 - count)
    return list_uids(connection, after=after)[-count:]


# ------------------------------------------------------------
# FETCHING
# ------------------------------------------------------------


def fetch_headers(connection: imaplib.IMAP4, uids: Iterable[int]) -> dict[int, bytes]:
    """Return the header of each of these mails that is still there, by UID."""
    found = _fetch_parts(connection, uids, HEADER_PART, HEADER_BYTES)
    return {uid: _body(answer) or b"" for uid, answer in found.items()}


def fetch_sizes(connection: imaplib.IMAP4, uids: Iterable[int]) -> dict[int, int]:
    """Return the size in bytes of each mail that is still there, by UID.

    It is 0 where the server refuses to tell.
    """
    sizes: dict[int, int] = {}
    for uid_set in uid_sets(uids, SIZES_COUNT):
        found, refused = _fetch(connection, uid_set, "RFC822.SIZE")
        if refused:
            # Refused is not gone: a mail counts as gone only if SEARCH says so.
            sizes.update(dict.fromkeys(_search(connection, f"UID {uid_set}"), 0))
        sizes.update({uid: _size_in(answer) for uid, answer in found.items()})
    return sizes


def _size_in(attributes: Attributes) -> int:
    return min(number_in(attributes.get("RFC822.SIZE")), MOST_SIZE)


def chunks(
    sizes: Mapping[int, int],
    *,
    max_size: int,
    chunk_bytes: int = bounds.CHUNK_BYTES,
    chunk_count: int = CHUNK_COUNT,
) -> Iterator[dict[int, int]]:
    """Yield mails to fetch together as {uid: size}, in the order of `sizes`.

    A mail larger than `max_size` bytes is alone.
    """
    chunk: dict[int, int] = {}
    for uid, size in sizes.items():
        full = len(chunk) >= chunk_count or sum(chunk.values()) + size > chunk_bytes
        if chunk and (full or size > max_size):
            yield chunk
            chunk = {}
        chunk[uid] = size
        if size > max_size:
            yield chunk
            chunk = {}
    if chunk:
        yield chunk


def fetch_messages(
    connection: imaplib.IMAP4, sizes: Mapping[int, int], *, max_size: int
) -> Iterator[Fetched]:
    """Yield the mails of a chunk, in its order, without marking them as read.

    If one is larger than `max_size` bytes, only the headers are fetched. UIDs that
    are gone are left out. A mail that the server has but does not give is yielded
    with what could be had and `complete` False, so that it holds up no other.
    """
    too_large = any(size > max_size for size in sizes.values())
    part = HEADER_PART if too_large else WHOLE_PART
    found = _fetch_parts(connection, sizes, part, sum(sizes.values()))
    for uid, size in sizes.items():
        if uid in found:
            yield _fetched(uid, found.pop(uid), size, not too_large)
        else:
            yield from _fetch_alone(connection, uid, too_large)


def fetch_part(
    connection: imaplib.IMAP4, uid: int, start: int, count: int
) -> Fetched | None:
    """Return `count` bytes of a mail from `start` on (RFC 3501 6.4.5).

    It is `complete` when the mail may go on behind them no more: the part is shorter
    than what was asked for, or it is the rest of a whole mail that a server gives who
    knows no parts. Such a server may say that it is the part (imap.exmail.qq.com):
    more than was asked for is all. None when the server refuses, or the mail is gone.
    Raises MailboxError when it gives another part.
    """
    found = _fetch_parts(connection, [uid], f"BODY.PEEK[]<{start}.{count}>", count)
    if uid not in found:
        return None
    attributes = found[uid]
    (name,) = [name for name in attributes if name.startswith("BODY[")][:1]
    part = _fetched(uid, attributes, 0, True)
    origin = re.fullmatch(r"BODY\[\]<(\d{1,18})(?:\.\d+)?>", name)
    if not origin or len(part.raw) > count:
        return replace(part, raw=part.raw[start:])
    if int(origin[1]) != start:
        raise MailboxError("The mail server gives another part of the mail.")
    return replace(part, complete=len(part.raw) != count)


def uid_sets(uids: Iterable[int], count: int = SIZES_COUNT) -> Iterator[str]:
    """Yield IMAP sequence sets that name exactly these UIDs, each of bounded length."""
    for part in _slices(sorted(set(uids)), count):
        ranges: list[str] = []
        for text in _ranges(part):
            if ranges and sum(map(len, ranges)) + len(ranges) + len(text) > SET_LENGTH:
                yield ",".join(ranges)
                ranges = []
            ranges.append(text)
        if ranges:
            yield ",".join(ranges)


def _ranges(uids: list[int]) -> Iterator[str]:
    if not uids:
        return
    start = previous = uids[0]
    for uid in uids[1:]:
        if uid != previous + 1:
            yield _range(start, previous)
            start = uid
        previous = uid
    yield _range(start, previous)


def _range(start: int, end: int) -> str:
    return str(start) if start == end else f"{start}:{end}"


def _slices(items: list[int], count: int) -> Iterator[list[int]]:
    return (items[at : at + count] for at in range(0, len(items), count))


def _fetch_alone(
    connection: imaplib.IMAP4, uid: int, too_large: bool
) -> Iterator[Fetched]:
    """Yield a mail that the chunk lacked: gone, or one that the server chokes on."""
    size = 0
    for part in (HEADER_PART,) if too_large else (WHOLE_PART, HEADER_PART):
        sizes = fetch_sizes(connection, [uid])
        if uid not in sizes:
            return
        size = sizes[uid]
        found = _fetch_parts(connection, [uid], part, size)
        if uid in found:
            yield _fetched(uid, found[uid], size, part == WHOLE_PART)
            return
    yield _fetched(uid, {}, size, False)


def _fetch_parts(
    connection: imaplib.IMAP4, uids: Iterable[int], part: str, size: int
) -> dict[int, Attributes]:
    """Return what the server gives of these mails, by UID; `size` is its bytes."""
    size = min(size, HEADER_BYTES) if part == HEADER_PART else size
    found: dict[int, Attributes] = {}
    for uid_set in uid_sets(uids):
        parts = f"FLAGS INTERNALDATE {part}"
        answer, _refused = _fetch(connection, uid_set, parts, size)
        found.update({uid: a for uid, a in answer.items() if _body(a) is not None})
    return found


def _fetched(uid: int, attributes: Attributes, size: int, complete: bool) -> Fetched:
    raw = _body(attributes) or b""
    flags = attributes.get("FLAGS")
    return Fetched(
        uid=uid,
        raw=raw,
        internal_date=_internal_date(attributes.get("INTERNALDATE")),
        flags=tuple(flags) if isinstance(flags, list) else (),
        size=len(raw) if complete else size,
        complete=complete,
    )


def _body(attributes: Attributes) -> bytes | None:
    """Return the mail or its headers; None when the answer has no such part."""
    for name, value in attributes.items():
        if name.startswith("BODY["):
            return value if isinstance(value, bytes) else b""
    return None


def _internal_date(value: object) -> datetime | None:
    match = _INTERNAL_DATE.fullmatch(text_of(value))
    if not match or match[2].lower() not in _MONTHS:
        return None
    month, sign = _MONTHS.index(match[2].lower()) + 1, match[7]
    numbers = (int(match[at]) for at in (1, 3, 4, 5, 6, 8, 9))
    day, year, hour, minute, second, zone_hours, zone_minutes = numbers
    offset = timedelta(hours=zone_hours, minutes=zone_minutes)
    try:
        local = datetime(year, month, day, hour, minute, second)
        return local - offset if sign == "+" else local + offset
    except (ValueError, OverflowError):
        return None


# ------------------------------------------------------------
# CHANGING
# ------------------------------------------------------------


def mark_seen(connection: imaplib.IMAP4, uids: Iterable[int]) -> None:
    """Set `\\Seen` on these mails; those that are gone don't matter."""
    _flag(connection, uids, "+", "\\Seen")


def mark_unseen(connection: imaplib.IMAP4, uids: Iterable[int]) -> None:
    """Take `\\Seen` from these mails; those that are gone don't matter."""
    _flag(connection, uids, "-", "\\Seen")


def move(connection: imaplib.IMAP4, uids: Iterable[int], folder: str) -> None:
    """Move these mails to `folder`, made when missing as `_make_folder` does it.

    Without MOVE (RFC 6851) they are copied, then deleted as `delete` does it.
    """
    uids = list(uids)
    can_move = "MOVE" in _capabilities(connection)
    for uid_set in uid_sets(uids):
        _copy(connection, "MOVE" if can_move else "COPY", uid_set, folder)
    if not can_move:
        delete(connection, uids)


def delete(connection: imaplib.IMAP4, uids: Iterable[int]) -> None:
    """Delete these mails, and no other.

    Without UIDPLUS (RFC 4315) they are only flagged `\\Deleted`: a plain EXPUNGE
    would remove whatever other clients have flagged, too.
    """
    uids = list(uids)
    _flag(connection, uids, "+", "\\Deleted")
    if uids and "UIDPLUS" in _capabilities(connection):
        for uid_set in uid_sets(uids):
            _command(connection, connection.uid, "EXPUNGE", uid_set)


def append_once(
    connection: imaplib.IMAP4, folder: str, raw: bytes, message_id: str, date: datetime
) -> bool:
    """Put a mail that was sent into `folder`, and tell whether it was put there.

    It is not where a mail with its Message-ID is there. It is read already; the folder
    is made when missing, as `_make_folder` does it. `date` (with a time zone) becomes
    its INTERNALDATE, RFC 3501 6.3.11. Raises MailboxError when the server refuses.
    """
    try:
        select_folder(connection, folder, readonly=True)
    except MailboxError:
        folder = _make_folder(connection, folder)
        select_folder(connection, folder, readonly=True)
    quoted = quote_folder(folder)
    # Searching for "" would find every mail that has the header.
    if message_id and _search(connection, "HEADER", "Message-ID", _quoted(message_id)):
        return False
    internal_date = imaplib.Time2Internaldate(date)
    _command(connection, connection.append, quoted, "(\\Seen)", internal_date, raw)
    return True


def _quoted(text: str) -> str:
    """Return an IMAP quoted string of the printable ASCII of a text."""
    plain = "".join(char for char in text if " " <= char <= "~")
    return '"{}"'.format(plain.replace("\\", "\\\\").replace('"', '\\"'))


def _flag(connection: imaplib.IMAP4, uids: Iterable[int], sign: str, flag: str) -> None:
    for uid_set in uid_sets(uids):
        command = ("STORE", uid_set, f"{sign}FLAGS.SILENT", f"({flag})")
        _command(connection, connection.uid, *command)


def _copy(connection: imaplib.IMAP4, command: str, uid_set: str, folder: str) -> None:
    quoted = quote_folder(folder)
    try:
        _command(connection, connection.uid, command, uid_set, quoted)
    except MailboxError:
        # RFC 3501 6.4.7: the folder may be missing.
        quoted = quote_folder(_make_folder(connection, folder))
        _command(connection, connection.uid, command, uid_set, quoted)


def _make_folder(connection: imaplib.IMAP4, name: str) -> str:
    """Create a folder that is missing, and return its full name.

    Where all folders of a mailbox begin with a prefix (RFC 2342), as `INBOX.` on
    Courier IMAP and on Cyrus in Debian, nobody may create one without it, and people
    seldom write it. What the server refuses the next command meets again.
    """
    prefix = _prefix(connection)
    is_full = name.upper() == "INBOX" or name.upper().startswith(prefix.upper())
    full = name if is_full else prefix + name
    _ask(connection, connection.create, quote_folder(full))
    _ask(connection, connection.subscribe, quote_folder(full))
    return full


def _prefix(connection: imaplib.IMAP4) -> str:
    """Return what the names of a mailbox's own folders begin with, "" for nothing."""
    if "NAMESPACE" not in _capabilities(connection):
        return ""
    _accepted, data = _ask(connection, connection.namespace)
    personal = _PERSONAL.match(_words(data).encode())
    return unquote_folder(personal[1]) if personal else ""


def can_idle(connection: imaplib.IMAP4) -> bool:
    """Tell whether the server tells by itself of new mail (RFC 2177)."""
    return "IDLE" in _capabilities(connection)


def _capabilities(connection: imaplib.IMAP4) -> frozenset[str]:
    """Return what the server can do now: after the login that is more."""
    data = _command(connection, connection.capability)
    return frozenset(" ".join(map(text_of, data)).upper().split())


# ------------------------------------------------------------
# ANSWERS
# ------------------------------------------------------------


def _command(
    connection: imaplib.IMAP4, method: Method, *arguments: object
) -> list[Any]:
    """Return the data of one IMAP command; MailboxError when it is refused."""
    accepted, data = _ask(connection, method, *arguments)
    if not accepted:
        raise MailboxError(_words(data))
    return data


def _ask(
    connection: imaplib.IMAP4, method: Method, *arguments: object, size: int = 0
) -> tuple[bool, list[Any]]:
    """Return (accepted, data or words) of one IMAP command.

    `size` is how many bytes of mail its answer has.
    """
    bounds.meter_of(connection).grant(size)
    # FETCH answers nobody asked for, or of a refused command, are not this one's.
    connection.response("FETCH")
    try:
        answer, data = method(*arguments)
    except connection.readonly as error:
        raise MailboxError(str(error)) from error
    except connection.abort:
        raise
    except connection.error as error:
        return False, [str(error).encode()]
    return answer == "OK", [item for item in data or [] if item is not None]


def _fetch(
    connection: imaplib.IMAP4, uid_set: str, parts: str, size: int = 0
) -> tuple[dict[int, Attributes], bool]:
    """Return (attributes by UID, whether the server refused).

    A server may give a part of the mails and still refuse, when others are gone
    (RFC 2180 4.1) or unreadable. Raises MailboxError when it says that it refuses
    only for now.
    """
    accepted, data = _ask(
        connection, connection.uid, "FETCH", uid_set, f"(UID {parts})", size=size
    )
    if accepted:
        return _by_uid(data), False
    if _FOR_NOW.search(_words(data)):
        raise MailboxError(_words(data))
    _code, given = connection.response("FETCH")
    return _by_uid(given or []), True


def _by_uid(data: list[Any]) -> dict[int, Attributes]:
    """Return the attributes of FETCH answers, merged by UID; others are ignored."""
    found: dict[int, Attributes] = {}
    for attributes in _attributes(data):
        uid = number_in(attributes.get("UID"))
        if uid:
            found.setdefault(uid, {}).update(attributes)
    return found


def _attributes(data: list[Any]) -> Iterator[Attributes]:
    """Yield the attributes of each FETCH answer, as `imaplib` collects them.

    It gives a tuple (text, literal) for each literal, and the text behind the last
    one, which ends an answer, as bytes.
    """
    tokens: list[str | bytes] = []
    for item in data:
        if isinstance(item, tuple):
            tokens.extend(_tokens(_LITERAL_MARK.sub(b"", item[0])))
            tokens.append(item[1])
        elif item is not None:
            tokens.extend(_tokens(item))
            yield _pairs(tokens)
            tokens = []


def _tokens(text: bytes) -> Iterator[str | bytes]:
    """Yield atoms and brackets as str, quoted strings as bytes (RFC 3501 9)."""
    for match in _TOKEN.finditer(text):
        quoted = match[1]
        if quoted is not None:
            yield re.sub(rb"\\(.)", rb"\1", quoted)
        else:
            yield match[0].decode("latin-1")


def _pairs(tokens: list[str | bytes]) -> Attributes:
    """Return {name: value} of `12 ( NAME value NAME ( value value ) )`."""
    found: Attributes = {}
    rest = iter(tokens[2:])
    for name in rest:
        value: str | bytes | list[str] = next(rest, ")")
        if value == "(":
            value = _list(rest)
        if isinstance(name, str) and name != ")":
            found[name.upper()] = value
    return found


def _list(rest: Iterator[str | bytes]) -> list[str]:
    """Return what stands up to the closing bracket; inner brackets are flattened."""
    values: list[str] = []
    depth = 1
    for token in rest:
        depth += (token == "(") - (token == ")")
        if not depth:
            break
        values.append(text_of(token))
    return values


def number_in(value: object) -> int:
    """Return a number that the server wrote, 0 where it wrote none."""
    text = text_of(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def text_of(value: object) -> str:
    """Return what the server wrote as text, "" where it wrote nothing."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _words(data: list[Any]) -> str:
    return " ".join(map(text_of, data)).strip()[:1000] or "The server gave no reason."
