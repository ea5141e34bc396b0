"""MIME read with the standard library, without what makes it raise (RFC 2045-2047).

`parse` gives the `EmailMessage` that everybody's code expects. Its policy is
`email.policy.SMTP` where mail is well-formed. Where the standard parser would raise,
recurse without end or take minutes, the lenient readers of this addon answer.
"""

import base64
import contextlib
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.contentmanager import ContentManager, raw_data_manager
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    MessageDefect,
    MessageError,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from email.message import EmailMessage, Message
from email.parser import BytesFeedParser
from email.policy import EmailPolicy, Policy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from . import addresses, mending
from .charsets import codec_of
from .encoded import Encoded, TakenOut
from .headers import Headers, parse_headers, split_raw, tidied
from .text import decode_bytes, decode_words, from_base64, is_readable, single_line

if TYPE_CHECKING:
    from typing_extensions import Self

#: Multiparts inside one another that are opened; deeper ones stay closed.
MAX_DEPTH = 50
#: Lines of a mail that the standard parser is given: it makes an object of each. Files
#: of 60 MB have fewer.
MAX_LINES = 1_000_000
#: So many bytes are read at once.
PIECE = 64 * 1024
#: Parts and fields that it makes of one mail, those of enclosed mails included.
MAX_PARSED_PARTS = 10_000
MAX_PARSED_FIELDS = 50_000
#: Parts that are read anew as what they were meant to be, and how many may be in each.
MAX_MENDED = 20
MAX_MENDED_PARTS = 500
#: Defects that it notes of one part.
MAX_DEFECTS = 100
#: Longest header value given to the standard parser, whose time grows with the
#: square of the length.
MAX_PARSED = 4000
#: Longest value kept of a header that only describes a part.
MAX_PARAMETERS = 4000
_CHARSET = re.compile(
    r"\bcharset\s{0,9}[=:]\s{0,9}(?:3D)?[\"'‘“]?([\w.:+-]{2,40})", re.IGNORECASE
)

#: What the standard parser was seen to raise on real mail.
PARSE_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MessageError,
    RecursionError,
    TypeError,
    ValueError,
)

#: Where the standard parser stops reading headers too early.
HEADER_DEFECTS = (
    FirstHeaderLineIsContinuationDefect,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)

# What scripts of websites call a text.
_TEXT_TYPES = {
    "html/text": "text/html",
    "plain/text": "text/plain",
    "text/htm": "text/html",
}
_AROUND_SLASH = re.compile(r"\s*/\s*")
# A type of several parts, or of none with what only those have.
_SEVERAL = re.compile(r"multipart\b|[^;]*;.*\bboundary\s*=", re.IGNORECASE | re.DOTALL)
# The half of a type that is none without the other, or without the slash between.
_HALF_HTML = re.compile(
    r"(?:text\s*\\\s*)?(html\s*(?:;|\Z).*)", re.IGNORECASE | re.DOTALL
)
_FILE_TYPES = frozenset({"application", "audio", "font", "image", "model", "video"})
_LINE_END = re.compile(r"\r\n|\r|\n")
_ENCODING = re.compile(r"[\s\"']*([a-z0-9]+(?:[ _-][a-z0-9]+)*)")
# What only a mail has that is encoded as a whole, and not just said to be.
_QUOTED_HEADER = re.compile(rb"^Content-[^\n]*=3D", re.IGNORECASE | re.MULTILINE)
# A line of words or of signs, where all is letters without a space.
_FOOTER = re.compile(r"\S[ \t]+\S|[_*#~-]{3}|://")
_PADDED_END = re.compile(rb"={1,2}[ \t]{0,99}\r?\n")
_ALL_DIGITS = re.compile(rb"[A-Za-z0-9+/=\s]*")
_PADDED_BREAK = re.compile(r"=[ \t]{1,99}(?=\r?\n)")
_FOOTER_LENGTH = 8192
# One of base64, which is long or padded.
_DATA_LINE = re.compile(
    r"^(?=[_-]{0,20}[A-Za-z0-9+/])"
    r"(?:[A-Za-z0-9+/_-]{24,}={0,2}|[A-Za-z0-9+/_-]{2,22}={1,2})[ \t]*\r?$",
    re.MULTILINE,
)
_TYPE = "content-type"
_DESCRIBING = frozenset({_TYPE, "content-disposition"})
_ENCODING_FIELD = "content-transfer-encoding"
_ENCODINGS = {
    "base64": "base64",
    "b64": "base64",
    "quotedprintable": "quoted-printable",
}
_ADDRESS_HEADERS = frozenset(
    prefix + name
    for prefix in ("", "resent-")
    for name in ("from", "sender", "reply-to", "to", "cc", "bcc")
) | {"delivered-to"}


