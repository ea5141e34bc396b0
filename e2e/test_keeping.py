"""Completeness, files of mail, forgetting, and the way back to stock Odoo."""

import base64

import pytest

from sandbox.mailserver import CATCHALL
from sandbox.rpc import RpcError

SALES = "sales@tenmien.test"
NOBODY = "nobody@tenmien.test"
ADDON = "mail_catchall_router"


def router(system):
    """Return the id of the sandbox's router."""
    (row,) = system.search("mail.catchall.router", [])
    return row["id"]


def folder(system):
    """Return the INBOX of the sandbox's router."""
    (row,) = system.search("mail.catchall.folder", [["name", "=", "INBOX"]])
    return row


def unread(system):
    """Return the subjects of the unread mails in the catch-all mailbox."""
    with system.client.imap(CATCHALL) as connection:
        connection.select("INBOX", readonly=True)
        _ok, data = connection.uid("SEARCH", "UNSEEN")
        return len(data[0].split())


# ----------------------------------------------------------------------
# COMPLETENESS
# ----------------------------------------------------------------------


@pytest.mark.fresh
def test_mail_that_is_missing_in_the_journal_is_found_named_and_fetched(system):
    system.collect()  # the take-over: what was there before is not missed
    for number in range(3):
        system.send(SALES, subject=f"Mail {number}")
    system.process()
    system.rpc("mail.catchall.router", "action_check", [router(system)])
    assert folder(system)["missing_count"] == 0

    # A mail that the cursor has passed and that is in no journal: as after a
    # restore of the database from a backup with the cursor kept.
    (lost,) = system.search("mail.catchall.message", [["subject", "=", "Mail 1"]])
    system.odoo.cluster.query(
        f"DELETE FROM mail_catchall_message WHERE id = {lost['id']}", system.database
    )
    system.collect()
    assert not system.search("mail.catchall.message", [["subject", "=", "Mail 1"]])

    system.rpc("mail.catchall.router", "action_check", [router(system)])
    found = folder(system)
    assert (found["missing_count"], found["missing_uids"]) == (1, lost["uid"])
    domain = [["res_model", "=", "mail.catchall.router"]]
    (activity, *_more) = system.search("mail.activity", domain)
    assert lost["uid"] in activity["note"]

    system.rpc("mail.catchall.router", "action_fetch_missing", [router(system)])
    assert folder(system)["missing_count"] == 0
    system.route()
    (again,) = system.search("mail.catchall.message", [["subject", "=", "Mail 1"]])
    # Core knows its Message-ID from before: no second lead.
    assert (again["state"], again["reason_code"]) == ("ignored", "duplicate")
    assert len(system.search("crm.lead", [["name", "=", "Mail 1"]])) == 1


def test_mail_that_somebody_else_deleted_is_not_missed(system):
    system.send(SALES, subject="Deleted by a person")
    system.process()
    system.mail.empty()
    system.rpc("mail.catchall.router", "action_check", [router(system)])
    assert folder(system)["missing_count"] == 0


# ----------------------------------------------------------------------
# FILES
# ----------------------------------------------------------------------


def test_a_file_of_mail_is_routed_and_recognised_the_second_time(system):
    raw = (
        b"From: lan@khachhang.test\r\nTo: sales@tenmien.test\r\n"
        b"Subject: From a file\r\nMessage-ID: <file@khachhang.test>\r\n\r\nHello\r\n"
    )
    for _time in range(2):
        attachment = system.rpc(
            "ir.attachment",
            "create",
            {"name": "mail.eml", "datas": base64.b64encode(raw).decode()},
        )
        wizard = system.rpc(
            "mail.catchall.import",
            "create",
            {"router_id": router(system), "attachment_ids": [[4, attachment]]},
        )
        system.rpc("mail.catchall.import", "action_import", [wizard])
        system.route()
    journal = system.search(
        "mail.catchall.message", [["message_id", "=", "<file@khachhang.test>"]]
    )
    assert [row["state"] for row in journal] == ["delivered", "ignored"]
    assert len(system.search("crm.lead", [["name", "=", "From a file"]])) == 1


# ----------------------------------------------------------------------
# FORGETTING
# ----------------------------------------------------------------------


def test_all_mail_of_an_address_is_erased(system):
    system.send(SALES, subject="Forget me", sender="quen@khachhang.test")
    system.process()
    values = {"address": "quen@khachhang.test"}
    wizard = system.rpc("mail.catchall.erase", "create", values)
    system.rpc("mail.catchall.erase", "action_erase", [wizard])
    assert not system.search("mail.catchall.message", [["subject", "=", "Forget me"]])
    assert not system.search(
        "mail.catchall.message", [["email_from", "ilike", "quen@khachhang.test"]]
    )


# ----------------------------------------------------------------------
# UNINSTALLING
# ----------------------------------------------------------------------


@pytest.fixture
def given_up(system):
    """The system for a test after which the addon is gone from the database."""
    yield system
    system.reset()


def uninstall(system):
    """Press Uninstall in the Apps menu."""
    (module,) = system.search("ir.module.module", [["name", "=", ADDON]])
    system.rpc("ir.module.module", "button_immediate_uninstall", [module["id"]])


@pytest.mark.fresh
@pytest.mark.logs(
    "Messages that have not reached",
    "Failed to load registry",
    "Transient module states were reset",
)
def test_uninstalling_waits_for_waiting_mail_and_hands_the_mailbox_back(given_up):
    system = given_up
    held = system.send(NOBODY, subject="Waits")
    system.send(SALES, subject="Done")
    system.process()
    assert unread(system) == 0
    with pytest.raises(RpcError, match="a document yet"):
        uninstall(system)
    # The refusal changed nothing.
    (module,) = system.search("ir.module.module", [["name", "=", ADDON]])
    assert module["state"] == "installed"
    assert [row["state"] for row in system.journal(held)] == ["held"]

    system.rpc(
        "ir.config_parameter",
        "set_param",
        "mail_catchall_router.uninstall_anyway",
        "1",
    )
    uninstall(system)
    # The mail that waited is unread again, so that stock Odoo finds it.
    assert unread(system) == 1
    system.send(SALES, subject="After the router")
    system.collect()
    assert system.search("crm.lead", [["name", "=", "After the router"]])
