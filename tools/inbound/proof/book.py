"""Questions to name servers, and what is known of their answers.

A check that comes upon a name that nobody has looked up ends there, and is made again
when the answers are in: so the questions of many mails are asked together, and nobody
who checks waits for another server.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: Most names that one mail may have looked up.
MAX_QUESTIONS = 60
_LABEL = re.compile(r"[ -~]{1,63}\Z")
_MAX_NAME = 253


class PendingError(LookupError):
    """Something has to be asked first; the book has noted it."""


class SilenceError(LookupError):
    """The name servers don't answer, or one mail asks for too much."""


@dataclass(frozen=True, order=True)
class Question:
    """What is asked: a name in lower case, and a kind such as "TXT"."""

    name: str
    kind: str


@dataclass
class Book:
    """What one mail may know of the DNS.

    `known`: {question: values, () for none, None where no name server answers}, shared
    by all mails that are checked together. `wanted`: what is to be asked. `asked`: all
    that this mail has asked for.
    """

    known: Mapping[Question, tuple[str, ...] | None]
    wanted: set[Question] = field(default_factory=set)
    asked: set[Question] = field(default_factory=set)

    def ask(self, name: str, kind: str) -> tuple[str, ...]:
        """Return the values of a name, () for none and for a name that cannot be.

        Texts are whole, an MX is a host, the preferred one first; addresses and names
        are text. Raises `PendingError` and `SilenceError`.
        """
        if not is_name(name):
            return ()
        question = Question(name.lower().rstrip("."), kind)
        self.asked.add(question)
        if len(self.asked) > MAX_QUESTIONS:
            raise SilenceError(name)
        if question not in self.known:
            self.wanted.add(question)
            raise PendingError(name)
        values = self.known[question]
        if values is None:
            raise SilenceError(name)
        return values

    def foresee(self, names: Iterable[str], kind: str) -> None:
        """Note names that are asked for next, so that they are asked together."""
        found = (
            Question(one.lower().rstrip("."), kind) for one in names if is_name(one)
        )
        for question in found:
            if question not in self.known and len(self.wanted) < MAX_QUESTIONS:
                self.wanted.add(question)


def is_name(name: str) -> bool:
    """Tell whether a name can be asked for (RFC 1035 2.3.4)."""
    plain = name.rstrip(".")
    labels = plain.split(".")
    return len(plain) <= _MAX_NAME and all(_LABEL.match(one) for one in labels)
