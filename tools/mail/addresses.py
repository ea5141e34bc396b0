"""Mail addresses out of whatever stands in an address header (RFC 5322 3.4).

Everything is linear in the length of the input and nothing raises: broken headers
give the addresses that a person would still recognise in them.
"""

import base64
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import idna

from .again import remember_short
from .text import clean, decode_words, single_line

#: Most addresses taken from one header.
MAX_ADDRESSES = 10_000
#: Longest address list that is read: so many addresses with a name are shorter. What is
#: made of each character takes fifty times its memory.
MAX_LIST = 1_000_000
# The longest address that may be one without anything around it.
_LONGEST_PLAIN = 320
#: Longest local part; RFC 5321 4.5.3.1.1 says 64, VERP senders use more.
MAX_LOCAL = 256
#: Longest domain (RFC 1035 2.3.4).
MAX_DOMAIN = 253
#: Longest readable form of a mailbox.
MAX_TEXT = 998

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
# RFC 2047 5 forbids commas in the words of a name; careless senders write them.
_WORD = r"=\?[^?\s]{1,64}\?[BbQq]\?[^?<>@]*\?="
_OUTSIDE_COMMENT = re.compile(rf"\\.|{_QUOTED}|\(", re.DOTALL)
_INSIDE_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_TOKEN = re.compile(
    rf"(\\.)|({_QUOTED})|<([^<>]*)>|([,;:])|({_WORD}|[^\\\"<,;:=]+|.)", re.DOTALL
)
_PLAIN = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ANGLE = re.compile(r"<([^<>@\s]{1,256}@[^<>@\s]{1,253})>")
_LOCAL_REFUSED = re.compile(r'[\x00-\x20\x7f-\xa0<>()\[\]:;,@\\"]|\s')
_QUOTED_LOCAL = re.compile(rf"({_QUOTED})@(.*)", re.DOTALL)
_QUOTED_TEXT = re.compile(_QUOTED, re.DOTALL)
# A quoted name; first what is none, so that no quote is looked at twice.
_QUOTED_NAME = re.compile(rf"(\\.|{_QUOTED}\s{{0,9}}@)|{_QUOTED}", re.DOTALL)
# A value that is one group: its name is nobody's address (RFC 5322 3.4).
_GROUP = re.compile(r"[^<>:;,\"]{1,998}:([^:]*);\s*", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_LITERAL = re.compile(r"\[[a-z0-9.:-]{2,64}\]")
# What nobody sees or types: zero-width characters, soft hyphens, byte order marks and
# marks of direction (Unicode, default ignorable).
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+"
)
_AROUND_HOST = re.compile(rf"\A{_UNSEEN.pattern}|{_UNSEEN.pattern}\Z")
# A source route, or what kind of address it is: Exchange and web pages write that.
_ROUTE = re.compile(r"\A\s{0,99}(?:@.*:|(?:mailto|smtp):)", re.IGNORECASE | re.DOTALL)
# An address between what people and web pages write for angle brackets.
_LIKE_ANGLE = re.compile(
    "(?:&lt;|[\u2039\u00ab\uff1c\u3008\u27e8])"
    "([^<>\u2039\u203a\u00ab\u00bb]{1,320}?)"
    "(?:&gt;|[\u203a\u00bb\uff1e\u3009\u27e9])",
    re.IGNORECASE,
)
# What East Asian keyboards write for an at sign; with it come wide letters and dots.
_WIDE_AT = re.compile("[\uff20\ufe6b]")
_AROUND_AT = re.compile(r"(?<!\s)\s{1,9}(?=@)|(?<=@)\s+")


@dataclass(frozen=True)
class Mailbox:
    """One entry of an address list: its name, decoded, and its address or ""."""

    name: str
    address: str


# ------------------------------------------------------------
# ONE ADDRESS
# ------------------------------------------------------------


def normalize(address: str) -> str:
    """Return the canonical form of one address, or "" when there is none in `address`.

    Lower case, the domain as A-labels (RFC 5890). Accepts `Name <a@b>`; of several
    addresses the first counts.
    """
    lowered = address.strip().lower()
    if len(lowered) <= _LONGEST_PLAIN and _PLAIN.fullmatch(lowered):
        return _normalize_again(lowered)
    return next(iter(parse_list(address)), "")


# The same few addresses are asked about many times for each mail.
@functools.lru_cache(maxsize=2048)
def _normalize_again(spec: str) -> str:
    return _normalize_bare(spec)


