"""A statistical filter: what a mail's tokens say, by the mail that people have judged.

Each token's probability is drawn to the middle while it was seldom seen (G. Robinson,
"A Statistical Approach to the Spam Problem", Linux Journal 2003); those that say most
are combined by Fisher's method in both directions, as SpamBayes and Bogofilter do: what
speaks for both sides, or for none, ends in the middle.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

SPAM, UNSURE, FINE = "spam", "unsure", "fine"

#: How many mails of each kind a filter must know before it says anything.
ENOUGH = 25
#: And how many of each in the mail's language: who has had nothing but spam in one
#: knows its every word from spam.
ENOUGH_OF_LANGUAGE = 10
LANGUAGE = "language:"
#: What is said in a language.
SAID = ("word:", "pair:", "subject:", "name:")
#: A score from which on a mail is spam, and up to which it is fine.
SPAM_FROM, FINE_TO = 0.995, 0.1
#: How strongly, and at what, a token that was never seen is put (Robinson's s and x).
STRENGTH, UNKNOWN = 0.45, 0.5
#: A token nearer to the middle than this says nothing.
LEAST = 0.1
#: How many tokens are combined, those that say most; how many are shown.
COMBINED, SHOWN = 150, 10
#: So few say too little; of a mail's form, which has fewer tokens.
FEWEST, FEWEST_OF_FORM = 8, 5
#: A word in so many mails of each kind is in every text that is long enough.
USUAL = 0.1
#: Words of spam in a form that is less like spam are not sure.
SPAM_FORM_FROM = 0.7
#: At most by so much it is set off that mail of one kind is longer.
MOST_LEVEL = 2.0
#: From this score on a doubt counts.
DOUBT_FROM = 0.88


class Count(NamedTuple):
    """In how many mails of each kind a token was seen, or how many there were."""

    spam: int = 0
    fine: int = 0

    def plus(self, other: "Count") -> "Count":
        """Return the sum of both."""
        return Count(self.spam + other.spam, self.fine + other.fine)

    @property
    def is_enough(self) -> bool:
        """Whether so many mails of both kinds are known that they tell something."""
        return min(self.spam, self.fine) >= ENOUGH


class Clue(NamedTuple):
    """A token, and how probable it makes it that a mail is spam, from 0 to 1."""

    token: str
    probability: float


@dataclass(frozen=True)
class Opinion:
    """What the filter says: "spam", "unsure" or "fine", its score from 0 (fine) to 1
    (spam), and the clues that decided, SHOWN at most, the strongest first.

    `by_form`: how the mail is made says more than its words do. That alone makes none
    spam: it is "unsure", whatever the score.
    """

    verdict: str
    score: float
    clues: tuple[Clue, ...]
    by_form: bool = False


def opinion(
    tokens: Iterable[str], known: Mapping[str, Count], total: Count
) -> Opinion | None:
    """Return what is to be said of a mail with these tokens; None as long as not
    enough is known of both kinds.

    `known`: what is known of tokens; `total`: how many mails of each kind there were.
    """
    if not total.is_enough:
        return None
    said, form = _apart(tokens)
    spoken = _spoken(said, form, known, total)
    of_form = _telling(_clues(_met(form, known), total))
    by_form = _score(of_form, FEWEST_OF_FORM)
    if min(spoken.spam, spoken.fine) >= ENOUGH_OF_LANGUAGE:
        telling = _telling([*of_form, *_said_clues(_met(said, known), spoken)])
        score = _score(telling, FEWEST)
    elif len(of_form) >= FEWEST_OF_FORM:
        telling, score = of_form, min(max(by_form, 0.5), DOUBT_FROM)
    else:
        return None
    if by_form >= DOUBT_FROM and by_form > score:
        return Opinion(UNSURE, by_form, tuple(of_form[:SHOWN]), by_form=True)
    verdict = _verdict(score)
    if len(of_form) >= FEWEST_OF_FORM and _contradicts(by_form, verdict):
        verdict = UNSURE
    if verdict == SPAM and sum(map(_is_said, telling)) < FEWEST:
        verdict = UNSURE  # a handful of words condemns nobody
    return Opinion(verdict, score, tuple(telling[:SHOWN]))


def _contradicts(by_form: float, verdict: str) -> bool:
    """Tell whether the words say the one, and how a mail is made the other."""
    if verdict == SPAM:
        return by_form < SPAM_FORM_FROM
    return verdict == FINE and by_form > 0.5


def _apart(tokens: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return (the tokens of what is said, those of how a mail is made, which no
    language has a part in)."""
    parts: tuple[list[str], list[str]] = ([], [])
    for token in tokens:
        parts[not token.startswith(SAID)].append(token)
    return parts


