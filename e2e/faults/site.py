"""Services of its own that may be broken: nobody else's tests feel it."""

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
from pathlib import Path

from harness import wait_for
from sandbox import client, odoo
from sandbox.mailserver import CATCHALL, MailServer
from sandbox.odoo import Odoo
from sandbox.postgres import PORT, ROLE, Cluster
from sandbox.progress import SandboxError, step

from .proxy import Proxy

DATABASE = "faults"
PORT_OFFSET = 100  # between the mail ports of two instances
HTTP_OFFSET = 20
END_SECONDS = 60
COLLECT = "mail.ir_cron_mail_gateway_action"
ROUTE = ("mail_catchall_router.ir_cron_route", "mail_catchall_router.ir_cron_route_2")
CRON_IDS = """
    SELECT res_id FROM ir_model_data WHERE model = 'ir.cron'
       AND module || '.' || name IN ({})
""".format(", ".join(f"'{name}'" for name in (COLLECT, *ROUTE)))
# Scheduled actions that wait for their minute are started at once.
PULSE = f"""
    INSERT INTO ir_cron_trigger (cron_id, call_at)
    SELECT id, now() AT TIME ZONE 'UTC' FROM ir_cron
     WHERE id IN ({CRON_IDS})
       AND NOT EXISTS (SELECT 1 FROM ir_cron_trigger WHERE cron_id = ir_cron.id)
"""
# What waits for its next attempt is tried at once: minutes are too long for a test.
HURRY = """
    UPDATE mail_catchall_message SET next_attempt = now() AT TIME ZONE 'UTC'
     WHERE id IN (SELECT id FROM mail_catchall_message
                   WHERE state = 'failed' AND claim IS NULL AND attempt_count <= {}
                     AND next_attempt > now() AT TIME ZONE 'UTC'
                     FOR UPDATE SKIP LOCKED)
"""


HEALTH = """
import json
router = env["mail.catchall.router"].search([], limit=1)
found = [
    f"{one.item}: {one.code}"
    for one in router._judge_health()[router.id]
    if one.state != "ok"
]
open(%(file)r, "w").write(json.dumps(found))
"""


class BreakableCluster(Cluster):
    """A database server that can crash."""

    def crash(self):
        """Stop without any orderly end and start again: recovery from the log."""
        arguments = ("-D", self.data, "-l", self.log, "-m", "immediate", "-w")
        self._run("pg_ctl", *arguments, "restart", title="Crashing PostgreSQL")


class BreakableMailServer(MailServer):
    """A mail server whose mailboxes can be out of reach."""

    def stop_mailboxes(self):
        """Stop Dovecot and wait for its end; Postfix goes on delivering."""
        command = ("doveadm", "-c", self._dovecot_file, "stop")
        self._control(*command, title="Stopping Dovecot")
        wait_for(lambda: not self._dovecot_runs(), "end of Dovecot", END_SECONDS)

    def start_mailboxes(self):
        """Start Dovecot."""
        self._control("dovecot", "-c", self._dovecot_file, title="Starting Dovecot")
        self._wait_until_it_answers()


