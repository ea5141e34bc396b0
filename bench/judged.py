"""Mail whose senders can be proven, a filter that has learnt, and name servers."""

import base64
import contextlib
import importlib
from unittest.mock import patch

import workload
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SIGNED = ("from", "to", "subject", "date", "message-id")
SELECTOR = "k"
LESSONS = 60  # of each kind, at most
SPAM_WORDS = 300
HOST = f"mx.{workload.DOMAIN}"
DAY = 24 * 3600


def _tool(name):
    """Return a module of the addon, which stock Odoo is not to import."""
    return importlib.import_module(f"odoo.addons.mail_catchall_router.tools.{name}")


def signed_mails(count, *, seed):
    """Return (mails, zone): ordinary mails from domains of the Internet, signed by
    these, RSA 2048, and {(name, kind): values} of what the domains publish.

    :param seed: int, another one for other mails from other domains
    """
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    published = f"v=DKIM1; p={base64.b64encode(public).decode()}"
    mails, zone = [], {}
    for raw in workload.ordinary(count, seed=seed):
        raw = raw.replace(b".example", b"-%d.vn" % seed)
        sender = raw.partition(b"Return-Path: <")[2].partition(b">")[0].decode()
        domain = sender.rpartition("@")[2]
        zone[domain, "TXT"] = ("v=spf1 ip4:192.0.2.0/24 -all",)
        zone[f"_dmarc.{domain}", "TXT"] = ("v=DMARC1; p=reject",)
        zone[f"{SELECTOR}._domainkey.{domain}", "TXT"] = (published,)
        mails.append(_signed(raw, domain, key))
    return mails, zone


def _signed(raw, domain, key):
    """Return a mail with a signature (RFC 6376) below what our own server wrote."""
    canonical = _tool("inbound.proof.canonical")
    at = raw.index(b"From: ")
    source = canonical.read_source(raw[at:])
    digest = base64.b64encode(source.body_hash(canonical.RELAXED, None)).decode()
    head = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};"
        f" s={SELECTOR}; h={':'.join(SIGNED)}; bh={digest}; b="
    ).encode()
    fields = [*source.selected(SIGNED), canonical.RawField("dkim-signature", head)]
    data = b"".join(one.canonical(canonical.RELAXED) for one in fields)
    signature = key.sign(
        data.removesuffix(b"\r\n"), padding.PKCS1v15(), hashes.SHA256()
    )
    own = head + base64.b64encode(signature) + b"\r\n"
    return raw[:at] + own + raw[at:]


def prepare(env, messages, judges):
    """Have the router judge mail by itself and prove its senders, or neither; its
    filter has learnt enough to say something of each mail.

    :param messages: those that are going to be routed
    """
    env["mail.catchall.router"].search([]).write(
        {
            "own_hosts": HOST,
            "defence_policy": "hold" if judges else "off",
            "proof_policy": "missing" if judges else "off",
        }
    )
    spam = (
        *("language:en", "language:vi"),
        *(f"word:spam{number}" for number in range(SPAM_WORDS)),
    )
    company = messages.company_id
    lessons = [(company, one._tokens(), "fine", 1) for one in messages[:LESSONS]]
    lessons += [(company, spam, "spam", 1)] * LESSONS
    env["mail.catchall.token"]._learn(lessons)
    env.cr.commit()


@contextlib.contextmanager
def answering(env, zone):
    """Have name servers answer at once, during the block.

    :param zone: as of :func:`signed_mails`
    """
    dns = _tool("servers.dns")

    def ask_all(questions, *_options):
        return {one: dns.Answer(tuple(zone.get(one, ())), DAY) for one in questions}

    message = type(env["mail.catchall.message"])
    with (
        patch.object(message, "_name_servers", lambda _self: (("192.0.2.53", 53),)),
        patch.object(dns, "ask_all", ask_all),
    ):
        yield
