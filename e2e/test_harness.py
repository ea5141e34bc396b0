"""The harness itself: mail goes in, a record comes out, with and without crons."""

import pytest

from harness import wait_for

ADDRESS = "sales@tenmien.test"


def leads(system, subject):
    """Return the leads with a name."""
    return system.search("crm.lead", [["name", "=", subject]], ["email_from"])


def test_a_test_decides_when_mail_is_processed(system):
    """Nothing happens before ``process``."""
    message = system.send(ADDRESS, subject="By hand", body="Hello")
    assert len(system.catchall()) == 1
    assert not leads(system, "By hand")
    system.process()
    assert len(leads(system, "By hand")) == 1
    assert [row["state"] for row in system.journal(message)] == ["delivered"]


@pytest.mark.fresh
def test_crons_can_run_by_themselves(system):
    """With cron threads, collected mail is routed without being asked."""
    with system.crons():
        system.send(ADDRESS, subject="By themselves", body="Hello")
        system.collect()
        wait_for(lambda: leads(system, "By themselves"), "lead")


def test_what_one_test_leaves_in_the_queue_does_not_reach_the_next(system):
    with system.mail.settings(virtual_transport="retry:4.2.0 later"):
        system.send("lan@doitac.test", subject="Left behind")
    assert system.has_deferred()
    system.refresh()
    system.empty_queue()
    assert not system.inbox("lan@doitac.test")
