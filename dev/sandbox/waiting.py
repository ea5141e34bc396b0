"""Waiting for what others do, but not forever."""

import time

PAUSE = 0.05  # seconds


def until(condition, limit, *, pause=PAUSE, lasting=0):
    """Call a function until what it returns is true.

    :param limit: the seconds after which it is called no more
    :param pause: the seconds between two calls
    :param lasting: for so many seconds each call must return something true
    :return: what it returned last, False when the time was over first
    """
    deadline = time.monotonic() + limit
    since = None
    while True:
        value, now = condition(), time.monotonic()
        since = (since or now) if value else None
        if since and now - since >= lasting:
            return value
        if now > deadline:
            return False
        time.sleep(pause)
