"""Large files of a mail, decoded while it is parsed (RFC 2045 6.8).

The standard parser makes an object of each line and joins them: that takes three times
the room of a file, and its base64 stays beside what it encodes. So long runs of even
lines of base64 are taken out before a mail is parsed. A mark, one line of letters and
digits as they are, stands for each, so that the parser sees the same structure. What
the mark then stands in is a file's base64 from end to end, and its bytes are kept; or
it is something else, and gets the lines back.
"""

import base64
import binascii
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Bytes of a run that is taken out; one of twice as many is always found.
LEAST_RUN = 32 * 1024
#: Digits of the lines of a run (RFC 2045 6.8 allows 76, RFC 5322 2.1.1 998).
LEAST_LINE, LONGEST_LINE = 40, 998
# Lines that are looked at together.
_BLOCK = 1024
_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANK = " \t\r\n"
# Digits of the number of a mark.
_NUMBER = 8


@dataclass(frozen=True)
class Run:
    """Even lines of base64 in a mail, from `start` to `end`, without the last line's
    end. Lines have `width` digits, the last one may be shorter."""

    start: int
    end: int
    width: int
    line_end: bytes


@dataclass(frozen=True)
class Encoded:
    """The bytes of a file, and in which form its base64 stood in the mail."""

    data: bytes = field(repr=False)
    width: int
    line_end: str
    head: str = ""
    tail: str = ""

    def text(self) -> str:
        """Return its base64, as it stood in the mail."""
        size = self.width // 4 * 3
        lines = (
            binascii.b2a_base64(self.data[at : at + size], newline=False).decode()
            for at in range(0, len(self.data), size)
        )
        return self.head + self.line_end.join(lines) + self.tail


class TakenOut:
    """A mail without its long runs of base64: `rest`, with marks in their place."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._runs = find_runs(raw)
        # Nobody can write it into a mail: it is another one each time.
        self._word = secrets.token_hex(16) if self._runs else ""
        self.rest = b"".join(self._pieces()) if self._runs else raw

    def __bool__(self) -> bool:
        return bool(self._runs)

    def _pieces(self) -> Iterator[bytes]:
        at = 0
        for number, run in enumerate(self._runs):
            yield self._raw[at : run.start]
            yield f"{self._word}{number:0{_NUMBER}}".encode()
            at = run.end
        yield self._raw[at:]

    def encoded(self, text: str) -> Encoded | None:
        """Return the file that a text of the parsed rest is, by its mark; None when it
        is not one run and nothing else."""
        head, mark, behind = text.partition(self._word)
        tail = behind[_NUMBER:]
        if not mark or head.strip(_BLANK) or tail.strip(_BLANK):
            return None
        run = self._runs[int(behind[:_NUMBER])]
        data = binascii.a2b_base64(memoryview(self._raw)[run.start : run.end])
        return Encoded(data, run.width, run.line_end.decode(), head, tail)

    def restored(self, text: str) -> str:
        """Return a text of the parsed rest as it stood in the mail."""
        head, *others = text.split(self._word)
        return head + "".join(
            self._text(int(one[:_NUMBER])) + one[_NUMBER:] for one in others
        )

    def _text(self, number: int) -> str:
        run = self._runs[number]
        return self._raw[run.start : run.end].decode("ascii")


# ------------------------------------------------------------
# RUNS
# ------------------------------------------------------------


def find_runs(raw: bytes) -> list[Run]:
    """Return the runs of at least LEAST_RUN bytes in a mail, in their order.

    Whoever is as long as two steps covers one of the places that are looked at.
    """
    found: list[Run] = []
    at = LEAST_RUN
    while at < len(raw):
        run = _run_around(raw, at, found[-1].end if found else 0)
        if run and run.end - run.start >= LEAST_RUN:
            found.append(run)
            at = run.end
        at += LEAST_RUN
    return found


def _run_around(raw: bytes, at: int, after: int) -> Run | None:
    """Return the even lines around a place, none of them before `after`."""
    start = raw.rfind(b"\n", max(at - LONGEST_LINE - 2, after), at) + 1
    stop = raw.find(b"\n", at, at + LONGEST_LINE + 2) + 1
    if not start or not stop:
        return None
    line_end = b"\r\n" if raw[stop - 2 : stop] == b"\r\n" else b"\n"
    stride = stop - start
    width = stride - len(line_end)
    is_fit = width >= LEAST_LINE and width % 4 == 0
    if not is_fit or not _is_even(raw[start:stop], width, line_end):
        return None
    start -= stride * _count(raw, start, -stride, width, line_end, after)
    stop += stride * _count(raw, stop, stride, width, line_end, after)
    last = _last_line(raw, stop, width)
    return Run(start, stop + last if last else stop - len(line_end), width, line_end)


def _count(
    raw: bytes, at: int, stride: int, width: int, line_end: bytes, after: int
) -> int:
    """Return how many even lines there are behind a place, before it for a negative
    `stride`."""
    count, step = 0, _BLOCK
    while step:
        low, high = sorted((at + count * stride, at + (count + step) * stride))
        fits = low >= after and high <= len(raw)
        if fits and _is_even(raw[low:high], width, line_end):
            count += step
        else:
            step //= 2
    return count if stride > 0 or not count else _at_line_start(raw, at, stride, count)


def _at_line_start(raw: bytes, at: int, stride: int, count: int) -> int:
    """Return how many of the lines before a place can be taken: the first of them has
    to begin where a line of the mail begins."""
    start = at + count * stride
    return count if not start or raw[start - 1 : start] == b"\n" else count - 1


def _is_even(block: bytes, width: int, line_end: bytes) -> bool:
    """Tell whether a block is lines of `width` digits each."""
    stride = width + len(line_end)
    lines = len(block) // stride
    for place, mark in enumerate(line_end, start=width):
        if block[place::stride] != bytes([mark]) * lines:
            return False
    return len(block.translate(None, _DIGITS)) == lines * len(line_end)


def _last_line(raw: bytes, at: int, width: int) -> int:
    """Return how long the line at a place is, 0 if it is not the end of a file: up to
    `width` digits, the last ones as every encoder writes them."""
    line = raw[at : at + width + 2].partition(b"\n")[0]
    line = line.removesuffix(b"\r")
    if len(line) > width or len(line) % 4:
        return 0
    try:
        is_end = base64.b64encode(base64.b64decode(line, validate=True)) == line
    except ValueError:
        return 0
    return len(line) if is_end else 0
