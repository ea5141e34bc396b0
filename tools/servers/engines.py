"""Engines that judge mail: Rspamd, SpamAssassin and ClamAV.

Each is asked over its own protocol: Rspamd by HTTP (``/checkv2``), SpamAssassin's spamd
by SPAMC/1.5, ClamAV's clamd by INSTREAM. One mail takes so many seconds at most,
however slowly the engine sends, and no answer has more than ANSWER_BYTES.

Rspamd (``/learnspam``, ``/learnham`` of its controller) and SpamAssassin (TELL) also
learn of mails that people have judged.
"""

import http.client
import json
import re
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from .bounds import cut_after

RSPAMD, SPAMASSASSIN, CLAMAV = "rspamd", "spamassassin", "clamav"
#: Where each listens as a rule.
PORTS = {RSPAMD: 11333, SPAMASSASSIN: 783, CLAMAV: 3310}
#: Where each learns, if it does: Rspamd's controller.
LEARN_PORTS = {RSPAMD: 11334, SPAMASSASSIN: 783, CLAMAV: 0}
#: The most of a mail that each is asked about: spamc's own limit; that of Rspamd's
#: ``max_message``, halved; ClamAV's former StreamMaxLength.
MOST_BYTES = {RSPAMD: 25_000_000, SPAMASSASSIN: 512_000, CLAMAV: 25_000_000}
ANSWER_BYTES = 1_000_000
#: Seconds for which an engine that did not answer is not asked again, and what part of
#: its time it may waste before that.
LEFT_ALONE, PATIENCE = 60.0, 0.9
PIECE_BYTES = 64 * 1024
MOST_RECIPIENTS = 20
#: Symbols that are kept, and characters of one.
MOST_SYMBOLS, SYMBOL_LENGTH = 12, 120
#: What is kept of one engine's answer: "engine", "code", "score" and "value".
Note = dict[str, Any]
#: What Rspamd has done to spam; it only delays what it greylists.
CONDEMNING = frozenset({"add header", "rewrite subject", "reject", "quarantine"})
#: What it does to mail that it only finds suspicious, and from how many points on, if
#: nobody has set it otherwise; sums of its points may be 3.999999.
DOUBTING, DOUBT_FROM = frozenset({"greylist", "soft reject"}), 4.0
#: Of the points that make spam at SpamAssassin, the part from which it is suspicious.
DOUBT_PART = 2 / 3
#: What is learnt of a mail.
SPAM, FINE = "spam", "fine"
# 204: it has too few words to learn of; 208: it is known already. Rspamd 3.4 says that
# by 404 and these words.
_LEARNT = frozenset({200, 204, 208})
_KNOWN = "already learned"
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
UNTOLD = json.dumps({"scores": {"HFILTER_HOSTNAME_UNKNOWN": 0.0}})
_WORD = re.compile(r"[!-~]{1,320}")
_SCORE = re.compile(
    r"^Spam: *(True|False|Yes|No) *; *(-?[\d.]+) */ *(-?[\d.]+)", re.IGNORECASE | re.M
)
# " 1000 GTUBE   BODY: Generic Test for Unsolicited Bulk Email", and what follows.
_HIT = re.compile(r"^ *(-?\d+(?:\.\d+)?) +([A-Z][A-Z0-9_]{2,}) +(\S.*)$")
_SPAMD_FINE = re.compile(r"SPAMD/[\d.]+ 0 ")
_FOUND = re.compile(r"^(?:\d+: )?stream: (.+) FOUND$")


# {engine: when it may be asked again}, in this process.
_left_alone: dict["Engine", float] = {}


class EngineError(Exception):
    """The engine gave no answer that can be used; the text says why."""


class TooLargeError(EngineError):
    """The mail has more bytes than the engine is asked about."""


class LeftAloneError(EngineError):
    """The engine was not asked: it did not answer a moment ago."""


class RefusedError(EngineError):
    """The engine answers, but does not want to learn of this mail."""


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
    """Who handed a mail over, as far as is known: Rspamd judges that, too.

    `address`, `helo` and `host`: the network address of the host that connected to our
    provider's server, what it called itself, and its name in DNS; `is_nameless` if that
    server found none. `sender` and `recipients`: what it said at MAIL FROM and RCPT TO,
    `sender` None if unknown. `number`: by which the engine's log names the mail.
    """

    address: str = ""
    helo: str = ""
    host: str = ""
    is_nameless: bool = False
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True)
class Finding:
    """What an engine says of a mail.

    `is_doubtful`: it is nearly called spam. `signature` names the virus that it found.
    `score` and `threshold` are None where the engine has none; `symbols` are the tests
    that spoke, the gravest first.
    """

    is_bad: bool
    is_doubtful: bool = False
    score: float | None = None
    threshold: float | None = None
    symbols: tuple[str, ...] = ()
    signature: str = ""


