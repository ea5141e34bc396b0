"""Text out of bytes, whatever the sender called its charset (RFC 2045, RFC 2047)."""

import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from . import charsets
from .again import remember_short
from .charsets import codec_of
from .unnamed import codec_guessed
from .vietnamese import codec_of_vietnamese

_WORD_START = re.compile(r"=\?([^?\s]{0,64})\?([BbQq])\?")
# What stands in a word whose end is lost, by its encoding: somebody has cut the value.
_OPEN_WORD = {
    "B": re.compile(r"[A-Za-z0-9+/]{4,}={0,2}"),
    "Q": re.compile(
        r"[^\s?\"=]*=[0-9A-Fa-f]{2}(?:[^\s?\"=]|=[0-9A-Fa-f]{2})*(?=[\s\"?]|=?.?\Z)"
    ),
}
_CUT_WORD = re.compile(r"[^\s?\"]*")
_WHOLE_WORD = re.compile(r"=\?[\w.:-]{2,40}\?[BbQq]\?[^?\s]*\?=")
# A question mark that its sender has left as it is, before a letter that he has not.
_MARK_WITHIN = re.compile(r"\?=[0-9A-F]{2}[^\s?]*\?")
# A line that was folded within a word, as only texts may be (RFC 2045 6.7).
_SOFT_BREAK = re.compile(rb"=\s+(?=[=\w])")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f]")
# Everything that `str.splitlines` takes for a line's end: the standard library refuses
# a header value with it.
_BREAK = re.compile("[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+[ \t]*")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_PADDING = re.compile(rb"=+")
# RFC 4648 5; not a line that only divides.
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
# So many characters are remembered without their marks.
_MOST_BARE = 10_000
_DIVIDER = re.compile(rb"^[-_ \t]+\r?$", re.MULTILINE)


def decode_bytes(data: bytes, charset: str = "") -> str:
    """Return the text of `data` in `charset`; never raises.

    An unknown, wrong or missing charset is read as UTF-8, else as its letters suggest,
    else as Latin-1. What a byte order mark says counts before all. The result is in NFC
    and holds neither NUL nor lone surrogates.
    """
    marked = charsets.codec_marked(data)
    text = _decode_as(data, marked or codec_of(charset)) or _guess(data)
    return clean(normalized(text))


def decode_field(data: bytes, charset: str) -> str:
    """Return the text of a header's bytes, which ought to be ASCII or UTF-8.

    Anything else is in the charset of the mail, by mailers of the time before RFC 2047.
    """
    if b"\x1b$)C" in data:
        return decode_bytes(data, "iso-2022-kr")
    if b"\x1b$" in data:
        return decode_bytes(data, "iso-2022-jp")
    if data.isascii():
        return data.decode("ascii").replace("\0", "")
    return decode_bytes(data, "" if is_utf8(data) else charset)


def is_readable(value: str) -> bool:
    """Tell whether the standard library reads every encoded word in `value` as
    `decode_words` does, as far as its charset matters."""
    return all(
        _is_standard(charset, part) for charset, part in _pieces(value) if charset
    )


def _is_standard(charset: str, data: str | bytes) -> bool:
    if charset in ("utf-8", "us-ascii") or isinstance(data, str):
        return True
    try:
        return data.decode(charset) == _decode_as(data, codec_of(charset))
    except (LookupError, ValueError):
        return False


def is_charset(name: str) -> bool:
    """Tell whether a charset is known by this name."""
    return bool(codec_of(name))


