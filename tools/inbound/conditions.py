"""Conditions of the rules that people write: a field, an operator and a value.

Texts are compared without regard to case, to runs of blanks and to the way accents
are written. Where a field has several values, as recipients and attachments do, one
that fits is enough. A condition that makes no sense is never true; `validate` says
what is wrong with it before it is saved.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..mail import addresses
from ..mail.headers import Headers
from ..mail.text import decode_words
from . import patterns
from .spam import SpamVerdict

YES, NO = "yes", "no"

TEXT_FIELDS = ("recipient", "sender", "sender_domain", "subject")
LIST_FIELDS = ("attachment_type", "language")
FLAG_FIELDS = ("spam", "engine", "authenticated")
SCORE_FIELDS = {"spam": "spam_score", "engine": "engine_score"}
FIELDS = (*TEXT_FIELDS, *LIST_FIELDS, *FLAG_FIELDS, "size")
#: Before the name of any header.
HEADER_PREFIX = "header:"

TEXT_OPERATORS = ("equals", "contains", "starts_with", "ends_with", "matches")
NUMBER_OPERATORS = ("greater_than", "less_than")
OPERATORS = (*TEXT_OPERATORS, *NUMBER_OPERATORS, "is_set")

#: What `validate` returns, besides "pattern_" and one of `patterns.ERRORS`.
ERRORS = (
    "field",  # no such field
    "header_name",  # no name that a header can have
    "operator",  # no such operator
    "operator_field",  # the operator doesn't suit the field
    "value_missing",
    "value_too_long",
    "value_number",  # no number, or no size like 5 MB
    "value_flag",  # neither yes nor no
)

VALUE_LIMIT = 1000
#: Most characters of a field, and most values, that are looked at.
TEXT_LIMIT = 10_000
VALUES_LIMIT = 200

#: The fields of one mail, as `facts` gives them.
Facts = Mapping[str, object]

_FLAG_OF = {True: YES, False: NO, None: ""}
_HEADER_NAME = re.compile(r"[!-9;-~]{1,100}")
_NUMBER = re.compile(r"\s*(-?\d{1,15}(?:[.,]\d{1,6})?)\s*(?:([kmg]?)i?b?)\s*\Z", re.I)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_FLAGS = {
    **dict.fromkeys(("yes", "true", "1", "pass"), YES),
    **dict.fromkeys(("no", "false", "0", "fail"), NO),
}


@dataclass(frozen=True)
class Condition:
    """`field` is one of FIELDS or "header:" and a name, `operator` of OPERATORS.

    A negated condition is true where it would not be.
    """

    field: str
    operator: str
    value: str = ""
    negated: bool = False


# ------------------------------------------------------------
# FACTS
# ------------------------------------------------------------


def facts(
    headers: Headers,
    *,
    recipient: str | Iterable[str] = (),
    size: int = 0,
    attachments: Iterable[tuple[str, str]] = (),
    spam: Iterable[SpamVerdict] = (),
    engines: Iterable[tuple[bool, float | None]] = (),
    authenticated: bool | None = None,
    language: str = "",
) -> Facts:
    """Return what conditions are checked against: the fields of one mail; never raises.

    `attachments`: (file name, content type) of each. `spam`: what `spam.read_spam`
    returns; `authenticated`: what `authentication.is_authenticated` does. `engines`: of
    each program that judged it, whether it condemns it, and its score, if it has one.
    """
    mailbox = addresses.first_mailbox(headers.get("From") or headers.get("Sender"))
    verdicts, judged = tuple(spam), tuple(engines)
    return {
        "recipient": (recipient,) if isinstance(recipient, str) else tuple(recipient),
        "sender": (mailbox.address, addresses.readable(headers.get("From"))),
        "sender_domain": addresses.domain(mailbox.address),
        "subject": headers.decoded("Subject"),
        "size": size,
        "attachment_type": _types(attachments),
        "spam": _spam_flag(verdicts),
        "spam_score": _highest(verdict.score for verdict in verdicts),
        "engine": _FLAG_OF[any(bad for bad, _ in judged) if judged else None],
        "engine_score": _highest(score for _is_bad, score in judged),
        "authenticated": _FLAG_OF[authenticated],
        "language": _languages(headers, language),
        "headers": headers,
    }


def _highest(scores: Iterable[float | None]) -> float | None:
    """Return the highest of these scores, None where nobody gives one."""
    return max((score for score in scores if score is not None), default=None)


def _languages(headers: Headers, language: str) -> tuple[str, ...]:
    """Return the locales of a mail's language: this one, else Content-Language's."""
    told = headers.get("Content-Language")[:TEXT_LIMIT].split(",")
    return tuple(_locales([language] if language else told))


def _types(attachments: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the content types, and the extensions of the names, of attachments."""
    found: dict[str, None] = {}
    for name, content_type in attachments:
        extension = name.rpartition(".")[2] if "." in name else ""
        kind = content_type.partition(";")[0].strip()
        found.update(dict.fromkeys(filter(None, (kind, extension))))
    return tuple(found)


def _spam_flag(verdicts: tuple[SpamVerdict, ...]) -> str:
    """Return yes where any filter condemns, no where one of our own servers acquits."""
    if any(verdict.is_spam for verdict in verdicts):
        return YES
    return NO if any(verdict.trusted for verdict in verdicts) else ""


def _locales(tags: Iterable[str]) -> Iterator[str]:
    """Yield each language with and without its country: vi-vn, vi."""
    for tag in tags:
        locale = tag.strip().replace("_", "-")
        if locale:
            yield from (locale, locale.partition("-")[0])


# ------------------------------------------------------------
# CHECKING
# ------------------------------------------------------------


