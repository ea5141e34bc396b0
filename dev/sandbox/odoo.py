"""Odoo's command line with the sandbox's settings, and template databases."""

import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request

from . import config, setup
from .postgres import PORT, ROLE, Cluster
from .progress import SandboxError, run, step, tail

BASE_MODULES = ("crm", "hr_recruitment", "project", "base_automation")
# Raise when the way a template database is made changes.
TEMPLATE_FORMAT = "1"


class Odoo:
    """Odoo of one instance: its configuration, processes and databases."""

    def __init__(self, instance, source):
        self.instance = instance
        self.source = source
        self.cluster = Cluster(instance)
        self.data = instance.folder / "odoo"
        self.configuration = (
            instance.folder / f"odoo-{config.digest(config.CHECKOUT)}.conf"
        )

    @property
    def url(self):
        """The address a browser uses."""
        return f"http://localhost:{self.instance.http_port}"

    @property
    def addons_path(self):
        """Odoo's addons folders and the one with our link, as one option."""
        return ",".join(map(str, [*self.source.addons_paths, setup.addons_folder()]))

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
        self.configuration.write_text("[options]\n" + "".join(lines), encoding="utf-8")

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
            "PYTHONPATH": str(self.source.path),
            # Keeps compiled files out of the checkout, and there at all when root
            # runs a source tree that belongs to somebody else.
            "PYTHONPYCACHEPREFIX": str(config.cache() / "pycache"),
            "PYTHONUNBUFFERED": "1",
            "SSL_CERT_FILE": str(self._certificates()),
        }

    def _certificates(self):
        """Return the authorities to trust: the system's and the sandbox mail server's."""
        own = self.instance.services / "mail" / "tls" / "ca.pem"
        bundle = self.instance.folder / "ca-bundle.pem"
        system = ssl.get_default_verify_paths().cafile
        parts = [system, own] if system else [own]
        texts = []
        for part in parts:
            if os.path.exists(part):
                with open(part, encoding="utf-8") as stream:
                    texts.append(stream.read())
        bundle.parent.mkdir(parents=True, exist_ok=True)
        bundle.write_text("\n".join(texts), encoding="utf-8")
        return bundle

    def command(self, *arguments):
        """Return the command line for ``odoo ARGUMENTS``."""
        command = [str(setup.python()), "-m", "odoo"]
        # Only in front of a command does Odoo look for commands that addons bring.
        if arguments and not arguments[0].startswith("-"):
            command.append(f"--addons-path={self.addons_path}")
        return [*command, *map(str, arguments)]

    # ------------------------------------------------------------------
    # PROCESSES
    # ------------------------------------------------------------------

    def prepare(self):
        """Make sure that a command of Odoo finds its configuration and database server."""
        started = self.cluster.start()
        self.configure()
        return started

    def replace_process(self, arguments):
        """Become ``odoo ARGUMENTS``; does not return."""
        self.prepare()
        command = self.command(*arguments)
        os.execve(command[0], command, self.environment())

    def call(self, *arguments, title, log, stdin=None):
        """Run ``odoo ARGUMENTS`` to its end."""
        with step(title):
            run(
                self.command(*arguments),
                title=title,
                log=log,
                remedy="Read the log, mend the cause and start again.",
                env=self.environment(),
                **({"input": stdin} if stdin else {}),
            )
