"""Whether mail to an address of ours arrives where it should."""

from dataclasses import dataclass
from datetime import datetime

from .health import OK, PROBLEM, WARNING


@dataclass(frozen=True)
class Address:
    """What is known of an alias's address.

    `is_served`: a router reads mail for its domain; `is_collected`: that router's
    mailbox can be read; `is_verified`: mail to unknown addresses of the domain was
    seen to arrive; `last`: when the last mail to it came.
    """

    has_domain: bool
    is_served: bool = False
    is_collected: bool = False
    is_verified: bool = False
    is_invalid: bool = False
    is_archived: bool = False
    last: datetime | None = None


def judge(address: Address) -> tuple[str, str]:
    """Return how an address stands: one of `health.STATES`, and its sentence's code.

    The gravest hindrance is the one that counts.
    """
    if not address.has_domain:
        return PROBLEM, "no_domain"
    if not address.is_served:
        return WARNING, "unserved"
    if not address.is_collected:
        return PROBLEM, "not_collected"
    if address.is_invalid:
        return PROBLEM, "invalid"
    if address.is_archived:
        return WARNING, "archived"
    if address.last:
        return OK, "works"
    return (OK, "ready") if address.is_verified else (WARNING, "untested")
