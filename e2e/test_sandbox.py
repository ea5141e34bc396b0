"""The sandbox behaves like the providers it plays."""

import contextlib
import doctest
import itertools
import re
import signal
import smtplib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness import wait_for
from sandbox import (
    client,
    config,
    demo,
    interop,
    mailserver,
    neighbours,
    peers,
    setup,
)
from sandbox.client import Client
from sandbox.files import write_whole
from sandbox.mailserver import CATCHALL, MailServer
from sandbox.postgres import Cluster
from sandbox.progress import SandboxError
from sandbox.takeback import Watch
from sandbox.waiting import until

# A command that cleans up for a while after its end is asked for.
COMMAND = """
import contextlib, pathlib, sys, time
from sandbox.progress import readable_errors
with readable_errors():
    try:
        pathlib.Path(sys.argv[1]).touch()
        time.sleep(60)
    finally:
        time.sleep(0.5)
        pathlib.Path(sys.argv[1]).write_text("clean")
"""
RAW = b"From: khach@khachhang.test\r\nSubject: x\r\n\r\nHello\r\n"
USER = "user_a@tenmien.test"
CUSTOMER = "khach@khachhang.test"


class Provider:
    """The mail server without Odoo."""

    def __init__(self, instance):
        self.server = MailServer(instance)
        self.client = Client(instance)

    def arrived(self, address, count=1):
        """Wait for mails in a mailbox and return them."""
        return wait_for(
            lambda: (mails := self.client.inbox(address))[count - 1 :] and mails,
            f"{count} mails for {address}",
        )


@pytest.fixture
def provider():
    """A running mail server with empty mailboxes."""
    provider = Provider(config.Instance.current("test"))
    provider.server.start("virtual", "any")
    provider.server.empty()
    yield provider
    provider.server.switch("virtual", "any")


def test_the_log_is_read_as_documented():
    """The reader of the submission log does what its example says."""
    assert doctest.testmod(mailserver).failed == 0


def test_odoos_suites_are_compared_as_documented():
    """What fails with us alone is told from what fails anyway, and from the known."""
    assert doctest.testmod(peers) == (0, 11)
    assert doctest.testmod(interop) == (0, 3)
    assert doctest.testmod(neighbours) == (0, 5)


def test_what_must_last_is_waited_for_from_its_last_beginning_on():
    calls = []

    def condition():
        calls.append(time.monotonic())
        return len(calls) != 3

    assert until(condition, 60, pause=0.01, lasting=0.1)
    assert calls[-1] - calls[3] > 0.09


def test_what_does_not_last_until_the_time_is_over_is_false():
    flags = itertools.cycle((True, False))
    assert until(lambda: next(flags), 0.1, pause=0.01, lasting=10) is False
    assert until(list, 0) is False


@contextlib.contextmanager
def cleaning_up(folder, *before):
    """A command that runs; in the end it must have cleaned up."""
    mark = folder / "mark"
    # Whoever runs the tests under nohup passes on that SIGHUP is ignored.
    reset = ("env", "--default-signal=HUP")
    command = [*reset, *before, sys.executable, "-c", COMMAND, mark]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=setup.DEV, **silent) as process:
        wait_for(mark.exists, "command that runs")
        yield process
    assert mark.read_text() == "clean"
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_asks_a_command_to_end_gets_all_of_its_clean_up(tmp_path, number):
    """timeout(1) and a terminal that is closed ask twice."""
    with cleaning_up(tmp_path) as process:
        process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)
        process.send_signal(number)


def test_nohup_keeps_a_command_alive_when_its_terminal_is_closed(tmp_path):
    with cleaning_up(tmp_path, "nohup") as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)


def test_a_server_that_is_no_longer_waited_for_does_not_run_on(odoo, tmp_path):
    """Who interrupts a command while it starts Odoo."""

    def interrupt():
        raise KeyboardInterrupt

    with subprocess.Popen(["sleep", "60"]) as process:
        with pytest.raises(KeyboardInterrupt):
            odoo._wait_until(interrupt, process, "", tmp_path / "log")
        assert process.poll() is not None
        process.kill()


