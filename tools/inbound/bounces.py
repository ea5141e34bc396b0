"""Reads a report on undelivered mail: what failed, for whom, and which message.

RFC 3464 reports come with fields; the rest (qmail, Exim, Courier, Postfix and
Sendmail of old, Exchange, Domino, Gmail, Yahoo, GMX, AOL, KDDI and NTT Docomo, SES)
is prose. So a report is recognised by signals that add up: see `SIGNALS`.

Not a bounce, so None: an absence note, an abuse report (RFC 5965), and a receipt of
reading (RFC 8098), which tells what a person did with a mail that did arrive. Only
the receipt by which Sieve refuses a mail (RFC 5429 section 2.1) is one. A success or
a delay (RFC 3464 section 2.3.3) is a report, but no failure: see ``Bounce.action``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..mail import addresses
from ..mail.headers import Headers, message_ids, parse_headers, split_raw
from ..mail.phrases import (
    BOUNCE_SUBJECTS,
    BOUNCE_TEXTS,
    DELAY_TEXTS,
    GIVEN_UP_TEXTS,
    any_of,
    fold,
)
from .automatic import Evidence, has_reply_subject
from .bounce_recipients import (
    ACTIONS,
    DELAYED,
    DELIVERED,
    FAILED,
    LINE_RULES,
    RELAYED,
    UNKNOWN,
    FailedRecipient,
    block_action,
    block_address,
    find_recipients,
    is_hard,
    named_recipients,
    verp_recipient,
)
from .bounce_report import (
    LINE_LIMIT,
    RECEIPT_TYPE,
    STATUS_TYPE,
    TEXT_LIMIT,
    Report,
    lines_of,
    read_report,
    unix_lines,
)

__all__ = [
    "ACTIONS",
    "DELAYED",
    "DELIVERED",
    "FAILED",
    "RELAYED",
    "UNKNOWN",
    "Bounce",
    "FailedRecipient",
    "read_bounce",
    "verp_recipient",
]

IDS_LIMIT = 5
SHOWN_LIMIT = 200


@dataclass(frozen=True)
class Bounce:
    """What a delivery report says.

    ``certain`` tells that a machine has left its mark: a report of RFC 3464, a daemon
    as the sender, our own signed address. Without it a person may have written so.
    ``action`` is the gravest one reported and ``recipients`` are those it is
    reported of. ``hard`` tells that something says the address itself is dead; a
    full mailbox, a refused content or a line that is down are not that.
    """

    evidence: tuple[Evidence, ...]
    action: str
    hard: bool
    recipients: tuple[FailedRecipient, ...]
    original_message_ids: tuple[str, ...]
    original_references: tuple[str, ...]
    certain: bool = True


@dataclass(frozen=True)
class Signal:
    """Evidence for a report: how much it weighs, and where it is seen."""

    code: str
    weight: int
    in_header: bool = True  # prose alone makes no report: people quote reports
    of_mail: bool = False  # only about mail; parcels have failed deliveries as well


ENOUGH = 4

SIGNALS = {
    signal.code: signal
    for signal in (
        Signal("delivery_report", ENOUGH),
        Signal("status_part", ENOUGH),
        Signal("failed_recipients_header", ENOUGH),
        Signal("submitted_failure", ENOUGH),
        Signal("event_notification", ENOUGH),
        Signal("refusal", ENOUGH),
        Signal("sender_daemon", 3, of_mail=True),
        Signal("null_return_path", 2),
        Signal("signed_address", 2, of_mail=True),
        Signal("bounce_subject", 2),
        Signal("sender_postmaster", 1, of_mail=True),
        Signal("sender_events", 0),  # worth a look at the text, and nothing by itself
        Signal("status_fields", 2, in_header=False, of_mail=True),
        Signal("bounce_text", 1, in_header=False),
        Signal("smtp_reply", 1, in_header=False, of_mail=True),
        Signal("recipients_announced", 1, in_header=False, of_mail=True),
        Signal("returned_message", 1, in_header=False, of_mail=True),
    )
}

# What a machine leaves on a report, and hardly any person's mail program. Words alone,
# in the subject and in the text, are what people write as well: an order was not
# delivered, too.
_MARKS = frozenset(
    {
        "signed_address",
        "sender_daemon",
        "null_return_path",
        "sender_postmaster",
        "sender_events",
    }
)
# What a report holds besides words.
_RETURNED = frozenset({"status_fields", "recipients_announced", "returned_message"})
# RFC 5965, RFC 8460: reports about mail that was not refused.
_ABUSE_REPORT = re.compile(r"\b(?:feedback-report|tlsrpt)\b", re.IGNORECASE)
# RFC 6522 section 3.
_REPORT = re.compile(r"\s{0,5}multipart/report\b", re.IGNORECASE)
_RECEIPT = re.compile(r"report-type\s?=\s?\"?(?:global-)?disposition-n", re.IGNORECASE)
# RFC 3834 section 5 allows parameters; Sendmail adds a comment.
_SUBMITTED_FAILURE = re.compile(
    r"auto-(?:generated|replied)\s?;?\s?\(?(?:failure|postmaster-notification|warning)",
    re.IGNORECASE,
)
_SENDER_DAEMON = re.compile(
    r"(?:mail(?:er)?[-_.]?daemon|mdaemon|post_master"
    r"|mail[-_.]delivery[-_.](?:sub)?system)\Z",
    re.IGNORECASE,
)
_SENDER_POSTMASTER = re.compile(
    r"(?:post[-_.]?master|mail[-_.]?admin|system[-_. ]administrator|bounces?)\Z",
    re.IGNORECASE,
)
_SENDER_NAME = re.compile(
    r".{0,60}\b(?:mail(?:er)? ?daemon|mail deliver\w{0,2} (?:sub)?s(?:ystem|ervice)"
    r"|delivery subsystem|post ?master|(?:system|mail|ndr) administrator"
    r"|(?:e-?)?mail (?:system|service))\b"
)
_SENDER_EVENTS = re.compile(r".{0,200}@sns\.amazonaws\.com\b", re.IGNORECASE)
_BOUNCE_SUBJECT = re.compile(rf"[^\w]{{0,6}}(?:{any_of(BOUNCE_SUBJECTS)})")

_BOUNCE_TEXT = re.compile(any_of(BOUNCE_TEXTS))
_SMTP_REPLY = re.compile(
    r"(?<![\d.])(?:[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3}|[<\"#]|[a-z]{3})"
    r"|#?[45]\.\d\.\d{1,3}\b)"
)
_ANNOUNCED = re.compile(
    r"\b(?:following|these|this|some|the)\b[^:@]{0,60}"
    r"\b(?:recipient|address|user|destina|emp)",
    re.IGNORECASE,
)
# Nobody who reads a mail refuses it: RFC 5429 section 2.1, RFC 8098 section 3.2.6.
_REFUSED = re.compile(
    r"automatic-action.{0,100};.{0,20}\b(?:deleted|denied|failed)", re.IGNORECASE
)
_REFUSAL_TEXT = re.compile(
    any_of("rejected / refused / quota exceeded / not delivered")
)
# Amazon SES tells of a bounce through SNS, as JSON and not as a report.
_EVENT = re.compile(
    r'"(?:notificationType|eventType)"\s{0,5}:\s{0,5}"(Bounce|Delivery|DeliveryDelay)"'
)
_EVENT_ADDRESS = re.compile(r'"emailAddress"\s{0,5}:\s{0,5}"([^"\s]{3,320})"')
_EVENT_DESTINATION = re.compile(r'"destination"\s{0,5}:\s{0,5}\[([^\]]{3,5000})\]')
_EVENT_ACTIONS = {"Bounce": FAILED, "Delivery": DELIVERED, "DeliveryDelay": DELAYED}

_DELAYED = re.compile(any_of(DELAY_TEXTS))
_GIVEN_UP = re.compile(any_of(GIVEN_UP_TEXTS))

_MESSAGE_ID = re.compile(
    r"^[\s>|]{0,12}(?:X-?)?(?:Original-?)?Message-?ID\s{0,3}[:=][ \t]{0,3}"
    r"(?:\n[ \t]{1,4})?(<[^<>\s]{3,250}>)",
    re.IGNORECASE | re.MULTILINE,
)
_LOOSE_MESSAGE_ID = re.compile(
    r"\bMessage-?ID\b(?:\",\s?\"value)?[:=\s\"']{1,12}"
    r"<?([^<>\s\"',;@]{1,200}@[^<>\s\"',;@]{1,200})",
    re.IGNORECASE,
)
_ID_FIELDS = ("original-message-id", "x-original-message-id")


def read_bounce(
    raw: bytes, signed_address: str = "", headers: Headers | None = None
) -> Bounce | None:
    """Return what the mail ``raw`` says as a report, None if it isn't one.

    ``signed_address`` is the proven bounce address that it was sent to, if it was:
    hardly anything but a report comes there. ``headers`` are those of the mail, where
    they were read already.
    """
    headers = headers or parse_headers(unix_lines(raw))
    signals = _header_signals(headers)
    if signed_address:
        signals.append(_evidence("signed_address", "To", signed_address))
    if not signals or _ABUSE_REPORT.search(headers.get("Content-Type")[:LINE_LIMIT]):
        return None
    raw = unix_lines(raw)
    report = read_report(raw)
    evidence = (*signals, *_body_signals(report))
    return _describe(report, raw, evidence) if _is_enough(evidence, report) else None


# ------------------------------------------------------------
# SIGNALS
# ------------------------------------------------------------


def _header_signals(headers: Headers) -> list[Evidence]:
    """Return the evidence for a report that the mail's own header holds."""
    subject = headers.decoded("Subject")[:LINE_LIMIT]
    submitted = headers.get("Auto-Submitted")[:LINE_LIMIT]
    sender = headers.get("From")[:LINE_LIMIT]
    failed = headers.get("X-Failed-Recipients")
    found = [
        ("delivery_report", "Content-Type", _delivery_report(headers)),
        ("failed_recipients_header", "X-Failed-Recipients", failed),
        ("submitted_failure", "Auto-Submitted", _if(_SUBMITTED_FAILURE, submitted)),
        ("null_return_path", "Return-Path", _null_return_path(headers)),
        ("bounce_subject", "Subject", _if(_BOUNCE_SUBJECT, subject, fold)),
        ("sender_events", "From", _if(_SENDER_EVENTS, sender)),
        *_sender_signals(headers),
    ]
    return [_evidence(code, header, value) for code, header, value in found if value]


