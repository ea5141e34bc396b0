"""What a mail server meant when it refused one of our mails (RFC 5321, RFC 3463).

A server that refuses the *sender* says so wherever it likes: at MAIL FROM, at RCPT
(Postfix), or after DATA (Exchange). Where it is said, the code and the enhanced code
are not enough to tell it from a wrong recipient; the words are.
"""

import errno
import re
import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..mail.addresses import normalize
from ..mail.phrases import either
from ..mail.text import decode_bytes, single_line

ACCOUNT = "account"  # the server lets our account send nothing, whatever the mail
SENDER = "sender"
RECIPIENT = "recipient"
TEMPORARY = "temporary"
POLICY = "policy"
QUOTA = "quota"
TOO_MANY = "too_many"  # more recipients of one mail than the server takes
SIZE = "size"
SPAM = "spam"
OTHER = "other"
#: All kinds; of several refusals the first of these speaks for the mail.
KINDS = (
    ACCOUNT, SENDER, QUOTA, TOO_MANY, TEMPORARY, SPAM, POLICY, SIZE, OTHER, RECIPIENT,
)  # fmt: skip

#: Where in the dialogue the server refused.
MAIL, RCPT, DATA, UNKNOWN = "mail", "rcpt", "data", "unknown"

WORDS_LIMIT = 500
READ_LIMIT = 4000
RECIPIENTS_LIMIT = 1000
CHAIN_LIMIT = 20


@dataclass(frozen=True)
class Refusal:
    """What the server refused, and in which words.

    `code` is the reply code, 0 when there was none; `enhanced` the enhanced code or
    "". `address`: the refused sender or recipient, "" when not known.
    """

    kind: str
    code: int
    enhanced: str
    words: str
    address: str = ""


@dataclass(frozen=True)
class _Reply:
    """One reply of the server, and to what."""

    stage: str
    code: int
    text: str
    address: str = ""

    @property
    def enhanced(self) -> str:
        """The enhanced code in the words, if it is of the class of the code, or ""."""
        found = (match[0] for match in _ENHANCED.finditer(self.text))
        return next((one for one in found if one[0] == str(self.code)[0]), "")


_ADDRESS = r"[^\s<>()\[\]\"',;:@\\|]{1,128}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_ANY_ADDRESS = re.compile(_ADDRESS)
_ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_CODE = re.compile(r"(?<![\d.])([245]\d\d)(?:[ -]|, )")
# The sender's address in the server's words, the surest form first.
_SENDER_ADDRESSES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:send(?:ing)?|disallowed) as\W{{1,5}}({_ADDRESS})",
        rf"({_ADDRESS})>?[:,.]?\s{{1,3}}sender\b",
        rf"\b(?:sender|identity|check in region [\w-]{{1,30}}:)\W{{1,5}}({_ADDRESS})",
        rf"({_ADDRESS})",
    )
)

# ------------------------------------------------------------
# RULES
# ------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """Words or codes that make a refusal of one kind at these stages."""

    kind: str
    words: str = ""
    enhanced: frozenset[str] = frozenset()
    codes: frozenset[int] = frozenset()
    stages: frozenset[str] = frozenset({MAIL, RCPT, DATA, UNKNOWN})

    def matches(self, reply: _Reply, told: str) -> bool:
        """Tell whether a reply, with its words as `told`, is a refusal of this kind."""
        if reply.stage not in self.stages:
            return False
        if reply.enhanced in self.enhanced or reply.code in self.codes:
            return True
        return bool(self.words and re.search(self.words, told))


_NOT = r"(?:not|isn't|is not|are not|aren't|was not|never)"
_FROM = r"(?:from|as|using|with|under|on behalf|this|that)"
_MAILS = r"(?:e ?mails?|mails?|messages?)"

