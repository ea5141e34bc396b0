"""One score of all that speaks against a mail, and what comes of it.

Three ends: deliver it, deliver it with a warning, hold it for a person. No sign alone
holds a mail; what we know its sender by counts for him.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from . import bayes
from .bayes import Opinion
from .signs import Sign

DELIVER, WARN, HOLD = "deliver", "warn", "hold"

#: Points from which on a mail is held, and warned of.
HOLD_FROM, WARN_FROM = 5.0, 3.0
#: Points of what the filter says: of spam, at most of what it is not sure of, of what
#: it finds fine.
SPAM_POINTS, UNSURE_POINTS, FINE_POINTS = 5.0, 1.5, -1.5
#: From this score on the filter's doubt counts.
DOUBT_FROM = 0.85


@dataclass(frozen=True)
class Judgement:
    """What comes of a mail: "deliver", "warn" or "hold", its points, and why."""

    end: str
    points: float
    signs: tuple[Sign, ...] = ()
    opinion: Opinion | None = None


def judge(
    signs: Sequence[Sign],
    opinion: Opinion | None,
    *,
    is_contact: bool = False,
    is_answered: bool = False,
) -> Judgement:
    """Return what comes of a mail.

    `opinion`: what the statistical filter says, None where it says nothing.
    `is_contact`: a known contact's mail is never held. `is_answered`: whom we answered
    once is not held for his words alone.
    """
    worded = points_of(opinion) + sum(one.weight for one in signs if one.is_wording)
    # Fair words do not make up for what else is wrong with it.
    worded = max(worded, 0.0)
    shown = sum(one.weight for one in signs if not one.is_wording)
    points = worded + shown
    may_hold = len(signs) > 1 or (opinion is not None and opinion.verdict == bayes.SPAM)
    if is_answered:
        may_hold = may_hold and shown >= HOLD_FROM
    if points >= HOLD_FROM and may_hold and not is_contact:
        end = HOLD
    else:
        end = WARN if points >= WARN_FROM else DELIVER
    return Judgement(end, round(points, 1), tuple(signs), opinion)


def points_of(opinion: Opinion | None) -> float:
    """Return the points that the filter's opinion counts."""
    if opinion is None:
        return 0.0
    if opinion.verdict == bayes.SPAM:
        return SPAM_POINTS
    if opinion.verdict == bayes.FINE:
        return FINE_POINTS
    doubt = max(opinion.score - DOUBT_FROM, 0.0) / (bayes.SPAM_FROM - DOUBT_FROM)
    return UNSURE_POINTS * doubt
