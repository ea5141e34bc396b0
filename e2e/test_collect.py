"""Collecting: every mail once, and the mailbox as the router's owner wants it."""

import dataclasses
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import DATABASE, wait_for
from sandbox import odoo as odoo_module
from sandbox.client import compose
from sandbox.mailserver import CATCHALL, password
from sandbox.odoo import Odoo

SALES = "sales@tenmien.test"
USER = "user_a@tenmien.test"
USUAL = {"after_collect": "seen", "take_over": "unread", "max_size": 50}
LANES = (
    "mail_catchall_router.ir_cron_route",
    "mail_catchall_router.ir_cron_route_2",
)
MANY = 24
CORE_SCRIPT = "/xmlrpc/2 and /jsonrpc endpoints are deprecated"
RENUMBERED = "the mail server has numbered its mail anew"


class Mailbox:
    """The catch-all mailbox as its owner sees it, and the router that reads it."""

    def __init__(self, system):
        self.system = system
        self.rpc = system.rpc
        (router,) = system.search("mail.catchall.router", [])
        self.router_id = router["id"]
        self.server_id = router["fetchmail_server_id"][0]

    def configure(self, **values):
        """Change how the router treats its mailbox."""
        self.rpc("mail.catchall.router", "write", [self.router_id], values)

    def read_folders(self, *names):
        """Let the router read these folders as if for the first time."""
        folders = [[0, 0, {"name": name}] for name in names]
        self.configure(folder_ids=[[5, 0, 0], *folders])

    def reset(self):
        """Be as a router is by default."""
        self.configure(**USUAL, fetchmail_server_id=self.server_id, active=True)
        self.rpc("fetchmail.server", "write", [self.server_id], {"state": "done"})
        self.read_folders("INBOX")

    def session(self):
        """Log in to the mailbox as a person's mail program does."""
        return self.system.client.imap(CATCHALL)

    def flags(self, folder="INBOX"):
        """Return the flags of all mails of a folder as text, oldest first.

        Less ``\\Recent``, which tells whoever comes first that nobody came before.
        """
        with self.session() as session:
            _status, (count,) = session.select(folder, readonly=True)
            if count == b"0":
                return []
            _status, lines = session.fetch("1:*", "(FLAGS)")
        return [line.decode().replace("\\Recent", "").strip() for line in lines]

    def seen(self):
        """Return for each mail of the INBOX whether it counts as read."""
        return ["\\Seen" in flags for flags in self.flags()]

    def person(self, *command):
        """Do something with the INBOX's mails, as a person's mail program does."""
        with self.session() as session:
            session.select("INBOX")
            status, _data = getattr(session, command[0])(*command[1:])
            assert status == "OK"

    def uidvalidity(self):
        """Return the INBOX's UIDVALIDITY."""
        with self.system.client.imap(CATCHALL) as session:
            return session.status("INBOX", "(UIDVALIDITY)")[1]

    def renumber(self):
        """Let the mail server forget the numbers it gave to its mails."""
        before = self.uidvalidity()
        user, _, domain = CATCHALL.partition("@")
        maildir = self.system.mail.folder / "vmail" / domain / user / "Maildir"
        for path in [*maildir.glob("dovecot.index*"), maildir / "dovecot-uidlist"]:
            path.unlink()
        assert self.uidvalidity() != before


@pytest.fixture
def mailbox(system):
    """The mailbox, read for the first time; the router is the usual one later."""
    mailbox = Mailbox(system)
    mailbox.read_folders("INBOX")
    yield mailbox
    mailbox.reset()


@pytest.fixture
def pop(system, mailbox):
    """The same mailbox, read over POP3."""
    values = {
        "name": "POP3",
        "server_type": "pop",
        "server": "localhost",
        "port": system.mail.port("pop3s"),
        "is_ssl": True,
        "user": CATCHALL,
        "password": password(CATCHALL),
        "state": "done",
    }
    server = system.rpc("fetchmail.server", "create", values)
    imap = mailbox.server_id
    system.rpc("fetchmail.server", "write", [imap], {"state": "draft"})
    mailbox.configure(fetchmail_server_id=server)
    yield mailbox
    mailbox.configure(fetchmail_server_id=imap)
    system.rpc("fetchmail.server", "unlink", [server])


def rows(system, subject):
    """Return the journal's messages whose subject begins like this."""
    return system.search("mail.catchall.message", [["subject", "=like", f"{subject}%"]])


def subjects(system, subject):
    """Return the subjects of :func:`rows`, in the order of the journal."""
    return [row["subject"] for row in rows(system, subject)]


def leads(system, subject):
    """Return the leads whose name begins like this."""
    return system.search("crm.lead", [["name", "=like", f"{subject}%"]], ["name"])


# ----------------------------------------------------------------------
# AFTER COLLECTING
# ----------------------------------------------------------------------


def test_collected_mail_is_marked_as_read(system, mailbox):
    """The default: it stays, and a person sees that it was handled."""
    system.send(SALES, subject="After: seen")
    assert mailbox.seen() == [False]
    system.collect()
    assert mailbox.seen() == [True]
    assert subjects(system, "After: seen") == ["After: seen"]


