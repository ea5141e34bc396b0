"""A mail's HTML made safe to look at: only what is known to be harmless is left.

What a list of dangers forgets gets through, so this is a list of what may stay. The
page that shows the result loads nothing, runs nothing, asks for nothing, and is not
covered by the sender's boxes: there is no style, no class and no name in it.
"""

import re

from lxml import etree, html

from .mime import Content
from .text import single_line

#: Elements that are shown; newsletters have a tenth of it.
MOST_ELEMENTS = 30_000

# What XML cannot hold, written out or as a character reference such as &#1;.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(x[0-9a-f]{1,8}|[0-9]{1,8});?", re.IGNORECASE)
# Browsers leave these out of an address before they look for its scheme.
_UNSEEN = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\ufeff]+")
# Both slashes: "https:page" would lead into the site that shows the mail.
_LINK = re.compile(r"(https?://[^/\\]|mailto:|tel:)", re.IGNORECASE)
# Pixels only: an SVG picture is a document.
_EMBEDDED = re.compile(
    r"data:image/(png|gif|jpe?g|webp|bmp);base64,[a-z0-9+/=\s]*", re.IGNORECASE
)

# Letters that turn the direction of others (Unicode 9, 3.3).
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What may stay.
ELEMENTS = _words(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code "
    "col colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 "
    "h6 header hgroup hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp "
    "section small span strike strong sub sup table tbody td tfoot th thead time tr tt "
    "u ul var wbr"
)
#: What goes with all that is in it; of any other element the text stays.
EMPTIED = _words(
    "applet area audio base canvas datalist embed frame frameset iframe input link map "
    "math meta noembed noframes noscript object option param plaintext script select "
    "source style svg template textarea title track video xmp"
)
ATTRIBUTES = _words(
    "abbr align alt bgcolor border cellpadding cellspacing color colspan datetime dir "
    "face height hspace lang nowrap rowspan scope size span start title type valign "
    "value vspace width"
)


def harmless(markup: str | None) -> str:
    """Return what can be shown of the HTML ``markup`` without any harm.

    Links stay, as text to click on, without a referrer; pictures only where they are
    in the mail itself. Return "" for what cannot be read as HTML.
    """
    markup = _NOT_XML.sub("", beginning(markup or ""))
    markup = _REFERENCE.sub(_kept_reference, markup)
    if not markup.strip():
        return ""
    try:
        root = html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, ValueError):
        return ""
    for element in list(root.iterdescendants()):
        _disarm(element)
    return str(html.tostring(root, encoding="unicode"))


def beginning(text: str, mark: str = "<") -> str:
    """Return as much of a text, from its beginning, as anybody looks at.

    Each element of a page takes some hundred bytes of memory, however short it is
    written; so does each line that is made one.

    `mark`: what begins an element, or ends a line.
    """
    pieces = text.split(mark, MOST_ELEMENTS + 1)
    return text if len(pieces) < MOST_ELEMENTS + 2 else mark.join(pieces[:-1])


def short_line(text: str | None, length: int) -> str:
    """Return a sender's text as it may stand among ours.

    It is on one line of ``length`` characters at most, and reads in the order in which
    it is written (Unicode 9, 3.3).
    """
    line = _TURNING.sub("", single_line(text or "")).strip()
    return line if len(line) <= length else f"{line[: length - 1]}…"


def snippet(content: Content, length: int) -> str:
    """Return the first words of a mail, on one line of ``length`` characters at most.

    Of a mail in HTML they are those that :func:`harmless` leaves: no style sheet, no
    hidden title.
    """
    text = content.text
    if not text.strip() and content.html.strip():
        page = html.fragment_fromstring(harmless(content.html) or "<div/>")
        text = " ".join(str(words) for words in page.itertext())
    return short_line(" ".join(text.split()), length)


def _kept_reference(match: re.Match[str]) -> str:
    digits = match[1].lower()
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    is_bad = code > 0x10FFFF or _NOT_XML.match(chr(code))
    return "" if is_bad else match[0]


def _disarm(element: html.HtmlElement) -> None:
    if not isinstance(element.tag, str) or element.tag in EMPTIED:
        element.drop_tree()
        return
    if element.tag not in ELEMENTS:
        element.drop_tag()
        return
    href, src = element.get("href", ""), element.get("src", "")
    for name in list(element.attrib):
        if name not in ATTRIBUTES:
            del element.attrib[name]
    if element.tag == "a":
        _set_link(element, _UNSEEN.sub("", href))
    elif element.tag == "img" and _EMBEDDED.fullmatch(src.strip()):
        element.set("src", src.strip())


def _set_link(element: html.HtmlElement, target: str) -> None:
    if _LINK.match(target):
        element.set("href", target)
        element.set("rel", "noopener noreferrer nofollow")
        element.set("target", "_blank")
