"""What can be seen of HTML, found without a parser: linear, and never raising."""

import html
import re
from collections.abc import Iterator

_TOKEN = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|<[!?][^<>]*>|[^<]+|<")
# What stands in these is not shown.
_UNSHOWN = re.compile(r"(?:head|noscript|script|style|template|title)", re.IGNORECASE)
# What is not seen although it is text.
_INVISIBLE = "\u00ad\u034f\u200b-\u200f\u2060\u2800\u3164\ufeff"
_VISIBLE = re.compile(rf"[^\s{_INVISIBLE}]")
# Any of it but a single space: who replaces that too, makes a string of each word.
_GAP = re.compile(rf"[\s{_INVISIBLE}]{{2,}}|[^\S ]|[{_INVISIBLE}]")
_SHOWS = re.compile(r"audio|embed|iframe|img|input|object|svg|video", re.IGNORECASE)
# A picture of one pixel tells its sender that the mail was opened.
_PIXEL = re.compile(r"(?:width|height)\s*[=:]\s*[\"']?\s*[01](?:px)?\b", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_PAGE_END = re.compile(r"</(?:html|body)\s{0,9}>", re.IGNORECASE)
_PAGE_TAG = re.compile(r"</?(?:html|body)\b[^<>]*>|<!doctype[^<>]*>", re.IGNORECASE)
_PAGE = re.compile(
    r"\s*(?:<!doctype\s+html\b[^<>]{0,500}>|<html\b[^<>]{0,500}>\s*<(?:head|body)\b)",
    re.IGNORECASE,
)
# The two halves of a sign in UTF-16, each as an entity.
_HALVES = re.compile(
    r"&#(5[56]\d{3}|x[dD][89abAB]\w{2});&#(5[67]\d{3}|x[dD][c-fC-F]\w{2});"
)
_META = re.compile(
    rb"<meta\b[^<>]{0,300}?\bcharset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{1,40})",
    re.IGNORECASE,
)
_XML = re.compile(rb"\s*<\?xml\b[^<>]{0,200}?\bencoding=[\"']([A-Za-z0-9_:.-]{1,40})")

#: How far into a page its charset is looked for (HTML 13.2.3.2 says 1024 bytes).
_HEAD_BYTES = 4096


def visible_text(markup: str) -> str:
    """Return the text of HTML on one line, without what is not shown."""
    words = " ".join(text for text in _shown(markup) if text is not None)
    return _GAP.sub(" ", html.unescape(words)).strip()


def has_content(markup: str) -> bool:
    """Tell whether there is any text or picture to see in HTML."""
    for text in _shown(markup):
        if text is None or _VISIBLE.search(html.unescape(text)):
            return True
    return False


def has_words(markup: str) -> bool:
    """Tell whether there is any text to see in HTML."""
    shown = (text for text in _shown(markup) if text is not None)
    return any(_VISIBLE.search(html.unescape(text)) for text in shown)


def is_page(text: str) -> bool:
    """Tell whether a text is a whole page of HTML, from its first sign to its last.

    Scripts of websites send pages and forget to say so.
    """
    is_framed = bool(_PAGE.match(text) and _PAGE_END.search(text[-200:]))
    return is_framed and has_content(text)


def with_whole_signs(markup: str) -> str:
    """Return HTML in which a sign stands as such whose two halves are entities, as in
    `&#55357;&#56832;`: no browser and no cleaner puts them together."""
    return _HALVES.sub(_whole_sign, markup) if "&#" in markup else markup


def _whole_sign(found: re.Match[str]) -> str:
    high, low = (
        int(one[1:], 16) if one[0] in "xX" else int(one) for one in found.groups()
    )
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return found[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def one_page(markup: str) -> str:
    """Return HTML whose text is all in one page, the same where it is.

    Lists and gateways write their lines below `</html>`, where readers that keep to
    the first page lose them.
    """
    end = _PAGE_END.search(markup)
    if not end or not has_content(markup[end.end() :]):
        return markup
    return _PAGE_TAG.sub("\n", markup)


def charset_in(data: bytes) -> str:
    """Return the charset that an HTML page names itself, or "" (HTML 13.2.3.2)."""
    head = data[:_HEAD_BYTES]
    found = _META.search(head) or _XML.match(head)
    return found[1].decode("ascii") if found else ""


def _shown(markup: str) -> Iterator[str | None]:
    """Yield each piece of text that is shown, and None for each picture or the like."""
    unshown, at = "", 0
    while token := _TOKEN.match(markup, at):
        at = token.end()
        closing, tag, rest = token.groups()
        if token[0] == "<!--":
            end = markup.find("-->", at)
            at = end + 3 if end >= 0 else len(markup)
        elif unshown:
            if closing and tag.lower() == unshown:
                unshown = ""
        elif tag and not closing:
            if _UNSHOWN.fullmatch(tag) and not rest.endswith("/"):
                unshown = tag.lower()
            elif _SHOWS.fullmatch(tag) and not (
                _PIXEL.search(rest) or _HIDDEN.search(rest)
            ):
                yield None
        elif not tag and not token[0].startswith(("<!", "<?")):
            yield token[0]