class Server:
    """One Odoo server process with threads or workers for scheduled actions."""

    def __init__(self, site_odoo, name, options):
        self.odoo = site_odoo
        self.name = name
        self.options = options
        self.log = site_odoo.instance.logs / f"faults-{name}.log"
        self.log.unlink(missing_ok=True)
        self.process = None

    def start(self):
        """Start it without waiting for it."""
        options = ("-d", DATABASE, "--max-cron-threads=2", *self.options)
        with self.log.open("a", encoding="utf-8") as stream:
            self.process = subprocess.Popen(
                self.odoo.command("server", *options),
                env=self.odoo.environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self):
        """Kill it with all its children, as if its machine had lost its power."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def starve(self, limit):
        """Begin a life with little memory.

        :param limit: bytes of address space that a worker may have
        """
        self.kill()
        options, self.options = (
            self.options,
            (*self.options, f"--limit-memory-hard={limit}"),
        )
        try:
            self.start()
        finally:
            self.options = options

    def kill_child(self, choose):
        """Kill one of its children, which it then replaces; tell whether it had one.

        :param choose: function that chooses from a list of process ids
        """
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with contextlib.suppress(OSError):
            if children := path.read_text(encoding="utf-8").split():
                os.kill(int(choose(children)), signal.SIGKILL)
                return True
        return False

    def stop(self):
        """Stop it, at first politely."""
        odoo.stop(self.process)
        self.kill()


class Site:
    """A mail server, a database server that may crash, and two Odoo servers."""

    def __init__(self, main, workers=1):
        """Prepare everything; start nothing yet.

        :param main: the ``Odoo`` whose template database is taken over
        :param workers: of the second Odoo server
        """
        self.main = main
        instance = dataclasses.replace(
            main.instance,
            name=f"{main.instance.name}faults",
            port_base=main.instance.port_base + PORT_OFFSET,
            http_port=main.instance.http_port + HTTP_OFFSET,
        )
        self.odoo = Odoo(instance, main.source)
        self.odoo.cluster = BreakableCluster(instance)
        self.cluster = self.odoo.cluster
        self.mail = BreakableMailServer(instance)
        self.client = client.Client(instance)
        self.proxy_port = instance.port_base + PORT_OFFSET
        self.proxy = None
        self.filestore = self.odoo.data / "filestore" / DATABASE
        self.servers = [
            Server(self.odoo, "threads", self._ports(0)),
            Server(self.odoo, "workers", (*self._ports(1), f"--workers={workers}")),
        ]

    def _ports(self, number):
        port = self.odoo.instance.http_port + 2 * number
        return (f"--http-port={port}", f"--gevent-port={port + 1}")

    # ------------------------------------------------------------------
    # LIFE
    # ------------------------------------------------------------------

    def start(self):
        """Start all services with a fresh database and empty mailboxes."""
        self.mail.start("virtual", "any")
        self.mail.empty()
        self.odoo.prepare()
        if self.cluster.query("SHOW fsync") != ["on"]:
            raise SandboxError("The fault suite needs CATCHALL_FSYNC=on.")
        self.mend_filestore()
        self.odoo.clone(self._template(), DATABASE)
        self._adapt_database()
        # Without TLS the line can be falsified, too.
        self.proxy = Proxy(self.proxy_port, self.mail.port("imap"))

    def stop(self):
        """Stop all services."""
        for server in self.servers:
            if server.process:
                server.stop()
        if self.proxy:
            self.proxy.stop()
        self.mail.stop()
        self.cluster.stop()

    def _template(self):
        """Take the seeded template over from the main database server."""
        name = self.main.seeded_template()
        if not self.cluster.exists(name):
            pattern = "SELECT datname FROM pg_database WHERE datname LIKE 'seeded_%'"
            for outdated in self.cluster.query(pattern):
                self.odoo.drop(outdated)
            with step("Copying the database for the fault suite"):
                self._copy_database(name)
        return name

    def _copy_database(self, name):
        building, dump = "building", self.odoo.instance.folder / "template.dump"
        self.odoo.drop(building)
        self.cluster.query(f"CREATE DATABASE {building}")
        self._postgres(self.main.cluster, "pg_dump", "-Fc", "-Z0", "-f", dump, name)
        self._postgres(self.cluster, "pg_restore", "--no-owner", "-d", building, dump)
        dump.unlink()
        filestores = [one.data / "filestore" / name for one in (self.main, self.odoo)]
        shutil.rmtree(filestores[1], ignore_errors=True)
        shutil.copytree(*filestores, copy_function=os.link)
        self.cluster.rename(building, name)

    def _postgres(self, cluster, program, *arguments):
        command = [cluster.bin / program, "-h", cluster.socket_folder, "-p", PORT]
        command += ["-U", ROLE, *arguments]
        subprocess.run(list(map(str, command)), check=True)

    def _adapt_database(self):
        """Use our own ports, and only the scheduled actions that are tested."""
        submission = self.mail.port("submission")
        self.sql(
            f"""
            UPDATE fetchmail_server SET port = {self.proxy_port}, is_ssl = false;
            UPDATE ir_mail_server SET smtp_port = {submission};
            UPDATE ir_cron SET active = id IN ({CRON_IDS});
            INSERT INTO ir_config_parameter (key, value)
                 VALUES ('mail.gateway.loop.threshold', '1000000');
            UPDATE mail_catchall_router SET burst_count = 0, attack_count = 0;
            """
        )

    # ------------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------------

    def sql(self, statement):
        """Run a statement."""
        return self.cluster.query(statement, DATABASE)

    def pulse(self):
        """Start the scheduled actions now, if the database server answers."""
        with contextlib.suppress(SandboxError):
            self.sql(PULSE)
            self.cluster.query(f"SELECT pg_notify('cron_trigger', '{DATABASE}')")

    def hurry(self, attempts):
        """Let what failed at most so often be tried again now."""
        with contextlib.suppress(SandboxError):
            self.sql(HURRY.format(attempts))

    def health(self):
        """Return what Health complains of now, as ["item: code"]; [] when it cannot
        be asked."""
        with contextlib.suppress(SandboxError):
            folder = self.odoo.instance.folder
            return self.odoo.run_for_json(DATABASE, HEALTH, folder) or []
        return []

    def unread_count(self):
        """Return how many mails in the mailbox are not marked as read."""
        with self.client.imap(CATCHALL) as session:
            session.select("INBOX", readonly=True)
            _status, (unseen,) = session.search(None, "UNSEEN")
        return len(unseen.split())

    def break_filestore(self):
        """Let every access to the filestore fail, also root's."""
        self._filestore_away.unlink(missing_ok=True)
        self.filestore.rename(self._filestore_away)
        self.filestore.touch()

    def mend_filestore(self):
        """Undo it."""
        if self._filestore_away.exists():
            self.filestore.unlink(missing_ok=True)
            self._filestore_away.rename(self.filestore)

    @property
    def _filestore_away(self):
        return self.filestore.with_name(f"{DATABASE}-away")