# ------------------------------------------------------------
# HEADERS
# ------------------------------------------------------------


class PlainHeader(str):
    """A header value that was not given to the standard parser.

    It has what users of `EmailMessage` ask of any kind of header object.
    """

    __slots__ = ("name",)
    name: str
    defects = ()
    max_count = None
    addresses = ()
    groups = ()
    datetime = None

    def __new__(cls, name: str, value: str) -> "Self":
        self = super().__new__(cls, value)
        self.name = name
        return self

    def fold(self, *, policy: Policy) -> str:
        """Return the field on one line of ASCII, ending in the policy's line end."""
        value = self.encode("ascii", "replace").decode("ascii")
        return f"{self.name}: {value}{policy.linesep}"

    @property
    def content_disposition(self) -> str:
        """The value without its parameters, lower case."""
        return self.partition(";")[0].strip().lower()

    @property
    def content_type(self) -> str:
        """The value without its parameters, lower case."""
        return self.content_disposition

    cte = content_disposition


class LenientPolicy(EmailPolicy):
    """`email.policy.SMTP`, but no header value and no body makes it raise."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Return the header object of a raw value; a PlainHeader where parsing fails.

        Bytes that are not ASCII are read as UTF-8, else as Latin-1.
        """
        if hasattr(value, "name"):
            return value
        return _parsed_header(self, name, value)

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Return (name, header object) of a value that is set.

        It is a PlainHeader on one line where the standard library raises on reading it,
        or on writing it again.
        """
        try:
            stored = super().header_store_parse(name, value)
            stored[1].fold(policy=self)
        except PARSE_ERRORS:
            return name, _plain_header(name, single_line(str(value)))
        return stored

    def parse_header(self, name: str, value: str) -> Any:
        """Return what `header_fetch_parse` remembers, as it is asked often."""
        text = _from_surrogates(value)
        if len(text) > MAX_PARSED or not is_readable(text):
            return _plain_header(name, text)
        try:
            return EmailPolicy.header_fetch_parse(self, name, text)
        except PARSE_ERRORS:
            return _plain_header(name, text)

    def fold(self, name: str, value: str) -> str:
        """Return the field as text, as it came; bytes that are not ASCII are read."""
        if hasattr(value, "name"):
            return str(super().fold(name, value))
        return f"{name}: {readable(self._as_it_came(value))}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the field as bytes, as it came."""
        if hasattr(value, "name"):
            return super().fold_binary(name, value)
        field = f"{name}: {self._as_it_came(value)}{self.linesep}"
        return field.encode("utf-8", "surrogateescape")

    def _as_it_came(self, value: str) -> str:
        # Folding it anew would parse it, and newer Pythons always fold 8-bit values.
        return self.linesep.join(_LINE_END.split(value))


@lru_cache(maxsize=256)
def _parsed_header(policy: LenientPolicy, name: str, value: str) -> Any:
    """Return the header object, which nobody changes, of one of the last headers."""
    return policy.parse_header(name, value)


class LenientContent(ContentManager):
    """The standard readers of bodies, with unknown and wrong charsets read."""

    def get_content(self, msg: Message, *args: Any, **kw: Any) -> Any:
        """Return text as str, an enclosed message as EmailMessage, all else as bytes.

        Raises KeyError for multiparts, as the standard readers do.
        """
        if msg.get_content_maintype() == "text":
            return decode_bytes(decoded_payload(msg), charset_of(msg))
        if msg.get_content_maintype() == "multipart":
            raise KeyError(msg.get_content_type())
        if msg.get_content_maintype() != "message":
            return decoded_payload(msg)
        try:
            return raw_data_manager.get_content(msg, *args, **kw)
        except PARSE_ERRORS:
            return decoded_payload(msg)


