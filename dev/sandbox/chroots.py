"""Servers that cannot be installed beside ours, each in a root of its own.

Debian's packages of one mail server conflict with those of another, and their programs
have paths and users built in. Here they are downloaded and unpacked without being
installed, get copies of what their programs need of this machine, and run under
chroot(2). That takes root, but neither mounts nor namespaces, which containers forbid.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
from pathlib import Path

from . import config, setup
from .processes import run
from .progress import SandboxError, step, tail
from .waiting import until

START_TIMEOUT = 20
STOP_TIMEOUT = 10
# Each device's major and minor number (null(4), random(4)).
DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}
MACHINE_FILES = ("hosts", "nsswitch.conf", "protocols", "resolv.conf", "services")
SHELL_PROGRAMS = ("/bin/sh", "/bin/cat", "/bin/rm", "/bin/mkdir", "/usr/bin/env")
ELF = b"\x7fELF"
FIRST_ID = 61000


class Chroot:
    """The unpacked packages of one server, and its processes.

    :param name: of its folder and of its log
    :param packages: names of Debian's packages; what they depend on comes along
    :param users: system users its programs ask for; each has a group of its name
    """

    def __init__(self, instance, name, packages, users):
        self.name = name
        self.packages = packages
        self.users = users
        self.folder = instance.services / "others" / name
        self.log = instance.logs / f"{name}.log"
        self._processes = []
        self._syslog = None

    # ------------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------------

    def make(self):
        """Unpack the packages into a new root."""
        config.require_root(f"A root for {self.name}")
        archives = _download(self.packages)
        with step(f"Unpacking {', '.join(self.packages)}"):
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            self.log.unlink(missing_ok=True)
            for archive in archives:
                run(
                    ["dpkg-deb", "--extract", archive, self.folder],
                    title=f"Unpacking {archive.name}",
                    log=config.logs() / "setup-others.log",
                    remedy=f"Delete {archive.parent} and start again.",
                )
            self._add_machine()
            self._add_libraries()

    def path(self, inside):
        """Return where a path of the root is on this machine."""
        return self.folder / str(inside).lstrip("/")

    def write(self, inside, text, mode=0o644, owner="root"):
        """Write a file of the root."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        self.own(inside, owner)
        return path

    def make_folder(self, inside, owner="root", mode=0o755):
        """Make a folder of the root that belongs to one of its users."""
        path = self.path(inside)
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        self.own(inside, owner)
        return path

    def own(self, inside, owner):
        """Give a path of the root to one of its users."""
        number = self.number(owner)
        os.chown(self.path(inside), number, number)

    def number(self, user):
        """Return the number of one of its users and of his group."""
        return FIRST_ID + self.users.index(user) if user in self.users else 0

    def _add_machine(self):
        """Add what programs expect on every machine: users, names, devices, a shell."""
        lines = [(user, self.number(user)) for user in ("root", *self.users)]
        users = "".join(
            f"{user}:x:{number}:{number}::/var/empty:/bin/sh\n"
            for user, number in lines
        )
        self.write("etc/passwd", users)
        self.write("etc/group", "".join(f"{user}:x:{n}:\n" for user, n in lines))
        for name in MACHINE_FILES:
            if Path("/etc", name).exists():
                shutil.copy(Path("/etc", name), self.path("etc"))
        for name in ("tmp", "var/tmp"):
            self.make_folder(name, mode=0o1777)
        for name in ("dev", "run", "var/empty", "var/log"):
            self.make_folder(name)
        if not self.path("var/run").exists():
            self.path("var/run").symlink_to("/run")
        for name, numbers in DEVICES.items():
            node = self.path(f"dev/{name}")
            os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(*numbers))
            node.chmod(0o666)
        for program in SHELL_PROGRAMS:
            self._copy(Path(program))

    def _copy(self, source):
        """Copy a file of this machine to where the root has it, unless it has one."""
        target = self.path(source)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)

    def _add_libraries(self):
        """Copy the shared libraries that the root's programs need and it lacks."""
        programs = [path for path in self.folder.rglob("*") if _is_elf(path)]
        own = {str(path.parent) for path in programs if ".so" in path.name}
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(sorted(own))}
        command = ["ldd", *map(str, programs)]
        output = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment
        ).stdout
        if missing := sorted(set(re.findall(r"(\S+) => not found", output))):
            raise SandboxError(
                f"Nothing has {', '.join(missing)}, which {self.name} needs."
            )
        for name in sorted(set(re.findall(r"(/\S+) \(0x", output))):
            if not name.startswith(str(self.folder)):
                self._copy(Path(name))

    # ------------------------------------------------------------------
    # PROCESSES
    # ------------------------------------------------------------------

    def start(self, *command, **environment):
        """Start a program of the root that stays in the foreground."""
        with self.log.open("a", encoding="utf-8") as stream:
            process = subprocess.Popen(
                ["chroot", str(self.folder), *map(str, command)],
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def call(self, *command, stdin="", **environment):
        """Run a program of the root to its end; return what it prints."""
        result = subprocess.run(
            ["chroot", str(self.folder), *map(str, command)],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise SandboxError(
                f"{command[0]} of {self.name} failed: "
                f"{(result.stderr or result.stdout).strip()}"
            )
        return result.stdout

    def wait_for_port(self, port):
        """Wait until somebody listens on a port of this machine."""

        def has_ended():
            return any(one.poll() is not None for one in self._processes)

        until(lambda: config.answers(port) or has_ended(), START_TIMEOUT)
        if not config.answers(port):
            raise SandboxError(
                f"{self.name} does not answer on port {port}. "
                f"The end of {self.log}:\n{tail(self.log)}"
            )

    def write_log(self):
        """Write what its programs say to syslog(3) into the log."""
        path = self.path("dev/log")
        self._syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        config.require_socket_path(path)
        self._syslog.bind(str(path))
        path.chmod(0o666)
        threading.Thread(target=self._keep_log, daemon=True).start()

    def _keep_log(self):
        with self.log.open("ab", buffering=0) as stream:
            while True:
                try:
                    data = self._syslog.recv(65536)
                except OSError:
                    return
                stream.write(data.rstrip(b"\0\n") + b"\n")

    def stop(self):
        """End all of its processes."""
        for process in reversed(self._processes):
            _end(process)
        self._processes.clear()
        if self._syslog:
            self._syslog.close()
            self._syslog = None


class OtherServer:
    """A mail server in its own root; `mail` is the sandbox's own, whose certificate it
    has and with which it exchanges mail."""

    name = ""
    #: Of each of its ports, from the instance's first one.
    ports: dict[str, int] = {}
    packages: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    def __init__(self, mail):
        self.mail = mail
        self.instance = mail.instance
        self.root = Chroot(mail.instance, self.name, self.packages, self.users)

    def port(self, protocol):
        """Return the port it serves a protocol on."""
        return self.instance.port_base + self.ports[protocol]

    @contextlib.contextmanager
    def running(self, **options):
        """Let the server run, anew, during the block."""
        for protocol in self.ports:
            purpose = f"{self.name}'s {protocol}"
            config.require_free_port(self.port(protocol), "CATCHALL_PORT_BASE", purpose)
        self.root.make()
        self.root.write_log()
        try:
            self._start(**options)
            for protocol in self.ports:
                self.root.wait_for_port(self.port(protocol))
            self._fill()
            yield self
        finally:
            self.root.stop()

    def _start(self, **options):
        raise NotImplementedError

    def _fill(self):
        """Make what mailboxes and folders there are in the beginning."""

    def add_certificate(self, owner):
        """Copy the sandbox's certificate and its key into the root."""
        for name in ("server.pem", "server.key"):
            text = (self.mail.folder / "tls" / name).read_text(encoding="utf-8")
            self.root.write(f"etc/{name}", text, mode=0o600, owner=owner)


def _end(process):
    """End a process and those that it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return


def _download(packages):
    """Return the archives of packages and of what they need beyond this machine."""
    folder = config.cache() / "debs" / packages[0]
    key = " ".join(packages)
    if not setup.is_done(f"debs-{packages[0]}", key):
        with step(f"Downloading {', '.join(packages)}"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            setup.download_packages(_wanted(packages), folder)
        setup.mark_done(f"debs-{packages[0]}", key)
    return sorted(folder.glob("*.deb"))


def _wanted(packages):
    """Return what apt would newly install for these packages. What it would upgrade is
    there, and what it would remove is the reason for all this."""
    setup.update_package_lists()
    command = ["apt-get", "install", "--simulate", "--no-install-recommends"]
    result = subprocess.run(
        [*command, *packages], capture_output=True, text=True, check=False
    )
    new = re.findall(r"^Inst (\S+) \(", result.stdout, re.MULTILINE)
    return sorted({*new, *packages})


def _is_elf(path):
    """Tell whether this is a program or a library."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == ELF
