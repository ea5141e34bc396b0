"""What the filters of the receiving servers say of a mail.

A verdict is a header that a sender can write as well as a filter. Trust:

- What stands in the trusted trace is the word of our own servers.
- Many filters insert below the `Received` of the server they work for. What stands
  there, above the first `Received` of a foreign server, may be theirs or the
  sender's: it is read, and marked as not trusted. Let such a verdict condemn a mail,
  which nobody forges against himself, but never acquit one.
- What stands further down is another company's opinion, and not read.
- A provider's profile tells more: below its `Received`, what can only be its own; the
  headers that it takes out of mail from outside; those that it writes at the end, which
  may condemn as well, and never acquit.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..mail.headers import Field
from .profiles import Profile
from .trust import own_block, profile_of

SPAM = "spam"
VIRUS = "virus"

VALUE_LIMIT = 2000  # characters of a header that are looked at
SHOWN_LIMIT = 200  # characters of a header that are kept as evidence
VERDICT_LIMIT = 50  # verdicts of one mail, of either kind

#: Exchange calls a mail spam from this spam confidence level on.
SCL_THRESHOLD = 5.0


@dataclass(frozen=True)
class SpamVerdict:
    """What one header says: spam or not, by which score, and from which score on.

    `kind` is "spam" or "virus". `trusted`: only our own servers can have written it.
    """

    is_spam: bool
    score: float | None
    threshold: float | None
    header: str
    value: str
    kind: str = SPAM
    trusted: bool = True


@dataclass(frozen=True)
class _Reading:
    is_spam: bool
    score: float | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class Rule:
    """The headers of one form, and how to read them."""

    headers: tuple[str, ...]
    read: Callable[[str], _Reading | None]
    kind: str = SPAM


# ------------------------------------------------------------
# FORMS
# ------------------------------------------------------------

_NUMBER = r"([-+]?\d{1,6}(?:\.\d{1,6})?)"
_LEADING_NUMBER = re.compile(rf"\s*{_NUMBER}(?![\d.])")
_FIRST_WORD = re.compile(r"\s*([a-z][a-z-]*|\d+)", re.IGNORECASE)
_SCORE = re.compile(rf"\b(?:score|hits)\s?=\s?{_NUMBER}", re.IGNORECASE)
_REQUIRED = re.compile(
    rf"\b(?:required|tag_level|tagged_above|threshold)\s?=\s?{_NUMBER}", re.IGNORECASE
)
_CHECKED = re.compile(r"\s*(not\s{1,9})?spam\b", re.IGNORECASE)
_POINTS = re.compile(rf"\brequired\s{{1,9}}{_NUMBER}", re.IGNORECASE)
_RSPAMD = re.compile(
    rf"[^:;\[]{{0,50}}:\s*(true|false)\s*\[{_NUMBER}\s*/\s*{_NUMBER}\]", re.IGNORECASE
)
_LEVEL = re.compile(r"\s*([*+sx]+|[-/]*)\s*\Z", re.IGNORECASE)
_DESTINATION = re.compile(r"(?:^|;)\s*dest:([A-Z])", re.IGNORECASE)
_JUNK = re.compile(r"(?:^|;)\s*(not)?junk:\d", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*\[?[0-9a-f]{0,4}[.:][0-9a-f.:]{2,43}\]?\s*\Z", re.IGNORECASE)
_PAIR = re.compile(r"(?:^|;)\s*([A-Z]{2,5}):([^;]*)")

#: Words that condemn, and words that acquit; others say nothing.
_BAD_WORDS = frozenset(
    {"yes", "true", "1", "spam", "fail", "infected", "banned", "junk", "virus"}
)
_GOOD_WORDS = frozenset(
    {"no", "false", "0", "ham", "pass", "clean", "ok", "notjunk", "unsure", "gray"}
)
#: Where Proton and iCloud put a mail.
_BAD_PLACES = frozenset({"spam", "junk", "phishing"})
_RSPAMD_BAD = frozenset({"add header", "rewrite subject", "reject", "quarantine"})
_RSPAMD_GOOD = frozenset({"no action", "greylist", "soft reject", "accept"})
#: Anti-spam message headers of Exchange Online: filter verdict and category.
_SFV_BAD = frozenset({"SPM", "SKS", "SKB", "BLK"})
_SFV_GOOD = frozenset({"NSPM", "SKN", "SKA", "SKI", "SFE", "SKQ"})
_CAT_BAD = frozenset({"SPM", "HSPM", "PHSH", "HPHSH", "HPHISH", "MALW", "SPOOF"})


def _word(value: str) -> _Reading | None:
    """Read `YES`, `No, score=-0.1 required=5.0`, `FAIL`, `Infected (name)`."""
    word = _FIRST_WORD.match(value)
    known = word[1].lower() if word else ""
    if known not in _BAD_WORDS | _GOOD_WORDS:
        return None
    score, required = _float(_SCORE.search(value)), _float(_REQUIRED.search(value))
    return _Reading(known in _BAD_WORDS, score, required)


def _number(value: str) -> _Reading | None:
    """Read `5.1 (+++++)`; a score alone condemns nothing."""
    score = _float(_LEADING_NUMBER.match(value))
    return None if score is None else _Reading(False, score)


def _level(value: str) -> _Reading | None:
    """Read `*****`: as many marks as the score has points."""
    marks = _LEVEL.match(value)
    if not marks:
        return None
    return _Reading(False, float(len(marks[1].strip("-/"))))


def _scl(value: str) -> _Reading | None:
    """Read `5`: [MS-OXCMAIL] 2.2.3.2.21, from -1 (never spam) to 10."""
    score = _float(_LEADING_NUMBER.match(value))
    if score is None:
        return None
    return _Reading(score >= SCL_THRESHOLD, score, SCL_THRESHOLD)


def _rspamd_result(value: str) -> _Reading | None:
    """Read `default: False [-2.10 / 15.00]; NAME(0.00)[]`."""
    found = _RSPAMD.match(value)
    if not found:
        return None
    return _Reading(found[1].lower() == "true", float(found[2]), float(found[3]))


def _rspamd_action(value: str) -> _Reading | None:
    action = " ".join(value.lower().split())
    known = action in _RSPAMD_BAD | _RSPAMD_GOOD
    return _Reading(action in _RSPAMD_BAD) if known else None


def _forefront(value: str) -> _Reading | None:
    """Read `CIP:...;SFV:SPM;SCL:5;CAT:SPM`: the filter's act goes before the rest, such
    as SKQ, by which a person has released the mail. Of a key that stands twice the
    first counts: the name at HELO stands behind them."""
    pairs: dict[str, str] = {}
    for key, told in _PAIR.findall(value):
        pairs.setdefault(key, told.strip().upper())
    level = _scl(pairs.get("SCL", ""))
    verdict = pairs.get("SFV", "")
    score, threshold = (level.score, level.threshold) if level else (None, None)
    if verdict in _SFV_GOOD:
        return _Reading(False, score, threshold)
    if verdict in _SFV_BAD or pairs.get("CAT") in _CAT_BAD:
        return _Reading(True, score, threshold)
    return level


def _mailbox_delivery(value: str) -> _Reading | None:
    """Read `ucf:0;jmr:0;auth:0;dest:J;ENG:...`: Exchange's folder, J is Junk."""
    found = _DESTINATION.search(value)
    return _Reading(found[1].upper() == "J") if found else None


