"""Finds in a report of a mail system who didn't get the mail, and why.

Fields of RFC 3464 are certain. Prose is searched from the surest shape of a line to
the least sure one, and what is known of the mail that failed comes last.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..mail import addresses
from ..mail.headers import Headers
from ..mail.phrases import either, fold
from .bounce_report import (
    LINE_LIMIT,
    RECIPIENT_FIELDS,
    TEXT_LIMIT,
    Block,
    Report,
    lines_of,
)

FAILED = "failed"
DELAYED = "delayed"
DELIVERED = "delivered"
RELAYED = "relayed"
UNKNOWN = "unknown"
ACTIONS = (FAILED, DELAYED, DELIVERED, RELAYED, UNKNOWN)  # the gravest first

RECIPIENTS_LIMIT = 100
DIAGNOSTIC_LIMIT = 500
NEAR_LINES = 8  # lines below an address that may tell why


@dataclass(frozen=True)
class FailedRecipient:
    """One recipient of a report.

    ``address`` is normalised, ``status`` is the enhanced status code (RFC 3463) or
    "", and ``diagnostic`` is what the server said.
    """

    address: str
    status: str = ""
    diagnostic: str = ""


_ADDRESS = r"[^\s<>()\[\]{}\"',;:@\\|]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}"
_ANY_ADDRESS = re.compile(_ADDRESS)
_TWICE = rf"(?:[\"']?\s?<(?:mailto:)?{_ADDRESS})"
_ANNOUNCING_WORDS = either(
    r"recipients?|address(?:es)?|users?|userid|mailbox|account|smtp",
    r"destinat\w{1,8}|empf\w{1,10}|unknown|for",
    r"rcpt to|rcpt|addressed to|to user",
    r"(?:deliver\w{0,3}|sent|message|mail|it) to",
)

# From the surest shape of a line to the least sure one.
LINE_RULES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # alone, or twice as `a <a>` and `a<mailto:a>`: Exim, qmail, Gmail, Exchange
        rf"[^\w@]{{0,40}}({_ADDRESS}){_TWICE}?[^\w@]{{0,20}}$",
        # first, then the reason: Postfix, Zoho, OpenSMTPD, Exchange
        rf"[^\w@]{{0,40}}({_ADDRESS})(?=[\s>:,;)\]\[(\"']|\.(?!\w)|$)",
        # behind a word that announces it: IMail, KDDI, Yahoo, DragonFly
        rf".{{0,200}}?\b(?:{_ANNOUNCING_WORDS})\b[^\w@]{{1,12}}(?:smtp:)?({_ADDRESS})",
        # in an answer of SMTP
        rf".{{0,200}}?(?<![\d.])[45]\d\d[ -].{{0,200}}?({_ADDRESS})",
    )
)
# Lines that name somebody else: who wrote, what the mail was, whom to ask.
_DESCRIBING_LINE = re.compile(
    either(
        r"\W{0,12}(?:from|sender|to|cc|reply-to|return-path|original sender"
        r"|mail from|envelope[- ](?:from|sender)|subject|message-?id|in-reply-to"
        r"|references|reporting-mta|x-[\w-]{1,40})\s{0,5}:",
        r".{0,200}\bmail from\b",
        r".{0,200}\b(?:contact|questions|help ?desk|assistance|abuse|complain"
        r"|visit|unsubscribe)\b",
    ),
    re.IGNORECASE,
)
_DESCRIBED_TO = re.compile(
    r"^[^\w@]{0,12}To\s{0,3}:[^\n]{0,200}", re.IGNORECASE | re.MULTILINE
)
# Exim and Postfix expand aliases; we wrote to the address in brackets.
_EXPANDED = re.compile(
    rf"\((?:ultimately )?(?:generated|expanded) from:?\s{{1,5}}<?({_ADDRESS})",
    re.IGNORECASE,
)
# AOL and others leave out a domain of their own.
_LOCAL_NAME = re.compile(
    r"(?:recipient|address|user|following)[^\n]{0,200}:[ \t]{0,5}\n\s{0,4}\n?"
    r"[ \t]{1,8}([A-Za-z0-9][\w.-]{1,40})[ \t]{0,5}(?:\n|\Z)"
)
_NEVER_RECIPIENT = re.compile(
    r"(?:mailer[-_.]?daemon|post[-_]?master|mail-?daemon|mdaemon|abuse|no-?reply|root)\Z",
    re.IGNORECASE,
)

_OWN_HEADERS = (
    "To",
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
)
_REPORTER_HEADERS = ("From", "Sender", "Reply-To")
_RETURNED_SENDERS = ("From", "Sender", "Return-Path", "Reply-To", "Errors-To")

# Addresses that a relay rewrote (SRS, BATV) hold an "=" too, but no recipient of ours.
_REWRITTEN = re.compile(r"(?:srs[01]|prvs|msprvs\d?|btv\d)[=+-]", re.IGNORECASE)
_BOUNCE_PREFIX = re.compile(r"(?:.{0,60}[-_.])?bounces?[-_.]", re.IGNORECASE)

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_ACTION_WORD = re.compile(r"fail|delay|deliver|relay|expand", re.IGNORECASE)
_ACTION_OF_WORD = {
    "fail": FAILED,
    "delay": DELAYED,
    "deliver": DELIVERED,
    "relay": RELAYED,
    "expand": DELIVERED,
}
_ACTION_OF_CLASS = {"5": FAILED, "4": DELAYED, "2": DELIVERED}

# RFC 3463 sections 3.2, 3.3 and 3.5, and Exchange's own: no such mailbox or domain.
_DEAD_STATUS = re.compile(r"5\.(?:1\.(?:[0-6]|9|10)|2\.1|4\.(?:1|4|310|312))\Z")
_OWNER = (
    r"(?:user|recipient|address|account|mailbox|userid|domain|host|alias|local part)"
)
_DEAD = re.compile(
    either(
        rf"\b{_OWNER}(?: name)?(?: \S{{1,80}})?(?: is| was)? (?:unknown"
        r"|not (?:found|recognized|known|valid|exist\w*)|does ?n[o']t exist|invalid"
        r"|disabled|inactive|closed|suspended|deactivated|no longer \w+)",
        r"\b(?:unknown|no such|invalid|bad destination|non ?existent|inexistent)"
        rf"(?: final delivery| local| e ?mail| virtual)? (?:{_OWNER}|person|member)",
        r"recipnotfound|unroute?able address|no (?:such )?mailbox|user not found",
        r"mailbox unavailable|doesn't have an? \S{1,80} account|not listed in",
        r"no user by that name|name or service not known|nxdomain|host not found",
        r"domain name not found|domain not found|address couldn't be found",
    )
)
_ALIVE = re.compile(
    either(
        r"quota|mail ?(?:box|folder) (?:is )?full|storage|too (?:large|big|long)",
        r"size (?:limit|exceed)|exceed|spam|junk|virus|block(?:ed|list)|blacklist",
        r"gr[ae]ylist|policy|dmarc|dkim|\bspf\b|content|timed? ?out|temporar",
        r"try again|deferred|too many|loop|hop count|relay|rate limit|reputation",
    )
)

# ------------------------------------------------------------
# RECIPIENTS
# ------------------------------------------------------------


def block_action(block: Block) -> str:
    """Return the action, one of ACTIONS, that a group of fields reports.

    It is named (RFC 3464 2.3.3), or its status tells (RFC 3463 2).
    """
    word = _ACTION_WORD.search(block.get("action", ""))
    if word:
        return _ACTION_OF_WORD[word[0].lower()]
    return _ACTION_OF_CLASS.get(_block_status(block)[:1], UNKNOWN)


def find_recipients(report: Report, action: str) -> tuple[FailedRecipient, ...]:
    """Return those of whom ``action`` is reported, each once, at most 100."""
    found = (
        _reported_recipients(report, action)
        or _header_recipients(report)
        or _told_recipients(report)
    )
    first = {recipient.address: recipient for recipient in reversed(found)}
    unique = dict.fromkeys(recipient.address for recipient in found)
    return tuple(first[address] for address in unique)[:RECIPIENTS_LIMIT]


def named_recipients(found: Iterable[str], report: Report) -> list[FailedRecipient]:
    """Return the recipients with the addresses ``found``, each with the prose on it.

    What is no address is left out.
    """
    addressed = (addresses.normalize(address) for address in found)
    return [_with_answer(address, report) for address in addressed if address]


def _reported_recipients(report: Report, action: str) -> list[FailedRecipient]:
    return [
        FailedRecipient(address, _block_status(block), _diagnostic(block))
        for block in report.blocks
        if block_action(block) in (action, UNKNOWN)
        and (address := block_address(block))
    ]


def block_address(block: Block) -> str:
    """Return the recipient a group of fields is about, as we wrote it, or ""."""
    values = (block.get(name, "") for name in RECIPIENT_FIELDS)
    return next((found for value in values if (found := _field_address(value))), "")


def _field_address(value: str) -> str:
    match = _ANY_ADDRESS.search(value.rpartition(";")[2][:LINE_LIMIT])
    return addresses.normalize(match[0]) if match else ""


def _block_status(block: Block) -> str:
    """Return a recipient's status; the server's own is more exact than an x.0.0."""
    status = _status_in(block.get("status", ""))
    if status and not status.endswith(".0.0"):
        return status
    said = _status_in(block.get("diagnostic-code", ""))
    return said if not status or said[:1] == status[:1] else status


def _status_in(text: str) -> str:
    match = _STATUS.search(text)
    return match[1] if match else ""


def _diagnostic(block: Block) -> str:
    value = block.get("diagnostic-code", "")
    kind, _semicolon, said = value.partition(";")
    return (said if " " not in kind.strip() else value).strip()[:DIAGNOSTIC_LIMIT]


def _header_recipients(report: Report) -> list[FailedRecipient]:
    """Return the failed recipients that Exim and Gmail name in a header."""
    value = ", ".join(report.headers.get_all("X-Failed-Recipients"))[:TEXT_LIMIT]
    return named_recipients(addresses.parse_list(value), report)


# ------------------------------------------------------------
# PROSE
# ------------------------------------------------------------


def _told_recipients(report: Report) -> list[FailedRecipient]:
    """Return the recipients of the surest shape of line that names any, or a guess."""
    excluded = _own_addresses(report) | _senders(report)
    lines = _naming_lines(report.text)
    groups = itertools.chain(_shapes(lines), _guesses(report, lines))
    found = _first_group(groups, report, excluded) or _last_guess(report, lines)
    return named_recipients(found, report)


def _first_group(
    groups: Iterable[Iterable[str]], report: Report, excluded: Collection[str]
) -> list[str]:
    chosen = (
        [address for address in group if _may_fail(address, report, excluded)]
        for group in groups
    )
    return next((group for group in chosen if group), [])


def _may_fail(address: str, report: Report, excluded: Collection[str]) -> bool:
    """Tell whether an address in the prose may be a recipient: none of who wrote."""
    if address in excluded:
        return False
    local = addresses.split(address)[0]
    return not _NEVER_RECIPIENT.match(local) or address in _returned_to(report)


def _returned_to(report: Report) -> tuple[str, ...]:
    return addresses.parse_list(report.returned.get("To")[:TEXT_LIMIT])


def _naming_lines(text: str) -> list[str]:
    """Return the lines that may name a recipient, joined with a note in brackets."""
    lines = lines_of(text)
    below = [*lines[1:], ""]
    joined = (
        f"{line} {after.strip()}" if after.lstrip().startswith("(") else line
        for line, after in zip(lines, below, strict=True)
    )
    return [line for line in joined if "@" in line and not _DESCRIBING_LINE.match(line)]


def _shapes(lines: Sequence[str]) -> Iterator[list[str]]:
    for rule in LINE_RULES:
        yield [address for line in lines if (address := _line_address(rule, line))]


def _line_address(rule: re.Pattern[str], line: str) -> str:
    match = rule.match(line)
    if not match:
        return ""
    return addresses.normalize((_EXPANDED.search(line) or match)[1])


def _guesses(report: Report, lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield groups of addresses, the likelier first.

    They are named by our return address, by the subject, by the returned message if it
    had only one, as described, or left.
    """
    own = sorted(_own_addresses(report))
    returned = _returned_to(report)
    yield [found for address in own if (found := verp_recipient(address))]
    yield _addresses_in(report.headers.decoded("Subject"))
    yield returned if len(returned) == 1 else ()
    yield _addresses_in(" ".join(_DESCRIBED_TO.findall(report.text)))
    told = [address for line in lines for address in _addresses_in(line)]
    described = (one for one in lines_of(report.text) if _DESCRIBING_LINE.match(one))
    others = " ".join(described)
    yield [address for address in told if address not in others.lower()]