Result = TypeVar("Result")


class Client(Protocol):
    """A connection to an engine, which serves many mails."""

    sock: Any

    def ask(self, raw: bytes, envelope: Envelope) -> Finding:
        """Return what it says of a mail."""

    def learn(self, raw: bytes, lesson: str, former: str) -> None:
        """Learn of a mail."""

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
        self._check_size(raw)
        said = envelope or Envelope()
        return self._talk(lambda client: client.ask(raw, said))

    def learn(self, raw: bytes, lesson: str, former: str = "") -> None:
        """Have the engine learn of a mail.

        SpamAssassin forgets what is to be neither any more; Rspamd cannot, and learns
        the other kind instead, which takes the former one back.

        :param lesson: SPAM or FINE, "" to take `former` back
        :param former: what it has learnt of the mail before, "" for nothing
        :raises RefusedError: when it does not want this mail
        :raises EngineError: when it does not answer, or not in time
        """
        self._check_size(raw)
        self._talk(lambda client: client.learn(raw, lesson, former))

    def _check_size(self, raw: bytes) -> None:
        limit = MOST_BYTES[self.engine.kind]
        if len(raw) > limit:
            raise TooLargeError(f"more than {limit // 1000} kB")

    def _talk(self, work: Callable[[Client], Result]) -> Result:
        """Return what a talk with the engine gives, on a new connection if the one that
        was used before is closed."""
        is_used = self._client is not None
        try:
            return self._talk_once(work)
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
        return self._talk(work)

    def try_out(self) -> bool:
        """Tell whether the engine knows the test mail that every one of its kind
        knows (GTUBE, EICAR).

        :raises EngineError: when it does not answer
        """
        word = EICAR if self.engine.kind == CLAMAV else GTUBE
        return self.ask(TRIAL.format(word).encode()).is_bad

    def _talk_once(self, work: Callable[[Client], Result]) -> Result:
        client = self._client
        if client is None:
            client = self._client = _CLIENTS[self.engine.kind](self.engine)
        with cut_after(client, self.engine.seconds):
            return work(client)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._client:
            self._client.close()
        self._client = None


def ask_again(engine: Engine) -> Finding | EngineError:
    """Return what an engine that did not answer says of a harmless mail, or why it says
    nothing; if it answers, it is not left alone any more."""
    try:
        with closing(Session(engine)) as session:
            finding = session.ask(TRIAL.format("Hello").encode())
    except EngineError as error:
        return error
    _left_alone.pop(engine, None)
    return finding


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
                answers.append(LeftAloneError("it did not answer a moment ago"))
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
        status, body = self._post("/checkv2", raw, _said_of(envelope))
        if status != http.HTTPStatus.OK:
            raise EngineError(f"HTTP {status}")
        return read_rspamd(body)

    def learn(self, raw: bytes, lesson: str, former: str) -> None:
        # It cannot forget, but takes the one back when it learns the other.
        kind = lesson or (FINE if former == SPAM else SPAM)
        status, body = self._post("/learnspam" if kind == SPAM else "/learnham", raw)
        said = _error_in(body)
        if status not in _LEARNT and _KNOWN not in said:
            raise RefusedError(f"HTTP {status}: {said}"[:SYMBOL_LENGTH])

    def _post(
        self, path: str, raw: bytes, headers: Sequence[tuple[str, str]] = ()
    ) -> tuple[int, bytes]:
        """Return the status and the body of an answer."""
        self.putrequest("POST", path)
        password = [("Password", self._password)] if self._password else []
        for name, value in (*password, *headers, ("Content-Length", str(len(raw)))):
            self.putheader(name, value)
        self.endheaders(raw)
        answer = self.getresponse()
        body = answer.read(ANSWER_BYTES + 1)
        if len(body) > ANSWER_BYTES:
            raise EngineError("its answer has no end")
        return answer.status, body


