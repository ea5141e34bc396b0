"""The one writer: the mail that core reads as the reader does (`read.py`).

Core's gateway (`mail.thread.message_parse`) walks over all parts, also those of
enclosed mails, keeps one of several texts, and takes what it cannot name for
"attachment". What it would read wrongly is written anew in the plainest form that it
knows: texts one after the other, then files. Mail that it reads rightly is left alone.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.policy import Policy
from typing import Any

from . import mime
from .addresses import readable_list
from .content import File, ReadMail, Text
from .mime import BoundedMessage, PlainHeader
from .text import decode_bytes, is_utf8, normalized

_NAMING = ("From", "To", "Cc")
_TYPES = {"plain": "text/plain", "html": "text/html"}


class CleanMail(BoundedMessage):
    """A mail written anew; its source is that of the mail as it came."""

    source: EmailMessage

    def as_string(
        self,
        unixfrom: bool = False,
        maxheaderlen: int | None = None,
        policy: Policy | None = None,
    ) -> str:
        """Return the mail as it came, as text."""
        return self.source.as_string(unixfrom, maxheaderlen, policy)

    def as_bytes(self, unixfrom: bool = False, policy: Policy | None = None) -> bytes:
        """Return the mail as it came."""
        return self.source.as_bytes(unixfrom, policy)


class CleanPart(BoundedMessage):
    """A part whose content and name are known, and need not be decoded again."""

    content: str | bytes = b""
    name = ""

    def get_content(self, *_args: Any, **_kw: Any) -> str | bytes:
        """Return the text as str, a file as bytes."""
        return self.content

    def get_payload(self, i: int | None = None, decode: bool = False) -> Any:
        """Return the content, as bytes where it is asked for decoded."""
        if decode and isinstance(self.content, str):
            return self.content.encode()
        return self.content

    def get_filename(self, failobj: Any = None) -> Any:
        """Return the file's name, else `failobj`."""
        return self.name or failobj


def write_mail(read: ReadMail) -> EmailMessage:
    """Return the mail in the form that core reads as `read` says.

    It is the parsed mail itself where core reads that rightly. Of the header only
    what core would read otherwise is written anew.
    """
    message = read.message if _reads_alike(read) else _written(read)
    _write_subject(message, read.subject)
    for name in _NAMING:
        value = _core_value(message, name)
        if _is_misread(message, name):
            value = readable_list(", ".join(read.headers.get_all(name)))
        elif unicodedata.is_normalized("NFC", value):
            continue
        # It is searched for as it is typed.
        mime.replace_header(message, name, normalized(value))
    return message


# ------------------------------------------------------------
# WRITING
# ------------------------------------------------------------


def _is_misread(message: EmailMessage, name: str) -> bool:
    """Tell whether a header has bytes that are no UTF-8, of a mailer that encodes
    nothing: only the reader knows their charset."""
    data = mime.raw_value(message, name).encode("utf-8", "surrogateescape")
    return b"\x1b$" in data or not (data.isascii() or is_utf8(data))


def _written(read: ReadMail) -> CleanMail:
    """Return the mail with its texts and files under the header that it came with."""
    clean = CleanMail()
    clean.source = read.message
    for name, value in read.message.raw_items():
        if not name.lower().startswith("content-"):
            clean.set_raw(name, value)
    _set_type(clean, "multipart/mixed")
    for part in (*_text_parts(read.texts), *map(_file_part, read.files)):
        clean.attach(part)
    return clean


def _write_subject(message: EmailMessage, subject: str) -> None:
    """Give the mail this subject if core would read another one."""
    if _core_value(message, "Subject").split() != subject.split():
        mime.replace_header(message, "Subject", subject)


def _text_parts(texts: Iterable[Text]) -> list[Message]:
    """Return the parts of the texts; a single one in HTML stays a whole page."""
    parts: list[Message] = [_text_part(text) for text in texts]
    if [part.get_content_type() for part in parts] != ["text/html"]:
        return parts
    # Core takes the page as it is where there might be another form of it.
    forms = BoundedMessage()
    _set_type(forms, "multipart/alternative")
    forms.attach(parts[0])
    return [forms]


