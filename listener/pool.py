"""A few threads for what blocks: logging in, and talking to the database."""

import logging
import queue
import threading

_logger = logging.getLogger(__name__)

#: Seconds without a job after which a thread ends.
PATIENCE = 10.0


class Pool:
    """Runs functions in daemon threads: one that hangs doesn't keep the process from
    ending. They begin when there is something to do, and end when there is nothing.

    :param size: the most threads
    :param done: called in the thread, with (callback, result, error), after each job
    """

    def __init__(self, size, done):
        self._size = size
        self._done = done
        self._jobs = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        # Jobs that wait or are being worked on.
        self._open = 0

    def submit(self, callback, function, *arguments):
        """Run ``function(*arguments)`` when a thread is free.

        :param callback: what ``done`` gets, to be called with the result and the error
        """
        with self._lock:
            self._open += 1
            self._jobs.put((callback, function, arguments))
            if self._threads >= min(self._open, self._size):
                return
            self._threads += 1
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        while job := self._next():
            self._run(*job)
            with self._lock:
                self._open -= 1

    def _next(self):
        """Return the next job; None when the thread is to end."""
        while True:
            try:
                return self._jobs.get(timeout=PATIENCE)
            except queue.Empty:
                with self._lock:
                    if self._threads > self._open:
                        self._threads -= 1
                        return None

    def _run(self, callback, function, arguments):
        result = error = None
        try:
            result = function(*arguments)
        except Exception as raised:
            # The boundary of the thread: who asked for the job hears of it.
            error = raised
            _logger.debug("A job failed", exc_info=True)
        self._done(callback, result, error)
