"""A few threads for what blocks: logging in, and talking to the database."""

import logging
import queue
import threading

_logger = logging.getLogger(__name__)


class Pool:
    """Runs functions in daemon threads: one that hangs doesn't keep the process from
    ending.

    :param size: number of threads
    :param done: called in the thread, with (callback, result, error), after each job
    """

    def __init__(self, size, done):
        self._jobs = queue.SimpleQueue()
        self._done = done
        for _number in range(size):
            threading.Thread(target=self._work, daemon=True).start()

    def submit(self, callback, function, *arguments):
        """Run ``function(*arguments)`` when a thread is free.

        :param callback: what ``done`` gets, to be called with the result and the error
        """
        self._jobs.put((callback, function, arguments))

    def _work(self):
        while True:
            callback, function, arguments = self._jobs.get()
            result = error = None
            try:
                result = function(*arguments)
            except Exception as raised:
                # The boundary of the thread: who asked for the job hears of it.
                error = raised
                _logger.debug("A job failed", exc_info=True)
            self._done(callback, result, error)
