"""Fixtures of the end-to-end suite. Start it with ``dev/test e2e``.

Markers: ``alone`` says that a test may run beside the others; ``fresh`` gives a test a
database of its own; ``logs("regex", ...)`` names what Odoo may log as a warning or an
error while the test runs.
"""

import faulthandler
import signal

import pytest

from harness import System
from sandbox import config, setup
from sandbox.odoo import Odoo

# dev/test sends this before it ends a suite that hangs.
faulthandler.register(signal.SIGQUIT)


@pytest.fixture(scope="session")
def instance():
    """The sandbox instance that tests use."""
    return config.Instance.current("test")


@pytest.fixture(scope="session")
def odoo(instance):
    """The sandbox's Odoo, with the databases that others are copied from."""
    odoo = Odoo(instance, setup.ensure())
    odoo.prepare()
    return odoo


@pytest.fixture(scope="session")
def running_system(odoo):
    """A mail server, a seeded database and an Odoo server for all tests."""
    system = System(odoo)
    system.log.unlink(missing_ok=True)
    system.mail.start()
    # The mail server's certificate may be new.
    odoo.configure()
    try:
        system.reset()
        yield system
    finally:
        system.stop()


@pytest.fixture
def system(request, running_system):
    """The running system with empty mailboxes; fails on unexpected log entries."""
    if request.node.get_closest_marker("fresh"):
        running_system.reset()
    running_system.refresh()
    yield running_system
    marker = request.node.get_closest_marker("logs")
    unexpected = running_system.unexpected_log(marker.args if marker else ())
    assert not unexpected, "Unexpected in Odoo's log:\n" + "\n".join(unexpected)


@pytest.fixture
def lead(request, system):
    """The lead of a new customer's mail, named after the test."""
    system.send("sales@tenmien.test", subject=request.node.name, body="Xin báo giá.")
    system.process()
    (lead,) = system.search("crm.lead", [["name", "=", request.node.name]])
    return lead


@pytest.fixture(scope="module")
def company(running_system):
    """A second company: its domain, its sales team, and two of its people."""
    rpc = running_system.rpc
    domain = rpc(
        "mail.alias.domain",
        "create",
        {
            "name": "congty2.test",
            "catchall_alias": "catchall",
            "bounce_alias": "bounce",
            "default_from": "notifications",
        },
    )
    company = rpc(
        "res.company", "create", {"name": "Công ty 2", "alias_domain_id": domain}
    )
    rpc("res.users", "write", [rpc.uid], {"company_ids": [[4, company]]})
    (router,) = rpc("mail.catchall.router", "search", [])
    rpc("mail.catchall.router", "write", [router], {"alias_domain_ids": [[4, domain]]})
    team = {"name": "Sales 2", "company_id": company, "alias_name": "sales"}
    rpc("crm.team", "create", team)
    make_user(rpc, company, "user_2", "Lê Hai", "le.hai@congty2.test")
    make_user(rpc, company, "user_out2", "Bình", "binh@elsewhere.test")
    yield company
    rpc("mail.catchall.router", "write", [router], {"alias_domain_ids": [[3, domain]]})


def make_user(rpc, company, login, name, email):
    """Make a salesperson of a company who may read the journal."""
    domain = [["login", "=", "user_a"]]
    (groups,) = rpc("res.users", "search_read", domain, ["group_ids"])
    reader = rpc.ref("mail_catchall_router.group_mail_catchall_router_user")
    values = {
        "name": name,
        "login": login,
        "password": login,
        "email": email,
        "company_id": company,
        "company_ids": [[6, 0, [company]]],
        "group_ids": [[6, 0, [*groups["group_ids"], reader]]],
    }
    rpc("res.users", "create", values, context={"no_reset_password": True})