def _place(value: str) -> _Reading | None:
    """`inbox`, `spam`, `phishing` of Proton, `INBOX`, `Junk` of iCloud."""
    place = value.strip().lower()
    known = place == "inbox" or place in _BAD_PLACES
    return _Reading(place in _BAD_PLACES) if known else None


def _junk(value: str) -> _Reading | None:
    """`notjunk:1;M01:P0:...`, `junk:10;...` of GMX, web.de, IONOS: also at the end."""
    found = [not told for told in _JUNK.findall(value)]
    return _Reading(any(found)) if found else None


def _positive(value: str) -> _Reading | None:
    """Read `0 (Mail was not recognized as spam); Detail=V3;`: any other number is the
    filter that recognised it; below 0, one that has let it pass."""
    number = _float(_LEADING_NUMBER.match(value))
    return None if number is None else _Reading(number > 0)


def _mras(value: str) -> _Reading | None:
    """Read `Ok` and `SPAM`, `PROBABLE_SPAM` of mail.ru."""
    word = value.strip().strip(".").lower()
    known = word == "ok" or "spam" in word
    return _Reading(word != "ok") if known else None


def _yandex(value: str) -> _Reading | None:
    """Read `1`, which is none, and `4`, which is spam."""
    word = value.strip()
    return _Reading(word == "4") if word in ("1", "2", "4") else None


