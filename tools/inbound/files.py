"""What a file that came by mail is, whatever its name and its type say.

By the bytes it begins with: ZIP (APPNOTE 4.3.7: the name of each file in its local
header, bit 0 of the flags for encryption), RAR 4 and 5, 7z, OLE (MS-CFB), MZ.
"""

import re
import struct
from collections.abc import Iterator
from itertools import islice

from .archives import names_in
from .letter import Enclosure
from .letter import is_form as has_form

#: Endings of what a computer runs when it is opened.
PROGRAMS = frozenset(
    {
        "exe", "scr", "com", "pif", "bat", "cmd", "ps1", "vbs", "vbe", "js",
        "jse", "wsf", "wsh", "hta", "msi", "msp", "jar", "lnk", "cpl",
        "reg", "iso", "img", "vhd", "vhdx", "dll", "apk", "one", "url",
        "scf", "inf", "gadget", "application", "appx", "xll", "library-ms",
        "search-ms", "chm",
    }
)  # fmt: skip
ARCHIVES = frozenset(
    {
        "zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "tar", "cab", "ace",
        "arj", "z", "lzh", "r00", "001",
    }
)  # fmt: skip
#: Archives that most scanners do not open.
RARE = frozenset(
    {
        "rar", "7z", "cab", "ace", "arj", "z", "lzh", "r00", "001", "xz", "uue", "gz",
    }
)  # fmt: skip
#: Of these, what hardly anybody makes but who wants to get past a scanner: parts of
#: archives, formats of the nineties.
ODD = frozenset({"r00", "r01", "001", "z", "ace", "arj", "lzh", "lha", "uue", "cab"})
MACROS = frozenset(
    {
        "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm",
        "sldm", "xlsb",
    }
)  # fmt: skip
PAGES = frozenset(
    {
        "html", "htm", "shtml", "xhtml", "xht", "mht", "mhtml", "svg",
    }
)  # fmt: skip
#: What people think a file is, that ends in something else.
_SHOWN = (
    r"pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|txt|csv|rtf|odt|mp3|mp4|wav|html?|eml|zip"
)
_DOUBLE = re.compile(
    rf"\.(?:{_SHOWN})[\s._]{{0,50}}\.([a-z0-9-]{{1,12}})\s*\Z", re.IGNORECASE
)
_DOCUMENTS = frozenset(
    {
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "jpg", "jpeg",
        "png", "gif", "txt", "csv", "rtf", "odt", "php", "asp", "jsp",
    }
)  # fmt: skip
# The same with another mark than a dot, as names of archives have it: `offer_pdf.gz`.
_LOOSE = re.compile(
    rf"[_\s-](?:{_SHOWN})[\s._]{{0,50}}\.([a-z0-9-]{{1,12}})\s*\Z", re.IGNORECASE
)
# A right-to-left override turns `gpj.exe` round.
_TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VBA = ("_VBA_PROJECT".encode("utf-16-le"), b"Attribut\x00e VB_", b"\x00Attribut")
_SCRIPT = re.compile(rb"<script|javascript:|<form|http-equiv=.{0,3}refresh", re.I)
MOST_ENTRIES = 200
FORM_BYTES = 100_000


def ending(name: str) -> str:
    """Return what the name of a file ends in, small letters, or ""."""
    return name.lower().rpartition(".")[2].strip() if "." in name else ""


def is_file_ending(text: str) -> bool:
    """Tell whether a text is what names of files end in: `report.pdf` is no host."""
    known = PROGRAMS | ARCHIVES | MACROS | PAGES
    return text in known - {"com"} or text in _DOCUMENTS


def traps_in(file: Enclosure) -> dict[str, str]:
    """Return {code: evidence} of what is dangerous in a file; never raises.

    "program", "double_ending", "macro", "encrypted", "page" (with a form or a script).
    """
    found: dict[str, str] = {}
    names = [file.name, *zip_names(file.start), *names_in(file.start)]
    for name in names:
        if ending(name) in PROGRAMS:
            found.setdefault("program", name)
        if _is_disguised(name):
            found.setdefault("double_ending", name)
    if file.start[:2] == b"MZ":
        found.setdefault("program", file.name)
    if _has_macro(file, names):
        found["macro"] = file.name
    if is_encrypted(file.start):
        found["encrypted"] = file.name
    if ending(file.name) in PAGES and _is_active(file):
        found["page"] = file.name
    return found


def zip_names(data: bytes) -> list[str]:
    """Return the names in a ZIP's local headers, MOST_ENTRIES at most."""
    found = islice(_entries(data), MOST_ENTRIES)
    return [name.decode("utf-8", "replace") for _flags, name in found]


def is_encrypted(data: bytes) -> bool:
    """Tell whether an archive, or an Office file, asks for a password."""
    if data[:4] == b"PK\x03\x04":
        return any(flags & 1 for flags, _ in islice(_entries(data), MOST_ENTRIES))
    if data[:7] == b"Rar!\x1a\x07\x00":
        # Bit 7 of the main header's flags: the headers are encrypted; bit 2 of a
        # file's: the file is.
        main, file = data[10:12], data[23:25]
        return bool(main[:1] and main[0] & 0x80) or bool(file[:1] and file[0] & 0x04)
    if data[:8] == b"Rar!\x1a\x07\x01\x00":
        # The first header is of type 4, archive encryption.
        return data[13:14] == b"\x04"
    is_office = data[:8] == _OLE
    return is_office and "EncryptedPackage".encode("utf-16-le") in data


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (flags, name) of the local headers that are found in a ZIP."""
    if data[:4] != b"PK\x03\x04":
        return
    at = 0
    while (at := data.find(b"PK\x03\x04", at)) >= 0 and at + 30 <= len(data):
        flags, size = (
            struct.unpack_from("<H", data, at + place)[0] for place in (6, 26)
        )
        yield flags, data[at + 30 : at + 30 + size]
        at += 30 + size


def _is_disguised(name: str) -> bool:
    if _TURNED.search(name):
        return True
    found = _DOUBLE.search(name)
    last = found[1].lower() if found else ""
    loose = _LOOSE.search(name)
    ends = loose[1].lower() if loose else ""
    return last in PROGRAMS | PAGES | MACROS | RARE or ends in PROGRAMS | ODD | {"gz"}


def is_archive(name: str) -> bool:
    """Tell whether a file is an archive of any kind."""
    return ending(name) in ARCHIVES | RARE


def is_packed(name: str) -> bool:
    """Tell whether a file is an archive of a kind that few people make."""
    return ending(name) in RARE


def is_odd(name: str) -> bool:
    """Tell whether a file is an archive of a kind that hardly anybody makes."""
    return ending(name) in ODD


def _has_macro(file: Enclosure, names: list[str]) -> bool:
    if ending(file.name) in MACROS:
        return True
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return True
    return file.start[:8] == _OLE and any(mark in file.start for mark in _VBA)


def _is_active(file: Enclosure) -> bool:
    if _SCRIPT.search(file.start):
        return True
    return has_form(file.start[:FORM_BYTES].decode("utf-8", "replace"))