def test_reading_a_mail_does_not_mark_it(system, mailbox):
    """With "leave" nothing changes in the mailbox, and nothing is taken twice."""
    mailbox.configure(after_collect="leave")
    system.send(SALES, subject="After: leave")
    before = mailbox.flags()
    system.process()
    system.process()
    assert mailbox.flags() == before
    assert mailbox.seen() == [False]
    assert subjects(system, "After: leave") == ["After: leave"]
    assert len(leads(system, "After: leave")) == 1


def test_collected_mail_is_moved_to_a_folder(system, mailbox):
    """Out of the INBOX, as it was."""
    mailbox.configure(after_collect="move", move_folder="Processed")
    system.send(SALES, subject="After: move")
    raw = system.client.raw_mails(CATCHALL)
    system.process()
    assert not system.catchall()
    assert system.client.raw_mails(CATCHALL, "Processed") == raw
    assert len(leads(system, "After: move")) == 1


def test_only_collected_mail_is_deleted(system, mailbox):
    """What a person has marked as deleted, and may want back, is left alone."""
    system.send(SALES, subject="After: a person's")
    system.collect()
    mailbox.configure(after_collect="delete")
    mailbox.person("store", "1", "+FLAGS", "\\Deleted")
    system.send(SALES, subject="After: delete")
    system.process()
    assert [mail["Subject"] for mail in system.catchall()] == ["After: a person's"]
    assert len(leads(system, "After: delete")) == 1


def test_a_too_large_mail_is_held_and_stays_on_the_server(system, mailbox):
    """Its headers are in the journal, and the mails behind it are collected."""
    mailbox.configure(max_size=1, after_collect="delete")
    attachment = ("plan.bin", bytes(1_500_000))
    large = system.send(SALES, subject="Large", attachments=[attachment])
    small = system.send(SALES, subject="Small", body="x")
    system.process()
    (row,) = system.journal(large)
    assert (row["state"], row["reason_code"]) == ("held", "too_large")
    assert not row["complete"]
    assert row["size"] > 1_500_000
    assert "still on the mail server" in row["reason"]
    assert [row["state"] for row in system.journal(small)] == ["delivered"]
    assert [mail["Subject"] for mail in system.catchall()] == ["Large"]
    assert mailbox.seen() == [False]
    system.process()
    assert len(system.journal(large)) == 1


def test_further_folders_are_collected(system, mailbox):
    """What the provider takes for junk is seen too."""
    mailbox.read_folders("INBOX", "Junk")
    system.send(SALES, subject="Folders: junk")
    mailbox.person("uid", "MOVE", "1:*", "Junk")
    system.send(SALES, subject="Folders: inbox")
    system.process()
    found = {row["subject"]: row["folder"] for row in rows(system, "Folders")}
    assert found == {"Folders: inbox": "INBOX", "Folders: junk": "Junk"}
    assert all("\\Seen" in flags for flags in mailbox.flags("Junk"))
    assert {row["state"] for row in rows(system, "Folders")} <= {"delivered", "held"}


# ----------------------------------------------------------------------
# CURSOR
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("unread", ["4", "5"]), ("everything", ["1", "2", "3", "4", "5"]), ("new", [])],
)
def test_taking_over_a_mailbox(system, mailbox, choice, expected):
    """Three mails were read by a person, two were not; then people go on reading."""
    subject = f"Take over {choice} "
    for number in "12345":
        system.client.send(compose(to=[SALES], subject=subject + number))
        wait_for(system.queue_is_empty, "delivery")
    mailbox.person("store", "1:3", "+FLAGS", "\\Seen")
    mailbox.configure(take_over=choice, after_collect="leave")
    system.collect()
    taken = [subject + number for number in expected]
    assert subjects(system, subject) == taken
    # A new mail that somebody reads first, and old ones that are marked as unread.
    system.send(SALES, subject=f"{subject}6")
    mailbox.person("store", "6", "+FLAGS", "\\Seen")
    mailbox.person("store", "1:2", "-FLAGS", "\\Seen")
    system.collect()
    system.collect()
    assert subjects(system, subject) == [*taken, f"{subject}6"]


@pytest.mark.logs(RENUMBERED)
def test_new_numbers_on_the_mail_server_make_no_doubles(system, mailbox):
    """UIDVALIDITY changed: what is known is recognised, what is not is collected."""
    system.send(SALES, subject="Numbers 1")
    system.send(SALES, subject="Numbers 2")
    system.process()
    system.send(SALES, subject="Numbers 3")
    mailbox.renumber()
    system.process()
    expected = ["Numbers 1", "Numbers 2", "Numbers 3"]
    assert subjects(system, "Numbers") == expected
    system.send(SALES, subject="Numbers 4")
    system.process()
    assert subjects(system, "Numbers") == [*expected, "Numbers 4"]
    assert len(leads(system, "Numbers")) == 4


# ----------------------------------------------------------------------
# POP3
# ----------------------------------------------------------------------


