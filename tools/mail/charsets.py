"""Charsets as mailers name them, and the wider sets that they mean by that.

A mailer on Windows writes in its own code page and names the standard that its page
extends: what is only in the page would be lost. Vietnamese sets of the time before
Unicode are read too (RFC 1456, TCVN 5712).
"""

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

# Codecs that are no charset of mail: they are slow on hostile input or make
# lone surrogates, which neither UTF-8 nor PostgreSQL can hold.
_REFUSED = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
)
# Names seen in real mail that Python does not know, and the codec that they mean.
_NAMES = {
    "big5_hkscs": "big5hkscs",
    "chinesebig5": "cp950",
    "cp51932": "euc_jp",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "cp50222": "iso2022_jp",
    "eucjp_ms": "euc_jp",
    "eucjp_win": "euc_jp",
    "gb_2312_80": "gb18030",
    "iso_10646_ucs_2": "utf-16-be",
    "iso_2022_jp_ms": "iso2022_jp",
    "iso_8859_6_i": "iso-8859-6",
    "iso_8859_8_e": "iso-8859-8",
    "iso_8859_8_i": "iso-8859-8",
    "ks_c_5601": "cp949",
    "ks_c_5601_1987": "cp949",
    "ks_c_5601_1989": "cp949",
    "mac_roman": "mac-roman",
    "sjis_win": "cp932",
    "tcvn": "tcvn",
    "tcvn3": "tcvn",
    "tcvn5712": "tcvn",
    "tcvn5712_1": "tcvn",
    "tcvn5712_1:1993": "tcvn",
    "tcvn_5712": "tcvn",
    "ucs_2": "utf-16-be",
    "unicode_1_1_utf_7": "utf-7",
    "utf8mb4": "utf-8",
    "utf_8mb4": "utf-8",
    "viet_tcvn": "tcvn",
    "viet_tcvn3": "tcvn",
    "viet_tcvn5712": "tcvn",
    "viscii": "viscii",
    "viscii1.1_1": "viscii",
    "windows_31j": "cp932",
}
_PAGE = re.compile(r"(?:windows|win|ms|dos|ibm|cp)[_ ]?(\d{3,4})")
# The set that a sender means when he names the smaller one; the next where that fails.
_WIDER = {
    "ascii": ("utf-8",),
    "big5": ("cp950", "big5hkscs"),
    "big5hkscs": ("big5hkscs", "cp950"),
    "cp932": ("cp932", "shift_jis_2004"),
    "cp950": ("cp950", "big5hkscs"),
    "euc_jp": ("eucjp_ms", "euc_jis_2004"),
    "euc_kr": ("cp949",),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "iso2022_jp": ("iso2022_jp_ms", "iso2022_jp_ext"),
    "iso8859-1": ("cp1252",),
    "iso8859-11": ("cp874",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "tis-620": ("cp874",),
}
# The page whose letters stand where a standard has control characters: nobody writes
# those in a mail.
_PAGES = {
    "iso8859-2": "cp1250",
    "iso8859-5": "cp1251",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-13": "cp1257",
}
_CONTROLS = re.compile(rb"[\x80-\x9f]")
# Sets of one byte for each letter, and those of seven bits: what is UTF-8 is no text in
# them. Thai is left out, where a word of three letters can look like that.
_SMALL = re.compile(
    r"ascii|cp125\d|iso8859-(?!11)\d+|mac-\w+|koi8-\w|hz|utf-7|iso2022_\w+|viscii|tcvn"
)
# The two halves of a sign in UTF-16, each in UTF-8.
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_LOW = "".join(map(chr, range(128)))
_VISCII_LOW = str.maketrans("\x02\x05\x06\x14\x19\x1e", "ẲẴẪỶỸỴ")
_VISCII = _LOW.translate(_VISCII_LOW) + (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_TCVN_LOW = str.maketrans(
    "\x01\x02\x04\x05\x06\x11\x12\x13\x14\x15\x16\x17", "ÚỤỪỬỮỨỰỲỶỸÝỴ"
)
_TCVN = _LOW.translate(_TCVN_LOW) + (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\xa0ĂÂÊÔƠƯĐăâêôơưđẶ\u0300\u0309\u0303\u0301\u0323"
    "àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)

# ISO-2022-JP (RFC 1468): an escape names the set of the bytes behind it.
_ESCAPE = re.compile(rb"\x1b([$(][@A-Z]|\$\([A-Z])|([\x0e\x0f])")
_KANJI = (b"$B", b"$@")
_KANA = (b"(I", b"\x0e")
_EUC = re.compile(rb"[\x00-\x7f]+|\x8e[\xa1-\xdf]|[\xa1-\xfe]{2}", re.DOTALL)


def codec_of(charset: str) -> str:
    """Return the codec that `charset` names, "" if none is known by that name."""
    # RFC 2231 5: a language may follow the charset, as in `us-ascii*en`.
    return _known(charset.partition("*")[0].strip().strip("\"';,").lower()[:64])


def is_small(codec: str) -> bool:
    """Tell whether UTF-8 is no text in a codec of `codec_of`."""
    return bool(_SMALL.fullmatch(codec))


def with_whole_signs(data: bytes) -> bytes:
    """Return UTF-8 in which the signs beyond the first 65,536 stand as such.

    Some phones and databases write each of them, an emoji, as two halves (UTR 26).
    """
    return _HALVES.sub(_as_utf8, data) if b"\xed" in data else data


def _as_utf8(found: re.Match[bytes]) -> bytes:
    halves = found[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")
    return halves.decode("utf-16").encode()


def codec_marked(data: bytes) -> str:
    """Return the codec that a byte order mark names, or "" (Unicode 23.8)."""
    return next((codec for mark, codec in _MARKS if data.startswith(mark)), "")


def decode(data: bytes, codec: str) -> str:
    """Return the text of `data` in a codec of `codec_of`, or in the wider set meant.

    :raises ValueError: where it fits none of them
    """
    error: ValueError | None = None
    for name in _meant(data, codec):
        try:
            return _strictly(data, name)
        except ValueError as one:
            error = error or one
    raise error or ValueError(codec)


def decode_damaged(data: bytes, codec: str) -> str:
    """Return what can be read of `data` in a codec of `codec_of`, else U+FFFD."""
    name = next(iter(_meant(data, codec)))
    if name in _OWN:
        name = {"iso2022_jp_ms": "iso2022_jp", "eucjp_ms": "euc_jp"}.get(name, "utf-8")
    return data.decode(name, "replace")


# Python looks unknown names up anew each time, in all places it has.
@lru_cache(maxsize=256)
def _known(name: str) -> str:
    folded = re.sub(r"[-_ ]+", "_", name).removeprefix("x_")
    page = _PAGE.fullmatch(folded)
    wanted = _NAMES.get(folded) or (f"cp{page[1]}" if page else "")
    if wanted in ("viscii", "tcvn"):
        return wanted
    for candidate in (wanted or name, folded):
        try:
            known = codecs.lookup(candidate)
        except (LookupError, ValueError):
            continue
        is_charset = known.name.replace("-", "_") not in _REFUSED
        return known.name if is_charset else ""
    return ""


def _meant(data: bytes, codec: str) -> tuple[str, ...]:
    """Return the codecs to try for what is named `codec`, in their order."""
    page = _PAGES.get(codec)
    if page and _CONTROLS.search(data):
        return (page, codec)
    return _WIDER.get(codec, (codec,))


def _strictly(data: bytes, name: str) -> str:
    own = _OWN.get(name)
    return own(data) if own else data.decode(name)


def _viscii(data: bytes) -> str:
    return codecs.charmap_decode(data, "strict", _VISCII)[0]


def _tcvn(data: bytes) -> str:
    return codecs.charmap_decode(data, "strict", _TCVN)[0]


def _iso2022_jp(data: bytes) -> str:
    """Return ISO-2022-JP text with the characters that Windows adds (CP50221)."""
    pieces, at, mode = [], 0, b"(B"
    while found := _ESCAPE.search(data, at):
        pieces.append(_in_mode(data[at : found.start()], mode))
        mode = found[1] or (_KANA[1] if found[2] == _KANA[1] else b"(B")
        at = found.end()
    pieces.append(_in_mode(data[at:], mode))
    return "".join(pieces)


def _in_mode(data: bytes, mode: bytes) -> str:
    if mode in _KANJI:
        return _kanji(data)
    if mode in _KANA:
        return bytes(byte | 0x80 for byte in data).decode("cp932")
    if mode in (b"(B", b"(J"):
        return data.decode("ascii")
    raise ValueError(mode)


def _kanji(data: bytes) -> str:
    """Return the text of 7-bit JIS X 0208 pairs; line ends may stand among them."""
    shifted = bytearray()
    places = iter(data)
    for byte in places:
        if byte < 0x21:
            shifted.append(byte)
            continue
        shifted += _shifted(byte, next(places, 0))
    return shifted.decode("cp932")


def _shifted(row: int, cell: int) -> bytes:
    """Return a pair of JIS X 0208 in Shift_JIS, whose rows are folded two into one."""
    if not 0x21 <= cell <= 0x7E:
        raise ValueError(cell)
    first = (row - 0x21) // 2 + 0x81
    first += 0x40 if first > 0x9F else 0
    odd = row % 2
    second = cell + (0x1F if cell < 0x60 else 0x20) if odd else cell + 0x7E
    return bytes((first, second))


def _euc_jp(data: bytes) -> str:
    """Return EUC-JP text with the characters that Windows adds (CP51932)."""
    shifted, at = bytearray(), 0
    while found := _EUC.match(data, at):
        piece, at = found[0], found.end()
        if piece[0] < 0x80:
            shifted += piece
        elif piece[0] == 0x8E:
            shifted += piece[1:]
        else:
            shifted += _shifted(piece[0] & 0x7F, piece[1] & 0x7F)
    if at < len(data):
        # JIS X 0212, which Windows does not have.
        return data.decode("euc_jp")
    return shifted.decode("cp932")


_OWN: dict[str, Callable[[bytes], str]] = {
    "eucjp_ms": _euc_jp,
    "iso2022_jp_ms": _iso2022_jp,
    "tcvn": _tcvn,
    "viscii": _viscii,
}