def split(address: str) -> tuple[str, str]:
    """Return (local part, domain) of a normalised address; ("", "") when it is none."""
    local, at, host = address.rpartition("@")
    return (local, host) if at and local else ("", "")


def domain(address: str) -> str:
    """Return the domain of a normalised address, or ""."""
    return split(address)[1]


def is_below(host: str, name: str) -> bool:
    """Tell whether a host or domain is `name`, or below it (RFC 1034 3.1); both are
    lower case, without a dot at the end."""
    return f".{host}".endswith(f".{name}")


def base_of_plus(address: str) -> str:
    """Return `sales@d` for `sales+x@d` (RFC 5233); "" when there is no plus part."""
    local, host = split(address)
    base, plus, _detail = local.partition("+")
    return f"{base}@{host}" if plus and base and base[0] != '"' else ""


def _normalize_bare(spec: str) -> str:
    """Return the canonical form of an addr-spec, or ""."""
    quoted = _QUOTED_LOCAL.fullmatch(spec)
    local, _at, host = (quoted[1], "@", quoted[2]) if quoted else spec.rpartition("@")
    local = _normalize_local(local)
    host = _normalize_domain(host) if local else ""
    return f"{local}@{host}" if host else ""


def _normalize_local(local: str) -> str:
    local = _UNSEEN.sub("", local)
    if len(local) > MAX_LOCAL:
        return ""
    if local[:1] == '"' and local[-1:] == '"' and len(local) > 1:
        return _normalize_quoted(_ESCAPE.sub(r"\1", local[1:-1]))
    return "" if _LOCAL_REFUSED.search(local) else _fold_case(local)


def _normalize_quoted(text: str) -> str:
    """Return a quoted local part without its quotes where they are not needed."""
    text = _fold_case(single_line(text))
    if text and not _LOCAL_REFUSED.search(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if text.strip() else ""


def _fold_case(text: str) -> str:
    return unicodedata.normalize("NFC", clean(text).lower())


def _normalize_domain(host: str) -> str:
    # Within a label of some scripts, a joiner counts (RFC 5892 A.1).
    host = _AROUND_HOST.sub("", host.strip()).rstrip(".").lower()
    if len(host) > MAX_DOMAIN:
        return ""
    if _LITERAL.fullmatch(host):
        return host
    host = host if host.isascii() else _to_ascii(host)
    labels = host.split(".")
    return host if all(_LABEL.fullmatch(label) for label in labels) else ""


def _to_ascii(host: str) -> str:
    """Return the A-labels of IDNA 2008, to which `ß` is a letter (RFC 5894 7.2), else
    those of 2003, which knows emoji; "" where there are none."""
    for encode in (_to_ascii_2008, _to_ascii_2003):
        try:
            return encode(host).decode("ascii").lower().rstrip(".")
        except UnicodeError:
            continue
    return ""


def _to_ascii_2008(host: str) -> bytes:
    return idna.encode(host, uts46=True)


def _to_ascii_2003(host: str) -> bytes:
    return host.encode("idna")


# ------------------------------------------------------------
# ADDRESS LISTS
# ------------------------------------------------------------


# Each guard asks for the same few headers of a mail.
@remember_short
def parse_list(value: str) -> tuple[str, ...]:
    """Return all normalised addresses of an address-list header, in order, each once.

    Understands groups, comments, quoted commas, source routes, lists separated by
    semicolons or spaces, and unclosed quotes, comments and brackets. At most
    10,000 are returned.
    """
    found: dict[str, None] = {}
    for mailbox in mailboxes(value):
        if mailbox.address:
            found[mailbox.address] = None
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found)


def mailboxes(value: str) -> Iterator[Mailbox]:
    """Yield the entries of an address-list header, in order.

    Entries without any address are left out.
    """
    value = _readable_part(value)
    text, comment = _without_comments(value)
    if "@" not in text and "@" in comment:
        text, comment = comment, text
    for entry in _entries(text):
        yield from _entry_mailboxes(entry, comment)
    if value.count('"') % 2:
        # An unclosed quote has hidden entries: look for what stands in brackets.
        for spec in _ANGLE.findall(value):
            yield Mailbox("", _normalize_bare(spec))


