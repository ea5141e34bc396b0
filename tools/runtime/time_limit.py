"""A limit on the time that one piece of work may take in this thread."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .cursor import Cursor


class TimeLimitExceeded(BaseException):
    """The work took longer than it may.

    No ``Exception``: Odoo catches all of these in some places, for example around
    the sanitising of HTML, goes on, and would deliver half a mail.
    """


@contextmanager
def time_limit(cr: Cursor, seconds: float) -> Iterator[None]:
    """Raise :class:`TimeLimitExceeded` in the block after ``seconds``.

    A statement of PostgreSQL's is stopped by the server (``statement_timeout`` of
    the transaction), Python code by an exception that the interpreter raises in
    this thread between two instructions; a single call into C is waited for. The
    caller rolls the transaction back.
    """
    cr.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
    with thread_limit(seconds):
        yield
    cr.execute("SELECT set_config('statement_timeout', '0', true)")


@contextmanager
def thread_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`TimeLimitExceeded` in the block after ``seconds``.

    For work that has no transaction: only Python code is stopped.
    """
    alarm = _Alarm(threading.get_ident())
    timer = threading.Timer(seconds, alarm.ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        alarm.silence()
    if alarm.has_rung:  # and something in the block has swallowed it
        raise TimeLimitExceeded


class _Alarm:
    """Rings in one thread, and never after it was silenced."""

    def __init__(self, thread_id: int) -> None:
        self._thread_id = ctypes.c_ulong(thread_id)
        self._lock = threading.Lock()
        self._silent = False
        self.has_rung = False

    def ring(self) -> None:
        """Raise TimeLimitExceeded in the thread, unless the alarm was silenced."""
        with self._lock:
            if not self._silent:
                self.has_rung = True
                self._raise_in_thread(ctypes.py_object(TimeLimitExceeded))

    def silence(self) -> None:
        """Stop the alarm; one that rang but was not heard yet is taken back."""
        with self._lock:
            self._silent = True
            # Python up to 3.12 looks for an exception between any two instructions from
            # then on, until one is raised: a twentieth of all its time, and more.
            if self.has_rung:
                self._raise_in_thread(None)

    def _raise_in_thread(self, exception: "ctypes.py_object[type] | None") -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread_id, exception)