def _is_said(clue: Clue) -> bool:
    return clue.token.startswith(SAID)


def _met(tokens: Iterable[str], known: Mapping[str, Count]) -> dict[str, Count]:
    return {token: known[token] for token in tokens if token in known}


def _said_clues(met: dict[str, Count], spoken: Count) -> list[Clue]:
    """Return the clues of what is said, among the mails of its language; not of words
    that are in so many of each kind that they say no more than how long these are."""
    counts = met.values()
    usual = {one for one in set(counts) if min(_rates(one, spoken)) >= USUAL}
    level = _level([one for one in counts if one in usual], spoken)
    rare = {token: count for token, count in met.items() if count not in usual}
    return _clues(rare, spoken, level)


def _clues(met: Mapping[str, Count], among: Count, level: float = 1.0) -> list[Clue]:
    """Return the clues that say something.

    `among`: the mails that they count among; `level` as of `probability`.
    """
    # Most tokens were seen as seldom as many others.
    told = {one: probability(one, among, level) for one in set(met.values())}
    clues = (Clue(token, told[count]) for token, count in met.items())
    return [
        clue
        for clue in clues
        if abs(clue.probability - 0.5) >= LEAST and not clue.token.startswith(LANGUAGE)
    ]


def _telling(clues: list[Clue]) -> list[Clue]:
    """Return the clues that say most, COMBINED at most, the strongest first."""
    ranked = sorted(clues, key=lambda one: (-abs(one.probability - 0.5), one.token))
    return ranked[:COMBINED]


def _rates(count: Count, among: Count) -> tuple[float, float]:
    return count.spam / max(among.spam, 1), count.fine / max(among.fine, 1)


def _level(usual: list[Count], among: Count) -> float:
    """Return how much rarer usual words are in spam than in fine mail, 1 where too few
    are met: spam that is shorter has less of any word, which speaks for none."""
    if len(usual) < FEWEST:
        return 1.0
    spam, fine = map(sum, zip(*(_rates(one, among) for one in usual), strict=True))
    return min(max(fine / spam, 1 / MOST_LEVEL), MOST_LEVEL)


def _score(telling: list[Clue], fewest: int) -> float:
    if len(telling) < fewest:
        return 0.5
    return combined([clue.probability for clue in telling])


def _spoken(
    said: list[str], form: list[str], known: Mapping[str, Count], total: Count
) -> Count:
    """Return how many mails are known in the language of a mail.

    Where it is not told: all, if most of its words were met before, none otherwise.
    """
    for token in form:
        if token.startswith(LANGUAGE):
            return known.get(token, Count())
    met = sum(token in known for token in said)
    return total if 2 * met >= len(said) else Count()


def probability(count: Count, total: Count, level: float = 1.0) -> float:
    """Return how probably a mail with a token is spam, strictly between 0 and 1.

    As if there were as much mail of one kind as of the other. `level`: how much longer
    fine mail is.
    """
    spam, fine = (min(rate, 1.0) for rate in _rates(count, total))
    spam *= level
    number = count.spam + count.fine
    ratio = spam / (spam + fine) if spam + fine else UNKNOWN
    return (STRENGTH * UNKNOWN + number * ratio) / (STRENGTH + number)


def combined(probabilities: list[float]) -> float:
    """Return Fisher's combination of probabilities: 1 for spam, 0 for fine mail."""
    if not probabilities:
        return 0.5
    freedom = 2 * len(probabilities)
    for_spam = _chi_square(
        -2 * sum(math.log(1 - one) for one in probabilities), freedom
    )
    for_fine = _chi_square(-2 * sum(math.log(one) for one in probabilities), freedom)
    return (1 + for_fine - for_spam) / 2


def _chi_square(value: float, freedom: int) -> float:
    """Return how probably a chi-square of an even `freedom` is above `value`."""
    half = value / 2
    # In logarithms: the terms of an improbable value are below what a float holds.
    term = -half
    total = math.exp(term)
    for step in range(1, freedom // 2):
        term += math.log(half / step) if half else -math.inf
        total += math.exp(term)
    return min(total, 1.0)


def _verdict(score: float) -> str:
    if score >= SPAM_FROM:
        return SPAM
    return FINE if score <= FINE_TO else UNSURE
