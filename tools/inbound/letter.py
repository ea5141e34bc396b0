"""What of a mail its wording and its tricks are judged by: read once, and bounded.

Nothing here is trusted: all of it is what the sender wrote.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from html import unescape
from itertools import chain, islice
from typing import NamedTuple

from ..mail import mime
from ..mail.addresses import Mailbox, each_entry, first_mailbox
from ..mail.filenames import given_name
from ..mail.headers import Headers
from ..mail.markup import visible_text
from ..mail.text import from_base64, normalized
from . import craft, lures
from .authors import written_author

MAX_PARTS = 50  # of one mail that are looked at
MAX_TEXT = 20_000  # characters of one part
MAX_LINKS = 100
MAX_FILES = 30
MAX_URL = 500
#: Mailboxes that want the answer, and characters of a field that names them.
MAX_REPLIES, MAX_REPLY = 20, 2_000
#: Encoded characters of a file that are looked at; of a larger one, its beginning.
FILE_SIZE, FILE_START = 1_500_000, 200_000

_ANCHOR = re.compile(r"<a\b([^<>]{0,3000})>|</a\s{0,9}>", re.IGNORECASE)
_FRAME = re.compile(r"<(?:area|form|iframe)\b([^<>]{0,3000})>", re.IGNORECASE)
_HREF = re.compile(
    r"""\b(?:href|action|src)\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""",
    re.IGNORECASE,
)
# As it begins with letters, and not with a boundary, it is looked for much faster.
_URL = re.compile(r"[hH](?<!\w.)[tT]{2}[pP][sS]?://[^\s<>\"'()\[\]{}]{3,500}")
_HOST = re.compile(r"\s*(?:https?:|ftp:)?[/\\]{2}([^/\\?#\s]+)", re.IGNORECASE)
_FORM = re.compile(r"<form\b|<input\b[^<>]{0,300}\bpassword\b", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """A link: where it leads, and the text that is shown for it, "" for a bare one."""

    url: str
    shown: str = ""

    @cached_property
    def host(self) -> str:
        """The host that it leads to, lower case, "" if it leads to none."""
        return host_of(self.url)


@dataclass(frozen=True)
class Enclosure:
    """A file: its name, "" without one, its type, and its bytes or how they begin."""

    name: str
    content_type: str
    start: bytes = field(default=b"", repr=False)


class _Text(NamedTuple):
    """What is judged of one text of a mail, fields as of `Letter`."""

    read: str
    links: list[Link]
    has_form: bool = False
    made: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Letter:
    """What of a mail is judged.

    ``text`` is what a person reads of it, NFC, HTML without its markup. ``kinds`` are
    the types of its parts. ``has_form``: a person could fill something in. ``made``:
    what its pages are made of, as of `craft.of_page`.
    """

    headers: Headers
    author: Mailbox
    subject: str
    text: str
    links: tuple[Link, ...] = ()
    files: tuple[Enclosure, ...] = ()
    kinds: tuple[str, ...] = ()
    has_form: bool = False
    made: frozenset[str] = frozenset()

    @cached_property
    def replies(self) -> tuple[Mailbox, ...]:
        """The mailboxes that want the answer, MAX_REPLIES at most, each address once.

        All that all Reply-To fields name: which of several a program answers to, and
        whether to all mailboxes of one, differs (RFC 5322 3.6 allows one field).
        """
        found: dict[str, Mailbox] = {}
        for value in islice(self.headers.get_all("Reply-To"), MAX_REPLIES):
            value = value[:MAX_REPLY]
            for one in chain([first_mailbox(value)], each_entry(value)):
                found.setdefault(one.address, one)
        found.pop("", None)
        return tuple(islice(found.values(), MAX_REPLIES))

    @cached_property
    def said(self) -> str:
        """Subject and text as of `lures.plain`; both filters look at it."""
        return lures.plain(f"{self.subject} {self.text}")

    @cached_property
    def lures(self) -> dict[str, bool]:
        """The lures in it, as of `lures.lures`."""
        return lures.lures(self.said)

    @cached_property
    def wallet(self) -> str:
        """The address of a wallet that it names, or ""."""
        return craft.wallet_in(self.text)

    @cached_property
    def urges(self) -> bool:
        """Whether it presses for time."""
        return lures.urges(self.said)


def read_letter(raw: bytes, headers: Headers) -> Letter:
    """Return what of the mail `raw` is judged; never raises.

    `headers`: those of `raw`. At most MAX_PARTS parts, MAX_TEXT characters of each,
    MAX_LINKS links and MAX_FILES files are looked at.
    """
    return letter_of(mime.parse(raw), headers)


def letter_of(message: Message, headers: Headers) -> Letter:
    """Return what of a mail is judged that is parsed already; see `read_letter`."""
    texts: list[_Text] = []
    files: list[Enclosure] = []
    kinds: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        kinds.append(kind)
        name = _name(part)
        if kind in ("text/plain", "text/html") and not name:
            texts.append(_text_of(_content(part), kind == "text/html"))
        elif len(files) < MAX_FILES:
            files.append(_enclosure(part, name, kind))
    links = chain.from_iterable(one.links for one in texts)
    return Letter(
        headers=headers,
        author=written_author(headers).mailbox,
        subject=normalized(headers.decoded("Subject"))[:MAX_URL],
        text=" ".join(chain.from_iterable(one.read.split() for one in texts)),
        links=tuple(dict.fromkeys(islice(links, MAX_LINKS))),
        files=tuple(files),
        kinds=tuple(kinds),
        has_form=any(one.has_form for one in texts),
        made=frozenset().union(*(one.made for one in texts)),
    )


def _text_of(content: str, is_page: bool) -> _Text:
    if not is_page:
        return _Text(craft.joined(content), text_links(content))
    page = craft.joined(content)
    return _Text(
        visible_text(page), page_links(content), is_form(page), craft.of_page(page)
    )


def host_of(url: str) -> str:
    """Return the host of a link as a browser finds it, lower case, or ""."""
    found = _HOST.match(url[:MAX_URL])
    if not found:
        return ""
    host = found[1].rpartition("@")[2].lower()
    return host.partition(":")[0].strip(".")


def page_links(page: str) -> list[Link]:
    """Return the links of HTML with the texts shown for them, MAX_LINKS at most."""
    found: list[Link] = []
    opened: tuple[str, int] | None = None
    for tag in _ANCHOR.finditer(page):
        if opened:
            url, at = opened
            found.append(Link(url, visible_text(page[at : tag.start()])[:MAX_URL]))
            opened = None
        if tag[1] and (url := _target(tag[1])):
            opened = url, tag.end()
        if len(found) >= MAX_LINKS:
            return found
    if opened:
        found.append(Link(opened[0], visible_text(page[opened[1] :])[:MAX_URL]))
    framed = (_target(tag[1]) for tag in _FRAME.finditer(page))
    found.extend(Link(url) for url in framed if url)
    return found[:MAX_LINKS]


def text_links(text: str) -> list[Link]:
    """Return the links of plain text, MAX_LINKS at most."""
    found = []
    for match in _URL.finditer(text):
        found.append(Link(match[0].rstrip(".,;:!?")))
        if len(found) >= MAX_LINKS:
            break
    return found


def is_form(page: str) -> bool:
    """Tell whether HTML asks for something to be filled in."""
    return bool(_FORM.search(page))


def _target(attributes: str) -> str:
    found = _HREF.search(attributes)
    if not found:
        return ""
    url = unescape(found[1] or found[2] or found[3] or "").strip()
    return "" if url[:1] == "#" else url[:MAX_URL]


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that hold no others, MAX_PARTS at most, in order."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop()
        seen += 1
        inner = part.get_payload() if part.is_multipart() else None
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            waiting.extend(_enclosed(reversed(inner[:MAX_PARTS])))
        elif not isinstance(inner, list):
            yield part
        else:
            # The text of a mail that is enclosed: who forwards it shows it, too.
            yield from (each for each in _enclosed(inner) if not each.is_multipart())


def _enclosed(inner: Iterable[object]) -> Iterator[Message]:
    return (one for one in inner if isinstance(one, Message))


def _content(part: Message) -> str:
    content = part.get_content() if isinstance(part, mime.BoundedMessage) else ""
    text = content if isinstance(content, str) else ""
    return normalized(text[:MAX_TEXT])


def _name(part: Message) -> str:
    disposition, kind = (
        mime.raw_value(part, name) for name in ("Content-Disposition", "Content-Type")
    )
    return given_name(disposition, kind)


def _enclosure(part: Message, name: str, kind: str) -> Enclosure:
    if (data := mime.held(part)) is not None:
        is_large = len(data) > FILE_SIZE // 4 * 3
        return Enclosure(name, kind, data[: FILE_START // 4 * 3] if is_large else data)
    payload = part.get_payload()
    if isinstance(payload, str) and len(payload) > FILE_SIZE:
        start = from_base64(payload[:FILE_START].encode("utf-8", "surrogateescape"))
    else:
        start = mime.decoded_payload(part)
    return Enclosure(name, kind, start)
