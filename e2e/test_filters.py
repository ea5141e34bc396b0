"""Rspamd, SpamAssassin and ClamAV judge mail on its way: ``dev/test test_filters``.

They are big packages, so these tests run only when somebody chooses them.
"""

import importlib.util
import os
import re
import signal
import struct
import time
from pathlib import Path

import pytest

from sandbox import client
from sandbox.filters import CLAMD, EICAR, LISTED, RSPAMD, SPAMD, Filters

pytestmark = [pytest.mark.filters, pytest.mark.timeout(300)]

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
SALES = "sales@tenmien.test"
KINDS = {"rspamd": RSPAMD, "spamassassin": SPAMD, "clamav": CLAMD}
SECONDS, HANGING_SECONDS = 5, 3
LEARNING = {"rspamd": "rspamd-controller", "spamassassin": "spamd"}
ENGINES_CRON = "mail_catchall_router.ir_cron_engines"
LEARN_CRON = "mail_catchall_router.ir_cron_learn"


@pytest.fixture(scope="module")
def filters(instance):
    """The engines, all of them running."""
    filters = Filters(instance)
    filters.forget()
    filters.start()
    yield filters
    filters.forget()


@pytest.fixture
def engine(system, filters):
    """A function that gives the router an engine."""
    made = []

    def make(kind, **values):
        (router,) = system.rpc("mail.catchall.router", "search", [])
        values = {
            "router_id": router,
            "kind": kind,
            "host": "127.0.0.1",
            "port": filters.port(KINDS[kind]),
            "seconds": SECONDS,
            **values,
        }
        made.append(system.rpc("mail.catchall.engine", "create", values))
        return made[-1]

    filters.start()
    yield make
    system.rpc("mail.catchall.engine", "unlink", made)
    filters.start()


def arrive(system, subject, body="Xin báo giá.", **values):
    """Have a mail collected and routed; return what the journal says of it."""
    message = client.compose(to=[SALES], subject=subject, body=body, **values)
    system.deliver(message)
    system.process()
    (row,) = system.journal(message)
    return row


def leads(system, subject):
    """Return the leads with this name."""
    return system.search("crm.lead", [["name", "=", subject]])


def in_spam_tab(system, row):
    """Tell whether a mail stands in the quarantine's tab for spam."""
    shown = system.rpc("mail.catchall.message", "read_triage", tab="spam")
    return row["id"] in [one["id"] for one in shown["rows"]]


@pytest.mark.parametrize("kind", ["rspamd", "spamassassin"])
def test_gtube_is_held_and_why_names_its_points_and_tests(system, engine, kind):
    engine(kind)
    row = arrive(system, f"GTUBE for {kind}", body=GTUBE)
    assert (row["state"], row["reason_code"]) == ("held", "spam")
    assert "GTUBE" in row["why"]
    assert "points" in row["why"]
    assert in_spam_tab(system, row)
    assert not leads(system, f"GTUBE for {kind}")
    system.rpc("mail.catchall.message", "action_release", [row["id"]])
    assert len(leads(system, f"GTUBE for {kind}")) == 1


def test_eicar_in_an_attachment_is_held(system, engine):
    engine("clamav")
    row = arrive(system, "EICAR", attachments=[("a.txt", EICAR.encode())])
    assert (row["state"], row["reason_code"]) == ("held", "virus")
    assert "Eicar-Test-Signature" in row["why"]
    assert in_spam_tab(system, row)
    assert not leads(system, "EICAR")