def charset_of(part: Message) -> str:
    """Return the charset that a part names, "" if it names none; never raises.

    One that the standard parser does not see counts as well: in apostrophes, encoded
    again, or behind another mark than a semicolon and an equals sign.
    """
    value = part.get_param("charset", "")
    name = value if isinstance(value, str) else str(value[2])
    if codec_of(name):
        return name
    found = _CHARSET.search(raw_value(part, "Content-Type")[:MAX_PARAMETERS])
    return found[1] if found else name


LENIENT = LenientPolicy(
    linesep="\r\n", refold_source="none", content_manager=LenientContent()
)


def _from_surrogates(value: str) -> str:
    """Return a raw value of the standard parser: unfolded, its 8-bit bytes read."""
    return readable(_LINE_END.sub("", value)).replace("\0", "")


def readable(value: str) -> str:
    """Return a raw value whose lone surrogates are bytes: as UTF-8, else Latin-1."""
    if value.isascii():
        return value
    return decode_bytes(value.encode("utf-8", "surrogateescape"))


def _plain_header(name: str, text: str) -> PlainHeader:
    if name.lower().startswith("content-"):
        return PlainHeader(name, text[:MAX_PARAMETERS])
    if name.lower() in _ADDRESS_HEADERS:
        return PlainHeader(name, addresses.readable_list(text))
    return PlainHeader(name, decode_words(text))


# ------------------------------------------------------------
# MESSAGES
# ------------------------------------------------------------


class _Defects(list[MessageDefect]):
    """The first defects of a part; the parser notes one for each bad line."""

    def append(self, defect: MessageDefect) -> None:
        """Note one more, unless enough are noted."""
        if len(self) < MAX_DEFECTS:
            self[len(self) :] = [defect]


class _Budget:
    """What may be made of one mail while it is parsed; ValueError beyond that.

    ``within`` is the part that it is read for, if it is no mail of its own.
    """

    def __init__(self, within: "BoundedMessage | None" = None) -> None:
        self._depth = within.depth if within else 0
        self._parts = MAX_MENDED_PARTS if within else MAX_PARSED_PARTS
        self._fields = self._parts * MAX_PARSED_FIELDS // MAX_PARSED_PARTS
        self._is_closed = False

    def new_message(self, policy: Policy | None = None) -> "BoundedMessage":
        """Return one part more."""
        self._parts -= 1
        if self._parts < 0:
            raise ValueError("too many parts")
        message = BoundedMessage(policy, self)
        message.depth = self._depth
        return message

    def add_field(self) -> None:
        """Count one field more."""
        self._fields -= 1
        if self._fields < 0 and not self._is_closed:
            raise ValueError("too many fields")

    def close(self) -> None:
        """Count no more: the mail is parsed, and whoever changes it may do so."""
        self._is_closed = True


