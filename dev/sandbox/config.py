"""Where the sandbox keeps its things, and on which ports it listens.

Environment variables a person may set:

``ODOO_SRC``            an Odoo 19 checkout to use instead of downloading one
``XDG_CACHE_HOME``      where runtime data lives (default ``~/.cache``)
``CATCHALL_INSTANCE``   ``run`` (default) or ``test``: separate data and ports
``CATCHALL_HTTP_PORT``  Odoo's port (run 8069, test 8169)
``CATCHALL_PORT_BASE``  the mail ports are this plus the well-known ones
                        (run 20000, test 21000: SMTP 20025, IMAP 20143, ...)
``CATCHALL_FSYNC``      ``on`` or ``off`` (default off for ``test`` only)
"""

import hashlib
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from .progress import SandboxError

ADDON = "mail_catchall_router"
CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_INSTANCE = "run"
PORT_BASES = {"run": 20000, "test": 21000}
HTTP_PORTS = {"run": 8069, "test": 8169}
OTHER_PORT_BASE = 22000
WELL_KNOWN_PORTS = {
    "lmtp": 24,
    "smtp": 25,
    "tokens": 80,
    "pop3": 110,
    "imap": 143,
    # Their own are 11333, 11334 and 3310.
    "rspamd": 333,
    "rspamd-controller": 334,
    "clamd": 310,
    "smtps": 465,
    "submission": 587,
    "spamd": 783,
    "imaps": 993,
    "pop3s": 995,
}
OTHER_HTTP_PORT = 8269
# A Unix socket's path may not be longer than this (sun_path, minus the NUL).
SOCKET_PATH_MAX = 107


def cache():
    """Return the folder for everything that is not part of the checkout."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home).absolute() / ADDON


def logs():
    """Return the folder of the setup's own logs."""
    return cache() / "log"


def digest(text):
    """Return a short name for a text, good enough to tell two folders apart."""
    return hashlib.sha256(str(text).encode()).hexdigest()[:8]


def _traversable(path):
    """Tell whether other users may walk through every existing parent of a path."""
    return all(
        folder.stat().st_mode & 0o001 for folder in path.parents if folder.exists()
    )


def services():
    """Return the folder for services that give up root and so must reach their files.

    Normally that is in the cache. Nobody but root can walk into ``/root`` though, so
    for root it is the system's cache, with a link from our own to find it by.
    """
    wanted = cache() / "services"
    if re.search(r"\s", str(wanted)):
        raise SandboxError(
            f"The mail server cannot use {wanted}, because of the space in its path. "
            "Set XDG_CACHE_HOME to a folder without one."
        )
    if os.geteuid() or _traversable(wanted):
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    real = Path("/var/cache") / ADDON / digest(cache())
    real.mkdir(parents=True, exist_ok=True)
    cache().mkdir(parents=True, exist_ok=True)
    if not wanted.is_symlink():
        wanted.symlink_to(real)
    return real


def _port(variable, default):
    """Read a port number from the environment."""
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or not 1023 < int(text) < 65536 - 1000:
        raise SandboxError(
            f"{variable}={text} is no usable port: take a number from 1024 to 64535."
        )
    return int(text)


@dataclass(frozen=True)
class Instance:
    """One set of services with its own data and its own ports."""

    name: str
    port_base: int
    http_port: int

    @classmethod
    def current(cls, default=DEFAULT_INSTANCE):
        """Return the instance the environment asks for."""
        name = os.environ.get("CATCHALL_INSTANCE") or default
        if not re.fullmatch(r"[a-z][a-z0-9]{0,15}", name):
            raise SandboxError(
                f"CATCHALL_INSTANCE={name} is no name: take a short lowercase word."
            )
        base = _port("CATCHALL_PORT_BASE", PORT_BASES.get(name, OTHER_PORT_BASE))
        http_port = _port("CATCHALL_HTTP_PORT", HTTP_PORTS.get(name, OTHER_HTTP_PORT))
        return cls(name, base, http_port)

    def port(self, protocol):
        """Return the port of a mail protocol, for example ``port("imaps")``."""
        return self.port_base + WELL_KNOWN_PORTS[protocol]

    @property
    def folder(self):
        """The instance's data that only we ourselves read: Odoo's files, logs."""
        return cache() / self.name

    @property
    def services(self):
        """The instance's data that services read under another user."""
        return services() / self.name

    @property
    def logs(self):
        """The folder of all logs of this instance."""
        folder = self.folder / "log"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def fsync(self):
        """Whether PostgreSQL waits for the disk; a test may do without."""
        return (
            os.environ.get("CATCHALL_FSYNC", "off" if self.name == "test" else "on")
            == "on"
        )


def require_free_port(port, variable, purpose):
    """Raise a sentence when something listens on a port that we need."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SandboxError(
                f"Port {port} for {purpose} is taken by another program. "
                f"Stop that program, or choose another port with {variable}."
            ) from error


def answers(port):
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def require_socket_path(path):
    """Raise a sentence when a Unix socket would get too long a path."""
    if len(str(path)) > SOCKET_PATH_MAX:
        raise SandboxError(
            f"The path {path} is too long for a Unix socket. "
            "Set XDG_CACHE_HOME to a folder with a shorter path."
        )


def require_root(purpose):
    """Raise a sentence when we are not root."""
    if os.geteuid():
        raise SandboxError(
            f"{purpose} needs root. Run the same command again with sudo."
        )
