"""Exim and OpenSMTPD in Postfix's place: mail from outside comes in by them, and users
hand theirs in.

Both give all mail to the sandbox's Dovecot by LMTP: that of the company's unknown
addresses goes to the catch-all mailbox, that for customers to their own. Every login's
password is the part of its name before the ``@``.
"""

from .chroots import OtherServer
from .mailserver import CATCHALL, MAILBOXES, OWN_DOMAINS, OWN_MAILBOXES

EXIM_PORTS = {"smtp": 425, "submission": 487}
OPENSMTPD_PORTS = {"smtp": 525, "submission": 586}
OUTSIDE_DOMAINS = ("khachhang.test", "doitac.test")

# As cPanel has it: the catch-all is a redirection, and the delivery adds what the
# recipient's address was, when, and from whom.
EXIM_CONF = """\
primary_hostname = mx.tenmien.test
qualify_domain = tenmien.test
exim_user = Debian-exim
exim_group = Debian-exim
keep_environment =
never_users =
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = {smtp} : {submission}
tls_advertise_hosts = *
tls_certificate = /etc/server.pem
tls_privatekey = /etc/server.key
host_lookup =
rfc1413_hosts =
disable_ipv6 = true
queue_run_in_order = true
message_size_limit = 50M
domainlist own_domains = {own_domains}
domainlist local_domains = {domains}
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
{further}
begin acl
acl_mail:
  deny condition = ${{if eq{{$received_port}}{{{submission}}}}}
       !authenticated = *
       message = Authentication required
  accept
acl_rcpt:
  {rules}
  accept authenticated = *
  accept domains = +local_domains
  deny message = relay not permitted

begin routers
mailboxes:
  driver = accept
  condition = ${{if inlisti{{$local_part@$domain}}{{{mailboxes}}}}}
  transport = dovecot
catch_all:
  driver = redirect
  domains = +own_domains
  data = {catch_all}
nobody:
  driver = redirect
  allow_fail
  data = :fail: No such user here

begin transports
dovecot:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  hosts_override
  allow_localhost
  port = {dovecot}
  hosts_avoid_tls = *
  delivery_date_add
  envelope_to_add
  return_path_add
  {rewriting}

begin retry
* * F,2h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{${{local_part:$auth2}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{${{local_part:$auth1}}}}}}
  server_set_id = $auth1
"""
# What cPanel's "Experimental: Rewrite From: header to match actual sender" does.
EXIM_REWRITING = """\
headers_remove = ${if !eq{$authenticated_id}{}{From}}
  headers_add = ${if !eq{$authenticated_id}{}{From: $authenticated_id\\n\
X-From-Rewrite: rewritten was: [$h_from:], actual sender does not match}}"""

OPENSMTPD_CONF = """\
table own file:/etc/mail/own
table outside file:/etc/mail/outside
table users {{ "vmail" = "{owner}:{owner}:/var/empty" }}
listen on 127.0.0.1 port {smtp} hostname mx.tenmien.test
listen on 127.0.0.1 port {submission} hostname mx.tenmien.test
action "own" lmtp "127.0.0.1:{dovecot}" rcpt-to userbase <users> virtual <own>
action "outside" lmtp "127.0.0.1:{dovecot}" rcpt-to userbase <users> virtual <outside>
match from any for domain {{ {own_domains} }} action "own"
match from any for domain {{ {outside_domains} }} action "outside"
"""


class SmtpServer(OtherServer):
    """One server in its own root. Its mail arrives in the sandbox's mailboxes."""

    #: Whether users log in, or are those of the same machine.
    takes_logins = True

    def queue_is_empty(self):
        """Tell whether it has delivered everything it took."""
        raise NotImplementedError

    def log_text(self):
        """Return what it wrote down about mail."""
        return self.root.log.read_text(encoding="utf-8", errors="replace")


class Exim(SmtpServer):
    """Exim as cPanel sets it up."""

    name = "exim"
    ports = EXIM_PORTS
    packages = ("exim4-daemon-light",)
    users = ("Debian-exim", "mail")

    def _start(self, rules="", rewrites_from=False, further=""):
        """Start it.

        :param rules: lines of the access list of recipients, before all others
        :param rewrites_from: whether users write in the name of their login alone
        :param further: lines of the main part
        """
        self.add_certificate("Debian-exim")
        values = {
            **{protocol: self.port(protocol) for protocol in self.ports},
            "own_domains": " : ".join(OWN_DOMAINS),
            "domains": " : ".join((*OWN_DOMAINS, *OUTSIDE_DOMAINS)),
            "mailboxes": " : ".join(MAILBOXES),
            "catch_all": CATCHALL,
            "dovecot": self.mail.port("lmtp"),
            "rules": rules,
            "rewriting": EXIM_REWRITING if rewrites_from else "",
            "further": further,
        }
        self.root.write("etc/exim.conf", EXIM_CONF.format(**values))
        for name in ("var/spool/exim4", "var/log/exim4"):
            self.root.make_folder(name, "Debian-exim", 0o750)
        self.root.start("/usr/sbin/exim4", "-bdf", "-q1m", "-C", "/etc/exim.conf")

    def queue_is_empty(self):
        """Tell whether it has delivered everything it took."""
        folder = self.root.path("var/spool/exim4/input")
        return not any(path.is_file() for path in folder.rglob("*"))

    def log_text(self):
        """Return what it wrote down about mail."""
        log = self.root.path("var/log/exim4/mainlog")
        return log.read_text(encoding="utf-8", errors="replace")


class OpenSmtpd(SmtpServer):
    """OpenSMTPD as its manual sets it up beside Dovecot, on the machine where Odoo is.

    Nobody logs in: that takes TLS, and Debian 12's version 6.8 can do none with OpenSSL
    3 (OpenSMTPD's issues 1171 and 1239).
    """

    name = "opensmtpd"
    takes_logins = False
    ports = OPENSMTPD_PORTS
    packages = ("opensmtpd",)
    users = ("opensmtpd", "opensmtpq", "vmail")

    def _start(self, **_options):
        own = {box: "vmail" for box in OWN_MAILBOXES}
        own |= {f"@{domain}": CATCHALL for domain in OWN_DOMAINS}
        outside = {box: "vmail" for box in MAILBOXES if box not in OWN_MAILBOXES}
        for name, rows in (("own", own), ("outside", outside)):
            lines = "".join(f"{key}\t{value}\n" for key, value in rows.items())
            self.root.write(f"etc/mail/{name}", lines)
        values = {
            **{protocol: self.port(protocol) for protocol in self.ports},
            "owner": self.root.number("vmail"),
            "dovecot": self.mail.port("lmtp"),
            "own_domains": ", ".join(f'"{one}"' for one in OWN_DOMAINS),
            "outside_domains": ", ".join(f'"{one}"' for one in OUTSIDE_DOMAINS),
        }
        self.root.write("etc/smtpd.conf", OPENSMTPD_CONF.format(**values))
        self.root.make_folder("var/spool/smtpd", mode=0o711)
        self.root.make_folder("var/lib/opensmtpd/empty")
        self.root.start("/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf")

    def queue_is_empty(self):
        """Tell whether it has delivered everything it took."""
        folder = self.root.path("var/spool/smtpd/queue")
        return not any(path.is_file() for path in folder.rglob("*"))
