"""Other mail servers than Dovecot: the catch-all mailbox is on Cyrus or Courier."""

import contextlib

import pytest
from interop import OtherMailbox, listen

from harness import wait_for
from sandbox.imapservers import Courier, Cyrus, Dovecot
from sandbox.mailserver import CATCHALL
from sandbox.rpc import RpcError

SALES = "sales@tenmien.test"
VIETNAMESE = "Đã xử lý & xong"


# How each is made, and with which settings it starts. Courier's IDLE looks for new mail
# as often as its file imapd says; Debian's says 60 s.
SERVERS = {
    "cyrus": (Cyrus, {}),
    "courier": (Courier, {"IMAP_IDLE_TIMEOUT": "2"}),
    "cyrus-unix": (lambda mail: Cyrus(mail, alternative=True), {}),
    "dovecot": (Dovecot, {}),
}
IN_SHORT = ("cyrus", "courier")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[] if name in IN_SHORT else pytest.mark.interop)
        for name in SERVERS
    ],
)
def server(request, running_system):
    """Another IMAP server, which gets the company's mail from Postfix."""
    make, settings = SERVERS[request.param]
    with make(running_system.mail).running(**settings) as server:
        yield server


@pytest.fixture
def mailbox(system, server):
    """The catch-all mailbox on that server."""
    mailbox = OtherMailbox(system, server)
    with system.mail.settings(**server.postfix_settings()):
        mailbox.take()
        try:
            yield mailbox
        finally:
            mailbox.give_back()


def leads(system, subject):
    """Return the leads of this name."""
    return system.search("crm.lead", [["name", "=", subject]])


def test_mail_is_collected_marked_and_routed(system, mailbox):
    """Each once, to whom it was written, whatever the server adds to it."""
    subject = f"On {mailbox.server.name}"
    mailbox.send(SALES, subject=f"{subject}, read by a person")
    mailbox.person("store", "1", "+FLAGS", "\\Seen")
    bcc = {"bcc": [SALES], "separate": True}
    message = mailbox.send("info@khachhang.test", subject=subject, **bcc)
    system.process()
    system.process()
    assert not mailbox.error()
    assert mailbox.seen() == [True, True]
    assert len(leads(system, subject)) == 1
    assert system.deliveries(message)[SALES] == ("delivered", "alias", "crm.lead")
    assert not leads(system, f"{subject}, read by a person")


@pytest.mark.parametrize(
    "folder",
    [pytest.param("Processed", marks=pytest.mark.interop), VIETNAMESE],
    ids=["ascii", "utf7"],
)
def test_mail_is_moved_to_a_folder_that_a_person_has_named(system, mailbox, folder):
    """Also where all folders are below the INBOX, and where MOVE is not known."""
    mailbox.configure(after_collect="move", move_folder=folder)
    message = mailbox.send(SALES, subject="Moved")
    raw = mailbox.raw_mails()
    system.process()
    system.process()
    assert not mailbox.error()
    assert not mailbox.raw_mails()
    assert mailbox.moved(folder) == raw
    assert len(system.journal(message)) == 1


@pytest.mark.interop
def test_only_collected_mail_is_deleted(system, mailbox):
    mailbox.send(SALES, subject="A person's")
    system.collect()
    mailbox.configure(after_collect="delete")
    mailbox.person("store", "1", "+FLAGS", "\\Deleted")
    mailbox.send(SALES, subject="Deleted when collected")
    system.process()
    assert not mailbox.error()
    assert [mail["Subject"] for mail in mailbox.mails()] == ["A person's"]


@pytest.mark.interop
def test_missing_mail_is_found_and_fetched(system, mailbox):
    system.collect()
    messages = [mailbox.send(SALES, subject=f"Mail {number}") for number in "123"]
    system.process()
    (lost,) = system.journal(messages[1])
    query = f"DELETE FROM mail_catchall_message WHERE id = {lost['id']}"
    system.odoo.cluster.query(query, system.database)
    system.collect()
    assert not system.journal(messages[1])

    system.rpc("mail.catchall.router", "action_check", [mailbox.router_id])
    domain = [["router_id", "=", mailbox.router_id]]
    (folder,) = system.search("mail.catchall.folder", domain)
    assert (folder["missing_count"], folder["missing_uids"]) == (1, lost["uid"])
    system.rpc("mail.catchall.router", "action_fetch_missing", [mailbox.router_id])
    assert len(system.journal(messages[1])) == 1


def test_new_mail_is_heard_at_once(system, mailbox):
    """By IDLE: nobody asks again and again."""
    with mailbox.session() as session:
        seconds, by_itself = listen(
            session, lambda: system.send(SALES, subject="Heard")
        )
    assert by_itself
    assert seconds < 20


@pytest.mark.interop
def test_a_round_trip_arrives(system, mailbox):
    rpc = system.rpc
    trip_id = rpc("mail.catchall.router", "action_round_trip", [mailbox.router_id])
    trip_id = trip_id["res_id"]

    def ended():
        return not rpc("mail.catchall.trip", "action_follow", [trip_id])["is_open"]

    wait_for(ended, "end of the round trip", 60)
    (trip,) = rpc("mail.catchall.trip", "read", [trip_id])
    assert trip["state"] == "arrived"


# ----------------------------------------------------------------------
# WITH OTHER SETTINGS
# ----------------------------------------------------------------------


def why_not(system, server):
    """Return what the test of the incoming server says of a login without TLS."""
    mailbox = OtherMailbox(system, server)
    values = {"port": server.port("imap"), "is_ssl": False}
    system.rpc("fetchmail.server", "write", [mailbox.server_id], values)
    mailbox.take_over()
    try:
        system.rpc("mail.catchall.router", "action_test_incoming", [mailbox.router_id])
    except RpcError as error:
        return str(error)
    finally:
        mailbox.give_back()
    return ""


@pytest.mark.interop
@pytest.mark.logs("does not allow a login")
def test_cyrus_takes_no_password_without_encryption(system):
    """LOGINDISABLED: the encryption is wrong, and not the password."""
    with Cyrus(system.mail).running(plain=False) as server:
        assert "does not allow a login on port" in why_not(system, server)


@pytest.mark.interop
@pytest.mark.logs("closed the connection")
def test_courier_takes_four_connections_of_an_address(system):
    """As its makers have it. Whoever comes then is left at once, without a word."""
    with Courier(system.mail).running(most_per_address=4) as server:
        assert not why_not(system, server)
        with contextlib.ExitStack() as others:
            for _number in range(4):
                others.enter_context(server.session(CATCHALL))
            assert "closed the connection" in why_not(system, server)
