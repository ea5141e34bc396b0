"""What is asked again and again of the mails that are read together."""

import functools
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

# The longest value whose answer is remembered: a thousand of them are little memory.
_SHORT = 500
_MOST = 2048


def remember_short(function: Callable[[str], _T]) -> Callable[[str], _T]:
    """Return a function of one text that remembers its last answers for short ones."""
    remembered = functools.lru_cache(maxsize=_MOST)(function)

    @functools.wraps(function)
    def answer(value: str) -> _T:
        return remembered(value) if len(value) <= _SHORT else function(value)

    return answer