def _said_of(envelope: Envelope) -> list[tuple[str, str]]:
    """Return the headers of a request that tell Rspamd who handed a mail over."""
    found = [
        ("IP", envelope.address),
        ("Helo", envelope.helo),
        ("Hostname", envelope.host),
        ("From", "<>" if envelope.sender == "" else envelope.sender or ""),
        *(("Rcpt", one) for one in envelope.recipients[:MOST_RECIPIENTS]),
        ("Queue-Id", envelope.number),
    ]
    # A header of the request: nothing that could begin another one.
    said = [(name, value) for name, value in found if _WORD.fullmatch(value)]
    # What nobody has told Rspamd it takes for a fault of the sender.
    is_untold = not envelope.host and not envelope.is_nameless
    return [*said, ("Settings", UNTOLD)] if is_untold else said


def _error_in(body: bytes) -> str:
    """Return what Rspamd says is wrong, "" if it is not to be found."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    said = found.get("error") if isinstance(found, dict) else ""
    return said if isinstance(said, str) else ""


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
    action, score = found["action"], _number(found.get("score"))
    doubts = action in DOUBTING or round(score or 0.0, 1) >= DOUBT_FROM
    return Finding(
        is_bad=action in CONDEMNING,
        is_doubtful=action not in CONDEMNING and doubts,
        score=score,
        threshold=_number(marked),
        symbols=_shown(hits),
    )


def _number(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _shown(hits: list[tuple[float, str, str]]) -> tuple[str, ...]:
    """Return the tests that counted in words, the gravest first; all if none did, as
    where Rspamd knows GTUBE, which has no points of its own."""
    counted = [one for one in hits if one[0]]
    gravest = sorted(counted or hits, key=lambda one: -abs(one[0]))
    return tuple(_said(*one)[:SYMBOL_LENGTH] for one in gravest[:MOST_SYMBOLS])


def _said(score: float, name: str, words: str) -> str:
    points = f" {score:+.1f}" if score else ""
    return f"{name}{points}{f' ({words})' if words else ''}"


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
        return read_spamd(self._say("REPORT", "", raw))

    def learn(self, raw: bytes, lesson: str, _former: str) -> None:
        kind = "spam" if lesson == SPAM else "ham"
        told = f"Message-class: {kind}\r\nSet: local\r\n"
        answer = self._say("TELL", told if lesson else "Remove: local\r\n", raw)
        head = answer.decode("utf-8", "replace").partition("\n")[0].strip()
        if not _SPAMD_FINE.match(head):
            raise RefusedError(head[:SYMBOL_LENGTH])

    def _say(self, word: str, headers: str, raw: bytes) -> bytes:
        """Return what spamd answers to one request."""
        try:
            length = f"Content-length: {len(raw)}\r\n\r\n"
            head = f"{word} SPAMC/1.5\r\n{headers}{length}"
            self.connected().sendall(head.encode() + raw)
            return self.answer()
        finally:
            self.close()


def read_spamd(answer: bytes) -> Finding:
    """Return what spamd's answer to REPORT says; EngineError when it is none."""
    text = answer.decode("utf-8", "replace").replace("\r\n", "\n")
    head, _, report = text.partition("\n\n")
    found = _SCORE.search(head)
    if not _SPAMD_FINE.match(head) or not found:
        raise EngineError(head.partition("\n")[0][:SYMBOL_LENGTH] or "no answer")
    hits = [
        (float(hit[1]), hit[2], hit[3].strip())
        for hit in map(_HIT.match, report.splitlines())
        if hit
    ]
    is_bad = found[1].lower() in ("true", "yes")
    score, threshold = float(found[2]), float(found[3])
    return Finding(
        is_bad=is_bad,
        is_doubtful=not is_bad and score >= max(threshold, 1.0) * DOUBT_PART,
        score=score,
        threshold=threshold,
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

    def learn(self, _raw: bytes, _lesson: str, _former: str) -> None:
        raise RefusedError("it does not learn")


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


# ------------------------------------------------------------
# WHAT WAS KEPT OF THEIR WORDS
# ------------------------------------------------------------


def judged(notes: Iterable[Note], threshold: float) -> list[Note]:
    """Return what engines said, with the codes that follow from a router's threshold
    (0: none).

    What has that many points is spam, as of a provider's verdicts. What an engine calls
    spam, and has fewer points, is a doubt. Without any points it is spam for another
    reason, such as a test that counts alone.
    """
    return [{**one, "code": _judged(one, threshold)} for one in notes]


def _judged(note: Note, threshold: float) -> str:
    code, score = str(note["code"]), note.get("score") or 0.0
    if not threshold or code not in ("spam", "doubt", "fine"):
        return code
    if score >= threshold:
        return "spam"
    return "doubt" if code == "spam" and score > 0 else code
