"""Cyrus IMAP and Courier IMAP, to which the sandbox's Postfix hands the company's mail.

Each has the company's mailboxes, with the passwords of the sandbox's, speaks IMAP with
and without TLS under the sandbox's certificate, and says how Postfix reaches it.
"""

import base64
import contextlib
import hashlib
import imaplib
import shutil

from .chroots import OtherServer
from .mailserver import OWN_MAILBOXES, password
from .progress import SandboxError

TIMEOUT = 20
#: Of each of the ports, from the instance's first one.
CYRUS_PORTS = {"imap": 243, "imaps": 293, "lmtp": 224}
COURIER_PORTS = {"imap": 343, "imaps": 393}

CYRUS_CONF = """\
START {{
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -r"
  idled cmd="/usr/lib/cyrus/bin/idled"
}}
SERVICES {{
  imap cmd="/usr/lib/cyrus/bin/imapd" listen="127.0.0.1:{imap}" prefork=1
  imaps cmd="/usr/lib/cyrus/bin/imapd -s" listen="127.0.0.1:{imaps}" prefork=1
  lmtp cmd="/usr/lib/cyrus/bin/lmtpd -a" listen="127.0.0.1:{lmtp}" prefork=1
}}
EVENTS {{
  checkpoint cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -c" period=30
}}
"""
CYRUS_IMAPD_CONF = """\
configdirectory: /var/lib/cyrus
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
defaultpartition: default
partition-default: /var/spool/cyrus/mail
sievedir: /var/spool/sieve
admins: cyrus
servername: imap.tenmien.test
virtdomains: userid
defaultdomain: internal.test
altnamespace: {alternative}
unixhierarchysep: {alternative}
lmtp_downcase_rcpt: yes
allowplaintext: {plain}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: /etc/sasldb2
sasl_mech_list: PLAIN LOGIN
tls_server_cert: /etc/server.pem
tls_server_key: /etc/server.key
idlesocket: /run/cyrus/socket/idle
lmtpsocket: /run/cyrus/socket/lmtp
notifysocket: /run/cyrus/socket/notify
imapidlepoll: 60
failedloginpause: 0
{further}"""

# SASL looks for a name without a domain in that of the server.
CYRUS_ADMINISTRATOR = "cyrus@imap.tenmien.test"
CYRUS_PARTS = ("", "/db", "/msg", "/quota", "/socket", "/user")
CYRUS_FOLDERS = (
    *(f"var/lib/cyrus{part}" for part in CYRUS_PARTS),
    *(f"run/cyrus{part}" for part in ("", "/proc", "/lock", "/socket")),
    *("var/spool/cyrus/mail", "var/spool/sieve"),
)

COURIER_AUTHDAEMONRC = """\
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=2
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
"""


class ImapServer(OtherServer):
    """One server in its own root, and what a test does with it."""

    #: Whether it takes a password without TLS.
    takes_plain = True
    #: Between the parts of a folder's name, and what they all begin with.
    delimiter = "/"
    prefix = ""

    def postfix_settings(self):
        """Return the settings with which Postfix hands it the company's mail."""
        raise NotImplementedError

    def folder(self, name):
        """Return the full name of a folder of the mailbox."""
        return self.prefix + name

    def _connection(self):
        if self.takes_plain:
            return imaplib.IMAP4("127.0.0.1", self.port("imap"), TIMEOUT)
        return imaplib.IMAP4_SSL("localhost", self.port("imaps"), timeout=TIMEOUT)

    @contextlib.contextmanager
    def session(self, address):
        """Log in to a mailbox as a mail program does."""
        with self._connection() as session:
            session.login(address, password(address))
            yield session


class Dovecot(ImapServer):
    """The sandbox's own server, to compare the others with."""

    name = "dovecot"
    ports = {"imap": 143, "imaps": 993, "lmtp": 24}
    delimiter = "."

    @contextlib.contextmanager
    def running(self, **_options):
        """It runs in any case."""
        yield self

    def postfix_settings(self):
        """Return nothing: Postfix delivers to it in any case."""
        return {}


class Cyrus(ImapServer):
    """Cyrus IMAP, with Debian's names of folders (``INBOX.Junk``) or, `alternative`,
    with those that its makers advise (``Junk``); Fastmail's servers are such."""

    name = "cyrus"
    ports = CYRUS_PORTS
    delimiter = "."
    prefix = "INBOX."
    packages = (
        *("cyrus-imapd", "libsasl2-modules", "libsasl2-modules-db", "sasl2-bin"),
        "tzdata",
    )
    users = ("cyrus", "mail")

    def __init__(self, mail, alternative=False):
        self.alternative = alternative
        if alternative:
            self.name = "cyrus-unix"
            self.delimiter, self.prefix = "/", ""
        super().__init__(mail)

    def _start(self, plain=True, **further):
        """Start it.

        :param plain: whether passwords are taken without TLS
        :param further: settings of imapd.conf
        """
        self.takes_plain = plain
        values = {
            "alternative": "yes" if self.alternative else "no",
            "plain": "yes" if plain else "no",
            "further": "".join(f"{key}: {value}\n" for key, value in further.items()),
        }
        self.root.write("etc/imapd.conf", CYRUS_IMAPD_CONF.format(**values))
        ports = {protocol: self.port(protocol) for protocol in self.ports}
        self.root.write("etc/cyrus.conf", CYRUS_CONF.format(**ports))
        self.add_certificate("cyrus")
        for name in CYRUS_FOLDERS:
            self.root.make_folder(name, "cyrus")
        self._add_passwords()
        self.root.start("/usr/lib/cyrus/bin/master", "-M", "/etc/cyrus.conf")

    def _add_passwords(self):
        for address in (*OWN_MAILBOXES, CYRUS_ADMINISTRATOR):
            user, _, domain = address.partition("@")
            command = ("saslpasswd2", "-p", "-c", "-f", "/etc/sasldb2", "-u", domain)
            self.root.call(*command, user, stdin=password(address))
        self.root.own("etc/sasldb2", "cyrus")

    def _fill(self):
        with self._administrator() as session:
            for address in OWN_MAILBOXES:
                _create(session, f"user{self.delimiter}{address}")
        for address in OWN_MAILBOXES:
            with self.session(address) as session:
                _create(session, f"{self.folder('Junk')} (USE (\\Junk))")

    @contextlib.contextmanager
    def _administrator(self):
        """Log in as the one who may make mailboxes."""
        with imaplib.IMAP4_SSL("localhost", self.port("imaps"), timeout=TIMEOUT) as one:
            one.login("cyrus", "cyrus")
            yield one

    def postfix_settings(self):
        """Return the settings with which Postfix hands over by LMTP."""
        return {"virtual_transport": f"lmtp:inet:127.0.0.1:{self.port('lmtp')}"}


