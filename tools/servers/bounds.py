"""A mail server's answers, in bounded time and memory.

A server may drip, announce more than it has, or never come to an end: the standard
library waits a minute for each byte, and keeps whatever comes. What is read of a
connection is counted here, command by command, and the connection is cut when its time
is over.
"""

import imaplib
import io
import poplib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: Bytes that one answer may have beside the mail that was asked for.
ANSWER_BYTES = 16 * 1024 * 1024
#: The most that an answer may have beyond that, whatever size the server claims.
MOST_BYTES = 128 * 1024 * 1024
#: Bytes read at once of what was announced: a lie costs no memory before it is sent.
PIECE_BYTES = 64 * 1024
# The size of a literal, RFC 3501 4.3, that no number of 32 bits is.
_ENDLESS = re.compile(rb"\{\d{12,}\}\r?\n\Z")
#: Less is no measure of how fast a server is.
MEASURED_BYTES = 16 * 1024
#: Seconds that fetching one part or some small mails may take.
FETCH_SECONDS = 10
#: The least and the most that is fetched at once, in bytes.
LEAST_BYTES = 64 * 1024
CHUNK_BYTES = 8 * 1024 * 1024
PART_BYTES = 4 * 1024 * 1024
#: While it is not known how fast a server is: its first part, and the largest mail that
#: is fetched whole.
FIRST_PART_BYTES = 256 * 1024
WHOLE_BYTES = 1024 * 1024


class ExcessError(OSError):
    """The server sends more than it may: the connection is of no use any more."""


class TooSlowError(TimeoutError):
    """The time for this server is over: its connection was cut."""


class Meter:
    """What is read of a connection, and how fast it comes.

    `speed` is in bytes per second, 0 while it is not known.
    """

    def __init__(self, speed: int = 0) -> None:
        self.speed = speed
        self._left = ANSWER_BYTES
        self._taken = 0
        self._began = time.monotonic()
        self._is_measured = False

    def grant(self, size: int = 0) -> None:
        """Begin a command whose answer may have `size` bytes of mail.

        Only answers with mail tell how fast the server is: others it has to think of.
        """
        # Exchange guesses the size of a mail.
        self._left = ANSWER_BYTES + min(2 * size, MOST_BYTES)
        self._taken = 0
        self._began = time.monotonic()
        self._is_measured = bool(size)

    def check(self, size: int) -> None:
        """Raise ExcessError when so many bytes more would be too many."""
        if size > self._left:
            raise ExcessError(f"The mail server announces too much: {size} bytes")

    def take(self, size: int) -> None:
        """Count bytes that were read; ExcessError when they are too many."""
        self._left -= size
        self._taken += size
        if self._is_measured and self._taken >= MEASURED_BYTES:
            seconds = max(time.monotonic() - self._began, 0.001)
            self.speed = max(1, int(self._taken / seconds))
        if self._left < 0:
            raise ExcessError("The mail server's answer has no end")

    @property
    def chunk_bytes(self) -> int:
        """The bytes of small mails that are fetched together."""
        return self._within_time(CHUNK_BYTES) if self.speed else CHUNK_BYTES

    @property
    def part_bytes(self) -> int:
        """The bytes of one part of a large mail."""
        return self._within_time(PART_BYTES) if self.speed else FIRST_PART_BYTES

    @property
    def whole_bytes(self) -> int:
        """The bytes of the largest mail that is fetched in one piece."""
        return self._within_time(PART_BYTES) if self.speed else WHOLE_BYTES

    def _within_time(self, most: int) -> int:
        return min(max(self.speed * FETCH_SECONDS, LEAST_BYTES), most)


def meter_of(connection: object) -> Meter:
    """Return the meter of a connection; a new one that bounds nothing without one."""
    meter: Meter = vars(connection).setdefault("catchall_meter", Meter())
    return meter


def bound(connection: imaplib.IMAP4 | poplib.POP3, speed: int = 0) -> Meter:
    """Count what is read of a connection from now on; return its meter.

    `speed` is what was measured before, in bytes per second, 0 for nothing.
    """
    meter = vars(connection)["catchall_meter"] = Meter(speed)
    if isinstance(connection, imaplib.IMAP4):
        vars(connection).update(
            read=_bounded_read(meter, connection.read),
            readline=_bounded_readline(meter, connection.readline),
        )
    else:
        vars(connection).update(file=_BoundedFile(meter, connection.file))
    return meter


def _bounded_read(meter: Meter, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def bounded_read(size: int) -> bytes:
        meter.check(size)
        # It gives out what was written into it, where joining pieces makes a copy.
        found = io.BytesIO()
        left = size
        while left and (piece := read(min(left, PIECE_BYTES))):
            meter.take(len(piece))
            found.write(piece)
            left -= len(piece)
        return found.getvalue()

    return bounded_read


def _bounded_readline(
    meter: Meter, readline: Callable[[], bytes]
) -> Callable[[], bytes]:
    def bounded_readline() -> bytes:
        try:
            line = readline()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            # A line without end; `imaplib` goes on behind its beginning.
            raise ExcessError(str(error)) from error
        meter.take(len(line))
        if _ENDLESS.search(line):
            # `imaplib` makes a number of it, which raises what no caller expects.
            raise ExcessError("The mail server announces more than there can be.")
        return line

    return bounded_readline


class _BoundedFile:
    """The file that `poplib` reads a connection from."""

    def __init__(self, meter: Meter, file: Any) -> None:
        self._meter = meter
        self._file = file

    def readline(self, size: int = PIECE_BYTES) -> bytes:
        """Return a line, or its first `size` bytes."""
        line: bytes = self._file.readline(size)
        self._meter.take(len(line))
        return line

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def cut_after(connection: object, seconds: float) -> Iterator[None]:
    """Cut a connection when the block takes longer than `seconds`.

    Whoever waits for the server then gets an error at once; it becomes a TooSlowError.
    """
    has_rung = threading.Event()

    def cut() -> None:
        has_rung.set()
        sock = getattr(connection, "sock", None)
        if isinstance(sock, socket.socket):
            try:
                # Not the method of a TLS socket, which takes its TLS off.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return  # the other side was faster

    timer = threading.Timer(max(seconds, 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, imaplib.IMAP4.error, poplib.error_proto) as error:
        if has_rung.is_set():
            raise TooSlowError(
                f"The mail server was too slow: it was left after {seconds:.0f} s"
            ) from error
        raise
    finally:
        timer.cancel()
