#!/usr/bin/env python3
"""Compare our SPF with the test suite of RFC 7208 and with pyspf, and tell what the
proof of a sender costs.

    bench/proof.py [--records N] [--seed N] [--show]

pyspf and the suite, which comes with it, are fetched by pip into a folder that is gone
afterwards. Records are put together from terms, right and wrong, and looked up in
zones that are, too; whatever the two say of a host is compared. DKIM and ARC are
compared with dkimpy in the tests (TestProofPeers). The cost is that of a processor, of
mail that dkimpy has signed, with all answers of the name servers at hand.
"""

import argparse
import base64
import importlib
import ipaddress
import random
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import dkim
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "dev"))

from checkout import headers

from sandbox.progress import say

book = importlib.import_module("tools.inbound.proof.book")
envelope = importlib.import_module("tools.inbound.proof.envelope")
spf_check = importlib.import_module("tools.inbound.proof.spf_check")
verdict = importlib.import_module("tools.inbound.proof.verdict")

RELEASE = "pyspf==2.0.14"
SUITE = "test/rfc7208-tests.yml"
HOSTS = ("192.0.2.7", "203.0.113.7", "2001:db8::7")
NAMES = ("a.vn", "b.vn", "c.a.vn", "none.vn")
TERMS = (
    *("all", "-all", "~all", "?all", "a", "mx", "ptr", "a/24", "mx/16//48", "-a:{n}"),
    *("a:{n}", "mx:{n}", "include:{n}", "-include:{n}", "exists:{n}", "ptr:{n}"),
    *("redirect={n}", "exp={n}", "x-more=%{{s}}", "ip4:192.0.2.0/24", "ip4:192.0.2.7"),
    *("ip6:2001:db8::/32", "exists:%{{ir}}.{n}", "include:%{{o}}", "a:%{{d2}}", "a:"),
    *("exists:%{{l}}.%{{d}}", "ip4:1.2.3", "ip6:zz", "all/8", "ALL", "Include:{n}"),
)
# Where pyspf is stricter than RFC 7208: it looks for an include of the record itself
# before it evaluates any term (4.6.2 has them evaluated from left to right), and wants
# unknown modifiers once (6 wants that of redirect and exp); of an mx it asks for the
# addresses of all hosts, and so finds more that don't exist, before it compares.
STRICTER = ("trivial recursion", "appear at most once: x-", "Void lookup limit")


class Zone:
    """What name servers say: {name: {kind: values}}; a value of None is no answer."""

    def __init__(self, names):
        self.names = names

    def __contains__(self, question):
        return True

    def __getitem__(self, question):
        return self.look(question.name, question.kind)

    def look(self, name, kind, follow=True):
        """Return the values of a name; one alias is followed."""
        kinds = self.names.get(name)
        if kinds is None:
            return None if name.startswith("error.") else ()
        if kind in kinds:
            return kinds[kind]
        if follow and "CNAME" in kinds:
            return self.look(kinds["CNAME"][0].lower().rstrip("."), kind, False)
        return None if "TIMEOUT" in kinds else ()


def our_result(zone, host, sender, helo):
    """Return what we say."""
    known = book.Book(zone)
    address = ipaddress.ip_address(host)
    domain = sender.rpartition("@")[2]
    return spf_check.check_host(address, domain, sender, helo, known)


# ------------------------------------------------------------
# THE SUITE
# ------------------------------------------------------------


def read_zone(data):
    """Return the Zone of one scenario."""
    found = {name: read_name(records) for name, records in data.items()}
    return Zone({str(name).lower().rstrip("."): one for name, one in found.items()})


def read_name(records):
    """Return {kind: values} of one name; SPF stands for TXT where there is none."""
    kinds, is_mute = {}, set()
    for record in records:
        if record == "TIMEOUT":
            kinds["TIMEOUT"] = ()
            continue
        ((kind, value),) = record.items()
        if value == "TIMEOUT":
            kinds[kind] = None
        elif value == "NONE":
            is_mute.add(kind)
        elif kinds.get(kind, ()) is not None:
            kinds[kind] = (*kinds.get(kind, ()), value)
    if "SPF" in kinds and not {"TXT"} & {*kinds, *is_mute}:
        kinds["TXT"] = kinds["SPF"]
    return {kind: one and read_values(kind, one) for kind, one in kinds.items()}


def read_values(kind, values):
    """Return the values as our name servers' answers have them."""
    if kind == "MX":
        return tuple(host for _priority, host in sorted(values))
    return tuple(one if isinstance(one, str) else "".join(one) for one in values)


def run_suite(text, show):
    """Return (how many tests there are, how many we pass)."""
    count = passed = 0
    for scenario in filter(None, yaml.safe_load_all(text)):
        zone = read_zone(scenario["zonedata"])
        for name, test in scenario["tests"].items():
            sender = test.get("mailfrom") or f"postmaster@{test['helo']}"
            sender = sender if "@" in sender else f"postmaster@{sender}"
            found = our_result(zone, test["host"], sender, test["helo"])
            expected = test["result"]
            is_right = found in ([expected] if isinstance(expected, str) else expected)
            count, passed = count + 1, passed + is_right
            if show and not is_right:
                say(f"{name}: {found}, not {expected}")
    return count, passed


