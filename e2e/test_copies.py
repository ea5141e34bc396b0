"""What people have sent is in the Sent folder of the account, once."""

import pytest

from faults.lives import Nursery
from harness import wait_for
from sandbox.client import CUSTOMER, address_of
from sandbox.mailserver import CATCHALL
from sandbox.rpc import RpcError

CUSTOMER_ADDRESS = address_of(CUSTOMER)
COLLEAGUE = "user_b@tenmien.test"
SALES = "sales@tenmien.test"
SENT = "Sent"
COPY_CRON = "mail_catchall_router.ir_cron_copy"


@pytest.fixture
def router(system):
    """The id of the sandbox's router, which copies sent mail."""
    (row,) = system.search("mail.catchall.router", [])
    system.rpc("mail.catchall.router", "write", [row["id"]], {"sent_folder": SENT})
    yield row["id"]
    system.rpc("mail.catchall.router", "write", [row["id"]], {"sent_folder": False})


def write(system, lead, body, to=(CUSTOMER_ADDRESS,)):
    """Write to people as user A and return what the customer gets."""
    user_a = system.login("user_a")
    system.write(user_a, "crm.lead", lead["id"], body, to=to)
    return system.wait_for_mail(CUSTOMER_ADDRESS, lead["name"])


def copies(system):
    """Return the copies that wait."""
    return system.search("mail.catchall.copy", [])


def flags(system):
    """Return the flags of all mail in the Sent folder."""
    with system.client.imap(CATCHALL) as session:
        session.select(SENT, readonly=True)
        _ok, data = session.fetch("1:*", "(FLAGS)")
        return [line.decode() for line in data if line]


@pytest.mark.usefixtures("router")
def test_a_persons_mail_is_in_the_sent_folder_once(system, lead):
    """One copy, however many got it, read already, as it was sent."""
    people = (CUSTOMER_ADDRESS, "another@khachhang.test", COLLEAGUE)
    letter = write(system, lead, "Giá là 100 đồng.", to=people)
    assert len(copies(system)) == 1
    system.rpc.run_cron(COPY_CRON)
    (copy,) = system.inbox(CATCHALL, SENT)
    assert copy["Message-ID"] == letter["Message-ID"]
    assert copy["From"] == letter["From"]
    assert "Giá là 100 đồng." in copy.get_body(("plain",)).get_content()
    assert not copy["Bcc"]
    assert not copy["X-Catchall-Copy"]
    assert not letter["X-Catchall-Copy"]
    (flag,) = flags(system)
    assert "\\Seen" in flag
    assert not copies(system)
    system.rpc.run_cron(COPY_CRON)
    assert len(system.inbox(CATCHALL, SENT)) == 1


@pytest.mark.usefixtures("router")
def test_a_crash_before_the_commit_makes_no_second_copy(system, lead):
    """The copy is in the folder, and Odoo doesn't know it."""
    write(system, lead, "Hello")
    system.stop()
    log = system.odoo.instance.logs / "e2e-copies.log"
    nursery = Nursery(system.odoo, system.database, log)
    try:
        nursery.die("copy", at="appended")
        assert len(system.inbox(CATCHALL, SENT)) == 1
        nursery.work("copy")
    finally:
        nursery.stop()
        system.start()
    assert len(system.inbox(CATCHALL, SENT)) == 1
    assert not copies(system)


@pytest.mark.usefixtures("router")
def test_what_programs_send_is_not_copied(system, lead):
    """Neither an automatic comment nor what only colleagues get."""
    system.rpc(
        "crm.lead",
        "message_post",
        [lead["id"]],
        body="From a machine",
        subject="Automatic",
        partner_ids=system.rpc(
            "res.partner", "search", [["email", "=", CUSTOMER_ADDRESS]]
        )
        or [
            system.rpc(
                "res.partner", "create", {"name": "K", "email": CUSTOMER_ADDRESS}
            )
        ],
        message_type="auto_comment",
        subtype_xmlid="mail.mt_comment",
    )
    system.wait_for_mail(CUSTOMER_ADDRESS, "Automatic")
    user_a = system.login("user_a")
    system.write(user_a, "crm.lead", lead["id"], "Among us", to=(COLLEAGUE,))
    system.wait_for_mail(COLLEAGUE, lead["name"])
    assert not copies(system)


@pytest.mark.logs("could not be read")
def test_a_folder_that_cannot_be_reached_delays_no_mail(system, lead, router):
    """The copy waits, says why, and is stored when the mailbox is back."""
    (server,) = system.search("fetchmail.server", [["user", "=", CATCHALL]])
    system.rpc("fetchmail.server", "write", [server["id"]], {"password": "wrong"})
    try:
        write(system, lead, "Hello")
        system.rpc.run_cron(COPY_CRON)
        (copy,) = copies(system)
        assert copy["error"]
        assert copy["attempt_count"] == 1
    finally:
        values = {"password": CATCHALL.partition("@")[0]}
        system.rpc("fetchmail.server", "write", [server["id"]], values)
    wait_for(lambda: _run(system), "copy in the Sent folder", timeout=120)


def _run(system):
    system.rpc.run_cron(COPY_CRON)
    return len(system.inbox(CATCHALL, SENT)) == 1


@pytest.mark.logs("POP3 has no folders")
def test_a_mailbox_without_folders_is_refused(system, router):
    """POP3 has none, and the router says so."""
    (server,) = system.search("fetchmail.server", [["user", "=", CATCHALL]])
    write = ("mail.catchall.router", "write", [router])
    system.rpc(*write, {"sent_folder": False})
    system.rpc("fetchmail.server", "write", [server["id"]], {"server_type": "pop"})
    try:
        with pytest.raises(RpcError, match="POP3 has no folders"):
            system.rpc(*write, {"sent_folder": SENT})
    finally:
        values = {"server_type": "imap", "state": "done"}
        system.rpc("fetchmail.server", "write", [server["id"]], values)
