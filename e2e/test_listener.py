"""The listener: mail is collected the moment it arrives, and never by it alone."""

import contextlib
import signal
import socket
import time

import pytest

from harness import COLLECT_CRON, wait_for
from sandbox import odoo as odoo_module
from sandbox.mailserver import CATCHALL, password

SALES = "sales@tenmien.test"
USER = "user_a@tenmien.test"
WOKEN_CRON = "mail_catchall_router.ir_cron_collect_woken"
ROUTE_CRONS = (
    "mail_catchall_router.ir_cron_route",
    "mail_catchall_router.ir_cron_route_2",
)
VACUUM_CRON = "base.autovacuum_job"
LONG = 90
FAR = "2099-01-01 00:00:00"
LONG_AGO = "2020-01-01 00:00:00"
WRONG = "a-very-wrong-password"


class Ear:
    """A listener process for the system's database, and what it says."""

    def __init__(self, system):
        self.system = system
        self.log = system.odoo.instance.logs / "e2e-listener.log"
        self.log.unlink(missing_ok=True)
        self.process = None

    def start(self):
        self.process = self.system.odoo.listen(
            self.system.database, log=self.log, refresh=1
        )

    def says(self, *words):
        """Return how many lines of its log have all these words."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return sum(all(word in line for word in words) for line in lines)

    def end(self, number):
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(LONG)


@contextlib.contextmanager
def listening(system):
    """Run a listener during the block."""
    ear = Ear(system)
    ear.start()
    try:
        yield ear
    finally:
        odoo_module.stop(ear.process)


def never_by_themselves(system):
    """Let nothing be collected or routed unless it is woken."""
    # Odoo's vacuum is due in a new database, and complains when it is stopped in it.
    for name in (COLLECT_CRON, WOKEN_CRON, *ROUTE_CRONS, VACUUM_CRON):
        call_next(system, name, FAR)


def call_next(system, cron, date):
    """Set when a scheduled action runs next by itself."""
    system.rpc("ir.cron", "write", [system.rpc.ref(cron)], {"nextcall": date})


def leads(system, subject):
    """Return the leads with this name, once there is one."""
    return wait_for(
        lambda: system.search("crm.lead", [["name", "=", subject]]),
        f"lead {subject}",
        LONG,
    )


def test_mail_becomes_a_lead_without_polling_also_after_the_mail_server_restarted(
    system,
):
    never_by_themselves(system)
    with system.crons(), listening(system) as ear:
        system.send(SALES, subject="Heard at once")
        assert len(leads(system, "Heard at once")) == 1

        system.mail.restart_dovecot(pause=2)
        wait_for(lambda: ear.says(": listened to") >= 2, "new connection", LONG)
        system.send(SALES, subject="Heard after the restart")
        assert len(leads(system, "Heard after the restart")) == 1


def test_a_listener_changes_nothing_in_the_mailbox(system):
    system.send(SALES, subject="There before")
    with listening(system):
        message = system.send(SALES, subject="Left alone")
        triggers = [["cron_id", "=", system.rpc.ref(WOKEN_CRON)]]
        wait_for(lambda: system.search("ir.cron.trigger", triggers), "trigger", LONG)
        assert not system.journal(message)
        with system.client.imap(CATCHALL) as session:
            session.select("INBOX", readonly=True)
            _status, lines = session.fetch("1:*", "(FLAGS)")
    assert len(lines) == 2
    assert not any(b"\\Seen" in line for line in lines)


def test_a_listener_that_is_killed_loses_nothing(system):
    with listening(system) as ear:
        assert ear.end(signal.SIGKILL) == -signal.SIGKILL
        message = system.send(SALES, subject="Nobody listened")
    never_by_themselves(system)
    # Whoever begins to listen wakes Odoo for what came before.
    with system.crons(), listening(system):
        assert len(leads(system, "Nobody listened")) == 1
    assert len(system.journal(message)) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_listener_ends_cleanly_when_it_is_told_to(system, number):
    with listening(system) as ear:
        started = time.monotonic()
        assert ear.end(number) == 0
        # Far less than the minute for which a login may wait.
        assert time.monotonic() - started < 30
        assert ear.says("Listening ended") == 1
        assert not ear.says("Traceback")


@pytest.mark.fresh
def test_a_router_that_comes_later_is_listened_to_until_it_goes(system):
    with listening(system) as ear:
        server = system.rpc(
            "fetchmail.server",
            "create",
            {
                "name": "A second mailbox",
                "server": "localhost",
                "port": system.mail.port("imaps"),
                "is_ssl": True,
                "user": USER,
                "password": WRONG,
                "state": "done",
            },
        )
        values = {"name": "A second router", "fetchmail_server_id": server}
        router = system.rpc("mail.catchall.router", "create", values)
        mine = f"server {server}, INBOX"
        wait_for(lambda: ear.says(mine, "Next try"), "refused login", LONG)

        system.rpc("fetchmail.server", "write", [server], {"password": password(USER)})
        wait_for(lambda: ear.says(mine, ": listened to"), "second mailbox", LONG)

        system.rpc("mail.catchall.router", "write", [router], {"active": False})
        wait_for(lambda: ear.says(mine, "no longer"), "end of it", LONG)
        log = ear.log.read_text(encoding="utf-8")
    # Without a router it would be core's, which reads that user's mail for the tests
    # that come after this one.
    system.rpc("fetchmail.server", "write", [server], {"active": False})
    assert WRONG not in log


@pytest.mark.fresh
def test_a_server_that_does_not_answer_keeps_nobody_waiting_who_has_mail(system):
    with contextlib.ExitStack() as undo:
        silent = undo.enter_context(socket.create_server(("localhost", 0)))
        silent.settimeout(LONG)
        server = system.rpc(
            "fetchmail.server",
            "create",
            {
                "name": "It never answers",
                "priority": 1,
                "server": "localhost",
                "port": silent.getsockname()[1],
                "user": USER,
                "password": WRONG,
                "state": "done",
            },
        )
        values = {"name": "Its router", "fetchmail_server_id": server}
        router = system.rpc("mail.catchall.router", "create", values)
        never_by_themselves(system)
        call_next(system, COLLECT_CRON, LONG_AGO)
        undo.enter_context(system.crons())
        undo.enter_context(listening(system))
        # The listener, and the scheduled action that goes over all servers.
        for _who in range(2):
            undo.enter_context(silent.accept()[0])
        system.send(SALES, subject="Not kept waiting")
        assert len(leads(system, "Not kept waiting")) == 1
        found = system.search("fetchmail.server", [["id", "=", server]], ["date"])
        assert [one["date"] for one in found] == [False]
    system.rpc("mail.catchall.router", "write", [router], {"active": False})
    system.rpc("fetchmail.server", "write", [server], {"active": False})
