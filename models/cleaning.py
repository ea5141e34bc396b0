"""Deleting what is outdated, some at a time."""

from odoo.tools.constants import GC_UNLINK_LIMIT


def delete_outdated(model, domain, limit=GC_UNLINK_LIMIT):
    """Delete the records that a domain finds, so many at the most.

    :return: (number done, whether there may be more), as Odoo's cleaning wants it
    """
    outdated = model.search(domain, limit=limit)
    outdated.unlink()
    return len(outdated), len(outdated) >= limit
