"""The name with which we greet a mail server, and what it says to that (RFC 5321
4.1.1.1).

smtplib takes the name of the machine, or an address literal where that is not
qualified, and some servers talk to neither. Core leaves no place to say another one, as
it makes the connection and begins TLS in one step; so the greeting itself asks for it.
"""

import re
import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

#: Names that nobody outside knows (RFC 6761, RFC 6762, RFC 8375, and habits).
PRIVATE = (
    "localdomain", "local", "lan", "home", "internal", "intranet", "arpa", "invalid",
    "test", "example", "localhost",
)  # fmt: skip

# STARTTLS begins anew with the greeting, in the same session.
_MARK = "catchall_is_prepared"
_WELCOME = range(200, 300)
_FQDN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
)

#: Takes a session that was not used yet.
Prepare = Callable[[smtplib.SMTP], None]

_name: ContextVar[str] = ContextVar("mail_catchall_router_greeting", default="")
_prepare: ContextVar[Prepare | None] = ContextVar(
    "mail_catchall_router_prepare", default=None
)


@contextmanager
def greeting_as(name: str, prepare: Prepare | None = None) -> Iterator[None]:
    """Greet mail servers with this name within the block; "": as smtplib does.

    `prepare` gets each session before its greeting.
    """
    tokens = _name.set(name), _prepare.set(prepare)
    try:
        yield
    finally:
        _name.reset(tokens[0])
        _prepare.reset(tokens[1])


def is_name(name: str) -> bool:
    """Tell whether it is a qualified name of a host (RFC 1123 2.1)."""
    return len(name) <= 253 and bool(_FQDN.fullmatch(name.lower()))


def own_name(domain: str) -> str:
    """Return the name of this machine if it is qualified, else `domain`."""
    name = socket.getfqdn().rstrip(".").lower()
    is_public = is_name(name) and name.rpartition(".")[2] not in PRIVATE
    return name if is_public else domain


def _greet(session: smtplib.SMTP) -> None:
    """Greet a server that was not greeted yet.

    :raises smtplib.SMTPHeloError: with the server's own words, also where it hangs up
    """
    name, prepare = _name.get(), _prepare.get()
    is_greeted = session.ehlo_resp is not None or session.helo_resp is not None
    if prepare and not is_greeted and not hasattr(session, _MARK):
        setattr(session, _MARK, True)
        prepare(session)
    if not name:
        _greet_as_smtplib(session)
        return
    if is_greeted:
        return
    session.local_hostname = name
    code, words = session.ehlo()
    if code not in (*_WELCOME, 421):
        # Who hangs up now has said before why.
        with suppress(smtplib.SMTPServerDisconnected):
            code, words = session.helo()
    if code not in _WELCOME:
        raise smtplib.SMTPHeloError(code, words)


_greet_as_smtplib: Callable[[smtplib.SMTP], None] = smtplib.SMTP.ehlo_or_helo_if_needed
# Every connection is greeted by this one method; without a name nothing changes.
_smtp: Any = smtplib.SMTP
_smtp.ehlo_or_helo_if_needed = _greet
