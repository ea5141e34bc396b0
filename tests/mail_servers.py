"""Mail servers that say what a test lets them say, on a port of this machine."""

import contextlib
import datetime as dt
import ipaddress
import socketserver
import ssl
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def imap_answer(line, refuse="", words="[AUTHENTICATIONFAILED] Invalid credentials"):
    """Answer one IMAP command; the command named ``refuse`` is refused."""
    tag, _space, rest = line.partition(" ")
    command = rest.split(" ")[0].upper()
    if command == refuse:
        return f"{tag} NO {words}\r\n"
    if command == "CAPABILITY":
        return f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"
    if command in ("SELECT", "EXAMINE"):
        return (
            "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 4] next\r\n"
            f"{tag} OK [READ-ONLY] opened\r\n"
        )
    return f"{tag} OK done\r\n"


def imap_without_inbox(line):
    """Log in, and have no INBOX."""
    tag = line.partition(" ")[0]
    if " EXAMINE" in line:
        return f"{tag} NO [NONEXISTENT] Mailbox does not exist\r\n"
    return imap_answer(line)


def pop_answer(line):
    """Answer one POP3 command."""
    return "+OK 5 1234\r\n" if line.startswith("STAT") else "+OK\r\n"


def smtp_answer(line, refused=(), words="550 5.7.1 Not allowed"):
    """Answer one SMTP command; those that begin with ``refused`` are refused."""
    command = line.split(" ")[0].upper()
    if command in refused:
        return f"{words}\r\n"
    if command == "EHLO":
        return "250-localhost\r\n250 AUTH PLAIN LOGIN\r\n"
    if command == "AUTH":
        return "235 2.7.0 Welcome\r\n"
    return "221 Bye\r\n" if command == "QUIT" else "250 OK\r\n"


@contextlib.contextmanager
def serve(greeting, answer=None, context=None):
    """Serve on a free port; give the port and the list of the lines received.

    :param greeting: what is said first, str
    :param answer: function of a line; None closes the connection after the greeting
    :param context: ``ssl.SSLContext`` of a server that begins with TLS
    """
    lines = []

    class Handler(socketserver.StreamRequestHandler):
        """One connection."""

        def setup(self):
            """Shake hands first where the port is a TLS port."""
            if context:
                self.request = context.wrap_socket(self.request, server_side=True)
            return super().setup()

        def handle(self):
            """Greet, then answer line by line."""
            self.wfile.write(greeting.encode())
            while answer and (line := self.rfile.readline()):
                lines.append(line.decode("utf-8", "replace").strip())
                self.wfile.write(answer(lines[-1]).encode())

    class Server(socketserver.ThreadingTCPServer):
        """A client may leave in the middle of anything."""

        daemon_threads = True

        def handle_error(self, request, client_address):
            """Say nothing: failing connections are what these tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        try:
            yield server.server_address[1], lines
        finally:
            server.shutdown()


@contextlib.contextmanager
def certificate():
    """Give (server context, PEM file) of a certificate for this machine, which
    is trusted by nobody who is not told to read the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.timezone.utc)
    names = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    with tempfile.TemporaryDirectory() as folder:
        chain, private = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, private)
        yield context, str(chain)


@contextlib.contextmanager
def refusing_smtp_server(mail_server, refused=""):
    """Lead this ``ir.mail_server`` to one that really answers, and that refuses a
    sender at RCPT, as Postfix does; give the list of the lines received."""
    last = []

    def answer(line):
        if line.upper().startswith("MAIL"):
            last[:] = [line]
        if refused and line.upper().startswith("RCPT") and refused in last[0]:
            return "553 5.7.1 Sender address rejected: not owned by user\r\n"
        return smtp_answer(line)

    with serve("220 hello\r\n", answer) as (port, lines):
        mail_server.write(
            {
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
                "smtp_user": False,
                "smtp_pass": False,
            }
        )
        with connecting(mail_server):
            yield lines


@contextlib.contextmanager
def connecting(mail_server):
    """Let Odoo really connect, which it does not while tests run."""
    with patch.object(type(mail_server), "_disable_send", lambda _self: False):
        yield