def test_a_customers_mail_passes_all_of_them(system, engine):
    for kind in KINDS:
        engine(kind)
    row = arrive(system, "Three engines")
    assert row["state"] == "delivered", row["why"]
    assert len(leads(system, "Three engines")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_engine_that_was_killed_does_what_its_setting_says(
    system, engine, filters, kind
):
    number = engine(kind)
    filters.stop(KINDS[kind], at_once=True)
    row = arrive(system, f"Goes on without {kind}")
    assert row["state"] == "delivered", row["why"]
    assert "did not answer" in row["why"]
    system.rpc("mail.catchall.engine", "write", [number], {"when_silent": "hold"})
    row = arrive(system, f"Waits for {kind}")
    assert (row["state"], row["reason_code"]) == ("held", "unchecked")
    assert not leads(system, f"Waits for {kind}")
    system.rpc.run_cron(ENGINES_CRON)
    system.route()
    assert not leads(system, f"Waits for {kind}")
    filters.start(KINDS[kind])
    system.rpc.run_cron(ENGINES_CRON)
    system.route()
    assert len(leads(system, f"Waits for {kind}")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_waits_longer_for_one_that_hangs_than_is_set(
    system, engine, filters, kind
):
    # An engine that has hung is left alone for a minute: not that of other tests.
    engine(kind, seconds=HANGING_SECONDS)
    for number in range(5):
        message = client.compose(to=[SALES], subject=f"Hanging {kind} {number}")
        system.deliver(message)
    system.collect()
    group = filters.group(KINDS[kind])
    os.killpg(group, signal.SIGSTOP)
    try:
        began = time.monotonic()
        system.route()
        spent = time.monotonic() - began
    finally:
        os.killpg(group, signal.SIGCONT)
    assert len(leads(system, f"Hanging {kind} 0")) == 1
    assert len(leads(system, f"Hanging {kind} 4")) == 1
    # What the routing of five mails takes is added to it.
    assert HANGING_SECONDS * 0.8 < spent < HANGING_SECONDS + 8


def test_clamav_looks_at_many_mails_on_one_connection(system, engine, filters):
    engine("clamav")
    for number in range(6):
        system.deliver(client.compose(to=[SALES], subject=f"Together {number}"))
    system.collect()
    offset = filters.log(CLAMD).stat().st_size
    system.route()
    looked_at = re.findall(r"instream\((\S+)\): OK", read_log(filters, CLAMD, offset))
    assert len(looked_at) == 6
    assert len(set(looked_at)) == 1, looked_at
    assert len(leads(system, "Together 5")) == 1


def read_log(filters, name, offset):
    """Return what an engine has logged from a position on."""
    return filters.log(name).read_bytes()[offset:].decode(errors="replace")


@pytest.mark.parametrize(
    ("kind", "name", "learnt", "undone", "other"),
    [
        ("rspamd", RSPAMD, "learned message as spam", "as ham", "as ham"),
        ("spamassassin", SPAMD, "Tell: Setting local", "Removing local", "Setting"),
    ],
)
def test_decisions_teach_and_undo_takes_it_back(
    system, engine, filters, kind, name, learnt, undone, other
):
    engine(kind, learn_port=filters.port(LEARNING[kind]))
    words = " ".join(f"{kind}{number}" for number in range(40))
    # What is no spam of one sender counts for all of his mail.
    row = arrive(
        system,
        f"Teaches {kind}",
        body=f"{words}\n{GTUBE}",
        sender=f"{kind}@khachhang.test",
    )
    for action, expected in (
        ("action_spam", learnt),
        ("action_undo", undone),
        ("action_not_spam", other),
    ):
        offset = filters.log(name).stat().st_size
        system.rpc("mail.catchall.message", action, [row["id"]])
        assert expected not in read_log(filters, name, offset)
        system.rpc.run_cron(LEARN_CRON)
        assert expected in read_log(filters, name, offset)
        offset = filters.log(name).stat().st_size
        system.rpc.run_cron(LEARN_CRON)
        assert expected not in read_log(filters, name, offset)
    assert len(leads(system, f"Teaches {kind}")) == 1


# ------------------------------------------------------------
# WHAT A NAME SERVER SAYS
# ------------------------------------------------------------

A, TXT = 1, 16
NO_SUCH_NAME = 3
SPAMMER, HONEST = "203.0.113.9", "203.0.113.20"
SENDER = "khach@nguoigui.test"
SPF = b"v=spf1 ip4:203.0.113.20 -all"
ZONE = {
    (f"9.113.0.203.{LISTED}", A): bytes([127, 0, 0, 2]),
    ("nguoigui.test", TXT): bytes([len(SPF)]) + SPF,
}


@pytest.fixture
def name_server():
    """The port of a name server that knows ZONE, and the names that it was asked."""
    path = Path(__file__).resolve().parent.parent / "tests" / "name_server.py"
    spec = importlib.util.spec_from_file_location("name_server", path)
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    asked = []

    def answers(query):
        end = query.index(b"\0", 12) + 5
        name = re.sub(rb"[\x00-\x1f]", b".", query[12 : end - 5]).decode().strip(".")
        (kind,) = struct.unpack(">H", query[end - 4 : end - 2])
        asked.append((name.lower(), kind))
        data = ZONE.get(asked[-1])
        known = name.lower() in [one for one, _kind in ZONE]
        records = [server.record(b"\xc0\x0c", kind, data)] if data else []
        flags = server.QR | server.RD | (0 if known else NO_SUCH_NAME)
        yield server.answer(query[:end], *records, flags=flags)

    with server.serve(answers) as (_host, port):
        yield port, asked


def bring(system, subject, address):
    """Have a mail collected and routed that a host with this address has brought to
    the provider; return what the journal says of it."""
    message = client.compose(
        to=[SALES], subject=subject, sender=SENDER, body="Xin b\u00e1o gi\u00e1."
    )
    trace = (
        f"Return-Path: <{SENDER}>\r\n"
        f"Received: from mail.nguoigui.test (mail.nguoigui.test [{address}])\r\n"
        f"\tby mx.tenmien.test (Postfix) with ESMTPS id 4Rabcd\r\n"
        f"\tfor <{SALES}>; Mon, 30 Nov 2026 08:12:45 +0000 (UTC)\r\n"
    )
    with system.client.imap("catchall@tenmien.test") as connection:
        raw = trace.encode() + message.as_bytes()
        connection.append("INBOX", "", None, raw)
    system.process()
    (row,) = system.journal(message)
    return row


@pytest.mark.parametrize("kind", ["rspamd", "spamassassin"])
def test_a_list_of_spamming_hosts_and_spf_reach_the_journal(
    system, engine, instance, filters, name_server, kind
):
    port, asked = name_server
    engine(kind, seconds=10)
    filters.stop(KINDS[kind])
    told = Filters(instance, name_server=port)
    told.start(KINDS[kind])
    try:
        bad = bring(system, f"Of a spammer, {kind}", SPAMMER)
        good = bring(system, f"Of a customer, {kind}", HONEST)
    finally:
        told.stop(KINDS[kind])
    assert (bad["state"], bad["reason_code"]) == ("held", "spam"), bad["why"]
    assert "SANDBOX_LISTED" in bad["why"]
    assert good["state"] == "delivered", good["why"]
    assert "SANDBOX_LISTED" not in good["why"]
    assert (f"20.113.0.203.{LISTED}", A) in asked
    if kind == "rspamd":
        assert "R_SPF_FAIL" in bad["why"]
        assert "R_SPF_FAIL" not in good["why"]
        assert ("nguoigui.test", TXT) in asked
