"""Engines that judge mail: Rspamd, SpamAssassin and ClamAV.

Each is asked over its own protocol: Rspamd by HTTP (``/checkv2``), SpamAssassin's spamd
by SPAMC/1.5, ClamAV's clamd by INSTREAM. One mail takes so many seconds at most,
however slowly the engine sends, and no answer has more than ANSWER_BYTES.
"""

import http.client
import json
import re
import socket
import struct
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

from .bounds import cut_after

RSPAMD, SPAMASSASSIN, CLAMAV = "rspamd", "spamassassin", "clamav"
#: Where each listens as a rule.
PORTS = {RSPAMD: 11333, SPAMASSASSIN: 783, CLAMAV: 3310}
#: The most of a mail that each is asked about: spamc's own limit; that of Rspamd's
#: ``max_message``, halved; ClamAV's former StreamMaxLength.
MOST_BYTES = {RSPAMD: 25_000_000, SPAMASSASSIN: 512_000, CLAMAV: 25_000_000}
ANSWER_BYTES = 1_000_000
#: Seconds for which an engine that did not answer is not asked again, and what part of
#: its time it may waste before that.
LEFT_ALONE, PATIENCE = 60.0, 0.9
PIECE_BYTES = 64 * 1024
#: Symbols that are kept, and characters of one.
MOST_SYMBOLS, SYMBOL_LENGTH = 12, 120
#: What Rspamd has done to spam; it only delays what it greylists.
CONDEMNING = frozenset({"add header", "rewrite subject", "reject", "quarantine"})
# ClamAV guesses from the first bytes that something is a mail, and only then looks
# into its parts. This is one of the beginnings that it knows.
MAIL_START = b"Return-Path: <>\r\n"
# The files and texts by which engines are tried; no scanner finds them here.
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TRIAL = (
    "Return-Path: <trial@example.com>\r\nFrom: trial@example.com\r\n"
    "To: trial@example.com\r\nSubject: Trial\r\nMessage-ID: <trial@example.com>\r\n"
    "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=us-ascii\r\n\r\n{}\r\n"
)
_SCORE = re.compile(
    r"^Spam: *(True|False|Yes|No) *; *(-?[\d.]+) */ *(-?[\d.]+)", re.IGNORECASE | re.M
)
# " 1000 GTUBE   BODY: Generic Test for Unsolicited Bulk Email", and what follows.
_HIT = re.compile(r"^ *(-?\d+(?:\.\d+)?) +([A-Z][A-Z0-9_]{2,}) +(\S.*)$")
_FOUND = re.compile(r"^(?:\d+: )?stream: (.+) FOUND$")


# {engine: when it may be asked again}, in this process.
_left_alone: dict["Engine", float] = {}


class EngineError(Exception):
    """The engine gave no answer that can be used; the text says why."""


class TooLargeError(EngineError):
    """The mail has more bytes than the engine is asked about."""


@dataclass(frozen=True)
class Engine:
    """Which engine, and where; `seconds` is the longest that one mail may take."""

    kind: str
    host: str
    port: int
    password: str = ""
    seconds: float = 10.0


@dataclass(frozen=True)
class Envelope:
    """Who handed a mail over, as far as is known: Rspamd judges that, too."""

    address: str = ""
    sender: str = ""


@dataclass(frozen=True)
class Finding:
    """What an engine says of a mail.

    `signature` names the virus that it found. `score` and `threshold` are None where
    the engine has none; `symbols` are the tests that spoke, the gravest first.
    """

    is_bad: bool
    score: float | None = None
    threshold: float | None = None
    symbols: tuple[str, ...] = ()
    signature: str = ""


class Client(Protocol):
    """A connection to an engine, which serves many mails."""

    sock: Any

    def ask(self, raw: bytes, envelope: Envelope) -> Finding:
        """Return what it says of a mail."""

    def close(self) -> None:
        """Close the connection."""


