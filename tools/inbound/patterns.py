"""Regular expressions of users that no text can make slow.

Python's `re` tries one way after another, and a pattern like `(a+)+$` has more ways
than anybody can wait for. Here a pattern becomes a small automaton whose states are
all followed at once (Thompson's construction), so that a search costs at most states
times characters. What needs to look back is left out: back references, look-around.

Written as in Python, and compared without case: literals, `.`, `[...]`, `|`, groups,
`*`, `+`, `?`, `{m,n}`, `^`, `$`, `\\d \\w \\s \\b` and their opposites.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

PATTERN_LIMIT = 200  # characters
STATE_LIMIT = 256
DEPTH_LIMIT = 20
REPEAT_LIMIT = 100
#: Most characters of a text that are searched.
TEXT_LIMIT = 2000

#: What may be wrong with a pattern.
ERRORS = (
    "too_long",  # more than PATTERN_LIMIT characters
    "too_complex",  # too many states, groups or repetitions
    "unbalanced",  # a bracket that nothing closes, or that closes nothing
    "nothing_to_repeat",  # a quantifier at the start, or after another
    "bad_range",  # as in [z-a], {3,1}
    "unsupported",  # back references, look-around, flags and other escapes
)

_COUNTS = re.compile(r"\{(\d{1,4})(,?)(\d{0,4})\}")
_QUANTIFIERS: dict[str, tuple[int, int | None]] = {
    "*": (0, None), "+": (1, None), "?": (0, 1),
}  # fmt: skip
_WORD = re.compile(r"\w")
_SPACE = re.compile(r"\s")
_DIGIT = re.compile(r"\d")
_ESCAPED_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_ASSERTIONS = {"b": "word", "B": "not_word", "A": "start", "Z": "end"}


#: Tells whether one character fits.
_Test = Callable[[str], bool]
#: A state: the test that a character must pass or the place that it asks for, if any,
#: and the states that follow.
_State = tuple[_Test | None, str | None, tuple[int, ...]]


class PatternError(ValueError):
    """A pattern that cannot be used; `code` is one of ERRORS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# ------------------------------------------------------------
# TREE
# ------------------------------------------------------------


@dataclass(frozen=True)
class _Char:
    """One character that passes the test."""

    test: _Test


@dataclass(frozen=True)
class _Assertion:
    """A place between two characters."""

    kind: str


@dataclass(frozen=True)
class _Sequence:
    parts: tuple["_Node", ...]


@dataclass(frozen=True)
class _Choice:
    branches: tuple["_Node", ...]


@dataclass(frozen=True)
class _Repeat:
    """`part` at least `least` times, at most `most` times, None for any number."""

    part: "_Node"
    least: int
    most: int | None


_Node = _Char | _Assertion | _Sequence | _Choice | _Repeat


# ------------------------------------------------------------
# PARSER
# ------------------------------------------------------------


