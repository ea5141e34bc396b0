"""A provider in front of the sandbox's one that hangs up when a test says so.

It speaks without TLS to the client and with TLS to the mail server, so that it sees
which command it is at.
"""

import contextlib
import socket
import ssl
import threading

#: Where it may hang up: at the command, or when the server got all of the mail but the
#: client not yet the answer.
AT_MAIL, AFTER_DOT = "MAIL FROM", "."


class SmtpProxy:
    """Passes mail on to the server's port, and hangs up at some of the mails."""

    def __init__(self, target, *, at=AT_MAIL, every=0):
        self.target = target
        self.at = at
        self.every = every
        self.mails = 0
        self.hung_up = 0
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        """Take no connections any more."""
        self._listener.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        with contextlib.suppress(OSError), client:
            upstream = socket.create_connection(("127.0.0.1", self.target), 10)
            with self._context.wrap_socket(upstream) as server:
                server.settimeout(None)
                self._dialogue(client.makefile("rb"), client, server)

    def _dialogue(self, lines, client, server):
        """Pass each line on, and its answer back; SMTP without pipelining is so."""
        answers = server.makefile("rb")
        client.sendall(_answer(answers))
        in_data = False
        for line in lines:
            is_mail = not in_data and line.upper().startswith(b"MAIL FROM")
            self.mails += is_mail
            is_due = bool(self.every) and self.mails % self.every == 0
            if is_due and self.at == AT_MAIL and is_mail:
                break
            server.sendall(line)
            if in_data and line != b".\r\n":
                continue
            answer = _answer(answers)
            if is_due and self.at == AFTER_DOT and in_data:
                break
            in_data = answer.startswith(b"354")
            client.sendall(answer)
            if not answer or answer.startswith(b"221"):
                return
        else:
            return
        self.hung_up += 1


def _answer(answers):
    """Read one answer, which may have several lines (RFC 5321 4.2.1)."""
    found = b""
    while line := answers.readline():
        found += line
        if line[3:4] != b"-":
            break
    return found
