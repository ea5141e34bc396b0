"""A mailbox read by UIDL (RFC 1939).

The functions work on a connection of `poplib` that somebody else has opened and logged
in. What the server refuses becomes a `MailboxError` with its own words; a connection
that is gone raises `poplib.error_proto` or `OSError`.
"""

import poplib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from . import bounds
from .imap import MOST_SIZE, MailboxError, number_in, text_of

#: What ends an answer of several lines.
_LAST_LINES = (b".\r\n", b".\n")


@dataclass(frozen=True)
class PopItem:
    """One mail of a POP mailbox.

    `number` is that of this session, `uidl` its lasting id, `size` in bytes, 0 where
    the server does not tell.
    """

    number: int
    uidl: str
    size: int


@dataclass(frozen=True)
class PopFetched:
    """One mail fetched by POP; when not `complete`, `raw` holds the headers only."""

    uidl: str
    raw: bytes
    complete: bool


def pop_list(connection: poplib.POP3) -> list[PopItem]:
    """Return the mails of a POP mailbox with their lasting ids (RFC 1939 7, UIDL).

    Raises MailboxError when the server has no UIDL: without it nobody can tell which
    mails are new.
    """
    bounds.meter_of(connection).grant()
    sizes = dict(_lines(connection.list))
    return [
        PopItem(number, uidl, min(number_in(sizes.get(number, "")), MOST_SIZE))
        for number, uidl in _lines(connection.uidl)
    ]


def pop_fetch(connection: poplib.POP3, item: PopItem, *, max_size: int) -> PopFetched:
    """Return one mail, byte for byte; of one over `max_size` bytes only the headers.

    Lines may have any length. A mail that the server refuses to give comes with
    what could be had and `complete` False.
    """
    commands = [f"TOP {item.number} 0"]  # optional in RFC 1939 7
    if item.size <= max_size:
        commands.insert(0, f"RETR {item.number}")
    for command in commands:
        try:
            raw = _read(connection, command, item.size)
        except MailboxError:
            continue
        return PopFetched(item.uidl, raw, command.startswith("RETR"))
    return PopFetched(item.uidl, b"", False)


def pop_delete(connection: poplib.POP3, numbers: Iterable[int]) -> None:
    """Mark these mails as deleted; they go when the session ends with QUIT.

    Raises MailboxError when the server refuses one.
    """
    for number in numbers:
        _command(connection.dele, number)


def _lines(method: Callable[[], Any]) -> list[tuple[int, str]]:
    """Return the `number value` lines of LIST or UIDL."""
    _answer, lines, _octets = _command(method)
    words = (text_of(line).split(maxsplit=1) for line in lines)
    return [(number_in(pair[0]), pair[1].strip()) for pair in words if len(pair) == 2]


def _command(method: Callable[..., Any], *arguments: object) -> Any:
    """Return the answer of one POP command; MailboxError when it is refused."""
    try:
        return method(*arguments)
    except poplib.error_proto as error:
        words = error.args[0] if error.args else ""
        if not isinstance(words, bytes):
            raise  # poplib's own words: the connection is of no use any more
        raise MailboxError(text_of(words).removeprefix("-ERR").strip()) from error


def _read(connection: poplib.POP3, command: str, size: int) -> bytes:
    """Return the lines of a multi-line answer as they came, without stuffed dots.

    `poplib` refuses lines over 2,048 bytes and forgets how lines ended, so the answer
    is read from its file, after a command that no public method of it sends. `size` is
    what the mail is said to have; a line is read in pieces, for it may never end.
    """
    session: Any = connection
    bounds.meter_of(connection).grant(size)
    _command(session._shortcmd, command)
    lines = bytearray()
    begins = True
    while (line := connection.file.readline(bounds.PIECE_BYTES)) not in _LAST_LINES or (
        not begins
    ):
        if not line:
            raise poplib.error_proto("-ERR EOF")
        lines += line[1:] if begins and line.startswith(b".") else line
        begins = line.endswith(b"\n")
    return bytes(lines)
