"""The headers of a mail as they go over the wire (RFC 5322, RFC 2047).

Python folds an encoded name by decoding it and writing its parts anew, and forgets
quotes (3.10 to 3.13, CPython gh-121284, gh-121650): a name with a comma or an address
in it becomes several mailboxes, and words lose their spaces. Here each name is written
once, in a form that no reader can take apart: quoted, or in encoded words that hold
nothing but the name.

It also tears a long word, like the address in List-Unsubscribe, into encoded words,
which no program that looks for an address takes for one (RFC 2047 5). Headers that
are ASCII are folded at their spaces and nowhere else.
"""

import base64
import re
import unicodedata
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import Policy

from ..mail.addresses import Mailbox, each_entry, readable_address
from ..mail.text import single_line

#: The headers of RFC 5322 3.6.2 and 3.6.3 that stay in a mail.
ADDRESS_HEADERS = ("From", "Sender", "Reply-To", "To", "Cc")
#: Those of RFC 5322 3.6.4 stay on one line as long as it may be: there are servers that
#: write anew what they take for malformed.
_IDENTIFICATION = frozenset({"message-id", "in-reply-to", "references"})
#: Stands in To where no mailbox can be named (RFC 5322 3.4, an empty group).
NOBODY = "undisclosed-recipients:;"

#: Longest line as RFC 2047 2 wants it, and as RFC 5322 2.1.1 allows it.
LINE, LONGEST_LINE = 76, 998
#: Longest encoded word: with the name of its header it still fits into a line.
WORD = 64
#: Longest name that is written as a quoted string, which is never folded.
QUOTED = 60

_WORD = "=?utf-8?{}?{}?="
_ROOM = WORD - len(_WORD.format("q", ""))
_PRINTABLE = re.compile(r"[ -~]*")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_SINGLE_SPACE = re.compile(r"(?<=[^ ]) (?=[^ ])")
# What a name may hold unencoded in an encoded word (RFC 2047 5 (3)).
_SAFE = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/"
)


class WireHeader(str):
    """A header value: as text what a person reads, folded what goes over the wire.

    `name`: of the header. `lines`: its folded lines, without line ends. The policies of
    `email` write a value that has `name` and `fold` as it says.
    """

    __slots__ = ("lines", "name")
    name: str
    lines: tuple[str, ...]

    def fold(self, *, policy: Policy) -> str:
        """Return the header with its name and line ends."""
        return "".join(f"{line}{policy.linesep}" for line in self.lines)


# ------------------------------------------------------------
# A MAIL
# ------------------------------------------------------------


def serialise(message: EmailMessage, *, utf8: bool = False) -> None:
    """Write the address headers and the Subject of a mail as they go over the wire.

    Each keeps its place and what `message[name]` says. A mailbox whose local part is
    not ASCII stands only where the server takes UTF-8 in headers (RFC 6531), as `utf8`
    tells: there is no other form of it. A header that could name nobody else goes.
    """
    for name in ADDRESS_HEADERS:
        value = message[name]
        if not value or isinstance(value, WireHeader):
            continue
        people = wire_mailboxes(str(value))
        header = _header_of(name, people, utf8=utf8)
        if header is not None:
            message.replace_header(name, header)
        elif people and name != "From":
            del message[name]
    if subject := str(message["Subject"] or "").strip():
        message.replace_header("Subject", text_header("Subject", subject))
    items = [(name, _written(name, value)) for name, value in message.raw_items()]
    for name in set(message.keys()):
        del message[name]
    for name, value in items:
        message.set_raw(name, value)


def _written(name: str, value: str) -> str:
    """Return the value of any other header as it goes over the wire, itself where
    Python writes it well."""
    is_ready = isinstance(value, WireHeader) or not isinstance(value, str)
    if is_ready or name.lower().startswith(("content-", "mime-")):
        return value
    # What was read from a mail is still encoded, and folded.
    is_encoded = not hasattr(value, "name") and "=?" in value
    text = single_line(_FOLD.sub("", str(value))).replace("\t", " ").strip()
    if not text or is_encoded:
        return value
    header = WireHeader(text)
    header.name = name
    if name.lower() in _IDENTIFICATION and text.isascii():
        header.lines = _identification_lines(name, text)
    else:
        header.lines = _plain_lines(name, text) or _folded(name, encoded_words(text))
    return header


def address_header(name: str, value: str) -> WireHeader | str:
    """Return the header of an address list in which names may be encoded.

    It is `value` itself if there is no address in it that can stand in a header.
    """
    return _header_of(name, wire_mailboxes(value)) or value


def _header_of(
    name: str, people: tuple[Mailbox, ...], *, utf8: bool = False
) -> WireHeader | None:
    """Return the header that names these, None if it would name none of them."""
    named = tuple(one for one in people if utf8 or one.address.isascii())
    if not named and not (people and name == "To"):
        return None
    header = WireHeader(", ".join(map(_shown, people)))
    header.name = name
    header.lines = _folded(name, _address_tokens(named) or [NOBODY])
    return header


