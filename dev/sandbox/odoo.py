"""Odoo's command line with the sandbox's settings, and template databases."""

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
from pathlib import Path

from . import config, setup, tokens
from .files import write_whole
from .postgres import PORT, ROLE, Cluster
from .processes import run, stopped_on_error
from .progress import SandboxError, step, tail
from .waiting import until

BASE_MODULES = ("crm", "hr_recruitment", "project", "base_automation")
# Raise when the way a template database is made changes.
TEMPLATE_FORMAT = "1"
# A router takes a database that is a copy for a stranger; these copies are meant.
AT_HOME = """
    DO $$ BEGIN
        IF to_regclass('mail_catchall_router') IS NOT NULL THEN
            UPDATE mail_catchall_router SET home = NULL;
        END IF;
    END $$
"""
ADDON_FOLDERS = (
    "controllers",
    "data",
    "demo",
    "i18n",
    "models",
    "security",
    "static",
    "tools",
    "views",
    "wizards",
)
#: Environment variable that keeps Odoo from listening to mailboxes by itself.
LISTEN = "ODOO_MAIL_ROUTER_LISTEN"
REMEDY = "Read the log, mend the cause and start again."
START_TIMEOUT = 120
STOP_TIMEOUT = 30


class Odoo:
    """Odoo of one instance: its configuration, processes and databases.

    :param python: the interpreter, where it is not that of the sandbox
    :param addons: the folders with this addon, where it is not the checkout
    """

    def __init__(self, instance, source, *, python=None, addons=None):
        self.instance = instance
        self.source = source
        self.python = python or setup.python()
        self.addons = (setup.addons_folder(),) if addons is None else addons
        self.cluster = Cluster(instance)
        self.data = instance.folder / "odoo"
        name = config.digest([config.CHECKOUT, self.python, self.addons])
        self.configuration = instance.folder / f"odoo-{name}.conf"
        self.script = instance.folder / "bin" / "odoo"

    @property
    def url(self):
        """The address a browser uses."""
        return f"http://localhost:{self.instance.http_port}"

    @property
    def addons_path(self):
        """Odoo's addons folders and those with our addon, as one option."""
        return ",".join(map(str, [*self.source.addons_paths, *self.addons]))

    # ------------------------------------------------------------------
    # CONFIGURATION
    # ------------------------------------------------------------------

    def _settings(self):
        return {
            "addons_path": self.addons_path,
            "data_dir": self.data,
            "db_host": self.cluster.socket_folder,
            "db_port": PORT,
            "db_user": ROLE,
            "http_interface": "127.0.0.1",
            "http_port": self.instance.http_port,
            # Odoo without an outgoing server would use port 25 of this machine.
            "smtp_server": "127.0.0.1",
            "smtp_port": self.instance.port("smtp"),
        }

    def configure(self):
        """Write Odoo's configuration file."""
        lines = [f"{name} = {value}\n" for name, value in self._settings().items()]
        self.data.mkdir(parents=True, exist_ok=True)
        write_whole(self.configuration, "[options]\n" + "".join(lines))
        # Odoo begins its evented worker with the name of the script, which python -m
        # doesn't leave behind.
        write_whole(self.script, "from odoo.cli import main\n\nmain()\n")

    def environment(self):
        """Return the environment for Odoo's processes."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PG")
        }
        return {
            **kept,
            "ODOO_RC": str(self.configuration),
            "PYTHONPATH": f"{self.source.path}{os.pathsep}{setup.DEV}",
            # Keeps compiled files out of the checkout, and there at all when root
            # runs a source tree that belongs to somebody else.
            "PYTHONPYCACHEPREFIX": str(config.cache() / "pycache"),
            "PYTHONUNBUFFERED": "1",
            "SSL_CERT_FILE": str(self._certificates()),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(config.cache() / "hypothesis"),
            "CATCHALL_INSTANCE": self.instance.name,
            "CATCHALL_PORT_BASE": str(self.instance.port_base),
            "CATCHALL_HTTP_PORT": str(self.instance.http_port),
            **self._sign_in_server(),
        }

    def _sign_in_server(self):
        """Return what leads Google's names to the sandbox's sign-in server, if one
        runs: Odoo knows no other address of them."""
        port = self.instance.port("tokens")
        if not tokens.is_running(port):
            return {}
        return {
            "HTTPS_PROXY": f"http://127.0.0.1:{port}",
            "REQUESTS_CA_BUNDLE": str(self._certificates()),
        }

    def _certificates(self):
        """Return the authorities to trust: the system's and the mail server's."""
        own = self.instance.services / "mail" / "tls" / "ca.pem"
        bundle = self.instance.folder / "ca-bundle.pem"
        system = ssl.get_default_verify_paths().cafile
        parts = [system, own] if system else [own]
        texts = []
        for part in parts:
            if os.path.exists(part):
                with open(part, encoding="utf-8") as stream:
                    texts.append(stream.read())
        # Another part of the tests may be connecting this moment.
        write_whole(bundle, "\n".join(texts))
        return bundle

    def command(self, *arguments):
        """Return the command line for ``odoo ARGUMENTS``."""
        command = [str(self.python), str(self.script)]
        # Only in front of a command does Odoo look for commands that addons bring.
        if arguments and not arguments[0].startswith("-"):
            command.append(f"--addons-path={self.addons_path}")
        return [*command, *map(str, arguments)]

    # ------------------------------------------------------------------
    # PROCESSES
    # ------------------------------------------------------------------

    def prepare(self):
        """Give Odoo's commands their configuration and database server."""
        started = self.cluster.start()
        self.configure()
        return started

    def replace_process(self, arguments):
        """Become ``odoo ARGUMENTS``; does not return."""
        self.prepare()
        command = self.command(*arguments)
        os.execve(command[0], command, self.environment())

    def call(self, *arguments, title, log, remedy=REMEDY, script=None):
        """Run ``odoo ARGUMENTS`` to its end.

        :param log: the file that receives its output; begun anew
        :param script: a file that becomes the standard input
        """
        Path(log).unlink(missing_ok=True)
        with step(title), open(script or os.devnull, encoding="utf-8") as source:
            run(
                self.command(*arguments),
                title=title,
                log=log,
                remedy=remedy,
                env=self.environment(),
                stdin=source,
            )

    # ------------------------------------------------------------------
    # DATABASES
    # ------------------------------------------------------------------

    def template(self, modules=BASE_MODULES):
        """Return a database with these modules and no demo data; built once."""
        name = "template_" + config.digest(
            f"{TEMPLATE_FORMAT} {self.source.version} {sorted(modules)}"
        )
        # Two commands at once would otherwise build the same one.
        with _locked(self.instance.folder / f"{name}.lock"):
            if not self.cluster.exists(name):
                self._build_template(name, modules)
        return name

    def _build_template(self, name, modules):
        # Only a finished database gets the name, whatever interrupts this.
        building = f"{name}_building"
        self.drop(building)
        self.install(building, modules, title=f"Installing {', '.join(modules)}")
        self.rename(building, name)

    def seeded_template(self):
        """Return a database with this addon and a router; made anew when it changed, or
        the ports of the mail server that it knows."""
        prefix = "seeded_" + config.digest(config.CHECKOUT)
        known = f"{self.template()}{addon_digest()}{self.instance.port_base}"
        name = f"{prefix}_{config.digest(known)}"
        with _locked(self.instance.folder / f"{prefix}.lock"):
            if not self.cluster.exists(name):
                self._build_seeded(prefix, name)
        return name

    def _build_seeded(self, prefix, name):
        pattern = f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%'"
        for outdated in self.cluster.query(pattern):
            self.drop(outdated)
        building = f"{prefix}_building"
        self.clone(self.template(), building)
        self.install(building, [config.ADDON])
        self.seed(building)
        self.rename(building, name)

    def seed(self, database):
        """Fill a database with a company, its users, aliases and a router."""
        script = self.instance.folder / "seed.py"
        script.write_text(
            "from sandbox.seed import seed\nseed(env)\n", encoding="utf-8"
        )
        options = ("shell", "-d", database, "--no-http")
        log = self.instance.logs / f"seed-{database}.log"
        self.call(*options, title="Setting up the router", log=log, script=script)

    def run_shell(self, database, script, log):
        """Run a script in an Odoo shell, however it ends; return its exit status."""
        Path(log).unlink(missing_ok=True)
        with open(script, encoding="utf-8") as source, open(log, "wb") as output:
            return subprocess.run(
                self.command("shell", "-d", database, "--no-http"),
                env=self.environment(),
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode

    def run_for_json(self, database, text, folder):
        """Run a script in an Odoo shell; return what it has written, or None.

        :param text: Python; ``%(file)r`` stands for the file that it writes JSON into
        """
        script, found = folder / "script.py", folder / "found.json"
        found.unlink(missing_ok=True)
        script.write_text(text.replace("%(file)r", repr(str(found))), encoding="utf-8")
        self.run_shell(database, script, self.instance.logs / "shell.log")
        if not found.exists():
            return None
        return json.loads(found.read_text(encoding="utf-8"))

    def install(self, database, modules, *, title=None, options=("--no-http",)):
        """Install modules into a database, which is created when it does not exist."""
        title = title or f"Installing {', '.join(modules)}"
        options = ("-d", database, "-i", ",".join(modules), *options)
        log = self.instance.logs / f"install-{database}.log"
        self.call("server", *options, "--stop-after-init", title=title, log=log)

    def clone(self, template, database):
        """Make a database that equals a template, also in its stored files."""
        self.drop(database)
        self.cluster.copy(template, database)
        # Odoo never changes a stored file, so the copies may share them.
        shutil.copytree(
            self._filestore(template), self._filestore(database), copy_function=os.link
        )
        self.cluster.query(
            "UPDATE ir_config_parameter SET value = gen_random_uuid()"
            " WHERE key IN ('database.uuid', 'database.secret')",
            database,
        )
        self.cluster.query(AT_HOME, database)

    def rename(self, database, name):
        """Give a database and its stored files another name."""
        self._filestore(database).rename(self._filestore(name))
        self.cluster.rename(database, name)

    def drop(self, database):
        """Remove a database and its stored files."""
        self.cluster.drop(database)
        shutil.rmtree(self._filestore(database), ignore_errors=True)

    def _filestore(self, database):
        folder = self.data / "filestore" / database
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder

    # ------------------------------------------------------------------
    # SERVER
    # ------------------------------------------------------------------

    def serve(self, database, *, log, options=(), listens=False):
        """Start a server process for one database and wait until it answers.

        :param log: the file that receives Odoo's log, at its end
        :param options: further options of ``odoo server``
        :param listens: whether it listens to the mailboxes itself
        """
        config.require_free_port(self.instance.http_port, "CATCHALL_HTTP_PORT", "Odoo")
        command = self.command(
            "server", "-d", database, "--db-filter", f"^{database}$", *options
        )
        with step("Starting Odoo"):
            process = self._begin(command, log, listens=listens)
            complaint = f"Odoo does not answer on {self.url}."
            self._wait_until(self.is_healthy, process, complaint, log)
        return process

    def work(self, database, *, log):
        """Start a process that runs scheduled actions, one at a time, and answers
        nobody; wait until it has the database.

        :param log: the file that receives Odoo's log, at its end
        """
        command = self.command("server", "-d", database, "--no-http")
        with step("Starting a worker"):
            return self._begin_saying(
                b"Registry loaded in",
                [*command, "--max-cron-threads=1"],
                "The worker does not work.",
                log,
            )

    def listen(self, *databases, log, refresh=60):
        """Start a listener process and wait until it says that it listens for them.

        :param log: the file that receives its log, at its end
        :param refresh: seconds between two looks for other mailboxes
        """
        names = ",".join(databases)
        command = self.command("catchall_listen", "-d", names, "--refresh", refresh)
        with step("Starting the listener"):
            return self._begin_saying(
                b": listened to", command, "The listener does not listen.", log
            )

    def _begin_saying(self, words, command, complaint, log):
        """Start a process and wait until its log says these words."""
        log.touch()
        offset = log.stat().st_size
        process = self._begin(command, log)
        self._wait_until(
            lambda: words in log.read_bytes()[offset:], process, complaint, log
        )
        return process

    def _begin(self, command, log, *, listens=False):
        """Start a process that writes to the end of a log.

        Tests decide themselves when mail is collected: who wants to see the listener
        inside of Odoo says so.
        """
        with log.open("a", encoding="utf-8") as stream:
            return subprocess.Popen(
                command,
                env={**self.environment(), LISTEN: "1" if listens else "0"},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the command that started it, which then stops it.
                start_new_session=True,
            )

    def _wait_until(self, is_ready, process, complaint, log):
        """Wait for a process to be ready; stop it and complain when it is not."""
        with stopped_on_error(lambda: stop(process)):
            in_time = until(
                lambda: process.poll() is not None or is_ready(), START_TIMEOUT
            )
            if not in_time or process.poll() is not None:
                raise SandboxError(f"{complaint} The end of {log}:\n{tail(log)}")

    def is_healthy(self):
        """Tell whether a server answers on our port."""
        port = self.instance.http_port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/web/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def addon_digest():
    """Return a short name for the state of everything that a database is made from."""
    files = sorted(
        path
        for folder in ADDON_FOLDERS
        for path in (config.CHECKOUT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    files += [*config.CHECKOUT.glob("*.py"), Path(__file__).with_name("seed.py")]
    stats = ((path, path.stat()) for path in files)
    return config.digest([(str(p), s.st_mtime_ns, s.st_size) for p, s in stats])


def stop(process):
    """Stop a server process, at first politely."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _locked(path):
    """Hold a file lock during the block; the kernel releases it if we die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
