"""Links with which one person may decide about one mail, for some days.

A link is no key: whoever follows it must be logged in as the person it was made for.
The signature keeps others from writing links for people to follow.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..mail import signatures

PURPOSE = "digest"

_NUMBER = re.compile("[0-9]{1,12}")
_ACTION = re.compile("[a-z_]{1,20}")


@dataclass(frozen=True)
class Decision:
    """What a link asks for. `expires`: seconds since 1970."""

    message_id: int
    action: str
    user_id: int
    expires: int

    def is_expired(self, now: float) -> bool:
        """Tell whether the link is too old at `now`, in seconds since 1970."""
        return now >= self.expires


def make(secret: bytes, database: str, decision: Decision) -> dict[str, str]:
    """Return the parameters of the link for `decision` in the database `database`."""
    signature = signatures.sign(secret, PURPOSE, _payload(database, decision))
    return {
        "m": str(decision.message_id),
        "a": decision.action,
        "u": str(decision.user_id),
        "e": str(decision.expires),
        "s": signatures.encode(signature),
    }


def read(
    secrets: Sequence[bytes], database: str, parameters: Mapping[str, str]
) -> Decision | None:
    """Return the decision that a link's `parameters` ask for, None if one was changed.

    `secrets`: the current key and the former ones.
    """
    numbers = [parameters.get(name, "") for name in "mue"]
    action = parameters.get("a", "")
    signature = signatures.decode(parameters.get("s", ""))
    if signature is None or not _ACTION.fullmatch(action):
        return None
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    message_id, user_id, expires = map(int, numbers)
    decision = Decision(message_id, action, user_id, expires)
    payload = _payload(database, decision)
    if not signatures.verify(secrets, PURPOSE, payload, signature):
        return None
    return decision


def _payload(database: str, decision: Decision) -> bytes:
    # None of the parts can hold a bar: a database's identity is a UUID.
    parts = (
        database.replace("|", ""),
        decision.message_id,
        decision.action,
        decision.user_id,
        decision.expires,
    )
    return "|".join(map(str, parts)).encode()