def text_header(name: str, text: str) -> WireHeader:
    """Return a header of text in any script (RFC 5322 2.2.1), on as many lines as it
    needs, none torn within a word that fits into one."""
    shown = single_line(text).replace("\t", " ").strip()
    header = WireHeader(shown)
    header.name = name
    header.lines = _plain_lines(name, shown) or _folded(name, encoded_words(shown))
    return header


# ------------------------------------------------------------
# MAILBOXES
# ------------------------------------------------------------


def wire_mailboxes(value: str) -> tuple[Mailbox, ...]:
    """Return the mailboxes in the text of an address header, each once, as the wire
    needs them.

    Their addresses are as they are written, but the domains A-labels (RFC 5890). Of
    several addresses in the brackets of one entry the last counts: what stands before
    it is its name.
    """
    text = unicodedata.normalize("NFC", value)
    known: dict[str, Mailbox] = {}
    for one in each_entry(value):
        if one.address:
            known.setdefault(one.address, Mailbox(one.name, _as_written(one, text)))
    return tuple(known.values())


def _as_written(mailbox: Mailbox, text: str) -> str:
    """Return the address in the case that its owner writes; A-labels are lower case."""
    local, _at, host = mailbox.address.rpartition("@")
    lowered = text.lower()
    start = lowered.find(f"{local}@")
    if start < 0 or len(lowered) != len(text):
        return mailbox.address
    end = start + len(local) + 1
    if lowered.startswith(host, end):
        return text[start : end + len(host)]
    return f"{text[start:end]}{host}"


def _shown(mailbox: Mailbox) -> str:
    return readable_address(mailbox.name, mailbox.address)


def _address_tokens(people: tuple[Mailbox, ...]) -> list[str]:
    """Return what a header of these mailboxes consists of; each may end a line."""
    tokens: list[str] = []
    for one in people:
        if tokens:
            tokens[-1] += ","
        tokens.extend(_mailbox_tokens(one))
    return tokens


def _mailbox_tokens(mailbox: Mailbox) -> Iterator[str]:
    # RFC 5322 3.4: the spaces around a name are none of its own.
    name = " ".join(single_line(mailbox.name).split())
    if not name:
        yield mailbox.address
        return
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    if _is_plain(name) and len(quoted) <= QUOTED:
        yield f'"{quoted}"'
    else:
        yield from encoded_words(name)
    yield f"<{mailbox.address}>"


# ------------------------------------------------------------
# WORDS
# ------------------------------------------------------------


def encoded_words(text: str) -> list[str]:
    """Return RFC 2047 words for `text`, each of at most 64 characters.

    They may stand in a name. Each holds whole characters, and whole words of the text
    as far as they fit.
    """
    data = text.encode("utf-8")
    encode = _q if len(_q(data)) <= len(_b(data)) else _b
    words, start, space, size = [], 0, 0, 0
    for at, char in enumerate(text):
        size = len(encode(text[start : at + 1].encode("utf-8")))
        if size > _ROOM:
            end = space if space > start else at
            words.append(text[start:end])
            start = end
        if char == " ":
            space = at + 1
    words.append(text[start:])
    letter = "q" if encode is _q else "b"
    return [_WORD.format(letter, encode(part.encode("utf-8"))) for part in words]


def _q(data: bytes) -> str:
    """Return bytes in the Q encoding of names (RFC 2047 4.2, 5 (3))."""
    return "".join(
        chr(one) if one in _SAFE else "_" if one == 32 else f"={one:02X}"
        for one in data
    )


def _b(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


# ------------------------------------------------------------
# LINES
# ------------------------------------------------------------


def _is_plain(text: str) -> bool:
    # What looks encoded would be decoded by who reads the header.
    return bool(_PRINTABLE.fullmatch(text)) and "=?" not in text


def _plain_lines(name: str, text: str) -> tuple[str, ...]:
    """Return the lines of unencoded text, () where it has to be encoded."""
    if not _is_plain(text):
        return ()
    # A line ends only where one space stands: readers make one of several.
    lines = _folded(name, _SINGLE_SPACE.split(text))
    return lines if max(map(len, lines)) <= LONGEST_LINE else ()


def _identification_lines(name: str, text: str) -> tuple[str, ...]:
    """Return the lines of a header of Message-IDs, without those that fit into none."""
    longest = LONGEST_LINE - len(f"{name}: ")
    ids = [one for one in text.split() if len(one) <= longest]
    return _folded(name, ids or [""], width=LONGEST_LINE)


def _folded(name: str, tokens: list[str], width: int = LINE) -> tuple[str, ...]:
    """Return the lines of a header of these tokens, which single spaces separate."""
    lines = [f"{name}: {tokens[0]}"]
    for token in tokens[1:]:
        if len(lines[-1]) + 1 + len(token) <= width:
            lines[-1] += f" {token}"
        else:
            lines.append(f" {token}")
    return tuple(lines)