def check(condition: Condition, facts: Facts) -> bool:
    """Tell whether the condition is true of a mail; never raises."""
    if validate(condition):
        return False
    return _is_true(condition, facts) is not condition.negated


class Checker:
    """Checks the conditions of many rules against the facts of one mail.

    What doesn't depend on the recipient is found out once, however many recipients
    there are.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[Condition, bool] = {}

    def holds(self, condition: Condition, recipient: str) -> bool:
        """Tell whether the condition is true of the mail as it is for one recipient."""
        if condition.field == "recipient":
            return check(condition, {"recipient": (recipient,)})
        if condition not in self._known:
            self._known[condition] = check(condition, self._facts)
        return self._known[condition]

    def fitting(
        self, wanted: tuple[Condition, ...], recipient: str, *, every: bool
    ) -> tuple[Condition, ...]:
        """Return the conditions that make a rule fit, () where it doesn't, or has none.

        They are all where `every` one must be true, else the first true one.
        """
        if every:
            fits = all(self.holds(condition, recipient) for condition in wanted)
            return wanted if fits else ()
        true = (one for one in wanted if self.holds(one, recipient))
        return tuple(itertools.islice(true, 1))


def _is_true(condition: Condition, facts: Facts) -> bool:
    if condition.operator in NUMBER_OPERATORS:
        return _compares(condition, facts)
    values = [value for value in _values(condition.field, facts) if value]
    if condition.operator == "is_set":
        return bool(values) is (_flag(condition.value) != NO)
    wanted = _wanted(condition)
    return any(_TESTS[condition.operator](value, wanted) for value in values)


def _compares(condition: Condition, facts: Facts) -> bool:
    field = SCORE_FIELDS.get(condition.field, condition.field)
    limit = _number(condition.value)
    if limit is None:
        return False
    numbers = (_number(value) for value in _values(field, facts))
    known = [number for number in numbers if number is not None]
    if condition.operator == "greater_than":
        return any(number > limit for number in known)
    return any(number < limit for number in known)


def _values(field: str, facts: Facts) -> list[str]:
    """Return the values of a field, as texts that can be compared."""
    if field.startswith(HEADER_PREFIX):
        found: object = _header_values(field.removeprefix(HEADER_PREFIX), facts)
    else:
        found = facts.get(field)
    several = found if isinstance(found, (tuple, list)) else (found,)
    known = [value for value in several[:VALUES_LIMIT] if value is not None]
    return [_comparable(str(value)) for value in known]


def _header_values(name: str, facts: Facts) -> tuple[str, ...]:
    headers = facts.get("headers")
    values = headers.get_all(name) if isinstance(headers, Headers) else ()
    return tuple(decode_words(v[:TEXT_LIMIT]) for v in values[:VALUES_LIMIT])


def _wanted(condition: Condition) -> str:
    """Return the value of a condition, in the form that its field's values have."""
    if condition.operator == "matches":
        return condition.value
    wanted = _comparable(condition.value)
    if condition.field in FLAG_FIELDS:
        return _flag(wanted)
    if condition.field == "language":
        return wanted.replace("_", "-")
    return wanted.removeprefix(".") if condition.field == "attachment_type" else wanted


def _comparable(text: str) -> str:
    plain = unicodedata.normalize("NFC", text[:TEXT_LIMIT].casefold())
    return " ".join(plain.split())


def _flag(value: str) -> str:
    return _FLAGS.get(value.strip().lower(), "")


def _number(text: str) -> float | None:
    """Return a number, also with a unit of size: 5 MB."""
    match = _NUMBER.match(text)
    if not match:
        return None
    return float(match[1].replace(",", ".")) * _UNITS[match[2].lower()]


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "matches": lambda value, wanted: patterns.compiled(wanted).search(value),
}


# ------------------------------------------------------------
# VALIDATING
# ------------------------------------------------------------


def validate(condition: Condition) -> str:
    """Return what is wrong with a condition, one of ERRORS, or ""; never raises."""
    return (
        _field_error(condition) or _operator_error(condition) or _value_error(condition)
    )


def _field_error(condition: Condition) -> str:
    if condition.field in FIELDS:
        return ""
    if not condition.field.startswith(HEADER_PREFIX):
        return "field"
    name = condition.field.removeprefix(HEADER_PREFIX)
    return "" if _HEADER_NAME.fullmatch(name) else "header_name"


def _operator_error(condition: Condition) -> str:
    if condition.operator not in OPERATORS:
        return "operator"
    return (
        "" if condition.operator in operators_of(condition.field) else "operator_field"
    )


def operators_of(field: str) -> tuple[str, ...]:
    """Return the operators that suit a field."""
    if field == "size":
        return NUMBER_OPERATORS
    if field in SCORE_FIELDS:
        return ("equals", *NUMBER_OPERATORS, "is_set")
    if field == "authenticated":
        return ("equals", "is_set")
    if field.startswith(HEADER_PREFIX):
        return OPERATORS
    return (*TEXT_OPERATORS, "is_set")


def _value_error(condition: Condition) -> str:
    value = condition.value
    if condition.operator == "is_set":
        return "" if not value.strip() or _flag(value) else "value_flag"
    if not value.strip():
        return "value_missing"
    if len(value) > VALUE_LIMIT:
        return "value_too_long"
    if condition.operator in NUMBER_OPERATORS:
        return "value_number" if _number(value) is None else ""
    if condition.field in FLAG_FIELDS:
        return "" if _flag(value) else "value_flag"
    error = patterns.error_in(value) if condition.operator == "matches" else ""
    return f"pattern_{error}" if error else ""