class BoundedMessage(EmailMessage):
    """A part that knows how deep it lies; too deep, it is a closed file.

    Of a large file its bytes are kept instead of their base64, which is made of them
    for whoever asks for it.
    """

    _encoded: Encoded | None = None
    _other: Any = None

    def __init__(
        self, policy: Policy | None = None, budget: _Budget | None = None
    ) -> None:
        super().__init__(policy or LENIENT)
        self.depth = 0
        self.defects = _Defects()
        self._budget = budget

    # The standard library's own name, by which it reads and writes.
    @property
    def _payload(self) -> Any:
        return self._encoded.text() if self._encoded else self._other

    @_payload.setter
    def _payload(self, payload: Any) -> None:
        is_encoded = isinstance(payload, Encoded)
        self._encoded = payload if is_encoded else None
        self._other = None if is_encoded else payload

    @property
    def held(self) -> bytes | None:
        """The bytes of a large file, as long as its payload is their base64; None of
        all else."""
        if self._encoded is None or _encoding(self) != "base64":
            return None
        return self._encoded.data

    def is_multipart(self) -> bool:
        """Tell whether there are parts in it."""
        return self._encoded is None and super().is_multipart()

    def get_payload(self, i: int | None = None, decode: bool = False) -> Any:
        """Return the payload; that of a large file is the same bytes each time."""
        is_plain = decode and i is None and self._encoded is not None
        if is_plain and str(self.get("Content-Transfer-Encoding")).lower() == "base64":
            return self.held
        standard: Any = super()
        return standard.get_payload(i, decode)

    def put_back(self, taken_out: TakenOut) -> None:
        """Keep the bytes of a file that was taken out before the mail was parsed, or
        get back the lines."""
        self.preamble = self.preamble and taken_out.restored(self.preamble)
        self.epilogue = self.epilogue and taken_out.restored(self.epilogue)
        text = self._other
        if isinstance(text, str):
            is_file = _encoding(self) == "base64"
            encoded = taken_out.encoded(text) if is_file else None
            self._payload = encoded or taken_out.restored(text)

    @property
    def raw_payload(self) -> Any:
        """What the parser has put into it: parts, or a text whose bytes that are not
        ASCII are lone surrogates, in no charset yet."""
        return self._payload

    def take_over(self, other: "BoundedMessage") -> None:
        """Have the payload of another part that has none in it."""
        self._payload = other._encoded or other._other

    def set_raw(self, name: str, value: Any) -> None:
        """Add a field as it is."""
        if self._budget:
            self._budget.add_field()
        return super().set_raw(name, value)

    def attach(self, payload: Any) -> None:
        """Add a part, one level below this one."""
        payload.depth = self.depth + 1
        return super().attach(payload)

    def get_content_type(self) -> str:
        """Return the part's type; `application/octet-stream` where it lies too deep.

        Parameters may follow without the semicolon that belongs between, and scripts of
        websites give texts a type that is none.
        """
        if self.depth > MAX_DEPTH:
            return "application/octet-stream"
        kind = _AROUND_SLASH.sub("/", super().get_content_type().strip("\"'"))
        kind = kind.split()[0] if " " in kind or "\t" in kind else kind
        return _TEXT_TYPES.get(kind, kind)

    def get_content_maintype(self) -> str:
        """Return the first half of the type."""
        return self.get_content_type().partition("/")[0]

    def get_content_subtype(self) -> str:
        """Return the second half of the type."""
        return self.get_content_type().partition("/")[2]

    def as_string(
        self,
        unixfrom: bool = False,
        maxheaderlen: int | None = None,
        policy: Policy | None = None,
    ) -> str:
        """Return the mail as text, read leniently where a charset is unknown."""
        try:
            return super().as_string(unixfrom, maxheaderlen, policy)
        except PARSE_ERRORS:
            return decode_bytes(self.as_bytes(unixfrom, policy))


def parse(raw: bytes) -> EmailMessage:
    """Return the message of these bytes, with every part and header readable.

    Never raises. A multipart without any part is shown as text, so that what it
    holds can be read; parts nested deeper than MAX_DEPTH are closed files. A mail of
    more lines, parts or fields than anybody writes is one text.
    """
    raw = mending.with_single_ends(raw)
    try:
        message = _parsed(raw)
        if raw[:1] in (b"\r", b"\n") or _has_broken_header(message):
            raw = tidied(raw)
            message = _parsed(raw)
    except PARSE_ERRORS:
        return _unparsed(raw)
    _mend_parts(message)
    for part in message.walk():
        if part.get_content_maintype() == "multipart" and not part.is_multipart():
            _show_as_text(part)
    return message


def replace_header(message: EmailMessage, name: str, value: str) -> None:
    """Give the message one field of this name, with a value that is read as it stands:
    nothing in it is decoded or parsed. An empty value leaves no field."""
    del message[name]
    if value:
        message.set_raw(name, PlainHeader(name, value))


def _parsed(raw: bytes, within: BoundedMessage | None = None) -> BoundedMessage:
    if raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n") > MAX_LINES:
        raise ValueError("too many lines")
    budget = _Budget(within)
    parser = BytesFeedParser(budget.new_message, policy=LENIENT)
    taken_out = TakenOut(raw)
    # In pieces: text in one takes four times the room of its bytes.
    for start in range(0, len(taken_out.rest), PIECE):
        parser.feed(taken_out.rest[start : start + PIECE])
    # It makes messages of this class, whatever a policy usually makes.
    message = cast("BoundedMessage", parser.close())
    if taken_out:
        for part in message.walk():
            part.put_back(taken_out)
    budget.close()
    return message