def _checked(value: str) -> _Reading | None:
    """Read `spam, SpamAssassin (not cached, score=8.1, required 5, ...)` and `not spam
    (whitelisted), ...` of MailScanner."""
    found = _CHECKED.match(value)
    score, required = _float(_SCORE.search(value)), _float(_POINTS.search(value))
    return _Reading(not found[1], score, required) if found else None


def _filtered(value: str) -> _Reading | None:
    """Read `203.0.113.7`: Yahoo put what came from there among the bulk mail."""
    return _Reading(True) if _ADDRESS.match(value) else None


def _proofpoint(value: str) -> _Reading | None:
    """Read `rule=notspam policy=default score=0`."""
    rule = re.search(r"\brule=(?:\w{1,30}_)?(not)?(?:spam|phish)", value.lower())
    score = _float(_SCORE.search(value))
    return _Reading(not rule[1], score) if rule else None


def _float(match: re.Match[str] | None) -> float | None:
    return float(match[1]) if match else None


RULES = (
    # SpamAssassin, and what speaks like it: amavis, Exim, Barracuda, Fastmail
    Rule(("X-Spam-Flag", "X-Spam-Status", "X-Spam"), _word),
    Rule(("X-Spam-Score", "X-Barracuda-Spam-Score"), _number),
    Rule(("X-Spam-Level", "X-Spam-Bar", "X-Spamd-Bar"), _level),
    Rule(("X-Barracuda-Spam-Flag", "X-Barracuda-Spam-Status"), _word),
    Rule(("X-Spamd-Result",), _rspamd_result),
    Rule(("X-Rspamd-Action",), _rspamd_action),
    Rule(("X-Rspamd-Score", "X-Mimecast-Spam-Score"), _number),
    Rule(("X-Forefront-Antispam-Report",), _forefront),
    Rule(("X-MS-Exchange-Organization-SCL",), _scl),
    Rule(("X-Microsoft-Antispam-Mailbox-Delivery",), _mailbox_delivery),
    Rule(("X-SES-Spam-Verdict", "X-Bogosity", "X-hMailServer-Spam"), _word),
    Rule(("X-UI-Filterresults", "UI-InboundReport"), _junk),
    Rule(("X-GMX-Antispam", "X-WEBDE-Antispam"), _positive),
    Rule(("X-Pm-Spam-Action", "X-Apple-MoveToFolder"), _place),
    Rule(("X-Mras",), _mras),
    Rule(("X-VR-SPAMSTATE", "X-OVH-SPAMSTATE", "X-Ovh-Spam-Status"), _word),
    Rule(("X-VADE-SPAMSTATE",), _word),
    Rule(("X-Yandex-Spam",), _yandex),
    Rule(("X-YahooFilteredBulk",), _filtered),
    Rule(("X-Gm-Spam", "X-Gm-Phishy"), _word),
    Rule(("X-Proofpoint-Spam-Details",), _proofpoint),
    Rule(("X-SES-Virus-Verdict", "X-Virus-Status", "X-Virus-Flag"), _word, VIRUS),
    Rule(("X-Amavis-Alert", "X-Virus-Result", "X-Antivirus-Status"), _word, VIRUS),
)
_RULE_OF = {name.lower(): rule for rule in RULES for name in rule.headers}
#: Of the header whose name the customer chooses, as its profile tells.
_CHECK = Rule((), _checked)


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def read_spam(
    trace: Sequence[Field], headers: Iterable[Field], appended: Iterable[str] = ()
) -> tuple[SpamVerdict, ...]:
    """Return the verdicts on a mail, top-down; never raises. At most 50 that are
    trusted and 50 that are not, which hide none that the provider is known to append.

    `trace`: what `trust.trusted_trace` returns of `headers`. The module's text tells
    what is read. `appended`: names of headers that the provider is known to append,
    besides those that its profile tells; the last of each is read wherever it stands;
    not trusted either.
    """
    profile = profile_of(trace)
    tenfold = profile.tenfold if profile else frozenset()
    unread = profile.other_scale if profile else frozenset()
    verdicts: list[SpamVerdict] = []
    counts = {True: 0, False: 0}
    for field, trusted, is_last in _readable(trace, tuple(headers), appended):
        if counts[trusted] >= VERDICT_LIMIT and not is_last:
            continue
        is_read = field.name.lower() not in unread
        rule = _rule_of(field, profile) if is_read else None
        verdict = _verdict(field, rule, trusted) if rule else None
        if verdict and not trusted and field.name.lower() in tenfold:
            verdict = _tenth(verdict)
        if verdict and trusted:
            verdict = _decided(verdict, trace)
        if verdict:
            verdicts.append(verdict)
            counts[trusted] += 1
    return tuple(verdicts)


