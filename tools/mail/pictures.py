"""Pictures that a text shows in their place (RFC 2392, RFC 2557)."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

from .content import File, Text

_SOURCE = re.compile(
    r"""(\bsrc\s{0,9}=\s{0,9})(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE
)


def in_place(
    texts: Sequence[Text], files: Sequence[File]
) -> tuple[tuple[Text, ...], tuple[File, ...]]:
    """Return the texts and files so that each picture is named alike in both.

    A text names the picture by its Content-ID, in the letters of that header, also
    where the sender wrote it otherwise or named it by its Content-Location.
    """
    files = [
        replace(file, cid=f"picture-{place}@content-location")
        if file.location and not file.cid
        else file
        for place, file in enumerate(files, 1)
    ]
    shown = _names_of(files)
    if not shown:
        return tuple(texts), tuple(files)
    used: set[str] = set()
    placed = tuple(_placed(text, shown, used) for text in texts)
    return placed, tuple(
        file
        if file.cid in used or not file.cid.endswith("@content-location")
        else replace(file, cid="")
        for file in files
    )


def _names_of(files: Sequence[File]) -> dict[str, str]:
    """Return {what a text may call a picture, folded: its Content-ID}."""
    names: dict[str, str] = {}
    for file in files:
        if file.cid:
            names.setdefault(_folded("cid:" + file.cid), file.cid)
        if file.location:
            names.setdefault(_folded(file.location), file.cid)
    return names


def _placed(text: Text, shown: dict[str, str], used: set[str]) -> Text:
    if text.kind != "html":
        return text

    def source(found: re.Match[str]) -> str:
        name = html.unescape(found[2] or found[3] or found[4] or "").strip()
        cid = shown.get(_folded(name))
        if not cid:
            return found[0]
        used.add(cid)
        if name == f"cid:{cid}":
            return found[0]
        return f'{found[1]}"cid:{html.escape(cid)}"'

    content = _SOURCE.sub(source, text.content)
    return text if content == text.content else replace(text, content=content)


def _folded(name: str) -> str:
    scheme, _colon, rest = name.partition(":")
    if scheme.lower() == "cid":
        name = f"cid:{rest.strip().strip('<>')}"
    return unquote(name).casefold()
