"""What the tests of the interop matrix share: a mailbox on another mail server."""

import email
import email.policy
import importlib
import select
import sys
import time

from test_collect import Mailbox

from harness import wait_for
from sandbox import config
from sandbox.mailserver import CATCHALL, password
from sandbox.waiting import until

LISTEN_SECONDS = 60


class OtherMailbox(Mailbox):
    """The catch-all mailbox where another server keeps it, read by the same router."""

    def __init__(self, system, server):
        super().__init__(system)
        self.server = server
        self._usual_server_id = self.server_id
        values = {
            "name": server.name,
            "server_type": "imap",
            "server": "localhost",
            "port": server.port("imaps"),
            "is_ssl": True,
            "user": CATCHALL,
            "password": password(CATCHALL),
            "state": "done",
        }
        self.server_id = self.rpc("fetchmail.server", "create", values)

    def take_over(self):
        """Let the router have this mailbox, whatever is in it."""
        self._switch(self._usual_server_id, self.server_id)

    def take(self):
        """Let the router read this mailbox, and nobody the usual one."""
        self.take_over()
        self.empty()
        self.configure(after_collect="seen")
        self.read_folders("INBOX")

    def give_back(self):
        """Let the router be as it was."""
        self._switch(self.server_id, self._usual_server_id)
        self.rpc("fetchmail.server", "unlink", [self.server_id])
        self.server_id = self._usual_server_id
        self.reset()

    def _switch(self, before, after):
        self.rpc("fetchmail.server", "write", [before], {"state": "draft"})
        self.configure(fetchmail_server_id=after)
        self.rpc("fetchmail.server", "write", [after], {"state": "done"})

    def empty(self):
        """Remove all mail from the folders of the mailbox."""
        with self.session() as session:
            for name in self.names():
                _status, count = session.select(f'"{name}"')
                if count != [b"0"]:
                    session.store("1:*", "+FLAGS", "\\Deleted")
                    session.expunge()

    def names(self):
        """Return the names of all folders, as the server writes them."""
        with self.session() as session:
            _status, lines = session.list()
        return [
            line.decode().rpartition(f'"{self.server.delimiter}" ')[2].strip('"')
            for line in lines
        ]

    def session(self):
        """Log in to the mailbox as a person's mail program does."""
        return self.server.session(CATCHALL)

    def raw_mails(self, folder="INBOX"):
        """Return the mails of a folder as bytes, oldest first; they stay unread."""
        with self.session() as session:
            status, count = session.select(f'"{folder}"', readonly=True)
            if status != "OK" or count == [b"0"]:
                return []
            _status, parts = session.fetch("1:*", "(BODY.PEEK[])")
        return [part[1] for part in parts if isinstance(part, tuple)]

    def mails(self, folder="INBOX"):
        """Return the mails of a folder, oldest first."""
        return [
            email.message_from_bytes(raw, policy=email.policy.default)
            for raw in self.raw_mails(folder)
        ]

    def moved(self, folder):
        """Return the mails of the folder that a person calls so."""
        name = tool("servers.imap").quote_folder(self.server.folder(folder))
        return self.raw_mails(name.strip('"'))

    def send(self, *to, **values):
        """Send a mail from outside and wait until it is in the mailbox."""
        before = len(self.raw_mails())
        message = self.system.send(*to, **values)
        wait_for(lambda: len(self.raw_mails()) > before, "mail in the mailbox")
        return message

    def error(self):
        """Return why the last visit of the mailbox ended early, or False."""
        domain = [["id", "=", self.server_id]]
        (row,) = self.system.search("fetchmail.server", domain, ["error_message"])
        return row["error_message"]


def tool(name):
    """Return one of the addon's tools, which need no Odoo."""
    sys.path.insert(0, str(config.CHECKOUT))
    try:
        return importlib.import_module(f"tools.{name}")
    finally:
        sys.path.remove(str(config.CHECKOUT))


def listen(session, change):
    """Listen to the INBOX as the listener does, and change something meanwhile.

    :return: the seconds from the end of the change until the server told of new mail,
        and whether it did so by itself (IDLE)
    """
    imap, idle = tool("servers.imap"), tool("servers.idle")
    status = imap.select_folder(session, "INBOX", readonly=True)
    line = idle.Session(
        time.monotonic(),
        exists=status.exists,
        can_idle=imap.can_idle(session),
        rest=1.0,
    )
    _run_until(line, session, idle.Event.LISTENING)
    change()
    changed = time.monotonic()
    _run_until(line, session, idle.Event.ARRIVED)
    seconds = time.monotonic() - changed
    if line.can_idle:
        session.send(b"DONE\r\n")
        while not session.readline().startswith(b"L"):
            pass  # the end of what it has to say
    return seconds, line.can_idle


def _run_until(line, session, wanted):
    """Let the session go on until it tells something."""

    def told():
        session.send(bytes(line.output))
        line.output.clear()
        events = []
        if select.select([session.socket()], [], [], 0.1)[0]:
            events = line.receive(session.socket().recv(65536), time.monotonic())
        events += line.tick(time.monotonic())
        assert wanted in events or not line.reason, line.reason
        return wanted in events

    # It waits for the server itself.
    if not until(told, LISTEN_SECONDS, pause=0):
        raise AssertionError(
            f"After {LISTEN_SECONDS} s the server has not told: {wanted}."
        )