class Session:
    """An engine that is asked about several mails, on one connection if it can."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._client: Client | None = None

    def ask(self, raw: bytes, envelope: Envelope | None = None) -> Finding:
        """Return what the engine says of a mail.

        :raises EngineError: when it does not answer, or not in time
        """
        limit = MOST_BYTES[self.engine.kind]
        if len(raw) > limit:
            raise TooLargeError(f"more than {limit // 1000} kB")
        is_used = self._client is not None
        try:
            return self._ask(raw, envelope or Envelope())
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            self.close()
            # It may have closed a connection that nothing was said on for a while.
            if not is_used:
                raise EngineError(_words(error)) from error
        except EngineError:
            self.close()
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise EngineError(_words(error)) from error
        return self.ask(raw, envelope)

    def try_out(self) -> bool:
        """Tell whether the engine knows the test mail that every one of its kind
        knows (GTUBE, EICAR).

        :raises EngineError: when it does not answer
        """
        word = EICAR if self.engine.kind == CLAMAV else GTUBE
        return self.ask(TRIAL.format(word).encode()).is_bad

    def _ask(self, raw: bytes, envelope: Envelope) -> Finding:
        client = self._client
        if client is None:
            client = self._client = _CLIENTS[self.engine.kind](self.engine)
        with cut_after(client, self.engine.seconds):
            return client.ask(raw, envelope)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._client:
            self._client.close()
        self._client = None


def ask_all(
    engines: Sequence[Engine], mails: Sequence[tuple[bytes, Envelope]]
) -> list[list[Finding | EngineError]]:
    """Return for each engine what it says of each mail, or why it says nothing.

    All engines are asked at the same time. One that did not answer in its time is left
    alone for LEFT_ALONE seconds: nobody waits for it longer than that once.
    """
    if not engines:
        return []
    with ThreadPoolExecutor(len(engines)) as pool:
        return list(pool.map(lambda one: _ask_each(one, mails), engines))


def _ask_each(
    engine: Engine, mails: Sequence[tuple[bytes, Envelope]]
) -> list[Finding | EngineError]:
    answers: list[Finding | EngineError] = []
    waited = 0.0
    with closing(Session(engine)) as session:
        for raw, envelope in mails:
            if time.monotonic() < _left_alone.get(engine, 0.0):
                answers.append(EngineError("it did not answer a moment ago"))
                continue
            began = time.monotonic()
            try:
                answers.append(session.ask(raw, envelope))
            except EngineError as error:
                answers.append(error)
                # What it refuses at once costs nobody time: the next mail may do.
                waited += time.monotonic() - began
            if waited >= engine.seconds * PATIENCE:
                _left_alone[engine] = time.monotonic() + LEFT_ALONE
    return answers


def _words(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


# ------------------------------------------------------------
# RSPAMD
# ------------------------------------------------------------


class _Rspamd(http.client.HTTPConnection):
    """Rspamd's worker or its controller: HTTP, kept alive."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.host, engine.port, timeout=engine.seconds)
        self._password = engine.password

    def ask(self, raw: bytes, envelope: Envelope) -> Finding:
        headers = {"Password": self._password} if self._password else {}
        if envelope.address:
            headers["IP"] = envelope.address
        # A header of the request: nothing that could begin another one.
        if re.fullmatch(r"[!-~]{1,320}", envelope.sender):
            headers["From"] = envelope.sender
        self.request("POST", "/checkv2", raw, headers)
        answer = self.getresponse()
        body = answer.read(ANSWER_BYTES + 1)
        if len(body) > ANSWER_BYTES:
            raise EngineError("its answer has no end")
        if answer.status != 200:
            raise EngineError(f"HTTP {answer.status}")
        return read_rspamd(body)


def read_rspamd(body: bytes) -> Finding:
    """Return what Rspamd's answer says; EngineError when it is none."""
    found = json.loads(body)
    if not isinstance(found, dict) or not isinstance(found.get("action"), str):
        raise EngineError("it is no answer of Rspamd")
    symbols = found.get("symbols")
    hits = [
        (_number(one.get("score")) or 0.0, str(name), str(one.get("description") or ""))
        for name, one in (symbols if isinstance(symbols, dict) else {}).items()
        if isinstance(one, dict)
    ]
    thresholds = found.get("thresholds")
    marked = thresholds.get("add header") if isinstance(thresholds, dict) else None
    return Finding(
        is_bad=found["action"] in CONDEMNING,
        score=_number(found.get("score")),
        threshold=_number(marked),
        symbols=_shown(hits),
    )