class Courier(ImapServer):
    """Courier IMAP over Maildirs, into which Postfix delivers by itself."""

    name = "courier"
    ports = COURIER_PORTS
    delimiter = "."
    prefix = "INBOX."
    packages = ("courier-imap", "courier-authlib-userdb")
    users = ("courier", "vmail")

    def _start(self, most_per_address=20, **settings):
        """Start it.

        :param most_per_address: connections that one address may have
        :param settings: of the file imapd, such as ``IMAP_CAPABILITY``
        """
        self.root.make_folder("run/courier", "courier")
        self.root.make_folder("run/courier/authdaemon", "courier")
        self.root.make_folder("var/lib/courier", "courier")
        self.add_certificate("courier")
        pem = [self.root.path(f"etc/server.{part}") for part in ("key", "pem")]
        text = "".join(path.read_text(encoding="utf-8") for path in pem)
        self.root.write("etc/courier/imapd.pem", text, 0o600, "courier")
        self._add_mailboxes()
        self.root.write("etc/courier/authdaemonrc", COURIER_AUTHDAEMONRC)
        self.root.start("/usr/lib/courier/courier-authlib/authdaemond")
        self._listen("imap", (), most_per_address, settings)
        tls = ("/usr/bin/couriertls", "-server", "-tcpd")
        self._listen("imaps", tls, most_per_address, settings)

    def _listen(self, protocol, through, most_per_address, settings):
        options = ("-address=127.0.0.1", "-maxprocs=40", "-nodnslookup")
        self.root.start(
            *("/usr/sbin/couriertcpd", *options, "-noidentlookup"),
            *(f"-maxperip={most_per_address}", self.port(protocol), *through),
            "/usr/lib/courier/courier/imaplogin",
            *("/usr/bin/imapd", "Maildir"),
            **{**self._settings(), **settings},
        )

    def _settings(self):
        """Return what Debian's files imapd and imapd-ssl say."""
        found = {"TLS_CERTFILE": "/etc/courier/imapd.pem"}
        for name in ("imapd-ssl", "imapd"):
            text = self.root.path(f"etc/courier/{name}").read_text(encoding="utf-8")
            for line in text.splitlines():
                key, equals, value = line.partition("=")
                if equals and not line.startswith("#"):
                    found.setdefault(key, value.strip('"'))
        tls = f"{found['IMAP_CAPABILITY']} AUTH=PLAIN"
        return {**found, "IMAP_CAPABILITY_TLS": tls, "IMAP_STARTTLS": "YES"}

    def _add_mailboxes(self):
        owner = self.root.number("vmail")
        users, secrets = [], []
        for address in OWN_MAILBOXES:
            home = f"/vmail/{_path(address)}"
            self.root.make_folder(home, "vmail", 0o700)
            for option in ((), ("-f", "Junk")):
                where = f"{home}/Maildir"
                self.root.call("/usr/bin/maildirmake.courier", *option, where)
            users.append(f"{address}\tuid={owner}|gid={owner}|home={home}|_=\n")
            digest = hashlib.sha1(password(address).encode()).digest()
            secret = base64.b64encode(digest).decode()
            secrets.append(f"{address}\tsystempw={{SHA}}{secret}\n")
        for path in self.root.path("vmail").rglob("*"):
            shutil.chown(path, owner, owner)
        for name, lines in (("userdb", users), ("userdbshadow", secrets)):
            self.root.call(
                "/usr/lib/courier/courier/makedatprog",
                *("-", f"/etc/courier/{name}.tmp", f"/etc/courier/{name}.dat"),
                stdin="".join([*lines, ".\n"]),
            )
            self.root.own(f"etc/courier/{name}.dat", "courier")

    def postfix_settings(self):
        """Return the settings with which Postfix writes into its Maildirs."""
        owner = self.root.number("vmail")
        return {
            "virtual_mailbox_base": self.root.path("vmail"),
            "virtual_uid_maps": f"static:{owner}",
            "virtual_gid_maps": f"static:{owner}",
        }


def _path(address):
    """Return where Postfix keeps a mailbox below its base."""
    user, _, domain = address.partition("@")
    return f"{domain}/{user}"


def _create(session, name):
    """Make a folder, with what it is for behind its name (RFC 6154 3)."""
    status, words = session.create(name)
    if status != "OK":
        raise SandboxError(f"The mail server makes no {name}: {words}")
