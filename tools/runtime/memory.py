"""Giving memory back that large mails have needed.

What a transaction leaves behind are cycles of a few objects that hold a mail of many
megabytes. The garbage collector counts objects, not bytes, and comes too late for
them; then the C library keeps what was freed for later. After many large mails the
worker would reach its memory limit.
"""

import ctypes
import gc
from collections.abc import Callable

#: From so many bytes on, giving back is worth its time (about 0.1 s).
WORTH_IT = 4 * 1024 * 1024


def _find_trim() -> Callable[[int], object] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None  # not the GNU C library


_trim = _find_trim()


def give_back(used: int) -> None:
    """Collect garbage and let the C library return freed memory to the system.

    Do nothing where ``used``, about so many bytes, is not worth the time; see
    WORTH_IT. Only the GNU C library can return memory.
    """
    if used < WORTH_IT:
        return
    gc.collect()
    if _trim is not None:
        _trim(0)
