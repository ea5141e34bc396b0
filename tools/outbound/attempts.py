"""One attempt at one outgoing mail: what became of each of its recipients, and when
to try again.

A mail may go out as several messages, one for each person, and each message to
several recipients. Whoever has got it must not get it again with the next attempt.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=4)
#: A mail that was not accepted for so long has failed.
PATIENCE = timedelta(hours=48)
#: The same where our account is at fault, which a person has to repair: over a weekend
#: and a holiday. Until then it is tried so often.
ACCOUNT_PATIENCE = timedelta(days=7)
ACCOUNT_DELAY = timedelta(minutes=15)
#: Times of next attempts are rounded up to this, so that many mails share one.
STEP = timedelta(seconds=10)

#: What may become of a recipient.
ACCEPTED = "accepted"  # the server has taken the mail for him
WAITING = "waiting"  # not tried: something of ours is used up for the moment
DEFERRED = "deferred"  # refused for now (4yz), or the server could not be reached
UNKNOWN = "unknown"  # the server got the mail, and its answer never came
REFUSED = "refused"  # refused for good

_GRAVITY = {ACCEPTED: 0, REFUSED: 1, UNKNOWN: 2, WAITING: 3, DEFERRED: 4}

#: What time heals.
OPEN = frozenset({WAITING, DEFERRED})


@dataclass(frozen=True)
class Outcome:
    """What became of a recipient.

    `words`: the server's, or the reason to wait. `kind`: one of ``refusals.KINDS``
    where the server refused. `of_server`: the same would become of any other mail now.
    """

    state: str
    words: str = ""
    kind: str = ""
    of_server: bool = False


@dataclass
class Closed:
    """Why a server gets no mail for now.

    `until`: when the first mail that waits is tried again; with each further `share` of
    them it is a `period` later.
    """

    outcome: Outcome
    until: datetime
    period: timedelta = timedelta()
    share: int = 1
    _waiting: int = 0

    def next_time(self) -> datetime:
        """Return when the next one in the line of those that wait is tried again."""
        moment = self.until + self.period * (self._waiting // self.share)
        self._waiting += 1
        return moment


@dataclass
class Entry:
    """One message of the mail. `key` names its recipients as the mail has them."""

    key: frozenset[str]
    partner_id: int = 0
    email_to: tuple[str, ...] = ()
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Whether all its recipients have got it."""
        return bool(self.outcomes) and all(
            one.state == ACCEPTED for one in self.outcomes
        )

    def worst(self, states: Iterable[str]) -> Outcome | None:
        """Return the first outcome with one of these states."""
        return next((one for one in self.outcomes if one.state in states), None)


class Attempt:
    """One attempt at the mail with this id.

    `known`: {recipient: ACCEPTED or UNKNOWN} of earlier attempts. `urgency`: which
    part of the budget it may use, one of ``budgets.SHARES``.
    """

    def __init__(self, mail_id: int, known: Mapping[str, str], urgency: str) -> None:
        self.mail_id = mail_id
        self.known = dict(known)
        self.urgency = urgency
        self.entries: list[Entry] = []
        #: {recipient: why nobody reads what is sent there}.
        self.unread: dict[str, str] = {}
        self.next_attempt: datetime | None = None
        self._current: Entry | None = None

    def begin(self, key: Iterable[str]) -> None:
        """Turn to the message with these recipients, which `entries` may name."""
        wanted = frozenset(key)
        untried = (one for one in self.entries if not one.outcomes)
        found = next((one for one in untried if one.key == wanted), None)
        if found is None:
            found = Entry(wanted)
            self.entries.append(found)
        self._current = found

    def note(self, *outcomes: Outcome) -> None:
        """Note what became of recipients of the message at hand."""
        if self._current is not None:
            self._current.outcomes.extend(outcomes)

    def remember(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take in who has got it, or perhaps has, so that no other message of the
        mail goes there: {recipient: outcome}."""
        final = {ACCEPTED, UNKNOWN}
        self.known |= {
            recipient: one.state
            for recipient, one in outcomes.items()
            if one.state in final
        }

    def wait_until(self, moment: datetime) -> None:
        """Try again at this time, or at an earlier one that is noted already."""
        self.next_attempt = min(self.next_attempt or moment, moment)

    def result_of(self, partner_id: int, email: str | None) -> Outcome | None:
        """Return the outcome that counts for this person, None if there is none."""
        for one in self.entries:
            if (partner_id and one.partner_id == partner_id) or (
                not partner_id and email and email in one.key
            ):
                return max(
                    one.outcomes, key=lambda out: _GRAVITY[out.state], default=None
                )
        return None

    @property
    def accepted(self) -> list[Entry]:
        """The messages that all their recipients have got."""
        return [one for one in self.entries if one.is_accepted]

    @property
    def is_open(self) -> bool:
        """Whether time may heal something of it."""
        return self.first(OPEN) is not None

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows of a recipient if he has got the mail."""
        return self.first({UNKNOWN}) is not None

    @property
    def failure(self) -> Outcome | None:
        """What went wrong for good, if anything did."""
        return self.first({UNKNOWN, REFUSED})

    def first(self, states: Iterable[str]) -> Outcome | None:
        """Return the first outcome with one of these states."""
        found = (one.worst(states) for one in self.entries)
        return next(filter(None, found), None)


def chunks(recipients: Sequence[str], limit: int) -> Iterator[list[str]]:
    """Yield the recipients in groups of at most `limit`; 0: all in one."""
    size = limit or len(recipients) or 1
    for start in range(0, len(recipients), size):
        yield list(recipients[start : start + size])


def delay_after(attempts: int, longest: timedelta = LONGEST_DELAY) -> timedelta:
    """Return how long to wait after so many attempts in vain.

    It is 1, 2, 4 ... minutes, at most `longest`.
    """
    return min(FIRST_DELAY * (1 << min(max(attempts - 1, 0), 20)), longest)


def rounded_up(moment: datetime) -> datetime:
    """Return the next multiple of STEP, which `moment` itself may be."""
    rest = (moment - datetime.min) % STEP
    return moment + (STEP - rest if rest else timedelta())


def is_overdue(
    first_attempt: datetime | Literal[False] | None,
    now: datetime,
    patience: timedelta = PATIENCE,
) -> bool:
    """Tell whether a mail whose first attempt was then has waited long enough.

    One that was not attempted yet, which Odoo says with False, has not.
    """
    return bool(first_attempt and now - first_attempt >= patience)