def _if(pattern: re.Pattern[str], value: str, view: Callable[[str], str] = str) -> str:
    return value if pattern.match(view(value)) else ""


def _delivery_report(headers: Headers) -> str:
    value = headers.get("Content-Type")[:LINE_LIMIT]
    return "" if _RECEIPT.search(value) else _if(_REPORT, value)


def _null_return_path(headers: Headers) -> str:
    """Return a null return path (RFC 5321 section 4.5.5), or Sendmail's form of it."""
    value = headers.get("Return-Path")[:LINE_LIMIT].strip()
    return value if value and _is_null(value) else ""


def _is_null(value: str) -> bool:
    return value.strip("<> ").partition("@")[0].lower() in {"", "mailer-daemon"}


def _sender_signals(headers: Headers) -> Iterator[tuple[str, str, str]]:
    for header in ("From", "Sender"):
        value = headers.get(header)[:LINE_LIMIT]
        local = _sender_local(value)
        name = fold(headers.decoded(header)[:LINE_LIMIT])
        if _SENDER_DAEMON.match(local):
            yield "sender_daemon", header, value
        elif value and (
            _SENDER_POSTMASTER.match(local)
            or _SENDER_NAME.match(name)
            or _is_null(value)
        ):
            yield "sender_postmaster", header, value


