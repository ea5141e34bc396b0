"""What a mail holds, as plain values: its texts, its files, and who it is from."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage, Message
from functools import cached_property

from . import mime
from .addresses import Mailbox
from .headers import Headers
from .markup import has_content, has_words, visible_text


@dataclass(frozen=True)
class Text:
    """One text that a person is to read: ``kind`` is "plain" or "html".

    ``content`` is in NFC; HTML is as the sender wrote it and NOT sanitised.
    ``part`` is where it stands in the mail, None for a text made of something else.
    """

    kind: str
    content: str
    part: Message | None = field(default=None, repr=False, compare=False)

    @cached_property
    def visible(self) -> str:
        """What of it can be seen, on one line."""
        if self.kind == "html":
            return visible_text(self.content)
        return " ".join(self.content.split())

    @property
    def says_something(self) -> bool:
        """Whether there is anything to see in it."""
        if self.kind == "html":
            return has_content(self.content)
        return bool(self.content.strip())

    @property
    def has_words(self) -> bool:
        """Whether there is more to see in it than pictures."""
        return self.kind != "html" or has_words(self.content)


@dataclass(frozen=True)
class File:
    """A file: its name, never empty, its type, and the Content-ID by which a text
    shows it, or "". ``location`` is its Content-Location, which does the same.

    ``part`` is where it stands in the mail; ``data`` its bytes where it is none of the
    mail's parts.
    """

    name: str
    content_type: str
    cid: str = ""
    location: str = field(default="", repr=False, compare=False)
    part: Message | None = field(default=None, repr=False, compare=False)
    data: bytes = field(default=b"", repr=False, compare=False)

    @cached_property
    def content(self) -> bytes:
        """The bytes of the file; an enclosed mail's are those that arrived."""
        return mime.whole_content(self.part) if self.part is not None else self.data

    @property
    def size(self) -> int:
        """How many bytes it has; base64 is counted, not decoded."""
        if self.part is None or self.part.is_multipart():
            return len(self.content)
        return mime.decoded_size(self.part)


@dataclass(frozen=True)
class ReadMail:
    """What a mail says.

    ``author`` is the one mailbox that it is from, its address normalised or "";
    ``reply_to`` those that want the answer; ``date`` the one in its header, naive UTC,
    or None. ``texts`` and ``files`` are in the order of the mail. ``message`` is the
    parsed mail that they were read from.
    """

    headers: Headers = field(repr=False)
    author: Mailbox
    reply_to: tuple[Mailbox, ...]
    subject: str
    date: datetime | None
    texts: tuple[Text, ...]
    files: tuple[File, ...]
    message: EmailMessage = field(repr=False, compare=False)
