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
#: it finds fine; at most of how a mail is made.
SPAM_POINTS, UNSURE_POINTS, FINE_POINTS, FORM_POINTS = 5.0, 1.5, -1.5, 3.2


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
    said = sum(one.weight for one in signs if one.is_wording)
    plain = sum(one.weight for one in signs if one.is_plain)
    shown = sum(one.weight for one in signs if not one.is_wording)
    # Fair words make up for words that people use, too, and for nothing else.
    worded = said - plain + max(points_of(opinion, shown) + plain, 0.0)
    points = worded + shown
    may_hold = len(signs) > 1 or (opinion is not None and opinion.verdict == bayes.SPAM)
    if is_answered:
        may_hold = may_hold and shown >= HOLD_FROM
    if points >= HOLD_FROM and may_hold and not is_contact:
        end = HOLD
    else:
        end = WARN if points >= WARN_FROM else DELIVER
    return Judgement(end, round(points, 1), tuple(signs), opinion)


def points_of(opinion: Opinion | None, shown: float = 0.0) -> float:
    """Return the points that the filter's opinion counts.

    `shown`: the points of signs that are not words; without any, how a mail is made
    counts no more than a doubt.
    """
    if opinion is None:
        return 0.0
    if opinion.verdict == bayes.SPAM:
        return SPAM_POINTS
    if opinion.verdict == bayes.FINE:
        return FINE_POINTS
    doubt = max(opinion.score - bayes.DOUBT_FROM, 0.0)
    share = min(doubt / (bayes.SPAM_FROM - bayes.DOUBT_FROM), 1.0)
    return (FORM_POINTS if opinion.by_form and shown else UNSURE_POINTS) * share
