"""HTML that lies no deeper than its readers go.

libxml2, with which Odoo cleans HTML, stops at 255 levels, and all that follows is lost:
a long exchange, where each answer encloses the ones before it, comes there.
"""

import re
from collections import Counter
from collections.abc import Iterator

#: Levels that are kept; what a reader adds by itself has room above them.
MAX_DEPTH = 200

# Each of these may begin another level.
_MAY_NEST = re.compile(
    r"<(?!(?:base|br|hr|img|li|link|meta|o:p|p|tbody|td|th|tr)\b)[a-z]", re.IGNORECASE
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)[^<>]*>|<!--")
# Elements without content, and those that end where the next one of them begins.
_FLAT = frozenset(
    ("area", "base", "body", "br", "col", "dd", "dt", "embed", "head", "hr", "html")
    + ("img", "input", "li", "link", "meta", "option", "p", "param", "source", "tbody")
    + ("td", "tfoot", "th", "thead", "tr", "track", "wbr")
)
# How many levels an element takes with those that belong in it.
_LEVELS = {"dl": 2, "ol": 2, "table": 4, "ul": 2}
_TABLE = re.compile(r"<(?:table|[duo]l)\b", re.IGNORECASE)
_LINES = frozenset(
    ("blockquote", "center", "div", "dl", "ol", "section", "table", "ul")
)
_BREAK = "<br>"


def shallow(markup: str) -> str:
    """Return HTML of which nothing lies deeper than `MAX_DEPTH` levels, the same where
    nothing does. Of elements that would, the content stays."""
    levels = len(_MAY_NEST.findall(markup)) + 3 * len(_TABLE.findall(markup))
    if levels <= MAX_DEPTH:
        return markup
    pieces: list[str] = []
    at, is_broken = 0, False
    for start, end, instead in _too_deep(markup):
        between = markup[at:start]
        # One line break for all the elements that begin or end here.
        is_broken = is_broken and not between.strip()
        pieces += [between, "" if is_broken else instead]
        at, is_broken = end, is_broken or bool(instead)
    return "".join([*pieces, markup[at:]]) if pieces else markup


def _too_deep(markup: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, what stands there instead) of each tag that lies too deep."""
    opened: list[tuple[str, bool]] = []
    waiting: Counter[str] = Counter()
    depth = at = 0
    while tag := _TAG.search(markup, at):
        at = tag.end()
        if tag[2] is None:
            comment_end = markup.find("-->", at)
            at = comment_end + 3 if comment_end >= 0 else len(markup)
            continue
        name = tag[2].lower()
        if name in _FLAT or tag[0].endswith("/>"):
            continue
        levels = _LEVELS.get(name, 1)
        if not tag[1]:
            is_kept = depth + levels <= MAX_DEPTH
            depth += levels if is_kept else 0
            waiting[name] += 1
            opened.append((name, is_kept))
            if not is_kept:
                yield tag.start(), at, _BREAK if name in _LINES else ""
        elif waiting[name]:
            is_kept = True
            closed = ""
            while closed != name:
                closed, is_kept = opened.pop()
                waiting[closed] -= 1
                depth -= _LEVELS.get(closed, 1) if is_kept else 0
            if not is_kept:
                yield tag.start(), at, _BREAK if name in _LINES else ""