def each_entry(value: str, *, only_angles: bool = False) -> Iterator[Mailbox]:
    """Yield one mailbox for each entry of an address list that has an address.

    Of several addresses in brackets the last counts: the others stand in the name that
    somebody has decoded without quoting it.

    :param only_angles: whether an address counts only in brackets
    """
    text, comment = _without_comments(_readable_part(value))
    for entry in _entries(text):
        specs = [spec for angle in entry.angles if (spec := _from_angle(angle))]
        if specs:
            yield Mailbox(_plain_name(entry.text), specs[-1])
        elif not only_angles:
            yield from _entry_mailboxes(entry, comment)


# The journal asks for it, and each guard that looks at the sender.
@remember_short
def first_mailbox(value: str) -> Mailbox:
    """Return whom `value` names: the first in angle brackets, of several there the
    last, since what stands before it is the name (RFC 5322 3.4); where nothing stands
    in brackets, the first address outside of quotes, else any, else an empty one.

    Anybody may write a colleague's address for his name, also without quoting it.
    """
    value = _readable_part(value)
    group = _GROUP.fullmatch(value)
    value = group[1] if group else value
    for mailbox in each_entry(value, only_angles=True):
        return mailbox
    unquoted = _QUOTED_NAME.sub(lambda found: found[1] or " ", value)
    found = itertools.chain(mailboxes(unquoted), mailboxes(value))
    return next((mailbox for mailbox in found if mailbox.address), Mailbox("", ""))


def readable(value: str) -> str:
    """Return the first entry of `value` as a person reads it: `"Name" <address>`.

    Without an address it is the decoded value itself, at most 998 characters.
    """
    return readable_and_bare(value)[0]


def readable_and_bare(value: str) -> tuple[str, str]:
    """Return (`value` as of `readable`, the normalised address in that or "")."""
    first = first_mailbox(value)
    if first.address:
        return _readable_mailbox(first), first.address
    text = decode_words(value).strip()[:MAX_TEXT]
    return text, normalize(text)


def readable_list(value: str) -> str:
    """Return all entries of `value` in the form of `readable`, at most 10,000."""
    entries = itertools.islice(mailboxes(value), MAX_ADDRESSES)
    return ", ".join(map(_readable_mailbox, entries))