def _number(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _shown(hits: list[tuple[float, str, str]]) -> tuple[str, ...]:
    """Return the tests that counted in words, the gravest first."""
    gravest = sorted((one for one in hits if one[0]), key=lambda one: -abs(one[0]))
    return tuple(
        f"{name} {score:+.1f}{f' ({words})' if words else ''}"[:SYMBOL_LENGTH]
        for score, name, words in gravest[:MOST_SYMBOLS]
    )


# ------------------------------------------------------------
# SPAMASSASSIN AND CLAMAV
# ------------------------------------------------------------


@dataclass
class _Line:
    """A connection whose answers end with a byte, or with the connection."""

    engine: Engine
    sock: socket.socket | None = field(default=None, init=False)

    def connected(self) -> socket.socket:
        if self.sock is None:
            address = (self.engine.host, self.engine.port)
            self.sock = socket.create_connection(address, self.engine.seconds)
        return self.sock

    def answer(self, end: bytes = b"") -> bytes:
        """Return what comes up to `end`, or up to the end of the connection."""
        found = b""
        while piece := self.connected().recv(PIECE_BYTES):
            found += piece
            if len(found) > ANSWER_BYTES:
                raise EngineError("its answer has no end")
            if end and found.endswith(end):
                return found
        if end or not found:
            raise ConnectionResetError("it closed the connection without an answer")
        return found

    def close(self) -> None:
        """Close the connection."""
        if self.sock is not None:
            self.sock.close()
        self.sock = None


class _SpamAssassin(_Line):
    """spamd, which serves one mail on each connection."""

    def ask(self, raw: bytes, _envelope: Envelope) -> Finding:
        try:
            length = f"Content-length: {len(raw)}\r\n\r\n"
            self.connected().sendall(f"REPORT SPAMC/1.5\r\n{length}".encode() + raw)
            return read_spamd(self.answer())
        finally:
            self.close()


def read_spamd(answer: bytes) -> Finding:
    """Return what spamd's answer to REPORT says; EngineError when it is none."""
    text = answer.decode("utf-8", "replace").replace("\r\n", "\n")
    head, _, report = text.partition("\n\n")
    found = _SCORE.search(head)
    if not re.match(r"SPAMD/[\d.]+ 0 ", head) or not found:
        raise EngineError(head.partition("\n")[0][:SYMBOL_LENGTH] or "no answer")
    hits = [
        (float(hit[1]), hit[2], hit[3].strip())
        for hit in map(_HIT.match, report.splitlines())
        if hit
    ]
    return Finding(
        is_bad=found[1].lower() in ("true", "yes"),
        score=float(found[2]),
        threshold=float(found[3]),
        symbols=_shown(hits),
    )


class _ClamAv(_Line):
    """clamd in one session (IDSESSION): many mails on one connection."""

    def ask(self, raw: bytes, _envelope: Envelope) -> Finding:
        if self.sock is None:
            self.connected().sendall(b"zIDSESSION\0")
        line = self.connected()
        line.sendall(b"zINSTREAM\0")
        mail = raw if raw.startswith(MAIL_START[:12]) else MAIL_START + raw
        for start in range(0, len(mail), PIECE_BYTES):
            piece = mail[start : start + PIECE_BYTES]
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
        return read_clamd(self.answer(b"\0"))


def read_clamd(answer: bytes) -> Finding:
    """Return what clamd's answer to INSTREAM says; EngineError when it is none."""
    text = answer.decode("utf-8", "replace").strip("\0\r\n ")
    if found := _FOUND.match(text):
        return Finding(is_bad=True, signature=found[1][:SYMBOL_LENGTH])
    if re.fullmatch(r"(?:\d+: )?stream: OK", text):
        return Finding(is_bad=False)
    raise EngineError(text[:SYMBOL_LENGTH])


_CLIENTS: dict[str, Callable[[Engine], Client]] = {
    RSPAMD: _Rspamd,
    SPAMASSASSIN: _SpamAssassin,
    CLAMAV: _ClamAv,
}