def is_unicode(charset: str) -> bool:
    """Tell whether a charset is UTF-8 or a part of it; what has no name is meant so."""
    return codec_of(charset) in ("", "ascii", "utf-8")


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes that are not all ASCII are UTF-8, which is no accident."""
    try:
        return not data.decode().isascii()
    except UnicodeDecodeError:
        return False


def normalized(text: str) -> str:
    """Return `text` in NFC, so that it is found however it is typed (UAX 15).

    windows-1258, for one, writes Vietnamese tones apart from their letters.
    """
    return unicodedata.normalize("NFC", text)


def without_combining(text: str, form: Literal["NFD", "NFKD"]) -> str:
    """Return a text in a decomposed form without the marks that it combines: accents,
    tones and the like (UAX 15). Letters that are none of these stay as they are."""
    return text if text.isascii() else text.translate(_BARE[form])


class _Bare(dict[int, str]):
    """A table for `str.translate` in which a character stands without the marks that
    it combines; those of one script are few."""

    def __init__(self, form: Literal["NFD", "NFKD"]) -> None:
        super().__init__()
        self._form = form

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize(self._form, chr(code))
        bare = "".join(one for one in apart if not unicodedata.combining(one))
        if len(self) < _MOST_BARE:
            self[code] = bare
        return bare


_BARE = {"NFD": _Bare("NFD"), "NFKD": _Bare("NFKD")}


def unflowed(text: str, drop_spaces: bool) -> str:
    """Return format=flowed text with its soft line breaks taken out (RFC 3676 4).

    :param drop_spaces: whether a soft line break has brought its own space (DelSp)
    """
    lines: list[str] = []
    depth, is_open = 0, False
    for line in re.split("\r\n|\r|\n", text):
        quoted = len(line) - len(line.lstrip(">"))
        content = line[quoted:].removeprefix(" ")
        if is_open and quoted == depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append(f"{'>' * quoted} {content}" if quoted else content)
        depth, is_open = quoted, content.endswith(" ") and content != "-- "
        if is_open and drop_spaces:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def clean(text: str) -> str:
    """Return `text` without NUL, and with lone surrogates replaced by `?`."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def single_line(text: str) -> str:
    """Return `text` on one line: line breaks become a space, control characters go."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub("", _BREAK.sub(" ", clean(text)))


def _decode_as(data: bytes, codec: str) -> str:
    """Return `data` in a known codec; "" when it does not fit and a guess is better.

    UTF-8 is known by itself, whatever one of the small sets its sender names.
    """
    if not codec or (charsets.is_small(codec) and is_utf8(data)):
        return ""
    try:
        return charsets.decode(data, codec)
    except (LookupError, ValueError):
        guessed = codec in ("utf-8", "ascii", "iso8859-1", "cp1252")
        return "" if guessed else _decode_damaged(data, codec)


def _decode_damaged(data: bytes, codec: str) -> str:
    try:
        return charsets.decode_damaged(data, codec)
    except (LookupError, ValueError):
        return ""


def _guess(data: bytes) -> str:
    """Return `data` read as UTF-8, also with some damage, else in the charset of its
    script, which for Latin letters is windows-1252, else Latin-1."""
    data = charsets.with_whole_signs(data)
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # Damaged UTF-8 still has more whole characters than broken ones.
    whole = sum(map(len, _NOT_ASCII.findall(text))) - broken if broken else 0
    if whole >= broken * 4 or (whole and _is_cut(data)):
        return text
    # Two letters of another charset can look like one of UTF-8.
    if codec := codec_of_vietnamese(data):
        return _decode_as(data, codec)
    codec = codec_guessed(data, is_sure=whole >= broken)
    if codec:
        return data.decode(codec, "replace")
    if whole >= broken:
        return text
    try:
        return data.decode("cp1252")
    except ValueError:
        return data.decode("latin-1")


def _is_cut(data: bytes) -> bool:
    """Tell whether all that is wrong with UTF-8 is that its last character is cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def decode_words(value: str) -> str:
    """Return `value` with its RFC 2047 encoded words decoded, on one line.

    It is in NFC. Never raises. Lenient where senders are careless: words inside quoted
    strings or glued to other text, spaces inside a word, unknown charsets, characters
    that are split over two words, words without an end.
    """
    if "=?" not in value:
        return single_line(normalized(value))
    return single_line(normalized("".join(_joined(_pieces(value)))))


