"""Files that stand in a text itself, as mailers wrote them before MIME (uuencode).

Outlook and programs on servers still do. What is no whole file stays text: anybody may
begin a line with "begin".
"""

import binascii
import re
from collections.abc import Iterator

from .text import from_base64

#: Beginnings of a file that are looked at in one text.
MAX_FILES = 100
#: How often all of a text is read, as what looks like files may be none.
MOST_READ = 3

_BEGIN = re.compile(r"^begin(-base64)? [0-7]{3,4} (\S[^\r\n]{0,254})\r?$", re.MULTILINE)
_END = re.compile(r"^[` ]?\r?\n?end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_END_64 = re.compile(r"^====[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_DIGITS = re.compile(r"[A-Za-z0-9+/=\s]*")


def files_in(text: str) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """Return (the text without files, (name, bytes) of each file in it).

    Linear in the length of the text; never raises.
    """
    if "begin" not in text:
        return text, ()
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    at = 0
    for start, end, name, data in _files(text):
        kept.append(text[at:start])
        files.append((name, data))
        at = end
    return "".join([*kept, text[at:]]), tuple(files)


def _files(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    """Yield (start, end, name, bytes) of each file in a text."""
    at, budget = 0, MOST_READ * len(text)
    ends: dict[re.Pattern[str], re.Match[str] | None] = {}
    for _attempt in range(MAX_FILES):
        begin = _BEGIN.search(text, at)
        if begin is None or budget < 0:
            return
        end = _next_end(_END_64 if begin[1] else _END, text, begin.end(), ends)
        data = None
        if end is not None:
            encoded = text[begin.end() : end.start()]
            data = _digits(encoded) if begin[1] else _lines(encoded)
            budget -= len(encoded)
        if end is not None and data is not None:
            yield begin.start(), end.end(), begin[2].strip(), data
            at = end.end()
        else:
            at = begin.end()


def _next_end(
    pattern: re.Pattern[str],
    text: str,
    at: int,
    ends: dict[re.Pattern[str], re.Match[str] | None],
) -> re.Match[str] | None:
    """Return the next end of a file. `ends` keeps what was found: the text is searched
    once, however many beginnings have no end, or the same one."""
    known = ends.get(pattern)
    if pattern not in ends or (known is not None and known.start() < at):
        ends[pattern] = pattern.search(text, at)
    return ends[pattern]


def _digits(encoded: str) -> bytes | None:
    if not encoded.strip() or not _DIGITS.fullmatch(encoded):
        return None
    return from_base64(encoded.encode("ascii"))


def _lines(encoded: str) -> bytes | None:
    """Return the bytes of the lines, None where one is no line of such a file."""
    found: list[bytes] = []
    for line in re.split("\r\n|\r|\n", encoded):
        if not line.strip("` "):
            continue
        data = _line(line)
        if data is None:
            return None
        found.append(data)
    return b"".join(found) or None


def _line(line: str) -> bytes | None:
    """Return the bytes of one line, which begins with their number.

    Spaces at its end get lost on the way; some programs add a check.
    """
    size = (ord(line[0]) - 32) & 63
    digits = line[1:].replace("`", " ")
    wanted = (size + 2) // 3 * 4
    surplus = len(digits) - wanted
    if not 0 < size <= 45 or surplus > 2:
        return None
    if not all(" " <= digit <= "`" for digit in digits):
        return None
    try:
        return binascii.a2b_uu(
            (line[0] + digits[:wanted].ljust(wanted)).encode("ascii")
        )
    except ValueError:
        return None
