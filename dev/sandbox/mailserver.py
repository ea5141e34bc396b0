"""The sandbox mail server: what a mail provider is to a small company.

Postfix takes mail from outside (``smtp``) and from logged-in users (``submission``,
``smtps``); Dovecot hands it out (``imap``, ``imaps``, ``pop3``, ``pop3s``). Both listen
on loopback only and know no way to any other machine: mail for an unknown domain is
refused from outside, and bounced to users. Every password is the part before the ``@``.

Two things can be switched while it runs, because providers differ in them:

delivery ``virtual``  Postfix's virtual(8) writes X-Original-To and Delivered-To
delivery ``lmtp``     Dovecot writes Delivered-To with the mailbox, so the original
                      recipient is left in ``Received: ... for <...>`` only. Several
                      recipients in one transaction become one copy that names none
policy ``any``        a login may send as every address of the company's domains
policy ``strict``     a login may send as itself only (553 5.7.1 ... not owned by user)

And it can be told to refuse recipients of logged-in users, with any words, to have no
catch-all or one that leads elsewhere, to deliver into a folder, and to change headers.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import config, tokens
from .files import write_whole
from .processes import run, stopped_on_error
from .progress import SandboxError, step
from .waiting import until

CATCHALL = "catchall@tenmien.test"
OWN_DOMAINS = ("tenmien.test", "congty2.test")
OWN_MAILBOXES = (CATCHALL, "user_a@tenmien.test", "user_b@tenmien.test")
# The customers' provider: one domain with a catch-all, one that knows its users.
OUTSIDE_MAILBOXES = (
    "khach@khachhang.test",
    "another@khachhang.test",
    "lan@doitac.test",
)
MAILBOXES = OWN_MAILBOXES + OUTSIDE_MAILBOXES
CATCH_ALLS = {
    "tenmien.test": CATCHALL,
    "congty2.test": CATCHALL,
    "khachhang.test": "khach@khachhang.test",
}
# {folder: its special use (RFC 6154), if it has one}
FOLDERS = {"Junk": "\\Junk", "Sent": "\\Sent", "Processed": ""}
DELIVERIES = ("virtual", "lmtp")
POLICIES = ("any", "strict")
# Owns the stored mail. Dovecot refuses root, and Debian has this user everywhere.
OWNER = "mail"
PROTOCOLS = ("smtp", "submission", "smtps", "imap", "imaps", "pop3", "pop3s", "lmtp")
START_TIMEOUT = 20
RELOAD_SECONDS = 0.2
IDLE_SECONDS = 2.0
SIZE_LIMIT = 52428800
NEW_KEY = ("-newkey", "rsa:2048", "-noenc")

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/postfix/queue
data_directory = {folder}/postfix/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.tenmien.test
mydomain = tenmien.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
biff = no
message_size_limit = {size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0

# No way out of this machine, not even a question to a name server.
default_transport = error:5.1.2 this sandbox knows no such domain
relay_transport = $default_transport
local_transport = $default_transport
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no

virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{folder}/postfix/etc/mailboxes
virtual_mailbox_base = {folder}/vmail
virtual_alias_maps = texthash:{folder}/postfix/etc/aliases
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_transport = {transport}

smtpd_relay_restrictions = reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/dovecot/run/postfix-auth
smtpd_sender_login_maps = texthash:{folder}/postfix/etc/senders-{policy}
smtpd_tls_cert_file = {folder}/tls/server.pem
smtpd_tls_key_file = {folder}/tls/server.key
smtpd_tls_loglevel = 1
"""

# Mail from outside must stay as it came, so nothing is added or completed in it.
MASTER_CF = """\
{smtp}        inet  n - n - 100 smtpd
    -o syslog_name=postfix/smtp-in -o local_header_rewrite_clients=
{submission}  inet  n - n - 100 smtpd
    -o syslog_name=postfix/submission
    -o smtpd_tls_security_level=encrypt {submission_options}
{smtps}       inet  n - n - 100 smtpd
    -o syslog_name=postfix/smtps
    -o smtpd_tls_wrappermode=yes {submission_options}
cleanup   unix  n - n - 0   cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - -   trivial-rewrite
bounce    unix  - - n - 0   bounce
defer     unix  - - n - 0   bounce
trace     unix  - - n - 0   bounce
verify    unix  - - n - 1   verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - -   proxymap
showq     unix  n - n - -   showq
error     unix  - - n - -   error
retry     unix  - - n - -   error
discard   unix  - - n - -   discard
virtual   unix  - n n - -   virtual
lmtp      unix  - - n - -   lmtp
anvil     unix  - - n - 1   anvil
scache    unix  - - n - 1   scache
postlog   unix-dgram n - n - 1 postlogd
"""
SUBMISSION_OPTIONS = """
    -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes
    -o smtpd_sender_restrictions=reject_sender_login_mismatch
    -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
    -o smtpd_recipient_restrictions=check_recipient_access,{refused}
    -o smtpd_reject_unlisted_recipient=no"""