def _readable_mailbox(mailbox: Mailbox) -> str:
    name = mailbox.name[: (MAX_TEXT - len(mailbox.address)) // 2]
    return f"{_quote(name)} <{mailbox.address}>" if name else mailbox.address


def _readable_part(value: str) -> str:
    """Return the list as far as it is read, which ends with a whole entry."""
    if len(value) > MAX_LIST:
        whole, _comma, cut = value[:MAX_LIST].rpartition(",")
        value = whole or cut
    return value if "<" in value else _LIKE_ANGLE.sub(_as_angle, value)


def _as_angle(found: re.Match[str]) -> str:
    """Return an address in angle brackets; other text as it is."""
    return f"<{found[1]}>" if "@" in found[1] else found[0]


def _without_comments(value: str) -> tuple[str, str]:
    """Return (value without comments, text of the first comment); RFC 5322 3.2.2."""
    kept: list[str] = []
    comments, depth, at = [""], 0, 0
    while match := (_INSIDE_COMMENT if depth else _OUTSIDE_COMMENT).search(value, at):
        mark = match[0]
        text = value[at : match.start()] + (mark if mark not in "()" else "")
        (comments if depth else kept).append(text)
        at = match.end()
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if not depth and mark == ")":
            kept.append(" ")
            comments.append("\n")
    if depth:
        # Never closed: the parenthesis was meant literally.
        return value.replace("(", " ").replace(")", " "), ""
    kept.append(value[at:])
    return "".join(kept), "".join(comments).partition("\n")[0]


@dataclass
class _Entry:
    """What stands between two commas: text, quoted text, bracketed addresses."""

    words: list[str]
    angles: list[str]

    def add(self, match: re.Match[str]) -> None:
        """Take in one token, which is no mark."""
        escaped, quoted, angle, _mark, char = match.groups()
        if angle is not None:
            self.angles.append(angle)
            self.words.append(" ")
        else:
            self.words.append(escaped or quoted or char)

    @property
    def text(self) -> str:
        """The text, quoted or not, without the bracketed addresses."""
        return "".join(self.words)


def _entries(text: str) -> Iterator[_Entry]:
    entry = _Entry([], [])
    for match in _TOKEN.finditer(text):
        mark = match[4]
        if not mark:
            entry.add(match)
            continue
        # RFC 5322 3.4: what stands before a colon names a group.
        if mark != ":" or entry.angles or "@" in entry.text:
            yield entry
        entry = _Entry([], [])
    yield entry


def _entry_mailboxes(entry: _Entry, comment: str) -> Iterator[Mailbox]:
    specs = [spec for angle in entry.angles if (spec := _from_angle(angle))]
    if specs:
        name = _plain_name(entry.text)
        yield from (Mailbox(name, spec) for spec in specs)
        return
    specs = _from_text(entry.text)
    if not specs and "=?" in entry.text:
        # Some clients encode the whole entry, against RFC 2047 5.
        specs = _from_text(decode_words(entry.text).replace("<", " "))
    named, bracket, _spec = entry.text.rpartition("<")
    name = _plain_name(named.rstrip("\\") if bracket else comment)
    yield from (Mailbox(name, spec) for spec in specs)


def _from_angle(angle: str) -> str:
    """Return the address in brackets, without a source route (RFC 5322 4.4)."""
    angle = _half_width(angle)
    spec = _ROUTE.sub("", angle)
    spec = _AROUND_AT.sub("", spec).strip()
    if _QUOTED_TEXT.fullmatch(spec) and "@" in spec:
        # All of it, and not the local part alone.
        spec = _unquoted_text(spec)
    if spec.endswith("'"):
        # Outlook quotes so; an apostrophe alone may begin a local part.
        spec = spec.strip("'")
    return _normalize_bare(spec)


def _from_text(text: str) -> list[str]:
    """Return the addresses in text without brackets."""
    text = _half_width(text)
    if "@" not in text:
        return []
    # What stands before a bracket that nobody has closed is the name, here too.
    _name, bracket, spec = text.rpartition("<")
    text = spec.replace("\\>", ">") if bracket and "@" in spec else text
    text = _AROUND_AT.sub("", text).strip("<> \t")
    whole = _normalize_bare(text)
    if whole:
        return [whole]
    words = (word.strip("<>[]'\"") for word in text.split() if "@" in word)
    return [spec for word in words if (spec := _normalize_bare(word))]


def _half_width(text: str) -> str:
    """Return text with an address as it is sent where somebody typed it wide."""
    if "@" in text or not _WIDE_AT.search(text):
        return text
    words = (
        unicodedata.normalize("NFKC", word) if _WIDE_AT.search(word) else word
        for word in text.split()
    )
    return " ".join(words)


def _plain_name(text: str) -> str:
    """Return a display name without quotes and escapes, decoded, on one line."""
    name = decode_words(_QUOTED_TEXT.sub(_unquoted, text))
    return " ".join(name.split()).removesuffix("< >").rstrip()


def _unquoted(match: re.Match[str]) -> str:
    return _unquoted_text(match[0])


def _unquoted_text(quoted: str) -> str:
    return _ESCAPE.sub(r"\1", quoted[1:-1])


# ------------------------------------------------------------
# WRITING
# ------------------------------------------------------------


def format_address(name: str, address: str) -> str:
    """Return `name` and `address` as a header value (RFC 5322 3.4, RFC 2047).

    Return "" when `address` is none. Safe against header injection: line breaks and
    control characters are removed.
    """
    return _format(name, address, encoded=not name.isascii())


def readable_address(name: str, address: str) -> str:
    """Return `name` and `address` for what people read before a header is made of it.

    A name in any script stays as it is; all else is as of `format_address`.
    """
    return _format(name, address, encoded=False)


def _format(name: str, address: str, *, encoded: bool) -> str:
    spec = _written(address)
    name = " ".join(single_line(name).split())
    if not spec or not name:
        return spec
    # What looks encoded would be decoded by who reads the header.
    encoded = encoded or "=?" in name
    return f"{_encode(name) if encoded else _quote(name)} <{spec}>"


def _written(address: str) -> str:
    """Return the address with the case its owner writes it in, if it stands alone."""
    bare = address.strip()
    known = normalize(bare)
    return bare if bare.isascii() and bare.lower() == known else known


def _quote(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encode(name: str) -> str:
    """Return RFC 2047 words of at most 75 characters that split no character."""
    words, chunk = [], b""
    for char in name:
        data = char.encode("utf-8")
        if len(chunk) + len(data) > 45:
            words.append(chunk)
            chunk = b""
        chunk += data
    words.append(chunk)
    return " ".join(f"=?utf-8?b?{base64.b64encode(w).decode('ascii')}?=" for w in words)
