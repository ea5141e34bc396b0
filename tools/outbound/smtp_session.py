"""One authenticated connection to a mail server that carries the mails of many
authors, and knows of each mail how far it came (RFC 5321).

A mail whose dialogue breaks before the final dot was not taken. One whose dialogue
breaks between the dot and the answer may have been taken: nobody knows (RFC 1047).
"""

import re
import smtplib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import Message
from socket import socket
from typing import Any

from ..runtime.checkpoints import reached

#: With more recipients the commands of a mail go out one by one: both sides must be
#: able to write all of theirs before the other reads (RFC 2920 3.1).
PIPELINED_RECIPIENTS = 50
#: A connection that was idle for longer (s) is asked whether it still lives.
IDLE_SECONDS = 20

#: How far the mail at hand came: not to the final dot, there without an answer that
#: was noted, or answered.
BEFORE, SENT, ANSWERED = "before", "sent", "answered"

#: A reply of the server: (code, words).
Reply = tuple[int, bytes]
#: What a server refused: {recipient: reply}.
Refused = dict[str, Reply]

_LONE_LINE_END = re.compile(rb"\r\n|\n|\r(?!\n)")
_LEADING_DOT = re.compile(rb"(?m)^\.")


class Handover:
    """Is told of the steps of a mail that nothing can take back; does nothing."""

    def begins(self, recipients: list[str]) -> None:
        """The server has agreed to these recipients and gets the mail next.

        An exception here keeps it from getting it.
        """

    def taken(self) -> None:
        """The server has taken the mail."""

    def not_taken(self) -> None:
        """The server has refused the mail, or never got all of it."""

    def unknown(self) -> None:
        """The server got all of the mail, and its answer never came."""


