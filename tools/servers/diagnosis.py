"""What went wrong between us and a mail server, in the server's own words."""

import base64
import errno
import imaplib
import poplib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..mail.text import decode_bytes, single_line
from .imap import MailboxError

KINDS = (
    "unknown_host",
    "refused",
    "timeout",
    "busy",
    "authentication",
    "certificate",
    "plain_on_tls",
    "tls_on_plain",
    "disconnected",
    "folder",
    "other",
)
#: Longest words shown.
MAX_WORDS = 500
#: Of base64, what is shorter may be anything.
SHORTEST = 8

_UNREACHABLE = {
    errno.ECONNREFUSED,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EADDRNOTAVAIL,
}
_CUT = {errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ESHUTDOWN}
_NOT_TLS = re.compile(
    r"WRONG_VERSION_NUMBER|UNEXPECTED_EOF|UNKNOWN_PROTOCOL|HTTP_REQUEST"
    r"|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|EOF occurred|closed \(EOF\)",
    re.IGNORECASE,
)
# A TLS alert or handshake record where a greeting was due (RFC 8446 5.1).
_TLS_RECORD = re.compile(r"^\W*[\x15\x16]\x03|\\x1[56]\\x03")
# The server takes no login at the moment, whoever it is: RFC 5530 3, RFC 2449 8, RFC
# 3206 4, and what servers write where too many connections are open.
_BUSY = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|IN-USE|LOGIN-DELAY|SYS/TEMP)\]"
    r"|too many (?:\w+ ){0,3}(?:connections|sessions|logins)"
    r"|(?:maximum|max\.?) (?:number of )?(?:\w+ )?(?:connections|sessions)"
    r"|temporar(?:y|ily) (?:\w+ )?(?:failure|error|problem|unavailable)"
    r"|(?:connection|rate) limit",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|LOGINDISABLED|PRIVACYREQUIRED"
    r"|available under a layer|plain ?text login"
    r"|\[AUTH\]|authenticat|credential|log-?in (?:failed|failure|incorrect|invalid"
    r"|denied|is disabled)|password|username|SMTP AUTH extension",
    re.IGNORECASE,
)
_FOLDER = re.compile(
    r"NONEXISTENT|TRYCREATE|CANNOT\]|(?:does ?n.t|not) exist"
    r"|(?:unknown|no such|invalid) (?:mailbox|folder)|(?:mailbox|folder) not found"
    r"|not writable",
    re.IGNORECASE,
)
_TIMED_OUT = re.compile(r"timed? ?-?out", re.IGNORECASE)
_GONE = re.compile(
    r"EOF|BYE|connection (?:unexpectedly )?closed|socket error|connection reset"
    r"|not connected|run connect",
    re.IGNORECASE,
)
_BYTES_TEXT = re.compile(r"""\[?\bb(['"])(.*?)\1\]?""")
_SOURCE_LINE = re.compile(r"\s*\(_ssl\.c:\d+\)")
_LIBRARY_PREFIX = re.compile(r"^(?:[A-Z]+ )?command error: (?:BAD|NO) ")
_ECHO = re.compile(
    r"\b(PASS\s+|LOGIN\s+\S+@\S+\s+|LOGIN\s+\"[^\"]*\"\s+"
    r"|AUTH(?:ENTICATE)?\s+(?:PLAIN|LOGIN|XOAUTH2)\s+)(?:\"[^\"]*\"|\S+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Diagnosis:
    """What kind of failure it was, one of KINDS, and the server's own words."""

    kind: str
    words: str


def diagnose(exception: BaseException, secrets: Iterable[str] = ()) -> Diagnosis:
    """Return what an exception of imaplib, poplib, smtplib, ssl or socket means.

    The causes of a wrapping exception are looked at, too. `secrets`, such as the
    password, never appear in the words, in clear or in base64. Never raises.

    A plain connection to a TLS port usually shows as `timeout`, as both sides wait
    for the other's first word; `check_port` tells the two apart.
    """
    chain = list(_chain(exception))
    for link in chain:
        kind = _kind(link)
        if kind != "other":
            return Diagnosis(kind, _words(link, secrets))
    return Diagnosis("other", _words(chain[0], secrets))


def check_port(
    host: str,
    port: int,
    timeout: float = 5.0,
    *,
    tls_first: bool = False,
    at: str = "",
) -> str:
    """Return what listens there: "tls", "plain", "silent" or "closed".

    Silent accepts and says nothing; closed is nothing that can be reached. Never
    raises; takes at most about twice `timeout` seconds.

    `tls_first` doesn't wait for a greeting, and so is quick where TLS is likely.
    `at`: the network address of the host, if it is known already.
    """
    try:
        with socket.create_connection((at or host, port), timeout) as connection:
            greeting = "" if tls_first else _greeting(connection)
            return greeting or _handshake(connection, host)
    except (OSError, ValueError, OverflowError):
        return "closed"


# ------------------------------------------------------------
# KIND
# ------------------------------------------------------------


def _chain(exception: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what caused it, outermost first."""
    seen: set[int] = set()
    link: BaseException | None = exception
    while link is not None and id(link) not in seen and len(seen) < 20:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _kind(exception: BaseException) -> str:
    if isinstance(exception, ssl.SSLError):
        return _ssl_kind(exception)
    if isinstance(exception, (socket.gaierror, socket.herror, UnicodeError)):
        return "unknown_host"
    if isinstance(exception, smtplib.SMTPException):
        return _smtp_kind(exception)
    if isinstance(exception, OSError):
        return _socket_kind(exception)
    if isinstance(exception, MailboxError):
        return "folder" if _FOLDER.search(str(exception)) else _spoken_kind(exception)
    if isinstance(exception, (imaplib.IMAP4.error, poplib.error_proto)):
        return _spoken_kind(exception)
    return "refused" if isinstance(exception, OverflowError) else "other"


def _ssl_kind(exception: ssl.SSLError) -> str:
    if isinstance(exception, ssl.SSLCertVerificationError):
        return "certificate"
    text = f"{getattr(exception, 'reason', '')} {exception}"
    if _NOT_TLS.search(text):
        return "tls_on_plain"
    if "CERTIFICATE" in text.upper():
        return "certificate"
    return "timeout" if _TIMED_OUT.search(text) else "other"


def _smtp_kind(exception: smtplib.SMTPException) -> str:
    refusals = (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError)
    if isinstance(exception, refusals):
        # RFC 4954 4.7.0: 454 is a temporary failure, whatever the password.
        is_for_now = 400 <= getattr(exception, "smtp_code", 0) < 500
        return "busy" if is_for_now else "authentication"
    return _spoken_kind(exception)


def _socket_kind(exception: OSError) -> str:
    if isinstance(exception, TimeoutError) or exception.errno == errno.ETIMEDOUT:
        return "timeout"
    if exception.errno in _UNREACHABLE:
        return "refused"
    if exception.errno in _CUT or isinstance(exception, ConnectionError):
        return "disconnected"
    return "timeout" if _TIMED_OUT.search(str(exception)) else "other"


def _spoken_kind(exception: BaseException) -> str:
    """Return the kind by the words: some libraries have one exception for all."""
    text = _raw_words(exception)
    if _TLS_RECORD.search(text):
        return "plain_on_tls"
    if _TIMED_OUT.search(text):
        return "timeout"
    if _BUSY.search(text):
        return "busy"
    if _LOGIN.search(text):
        return "authentication"
    gone = (imaplib.IMAP4.abort, smtplib.SMTPServerDisconnected)
    if isinstance(exception, gone) or _GONE.search(text):
        return "disconnected"
    return "other"


# ------------------------------------------------------------
# WORDS
# ------------------------------------------------------------


def _raw_words(exception: BaseException) -> str:
    if isinstance(exception, smtplib.SMTPRecipientsRefused):
        answers = list(exception.recipients.values())
        return " ".join(_plain(part) for part in (answers[0] if answers else ()))
    if isinstance(exception, smtplib.SMTPResponseException):
        code = exception.smtp_code if exception.smtp_code > 0 else ""
        return f"{code} {_plain(exception.smtp_error)}".strip()
    if isinstance(exception, OSError) and exception.strerror:
        return str(exception.strerror)
    if isinstance(exception, UnicodeError):
        # Its arguments are the whole text, which may be a password.
        return getattr(exception, "reason", "") or str(exception)
    return " ".join(map(_plain, exception.args)) or type(exception).__name__


def _plain(part: object) -> str:
    return decode_bytes(part) if isinstance(part, bytes) else str(part)


def _words(exception: BaseException, secrets: Iterable[str]) -> str:
    text = _LIBRARY_PREFIX.sub("", _raw_words(exception)[: 10 * MAX_WORDS])
    text = _SOURCE_LINE.sub("", _BYTES_TEXT.sub(r"\2", text)).removeprefix("-ERR")
    text = masked(text, secrets)
    text = " ".join(single_line(_ECHO.sub(r"\1***", text)).split())
    return text[:MAX_WORDS]


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return the text without passwords, in clear or as the parts of a dialogue."""
    for secret in secrets:
        for spelling in _spellings(secret) if secret else ():
            text = text.replace(spelling, "***")
    return text


def _spellings(secret: str) -> Iterator[str]:
    data = secret.encode("utf-8", "replace")
    yield secret
    yield secret.replace("\\", "\\\\").replace('"', '\\"')
    # In base64 it stands behind the user's name, so at one of three places of a byte.
    for lead, shared in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(bytes(lead) + data).decode("ascii").rstrip("=")
        if len(encoded) - shared >= SHORTEST or not lead:
            yield encoded[shared:]


# ------------------------------------------------------------
# PROBE
# ------------------------------------------------------------


def _greeting(connection: socket.socket) -> str:
    """Return what the server says by itself: a mail server without TLS speaks first."""
    try:
        first = connection.recv(64)
    except TimeoutError:
        return ""
    if not first:
        return "silent"
    return "tls" if first[:2] in (b"\x15\x03", b"\x16\x03") else "plain"


def _handshake(connection: socket.socket, host: str) -> str:
    """Return what a silent server speaks; its certificate does not matter."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.wrap_socket(connection, server_hostname=host).close()
    except (TimeoutError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        # Some Pythons, Debian 12's among them, take an end without a word for a close.
        return "silent"
    except ssl.SSLError as error:
        return "plain" if _NOT_TLS.search(str(error)) else "tls"
    except OSError:
        return "silent"
    return "tls"