def _last_guess(report: Report, lines: Sequence[str]) -> Sequence[str]:
    """Return what is left: somebody wrote to himself, or a name has no domain."""
    reporters = _header_addresses(report.headers, _REPORTER_HEADERS)
    return (
        _first_group(_shapes(lines), report, reporters)
        or _returned_to(report)[:1]
        or _local_names(report)
    )


def _local_names(report: Report) -> list[str]:
    reporter = addresses.parse_list(report.headers.get("From")[:LINE_LIMIT])
    name = _LOCAL_NAME.search(report.text)
    return [f"{name[1]}@{addresses.domain(reporter[0])}"] if name and reporter else []


def _addresses_in(text: str) -> list[str]:
    found = map(addresses.normalize, _ANY_ADDRESS.findall(text[:LINE_LIMIT]))
    return [address for address in found if address]


def _own_addresses(report: Report) -> set[str]:
    """Return the addresses that the report was sent to."""
    return _header_addresses(report.headers, _OWN_HEADERS)


def _senders(report: Report) -> set[str]:
    """Return the addresses of who reports, and of who wrote the returned message."""
    reporters = _header_addresses(report.headers, _REPORTER_HEADERS)
    return reporters | _header_addresses(report.returned, _RETURNED_SENDERS)


def _header_addresses(headers: Headers, names: Iterable[str]) -> set[str]:
    values = (v for name in names for v in headers.get_all(name)[:RECIPIENTS_LIMIT])
    parsed = (addresses.parse_list(value[:TEXT_LIMIT]) for value in values)
    return set(itertools.chain.from_iterable(parsed))


