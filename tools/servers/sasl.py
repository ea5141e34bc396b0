"""Signing in with names and passwords of any letters (RFC 4616, RFC 4954).

smtplib and imaplib take ASCII only, and put the whole password into the exception that
says so. SASL PLAIN is UTF-8; LOGIN, which has no standard, is taken for UTF-8, too.
"""

import base64
import imaplib
import poplib
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .diagnosis import masked

#: Signed in; or signed in already.
_WELCOME = (235, 503)
_BY_TOKEN = ("XOAUTH2", "OAUTHBEARER")
_LIBRARY_ERRORS = (
    imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPResponseException, ValueError,
)  # fmt: skip


def login_smtp(session: smtplib.SMTP, user: str, password: str) -> bool:
    """Sign in in UTF-8; False where the server offers no way to.

    :raises smtplib.SMTPAuthenticationError: where it refuses
    """
    session.ehlo_or_helo_if_needed()
    offered = session.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, words = session.docmd("AUTH", f"PLAIN {_base64(_plain(user, password))}")
    elif "LOGIN" in offered:
        code, words = session.docmd("AUTH", f"LOGIN {_base64(user.encode())}")
        if code == 334:
            code, words = session.docmd(_base64(password.encode()))
    else:
        return False
    if code not in _WELCOME:
        raise smtplib.SMTPAuthenticationError(code, words)
    return True


def login_imap(session: imaplib.IMAP4, user: str, password: str) -> bool:
    """Sign in in UTF-8; False where the server offers no way to.

    :raises imaplib.IMAP4.error: where it refuses
    """
    if "AUTH=PLAIN" not in session.capabilities:
        return False
    session.authenticate("PLAIN", lambda _challenge: _plain(user, password))
    return True


def heed(session: smtplib.SMTP) -> None:
    """Let the session raise what the server has against a token (RFC 7628 3.2.3).

    Core sends a token and takes no notice of the reply; the mail would be refused in
    the account's place, or be taken for the answer that the server waits for.
    """
    replaced: Any = session
    docmd = session.docmd

    def docmd_heeding(cmd: str, args: str = "") -> tuple[int, bytes]:
        code, words = docmd(cmd, args)
        if cmd.upper() != "AUTH" or args.partition(" ")[0].upper() not in _BY_TOKEN:
            return code, words
        if code == 334:
            # It says in JSON what it wants; the refusal comes after an empty line.
            code, words = docmd("")
        if code in _WELCOME:
            return code, words
        if code // 100 == 4:
            raise smtplib.SMTPResponseException(code, words)
        raise smtplib.SMTPAuthenticationError(code, words)

    replaced.docmd = docmd_heeding


@contextmanager
def kept_secret(*secrets: str) -> Iterator[None]:
    """Take passwords out of what is raised within the block: a server may echo them,
    and a library may quote them."""
    try:
        yield
    except _LIBRARY_ERRORS as error:
        error.args = tuple(_masked(part, secrets) for part in error.args)
        if isinstance(error, smtplib.SMTPResponseException):
            error.smtp_error = _masked(error.smtp_error, secrets)
        raise


@contextmanager
def unheard(session: smtplib.SMTP) -> Iterator[None]:
    """Keep the dialogue within the block out of the log that core makes of it."""
    level = getattr(session, "debuglevel", 0)
    session.set_debuglevel(0)
    try:
        yield
    finally:
        session.set_debuglevel(level)


def _plain(user: str, password: str) -> bytes:
    return f"\0{user}\0{password}".encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _masked(part: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(part, bytes):
        return masked(part.decode("utf-8", "replace"), secrets).encode()
    return masked(part, secrets) if isinstance(part, str) else part
