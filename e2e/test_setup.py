"""From an empty database to the first lead, as a person does it in a browser."""

import pytest

from harness import System
from sandbox import config
from sandbox.browser import Browser
from sandbox.mailserver import CATCHALL, password

EMPTY, DATABASE = "test_e2e_empty", "test_e2e_setup"
SENTENCES = ".alert-danger"
# Keeps how many findings a dialog shows at the moment at which it says its sentence.
WATCH_ARRIVAL = """
new MutationObserver(() => {
    if (document.querySelector(".modal-body")?.innerText.includes("It has arrived")) {
        window.findingsAtArrival ??=
            document.querySelectorAll(".modal-body [data-code]").length;
    }
}).observe(document.body, { childList: true, subtree: true, characterData: true });
"""


@pytest.fixture(scope="module")
def empty(running_system):
    """A database with the addon and the usual apps, in which nobody did anything."""
    odoo = running_system.odoo
    odoo.clone(odoo.template(), EMPTY)
    odoo.install(EMPTY, [config.ADDON])
    yield EMPTY
    odoo.drop(EMPTY)


@pytest.fixture
def unset(system, empty):
    """The system on a copy of the empty database."""
    system.stop()
    unset = System(system.odoo, DATABASE)
    unset.odoo.clone(empty, DATABASE)
    unset.start()
    try:
        yield unset
    finally:
        unset.stop()
        system.odoo.drop(DATABASE)
        system.start()


@pytest.fixture
def browser(unset):
    """A browser of the administrator, in which the app has just been opened."""
    browser = Browser(unset.odoo.url)
    with browser.open():
        # Not at Discuss, which reads its channels twice at once when it opens.
        browser.log_in("admin", "/odoo/apps")
        browser.wait_for(".o_main_navbar")
        app = "mail_catchall_router.mail_catchall_menu_root"
        browser.click(".o_navbar_apps_menu button")
        browser.click(f".o-dropdown-item[data-menu-xmlid='{app}']")
        browser.wait_for("h2", "Connect your mailbox")
        yield browser


def enter_account(browser, secret=None):
    browser.fill("[name=mailbox] input", CATCHALL)
    browser.fill("[name=password] input", secret or password(CATCHALL))


def enter_servers(browser, incoming, outgoing):
    if not browser.run("document.querySelector('[name=advanced] input').checked"):
        browser.click("label", "enter the servers myself")
    browser.fill("[name=incoming_host] input", incoming)
    browser.fill("[name=outgoing_host] input", outgoing)


def servers(system):
    return (
        f"localhost:{system.mail.port('imaps')}",
        f"localhost:{system.mail.port('submission')}",
    )


def connect(browser):
    browser.click("button[name=action_connect]")


def come_to_the_apps(system, browser):
    """Connect the mailbox at once, as who makes no mistake."""
    enter_account(browser)
    enter_servers(browser, *servers(system))
    connect(browser)
    browser.wait_for("h2", "Which apps get mail?")


def routers(system):
    return system.search("mail.catchall.router", [], ["account_email"])


def test_from_an_empty_database_to_the_first_lead(unset, browser):
    come_to_the_apps(unset, browser)
    assert "Receiving works" in browser.text("[name=results]")
    assert not routers(unset)
    browser.click("button[name=action_finish]")
    browser.wait_for(".modal-body", "It has arrived")
    browser.click(".modal .btn-close")
    browser.wait_for("h2", "Ready")
    assert "sales@tenmien.test" in browser.text("[name=ready_addresses]")

    unset.send("sales@tenmien.test", subject="Xin báo giá", body="Kính gửi quý công ty")
    unset.process()
    assert unset.search("crm.lead", [["name", "=", "Xin báo giá"]])


def test_a_round_trip_ends_with_its_findings_in_one_step(unset, browser):
    # Its dialog stands in the middle of the window: when it grew after its end was
    # told, its buttons went from under the pointer.
    come_to_the_apps(unset, browser)
    browser.run(WATCH_ARRIVAL)
    browser.click("button[name=action_finish]")
    browser.wait_for(".modal-body [data-code]")
    assert browser.run("window.findingsAtArrival") > 0


def test_what_is_wrong_is_said_and_mended(unset, browser):
    incoming, outgoing = servers(unset)
    enter_account(browser, secret="wrong")
    enter_servers(browser, "nosuch.invalid:993", outgoing)
    connect(browser)
    browser.wait_for(SENTENCES, "“nosuch.invalid”")

    enter_servers(browser, f"localhost:{unset.mail.port('pop3s') + 1}", outgoing)
    connect(browser)
    browser.wait_for(SENTENCES, "“localhost”")

    enter_servers(browser, incoming, outgoing)
    connect(browser)
    browser.wait_for(SENTENCES, "did not accept the login")
    assert not routers(unset)

    browser.fill("[name=password] input", password(CATCHALL))
    connect(browser)
    browser.wait_for("h2", "Which apps get mail?")


@pytest.mark.logs("is entered for two apps")
def test_an_address_that_is_taken_is_said(unset, browser):
    come_to_the_apps(unset, browser)
    browser.click(".o_data_cell[name=address]", "jobs")
    browser.fill(".o_selected_row [name=address] input", "sales")
    browser.wait_for(".text-danger", "for two apps")
    browser.click("button[name=action_finish]")
    browser.wait_for(".modal-body", "for two apps")
    assert not routers(unset)
