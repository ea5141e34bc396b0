"""Mail that is sent while tokens expire, transactions are refused, and workers and the
mail server are killed: how many copies of it arrive."""

import contextlib
import os
import random
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from harness import System
from sandbox import tokens
from sandbox.client import CUSTOMER, address_of
from sandbox.mailserver import CATCHALL
from sandbox.progress import say
from sandbox.waiting import until

DATABASE = "test_copies"
RECIPIENT = address_of(CUSTOMER)
WORKERS = 2
#: How often a worker sends by force, and how many mails it queues at once else.
FORCED, BATCH = 0.3, 25
#: How long (s) a worker sends, how often tokens expire, and the mail server restarts.
LIFE, EXPIRY, RESTART = (2, 15), 1.0, 10

PREPARE = """
values = {"client_id": %(client)r, "client_secret": %(secret)r}
for name, value in values.items():
    env["ir.config_parameter"].set_param(f"microsoft_outlook_{name}", value)
env["ir.config_parameter"].set_param("microsoft_outlook.endpoint", %(endpoint)r)
env["ir.config_parameter"].set_param("mail.session.batch.size", "10")
server = env["mail.catchall.router"].search([], limit=1).mail_server_id
server.write({
    "smtp_authentication": "outlook", "smtp_pass": False,
    "smtp_encryption": "starttls", "microsoft_outlook_refresh_token": %(token)r,
    "active": True, "catchall_connections": 0,
})
env.cr.commit()
"""
# Each mail has a subject of its own, so that two with one subject are a double. Workers
# are forks of one process, as those of Odoo's own server are: whenever one is killed
# the next begins at once.
WORK = """
import os, random, uuid
from odoo import api, sql_db
from odoo.exceptions import ConcurrencyError
from odoo.service import model as service

service.time.sleep = lambda seconds: None
registry, uid = env.registry, env.uid
env.cr.close()
sql_db.close_all()
while os.fork():
    os.wait()
random.seed()
env = api.Environment(registry.cursor(), uid, {})
with open(%(pid_file)r, "w") as pid_file:
    pid_file.write(str(os.getpid()))

def make():
    return env["mail.mail"].create({
        "subject": f"copy {uuid.uuid4().hex}", "email_from": "user_a@tenmien.test",
        "email_to": %(to)r, "body_html": "<p>Hello</p>", "auto_delete": False,
    })

def forced(subject, failures):
    mail = make()
    mail.subject = subject
    mail.send()
    if failures:
        raise failures.pop()()

while True:
    if random.random() < %(forced)r:
        failures = [ConcurrencyError] * random.randrange(3)
        subject = f"copy {uuid.uuid4().hex}"
        service.retrying(lambda: forced(subject, failures), env)
        env.cr.commit()
    else:
        for _number in range(%(batch)r):
            make()
        env.cr.commit()
        env["mail.mail"].process_email_queue(batch_size=%(batch)r)
        env.cr.commit()
"""


@dataclass
class Report:
    """How many mails arrived, how often one was handed in once more, and what happened
    meanwhile."""

    mails: int
    doubled: int
    kills: int
    restarts: int
    tokens: int

    def text(self):
        """Return it as a sentence."""
        return (
            f"{self.mails} mails, {self.doubled} doubled; {self.kills} workers killed, "
            f"{self.restarts} restarts of the mail server, {self.tokens} tokens"
        )


class Suite:
    """A database whose router sends by token, and what is done to it.

    :param mails: so many are to arrive
    :param seconds: the latest end
    """

    def __init__(self, odoo, mails, seconds):
        self.system = System(odoo, DATABASE)
        self.mails, self.seconds = mails, seconds
        self.kills = self.restarts = 0
        self._end = threading.Event()

    def run(self):
        """Return the ``Report``."""
        mail = self.system.mail
        started = mail.start("virtual", "any")
        certificate = mail.sign_in_certificate()
        with tokens.TokenServer(mail.port("tokens"), certificate) as server:
            self._prepare(server)
            try:
                with self._disturbing(server.accounts):
                    self._work()
            finally:
                if started:
                    mail.stop()
            return self._report(server.accounts)

    def _prepare(self, server):
        odoo = self.system.odoo
        odoo.clone(odoo.seeded_template(), DATABASE)
        self.system.mail.empty()
        values = {
            "client": tokens.MICROSOFT_ID,
            "secret": tokens.CLIENT_SECRET,
            "endpoint": f"http://127.0.0.1:{server.server_port}/microsoft/",
            "token": server.accounts.sign_in(CATCHALL)["refresh_token"],
        }
        log = odoo.instance.logs / "copies-prepare.log"
        odoo.run_shell(DATABASE, self._script("prepare", PREPARE, values), log)

    def _script(self, name, text, values):
        for key, value in values.items():
            text = text.replace(f"%({key})r", repr(value))
        path = self.system.odoo.instance.folder / f"copies-{name}.py"
        path.write_text(text, encoding="utf-8")
        return path

    def _work(self):
        threads = [
            threading.Thread(target=self._live_and_die, args=(number,))
            for number in range(WORKERS)
        ]
        for thread in threads:
            thread.start()
        until(self._have_all_arrived, self.seconds, pause=10)
        self._end.set()
        for thread in threads:
            thread.join()
        self.system.empty_queue(timeout=120)
        self._handovers = self.system.mail.handovers(RECIPIENT)

    def _have_all_arrived(self):
        there = self._arrived()
        say(f"{there} mails")
        return there >= self.mails

    def _live_and_die(self, number):
        """Run one worker after the other, and kill each."""
        odoo = self.system.odoo
        pid_file = odoo.instance.folder / f"copies-{number}.pid"
        pid_file.write_text("", "utf-8")
        values = {"to": RECIPIENT, "forced": FORCED, "batch": BATCH}
        values["pid_file"] = str(pid_file)
        script = self._script(f"work-{number}", WORK, values)
        log = odoo.instance.logs / f"copies-{number}.log"
        with script.open() as source, log.open("wb") as output:
            process = subprocess.Popen(
                odoo.command("shell", "-d", DATABASE, "--no-http"),
                env=odoo.environment(),
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        killed = set()
        while process.poll() is None and not self._end.wait(0.1):
            worker = pid_file.read_text("utf-8")
            if not worker or worker in killed:
                continue
            self._end.wait(random.uniform(*LIFE))
            if worker == pid_file.read_text("utf-8"):
                os.kill(int(worker), signal.SIGKILL)
                killed.add(worker)
        self.kills += len(killed)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @contextlib.contextmanager
    def _disturbing(self, accounts):
        """Let tokens expire and the mail server restart during the block."""

        def disturb():
            restart = time.monotonic() + RESTART
            while not self._end.wait(EXPIRY):
                accounts.expire(CATCHALL)
                if time.monotonic() > restart:
                    self.system.mail.restart_postfix(0.5)
                    self.restarts += 1
                    restart = time.monotonic() + RESTART

        thread = threading.Thread(target=disturb)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()

    def _arrived(self):
        mailbox = ("mailbox", "status", "-u", RECIPIENT, "messages", "INBOX")
        return int(self.system.mail.doveadm(*mailbox).rpartition("=")[2])

    def _report(self, accounts):
        ids = [
            found
            for subject, found in self._handovers.items()
            if re.fullmatch(r"copy [0-9a-f]{32}", subject)
        ]
        doubled = sum(len(one) - 1 for one in ids)
        counts = (len(ids), doubled, self.kills, self.restarts)
        return Report(*counts, accounts.issued)
