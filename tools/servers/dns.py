"""Ask the domain name system for mail servers, texts, addresses and names.

Python's own resolver knows addresses only, and waits as long as it likes. What a name
server answers is anybody's bytes: it is taken only if it answers the question that was
asked, and read within bounds (RFC 1035). Whatever goes wrong means "not known".
"""

import ipaddress
import secrets
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

_Found = TypeVar("_Found")

KINDS = {"A": 1, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
RESOLV_CONF = "/etc/resolv.conf"
PORT = 53
#: Name servers that are asked, as in resolv.conf(5), and how often each.
MAX_NAMESERVERS = 3
ROUNDS = 2
#: Seconds to wait for one datagram before the next name server is asked.
PATIENCE = 1.5
#: Records that are read of one answer, and datagrams until a fitting one.
MAX_RECORDS = 64
MAX_DATAGRAMS = 64

#: Seconds that an answer may be kept: as long as its owner says, within these.
MIN_KEPT, MAX_KEPT, EMPTY_KEPT = 60, 86_400, 600
#: Questions that are on their way at the same time.
MAX_AT_ONCE = 16

# Where a name server is: (address, port).
_Address = tuple[str, int]

_CNAME = 5
_IN = 1
_HEADER = struct.Struct(">HHHHHH")
_QUESTION = struct.Struct(">HH")
_RECORD = struct.Struct(">HHIH")
_RESPONSE, _OPCODE, _TRUNCATED, _RECURSE, _RCODE = 0x8000, 0x7800, 0x0200, 0x0100, 0xF
_MAX_NAME = 255
_MAX_LABEL = 63


class DnsError(ValueError):
    """Bytes that are no usable answer, or a name that cannot be asked for."""


@dataclass(frozen=True)
class Record:
    """A server that a domain names; `weight` and `port` are those of an SRV."""

    host: str
    priority: int = 0
    weight: int = 0
    port: int = 0


@dataclass(frozen=True)
class Answer:
    """What a name has of one kind, as text, and for how many seconds that holds.

    An MX is its host, the preferred one first; texts are whole.
    """

    values: tuple[str, ...]
    seconds: int


# ------------------------------------------------------------
# BYTES
# ------------------------------------------------------------


def build_query(query_id: int, name: str, kind: str) -> bytes:
    """Return the bytes that ask a recursive name server for records of one kind.

    Raises `DnsError` for a name that cannot exist.
    """
    header = _HEADER.pack(query_id, _RECURSE, 1, 0, 0, 0)
    return header + encode_name(name) + _QUESTION.pack(KINDS[kind], _IN)


def encode_name(name: str) -> bytes:
    """Return a domain name as it is written in a message (RFC 1035 3.1, RFC 3490)."""
    labels = []
    for label in name.rstrip(".").split("."):
        try:
            encoded = label.lower().encode("ascii" if label.isascii() else "idna")
        except UnicodeError as error:
            raise DnsError(name) from error
        if not 0 < len(encoded) <= _MAX_LABEL:
            raise DnsError(name)
        labels.append(bytes([len(encoded)]) + encoded)
    whole = b"".join(labels) + b"\0"
    if len(whole) > _MAX_NAME:
        raise DnsError(name)
    return whole


def read_name(data: bytes, offset: int) -> tuple[str, int]:
    """Return the name that begins at an offset, in lower case, and where it ends.

    A pointer must lead further back than all before it, so that no chain of them
    comes round (RFC 1035 4.1.4). Raises `DnsError`.
    """
    labels, end, limit, length = [], 0, offset, 0
    while size := _byte(data, offset):
        if size >= 0xC0:
            target = (size & 0x3F) << 8 | _byte(data, offset + 1)
            end = end or offset + 2
            if target >= limit:
                raise DnsError("a pointer that doesn't lead back")
            offset = limit = target
            continue
        label = data[offset + 1 : offset + 1 + size]
        length += size + 1
        if size > _MAX_LABEL or len(label) < size or length >= _MAX_NAME:
            raise DnsError("a label that is too long")
        if not label.isascii() or b"." in label:
            raise DnsError("a label that no host name has")
        labels.append(label.decode("ascii").lower())
        offset += size + 1
    return ".".join(labels), end or offset + 1


def is_answer(data: bytes, query: bytes) -> bool:
    """Tell whether this is the answer to a query: the same id and the same question."""
    if len(data) < len(query):
        return False
    query_id, flags, questions, *_counts = _HEADER.unpack_from(data)
    return (
        query_id == _HEADER.unpack_from(query)[0]
        and bool(flags & _RESPONSE)
        and not flags & _OPCODE
        and questions == 1
        and data[_HEADER.size : len(query)].lower() == query[_HEADER.size :].lower()
    )


def is_truncated(data: bytes) -> bool:
    """Tell whether the answer was too long for a datagram, so that TCP must be used."""
    return bool(_HEADER.unpack_from(data)[1] & _TRUNCATED)


def read_answer(data: bytes, query: bytes) -> tuple[Record, ...]:
    """Return the records of an answer to a query, the preferred ones first.

    Records of other names than the one asked for are left out; an alias (CNAME) is
    followed. Raises `DnsError` for a broken answer and for a server's failure; that a
    name doesn't exist is an answer.
    """
    found = [
        _read_record(data, start, end, kind)
        for kind, start, end, _seconds in _answering(data, query)
    ]
    known = (record for record in found if record.host)
    return tuple(sorted(known, key=lambda one: (one.priority, -one.weight, one.host)))


def read_texts(data: bytes, query: bytes) -> tuple[str, ...]:
    """Return the texts of an answer to a query for TXT, in the order of their bytes.

    The strings of one record are one text, put together without a space (RFC 7208
    3.3). Raises `DnsError` as `read_answer` does.
    """
    found = (
        b"".join(_strings(data, start, end))
        for _kind, start, end, _seconds in _answering(data, query)
    )
    return tuple(text.decode("utf-8", "replace") for text in sorted(found))


def _strings(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """Yield the character strings of a record's data (RFC 1035 3.3.14)."""
    while start < end:
        following = start + 1 + data[start]
        if following > end:
            raise DnsError("a string without its end")
        yield data[start + 1 : following]
        start = following


def read_values(data: bytes, query: bytes) -> Answer:
    """Return what an answer says of any kind but SRV; raises `DnsError` as
    `read_answer` does."""
    kind, _class = _QUESTION.unpack_from(query, len(query) - _QUESTION.size)
    found = list(_answering(data, query))
    if kind == KINDS["TXT"]:
        values = read_texts(data, query)
    elif kind == KINDS["MX"]:
        values = tuple(one.host for one in read_answer(data, query))
    else:
        values = tuple(_text_of(data, *one[:3]) for one in found)
    kept = min((seconds for *_place, seconds in found), default=EMPTY_KEPT)
    return Answer(values, min(max(kept, MIN_KEPT), MAX_KEPT))


def _text_of(data: bytes, kind: int, start: int, end: int) -> str:
    """Return an address (RFC 1035 3.4.1, RFC 3596 2.2) or a name as text."""
    if kind == KINDS["PTR"]:
        return read_name(data, start)[0]
    try:
        return str(ipaddress.ip_address(data[start:end]))
    except ValueError as error:
        raise DnsError("an address of another length") from error


def _answering(data: bytes, query: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield kind, begin and end of the data of the records that answer a query, and
    the seconds that they hold."""
    if not is_answer(data, query):
        raise DnsError("an answer to another question")
    _id, flags, _questions, count, *_others = _HEADER.unpack_from(data)
    if flags & _RCODE not in (0, 3):
        raise DnsError("the name server failed")
    names = {read_name(query, _HEADER.size)[0]}
    kind, _class = _QUESTION.unpack_from(query, len(query) - _QUESTION.size)
    for name, record_kind, place, seconds in _records(data, len(query), count):
        if name not in names:
            continue
        if record_kind == _CNAME:
            names.add(read_name(data, place[0])[0])
        elif record_kind == kind:
            yield kind, *place, seconds


def _records(
    data: bytes, offset: int, count: int
) -> Iterator[tuple[str, int, tuple[int, int], int]]:
    """Yield each record's owner, kind, where its data begins and ends, and for how many
    seconds it holds."""
    for _number in range(min(count, MAX_RECORDS)):
        name, offset = read_name(data, offset)
        if len(data) < offset + _RECORD.size:
            raise DnsError("a record without its end")
        kind, record_class, ttl, length = _RECORD.unpack_from(data, offset)
        start = offset + _RECORD.size
        offset = start + length
        if len(data) < offset:
            raise DnsError("a record without its end")
        if record_class == _IN:
            yield name, kind, (start, offset), ttl


def _read_record(data: bytes, start: int, end: int, kind: int) -> Record:
    shape = struct.Struct(">H" if kind == KINDS["MX"] else ">HHH")
    if end < start + shape.size:
        raise DnsError("a record that is too short")
    numbers = shape.unpack_from(data, start)
    host, host_end = read_name(data, start + shape.size)
    if host_end != end:
        raise DnsError("a record with another length than its name")
    return Record(host, *numbers)


def _byte(data: bytes, offset: int) -> int:
    if offset >= len(data):
        raise DnsError("a name without its end")
    return data[offset]


# ------------------------------------------------------------
# NAME SERVERS
# ------------------------------------------------------------


def nameservers(text: str) -> tuple[tuple[str, int], ...]:
    """Return the (address, port) of the name servers in a resolv.conf(5)."""
    found = []
    for line in text.splitlines():
        word, _space, address = line.strip().partition(" ")
        if word == "nameserver":
            try:
                ipaddress.ip_address(address.strip())
            except ValueError:
                continue
            found.append((address.strip(), PORT))
    return tuple(found[:MAX_NAMESERVERS]) or (("127.0.0.1", PORT),)


def system_nameservers() -> tuple[tuple[str, int], ...]:
    """Return the name servers of this machine."""
    try:
        with open(RESOLV_CONF, encoding="utf-8", errors="replace") as stream:
            return nameservers(stream.read(65536))
    except OSError:
        return nameservers("")


def ask(
    name: str, kind: str, servers: Sequence[tuple[str, int]], seconds: float = 3.0
) -> tuple[Record, ...]:
    """Return the records of one kind, "MX" or "SRV".

    Return () when there are none, when no name server answers in time, and for a name
    that cannot be. Never raises.
    """
    return _ask(name, kind, servers, seconds, read_answer) or ()


def ask_texts(
    name: str, servers: Sequence[tuple[str, int]], seconds: float = 3.0
) -> tuple[str, ...] | None:
    """Return the texts (TXT) of a name, () when it has none.

    Return None when no name server answers in time, and for a name that cannot be:
    then nothing is known. Never raises.
    """
    return _ask(name, "TXT", servers, seconds, read_texts)


def ask_all(
    questions: Sequence[tuple[str, str]],
    servers: Sequence[_Address],
    seconds: float = 3.0,
) -> dict[tuple[str, str], Answer | None]:
    """Return the answers to all questions (name, kind), which are asked at once.

    None where no name server answers in time: `seconds` are for all of them together.
    Never raises.
    """
    if not questions or not servers:
        return dict.fromkeys(questions)
    deadline = time.monotonic() + seconds

    def ask_one(question: tuple[str, str]) -> Answer | None:
        left = deadline - time.monotonic()
        return _ask(*question, servers, left, read_values) if left > 0 else None

    with ThreadPoolExecutor(min(len(questions), MAX_AT_ONCE)) as pool:
        return dict(zip(questions, pool.map(ask_one, questions), strict=True))


def _ask(
    name: str,
    kind: str,
    servers: Sequence[_Address],
    seconds: float,
    read: Callable[[bytes, bytes], _Found],
) -> _Found | None:
    deadline = time.monotonic() + seconds
    try:
        query = build_query(secrets.randbelow(65536), name, kind)
    except DnsError:
        return None
    for server in tuple(servers)[:MAX_NAMESERVERS] * ROUNDS:
        if time.monotonic() >= deadline:
            break
        try:
            data = _ask_datagram(query, server, deadline)
            if is_truncated(data):
                data = _ask_stream(query, server, deadline)
            return read(data, query)
        except (OSError, DnsError):
            continue
    return None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _family(server: _Address) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server[0] else socket.AF_INET


def _ask_datagram(query: bytes, server: _Address, deadline: float) -> bytes:
    patience = min(deadline, time.monotonic() + PATIENCE)
    with socket.socket(_family(server), socket.SOCK_DGRAM) as connection:
        # Connected, it takes what comes from this server only.
        connection.connect(server)
        connection.send(query)
        for _number in range(MAX_DATAGRAMS):
            connection.settimeout(_left(patience))
            data = connection.recv(4096)
            if is_answer(data, query):
                return data
    raise DnsError("only answers to other questions")


def _ask_stream(query: bytes, server: _Address, deadline: float) -> bytes:
    with socket.create_connection(server, _left(deadline)) as connection:
        connection.sendall(struct.pack(">H", len(query)) + query)
        (length,) = struct.unpack(">H", _receive(connection, 2, deadline))
        data = _receive(connection, length, deadline)
    if not is_answer(data, query):
        raise DnsError("an answer to another question")
    return data


def _receive(connection: socket.socket, length: int, deadline: float) -> bytes:
    data = b""
    while len(data) < length:
        connection.settimeout(_left(deadline))
        piece = connection.recv(length - len(data))
        if not piece:
            raise DnsError("a connection that ended too early")
        data += piece
    return data
