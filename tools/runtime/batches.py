"""Cutting a stream into batches that memory can bear."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def batches(
    items: Iterable[Item], size_of: Callable[[Item], int], count: int, volume: int
) -> Iterator[list[Item]]:
    """Yield lists of at most ``count`` items that are ``volume`` bytes together.

    ``items`` is read no further than a batch needs. ``size_of`` returns the size of an
    item in bytes; a single item of more than ``volume`` is a batch alone.
    """
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) >= count or size + size_of(item) > volume):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += size_of(item)
    if batch:
        yield batch