class _Parser:
    """Reads a pattern from left to right into a tree."""

    def __init__(self, pattern: str) -> None:
        self.text = unicodedata.normalize("NFC", pattern)
        self.at = 0
        self.depth = 0

    def parse(self) -> _Node:
        """Return the tree of the whole pattern."""
        tree = self.choice()
        if self.at < len(self.text):
            raise PatternError("unbalanced")
        return tree

    def peek(self) -> str:
        """Return the next character, "" at the end."""
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        """Return the next character and go on behind it."""
        char = self.peek()
        if not char:
            raise PatternError("unbalanced")
        self.at += 1
        return char

    def skip(self, text: str) -> bool:
        """Go on behind ``text`` if it is next; tell whether it was."""
        found = self.text.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def choice(self) -> _Node:
        """Read sequences divided by bars."""
        branches = [self.sequence()]
        while self.skip("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else _Choice(tuple(branches))

    def sequence(self) -> _Node:
        """Read parts up to a bar, a closing bracket or the end."""
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom()))
        return _Sequence(tuple(parts))

    def repeated(self, atom: _Node) -> _Node:
        """Return ``atom``, repeated as a quantifier behind it says."""
        counts = self.counts()
        if counts is None:
            return atom
        self.skip("?")  # whether as few as possible makes no difference here
        if isinstance(atom, _Assertion) or self.counts() is not None:
            raise PatternError("nothing_to_repeat")
        return _Repeat(atom, *counts)

    def counts(self) -> tuple[int, int | None] | None:
        """Read a quantifier: (least, most), None if there is none."""
        for mark, counts in _QUANTIFIERS.items():
            if self.skip(mark):
                return counts
        match = _COUNTS.match(self.text, self.at)
        if not match:
            return None
        self.at = match.end()
        return _checked_counts(*match.groups())

    def atom(self) -> _Node:
        """Read what a quantifier may follow."""
        char = self.take()
        if char in "*+?":
            raise PatternError("nothing_to_repeat")
        if char in "^$":
            return _Assertion("start" if char == "^" else "end")
        special = {"(": self.group, "[": self.set, "\\": self.escape}.get(char)
        if special:
            return special()
        return _Char(_is_not("\n") if char == "." else _is(char))

    def group(self) -> _Node:
        """Read on behind an opening bracket."""
        if self.skip("?") and not self.skip(":"):
            raise PatternError("unsupported")
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise PatternError("too_complex")
        tree = self.choice()
        if not self.skip(")"):
            raise PatternError("unbalanced")
        self.depth -= 1
        return tree

    def escape(self) -> _Node:
        """Read on behind a backslash."""
        char = self.peek()
        if char in _ASSERTIONS and char:
            self.at += 1
            return _Assertion(_ASSERTIONS[char])
        return _Char(self.escaped_test()[1])

    def escaped_test(self) -> tuple[str, _Test]:
        """Return (the character that an escape is for or "", its test)."""
        char = self.take()
        known = _ESCAPED_CLASSES.get(char.lower())
        if known:
            return "", _fits(known) if char.islower() else _misses(known)
        plain = _CONTROLS.get(char, char)
        if plain == char and char.isalnum():
            raise PatternError("unsupported")
        return plain, _is(plain)

    def set(self) -> _Node:
        """Read on behind an opening square bracket."""
        negated = self.skip("^")
        tests = [self.set_item()]
        while not self.skip("]"):
            tests.append(self.set_item())
        return _Char(_none_of(tests) if negated else _any_of(tests))

    def set_item(self) -> _Test:
        """Read one character or range of a set."""
        low, test = self.set_char()
        follows = self.text[self.at : self.at + 2]
        if not low or follows[:1] != "-" or follows in ("-", "-]"):
            return test
        self.at += 1
        high = self.set_char()[0]
        if not high or high < low:
            raise PatternError("bad_range")
        return _between(low, high)

    def set_char(self) -> tuple[str, _Test]:
        """Read one character of a set, as `escaped_test` does."""
        char = self.take()
        return self.escaped_test() if char == "\\" else (char, _is(char))


def _checked_counts(least: str, comma: str, most: str) -> tuple[int, int | None]:
    low = int(least)
    high = (int(most) if most else None) if comma else low
    if max(low, high or 0) > REPEAT_LIMIT:
        raise PatternError("too_complex")
    if high is not None and high < low:
        raise PatternError("bad_range")
    return low, high


# ------------------------------------------------------------
# TESTS OF ONE CHARACTER, already in lower case
# ------------------------------------------------------------


def _is(char: str) -> _Test:
    lowered = char.lower()
    return lambda other: other == lowered


def _is_not(char: str) -> _Test:
    return lambda other: other != char


def _fits(known: re.Pattern[str]) -> _Test:
    return lambda other: bool(known.match(other))


def _misses(known: re.Pattern[str]) -> _Test:
    return lambda other: not known.match(other)


def _between(low: str, high: str) -> _Test:
    return lambda other: low <= other <= high or low <= other.upper() <= high


def _any_of(tests: list[_Test]) -> _Test:
    return lambda other: any(test(other) for test in tests)