def _sender_local(value: str) -> str:
    """Return the sender's local part; local mail may have a name and nothing else."""
    found = addresses.parse_list(value)
    if found:
        return addresses.split(found[0])[0]
    return value.partition("<")[0].strip(' "').partition("@")[0] or value.strip("<> ")


def _body_signals(report: Report) -> list[Evidence]:
    folded = fold(report.text)
    returned = report.returned.get("Message-ID") or report.returned.get("Subject")
    status = next((kind for kind in report.types if STATUS_TYPE.match(kind)), "")
    found = [
        ("status_part", "Content-Type", status),
        (
            "status_fields",
            "",
            " ".join(name for one in report.blocks[:1] for name in one),
        ),
        ("refusal", "Disposition", _refusal(report, folded)),
        ("event_notification", "", _found(_EVENT, _event_text(report))),
        ("bounce_text", "", _found(_BOUNCE_TEXT, folded)),
        ("smtp_reply", "", _found(_SMTP_REPLY, report.text.lower())),
        ("recipients_announced", "", _announced(report.text)),
        ("returned_message", "", returned or report.rest[:SHOWN_LIMIT]),
    ]
    return [_evidence(code, header, value) for code, header, value in found if value]


def _refusal(report: Report, folded: str) -> str:
    dispositions = (block.get("disposition", "") for block in report.blocks)
    said = next((one for one in dispositions if _REFUSED.match(one)), "")
    return said if _REFUSAL_TEXT.search(folded) else ""


