"""Mail that is signed with keys made here, and the zone that has the keys."""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from odoo.addons.mail_catchall_router.tools.inbound.proof.book import Book

NAMES = ("from", "to", "subject")


class Zone(dict):
    """What name servers say: {(name, kind): values}; other names don't exist, and None
    is that nobody answers."""

    def __missing__(self, question):
        return self.get((question.name, question.kind), ())

    def __contains__(self, question):
        return True

    def book(self):
        """Return a ``Book`` that knows the whole zone."""
        return Book(self)


class LazyZone(Zone):
    """The same, that knows nothing until it is asked."""

    def find(self, wanted):
        """Return {question: values} of a set of questions."""
        return {one: self.get((one.name, one.kind), ()) for one in wanted}

    def ask_until(self, check):
        """Return what a function of a ``Book`` returns in the end, and how many times
        the name servers were asked."""
        known, rounds = {}, 0
        while True:
            book = Book(known)
            found = check(book)
            if found is not None:
                return found, rounds
            known |= self.find(book.wanted)
            rounds += 1


class Signer:
    """A domain's key, and what is signed with it (RFC 6376, simple/simple)."""

    def __init__(self, domain, selector="s1", bits=1024, key=None):
        self.domain = domain
        self.selector = selector
        self.key = key or rsa.generate_private_key(65537, bits)

    @property
    def kind(self):
        """The name of the key's algorithm."""
        is_rsa = isinstance(self.key, rsa.RSAPrivateKey)
        return "rsa" if is_rsa else "ed25519"

    @property
    def text(self):
        """The record of the key."""
        public = self.key.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            data = public.public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw
            )
        else:
            data = public.public_bytes(
                serialization.Encoding.DER,
                serialization.PublicFormat.SubjectPublicKeyInfo,
            )
        return f"v=DKIM1; k={self.kind}; p={base64.b64encode(data).decode()}"

    @property
    def name(self):
        """The name of the record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def zone(self):
        """The zone that has the key alone."""
        return {(self.name, "TXT"): (self.text,)}

    @property
    def pem(self):
        """The private key, PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )

    def sign(self, raw, names=NAMES, length=None, **tags):
        """Return a mail with a signature on top.

        :param raw: bytes with CRLF, and a body that ends in one
        :param length: the tag `l`, or None
        :param tags: further tags, or other values
        """
        head, _empty, body = raw.partition(b"\r\n\r\n")
        signed = body.rstrip(b"\r\n") + b"\r\n"
        digest = hashlib.sha256(signed[:length]).digest()
        given = {
            "v": "1",
            "a": f"{self.kind}-sha256",
            "d": self.domain,
            "s": self.selector,
            "h": ":".join(names),
            "bh": base64.b64encode(digest).decode(),
            **({} if length is None else {"l": str(length)}),
            **tags,
            "b": "",
        }
        text = "; ".join(f"{name}={value}" for name, value in given.items())
        own = f"DKIM-Signature: {text}".encode()
        data = b"".join(chosen(head, names)) + own
        return own + self._encoded(data) + b"\r\n" + raw

    def seal(self, raw, results):
        """Return a mail with a set of ARC's fields on top (RFC 8617 5.1).

        :param raw: bytes with CRLF, in fields of one line each
        :param results: what stands behind the name in Authentication-Results
        """
        head, _empty, body = raw.partition(b"\r\n\r\n")
        before = [one for one in head.split(b"\r\n") if one.startswith(b"ARC-")]
        number = len(before) // 3 + 1
        told = f"ARC-Authentication-Results: i={number}; mx.{self.domain}; {results}"
        common = f"i={number}; a={self.kind}-sha256; d={self.domain}; s={self.selector}"
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        names = ":".join(NAMES)
        signed = (
            f"ARC-Message-Signature: {common}; c=relaxed/simple; h={names};"
            f" bh={digest}; b="
        ).encode()
        fields = b"".join(relaxed(one) for one in chosen(head, NAMES))
        signed += self._encoded(fields + relaxed(signed).removesuffix(b"\r\n"))
        chain = "pass" if before else "none"
        own = f"ARC-Seal: {common}; cv={chain}; b=".encode()
        # The oldest set stands at the bottom, and its seal on top of it.
        sets = [before[at : at + 3][::-1] for at in range(0, len(before), 3)][::-1]
        lines = [*(one for three in sets for one in three), told.encode(), signed]
        sealed = b"".join(relaxed(one) for one in lines)
        own += self._encoded(sealed + relaxed(own).removesuffix(b"\r\n"))
        return b"\r\n".join([own, signed, told.encode(), raw])

    def _encoded(self, data):
        return base64.b64encode(self._signature(data))

    def _signature(self, data):
        if self.kind == "rsa":
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(hashlib.sha256(data).digest())


def chosen(head, names):
    """Yield the fields that are signed: of several of one name the lowest first."""
    lines = head.split(b"\r\n")
    for name in dict.fromkeys(names):
        found = [one for one in lines if one.lower().startswith(name.encode() + b":")]
        for one in found[::-1][: names.count(name)]:
            yield one + b"\r\n"


def relaxed(line):
    """Return a field of one line in the form that white space does not matter to."""
    name, _colon, value = line.partition(b":")
    return name.lower() + b":" + b" ".join(value.split()) + b"\r\n"