def _unparsed(raw: bytes) -> BoundedMessage:
    """Return a message of one text part, with the headers that can be read."""
    message = BoundedMessage()
    for field in parse_headers(raw):
        if not field.name.lower().startswith("content-"):
            message.set_raw(field.name, PlainHeader(field.name, field.value))
    message.set_payload(decode_bytes(split_raw(raw)[1]), "utf-8")
    return message


def _has_broken_header(part: Message) -> bool:
    return any(isinstance(defect, HEADER_DEFECTS) for defect in part.defects)


def _mend_parts(message: EmailMessage) -> None:
    """Read the parts anew that the standard parser has not seen as they were meant; not
    those of enclosed mails, which are files as they came."""
    waiting: list[Any] = [message]
    mended = 0
    while waiting and mended < MAX_MENDED:
        part = waiting.pop()
        if part.depth > MAX_DEPTH or part.get_content_maintype() == "message":
            continue
        if _is_mended(part):
            mended += 1
            # What it has become may be broken, too.
            waiting.append(part)
        elif part.is_multipart():
            waiting.extend(part.raw_payload)


def _is_mended(part: BoundedMessage) -> bool:
    """Tell whether a part was meant to be something else, which it is from now on."""
    with contextlib.suppress(*PARSE_ERRORS):
        meant = next(filter(None, _meant(part)), b"")
        if meant:
            _become(part, _parsed(meant, part))
            return True
    return False


def _meant(part: BoundedMessage) -> Iterator[bytes]:
    """Yield what a part may have been meant to be, b"" for nothing else."""
    if part.is_multipart():
        yield _after_closing(part)
        return
    kinds = [value.strip() for name, value in part.raw_items() if name.lower() == _TYPE]
    if part.held is None:
        if _has_broken_header(part):
            yield mending.with_whole_header(*_head_and_body(part))
        if not kinds and mending.begins_with_header(part.raw_payload or ""):
            yield mending.with_header_of_body(_head_and_body(part)[1])
        if kinds and (half := _HALF_HTML.match(kinds[0])):
            yield _as_html(part, half[1])
    several = [kind for kind in kinds if _SEVERAL.match(kind)]
    if several or not kinds:
        kind = several[0].partition(";")[0].strip() if several else ""
        is_told = kind.lower().startswith("multipart/")
        kind = kind if is_told else "multipart/mixed"
        yield mending.with_boundary(kind, _whole_body(part), is_told=is_told)


def _as_html(part: BoundedMessage, half: str) -> bytes:
    """Return a page whose type is only half of one."""
    encoding = raw_value(part, _ENCODING_FIELD)
    head = f"Content-Type: text/{half}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + _head_and_body(part)[1]


def _whole_body(part: BoundedMessage) -> bytes:
    """Return the body of a multipart, decoded where all of it is encoded."""
    is_encoded = _encoding(part) in _ENCODINGS
    return decoded_payload(part) if is_encoded else _head_and_body(part)[1]


def _after_closing(part: Message) -> bytes:
    """Return a multipart of the parts that follow the end of this one, b"" without."""
    boundary, behind = part.get_boundary(), part.epilogue or ""
    if not boundary or f"--{boundary}" not in behind:
        return b""
    body = behind.encode("utf-8", "surrogateescape")
    return mending.with_boundary(part.get_content_type(), body)


def _head_and_body(part: BoundedMessage) -> tuple[bytes, bytes]:
    """Return the header of a part and its body, undecoded."""
    fields = part.raw_items()
    head = b"".join(part.policy.fold_binary(name, value) for name, value in fields)
    return head, part.raw_payload.encode("utf-8", "surrogateescape")


def _become(part: BoundedMessage, meant: BoundedMessage) -> None:
    """Give a part the content of another one; one of several parts gets its parts."""
    inner = meant.raw_payload if meant.is_multipart() else []
    part.epilogue, part.defects = meant.epilogue, meant.defects
    if not part.is_multipart():
        names = {name for name in meant if name.lower().startswith("content-")}
        for name in names | {_TYPE, _ENCODING_FIELD}:
            del part[name]
        for name, value in meant.raw_items():
            if name in names:
                part.set_raw(name, value)
        part.preamble = meant.preamble
        part.take_over(meant)
        if inner:
            part.set_payload([])
    for one in inner:
        part.attach(one)


def _show_as_text(part: Message) -> None:
    del part["Content-Type"]
    part["Content-Type"] = "text/plain"