def _announced(text: str) -> str:
    """Return the line that names failed recipients, or announces one below it."""
    lines = [line for line in lines_of(text) if line.strip()]
    for at, line in enumerate(lines):
        below = lines[at + 1 : at + 4]
        if "@" in line and _BOUNCE_TEXT.search(fold(line)):
            return line
        if _ANNOUNCED.search(line) and any(map(LINE_RULES[0].match, below)):
            return line
    return ""


def _event_text(report: Report) -> str:
    """Return the prose as JSON: SNS puts an event into another, its quotes escaped."""
    return report.text.replace('\\"', '"')


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else ""


def _evidence(code: str, header: str, value: str) -> Evidence:
    return Evidence(code, header, " ".join(value[:LINE_LIMIT].split())[:SHOWN_LIMIT])


def _is_enough(evidence: Iterable[Evidence], report: Report) -> bool:
    """Tell whether the signals make a delivery report, and not a program's reply."""
    signals = {SIGNALS[one.code] for one in evidence}
    codes = {signal.code for signal in signals}
    if any(map(RECEIPT_TYPE.match, report.types)):
        return bool(codes & {"refusal", "status_part"})
    if _is_strong(codes):
        return True
    if not codes & _machine_marks(codes) and _has_sender(report.headers, codes):
        return False
    return (
        sum(signal.weight for signal in signals) >= ENOUGH
        and any(signal.in_header for signal in signals)
        and any(signal.of_mail for signal in signals)
        and not has_reply_subject(report.headers)
    )


def _machine_marks(codes: set[str]) -> frozenset[str]:
    """Return the marks that count beside these signals. A postmaster is a person
    (RFC 5321 4.5.1) and writes about deliveries, but returns no mail and no fields."""
    return _MARKS if codes & _RETURNED else _MARKS - {"sender_postmaster"}


def _is_strong(codes: set[str]) -> bool:
    """Tell whether one signal alone makes a report."""
    strong = {code for code in codes if SIGNALS[code].weight >= ENOUGH}
    # Whoever quotes an event has not sent it.
    if not codes & _MARKS:
        strong.discard("event_notification")
    return bool(strong)


