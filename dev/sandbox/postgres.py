"""A PostgreSQL cluster of the sandbox's own, reachable through its Unix socket only."""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from . import config
from .processes import run, stopped_on_error
from .progress import SandboxError, step

ROLE = "odoo"
PORT = 5432
SUPERUSER = "postgres"
NO_FSYNC = ("fsync", "full_page_writes", "synchronous_commit")


def _bin_folder():
    """Return the folder with the newest PostgreSQL server programs."""
    found = Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    on_path = shutil.which("pg_ctl")
    if not newest and not on_path:
        raise SandboxError(
            "There is no PostgreSQL server. Install the package postgresql."
        )
    return (newest or Path(on_path)).parent


class Cluster:
    """The database server of one instance."""

    def __init__(self, instance):
        self.instance = instance
        self.folder = instance.services / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.bin = _bin_folder()

    @property
    def socket_folder(self):
        """The folder that clients name as the host."""
        return self.folder

    def _owner(self):
        """Options that run a command as a user PostgreSQL accepts; it refuses root."""
        if os.geteuid():
            return {}
        user = pwd.getpwnam(SUPERUSER)
        return {
            "user": user.pw_uid,
            "group": user.pw_gid,
            "extra_groups": [],
            "cwd": "/",
        }

    def _prepare_folder(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        config.require_socket_path(self.folder / f".s.PGSQL.{PORT}.lock")
        if not os.geteuid():
            shutil.chown(self.folder, SUPERUSER, SUPERUSER)
        self.folder.chmod(0o700)

    def _run(self, program, *arguments, title):
        run(
            [self.bin / program, *arguments],
            title=title,
            log=self.instance.logs / "postgres-control.log",
            remedy=f"Its own log is {self.log}.",
            **self._owner(),
        )

    def _initialise(self):
        """Create the cluster, once; an interrupted attempt leaves no marker."""
        marker = self.folder / "initialised"
        if marker.exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        options = [
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--username={SUPERUSER}",
        ]
        with step("Creating the database cluster"):
            self._run(
                "initdb",
                "-D",
                self.data,
                *options,
                title="Creating the database cluster",
            )
        marker.touch()

    def _settings(self):
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "port": str(PORT),
            "max_connections": "200",
            "shared_buffers": "256MB",
            "max_wal_size": "4GB",
        }
        if not self.instance.fsync:
            settings.update(dict.fromkeys(NO_FSYNC, "off"))
        return settings

    def _write_settings(self):
        lines = [f"{name} = '{value}'\n" for name, value in self._settings().items()]
        (self.data / "postgresql.auto.conf").write_text(
            "".join(lines), encoding="utf-8"
        )

    def is_running(self):
        """Tell whether the server answers."""
        command = [
            self.bin / "pg_isready",
            "-q",
            "-h",
            self.socket_folder,
            "-p",
            str(PORT),
        ]
        return subprocess.run(command, check=False).returncode == 0

    def start(self):
        """Start the server unless it runs; return whether we started it."""
        if self.is_running():
            return False
        self._prepare_folder()
        self._initialise()
        self._write_settings()
        with step("Starting PostgreSQL"), stopped_on_error(self.stop):
            arguments = ("-D", self.data, "-l", self.log, "-w", "start")
            self._run("pg_ctl", *arguments, title="Starting PostgreSQL")
            self._create_role()
        return True

    def stop(self):
        """Stop the server, throwing out whoever is still connected."""
        if self.is_running():
            arguments = ("-D", self.data, "-m", "fast", "-w", "stop")
            self._run("pg_ctl", *arguments, title="Stopping PostgreSQL")

    def _create_role(self):
        """Create Odoo's role; Odoo refuses to work as ``postgres``."""
        if not self.query(
            f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'", user=SUPERUSER
        ):
            self.query(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user=SUPERUSER)

    def query(self, sql, database="postgres", *, user=ROLE):
        """Run SQL and return the rows, as lines of ``|``-separated text."""
        command = [
            self.bin / "psql",
            "-XqAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.socket_folder,
        ]
        command += ["-p", str(PORT), "-U", user, "-d", database, "-c", sql]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise SandboxError(
                f"PostgreSQL refused a statement: {result.stderr.strip()}"
            )
        return result.stdout.splitlines()

    # ------------------------------------------------------------------
    # DATABASES
    # ------------------------------------------------------------------

    def exists(self, database):
        """Tell whether a database exists."""
        return bool(
            self.query(f"SELECT 1 FROM pg_database WHERE datname = '{_safe(database)}'")
        )

    def drop(self, database):
        """Remove a database if there is one, throwing out whoever is connected."""
        # Also what works in it for PostgreSQL itself, such as autovacuum.
        drop = f"DROP DATABASE IF EXISTS {_safe(database)} WITH (FORCE)"
        self.query(drop, user=SUPERUSER)

    def copy(self, source, target):
        """Create a database as an exact copy of another one."""
        # For 100 MB, copying files beats writing every page to the log.
        self.query(
            f"CREATE DATABASE {_safe(target)}"
            f" TEMPLATE {_safe(source)} STRATEGY file_copy"
        )

    def restore(self, file, target):
        """Create a database from a backup in PostgreSQL's own form."""
        self.query(f"CREATE DATABASE {_safe(target)}")
        place = ("-h", self.socket_folder, "-p", str(PORT), "-U", ROLE)
        # As ourselves: the server's user need not be able to read the file.
        run(
            [self.bin / "pg_restore", "--no-owner", *place, "-d", target, file],
            title="Restoring a backup",
            log=self.instance.logs / "postgres-restore.log",
            remedy=f"Its own log is {self.log}.",
        )

    def rename(self, source, target):
        """Give a database another name."""
        self.query(f"ALTER DATABASE {_safe(source)} RENAME TO {_safe(target)}")


def _safe(name):
    """Return a database name that needs no quoting, or refuse it."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        raise SandboxError(
            f"{name!r} is no database name: use small letters, digits and underscores."
        )
    return name