def _text_part(text: Text) -> CleanPart:
    part = CleanPart()
    _set_type(part, f'{_TYPES[text.kind]}; charset="utf-8"')
    part.content = text.content
    return part


def _file_part(file: File) -> Message:
    part = CleanPart()
    # As bytes, whatever it is: core would write a text anew.
    _set_type(part, "application/octet-stream")
    part.set_raw(
        "Content-Disposition", PlainHeader("Content-Disposition", "attachment")
    )
    if file.cid:
        part.set_raw("Content-ID", PlainHeader("Content-ID", f"<{file.cid}>"))
    part.name = file.name
    part.content = file.content
    return part


def _set_type(part: Message, value: str) -> None:
    part.set_raw("Content-Type", PlainHeader("Content-Type", value))


# ------------------------------------------------------------
# WHAT CORE READS
# ------------------------------------------------------------


@dataclass
class _CoreReading:
    """What core makes of a mail: the parts it shows, and (part, name, cid) of files."""

    texts: list[Message] = field(default_factory=list)
    files: list[tuple[Message, str, str]] = field(default_factory=list)


def _reads_alike(read: ReadMail) -> bool:
    """Tell whether core reads the parsed mail as the reader does."""
    core = _read_as_core(read.message)
    if [id(part) for part in core.texts] != [id(text.part) for text in read.texts]:
        return False
    ours = [(id(file.part), file.name, file.cid) for file in read.files]
    if [(id(part), name, cid) for part, name, cid in core.files] != ours:
        return False
    return all(map(_is_read_so, read.texts)) and all(map(_keeps_bytes, read.files))


def _is_read_so(text: Text) -> bool:
    """Tell whether core reads the part of a text as this text."""
    part = text.part
    is_kind = part is not None and part.get_content_type() == _TYPES[text.kind]
    return is_kind and _core_text(part) == text.content


def _read_as_core(message: EmailMessage) -> _CoreReading:
    """Return what `mail.thread._message_parse_extract_payload` finds, Odoo 19."""
    core = _CoreReading()
    if message.get_content_maintype() == "text":
        core.texts.append(message)
        return core
    is_alternative = is_mixed = has_html = False
    for part in message.walk():
        kind = part.get_content_type()
        is_alternative = is_alternative or kind == "multipart/alternative"
        is_mixed = is_mixed or kind == "multipart/mixed"
        if part.get_content_maintype() == "multipart":
            continue
        name = _core_name(part)
        if name or _disposition(part).strip().startswith("attachment"):
            cid = str(part.get("Content-ID", "")).strip("><") if name else ""
            core.files.append((part, name, cid))
        elif kind == "text/plain" and not (is_alternative and core.texts):
            core.texts.append(part)
        elif kind == "text/html":
            if is_alternative and not (has_html and is_mixed):
                core.texts.clear()
            core.texts.append(part)
            has_html = has_html or bool(_core_text(part))
        else:
            core.files.append((part, "", ""))
    return core


def _core_value(message: EmailMessage, name: str) -> str:
    """Return the value that core reads of a header, `odoo.tools.mail`."""
    return ", ".join(str(value) for value in message.get_all(name, []) if value)


def _core_text(part: Message | None) -> str:
    """Return the text that core gets of a part: without a charset it takes UTF-8."""
    if part is None:
        return ""
    charset = part.get_param("charset", "")
    return decode_bytes(
        mime.decoded_payload(part), charset if isinstance(charset, str) else ""
    )


def _keeps_bytes(file: File) -> bool:
    """Tell whether core keeps a file as it is; it writes texts anew."""
    part = file.part
    if part is None or part.get_content_maintype() != "text":
        return True
    charset = part.get_content_charset() or "utf-8"
    try:
        return _core_text(part).encode(charset) == file.content
    except (LookupError, ValueError):
        return False


def _core_name(part: Message) -> str:
    try:
        return str(part.get_filename() or "")
    except mime.PARSE_ERRORS:
        return ""


def _disposition(part: Message) -> str:
    return str(part.get("Content-Disposition", ""))