class SharedSession:
    """Stands for a connection that `connect` makes when the first mail needs it.

    It is made anew after `limit` mails (0: never), and when the server hangs up
    between two mails. After each mail `stage`, `sender`, and `refused` ({recipient:
    (code, words)}, as smtplib has it) tell of it. `logins` counts the connections.
    """

    def __init__(self, connect: Callable[[], smtplib.SMTP], limit: int = 0) -> None:
        self._connect = connect
        self._limit = limit
        self._connection: smtplib.SMTP | None = None
        self._carried = 0
        self._last_use = 0.0
        self._recipients: list[str] = []
        # Of a mail whose commands are under way: whose answers are still to come.
        self._asked: list[str] = []
        self._is_asked = False
        self.handover = Handover()
        self.logins = 0
        self.stage = BEFORE
        self.sender = ""
        self.refused: dict[str, tuple[int, bytes]] = {}

    def open(self) -> bool:
        """Make sure that there is a connection and tell whether it is a new one.

        Raises what `connect` raises.
        """
        if self._connection is not None and self._is_spent():
            self.close()
        if self._connection is not None:
            return False
        self._connection = self._connect()
        # Its own methods would do each of these steps by itself.
        replaced: Any = self._connection
        replaced.mail, replaced.rcpt, replaced.data = self._mail, self._rcpt, self._data
        self._carried = 0
        self._last_use = time.monotonic()
        self.logins += 1
        return True

    @property
    def sock(self) -> socket | None:
        """The socket of the connection; None without one."""
        return getattr(self._connection, "sock", None)

    def has_extn(self, name: str) -> bool:
        """Tell whether the server offers an extension; False without a connection."""
        connection = self._connection
        return connection is not None and connection.has_extn(name)

    def send_message(
        self, message: Message, from_addr: str, to_addrs: str | Sequence[str]
    ) -> Refused:
        """Send a mail and return the refused recipients, as smtplib does.

        A connection that turns out to be dead is made anew, once, unless the server may
        have taken the mail. Raises smtplib.SMTPException and OSError as smtplib does.
        """
        self.stage, self.sender, self.refused = BEFORE, from_addr, {}
        is_new = self.open()
        try:
            return self._carry(message, from_addr, to_addrs)
        except smtplib.SMTPException as error:
            if is_new or self._is_connected() or self.stage == SENT:
                raise
            if not _is_of_connection(error):
                raise
        self.stage = BEFORE
        self.close()
        self.open()
        return self._carry(message, from_addr, to_addrs)

    def quit(self) -> None:
        """Stay connected: others may have mails for this server, too."""

    def close(self) -> None:
        """Take leave of the server."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()

    # ------------------------------------------------------------
    # ONE MAIL
    # ------------------------------------------------------------

    def _carry(
        self, message: Message, from_addr: str, to_addrs: str | Sequence[str]
    ) -> Refused:
        self._recipients = []
        self._asked = [to_addrs] if isinstance(to_addrs, str) else list(to_addrs)
        self._carried += 1
        try:
            refused = self._open_connection.send_message(message, from_addr, to_addrs)
        finally:
            self._last_use = time.monotonic()
        self.refused = refused or {}
        return self.refused

    def _mail(self, sender: str, options: Sequence[str] = ()) -> Reply:
        """Begin a mail and return the server's reply to MAIL FROM.

        A server that reads ahead is told of the recipients and of DATA at once (RFC
        2920): one round trip instead of one for each.
        """
        connection = self._open_connection
        self._is_asked = self._reads_ahead()
        if not self._is_asked:
            return smtplib.SMTP.mail(connection, sender, options)
        with _collected(connection) as commands:
            smtplib.SMTP.mail(connection, sender, options)
            for recipient in self._asked:
                smtplib.SMTP.rcpt(connection, recipient)
            connection.putcmd("data")
        connection.send("".join(commands))
        code, words = connection.getreply()
        if code not in (250, 421):
            self._read_on()
        return code, words

    def _rcpt(self, recipient: str, options: Sequence[str] = ()) -> Reply:
        if self._is_asked:
            self._asked.remove(recipient)
            code, words = self._open_connection.getreply()
        else:
            code, words = smtplib.SMTP.rcpt(self._open_connection, recipient, options)
        if code in (250, 251):
            self._recipients.append(recipient)
        elif code != 421 and self._is_asked and not (self._asked or self._recipients):
            self._read_on()
        return code, words

    def _read_on(self) -> None:
        """Read the replies to the commands of a mail that is over already.

        A server that waits for its content all the same gets none: the connection ends,
        as a dot alone might be an empty mail to somebody. A server that hangs up now
        has said before why.
        """
        with suppress(smtplib.SMTPServerDisconnected):
            for _recipient in self._asked:
                self._open_connection.getreply()
            if self._open_connection.getreply()[0] == 354:
                self._open_connection.close()

    def _data(self, message: bytes | str) -> Reply:
        if self._is_asked:
            code, words = self._open_connection.getreply()
        else:
            code, words = self._open_connection.docmd("data")
        if code != 354:
            raise smtplib.SMTPDataError(code, words)
        try:
            self.handover.begins(self._recipients)
            reached("handing_over")
        except BaseException:
            # Without the final dot the server forgets the mail.
            self._open_connection.close()
            raise
        return self._finish(_stuffed(message))

    def _finish(self, content: bytes) -> Reply:
        """Send what DATA announced, and return the one reply that counts."""
        try:
            self._open_connection.send(content)
        except smtplib.SMTPServerDisconnected:
            self.handover.not_taken()
            raise
        self.stage = SENT
        try:
            code, words = self._open_connection.getreply()
        except smtplib.SMTPServerDisconnected:
            self.handover.unknown()
            raise
        if code == 250:
            reached("taken")
            self.handover.taken()
        else:
            self.handover.not_taken()
        self.stage = ANSWERED
        return code, words

    # ------------------------------------------------------------
    # THE CONNECTION
    # ------------------------------------------------------------

    @property
    def _open_connection(self) -> smtplib.SMTP:
        """The connection that the mail at hand goes over."""
        if self._connection is None:
            raise smtplib.SMTPServerDisconnected("no connection is open")
        return self._connection

    def _reads_ahead(self) -> bool:
        pipelining = self._open_connection.has_extn("pipelining")
        return pipelining and 0 < len(self._asked) <= PIPELINED_RECIPIENTS

    def _is_connected(self) -> bool:
        # smtplib forgets the socket of a connection that broke, or was hung up with
        # 421 (RFC 5321 3.8).
        return getattr(self._connection, "sock", self) is not None

    def _is_spent(self) -> bool:
        if self._limit and self._carried >= self._limit:
            return True
        return time.monotonic() - self._last_use > IDLE_SECONDS and not self._answers()

    def _answers(self) -> bool:
        try:
            return self._open_connection.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False


def _is_of_connection(error: smtplib.SMTPException) -> bool:
    """Tell whether it says nothing of the mail: the server hung up, be it with 421."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == 421 for code, _words in error.recipients.values())
    return getattr(error, "smtp_code", 421) == 421


@contextmanager
def _collected(connection: Any) -> Iterator[list[str]]:
    """Yield a list that gets what the block would send, which takes any answer."""
    commands: list[str] = []
    connection.send, connection.getreply = commands.append, lambda: (250, b"")
    try:
        yield commands
    finally:
        del connection.send, connection.getreply


def _stuffed(message: bytes | str) -> bytes:
    """Return the mail as DATA wants it: CRLF, dots doubled, the final dot (4.5.2)."""
    if isinstance(message, str):
        message = message.encode("ascii")
    lines = _LEADING_DOT.sub(b"..", _LONE_LINE_END.sub(b"\r\n", message))
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"
