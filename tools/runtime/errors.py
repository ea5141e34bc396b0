"""Exceptions in the words that a person who has to act needs."""

import traceback

LONGEST = 20_000


def describe(error: BaseException) -> str:
    """Return the traceback of an exception, its last characters if it is very long."""
    return "".join(traceback.format_exception(error))[-LONGEST:]
