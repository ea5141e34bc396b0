"""Waiting for new mail over IMAP (RFC 2177 IDLE, or NOOP where that is missing).

A :class:`Session` speaks for one connection whose login and SELECT are done. It reads
and writes no socket and knows no clock: bytes and times go in, bytes to send, events
and the time of the next look come out. :class:`Pace` and :func:`delay_before` say when
to wake somebody and when to try again. Times are seconds of any clock that only goes
on.
"""

import re
from dataclasses import dataclass
from enum import Enum

#: RFC 2177 3 allows 29 minutes; many routers forget a silent connection much earlier.
RE_IDLE = 9 * 60.0
POLL = 30.0
#: How long the server may take for an answer.
PATIENCE = 60.0
#: Of a longer line the rest is dropped: nothing that matters here is so long.
MAX_LINE = 4096

FIRST_DELAY = 1.0
LONGEST_DELAY = 5 * 60.0
#: A login that was refused isn't tried so often: accounts get locked by that.
FIRST_REFUSED_DELAY = 60.0
LONGEST_REFUSED_DELAY = 15 * 60.0

WAKE_EVERY = 0.2

_COUNT = re.compile(rb"\* (\d{1,10}) (EXISTS|RECENT|EXPUNGE)\s*\Z", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE\b\s*(.*)", re.IGNORECASE | re.DOTALL)
_TAGGED = re.compile(rb"(L\d{1,10}) (OK|NO|BAD)\b\s*(.*)", re.IGNORECASE | re.DOTALL)


class Event(Enum):
    """What a session tells.

    It hears of new mail from now on; mail has arrived; it is at its end.
    """

    LISTENING = "listening"
    ARRIVED = "arrived"
    ENDED = "ended"


class State(Enum):
    """Where a session is.

    It waits for the `+`, is idle, waits for the end of IDLE, waits for the answer to
    NOOP, rests between two commands, or is over.
    """

    STARTING = "starting"
    IDLE = "idle"
    STOPPING = "stopping"
    ASKING = "asking"
    RESTING = "resting"
    ENDED = "ended"


class Session:
    """One connection with a selected folder.

    `exists` and `recent`: what SELECT told; `can_idle`: whether CAPABILITY names IDLE;
    `rest`: seconds between two NOOP. `output` holds the bytes to send: who sends them
    removes them. `deadline` is when :meth:`tick` is wanted. `reason` says why it ended.
    """

    def __init__(
        self,
        now: float,
        *,
        exists: int = 0,
        recent: int = 0,
        can_idle: bool = True,
        rest: float = POLL,
    ) -> None:
        self.output = bytearray()
        self.reason = ""
        self.state = State.RESTING
        self.deadline = now
        self.can_idle = can_idle
        self._rest = rest
        self._counts = {b"EXISTS": exists, b"RECENT": recent}
        self._tag = b""
        self._number = 0
        self._line = bytearray()
        self._is_listening = False
        self._begin(now)

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take bytes from the server, cut anywhere; return what they tell."""
        events: list[Event] = []
        for piece in data.splitlines(keepends=True):
            self._line += piece[: MAX_LINE - len(self._line)]
            if piece.endswith(b"\n"):
                line = bytes(self._line).rstrip(b"\r\n")
                self._line.clear()
                events += self._take(line, now)
        return events

    def tick(self, now: float) -> list[Event]:
        """Do what is due at this time; return what that tells."""
        if self.state is State.ENDED or now < self.deadline:
            return []
        if self.state is State.RESTING:
            self._begin(now)
        elif self.state is State.IDLE:
            self.output += b"DONE\r\n"
            self._become(State.STOPPING, now + PATIENCE)
        else:
            return self.end("The server gave no answer.")
        return []

    def end(self, reason: str) -> list[Event]:
        """End the session from outside; return what that tells."""
        if self.state is State.ENDED:
            return []
        self.reason = reason
        self._become(State.ENDED, float("inf"))
        return [Event.ENDED]

    def farewell(self) -> bytes:
        """Return the bytes that end the connection politely."""
        done = b"DONE\r\n" if self.state in {State.IDLE, State.STARTING} else b""
        return done + b"L0 LOGOUT\r\n"

    def _become(self, state: State, deadline: float) -> None:
        self.state, self.deadline = state, deadline

    def _begin(self, now: float) -> None:
        """Send the next command."""
        self._number += 1
        self._tag = b"L%d" % self._number
        self.output += self._tag + (b" IDLE\r\n" if self.can_idle else b" NOOP\r\n")
        state = State.STARTING if self.can_idle else State.ASKING
        self._become(state, now + PATIENCE)

    def _take(self, line: bytes, now: float) -> list[Event]:
        if self.state is State.ENDED:
            return []
        if line.startswith(b"+"):
            return self._continue(now)
        if match := _COUNT.match(line):
            return self._count(int(match[1]), match[2].upper())
        if match := _TAGGED.match(line):
            return self._conclude(match[1], match[2], match[3], now)
        if match := _BYE.match(line):
            return self.end(_words(match[1]) or "The server closed the connection.")
        return []

    def _continue(self, now: float) -> list[Event]:
        if self.state is not State.STARTING:
            return []
        self._become(State.IDLE, now + RE_IDLE)
        return self._first_listening()

    def _first_listening(self) -> list[Event]:
        """Return LISTENING once: nobody may have told what came since SELECT."""
        if self._is_listening:
            return []
        self._is_listening = True
        return [Event.LISTENING]

    def _count(self, number: int, kind: bytes) -> list[Event]:
        if kind == b"EXPUNGE":
            self._counts[b"EXISTS"] = max(self._counts[b"EXISTS"] - 1, 0)
            return []
        before, self._counts[kind] = self._counts[kind], number
        return [Event.ARRIVED] if number > before else []

    def _conclude(
        self, tag: bytes, status: bytes, words: bytes, now: float
    ) -> list[Event]:
        if tag.upper() != self._tag:
            return []
        if self.state is State.STOPPING:
            self._begin(now)
            return []
        accepted = status.upper() == b"OK"
        events: list[Event] = []
        if self.state is State.STARTING:
            # It names IDLE and refuses it: then it is asked now and then.
            self.can_idle = self.can_idle and accepted
        elif self.state is State.ASKING:
            if not accepted:
                return self.end(_words(words) or "The server refused to go on.")
            events = self._first_listening()
        # Also for a server that ends IDLE by itself, at once and again and again.
        self._become(State.RESTING, now + self._rest)
        return events


def _words(data: bytes) -> str:
    """Return the printable part of what a server said, shortened."""
    text = data[:200].decode("utf-8", "replace")
    return "".join(char for char in text if char.isprintable()).strip()


# ------------------------------------------------------------
# WHEN
# ------------------------------------------------------------


def delay_before(attempt: int, jitter: float, *, refused: bool = False) -> float:
    """Return the seconds to wait before an attempt, 1 for the first after a failure.

    They double with each attempt, and half of them is left to chance, so that not all
    come back at once: `jitter` is from 0 to 1 and drawn by the caller. `refused`: the
    login was refused, not the connection lost.
    """
    first = FIRST_REFUSED_DELAY if refused else FIRST_DELAY
    longest = LONGEST_REFUSED_DELAY if refused else LONGEST_DELAY
    whole = min(first * (1 << min(max(attempt - 1, 0), 20)), longest)
    return whole * (0.5 + jitter / 2)


@dataclass
class Pace:
    """Wakes somebody at once, but not more often than every `interval` seconds.

    What is wanted in between is one wake-up after it.
    """

    interval: float = WAKE_EVERY
    _wanted: bool = False
    _next: float = float("-inf")

    def want(self) -> None:
        """Ask for a wake-up."""
        self._wanted = True

    @property
    def deadline(self) -> float:
        """When :meth:`take` returns True, infinity if nobody asked."""
        return self._next if self._wanted else float("inf")

    def take(self, now: float) -> bool:
        """Tell whether to wake now; if so, it counts as done."""
        if not self._wanted or now < self._next:
            return False
        self._wanted = False
        self._next = now + self.interval
        return True

    def put_off(self, until: float) -> None:
        """Wake again at this time: it did not work."""
        self._wanted = True
        self._next = until
