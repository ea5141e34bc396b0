"""One connection to a mail server, taken over from ``imaplib`` after the login."""

import contextlib
import socket
import ssl

from ..tools.servers import idle

READ_AT_ONCE = 16 * 1024
#: So that a server that talks without end leaves time for the others.
READS_IN_A_ROW = 8
#: Seconds of silence after which the kernel asks whether the other side still lives.
KEEP_ALIVE = 120

WAITS = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """A socket that never blocks, and the session that is spoken over it.

    :param line: ``fetchmail_server_listen.Line``
    """

    def __init__(self, line, now):
        self.session = idle.Session(now, exists=line.exists, can_idle=line.can_idle)
        self.has_more = False
        self._connection = line.connection
        self.socket = line.connection.sock
        self._keep_alive()
        self.socket.setblocking(False)

    def _keep_alive(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_ALIVE)

    def hear(self, now):
        """Take what has come; return the list of events."""
        events = []
        try:
            for _time in range(READS_IN_A_ROW):
                data = self.socket.recv(READ_AT_ONCE)
                if not data:
                    return events + self.session.end("The connection was closed.")
                events += self.session.receive(data, now)
        except WAITS:
            self.has_more = False
        except OSError as error:
            return events + self.session.end(str(error))
        else:
            # What TLS has decrypted already, no selector knows of.
            self.has_more = True
        return events + self.send()

    def tick(self, now):
        """Do what is due; return the list of events."""
        return self.session.tick(now) + self.send()

    def send(self):
        """Send what waits; what doesn't go now, goes with the next call. Answer the
        list of events."""
        output = self.session.output
        try:
            while output:
                del output[: self.socket.send(bytes(output))]
        except WAITS:
            return []
        except OSError as error:
            return self.session.end(str(error))
        return []

    def close(self):
        """Say good-bye as far as it goes without waiting, and close."""
        with contextlib.suppress(OSError):
            self.socket.send(self.session.farewell())
        with contextlib.suppress(OSError):
            self._connection.shutdown()
