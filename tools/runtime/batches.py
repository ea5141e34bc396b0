"""Cutting a stream into batches that memory can bear."""


def batches(items, size_of, count, volume):
    """Yield lists of at most ``count`` items that are ``volume`` bytes together.

    :param items: any iterable; it is read no further than a batch needs
    :param size_of: callable that answers an item's size in bytes
    :param count: int, most items of a batch
    :param volume: int, most bytes of a batch; a single larger item is one alone
    """
    batch, size = [], 0
    for item in items:
        if batch and (len(batch) >= count or size + size_of(item) > volume):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += size_of(item)
    if batch:
        yield batch
