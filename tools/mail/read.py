"""The one reader: what a mail says, for everybody who asks (RFC 2045-2047, 2183, 2387).

Guards, preview, rules, journal and delivery ask it for the texts that a person is to
read, in their order, and for the files. It never raises and is bounded: mail of too
many parts has itself attached as a whole.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage, Message
from typing import Any

from . import cms, mending, mime
from .addresses import Mailbox, first_mailbox
from .calendars import CalendarWords, invitation_text
from .content import File, ReadMail, Text
from .filenames import (
    FileWords,
    described_name,
    distinct,
    given_name,
    has_ending,
    name_by_type,
    tidy_name,
    type_by_name,
)
from .headers import Headers, Summary, open_mail, parse_headers, summarize
from .markup import charset_in, is_page, one_page, with_whole_signs
from .nesting import shallow
from .pictures import in_place
from .text import (
    decode_bytes,
    is_charset,
    is_unicode,
    is_utf8,
    normalized,
    single_line,
    unflowed,
)
from .tnef import Tnef, read_tnef
from .uuencoded import files_in

#: Parts that are read of one mail.
MAX_PARTS = 2000
#: Signatures and the like that are opened in one mail.
MAX_OPENED = 10

#: Forms of a text that only some programs show, besides those that all do.
_OTHER_FORMS = frozenset(
    {"text/x-amp-html", "text/watch-html", "text/vnd.google.email-reaction+json"}
)
_MARKED = frozenset(
    {"text/enriched", "text/markdown", "text/richtext", "text/x-markdown"}
)
_MARK = re.compile(r"<[^<>]{0,200}>")
# What programs write before the parts for those that know none; a header or an edge of
# a part that nobody could read.
_OF_PARTS = re.compile(
    r"\bMIME\b|multi-?\s?part|multiple parts|^--\S|^Content-",
    re.IGNORECASE | re.MULTILINE,
)
_MARKS, _PLAIN, _PICTURES, _HTML = 1, 2, 3, 4
_SHOWN = {"text/plain": "plain", "text/html": "html"}
_RESOURCES = "application/applefile"
_CALENDARS = frozenset({"text/calendar", "application/ics"})
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_MAIL_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})
# What programs call an enclosed mail when they have no name for it.
_NO_NAMES = frozenset(
    {"attachedmessage", "attachment", "forwardedmessage", "mail", "message", "noname"}
    | {"original", "originalmessage", "unknown", "unnamed", "untitled"}
)


@dataclass(frozen=True)
class ReadWords:
    """What the reader says itself, in the language of who reads the mail."""

    files: FileWords = field(default_factory=FileWords)
    calendar: CalendarWords = field(default_factory=CalendarWords)
    signed: str = "This email is signed. The signature has not been verified."
    encrypted: str = "This email is encrypted. Whoever has the key can open the file."


@dataclass(frozen=True)
class _Found:
    """Texts and files of a part and what is in it."""

    texts: tuple[Text, ...] = ()
    files: tuple[File, ...] = ()


def read_mail(raw: bytes, words: ReadWords | None = None) -> ReadMail:
    """Return what the mail `raw` says; never raises.

    ``words`` is what the reader adds, as to files without a name of their own.
    """
    opened = open_mail(raw)
    return read_message(mime.parse(raw), opened.headers, raw, words=words)


def read_message(
    message: EmailMessage,
    headers: Headers,
    raw: bytes,
    *,
    summary: Summary | None = None,
    words: ReadWords | None = None,
) -> ReadMail:
    """Return what a mail says whose bytes are parsed already; see `read_mail`."""
    summary = summary or summarize(headers)
    found = _Reader(words or ReadWords()).read_all(message, raw)
    return ReadMail(
        headers=headers,
        author=replace(first_mailbox(summary.email_from), address=summary.sender),
        reply_to=tuple(_named(headers.get_all("Reply-To"))),
        subject=summary.subject,
        date=summary.date,
        texts=found.texts,
        files=found.files,
        message=message,
    )


def _named(values: Iterable[str]) -> Iterator[Mailbox]:
    for value in values:
        mailbox = first_mailbox(value)
        if mailbox.address:
            yield mailbox


# ------------------------------------------------------------
# PARTS
# ------------------------------------------------------------


class _Reader:
    """Reads one mail: its parts one after the other."""

    def __init__(self, words: ReadWords) -> None:
        self.words = words
        self.parts = 0
        self.opened = 0
        self.spare: list[Text] = []
        self.beside: list[Text] = []
        self.charset = ""
        self.names: list[str] = []

    def read_all(self, message: EmailMessage, raw: bytes) -> _Found:
        """Return the texts and files of the mail; all of it where it is too much."""
        found = self._top(message)
        if self.parts > MAX_PARTS:
            whole = File("original.eml", "message/rfc822", data=raw)
            found = replace(found, files=(*found.files, whole))
        if not any(text.says_something for text in found.texts):
            found = replace(found, texts=self._instead(found) or found.texts)
            shown = {id(text.part) for text in found.texts}
            files = (one for one in found.files if not self._is_only(one, shown))
            found = replace(found, files=tuple(files))
        return _Found(*in_place(found.texts, found.files))

    def _instead(self, found: _Found) -> tuple[Text, ...]:
        """Return what a mail without any text says by its files."""
        if self.spare:
            return tuple(self.spare)
        forms = [_Found((text,)) for text in self._read_files(found.files)]
        texts = tuple(one.texts[0] for one in _distinct_forms(forms))
        if texts or self.beside:
            return texts or tuple(self.beside)
        for file in found.files:
            if _is_calendar(file):
                calendar = decode_bytes(file.content)
                text = invitation_text(calendar, self.words.calendar)
                if text:
                    return (Text("plain", text),)
        if any(_is_encrypted(file) for file in found.files):
            return (Text("plain", self.words.encrypted),)
        return ()

    def _read_files(self, files: Iterable[File]) -> Iterator[Text]:
        """Yield the texts among files that nobody has attached by a name of his own:
        gateways and phones write the text of a mail as such a file."""
        for file in files:
            part = file.part
            if part is None or part.get_content_type() not in _SHOWN:
                continue
            if not (_is_attached(part) and self._given(part)):
                text = self._text(part)
                if text.says_something:
                    yield text

    def _is_only(self, file: File, shown: Container[int]) -> bool:
        """Tell whether a file is a text that is shown, and has no name."""
        part = file.part
        return part is not None and id(part) in shown and not self._given(part)

    def _top(self, message: EmailMessage) -> _Found:
        kind = message.get_content_type()
        if kind in _SHOWN and not (_is_attached(message) and self._given(message)):
            return self._shown(message)
        return self._part(message)

    def _part(self, part: Message, is_form: bool = False) -> _Found:
        """Return what is in a part.

        :param is_form: whether it is one of several forms of the same
        """
        self.parts += 1
        if self.parts > MAX_PARTS:
            return _Found()
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart":
            return self._several(kind, part)
        if kind in _OTHER_FORMS and not _is_attached(part):
            self.spare.append(self._text(part))
            return _Found()
        if kind in _SHOWN and not _is_attached(part):
            if is_form or not self._given(part):
                return self._shown(part)
        is_words = kind in _MARKED or (
            _is_unknown_text(kind) and not _is_attached(part)
        )
        if is_words and not self._given(part):
            return _Found((self._text(part),))
        return self._container(kind, part) or _Found((), (self._file(part),))

    def _container(self, kind: str, part: Message) -> _Found | None:
        """Return what is in a file that holds a mail, or parts of one, else None."""
        name = self._given(part).lower()
        if kind in _SMIME or name.endswith(".p7m"):
            return self._signed(part)
        if kind in _TNEF or name == "winmail.dat":
            return self._outlook(part)
        return None

    def _signed(self, part: Message) -> _Found | None:
        """Return what is in an opaque signature, which stays a file."""
        self.opened += 1
        raw = cms.content_of(mime.decoded_payload(part))
        if not raw or self.opened > MAX_OPENED:
            return None
        inner = self._top(mime.parse(raw))
        note = Text("plain", self.words.signed)
        return _Found((*inner.texts, note), (*inner.files, self._file(part)))

    def _outlook(self, part: Message) -> _Found | None:
        """Return the files in winmail.dat, which stays one itself where it is broken;
        its text counts if there is no other."""
        self.opened += 1
        found = read_tnef(mime.decoded_payload(part))
        if self.opened > MAX_OPENED or not found.is_whole:
            files = self._tnef_files(found) if found.files else ()
            return _Found((), (*files, self._file(part)))
        if found.html or found.text:
            kind = "html" if found.html else "plain"
            self.spare.append(Text(kind, normalized(found.html or found.text)))
        return _Found((), tuple(self._tnef_files(found)))

    def _tnef_files(self, found: Tnef) -> Iterator[File]:
        for one in found.files:
            kind = one.content_type or type_by_name(one.name)
            name = tidy_name(one.name) or name_by_type(
                kind, self.words.files, one.data[:64]
            )
            name = distinct(name, self.names)
            yield self._named(File(name, kind, cid=one.cid, data=one.data))

    def _several(self, kind: str, part: Message) -> _Found:
        inner: Any = part.get_payload()
        self.beside.extend(_beside(part))
        if kind == "multipart/alternative":
            return _one_of([self._part(one, is_form=True) for one in inner])
        if kind == "multipart/appledouble" and len(inner) > 1:
            # The other half is what only a Mac can read (RFC 1740).
            inner = [one for one in inner if one.get_content_type() != _RESOURCES]
        found = [self._part(one) for one in inner]
        return _all_of(found)

    def _shown(self, part: Message) -> _Found:
        """Return a text, and the files that stand in it."""
        text = self._text(part)
        if text.kind != "plain":
            return _Found((text,))
        content, inner = files_in(text.content)
        files = tuple(self._inner(name, data) for name, data in inner)
        return _Found((replace(text, content=content) if files else text,), files)

    def _inner(self, written: str, data: bytes) -> File:
        """Return a file that stood in a text."""
        kind = type_by_name(written)
        name = tidy_name(written) or name_by_type(kind, self.words.files)
        return self._named(File(distinct(name, self.names), kind, data=data))

    def _text(self, part: Message) -> Text:
        kind = "html" if "html" in part.get_content_subtype() else "plain"
        charset = mime.charset_of(part)
        self.charset = self.charset or charset
        data = mending.unencoded(mime.decoded_payload(part))
        if kind == "html" and not is_charset(charset) and not is_utf8(data):
            charset = charset_in(data)
        content = decode_bytes(data, charset).removeprefix("\ufeff")
        if kind == "plain" and is_page(content):
            kind = "html"
        if kind == "html":
            content = shallow(one_page(with_whole_signs(content)))
        if kind == "plain" and _parameter(part, "format") == "flowed":
            content = unflowed(content, _parameter(part, "delsp") == "yes")
        if part.get_content_type() in ("text/enriched", "text/richtext"):
            content = _MARK.sub("", content)
        return Text(kind, content, part)

    def _file(self, part: Message) -> File:
        kind = part.get_content_type()
        cid = mime.raw_value(part, "Content-ID").strip().strip("<>").strip()
        charset = mime.charset_of(part)
        if kind in _CALENDARS and not is_unicode(charset):
            # RFC 5545 3.1.4: a calendar outside of mail is UTF-8.
            text = decode_bytes(mime.decoded_payload(part), charset)
            return self._named(File(self._name(part, kind), kind, data=text.encode()))
        file = File(
            self._name(part, kind),
            kind,
            cid=single_line(cid),
            location=mime.raw_value(part, "Content-Location").strip(),
            part=part,
        )
        return self._named(file)

    def _named(self, file: File) -> File:
        self.names.append(file.name)
        return file

    def _name(self, part: Message, kind: str) -> str:
        name = self._given(part) or described_name(
            mime.raw_value(part, "Content-Description"), self.charset
        )
        if kind in _MAIL_TYPES:
            return _mail_name(part, name, self.words.files)
        if name:
            return name
        head = mime.decoded_payload(part)[:64] if kind.endswith("octet-stream") else b""
        return distinct(name_by_type(kind, self.words.files, head), self.names)

    def _given(self, part: Message) -> str:
        return given_name(
            mime.raw_value(part, "Content-Disposition"),
            mime.raw_value(part, "Content-Type"),
            self.charset,
        )


def _beside(part: Message) -> Iterator[Text]:
    """Yield what stands before and behind the parts, unless a program says there that
    there are parts (RFC 2046 5.1.1)."""
    for words in (part.preamble, part.epilogue):
        if words and words.strip() and not _OF_PARTS.search(words):
            data = words.encode("utf-8", "surrogateescape")
            yield Text("plain", decode_bytes(data).strip())


def _all_of(found: Iterable[_Found]) -> _Found:
    """Return the texts and files of parts that follow one another."""
    texts: list[Text] = []
    files: list[File] = []
    for one in found:
        texts.extend(one.texts)
        files.extend(one.files)
    return _Found(tuple(texts), tuple(files))


def _one_of(forms: list[_Found]) -> _Found:
    """Return the richest of several forms of one text that says anything, and the
    files of all.

    Forms of the same kind are two texts if neither repeats the other.
    """
    best = max(map(_richness, forms), default=0)
    chosen = [one for one in forms if _richness(one) == best]
    if best == _PICTURES:
        # The words stand in another form alone.
        chosen = [one for one in forms if _richness(one)]
    chosen = _distinct_forms(chosen) if best else forms[-1:]
    files = [file for one in forms for file in one.files]
    return _Found(tuple(text for one in chosen for text in one.texts), tuple(files))


def _richness(form: _Found) -> int:
    """Return how much a form says: nothing, text with marks in it, plain text, pictures
    alone, or HTML."""
    telling = [text for text in form.texts if text.says_something]
    if any(text.kind == "html" for text in telling):
        return _HTML if any(text.has_words for text in telling) else _PICTURES
    kinds = (text.part.get_content_type() for text in telling if text.part)
    if "text/plain" in kinds:
        return _PLAIN
    return _MARKS if telling else 0


def _distinct_forms(forms: list[_Found]) -> list[_Found]:
    if len(forms) < 2:
        return forms
    seen = [" ".join(text.visible for text in one.texts) for one in forms]
    kept: list[int] = []
    for place, words in enumerate(seen):
        repeated = any(words in later for later in seen[place + 1 :])
        repeated = repeated or any(words in seen[earlier] for earlier in kept)
        if not words or not repeated:
            kept.append(place)
    return [forms[place] for place in kept]


def _mail_name(part: Message, name: str, words: FileWords) -> str:
    """Return the name of an enclosed mail: the given one, else its subject."""
    stem = name.rpartition(".")[0] if name.lower().endswith(".eml") else name
    if not stem or "".join(filter(str.isalpha, stem)).lower() in _NO_NAMES:
        subject = parse_headers(mime.whole_content(part)).decoded("Subject")
        stem = tidy_name(subject)[:200] or words.message
    return f"{stem}.eml"


# ------------------------------------------------------------
# ONE PART
# ------------------------------------------------------------


def _is_calendar(file: File) -> bool:
    return file.content_type in _CALENDARS or file.name.lower().endswith(".ics")


def _is_encrypted(file: File) -> bool:
    if file.content_type in _SMIME or file.name.lower().endswith(".p7m"):
        return cms.is_encrypted(file.content)
    return file.content_type == "application/pgp-encrypted"


def _is_unknown_text(kind: str) -> bool:
    """Tell whether a type is of text that nobody has a program for: it is read as plain
    text (RFC 2046 4.1.4)."""
    return kind.startswith("text/") and not has_ending(kind)


def _is_attached(part: Message) -> bool:
    value = mime.raw_value(part, "Content-Disposition")
    return value.lstrip().lower().startswith("attachment")


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name, "")
    return value.lower() if isinstance(value, str) else ""