def _readable(
    trace: Sequence[Field], headers: tuple[Field, ...], appended: Iterable[str]
) -> Iterator[tuple[Field, bool, bool]]:
    """Yield (field, whether it is trusted, whether it is the last of those that the
    provider appends) of the fields that may be a filter's."""
    border = len(trace)
    own = border + len(own_block(trace, headers))
    alone, last = _anywhere(trace, headers, appended)
    foreign = False
    for index, field in enumerate(headers):
        foreign |= index >= border and field.name.lower() == "received"
        if not foreign or index in last:
            yield field, index < own or index in alone, index in last


def _anywhere(
    trace: Sequence[Field], headers: tuple[Field, ...], appended: Iterable[str]
) -> tuple[frozenset[int], frozenset[int]]:
    """Return where headers stand that no sender can have written, and where those
    that are read wherever they stand: the last of each name."""
    profile = profile_of(trace)
    stripped = {name.lower() for name in profile.stripped} if profile else set()
    tail = {name.lower() for name in (*appended, *(profile.tail if profile else ()))}
    places: dict[str, list[int]] = {}
    if stripped or tail:
        for index, field in enumerate(headers):
            name = field.name.lower()
            if name in stripped or name in tail:
                places.setdefault(name, []).append(index)
    alone = (places[one][0] for one in stripped if len(places.get(one, ())) == 1)
    return frozenset(alone), frozenset(one[-1] for one in places.values())


def _tenth(verdict: SpamVerdict) -> SpamVerdict:
    """Return the verdict of Exim's `$spam_score_int`, which has ten times the score.

    `8` is 0.8; `0.8 (/)` is what it says.
    """
    score = verdict.score
    if score is None or not score.is_integer() or "." in verdict.value:
        return verdict
    return replace(verdict, score=score / 10)


def _decided(verdict: SpamVerdict, trace: Sequence[Field]) -> SpamVerdict:
    """Return the verdict of a provider whose score alone decides."""
    profile = profile_of(trace)
    limit = profile.spam_from if profile else None
    is_score = verdict.header.lower() == "x-spam-score"
    if not profile or limit is None or not is_score or verdict.score is None:
        return verdict
    known = profile.known.lower()
    told = (one.value.strip().lower() for one in trace if one.name.lower() == known)
    is_known = any(one.startswith("yes") for one in told)
    is_spam = verdict.score >= limit and not is_known
    return replace(verdict, is_spam=is_spam, threshold=limit)


def _rule_of(field: Field, profile: Profile | None) -> Rule | None:
    name = field.name.lower()
    if profile and profile.check and name in profile.tail:
        return _CHECK
    return _RULE_OF.get(name)


def _verdict(field: Field, rule: Rule, trusted: bool) -> SpamVerdict | None:
    reading = rule.read(field.value[:VALUE_LIMIT])
    if not reading:
        return None
    return SpamVerdict(
        is_spam=reading.is_spam,
        score=reading.score,
        threshold=reading.threshold,
        header=field.name,
        value=" ".join(field.value[:VALUE_LIMIT].split())[:SHOWN_LIMIT],
        kind=rule.kind,
        trusted=trusted,
    )