def test_the_files_that_dev_run_proposes_to_attach_are_there():
    text = Path(demo.__file__).read_text(encoding="utf-8")
    names = re.findall(r"--attach (\S+)", text)
    assert names
    assert all((config.CHECKOUT / one).is_file() for one in names)


def test_each_choice_of_libraries_has_an_environment_of_its_own(monkeypatch):
    """Whoever misspells one is told, and does not test with others than he thinks."""
    folders = set()
    for chosen in (setup.NEWEST, setup.ODOO, setup.DEBIAN):
        monkeypatch.setenv("CATCHALL_LIBRARIES", chosen)
        folders.add(setup.venv())
    assert len(folders) == 3
    monkeypatch.setenv("CATCHALL_LIBRARIES", "debain")
    with pytest.raises(SandboxError, match="odoo or debian, not debain"):
        setup.venv()


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_each_library_of_odoo_has_one_version_for_each_python(version):
    """A Python that a marker forgets would get none, or two that exclude each other."""
    text = (setup.DEV / "requirements-odoo.txt").read_text(encoding="utf-8")
    every = [Requirement(line) for line in text.splitlines() if line[0] != "#"]
    wanted = [
        canonicalize_name(one.name)
        for one in every
        if not one.marker or one.marker.evaluate({"python_version": version})
    ]
    assert len(wanted) == len(set(wanted))
    of_some = {"lxml-html-clean", "pypdf", "pypdf2"}
    assert {canonicalize_name(one.name) for one in every} - set(wanted) <= of_some


def test_virtual_names_the_original_recipient(provider):
    """One copy per recipient, each with the address that was meant."""
    message = client.compose(to=["sales@tenmien.test"], body="x")
    provider.client.send(message, bcc=["secret@tenmien.test"])
    mails = provider.arrived(CATCHALL, 2)
    assert {mail["X-Original-To"] for mail in mails} == {
        "sales@tenmien.test",
        "secret@tenmien.test",
    }
    assert {mail["Delivered-To"] for mail in mails} == {CATCHALL}


def test_lmtp_names_a_single_recipient_in_received_only(provider):
    """Only the trace line of the receiving server tells who was meant."""
    provider.server.switch(delivery="lmtp")
    provider.client.send(client.compose(to=["sales@tenmien.test"], body="x"))
    (mail,) = provider.arrived(CATCHALL)
    assert mail["X-Original-To"] is None
    assert mail["Delivered-To"] == CATCHALL
    assert "for <sales@tenmien.test>" in "".join(mail.get_all("Received"))


def test_lmtp_forgets_several_recipients_of_one_transaction(provider):
    """They become one copy that tells nothing but To and Cc."""
    provider.server.switch(delivery="lmtp")
    message = client.compose(to=["sales@tenmien.test"], body="x")
    provider.client.send(message, bcc=["secret@tenmien.test"])
    (mail,) = provider.arrived(CATCHALL)
    assert "secret" not in mail.as_string()
    assert " for <" not in "".join(mail.get_all("Received"))


def test_real_mailboxes_get_their_own_mail(provider):
    """The catch-all takes only what nobody else owns, of both domains."""
    to = [USER, "any@congty2.test"]
    provider.client.send(client.compose(to=to, body="x"))
    assert provider.arrived(USER)[0]["X-Original-To"] == USER
    assert provider.arrived(CATCHALL)[0]["X-Original-To"] == "any@congty2.test"


def submit(provider, sender, recipient=CUSTOMER):
    """Hand a mail in as the catch-all account."""
    return provider.client.deliver(
        RAW, sender=sender, recipients=[recipient], login=CATCHALL
    )


def test_any_policy_accepts_every_sender_of_the_domain(provider):
    """One login sends for everybody; strangers' addresses are refused."""
    offset = provider.server.log_size()
    assert submit(provider, USER).startswith("250")
    provider.arrived(CUSTOMER)
    (submission,) = provider.server.submissions(offset)
    assert (submission.login, submission.sender) == (CATCHALL, USER)
    assert submission.recipients == (CUSTOMER,)
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="not owned by user"):
        submit(provider, "somebody@elsewhere.test")


