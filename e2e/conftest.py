"""Fixtures of the end-to-end suite. Start it with ``dev/test e2e``.

Markers: ``fresh`` gives a test a database of its own; ``logs("regex", ...)`` names what
Odoo may log as a warning or an error while the test runs.
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
def running_system(instance):
    """A mail server, a seeded database and an Odoo server for all tests."""
    odoo = Odoo(instance, setup.ensure())
    odoo.prepare()
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
