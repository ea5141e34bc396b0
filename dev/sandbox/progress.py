"""What a person sees: plain lines, progress of slow steps, errors as sentences."""

import contextlib
import signal
import sys
import threading
import time
from collections import deque
from pathlib import Path

QUIET_SECONDS = 2
REPEAT_SECONDS = 30
REQUESTS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SandboxError(Exception):
    """Something a person has to know about: which step failed and what to do."""


def say(text=""):
    """Write one line to stdout at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def seconds(duration):
    """Return a duration as a person says it: ``0.4 s``, ``12 s``, ``3 min 05 s``."""
    if duration < 10:
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class _Ticker(threading.Thread):
    """Repeat the title of a step that takes longer than a person likes to wait."""

    def __init__(self, title):
        super().__init__(daemon=True)
        self.title = title
        self.started = time.monotonic()
        self.finished = threading.Event()
        self.shown = False

    @property
    def elapsed(self):
        """Seconds since the step began."""
        return time.monotonic() - self.started

    def run(self):
        """Announce the step after two seconds, then show that it still lives."""
        pause = QUIET_SECONDS
        while not self.finished.wait(pause):
            say(
                f"  {self.title} ..."
                + (f" {seconds(self.elapsed)}" if self.shown else "")
            )
            pause = REPEAT_SECONDS
            self.shown = True

    def end(self, outcome):
        """Stop and leave one line behind, if anything was shown at all."""
        self.finished.set()
        self.join()
        if self.shown:
            say(f"  {self.title}: {outcome}, {seconds(self.elapsed)}")


@contextlib.contextmanager
def step(title):
    """Show ``title`` while the block runs, once it takes longer than two seconds."""
    ticker = _Ticker(title)
    ticker.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        ticker.end(outcome)


def tail(path, lines=15):
    """Return the last lines of a text file, indented; empty when there is none."""
    path = Path(path)
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", errors="replace") as stream:
        return "".join(f"    {line.rstrip()}\n" for line in deque(stream, lines))


def _interrupt(_signal, _frame):
    # Closing a terminal and timeout(1) ask twice: the second time must not stop the
    # clean-up. Its commands would inherit that a signal is ignored, but no function.
    for number in REQUESTS_TO_END:
        signal.signal(number, lambda *_signal: None)
    raise KeyboardInterrupt


@contextlib.contextmanager
def readable_errors():
    """Turn the errors meant for a person into a message and exit status 1.

    A request to end, as from a system that shuts down or a terminal that is closed, is
    treated like Ctrl-C.
    """
    for number in REQUESTS_TO_END:
        # nohup(1) has the closing of the terminal ignored.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        yield
    except SandboxError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        sys.exit(130)
