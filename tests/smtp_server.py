"""An SMTP server on a port of this machine that says what a test lets it say."""

import contextlib
import re
import socketserver
import threading
from dataclasses import dataclass, field


@dataclass
class Letter:
    """One mail as the server took it."""

    sender: str
    recipients: list
    content: bytes


@dataclass
class SmtpServer:
    """Takes mail, and what a test says against it.

    ``rules`` are (words a line begins with, answer); the first that fits answers, and
    the answer None hangs up. ``DATA.`` stands for the end of a mail. ``once`` are rules
    that go with their first use. ``extensions`` are offered beside AUTH.
    ``most_recipients`` is (number, RCPT or DATA., answer to more); ``refusals`` counts
    these.
    """

    rules: list = field(default_factory=list)
    once: list = field(default_factory=list)
    letters: list = field(default_factory=list)
    greetings: list = field(default_factory=list)
    logins: int = 0
    connections: int = 0
    port: int = 0
    extensions: tuple = ()
    most_recipients: tuple = ()
    refusals: int = 0

    def count(self, place, recipients, usual):
        """Return the answer to so many recipients at this place."""
        if self.most_recipients and usual and usual.startswith("250"):
            most, where, answer = self.most_recipients
            if place == where and recipients > most:
                self.refusals += 1
                return answer
        return usual

    def refuse(self, begin, answer):
        """Answer lines that begin so from now on."""
        self.rules.append((begin, answer))

    def refuse_once(self, begin, answer):
        """Return the next line that begins so."""
        self.once.append((begin, answer))

    def judge(self, line, usual):
        """Return a line: as a rule says, else as usual."""
        for rules in (self.once, self.rules):
            for rule in rules:
                if line.upper().startswith(rule[0].upper()):
                    if rules is self.once:
                        rules.remove(rule)
                    return rule[1]
        return usual


class _Dialogue(socketserver.StreamRequestHandler):
    def say(self, answer):
        """Answer; tell whether the talk goes on."""
        if answer is None:
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return not answer.startswith("421")

    def handle(self):
        smtp = self.server.smtp
        smtp.connections += 1
        self.sender, self.recipients = "", []
        going = self.say(smtp.judge("GREETING", "220 test ESMTP"))
        while going and (line := self.rfile.readline()):
            going = self.answer(smtp, line.decode().strip())

    def answer(self, smtp, line):
        command = line.split(" ")[0].upper()
        if command == "EHLO":
            smtp.greetings.append(line.partition(" ")[2])
            lines = [f"250-{one}" for one in ("test", *smtp.extensions)]
            usual = "\r\n".join([*lines, "250 AUTH PLAIN LOGIN"])
            return self.say(smtp.judge(line, usual))
        if command == "AUTH":
            smtp.logins += 1
            return self.say(smtp.judge(line, "235 2.7.0 Welcome"))
        if command == "DATA":
            return self.take(smtp)
        answer = smtp.judge(line, "250 2.0.0 OK")
        if command == "RCPT":
            answer = smtp.count(command, len(self.recipients) + 1, answer)
        if command == "QUIT":
            self.say("221 2.0.0 Bye")
            return False
        if answer and answer.startswith("250"):
            self.note(command, line)
        return self.say(answer)

    def note(self, command, line):
        address = (re.findall("<(.*?)>", line) or [""])[0]
        if command == "MAIL":
            self.sender, self.recipients = address, []
        elif command == "RCPT":
            self.recipients.append(address)
        elif command == "RSET":
            self.sender, self.recipients = "", []

    def take(self, smtp):
        answer = smtp.judge("DATA", "354 Go ahead")
        if answer is None or not answer.startswith("354"):
            return self.say(answer)
        self.say(answer)
        content = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False  # the client left in the middle
            content += line
        answer = smtp.judge("DATA.", "250 2.0.0 Taken")
        answer = smtp.count("DATA.", len(self.recipients), answer)
        if answer is None or answer.startswith("250"):
            smtp.letters.append(Letter(self.sender, self.recipients, content))
        return self.say(answer)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing: broken connections are what these tests are about."""


@contextlib.contextmanager
def smtp_server():
    """Give an ``SmtpServer`` that listens."""
    with _Server(("127.0.0.1", 0), _Dialogue) as server:
        server.smtp = SmtpServer(port=server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        try:
            yield server.smtp
        finally:
            server.shutdown()