def _has_sender(headers: Headers, codes: set[str]) -> bool:
    """Tell whether the mail names its author as the sender of its envelope.

    He can be told of its end: a report names nobody there (RFC 5321 4.5.5). A list
    names itself, and so do a forwarder and a mailing service (SRS, VERP): who returns
    nothing by these writes about deliveries.
    """
    returned = addresses.parse_list(headers.get("Return-Path")[:LINE_LIMIT])
    author = addresses.parse_list(headers.get("From")[:LINE_LIMIT])
    domains = [addresses.domain(found[0]) for found in (returned, author) if found]
    if len(domains) < 2:
        return False
    return domains[0] == domains[1] or not codes & _RETURNED


def _is_certain(evidence: Iterable[Evidence]) -> bool:
    """Tell whether a machine has written this; a person may be called postmaster."""
    codes = {one.code for one in evidence}
    return (
        _is_strong(codes)
        or bool(codes & {"signed_address", "sender_daemon"})
        or {"null_return_path", "sender_postmaster"} <= codes
    )


# ------------------------------------------------------------
# CONTENT
# ------------------------------------------------------------


def _describe(report: Report, raw: bytes, evidence: Iterable[Evidence]) -> Bounce:
    action = _action(report)
    recipients = _event_recipients(report) or find_recipients(report, action)
    return Bounce(
        evidence=tuple(evidence),
        action=action,
        hard=action == FAILED and is_hard(recipients, report),
        recipients=tuple(recipients),
        original_message_ids=_original_ids(report, raw),
        original_references=_original_references(report),
        certain=_is_certain(evidence),
    )


def _action(report: Report) -> str:
    """Return the gravest action that the fields report, or else what the prose says."""
    told = [one for one in report.blocks if block_address(one) or "action" in one]
    reported = {block_action(block) for block in told}
    if reported - {UNKNOWN} or (reported and not report.text.strip()):
        return next(action for action in ACTIONS if action in reported)
    event = _EVENT.search(_event_text(report))
    if event:
        return _EVENT_ACTIONS[event[1]]
    subject = report.headers.decoded("Subject")[:LINE_LIMIT]
    prose = fold(f"{subject}\n{report.text}")
    return DELAYED if _DELAYED.search(prose) and not _GIVEN_UP.search(prose) else FAILED


def _event_recipients(report: Report) -> list[FailedRecipient]:
    text = _event_text(report)
    if not _EVENT.search(text):
        return []
    destination = " ".join(_EVENT_DESTINATION.findall(text)).replace('"', " ")
    found = _EVENT_ADDRESS.findall(text) or addresses.parse_list(destination)
    return named_recipients(dict.fromkeys(found), report)


def _original_ids(report: Report, raw: bytes) -> tuple[str, ...]:
    """Return the Message-IDs of the returned message, from the surest place first."""
    surest = _ids_of(report.returned, "Message-ID")
    own = {*message_ids(report.headers.get("Message-ID")[:TEXT_LIMIT])}
    found = ([one for one in ids if one not in own] for ids in _id_places(report, raw))
    first = surest or next((ids for ids in found if ids), [])
    return tuple(dict.fromkeys(first))[:IDS_LIMIT]


def _id_places(report: Report, raw: bytes) -> Iterator[Sequence[str]]:
    fields = " ".join(
        block.get(name, "") for block in report.blocks for name in _ID_FIELDS
    )
    yield message_ids(fields) if "<" in fields else ()
    yield _MESSAGE_ID.findall(report.rest)
    yield _MESSAGE_ID.findall(report.text)
    body = split_raw(raw)[1].decode("utf-8", "replace")
    yield _MESSAGE_ID.findall(body)
    yield [f"<{found}>" for found in _LOOSE_MESSAGE_ID.findall(body)]
    # Exchange and Gmail thread the report with the message.
    yield _ids_of(report.headers, "X-Original-Message-ID", "In-Reply-To", "References")


def _original_references(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_ids_of(report.returned, "References", "In-Reply-To")))


def _ids_of(headers: Headers, *names: str) -> list[str]:
    return [
        one for name in names for one in message_ids(headers.get(name)[:TEXT_LIMIT])
    ]
