"""A statistical filter: what a mail's tokens say, by the mail that people have judged.

Each token's probability is drawn to the middle while it was seldom seen (G. Robinson,
"A Statistical Approach to the Spam Problem", Linux Journal 2003); those that say most
are combined by Fisher's method in both directions, as SpamBayes and Bogofilter do: what
speaks for both sides, or for none, ends in the middle.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
#: So few say too little.
FEWEST = 8


@dataclass(frozen=True)
class Count:
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


@dataclass(frozen=True)
class Clue:
    """A token, and how probable it makes it that a mail is spam, from 0 to 1."""

    token: str
    probability: float


@dataclass(frozen=True)
class Opinion:
    """What the filter says: "spam", "unsure" or "fine", its score from 0 (fine) to 1
    (spam), and the clues that decided, SHOWN at most, the strongest first."""

    verdict: str
    score: float
    clues: tuple[Clue, ...]


def opinion(
    tokens: Iterable[str], known: Mapping[str, Count], total: Count
) -> Opinion | None:
    """Return what is to be said of a mail with these tokens; None as long as not
    enough is known of both kinds.

    `known`: what is known of tokens; `total`: how many mails of each kind there were.
    """
    asked = list(tokens)
    spoken = _spoken(asked, known, total)
    if not total.is_enough or min(spoken.spam, spoken.fine) < ENOUGH_OF_LANGUAGE:
        return None
    seen = (
        Clue(token, probability(known[token], _among(token, spoken, total)))
        for token in asked
        if token in known and not token.startswith(LANGUAGE)
    )
    telling = [clue for clue in seen if abs(clue.probability - 0.5) >= LEAST]
    telling.sort(key=lambda clue: (-abs(clue.probability - 0.5), clue.token))
    del telling[COMBINED:]
    score = combined([clue.probability for clue in telling])
    if len(telling) < FEWEST:
        score = 0.5
    return Opinion(_verdict(score), score, tuple(telling[:SHOWN]))


def _spoken(tokens: list[str], known: Mapping[str, Count], total: Count) -> Count:
    """Return how many mails are known in the language of a mail; all where it is not
    told."""
    languages = [token for token in tokens if token.startswith(LANGUAGE)]
    return known.get(languages[0], Count()) if languages else total


def _among(token: str, spoken: Count, total: Count) -> Count:
    """Return among which mails a token counts: a word among those of its language."""
    return spoken if token.startswith(SAID) else total


def probability(count: Count, total: Count) -> float:
    """Return how probably a mail with a token is spam, strictly between 0 and 1.

    As if there were as much mail of one kind as of the other.
    """
    spam = min(count.spam / max(total.spam, 1), 1.0)
    fine = min(count.fine / max(total.fine, 1), 1.0)
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
