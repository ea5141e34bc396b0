"""Giving memory back that large mails have needed.

The C library keeps what was freed for later; after many mails of many megabytes the
worker would hold a multiple of the largest, and reach its memory limit.
"""

import ctypes


def _find_trim():
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None  # not the GNU C library


_trim = _find_trim()


def give_back():
    """Return freed memory to the operating system, where the C library can."""
    if _trim is not None:
        _trim(0)