def _none_of(tests: list[_Test]) -> _Test:
    return lambda other: not any(test(other) for test in tests)


# ------------------------------------------------------------
# AUTOMATON
# ------------------------------------------------------------


class Pattern:
    """A pattern that is ready to search. States are (test, assertion, next states)."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > PATTERN_LIMIT:
            raise PatternError("too_long")
        self._steps = 0
        self._states: list[_State] = []
        end = self._add(None, None, ())
        self._start = self._emit(_Parser(pattern).parse(), end)
        self._end = end

    def search(self, text: str) -> bool:
        """Tell whether the pattern fits anywhere in the first 2,000 characters."""
        text = unicodedata.normalize("NFC", text[:TEXT_LIMIT])
        text = "".join(char.lower()[:1] for char in text)
        states: set[int] = set()
        for at in range(len(text) + 1):
            reached = self._closure({self._start, *states}, text, at)
            if self._end in reached:
                return True
            states = self._step(reached, text[at : at + 1])
        return False

    def _step(self, reached: set[int], char: str) -> set[int]:
        states = (self._states[index] for index in reached)
        return {state[2][0] for state in states if char and state[0] and state[0](char)}

    def _closure(self, states: set[int], text: str, at: int) -> set[int]:
        """Return the states that are reached without a further character."""
        reached, waiting = set(states), list(states)
        while waiting:
            test, assertion, following = self._states[waiting.pop()]
            if test or (assertion and not _HOLDS[assertion](text, at)):
                continue
            new = set(following) - reached
            reached |= new
            waiting.extend(new)
        return reached

    def _add(
        self, test: _Test | None, assertion: str | None, following: tuple[int, ...]
    ) -> int:
        if len(self._states) >= STATE_LIMIT:
            raise PatternError("too_complex")
        self._states.append((test, assertion, following))
        return len(self._states) - 1

    def _emit(self, node: _Node, following: int) -> int:
        """Return the first state of a part of the tree that goes on at `following`."""
        self._steps += 1
        if self._steps > 4 * STATE_LIMIT:
            raise PatternError("too_complex")
        if isinstance(node, _Char):
            return self._add(node.test, None, (following,))
        if isinstance(node, _Assertion):
            return self._add(None, node.kind, (following,))
        if isinstance(node, _Sequence):
            return self._emit_sequence(node, following)
        if isinstance(node, _Choice):
            return self._emit_choice(node, following)
        return self._emit_repeat(node, following)

    def _emit_sequence(self, node: _Sequence, following: int) -> int:
        for part in reversed(node.parts):
            following = self._emit(part, following)
        return following

    def _emit_choice(self, node: _Choice, following: int) -> int:
        starts = tuple(self._emit(branch, following) for branch in node.branches)
        return self._add(None, None, starts)

    def _emit_repeat(self, node: _Repeat, following: int) -> int:
        if node.most is None:
            loop = self._add(None, None, ())
            self._states[loop] = (None, None, (self._emit(node.part, loop), following))
            following = loop
        else:
            end = following
            for _time in range(node.most - node.least):
                part = self._emit(node.part, following)
                following = self._add(None, None, (part, end))
        return self._emit_sequence(_Sequence((node.part,) * node.least), following)


def _at_word_edge(text: str, at: int) -> bool:
    around = (text[at - 1 : at] if at else "", text[at : at + 1])
    return len({bool(_WORD.match(char)) for char in around}) == 2


_HOLDS: dict[str, Callable[[str, int], bool]] = {
    "start": lambda text, at: not at,
    "end": lambda text, at: at == len(text),
    "word": _at_word_edge,
    "not_word": lambda text, at: not _at_word_edge(text, at),
}


@functools.lru_cache(maxsize=500)
def compiled(pattern: str) -> Pattern:
    """Return the pattern, ready to search. Raises PatternError."""
    return Pattern(pattern)


def error_in(pattern: str) -> str:
    """Return what is wrong with a pattern, one of ERRORS, or ""."""
    try:
        compiled(pattern)
    except PatternError as error:
        return error.code
    return ""
