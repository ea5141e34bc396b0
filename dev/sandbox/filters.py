"""The sandbox's filters: the engines that judge mail, as a company has them.

Rspamd with its controller, SpamAssassin's spamd and ClamAV's clamd listen on loopback,
as Debian packs them. None asks another machine, and nothing is updated: there is no
name server but one that a test may have, with a list of hosts of its own. All that
ClamAV knows is EICAR, the file that is no virus but is called one.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import config, setup
from .progress import SandboxError, step, tail
from .waiting import until

#: Under which each is known, the port that it is asked on, and its process.
RSPAMD, SPAMD, CLAMD = "rspamd", "spamd", "clamd"
NAMES = (RSPAMD, SPAMD, CLAMD)
PORTS = ("rspamd", "rspamd-controller", "spamd", "clamd")
# Owns what they write. None of them works as root, and Debian has this user everywhere.
OWNER = "mail"
# spamd compiles all its rules first.
START_TIMEOUT = 60
STOP_TIMEOUT = 10
#: How many mails of each kind the statistics of Rspamd and SpamAssassin must know
#: before they speak: the preset of both is 200.
MIN_LEARNS = 200
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

# What Debian's rspamd.conf includes, but for the statistics, which are in Redis there.
RSPAMD_CONF = """\
lua = "$RULESDIR/rspamd.lua"
.include "$CONFDIR/metrics.conf"
.include "$CONFDIR/actions.conf"
.include "$CONFDIR/groups.conf"
.include "$CONFDIR/composites.conf"
.include "$CONFDIR/modules.conf"
.include "$CONFDIR/settings.conf"
modules {{
  path = "${{PLUGINSDIR}}";
  fallback_path = "${{SHAREDIR}}/lua";
}}
options {{
  filters = "chartable,dkim,regexp";
  url_tld = "${{SHAREDIR}}/effective_tld_names.dat";
  tempdir = "{folder}";
  cache_file = "{folder}/symbols.cache";
  control_socket = "{folder}/control.sock mode=0600";
  hs_cache_dir = "{compiled}/";
  allow_raw_input = true;
  explicit_modules = ["settings", "bayes_expiry"];
  local_addrs = [];
  dns {{
    nameserver = ["127.0.0.1:{name_server}:1"];
    timeout = {dns_seconds}s;
    retransmits = 1;
  }}
}}
classifier "bayes" {{
  tokenizer {{ name = "osb"; }}
  backend = "sqlite3";
  cache {{ type = "sqlite3"; path = "{folder}/learnt.sqlite"; }}
  min_tokens = 11;
  min_learns = {min_learns};
  statfile {{ symbol = "BAYES_HAM"; path = "{folder}/ham.sqlite"; spam = false; }}
  statfile {{ symbol = "BAYES_SPAM"; path = "{folder}/spam.sqlite"; spam = true; }}
}}
# Nobody resolves names here, and old mail is replayed: neither is the sender's fault.
hfilter {{ from_enabled = false; }}
group "replayed" {{
  symbols = {{
    "DATE_IN_PAST" {{ weight = 0.0; }}
    "HFILTER_HELO_NORES_A_OR_MX" {{ weight = 0.0; }}
    "HFILTER_HELO_IP_A" {{ weight = 0.0; }}
  }}
}}
logging {{ type = "console"; level = "info"; }}
worker "normal" {{
  bind_socket = "127.0.0.1:{rspamd}";
  count = 1;
  mime = true;
}}
worker "controller" {{
  bind_socket = "127.0.0.1:{rspamd-controller}";
  count = 1;
  secure_ip = "127.0.0.1";
}}
"""
#: Below which a test's name server lists hosts that send spam.
LISTED = "listed.tenmien.test"
RSPAMD_LISTED = f"""\
rbl {{
  rbls {{
    sandbox {{ symbol = "SANDBOX_LISTED"; rbl = "{LISTED}"; checks = ["from"]; }}
  }}
}}
group "sandbox" {{ symbols {{ "SANDBOX_LISTED" {{ weight = 20.0; }} }} }}
"""
SPAMD_LISTED = f"""\
dns_available yes
dns_query_restriction deny *
dns_query_restriction allow {LISTED}
header SANDBOX_LISTED eval:check_rbl('sandbox', '{LISTED}.')
tflags SANDBOX_LISTED net
score SANDBOX_LISTED 20
"""
SPAMD_LINES = """\
use_bayes 1
bayes_auto_learn 0
bayes_path {folder}/bayes
bayes_min_spam_num {min_learns}
bayes_min_ham_num {min_learns}
score NO_RELAYS 0
"""
CLAMD_CONF = """\
DatabaseDirectory {folder}/signatures
TCPSocket {clamd}
TCPAddr 127.0.0.1
Foreground yes
LogClean yes
TemporaryDirectory {folder}
"""


@dataclass(frozen=True)
class Engine:
    """One engine: the command that runs it in the foreground, and its ports."""

    name: str
    command: tuple[str, ...]
    ports: tuple[str, ...]


class Filters:
    """Rspamd, SpamAssassin and ClamAV of one instance."""

    def __init__(self, instance, min_learns=MIN_LEARNS, name_server=None):
        """Know the engines of an instance.

        :param name_server: the port of one on this machine that they ask, or None
        """
        self.instance = instance
        self.folder = instance.services / "filters"
        self._min_learns = min_learns
        self._name_server = name_server

    def port(self, name):
        """Return the port that an engine is asked on (``PORTS``)."""
        return self.instance.port(name)

    def running(self):
        """Return [(name, port)] of those that listen."""
        return [(one, self.port(one)) for one in PORTS if _answers(self.port(one))]

    def log(self, name):
        """Return the file that an engine writes its log into."""
        return self.instance.logs / f"{name}.log"

    # ------------------------------------------------------------------
    # RUNNING
    # ------------------------------------------------------------------

    def start(self, *names):
        """Install what is missing, and start what does not run yet.

        :param names: of ``NAMES``; all of them if none is given
        :return: whether anything was started
        """
        setup.install_packages(setup.FILTER_PACKAGES)
        waiting = [one for one in names or NAMES if not self._runs(one)]
        if not waiting:
            return False
        config.require_root("The sandbox's filters")
        with step(f"Starting {', '.join(waiting)}"):
            engines = [self._engine(name) for name in waiting]
            for engine in engines:
                self._launch(engine)
            for engine in engines:
                self._wait_for(engine)
        return True

    def stop(self, *names, at_once=False):
        """Stop what runs.

        :param names: of ``NAMES``; all of them if none is given
        :param at_once: whether to kill them
        """
        for name in names or NAMES:
            if self._runs(name):
                _end(self.group(name), at_once)
            self._pid_file(name).unlink(missing_ok=True)

    def group(self, name):
        """Return the number of the process group that an engine is."""
        return int(self._pid_file(name).read_text(encoding="utf-8").split()[0])

    def forget(self):
        """Stop all, and have them start again with nothing learnt."""
        self.stop()
        for name in NAMES:
            shutil.rmtree(self._data(name), ignore_errors=True)

    def _launch(self, engine):
        for port in engine.ports:
            config.require_free_port(
                self.port(port), "CATCHALL_PORT_BASE", f"the sandbox's {port}"
            )
        owner = pwd.getpwnam(OWNER)
        with self.log(engine.name).open("w", encoding="utf-8") as stream:
            process = subprocess.Popen(
                engine.command,
                cwd=self._data(engine.name),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, "HOME": str(self._data(engine.name))},
                start_new_session=True,
                user=owner.pw_uid,
                group=owner.pw_gid,
                extra_groups=(),
            )
        identity = f"{process.pid} {_started_at(process.pid)}"
        self._pid_file(engine.name).write_text(identity, encoding="utf-8")

    def _wait_for(self, engine):
        def answers():
            return all(_answers(self.port(port)) for port in engine.ports)

        until(lambda: answers() or not self._runs(engine.name), START_TIMEOUT)
        if not answers():
            log = self.log(engine.name)
            raise SandboxError(
                f"{engine.name} does not answer. The end of {log}:\n{tail(log)}"
            )

    # ------------------------------------------------------------------
    # PROCESSES
    # ------------------------------------------------------------------

    def _pid_file(self, name):
        return self.folder / f"{name}.pid"

    def _runs(self, name):
        """Tell whether the process that we have started lives."""
        file = self._pid_file(name)
        if not file.exists():
            return False
        pid, started = file.read_text(encoding="utf-8").split()
        return _started_at(int(pid)) == started

    # ------------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------------

    def _data(self, name):
        """Return the folder that an engine may write to."""
        folder = self.folder / name
        if not folder.exists():
            folder.mkdir(parents=True)
            shutil.chown(folder, OWNER, OWNER)
        return folder

    def _engine(self, name):
        """Write an engine's configuration; return the ``Engine``."""
        values = {
            **{one: self.port(one) for one in PORTS},
            "folder": self._data(name),
            # Rspamd is 15 s at it the first time.
            "compiled": self._data("compiled"),
            # Nobody listens there: nothing is ever answered.
            "name_server": self._name_server or self.instance.port("lmtp") - 1,
            "dns_seconds": 2 if self._name_server else 0.02,
            "min_learns": self._min_learns,
        }
        return {RSPAMD: self._rspamd, SPAMD: self._spamd, CLAMD: self._clamd}[name](
            values
        )

    def _rspamd(self, values):
        file = self.folder / "rspamd.conf"
        text = RSPAMD_CONF.format(**values)
        if self._name_server:
            text += RSPAMD_LISTED
        file.write_text(text, encoding="utf-8")
        command = ("rspamd", "--no-fork", "--config", str(file))
        folder = f"DBDIR={values['folder']}"
        return Engine(
            RSPAMD, (*command, "--var", folder), ("rspamd", "rspamd-controller")
        )

    def _spamd(self, values):
        lines = SPAMD_LINES.format(**values)
        network = ("--local", "--cf", "dns_available no")
        if self._name_server:
            network = ()
            lines += f"dns_server [127.0.0.1]:{self._name_server}\n{SPAMD_LISTED}"
        command = (
            *("spamd", "--listen", f"127.0.0.1:{self.port('spamd')}"),
            *(*network, "--nouser-config", "--allow-tell", "--max-children", "2"),
            *("--syslog", "stderr"),
            *(part for line in lines.splitlines() for part in ("--cf", line)),
        )
        return Engine(SPAMD, command, ("spamd",))

    def _clamd(self, values):
        signatures = values["folder"] / "signatures"
        signatures.mkdir(exist_ok=True)
        # Name, any kind of file, anywhere in it, and the bytes: clamav's .ndb.
        line = f"Eicar-Test-Signature:0:*:{EICAR.encode().hex()}\n"
        (signatures / "eicar.ndb").write_text(line, encoding="utf-8")
        file = self.folder / "clamd.conf"
        file.write_text(CLAMD_CONF.format(**values), encoding="utf-8")
        return Engine(CLAMD, ("clamd", "--config-file", str(file)), ("clamd",))


def _answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _started_at(pid):
    """Return when a process was started, as the kernel counts; "" if there is none.

    Together with its number it is known for good: numbers are used again.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    state, *rest = text.rpartition(")")[2].split()
    return "" if state == "Z" else rest[18]


def _end(pid, at_once):
    """End an engine with all of its processes, which are a group."""
    for number in (signal.SIGKILL,) if at_once else (signal.SIGTERM, signal.SIGKILL):
        os.killpg(pid, number)
        if until(lambda: not _started_at(pid), STOP_TIMEOUT):
            return
