#!/usr/bin/env python3
"""How much a person gives, and how long it takes, until mail works.

    bench/setup.py [--runs 3]

A browser goes through the setup assistant of a database in which nobody did anything
yet, from the app's first screen to "Ready", once with a provider that Odoo knows and
once with servers that are entered by hand. Printed are the fields that are filled in,
the confirmations (buttons), and the seconds from the first screen until everything is
saved, and until the test mail has come back. The sandbox's mail server plays the
provider.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dev"))

from sandbox import config, setup
from sandbox.browser import Browser
from sandbox.mailserver import CATCHALL, MailServer, password
from sandbox.odoo import Odoo, stop
from sandbox.progress import say

EMPTY, DATABASE = "bench_setup_empty", "bench_setup"
# A module that Odoo loads beside its own: the sandbox's provider becomes one that the
# addon knows, by the domain's MX record.
KNOWN = """
from odoo.addons.mail_catchall_router.tools.servers import dns, providers, survey

Server = providers.Server
providers.PROVIDERS = (
    providers.Provider(
        "sandbox",
        "The sandbox",
        Server("localhost", {imaps}, providers.SSL),
        Server("localhost", {submission}, providers.STARTTLS),
        mail_exchangers=("tenmien.test",),
    ),
    *providers.PROVIDERS,
)
survey.ask_exchangers = lambda domain: (dns.Record(f"mx.{{domain}}", 10),)
survey.ask_domain = lambda domain: {{"mx": survey.ask_exchangers(domain)}}
"""


@dataclass
class Person:
    """Somebody at a browser; what he gives is counted."""

    browser: Browser
    fields: int = 0
    confirmations: int = 0

    def fill(self, name, text):
        """Fill in a field."""
        self.fields += 1
        self.browser.fill(f"[name={name}] input", text)

    def confirm(self, name):
        """Press a button."""
        self.confirmations += 1
        self.browser.click(f"button[name={name}]")


def go_through(browser, mail, by_hand):
    """Go through the assistant; return the person and the two times in seconds."""
    person = Person(browser)
    browser.wait_for("h2", "Connect your mailbox")
    started = time.monotonic()
    person.fill("mailbox", CATCHALL)
    person.fill("password", password(CATCHALL))
    if by_hand:
        person.confirmations += 1
        browser.click("label", "enter the servers myself")
        person.fill("incoming_host", f"localhost:{mail.port('imaps')}")
        person.fill("outgoing_host", f"localhost:{mail.port('submission')}")
    person.confirm("action_connect")
    browser.wait_for("h2", "Which apps get mail?")
    person.confirm("action_finish")
    browser.wait_for(".modal-title", "Round Trip Test")
    ready = time.monotonic() - started
    browser.wait_for(".modal-body", "It has arrived")
    arrived = time.monotonic() - started
    browser.click(".modal .btn-close")
    browser.wait_for("h2", "Ready")
    return person, ready, arrived


def run(odoo, mail, by_hand):
    """Set up one database; return what `go_through` returns."""
    odoo.clone(EMPTY, DATABASE)
    mail.empty()
    log = odoo.instance.logs / "bench-setup.log"
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder, "bench_known_provider")
        module.mkdir()
        ports = {name: mail.port(name) for name in ("imaps", "submission")}
        (module / "__init__.py").write_text(KNOWN.format(**ports), encoding="utf-8")
        manifest = '{"name": "bench", "author": "bench", "license": "LGPL-3"}'
        (module / "__manifest__.py").write_text(manifest, encoding="utf-8")
        options = [f"--addons-path={odoo.addons_path},{folder}"]
        options += [] if by_hand else ["--load=base,web,bench_known_provider"]
        server = odoo.serve(DATABASE, log=log, options=options)
        browser = Browser(odoo.url)
        try:
            with browser.open():
                browser.log_in("admin", "/odoo/apps")
                browser.wait_for(".o_main_navbar")
                browser.go(
                    "/odoo/action-mail_catchall_router.mail_catchall_open_action"
                )
                return go_through(browser, mail, by_hand)
        finally:
            stop(server)
            odoo.drop(DATABASE)


def main():
    """Measure both ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    source = setup.ensure(tests=True)
    if Path(sys.prefix).resolve() != setup.venv().resolve():
        # What drives the browser is installed there.
        os.execv(setup.python(), [str(setup.python()), *sys.argv])
    odoo = Odoo(config.Instance.current("test"), source)
    mail = MailServer(odoo.instance)
    odoo.prepare()
    mail.start("virtual", "any")
    odoo.configure()
    odoo.clone(odoo.template(), EMPTY)
    odoo.install(EMPTY, [config.ADDON])
    try:
        for title, by_hand in (("Known provider", False), ("Servers by hand", True)):
            results = [run(odoo, mail, by_hand) for _number in range(options.runs)]
            person = results[0][0]
            ready, arrived = (
                statistics.median(result[number] for result in results)
                for number in (1, 2)
            )
            say(
                f"{title}: {person.fields} fields and {person.confirmations} "
                f"confirmations, ready after {ready:.1f} s, the test mail is back "
                f"after {arrived:.1f} s (median of {options.runs})"
            )
    finally:
        odoo.drop(EMPTY)


if __name__ == "__main__":
    main()
