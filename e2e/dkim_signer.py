"""A DKIM signer for what the account sends: opendkim, as at providers (RFC 6376)."""

import base64
import contextlib
import socket
import subprocess

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness import wait_for

DOMAIN = "tenmien.test"
SELECTOR = "sandbox"
CONF = """\
Socket inet:{port}@127.0.0.1
Mode s
Domain {domain}
Selector {selector}
KeyFile {folder}/key.pem
Canonicalization relaxed/simple
RequireSafeKeys no
InternalHosts {folder}/hosts
Background no
Syslog no
PidFile {folder}/opendkim.pid
"""


class Signer:
    """A signer's key, and what the domain's DNS says of it."""

    def __init__(self, folder):
        self.folder = folder
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def write(self, port):
        """Write what opendkim reads."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        (self.folder / "key.pem").write_bytes(pem)
        (self.folder / "hosts").write_text("127.0.0.1\n", encoding="utf-8")
        text = CONF.format(
            port=port, domain=DOMAIN, selector=SELECTOR, folder=self.folder
        )
        (self.folder / "opendkim.conf").write_text(text, encoding="utf-8")

    def is_signed(self, raw):
        """Tell whether a mail carries a signature of the domain that holds.

        :param raw: the mail's bytes as they arrived
        """
        return dkim.verify(raw, dnsfunc=self._record)

    def _record(self, name, timeout=5):
        """Return the TXT record of a name, as the domain's DNS would."""
        if name.rstrip(b".").decode() != f"{SELECTOR}._domainkey.{DOMAIN}":
            return None
        key = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(key)


@contextlib.contextmanager
def signing(system, folder):
    """Sign what logged-in users send during the block; give the :class:`Signer`.

    :param folder: an empty folder
    """
    signer = Signer(folder)
    port = _free_port()
    signer.write(port)
    process = subprocess.Popen(
        ["opendkim", "-f", "-x", folder / "opendkim.conf"], stdin=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _answers(port), "DKIM signer")
        milter = f"inet:127.0.0.1:{port}"
        with system.mail.settings(smtpd_milters=milter, milter_default_action="accept"):
            yield signer
    finally:
        process.terminate()
        process.wait()


def _free_port():
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        return stream.getsockname()[1]


def _answers(port):
    with socket.socket() as stream:
        return stream.connect_ex(("127.0.0.1", port)) == 0