DOVECOT_CONF = """\
hostname = mx.tenmien.test
base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot/state
log_path = {folder}/dovecot.log
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/tls/server.pem
ssl_key = <{folder}/tls/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_max_userip_connections = 500
login_trusted_networks =
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_uid = {uid}
mail_gid = {gid}
mail_home = {folder}/vmail/%d/%n
mail_location = maildir:~/Maildir
postmaster_address = postmaster@tenmien.test
lmtp_save_to_detail_mailbox = no
recipient_delimiter =

passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {folder}/dovecot/users
}}
# Of a token the sign-in server is asked; while it does not run, no token is any good.
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/dovecot/oauth2.conf.ext
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/dovecot/users
}}
namespace inbox {{
  inbox = yes
{mailboxes}
}}
service auth {{
  unix_listener {folder}/dovecot/run/postfix-auth {{
    mode = 0600
    user = postfix
  }}
}}
# A refused login keeps nobody waiting: tests are refused on purpose.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
protocol imap {{
  imap_idle_notify_interval = 30 s
}}
"""

DOVECOT_OAUTH2 = """\
introspection_mode = post
introspection_url = http://127.0.0.1:{tokens}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


def password(address):
    """Return the password of a mailbox: the part before the ``@``."""
    return address.partition("@")[0]


@dataclass(frozen=True)
class Submission:
    """What the server wrote down about one mail that a logged-in user handed in."""

    queue_id: str
    login: str
    sender: str
    recipients: tuple
    message_id: str


class MailServer:
    """Postfix and Dovecot of one instance."""

    def __init__(self, instance):
        self.instance = instance
        self.folder = instance.services / "mail"
        self.log = self.folder / "mail.log"
        self.authority = self.folder / "tls" / "ca.pem"
        self._refused = {}
        self._postfix_folder = self.folder / "postfix" / "etc"
        self._dovecot_file = self.folder / "dovecot" / "dovecot.conf"
        self._sign_in_pid_file = self.folder / "tokens.pid"
        self._postfix_pid_file = (
            self.folder / "postfix" / "queue" / "pid" / "master.pid"
        )

    def port(self, protocol):
        """Return the port a protocol is served on."""
        return self.instance.port(protocol)

    # ------------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------------

    def _write(self, path, text, mode=0o644):
        """Write a file of a server, which may begin to read it any time."""
        # Postfix waits for seconds when a file of its own seems to be in the writing.
        write_whole(path, text, mode, age=60)

    def _values(self, delivery, policy):
        owner = pwd.getpwnam(OWNER)
        mailboxes = "\n".join(
            f"  mailbox {name} {{\n    auto = create\n"
            + (f"    special_use = {use}\n" if use else "")
            + "  }"
            for name, use in FOLDERS.items()
        )
        return {
            **{name: self.port(name) for name in (*PROTOCOLS, "tokens")},
            "folder": self.folder,
            "uid": owner.pw_uid,
            "gid": owner.pw_gid,
            "domains": " ".join(
                sorted({*OWN_DOMAINS, *CATCH_ALLS, *map(_domain, MAILBOXES)})
            ),
            "transport": self._transport(delivery),
            "policy": policy,
            "size_limit": SIZE_LIMIT,
            "mailboxes": mailboxes,
            "submission_options": SUBMISSION_OPTIONS.format(
                refused=f"texthash:{self._postfix_folder / 'refused'}"
            ),
        }

    def _transport(self, delivery):
        return (
            "virtual"
            if delivery == "virtual"
            else f"lmtp:inet:127.0.0.1:{self.port('lmtp')}"
        )

    def _write_postfix(self, values):
        maps = {
            "main.cf": MAIN_CF.format(**values),
            "master.cf": MASTER_CF.format(**values),
            "mailboxes": _table({box: _maildir(box) for box in MAILBOXES}),
            "aliases": _table(_aliases(CATCH_ALLS)),
            "senders-any": _table(
                dict.fromkeys((f"@{d}" for d in OWN_DOMAINS), " ".join(OWN_MAILBOXES))
            ),
            "senders-strict": _table({box: box for box in OWN_MAILBOXES}),
            "refused": _table(self._refused),
        }
        for name, text in maps.items():
            self._write(self._postfix_folder / name, text)
        for name in ("queue", "data"):
            (self.folder / "postfix" / name).mkdir(parents=True, exist_ok=True)
        shutil.chown(self.folder / "postfix" / "data", "postfix")

    def _write_dovecot(self, values):
        self._write(self._dovecot_file, DOVECOT_CONF.format(**values))
        sign_in = self.folder / "dovecot" / "oauth2.conf.ext"
        self._write(sign_in, DOVECOT_OAUTH2.format(**values))
        users = "".join(f"{box}:{{PLAIN}}{password(box)}::::::\n" for box in MAILBOXES)
        self._write(self.folder / "dovecot" / "users", users, 0o640)
        shutil.chown(self.folder / "dovecot" / "users", "root", "dovecot")
        vmail = self.folder / "vmail"
        vmail.mkdir(parents=True, exist_ok=True)
        shutil.chown(vmail, OWNER, OWNER)

    # ------------------------------------------------------------------
    # CERTIFICATE
    # ------------------------------------------------------------------

    def _openssl(self, *arguments):
        run(
            ["openssl", *arguments],
            title="Making the certificate of the mail server",
            log=self.instance.logs / "mail-control.log",
            remedy="Install the package openssl, then start again.",
            cwd=self.folder / "tls",
        )

    def _make_certificate(self):
        """Make an authority and a certificate for this machine's loopback names."""
        folder = self.folder / "tls"
        if (folder / "server.pem").exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        authority = (
            "-x509 -days 3650 -keyout ca.key -out ca.pem -subj /CN=Sandbox-authority"
        )
        usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._openssl("req", *NEW_KEY, *authority.split(), *usage)
        self._certify("server", "DNS:localhost,DNS:mx.tenmien.test,IP:127.0.0.1")

    def _certify(self, name, names):
        """Have the authority sign a certificate for names, as `name`.pem and .key."""
        folder = self.folder / "tls"
        self._write(folder / f"{name}.cnf", f"subjectAltName={names}\n")
        request = f"-keyout {name}.key -out {name}.csr -subj /CN=localhost"
        self._openssl("req", *NEW_KEY, *request.split())
        signature = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 3650"
        files = f"-in {name}.csr -extfile {name}.cnf -out {name}.pem.new"
        self._openssl("x509", "-req", *signature.split(), *files.split())
        (folder / f"{name}.pem.new").rename(folder / f"{name}.pem")

    def sign_in_certificate(self):
        """Return the folder with the certificate of the sign-in server's names, which
        the sandbox's authority has signed."""
        folder = self.folder / "tls"
        if not (folder / "tokens.pem").exists():
            self._certify("tokens", ",".join(f"DNS:{one}" for one in tokens.NAMES))
        return folder

    # ------------------------------------------------------------------
    # RUNNING
    # ------------------------------------------------------------------

    def _control(self, *command, title):
        run(
            command,
            title=title,
            log=self.instance.logs / "mail-control.log",
            remedy=f"Its own logs are {self.log} and {self.folder / 'dovecot.log'}.",
        )

    def _postfix(self, command):
        self._control(
            "postfix", "-c", self._postfix_folder, command, title=f"Postfix {command}"
        )

    def _dovecot_runs(self):
        return _is_alive(self.folder / "dovecot" / "run" / "master.pid", "dovecot")

    def _postfix_runs(self):
        return _is_alive(
            self.folder / "postfix" / "queue" / "pid" / "master.pid", "master"
        )

    def is_running(self):
        """Tell whether both servers run."""
        return self._dovecot_runs() and self._postfix_runs()

    def start(self, delivery=None, policy=None):
        """Start what does not run yet; return whether anything was started.

        :param delivery: one of ``DELIVERIES``; a running server keeps its own
        :param policy: one of ``POLICIES``; likewise
        """
        if self.is_running():
            self.switch(delivery, policy)
            return False
        config.require_root("The sandbox mail server")
        config.require_socket_path(
            self.folder / "dovecot" / "run" / "auth-token-secret.dat.lock"
        )
        self.stop()
        for protocol in PROTOCOLS:
            config.require_free_port(
                self.port(protocol), "CATCHALL_PORT_BASE", f"the sandbox's {protocol}"
            )
        title = "Starting the sandbox mail server"
        with step(title), stopped_on_error(self.stop):
            self._make_certificate()
            values = self._values(delivery or DELIVERIES[0], policy or POLICIES[0])
            self._write_dovecot(values)
            self._write_postfix(values)
            self._control("dovecot", "-c", self._dovecot_file, title="Starting Dovecot")
            self._postfix("start")
            self._wait_until_it_answers()
        return True

    def _wait_until_it_answers(self):
        for protocol in PROTOCOLS:
            port = self.port(protocol)
            if not until(partial(config.answers, port), START_TIMEOUT):
                raise SandboxError(
                    f"The sandbox mail server does not answer on port {port} "
                    f"({protocol}). "
                    f"Look into {self.log} and {self.folder / 'dovecot.log'}."
                )

    def start_sign_in(self):
        """Start the sign-in server as a process of its own, unless one runs."""
        if tokens.is_running(self.port("tokens")):
            return
        command = (sys.executable, "-m", "sandbox.tokens", self.port("tokens"))
        process = subprocess.Popen(
            [*map(str, command), str(self.sign_in_certificate())],
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )
        self._sign_in_pid_file.write_text(str(process.pid), encoding="utf-8")
        if not until(lambda: tokens.is_running(self.port("tokens")), START_TIMEOUT):
            raise SandboxError("The sandbox's sign-in server does not answer.")

    def stop(self):
        """Stop what runs."""
        if tokens.is_running(self.port("tokens")) and self._sign_in_pid_file.exists():
            os.kill(_pid(self._sign_in_pid_file), signal.SIGTERM)
        self._sign_in_pid_file.unlink(missing_ok=True)
        if self._postfix_runs():
            self._postfix("stop")
        if self._dovecot_runs():
            self._control(
                "doveadm", "-c", self._dovecot_file, "stop", title="Stopping Dovecot"
            )

    # ------------------------------------------------------------------
    # STYLE
    # ------------------------------------------------------------------

    def _setting(self, name):
        text = (self._postfix_folder / "main.cf").read_text(encoding="utf-8")
        return re.findall(rf"^{name} = (.*)$", text, re.MULTILINE)[-1]

    @property
    def delivery(self):
        """The delivery style in force."""
        return "virtual" if self._setting("virtual_transport") == "virtual" else "lmtp"

    @property
    def policy(self):
        """The submission policy in force."""
        return self._setting("smtpd_sender_login_maps").rpartition("-")[2]

    def switch(self, delivery=None, policy=None):
        """Change the delivery style or the submission policy of the running server."""
        wanted = (delivery or self.delivery, policy or self.policy)
        if wanted == (self.delivery, self.policy):
            return
        self._write_postfix(self._values(*wanted))
        self._reload_postfix()

    @contextlib.contextmanager
    def settings(self, **values):
        """Give Postfix's main.cf further settings during the block."""
        path = self._postfix_folder / "main.cf"
        before = path.read_text(encoding="utf-8")
        lines = "".join(f"{name} = {value}\n" for name, value in values.items())
        self._write(path, f"{before}{lines}")
        self._reload_postfix()
        try:
            yield
        finally:
            self._write(path, before)
            self._reload_postfix()

    @contextlib.contextmanager
    def catch_all(self, target):
        """Lead mail for unknown addresses of the company elsewhere during the block.

        :param target: a mailbox; None for no catch-all, so that such mail is taken
            from users and comes back as undeliverable
        """
        others = {d: box for d, box in CATCH_ALLS.items() if d not in OWN_DOMAINS}
        own = dict.fromkeys(OWN_DOMAINS, target) if target else {}
        with self._table_in("aliases", _aliases(others | own)):
            yield

    @contextlib.contextmanager
    def delivering_into(self, folder):
        """Deliver the company's catch-all mail into a folder during the block; with
        the delivery ``virtual`` only."""
        rows = {box: _maildir(box) for box in MAILBOXES}
        with self._table_in("mailboxes", rows | {CATCHALL: _maildir(CATCHALL, folder)}):
            yield

    @contextlib.contextmanager
    def header_checks(self, *rules):
        """Change the headers of all mail during the block, as providers do.

        :param rules: lines of header_checks(5), with regular expressions
        """
        path = self._postfix_folder / "header_checks"
        self._write(path, "".join(f"{rule}\n" for rule in rules))
        with self.settings(header_checks=f"regexp:{path}"):
            yield

    @contextlib.contextmanager
    def _table_in(self, name, rows):
        """Let a lookup table have these rows during the block."""
        path = self._postfix_folder / name
        before = path.read_text(encoding="utf-8")
        self._write(path, _table(rows))
        self._reload_postfix()
        try:
            yield
        finally:
            self._write(path, before)
            self._reload_postfix()

    def refuse(self, answers):
        """Answer logged-in users so who write to these addresses or domains.

        :param answers: {address or domain: reply}, as ``450 4.2.0 Greylisted``
        """
        self._refused = dict(answers)
        self._write(self._postfix_folder / "refused", _table(self._refused))
        self._reload_postfix()

    def restart_postfix(self, pause=0.0):
        """Stop Postfix, whatever it is doing, and start it again after a pause (s)."""
        self._postfix("stop")
        time.sleep(pause)
        self._postfix("start")

    def restart_dovecot(self, pause=0.0):
        """Stop Dovecot with its connections and start it again after a pause (s)."""
        self._control(
            "doveadm", "-c", self._dovecot_file, "stop", title="Stopping Dovecot"
        )
        time.sleep(pause)
        self._control("dovecot", "-c", self._dovecot_file, title="Starting Dovecot")
        self._wait_until_it_answers()

    def _reload_postfix(self):
        """Do what "postfix reload" does, without its two seconds of checks."""
        offset = self.log_size()
        master = _pid(self._postfix_pid_file)
        old = _children(master)
        os.kill(master, signal.SIGHUP)
        reloaded = "reload -- version"
        if not until(lambda: reloaded in self.log_text(offset), START_TIMEOUT):
            raise SandboxError(f"Postfix did not reload. Look into {self.log}.")
        # Idle processes with the old settings learn only now that they must end, on a
        # busy machine late; who has a client goes on until that has gone.
        time.sleep(RELOAD_SECONDS)
        until(lambda: not old & _children(master), IDLE_SECONDS)

    # ------------------------------------------------------------------
    # MAILBOXES AND LOGS
    # ------------------------------------------------------------------

    def doveadm(self, *arguments):
        """Run ``doveadm`` on the sandbox's mailboxes and return what it prints."""
        command = ["doveadm", "-c", str(self._dovecot_file), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise SandboxError(
                f"doveadm {' '.join(arguments)} failed: {result.stderr.strip()}"
            )
        return result.stdout

    def empty(self, *addresses):
        """Remove all mail from mailboxes, by default from all of them."""
        for address in addresses or MAILBOXES:
            self.doveadm("expunge", "-u", address, "mailbox", "*", "all")

    def handovers(self, address):
        """Return {subject: the queue ids under which Postfix took the mails of this
        subject that are in a mailbox}.

        Postfix itself delivers what it took once a second time, under the same id, when
        it is stopped after a delivery and before it has noted it (RFC 1047). So ids say
        how often a mail was handed in, not how often it lies in the mailbox.
        """
        fields = "hdr.subject.utf8 hdr.received"
        found = self.doveadm("fetch", "-u", address, fields, "mailbox", "INBOX")
        return parse_handovers(found)

    def flush(self):
        """Have Postfix try anew what it has deferred."""
        self._postfix("flush")

    def drop_deferred(self):
        """Have Postfix forget what it has deferred."""
        command = ("postsuper", "-c", self._postfix_folder, "-d", "ALL", "deferred")
        self._control(*command, title="Emptying the queue of Postfix")

    def log_size(self):
        """Return the log's size, to read on from there later."""
        return self.log.stat().st_size if self.log.exists() else 0

    def log_text(self, offset=0):
        """Return Postfix's log from a position on."""
        with self.log.open("rb") as stream:
            stream.seek(offset)
            return stream.read().decode(errors="replace")

    def submissions(self, offset=0):
        """Return the mails that logged-in users handed in."""
        return parse_submissions(self.log_text(offset))

    def logins(self, offset=0):
        """Return how many times somebody logged in to send."""
        sessions = re.findall(
            r"postfix/(?:submission|smtps)/smtpd.*: disconnect .*? auth=(\d+)",
            self.log_text(offset),
        )
        return sum(map(int, sessions))

    def refusals(self, offset=0):
        """Return the log lines of what the server refused."""
        return [
            line for line in self.log_text(offset).splitlines() if ": reject: " in line
        ]


def parse_handovers(text):
    """Read what ``doveadm fetch`` says of mails that logged-in users have handed in.

    >>> mail = (
    ...     "hdr.subject.utf8: Chào\\nhdr.received: from a (b [127.0.0.1])\\n"
    ...     "\\tby mx (Postfix) with ESMTPSA id {}\\n\\tfor <k@k.test>; Sun\\n\\f\\n"
    ... )
    >>> parse_handovers(mail.format("4A1") + mail.format("4A1"))
    {'Chào': {'4A1'}}
    >>> sorted(parse_handovers(mail.format("4A1") + mail.format("5B2"))["Chào"])
    ['4A1', '5B2']
    """
    found = {}
    for mail in text.split("\f\n"):
        subject = re.search(r"^hdr\.subject\.utf8: (.*)", mail, re.MULTILINE)
        taken = re.search(r"\bwith E?SMTPS?A id (\w+)", mail)
        if subject and taken:
            found.setdefault(subject[1], set()).add(taken[1])
    return found


def parse_submissions(text):
    """Read the submissions out of Postfix's log.

    >>> parse_submissions(
    ...     "postfix/submission/smtpd[1]: 4A: client=c[1], sasl_username=u@t.test\\n"
    ...     "postfix/cleanup[1]: 4A: message-id=<m@t.test>\\n"
    ...     "postfix/qmgr[1]: 4A: from=<s@t.test>, size=1, nrcpt=1 (queue active)\\n"
    ...     "postfix/virtual[1]: 4A: to=<k@k.test>, orig_to=<o@k.test>, status=sent\\n"
    ... )  # doctest: +NORMALIZE_WHITESPACE
    [Submission(queue_id='4A', login='u@t.test', sender='s@t.test',
                recipients=('o@k.test',), message_id='<m@t.test>')]
    """
    found = []
    for queue_id, login in re.findall(r": (\w+): client=.*sasl_username=(\S+)", text):
        lines = "\n".join(re.findall(rf": {queue_id}: (.*)", text))
        sender = re.search(r"^from=<(.*?)>", lines, re.MULTILINE)
        if not sender:
            continue  # only asked, and taken back
        message_id = re.search(r"^message-id=(\S+)", lines, re.MULTILINE)
        recipients = re.findall(
            r"^to=<(.*?)>,(?: orig_to=<(.*?)>,)?", lines, re.MULTILINE
        )
        found.append(
            Submission(
                queue_id=queue_id,
                login=login,
                sender=sender[1],
                recipients=tuple(original or final for final, original in recipients),
                message_id=message_id[1] if message_id else "",
            )
        )
    return found


def _domain(address):
    return address.partition("@")[2]


def _maildir(box, folder=""):
    """Return where a mailbox, or a folder of it, is stored."""
    inner = f".{folder}/" if folder else ""
    return f"{_domain(box)}/{password(box)}/Maildir/{inner}"


def _aliases(catch_alls):
    """Return the rows of the aliases: a catch-all would swallow real mailboxes too,
    hence each of them leads to itself."""
    return {box: box for box in MAILBOXES} | {
        f"@{domain}": target for domain, target in catch_alls.items()
    }


def _table(rows):
    """Write a Postfix lookup table."""
    return "".join(f"{key} {value}\n" for key, value in rows.items())


def _pid(pid_file):
    return int(pid_file.read_text(encoding="utf-8"))


def _children(master):
    """Return the ids of this process's children; none on a kernel that lists none."""
    listed = Path(f"/proc/{master}/task/{master}/children")
    return set(listed.read_text(encoding="utf-8").split()) if listed.exists() else set()


def _program(pid):
    """Return the name of a process's program; an empty one when it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _is_alive(pid_file, program):
    """Tell whether the process of a pid file lives and is the program we started."""
    try:
        return _program(_pid(pid_file)) == program
    except (OSError, ValueError):
        return False