# Each guard asks for the subject and the sender of a mail.
@remember_short
def decode_twice(value: str) -> str:
    """Return `value` as of `decode_words`, and decoded again where a server on the way
    has encoded it again. For what is only shown: no address may come out of a name.
    """
    shown = decode_words(value)
    if _WHOLE_WORD.search(shown):
        shown = decode_words(shown)
    return shown.removeprefix("\ufeff")


def _pieces(value: str) -> Iterator[tuple[str, str | bytes]]:
    """Yield (charset, bytes) of encoded words and ("", text) of what stands between."""
    at = 0
    while start := _WORD_START.search(value, at):
        end, behind = _word_end(value, start)
        yield "", value[at : start.start()]
        if end < 0:
            yield "", start[0]
        else:
            # Who names no charset mostly means this one.
            charset = start[1].lower() or "utf-8"
            yield charset, _word_bytes(start[2], value[start.end() : end], charset)
        at = behind
    yield "", value[at:]


def _word_end(value: str, start: re.Match[str]) -> tuple[int, int]:
    """Return (end of what a word encodes, end of the word), the former -1 where it is
    no word after all.

    A word whose end is lost goes up to the next one, or to the first space.
    """
    following = _WORD_START.search(value, start.end())
    limit = following.start() if following else len(value)
    end = value.find("?=", start.end(), limit + 1)
    if end < 0:
        pattern = _CUT_WORD if following else _OPEN_WORD[start[2].upper()]
        cut = pattern.match(value, start.end(), limit)
        return (cut.end(), cut.end()) if cut else (-1, start.end())
    while start[2] in "Qq" and _MARK_WITHIN.match(value, end, limit):
        further = value.find("?=", end + 2, limit + 1)
        if further < 0:
            break
        end = further
    return end, end + 2


def _joined(pieces: Iterator[tuple[str, str | bytes]]) -> Iterator[str]:
    """Yield decoded pieces; neighbouring words of one charset are decoded as one."""
    parts: list[str | bytes] = []
    last = ""
    for charset, part in _without_gaps(pieces):
        if charset != last and parts:
            yield _decoded(last, parts)
            parts = []
        last = charset
        parts.append(part)
    if parts:
        yield _decoded(last, parts)


def _decoded(charset: str, parts: list[str | bytes]) -> str:
    if charset:
        return decode_bytes(b"".join(p for p in parts if isinstance(p, bytes)), charset)
    return "".join(p for p in parts if isinstance(p, str))


def _without_gaps(
    pieces: Iterator[tuple[str, str | bytes]],
) -> Iterator[tuple[str, str | bytes]]:
    """Yield the pieces without white space between encoded words (RFC 2047 6.2)."""
    after_word = False
    for charset, part in pieces:
        if charset or not after_word or part.strip():
            yield charset, part
        after_word = bool(charset) or (after_word and not part.strip())


def _word_bytes(encoding: str, text: str, charset: str) -> bytes:
    if text.isascii():
        data = text.encode()
    else:
        # Sent as 8-bit text, which is read already.
        data = _encoded(text, codec_of(charset))
    if encoding in "Bb":
        return from_base64(data)
    return binascii.a2b_qp(_SOFT_BREAK.sub(b"", data), header=True)


def _encoded(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec or "utf-8")
    except (LookupError, ValueError):
        return text.encode("utf-8", "replace")


def from_base64(data: bytes) -> bytes:
    """Return the bytes of base64; foreign characters and lost padding don't matter.

    The URL-safe alphabet is read where there is no sign of the usual one. Padding ends
    only a block whose length wants it: programs write blocks one after the other, and
    equal signs at the end of each line.
    """
    if b"+" not in data and b"/" not in data and not _DIVIDER.search(data):
        data = data.translate(_URL_SAFE)
    blocks, waiting = [], b""
    for digits in _PADDING.split(_NOT_BASE64.sub(b"", data)):
        waiting += digits
        if len(waiting) % 4 > 1:
            blocks.append(_block(waiting))
            waiting = b""
    return b"".join([*blocks, _block(waiting)])


def _block(digits: bytes) -> bytes:
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
