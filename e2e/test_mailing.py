"""Mass mailing through the router's server, with the app installed."""

import re

import pytest

from harness import System, wait_for
from sandbox import config
from sandbox.mailserver import CATCHALL

DATABASE = "test_mailing"
TESTED = "test_mailing_bounces"
SENDER = "User A <user_a@tenmien.test>"
CUSTOMERS = ("khach@khachhang.test", "another@khachhang.test")
MAILING_CRON = "mass_mailing.ir_cron_mass_mailing_queue"


def test_email_marketing_sees_bounces_as_without_the_router(running_system, tmp_path):
    """Its traces, its blacklist, and forged notices, in a database that has the app."""
    script, log = tmp_path / "run.py", tmp_path / "run.log"
    script.write_text(
        "from odoo.tests.shell import run_tests\n"
        "run_tests(env, 'mail_catchall_router_mailing')\n",
        encoding="utf-8",
    )
    odoo = running_system.odoo
    # The tests serve on the port of the usual server.
    running_system.stop()
    odoo.clone(odoo.template(), TESTED)
    try:
        odoo.install(TESTED, [config.ADDON, "mass_mailing"])
        odoo.run_shell(TESTED, script, log)
    finally:
        odoo.drop(TESTED)
        running_system.start()
    text = log.read_text(encoding="utf-8")
    found = re.search(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", text)
    assert found and found.group(1, 2) == ("0", "0"), text[-3000:]
    assert int(found[3]) >= 4


@pytest.fixture(scope="module")
def mailing(running_system):
    """A system with the app Email Marketing, in the place of the usual one."""
    odoo = running_system.odoo
    running_system.stop()
    odoo.clone(odoo.seeded_template(), DATABASE)
    odoo.install(DATABASE, ["mass_mailing"])
    system = System(odoo, DATABASE)
    try:
        system.start()
        system.refresh()
        yield system
    finally:
        system.stop()
        odoo.drop(DATABASE)
        running_system.start()


def test_a_mailing_arrives_under_its_sender_and_can_be_unsubscribed(mailing):
    """Once for each, through the one login, with the headers that providers want."""
    (router,) = mailing.search("mail.catchall.router", [])
    mailing.rpc(
        "mail.catchall.router", "write", [router["id"]], {"sent_folder": "Sent"}
    )
    (model,) = mailing.search("ir.model", [["model", "=", "mailing.list"]])
    people = mailing.rpc("mailing.list", "create", {"name": "Khách hàng"})
    for email in CUSTOMERS:
        values = {"name": email, "email": email, "list_ids": [[4, people]]}
        mailing.rpc("mailing.contact", "create", values)
    letter = mailing.rpc(
        "mailing.mailing",
        "create",
        {
            "subject": "Bản tin tháng mười một",
            "body_html": "<p>Xin chào</p><a href='/unsubscribe_from_list'>Stop</a>",
            "mailing_type": "mail",
            "mailing_model_id": model["id"],
            "contact_list_ids": [[6, 0, [people]]],
            "email_from": SENDER,
        },
    )
    mailing.rpc("mailing.mailing", "action_launch", [letter])
    mailing.rpc.run_cron(MAILING_CRON)
    mailing.send_queue()
    for email in CUSTOMERS:
        mail = mailing.wait_for_mail(email, "Bản tin")
        assert str(mail["From"]) == SENDER
        # As it is written: no client decodes what should be an address.
        assert dict(mail.raw_items())["List-Unsubscribe"].startswith("<http")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    wait_for(mailing.queue_is_empty, "end of the mail server's queue")
    assert [len(mailing.inbox(email)) for email in CUSTOMERS] == [1, 1]
    assert {one.login for one in mailing.submission_log()} == {CATCHALL}
    assert not mailing.search("mail.catchall.copy", [])
    (sent,) = mailing.search("mailing.mailing", [["id", "=", letter]])
    assert (sent["state"], sent["sent"]) == ("done", 2)
