"""Do several things that wait for the network at once."""

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")
#: At the same time; the others wait for their turn.
WORKERS = 32


def gather(
    calls: Mapping[Key, Callable[[], Result]], seconds: float
) -> dict[Key, Result]:
    """The results of those calls that were ready in time, in the order of the calls.

    The others are left to end by themselves, so each must have a limit of its own.
    Raises what a call raises.
    """
    if not calls:
        return {}
    executor = ThreadPoolExecutor(min(WORKERS, len(calls)))
    futures = {key: executor.submit(call) for key, call in calls.items()}
    ready = wait(futures.values(), seconds).done
    executor.shutdown(wait=False, cancel_futures=True)
    return {key: one.result() for key, one in futures.items() if one in ready}
