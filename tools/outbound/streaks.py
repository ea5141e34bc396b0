"""Refusals that nobody knows, and that hit one mail after the other.

A server that refuses every mail of an account in words of its own has something against
the account, whatever the words; they cannot all be known. What it refuses once may be a
matter of that mail.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import refusals

#: So many mails in a row, to recipients of so many domains, within this time.
MAILS = 4
DOMAINS = 2
WINDOW = timedelta(minutes=15)

_UNNAMED = frozenset({refusals.POLICY, refusals.OTHER})
_OF_ADDRESS = re.compile(r"\b5\.1\.\d{1,2}\b|\b5\.2\.[12]\b")
_OF_PERSON = re.compile(
    r"user|mailbox|recipient|address|no such|unknown|exist|account .{0,40}disabled"
)
_CHANGING = re.compile(r"\S*\d\S*")
_ADDRESS = re.compile(r"\S+@\S+")
SHAPE_LIMIT = 200


def shape(words: str) -> str:
    """Return what stays the same of a reply from mail to mail: its words without
    addresses, numbers and ids."""
    plain = _CHANGING.sub("#", _ADDRESS.sub("@", words.lower()))
    return " ".join(plain.split())[:SHAPE_LIMIT]


def may_be_of_account(kind: str, words: str) -> bool:
    """Tell whether a refusal for good may be the account's, and is not known to be.

    `kind`: one of ``refusals.KINDS``. `words`: the reply with its codes.
    """
    if kind in _UNNAMED:
        return True
    of_recipient = _OF_ADDRESS.search(words) or _OF_PERSON.search(words.lower())
    return kind == refusals.RECIPIENT and not of_recipient


@dataclass(frozen=True)
class Streak:
    """Mails that were refused alike, one after the other.

    `since`: when the first was. `mail_ids`, `domains` of their recipients: each once.
    """

    shape: str
    since: datetime
    mail_ids: tuple[int, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def is_of_account(self) -> bool:
        """Whether so many were refused that it is not a matter of the mails."""
        return len(self.mail_ids) >= MAILS and len(self.domains) >= DOMAINS

    def is_broken(
        self, words_shape: str, now: datetime, last_sent: datetime | None
    ) -> bool:
        """Tell whether a refusal of this shape begins another streak: in other words,
        after a mail was taken, or long after."""
        if words_shape != self.shape or (last_sent and last_sent >= self.since):
            return True
        return not self.is_of_account and now - self.since > WINDOW

    def and_one(self, mail_id: int, domains: Iterable[str]) -> "Streak":
        """Return the streak with one more mail."""
        return Streak(
            self.shape,
            self.since,
            tuple(dict.fromkeys([*self.mail_ids, mail_id]))[-1000:],
            tuple(dict.fromkeys([*self.domains, *domains]))[:DOMAINS],
        )