def test_strict_policy_refuses_other_senders(provider):
    """The account may send as itself only."""
    provider.server.switch(policy="strict")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"553.*not owned by user"):
        submit(provider, USER)
    assert submit(provider, CATCHALL).startswith("250")


def test_nothing_leaves_the_sandbox(provider):
    """From outside it is refused; for a login it comes back as a bounce."""
    with pytest.raises(
        smtplib.SMTPRecipientsRefused, match=r"554.*Relay access denied"
    ):
        provider.client.deliver(RAW, sender=CUSTOMER, recipients=["x@example.com"])
    submit(provider, USER, "x@example.com")
    (bounce,) = provider.arrived(USER)
    assert "MAILER-DAEMON@" in bounce["From"]
    assert "this sandbox knows no such domain" in bounce.as_string()


def test_an_unknown_user_elsewhere_bounces(provider):
    """A provider that knows its users sends a notice of non-delivery."""
    submit(provider, CATCHALL, "nobody@doitac.test")
    (bounce,) = provider.arrived(CATCHALL)
    assert bounce.get_content_type() == "multipart/report"


@pytest.fixture
def table():
    """What runs SQL in a database with two tables, and what watches it."""
    cluster = Cluster(config.Instance.current("test"))
    started = cluster.start()
    cluster.drop("takeback_test")
    cluster.query("CREATE DATABASE takeback_test")

    def query(sql):
        return cluster.query(sql, "takeback_test")

    query(
        "CREATE TABLE mail (id int PRIMARY KEY, state text UNIQUE, raw bytea, j jsonb);"
        "CREATE TABLE mail_tag (mail int REFERENCES mail ON DELETE CASCADE, tag int);"
        "INSERT INTO mail VALUES (1, 'held', 'x', '[1]'), (2, 'dead', NULL, NULL);"
        "INSERT INTO mail_tag VALUES (1, 7), (2, 7)"
    )
    yield query, Watch(cluster, "takeback_test")
    cluster.drop("takeback_test")
    if started:
        cluster.stop()


def test_what_was_done_in_a_database_is_taken_back(table):
    """Rows that were changed, deleted (with what hangs on them) and added."""
    query, watch = table

    def rows():
        return query(
            "SELECT * FROM mail ORDER BY id; SELECT * FROM mail_tag ORDER BY 1"
        )

    before = rows()
    with watch.on():
        query(
            "UPDATE mail SET state = 'read' WHERE id = 1; DELETE FROM mail WHERE id = 2"
        )
        query("INSERT INTO mail VALUES (2, 'held'); INSERT INTO mail_tag VALUES (2, 9)")
        query("UPDATE mail SET raw = NULL, j = NULL")
        assert watch.take_back() == 7
        assert rows() == before
        assert watch.take_back() == 0
        query("DELETE FROM mail")
    assert rows() == before
    query("DELETE FROM mail")
    assert rows() == []


def test_what_was_interrupted_is_taken_back_by_the_next(table):
    """A watch that was killed leaves its triggers: the next one needs neither these nor
    what they have kept."""
    query, watch = table
    watch.begin()
    query("DELETE FROM mail")
    watch.recover()
    assert len(query("SELECT * FROM mail")) == 2
    query("DELETE FROM mail")
    watch.recover()
    assert query("SELECT * FROM mail") == []


@pytest.mark.alone
def test_what_is_written_while_somebody_reads_it_is_whole(tmp_path):
    """Each part of the tests writes the certificates that the others' Odoo trusts."""
    path, text = tmp_path / "bundle.pem", "x" * 200_000
    write_whole(path, text)
    lengths, is_over = set(), threading.Event()

    def read():
        while not is_over.is_set():
            lengths.add(len(path.read_text(encoding="utf-8")))

    reader = threading.Thread(target=read)
    reader.start()
    for _again in range(200):
        write_whole(path, text)
    is_over.set()
    reader.join()
    assert lengths == {len(text)}
    assert list(tmp_path.iterdir()) == [path]