def held(part: Message) -> bytes | None:
    """Return the bytes of a large file that are there already, None of all else."""
    return part.held if isinstance(part, BoundedMessage) else None


def decoded_payload(part: Message) -> bytes:
    """Return the decoded body of a part as bytes, whatever it is; never raises.

    An encoding is also known by what careless mailers make of its name. What a list
    has added below base64 is read as it stands.
    """
    if (file := held(part)) is not None:
        return file
    payload = part.get_payload()
    if isinstance(payload, str):
        encoding = _encoding(part)
        if encoding == "quotedprintable" and _PADDED_BREAK.search(payload):
            # RFC 2045 6.7 (3): servers on the way have added the space.
            payload = _PADDED_BREAK.sub("=", payload)
            part = _encoded_as("quoted-printable", payload)
        if encoding == "base64":
            return _out_of_base64(part, payload)
        if (
            encoding in _ENCODINGS
            and _written_encoding(part) not in _ENCODINGS.values()
        ):
            # The standard library knows it by its proper name only.
            part = _encoded_as(_ENCODINGS[encoding], payload)
    try:
        data = part.get_payload(decode=True)
    except PARSE_ERRORS:
        data = None
    if isinstance(data, bytes):
        return data
    return str(payload).encode("utf-8", "replace") if payload else b""


def _written_encoding(part: Message) -> str:
    return raw_value(part, "Content-Transfer-Encoding").lower()


def _encoded_as(encoding: str, payload: str) -> Message:
    part = Message()
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload)
    return part


def _out_of_base64(part: Message, payload: str) -> bytes:
    place = _footer_at(payload)
    if place >= 0:
        return _above_footer(part, payload, place)
    return _in_base64(payload, part.get_content_maintype() == "text")


def _in_base64(payload: str, is_text: bool) -> bytes:
    """Return the bytes of base64, quickly where it is as it should be.

    A text of a length that no base64 has is none. What follows the end of a file is
    more of it only if all of that is base64.
    """
    data = payload.encode("utf-8", "surrogateescape")
    digits = b"".join(data.split())
    with contextlib.suppress(ValueError):
        return base64.b64decode(digits, validate=True)
    if is_text:
        is_base64 = len(digits) % 4 != 1 or not digits.isalnum()
        return from_base64(data) if is_base64 else data
    end = _PADDED_END.search(data)
    if end and not _ALL_DIGITS.fullmatch(data, end.end()):
        data = data[: end.end()]
    return from_base64(data)


def _footer_at(payload: str) -> int:
    """Return where a list's footer begins in what else is base64, -1 without one.

    What stands between two lines of base64 is none.
    """
    tail = max(len(payload) - _FOOTER_LENGTH, 0)
    for line in _DATA_LINE.finditer(payload, tail):
        tail = line.end()
    found = _FOOTER.search(payload, tail)
    return found.start() if found else -1


def _above_footer(part: Message, payload: str, place: int) -> bytes:
    """Return what is encoded above a line that is not, and that line and what follows
    if it is text: its letters would be taken for bytes."""
    start = max(payload.rfind("\n", 0, place), payload.rfind("\r", 0, place)) + 1
    data = from_base64(payload[:start].encode("utf-8", "surrogateescape"))
    if part.get_content_maintype() != "text":
        return data
    return data + b"\r\n" + payload[start:].encode("utf-8", "surrogateescape")


def _encoding(part: Message) -> str:
    """Return the letters of Content-Transfer-Encoding, up to a comment or the like."""
    found = _ENCODING.match(_written_encoding(part))
    return re.sub("[^a-z0-9]", "", found[1]) if found else ""


def whole_content(part: Message) -> bytes:
    """Return the bytes of a part as a file: an enclosed mail's are those that arrived.

    Never raises.
    """
    if not part.is_multipart():
        return decoded_payload(part)
    inner: Any = part.get_payload()
    try:
        whole = b"".join(one.as_bytes() for one in inner)
    except PARSE_ERRORS:
        return decoded_payload(part)
    # RFC 2046 5.2.1 forbids both, so that the parser has not decoded them.
    if _encoding(part) == "base64":
        return from_base64(whole) or whole
    if _encoding(part) == "quotedprintable" and _QUOTED_HEADER.search(whole):
        return quopri.decodestring(whole)
    return whole