def test_pop_can_leave_the_mail(system, pop):
    """It is known by its unique id, so it is not taken again."""
    pop.configure(after_collect="leave")
    system.send(SALES, subject="POP: leave 1")
    system.process()
    system.send(SALES, subject="POP: leave 2")
    system.process()
    assert len(system.catchall()) == 2
    assert subjects(system, "POP: leave") == ["POP: leave 1", "POP: leave 2"]
    assert len(leads(system, "POP: leave")) == 2


def test_pop_can_delete_the_mail(system, pop):
    """What is in the journal is gone from the server."""
    pop.configure(after_collect="delete")
    message = system.send(SALES, subject="POP: delete")
    system.process()
    assert not system.catchall()
    assert [row["state"] for row in system.journal(message)] == ["delivered"]
    assert len(leads(system, "POP: delete")) == 1


# ----------------------------------------------------------------------
# SEVERAL AT ONCE
# ----------------------------------------------------------------------


@pytest.fixture
def second_rpc(system):
    """A second Odoo process on the same database."""
    port = system.odoo.instance.http_port + 1
    instance = dataclasses.replace(system.odoo.instance, http_port=port)
    odoo = Odoo(instance, system.odoo.source)
    options = ("--max-cron-threads=0", f"--http-port={port}")
    log = instance.logs / "e2e-odoo-second.log"
    process = odoo.serve(DATABASE, log=log, options=options)
    try:
        yield type(system.rpc)(port, DATABASE)
    finally:
        odoo_module.stop(process)


def test_two_processes_at_once_take_each_mail_once(system, mailbox, second_rpc):
    """Both collect and both route, at the same time, again and again."""
    for number in range(MANY):
        message = compose(to=[SALES], subject=f"Both {number:02}")
        system.client.send(message)
    wait_for(system.queue_is_empty, "delivery")
    assert len(system.catchall()) == MANY

    def work(rpc, lane):
        for _round in range(3):
            rpc("fetchmail.server", "fetch_mail", [mailbox.server_id])
            rpc.run_cron(lane)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, (system.rpc, second_rpc), LANES))
    names = [f"Both {number:02}" for number in range(MANY)]
    assert sorted(subjects(system, "Both")) == names
    assert sorted(lead["name"] for lead in leads(system, "Both")) == names
    assert {row["state"] for row in rows(system, "Both")} == {"delivered"}
    assert {row["attempt_count"] for row in rows(system, "Both")} == {1}


# ----------------------------------------------------------------------
# OTHER ENTRANCES
# ----------------------------------------------------------------------


@pytest.mark.logs(CORE_SCRIPT)
def test_mail_from_a_mail_servers_pipe_enters_the_journal(system):
    """Core's own script hands it over; an unknown address is held, not bounced."""
    script = next(
        path / "mail" / "static" / "scripts" / "odoo-mailgate.py"
        for path in system.odoo.source.addons_paths
        if (path / "mail").exists()
    )
    options = {
        "--host": "127.0.0.1",
        "--port": system.odoo.instance.http_port,
        "-d": system.database,
        "-u": system.rpc.uid,
        "-p": "admin",
    }
    command = [sys.executable, script]
    for name, value in options.items():
        command += [name, str(value)]
    known = compose(to=[SALES], subject="Pipe: Tiếng Việt", body="Xin chào")
    unknown = compose(to=["nobody@tenmien.test"], subject="Pipe: unknown")
    for message in (known, unknown):
        subprocess.run(list(map(str, command)), input=message.as_bytes(), check=True)
    assert {row["state"] for row in rows(system, "Pipe")} == {"received"}
    system.route()
    found = {
        row["subject"]: (row["entrance"], row["state"]) for row in rows(system, "Pipe")
    }
    assert found == {
        "Pipe: Tiếng Việt": ("pipe", "delivered"),
        "Pipe: unknown": ("pipe", "held"),
    }
    assert len(leads(system, "Pipe")) == 1


def test_a_server_without_a_router_is_cores(system):
    """Another mailbox of the same domain, read the way Odoo reads it."""
    values = {
        "name": "User A",
        "server_type": "imap",
        "server": "localhost",
        "port": system.mail.port("imaps"),
        "is_ssl": True,
        "user": USER,
        "password": password(USER),
        "state": "done",
    }
    server = system.rpc("fetchmail.server", "create", values)
    message = compose(to=[SALES], subject="Stock: a mailbox")
    system.deliver(message, recipients=[USER])
    system.collect()
    assert len(leads(system, "Stock: a mailbox")) == 1
    assert not system.journal(message)
    system.rpc("fetchmail.server", "unlink", [server])


def test_a_database_without_a_router_is_stock(system, mailbox):
    """Core reads the mailbox; the router takes over later without doubles."""
    mailbox.configure(active=False)
    message = system.send(SALES, subject="Stock: a database")
    system.collect()
    assert len(leads(system, "Stock: a database")) == 1
    assert not system.journal(message)
    mailbox.configure(active=True, take_over="everything")
    system.process()
    assert len(leads(system, "Stock: a database")) == 1
    ends = [(row["state"], row["reason_code"]) for row in system.journal(message)]
    assert ends == [("ignored", "duplicate")]