# ------------------------------------------------------------
# PYSPF
# ------------------------------------------------------------


def made_zone(draw):
    """Return a Zone of records that are right and wrong."""
    names = {}
    for name in NAMES[:-1]:
        terms = draw.choices(TERMS, k=draw.randint(0, 5))
        text = " ".join(["v=spf1", *terms]).format(n=draw.choice(NAMES))
        kinds = {"TXT": (text,), "A": ("192.0.2.7",), "AAAA": ("2001:db8::7",)}
        kinds["MX"] = tuple(draw.sample(NAMES, draw.randint(1, 3)))
        for kind in draw.sample([*kinds], draw.randint(0, 2)):
            del kinds[kind]
        names[name] = kinds
    for host in HOSTS:
        pointer = ipaddress.ip_address(host).reverse_pointer
        names[pointer] = {"PTR": tuple(draw.sample(NAMES, draw.randint(0, 2)))}
    return Zone(names)


def answers_of(zone):
    """Return the function by which pyspf asks a Zone."""

    def look(name, kind, *_options, **_more):
        for number, value in enumerate(zone.look(name.lower().rstrip("."), kind)):
            yield (name, kind), _as_pyspf(kind, value, number)

    return look


def _as_pyspf(kind, value, number):
    if kind == "TXT":
        return (value.encode(),)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    return (number, value) if kind == "MX" else value


def compare(pyspf, count, seed, show):
    """Return (how many differ, at how many more pyspf is known to be stricter)."""
    draw = random.Random(seed)
    differing = stricter = 0
    for _number in range(count):
        zone = made_zone(draw)
        host, sender = draw.choice(HOSTS), f"lan@{draw.choice(NAMES)}"
        pyspf.DNSLookup = answers_of(zone)
        theirs, _code, why = pyspf.query(host, sender, "mx.a.vn", strict=True).check()
        ours = our_result(zone, host, sender, "mx.a.vn")
        if ours != theirs and any(one in why for one in STRICTER):
            stricter += 1
        elif ours != theirs:
            differing += 1
            if show:
                say(f"{ours}, pyspf: {theirs} ({why}): {host} {sender} {zone.names}")
    return differing, stricter


# ------------------------------------------------------------
# COST
# ------------------------------------------------------------

MAIL = b"From: Lan <lan@a.vn>\r\nTo: sales@own.vn\r\nSubject: An order\r\n\r\n"
TIMES = 50


def costs():
    """Yield (what kind of mail, milliseconds of a processor that its proof takes)."""
    key = rsa.generate_private_key(65537, 2048)
    zone = Zone(
        {
            "k._domainkey.a.vn": {"TXT": (f"v=DKIM1; p={_public(key)}",)},
            "a.vn": {"TXT": ("v=spf1 ip4:203.0.113.0/24 -all",)},
            "_dmarc.a.vn": {"TXT": ("v=DMARC1; p=reject",)},
        }
    )
    for name, size in (("10 kB", 10_000), ("10 MB", 10_000_000)):
        raw = MAIL + b"Ten, please.\r\n" * (size // 14)
        yield f"{name}, not signed", _milliseconds(raw, zone)
        yield f"{name}, signed", _milliseconds(_signed(raw, key), zone)


def _public(key):
    data = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(data).decode()


def _signed(raw, key):
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    forms = (b"relaxed", b"relaxed")
    return dkim.sign(raw, b"k", b"a.vn", pem, canonicalize=forms) + raw


def _milliseconds(raw, zone):
    host = ipaddress.ip_address("203.0.113.7")
    door = envelope.Envelope(host, "mx.a.vn", "lan@a.vn", "mx.own.vn", is_edge=True)
    fields = headers.parse_headers(raw)
    started = time.process_time()
    for _number in range(TIMES):
        case = verdict.Case(raw, fields, door, time.time(), ("own.vn",))
        proof = verdict.prove(case, book.Book(zone))
        assert proof.real
    return (time.process_time() - started) * 1000 / TIMES


# ------------------------------------------------------------
# COMMAND
# ------------------------------------------------------------


def fetch(folder):
    """Fetch pyspf and return the folder of its source."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    options = ["--no-binary", ":all:", "--dest", str(folder), RELEASE]
    subprocess.run([*command, *options], check=True, stdin=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(one for one in folder.iterdir() if one.is_dir())


def main(arguments):
    """Print what was found; return 0 if all is as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args(arguments)
    for name, milliseconds in costs():
        say(f"Proof of a mail of {name}: {milliseconds:.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        source = fetch(Path(folder))
        count, passed = run_suite((source / SUITE).read_bytes(), options.show)
        say(f"RFC 7208 test suite: {passed} of {count}")
        sys.path.insert(0, str(source))
        started = time.monotonic()
        pyspf = importlib.import_module("spf")
        differing, stricter = compare(
            pyspf, options.records, options.seed, options.show
        )
        seconds = time.monotonic() - started
        told = f"{differing} of {options.records} differ, {stricter} more where it"
        say(f"{RELEASE}: {told} is known to be stricter; {seconds:.0f} s")
    return int(passed != count or differing > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