def _with_answer(address: str, report: Report) -> FailedRecipient:
    """Return the recipient with the status and the text that stand by its address."""
    lines = [line.strip() for line in lines_of(report.text)]
    numbers = range(len(lines))
    start = next((at for at in numbers if address in lines[at].lower()), len(lines))
    near = lines[start : start + NEAR_LINES]
    others = (at for at, line in enumerate(near) if at and _names_other(line, address))
    near = list(filter(None, near[: next(others, None)]))
    if len(near) == 1 and LINE_RULES[0].match(near[0]):
        # Nothing below the address: Domino gives the reason above it.
        near = [*filter(None, lines[max(start - 2, 0) : start]), *near]
    said = " ".join(near)[:DIAGNOSTIC_LIMIT]
    return FailedRecipient(address, _status_in(said), said)


def _names_other(line: str, address: str) -> bool:
    match = LINE_RULES[0].match(line)
    return match is not None and addresses.normalize(match[1]) != address


# ------------------------------------------------------------
# RETURN ADDRESSES
# ------------------------------------------------------------


def verp_recipient(address: str, prefix: str = "") -> str:
    """Return the recipient that a return address names, or "".

    ``bounces+user=customer.example@own.test`` names ``user@customer.example``.
    ``prefix`` is the local part before it ("bounces"); without it, the first ``+``
    ends it, or else a leading ``bounces-`` or ``list-bounces-``.
    """
    local = addresses.split(address)[0]
    if prefix and not local.lower().startswith(prefix.lower()):
        return ""
    rest = local[len(prefix) :].lstrip("+-_.") if prefix else _after_prefix(local)
    user, equals, domain = rest.rpartition("=")
    found = f"{user}@{domain}" if equals and "." in domain else ""
    return addresses.normalize(found) if _ANY_ADDRESS.fullmatch(found) else ""


def _after_prefix(local: str) -> str:
    if _REWRITTEN.match(local):
        return ""
    _before, plus, rest = local.partition("+")
    if plus:
        return rest
    return _BOUNCE_PREFIX.sub("", local, 1) if _BOUNCE_PREFIX.match(local) else ""


# ------------------------------------------------------------
# SEVERITY
# ------------------------------------------------------------


def is_hard(recipients: Iterable[FailedRecipient], report: Report) -> bool:
    """Tell whether something says that one of the addresses itself is dead."""
    told = fold(report.text)
    return any(_is_dead(one.status, fold(one.diagnostic) or told) for one in recipients)


def _is_dead(status: str, said: str) -> bool:
    if status.startswith("4."):
        return False
    if _DEAD.search(said):
        return True
    return bool(_DEAD_STATUS.match(status)) and not _ALIVE.search(said)