def raw_value(part: Message, name: str) -> str:
    """Return the topmost header of this name, unfolded, or "".

    Bytes that are not ASCII are lone surrogates in it. What describes a part is decoded
    where a program has encoded all of it, like a text.
    """
    lower = name.lower()
    for field, value in part.raw_items():
        if field.lower() == lower:
            value = _LINE_END.sub("", value).replace("\0", "")
            is_encoded = lower in _DESCRIBING and value.lstrip().startswith("=?")
            return decode_words(value) if is_encoded else value
    return ""


# ------------------------------------------------------------
# PREVIEW
# ------------------------------------------------------------


@dataclass(frozen=True)
class Attachment:
    """A file in a mail: its name, its type, and its size in bytes."""

    filename: str
    content_type: str
    size: int


@dataclass(frozen=True)
class Content:
    """What a person sees of a mail; `html` is the sender's own and NOT sanitised."""

    text: str
    html: str
    attachments: tuple[Attachment, ...]


def read_content(
    raw: bytes,
    *,
    max_bytes: int = 2_000_000,
    max_parts: int = 500,
    max_depth: int = MAX_DEPTH,
) -> Content:
    """Return the readable content of the mail `raw`; never raises.

    `text` and `html` hold at most `max_bytes` characters each. At most
    `max_parts` parts down to `max_depth` are looked at; enclosed messages count as
    attachments. `html` is as the sender wrote it: sanitise it before showing it.
    """
    return content_of(
        parse(raw), max_bytes=max_bytes, max_parts=max_parts, max_depth=max_depth
    )


def content_of(
    message: EmailMessage,
    *,
    max_bytes: int = 2_000_000,
    max_parts: int = 500,
    max_depth: int = MAX_DEPTH,
) -> Content:
    """Return the readable content of a mail that is parsed already; see
    `read_content`."""
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    attachments = []
    for part in _leaves(message, max_parts, max_depth):
        kind = part.get_content_type()
        if kind not in texts or _is_file(part):
            attachments.append(_attachment(part))
        else:
            texts[kind].append(part.get_content()[:max_bytes])
    text, html = ("\n".join(found)[:max_bytes] for found in texts.values())
    return Content(text, html, tuple(attachments))


def announces_files(headers: Headers) -> bool:
    """Tell whether the header says that files are with the text, or are all there is.

    RFC 2046 5.1.3. It is for lists, where nobody waits for the whole mail to be read.
    """
    kind = headers.get("Content-Type", "text/plain").partition(";")[0].strip().lower()
    main_type = kind.partition("/")[0]
    if main_type == "multipart":
        return kind == "multipart/mixed"
    return main_type in _FILE_TYPES


def _leaves(
    message: EmailMessage, max_parts: int, max_depth: int
) -> Iterator[EmailMessage]:
    """Yield the parts that hold no others, or are not opened any more, in order."""
    waiting, seen = [(message, 0)], 0
    while waiting and seen < max_parts:
        part, depth = waiting.pop()
        seen += 1
        if part.get_content_maintype() != "multipart" or depth >= max_depth:
            yield part
        else:
            inner: Any = part.get_payload()
            parts = reversed(inner[: max_parts - seen])
            waiting.extend((each, depth + 1) for each in parts)


def _is_file(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or bool(_filename(part))


def _filename(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except PARSE_ERRORS:
        name = ""
    return decode_words(name)[:255]


def _attachment(part: EmailMessage) -> Attachment:
    kind = part.get_content_type()
    name = _filename(part)
    if not name and kind == "message/rfc822" and part.is_multipart():
        inner: Any = part.get_payload(0)
        name = decode_words(str(inner.get("Subject", "")))[:200] + ".eml"
    return Attachment(name or "attachment", kind, decoded_size(part))


def decoded_size(part: Message) -> int:
    """Return how many bytes a part has; base64 is counted, not decoded."""
    if (data := held(part)) is not None:
        return len(data)
    payload = part.get_payload()
    if not isinstance(payload, str):
        return len(decoded_payload(part))
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return len(decoded_payload(part))
    digits = len(payload) - payload.count("\n") - payload.count("\r")
    return digits * 3 // 4 - payload[-4:].count("=")