# Words are compared in lower case, without addresses (an address becomes "@") and
# with single spaces.
_RECIPIENT_SIDE = frozenset({RCPT, DATA, UNKNOWN})
_FULL = either(
    r"(?:mail ?box|inbox|mail folder|recipient|account) (?:is |has )?(?:\S+ )?"
    r"(?:full|over ?quota|exceeded (?:its|the) (?:quota|storage|mailbox))",
    r"recipient'?s? (?:mailbox )?over quota|over its quota|quota exceeded for mailbox",
    r"mailbox (?:quota|size limit)|storage (?:allocation|limit)|insufficient disk",
)
# Policy servers of hosters (policyd), as if of the recipient.
_POLICY_QUOTA = r"polic(?:y|ies)\b.{0,20}quota exceeded"
# The server does not let us send, or not any more.
_NOT_OURS = either(
    # Postfix, Exim, Sendmail, qmail, Exchange: nobody of theirs is signed in
    r"relay(?:ing)? (?:access |is )?(?:denied|not (?:permitted|allowed)|prohibited)",
    r"relay (?:is )?not (?:permitted|allowed)|unable to relay|rcpthosts",
    r"client host (?:@ )?(?:\S+ )?rejected|helo command rejected",
    r"authenticat\w* (?:is )?(?:required|needed|first)|must (?:auth|log ?in)",
    r"\bauth (?:is )?required|(?:need|send|issue)\w* auth\b|^(?:\d+ )?auth first",
    r"(?:turn|switch) on smtp auth|without authenticat",
    r"invalid helo|helo (?:name|host)\w* (?:is )?(?:invalid|not|must)",
    r"(?:not|un) ?authenticated (?:to|sender)|client (?:was |is )?not authenticated",
    r"must issue a starttls|requires? (?:tls|authentication)",
    r"(?:tls|starttls|encryption|authentication) (?:is )?required",
    r"authentication (?:unsuccessful|failed|credentials)|basic authentication is",
    # Exchange Online: the account, or the company, has been stopped as a spammer's
    r"bad outbound sender|\btenant\b.{0,60}(?:exceeded|blocked)",
    # Amazon SES, SendGrid, Mailgun, SMTP2GO, Postmark, Brevo
    r"sending (?:is |has been )?(?:paused|disabled|suspended|restricted|blocked)",
    r"your (?:\w+ )?account (?:is |has |had |was )?(?:\w+ ){0,2}"
    r"(?:suspended|disabled|blocked|locked|deactivated|restricted|banned|review)",
    r"(?:activate|reactivate|upgrade|verify) your (?:\w+ )?account",
    r"free accounts are|max\w* credits exceeded|not enough credits",
    r"not (?:yet )?activated|is not (?:approved|enabled) (?:for|to) send",
    r"unauthori[sz]ed ip address|sandbox (?:sub ?)?domains? (?:are|is) for",
    # Amazon SES: the user of this password may not send; Exchange: his mailbox is full
    r"not authori[sz]ed to perform \W?ses:send",
    r"storedrv\.submission\b.{0,80}quotaexceeded",
    # cPanel, Zoho, DirectAdmin, Coremail, qmail: stopped, because somebody abused it
    r"outgoing (?:e ?mails?|mails?|messages?)\b.{0,60}(?:suspended|disabled|blocked)",
    r"unusual (?:sending|outgoing|account) activity|compromised account",
    r"your account (?:was |is |has been |may be )(?:hacked|compromised)",
    r"your mailbox is administratively disabled",
    r"your (?:\w+ )?(?:service|subscription|account|plan) (?:has |is )?expired",
)
# The same without "your": of a recipient, unless it answers MAIL FROM.
_LOCKED = either(
    r"(?:user|account|mailbox) (?:is |has been |was )?"
    r"(?:locked|suspended|frozen|disabled|blocked|expired)",
    r"(?:user|account) has no permission|disabled by user",
)
# Exchange: the recipient takes mail of some people only.
_RESTRICTED = r"resolver\.rst\.|\brestrictedto"
#: Rules of refusals for good, the first that matches decides.
PERMANENT_RULES = (
    Rule(
        RECIPIENT,
        _RESTRICTED,
        enhanced=frozenset(
            {"5.7.124", "5.7.129", "5.7.133", "5.7.134", "5.7.135", "5.7.136"}
        ),
        stages=_RECIPIENT_SIDE,
    ),
    # Exchange Online: what one recipient takes of us in an hour
    Rule(TEMPORARY, enhanced=frozenset({"5.2.121", "5.2.122"}), stages=_RECIPIENT_SIDE),
    # Exchange Online: what an account, or a company, may send in a day
    Rule(QUOTA, enhanced=frozenset({"5.1.90", "5.7.232", "5.7.233"})),
    Rule(
        ACCOUNT,
        enhanced=frozenset(
            {
                # RFC 4954 6 and RFC 3463 3.8: nobody is signed in, or not well enough
                *("5.7.8", "5.7.9", "5.7.10", "5.7.11", "5.7.14"),
                # Exchange: not signed in; no relaying; passwords are switched off
                *("5.7.54", "5.7.57", "5.7.139", "5.7.30"),
                # Exchange Online: the tenant is stopped, or not known
                *("5.7.501", "5.7.502", "5.7.503", "5.7.508", "5.7.511"),
                *("5.7.64", "5.7.705", "5.7.708", "5.7.750"),
                # Outlook.com and Gmail: our domain proves nothing
                *("5.7.515", "5.7.26", "5.7.27", "5.7.29"),
            }
        ),
        # The last one is Alibaba's
        codes=frozenset({534, 535, 538, 526}),
    ),
    Rule(ACCOUNT, _NOT_OURS),
    Rule(ACCOUNT, _LOCKED, stages=frozenset({MAIL})),
    # Somebody judges the sender's domain, not our account.
    Rule(POLICY, r"\b(?:spf|dmarc|dkim|arc)\b|unauthenticated (?:e ?mail|mail|sender)"),
    Rule(
        SENDER,
        either(
            # Postfix, Yandex, OVH and whatever builds on it
            r"sender (?:e ?mail )?(?:address )?(?:@ )?(?:is |was |has been )?"
            r"(?:rejected|refused|denied|invalid|unknown\b|disabled|blocked)",
            rf"sender (?:e ?mail )?(?:address )?{_NOT} "
            r"(?:allowed|authori[sz]ed|permitted|accepted|valid|verified|local|yours)",
            r"not owned by (?:auth )?(?:user|you|the)",
            # Exchange: 5.7.60, 5.2.252
            r"permissions? to send (?:as|on behalf)|send ?as ?denied|send as denied",
            # Fastmail, Mailgun, Proton, Kerio
            rf"{_NOT} (?:authori[sz]ed|allowed|permitted|entitled) to "
            rf"(?:send|use|relay|submit)(?: {_MAILS})? {_FROM}\b",
            # Zoho
            r"relaying disallowed",
            # Amazon SES, SendGrid, Yahoo
            r"(?:address|identity|sender|domain) (?:[\w.]{1,99} )?(?:is |has )?"
            r"not (?:been )?verified",
            r"identities failed the check|verified sender identity",
            # iCloud, Tencent, NetEase, Kerio
            r"not one of your addresses|mail ?from (?:is )?not match",
            r"mail ?from (?:address )?must (?:be|equal|match)",
            r"must match (?:the |your )?(?:auth|login|acc)",
            r"(?:sender|from|envelope|return path)\b[^.]{0,60}"
            r"(?:mismatch|(?:does not|doesn't|not) match)",
            r"(?:unauthori[sz]ed|invalid|unverified|forged|illegal|bad) sender",
            # Exim, Mail.ru
            r"sender verif(?:y|ication) fail|not local sender",
        ),
        # RFC 3463 3.2: bad sender's mailbox syntax or system
        enhanced=frozenset({"5.7.60", "5.2.252", "5.1.7", "5.1.8"}),
    ),
    Rule(ACCOUNT, codes=frozenset({530})),
    Rule(QUOTA, _POLICY_QUOTA),
    Rule(
        RECIPIENT,
        _FULL,
        enhanced=frozenset({"5.2.2"}),
        stages=_RECIPIENT_SIDE,
    ),
    # Gmail: a 552 like that of a mail that is too large
    Rule(SPAM, r"potential security issue|potentially (?:dangerous|harmful)"),
    Rule(
        SIZE,
        r"too (?:large|big)\b|message size|size limit|size exceed|exceeds? .{0,30}size",
        enhanced=frozenset({"5.3.4", "5.2.3"}),
    ),
    Rule(
        QUOTA,
        either(
            r"exceed.{0,40}\bper (?:day|hour|minute)\b",
            r"(?:daily|hourly|monthly|per (?:day|hour|minute))\b.{0,60}(?:limit|quota)",
            r"(?:limit|quota)\b.{0,40}\b(?:daily|hourly|per (?:day|hour|minute))\b",
            r"(?:sending|rate|submission|outgoing|outbound|outmail|relay|message"
            r"|recipient|messaging|mail|sender) (?:rate )?(?:limits?|quota)\b",
            r"(?:exceed\w*|over|reached) (?:the |your )?(?:\w+ ){0,3}"
            r"(?:quota|rate|limit|allowance)",
            r"throttl|ratelimit|frequency limited",
            r"too many (?:\w+ )?(?:messages|mails|e ?mails|logins?|connections|sessions"
            r"|recipients|concurrent|auth\w*|requests|commands)\b",
            r"concurrent connections|sending too (?:fast|many|much)",
            r"(?:limit|number) (?:of|on) .{0,30}outgoing (?:messages|mails|e ?mails)",
        ),
        enhanced=frozenset({"5.4.5", "5.7.28"}),
    ),
    Rule(SIZE, codes=frozenset({552}), stages=frozenset({MAIL, DATA, UNKNOWN})),
    Rule(
        SPAM,
        either(
            r"\bspam|\bjunk\b|unsolicited|black ?list|block ?list|\b(?:dns)?[rd]bl\b",
            r"blocked using|reputation|virus|malware|phish|suspicious",
            # Tencent, NetEase
            r"content denied|^(?:\d+ )?dt:spm",
            r"listed (?:at|by|in)",
        ),
    ),
    Rule(
        RECIPIENT,
        either(
            r"recipient(?:'s)? (?:e ?mail )?(?:address )?(?:is |was )?(?:\S+ )?"
            r"(?:rejected|unknown|invalid|not found|disabled|does not|doesn't)",
            r"(?:user|mailbox|account|address|recipient)(?: name)? (?:@ )?(?:is )?"
            r"(?:unknown|unavailable|not found|not exist|invalid|disabled|inactive)",
            r"(?:user|mailbox|account|address|recipient|domain) (?:@ )?"
            r"(?:does not|doesn't) exist",
            r"(?:no such|unknown|invalid) (?:local )?(?:user|mailbox|account|recipient"
            r"|address|person|domain|alias)",
            r"unrouteable|no mailbox|mailbox (?:here|not)|receiving mail",
            r"user doesn't have an? |only accepts (?:e ?mails?|mails?|messages?) from",
            r"(?:user|recipient)(?: e ?mail)?(?: address)? is marked as invalid",
        ),
        # RFC 3463 3.2, 3.3; 5.1.10, RFC 7505
        enhanced=frozenset(
            {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.1", "5.4.4"}
        ),
        stages=_RECIPIENT_SIDE,
    ),
    Rule(
        POLICY,
        either(
            r"relay(?:ing)? (?:access )?(?:not|is not)|not relay|relay denied",
            r"denied by policy|polic(?:y|ies)\b|not authenticated|access denied",
        ),
    ),
)
#: Of one mail (RFC 5321 4.5.3.1.10), not of a time.
TOO_MANY_ENHANCED = frozenset({"4.5.3", "5.5.3"})
_TOO_MANY = re.compile(
    either(
        r"too many (?:(?!failed|invalid|unknown|bad)\w+ )?recipients?\b",
        r"recipients? (?:count|limit)\b|reciplimit",
        r"number of recipients|max(?:imum)? (?:\w+ )?recipients|rcpt numbers",
        r"recipient in a separate transaction",
    )
)
_OF_A_TIME = re.compile(
    r"\b(?:daily|hourly|(?:per|this|last|an?|each) (?:day|hour|minute)|today|rate)\b"
)
_QUOTA_RULES = tuple(rule for rule in PERMANENT_RULES if rule.kind == QUOTA)
#: Temporary refusals that speak of how much we send.
QUOTA_ENHANCED = frozenset({"4.7.28"})
QUOTA_CODES = frozenset({432})
#: Nobody can sign in before the password has been changed there (RFC 4954 6).
ACCOUNT_ENHANCED = frozenset({"4.7.12"})
_MAILBOX_FULL = re.compile(_FULL)

#: What else a code at a stage means (RFC 5321 4.2.3, 4.3.2).
_DEFAULTS = {
    MAIL: (SENDER, frozenset({501, 550, 551, 553, 554})),
    RCPT: (RECIPIENT, frozenset({501, 510, 511, 550, 551, 552, 553, 554, 556})),
    DATA: (OTHER, frozenset()),
    UNKNOWN: (OTHER, frozenset()),
}

# What time or a repaired account heals: the mail itself is not refused.
_NETWORK_ERRORS = (
    ConnectionError, TimeoutError, socket.gaierror, socket.herror, ssl.SSLError,
    smtplib.SMTPServerDisconnected,
)  # fmt: skip
_NETWORK_ERRNOS = frozenset(
    {
        errno.EADDRNOTAVAIL, errno.EAGAIN, errno.EHOSTDOWN, errno.EHOSTUNREACH,
        errno.ENETDOWN, errno.ENETRESET, errno.ENETUNREACH, errno.ENOTCONN,
        errno.ETIMEDOUT,
    }
)  # fmt: skip
_ACCOUNT_ERRORS = (
    smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError,
)  # fmt: skip


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def read_refusal(exception: BaseException) -> Refusal:
    """Return what `exception`, or the one that caused it, says of the mail.

    Never raises. Reads the exceptions of smtplib and of the network, also behind an
    exception that wraps them. Connections that fail, logins that are refused and codes
    4yz are "temporary", or "quota" if the words say so: nothing is wrong with the mail.
    Of several refused recipients, the most telling refusal counts: see KINDS.
    """
    return min(read_refusals(exception), key=lambda one: KINDS.index(one.kind))


def read_refusals(exception: BaseException) -> tuple[Refusal, ...]:
    """Return the refusals in `exception`: one for each refused recipient, or one."""
    cause = next(filter(_is_telling, _chain(exception)), None)
    if cause is None:
        return (_read_text(exception),)
    if isinstance(cause, smtplib.SMTPRecipientsRefused):
        replies = _recipient_replies(cause)
        return tuple(map(_refusal, replies)) or (_read_text(cause),)
    if isinstance(cause, smtplib.SMTPResponseException):
        return (_read_response(cause),)
    return (Refusal(TEMPORARY, 0, "", _shown(_text(cause))),)


def read_by_recipient(
    exception: BaseException, recipients: Iterable[str], senders: Iterable[str] = ()
) -> dict[str, Refusal]:
    """Return what `exception` says of each of these recipients, as they were given.

    Where it speaks of some of them only, the others have their first refusal.
    `senders`: the addresses that the mail was sent as. Where the server wants a
    recipient's address to be verified, and none of theirs, our account may write to
    nobody else yet (Amazon SES, "sandbox").
    """
    recipients = list(recipients)
    strangers = set(map(normalize, recipients)) - set(map(normalize, senders))
    cause = next(filter(_is_telling, _chain(exception)), None)
    told = {}
    if isinstance(cause, smtplib.SMTPRecipientsRefused):
        told = {
            address: read_refusal(smtplib.SMTPRecipientsRefused({address: answer}))
            for address, answer in cause.recipients.items()
        }
    of_all = read_refusal(exception)
    return {
        address: _without_blame(told.get(address, of_all), strangers)
        for address in recipients
    }


def _without_blame(refusal: Refusal, strangers: set[str]) -> Refusal:
    """Return a refusal of a sender without those addresses that are no sender's."""
    if refusal.kind != SENDER or refusal.address not in strangers:
        return refusal
    named = map(normalize, _ANY_ADDRESS.findall(refusal.words))
    sender = next((one for one in named if one not in strangers), "")
    return replace(refusal, kind=SENDER if sender else ACCOUNT, address=sender)


def _chain(exception: BaseException | None) -> Iterator[BaseException]:
    """Yield the exception and what it was raised for, the outermost first."""
    for _step in range(CHAIN_LIMIT):
        if exception is None:
            return
        yield exception
        exception = exception.__cause__ or exception.__context__


def _is_telling(exception: BaseException) -> bool:
    known = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
    if isinstance(exception, (*known, *_NETWORK_ERRORS)):
        return True
    return isinstance(exception, OSError) and exception.errno in _NETWORK_ERRNOS


def _recipient_replies(exception: smtplib.SMTPRecipientsRefused) -> list[_Reply]:
    recipients = getattr(exception, "recipients", None)
    if not isinstance(recipients, dict):
        return []
    return [
        _Reply(RCPT, _code(answer[0]), _decoded(answer[1]), normalize(str(address)))
        for address, answer in list(recipients.items())[:RECIPIENTS_LIMIT]
        if isinstance(answer, tuple) and len(answer) == 2
    ]


def _read_response(exception: smtplib.SMTPResponseException) -> Refusal:
    code = _code(getattr(exception, "smtp_code", 0))
    text = _decoded(getattr(exception, "smtp_error", ""))
    if isinstance(exception, _ACCOUNT_ERRORS):
        kind = _temporary_kind(_Reply(UNKNOWN, code, text))
        return Refusal(kind, code, _Reply(UNKNOWN, code, text).enhanced, _shown(text))
    stage, address = UNKNOWN, ""
    if isinstance(exception, smtplib.SMTPSenderRefused):
        stage, address = MAIL, normalize(str(getattr(exception, "sender", "")))
    elif isinstance(exception, smtplib.SMTPDataError):
        stage = DATA
    return _refusal(_Reply(stage, code, text, address))


def _read_text(exception: BaseException) -> Refusal:
    """Return what the text of another exception says, if it quotes an answer."""
    text = _text(exception)
    code = _CODE.search(text)
    if not code:
        return Refusal(OTHER, 0, "", _shown(text))
    return _refusal(_Reply(UNKNOWN, int(code[1]), text))


def _text(exception: BaseException) -> str:
    return str(exception)[:READ_LIMIT] or type(exception).__name__


def _code(value: object) -> int:
    return value if isinstance(value, int) and 200 <= value <= 599 else 0


def _decoded(value: object) -> str:
    if isinstance(value, bytes):
        return decode_bytes(value[:READ_LIMIT])
    return str(value)[:READ_LIMIT]


def _shown(text: str) -> str:
    return " ".join(single_line(text).split())[:WORDS_LIMIT]


# ------------------------------------------------------------
# JUDGING
# ------------------------------------------------------------


def _refusal(reply: _Reply) -> Refusal:
    permanent = 500 <= reply.code <= 599
    kind = _permanent_kind(reply) if permanent else _temporary_kind(reply)
    address = _sender_in(reply) if kind == SENDER else reply.address
    return Refusal(kind, reply.code, reply.enhanced, _shown(reply.text), address)


def _permanent_kind(reply: _Reply) -> str:
    told = _comparable(reply.text)
    if _has_too_many(reply, told):
        return TOO_MANY
    rule = next((one for one in PERMANENT_RULES if one.matches(reply, told)), None)
    if rule:
        return rule.kind
    kind, codes = _DEFAULTS[reply.stage]
    if kind != SENDER and reply.enhanced.startswith("5.7."):
        return POLICY
    return kind if reply.code in codes else OTHER


def _temporary_kind(reply: _Reply) -> str:
    """Return the kind of a 4yz, which may be tried again unchanged (RFC 5321 4.2.1)."""
    told = _comparable(reply.text)
    if _has_too_many(reply, told):
        return TOO_MANY
    if reply.enhanced in ACCOUNT_ENHANCED:
        return ACCOUNT
    if reply.enhanced in QUOTA_ENHANCED or reply.code in QUOTA_CODES:
        return QUOTA
    if reply.enhanced == "4.2.2" or _MAILBOX_FULL.search(told):
        return TEMPORARY
    if re.search(_NOT_OURS, told) and not re.search(_RESTRICTED, told):
        return ACCOUNT
    about_us = any(rule.matches(reply, told) for rule in _QUOTA_RULES)
    return QUOTA if about_us else TEMPORARY


def _has_too_many(reply: _Reply, told: str) -> bool:
    """Tell whether the server takes fewer recipients of one mail than this one has."""
    if reply.stage not in _RECIPIENT_SIDE or _OF_A_TIME.search(told):
        return False
    return reply.enhanced in TOO_MANY_ENHANCED or bool(_TOO_MANY.search(told))


def _comparable(text: str) -> str:
    plain = _ANY_ADDRESS.sub("@", text.lower()).replace("<@>", "@")
    return " ".join(_ENHANCED.sub(" ", plain).replace("-", " ").split())


def _sender_in(reply: _Reply) -> str:
    """Return the refused sender: as given at MAIL FROM, else as the server names it."""
    named = (pattern.search(reply.text) for pattern in _SENDER_ADDRESSES)
    found = [normalize(match[1]) for match in named if match]
    if reply.stage == MAIL:
        return reply.address or next(iter(found), "")
    return next((one for one in found if one and one != reply.address), "")
