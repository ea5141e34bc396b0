"""A mail's HTML made safe to look at: nothing is loaded from outside.

Scripts, forms and styles are the sanitizer's work; what is left here are the
elements and attributes that make a browser ask another host for something,
which tells a sender that, when and where his mail was read.
"""

import re

from lxml import etree, html

# What XML cannot hold, written out or as a character reference such as &#1;.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(x[0-9a-f]{1,8}|[0-9]{1,8});?", re.IGNORECASE)

LOADING_ATTRIBUTES = frozenset(
    {"src", "srcset", "background", "poster", "data", "lowsrc", "dynsrc", "longdesc"}
)
LOADING_ELEMENTS = frozenset(
    {"link", "iframe", "frame", "object", "embed", "audio", "video", "source", "base"}
)


def without_remote_content(markup):
    """Answer sanitised HTML without anything that a browser would fetch.

    Links stay, as text to click on, without a referrer. ``markup`` is a str;
    what cannot be read as HTML is answered as ''.
    """
    markup = _REFERENCE.sub(_kept_reference, _NOT_XML.sub("", markup or ""))
    if not markup.strip():
        return ""
    try:
        root = html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, ValueError):
        return ""
    for element in list(root.iter()):
        _disarm(element)
    return html.tostring(root, encoding="unicode")


def _kept_reference(match):
    digits = match[1].lower()
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    is_bad = code > 0x10FFFF or _NOT_XML.match(chr(code))
    return "" if is_bad else match[0]


def _disarm(element):
    if not isinstance(element.tag, str) or element.tag in LOADING_ELEMENTS:
        if element.getparent() is not None:
            element.drop_tree()
        return
    for name in list(element.attrib):
        if name.lower() in LOADING_ATTRIBUTES:
            _replace(element, name)
    if "url(" in element.get("style", "").lower():
        del element.attrib["style"]
    if element.tag == "a":
        element.set("rel", "noopener noreferrer nofollow")
        element.set("target", "_blank")


def _replace(element, name):
    """Drop a loading attribute; an embedded picture (data:) loads nothing."""
    if not element.get(name).strip().lower().startswith("data:image/"):
        del element.attrib[name]
