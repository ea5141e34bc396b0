"""Mail that is posted over HTTP, with the commands of doc/intake.md."""

import re
import subprocess

import pytest

from sandbox import client, config

SALES, NOBODY = "sales@tenmien.test", "nobody@elsewhere.test"
ADDRESS = "https://odoo.example.com/mail_router/intake/1"
SCRIPT = re.compile(r"^```sh\n(#!/bin/sh\n.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^```sh\n(curl .*?)^```", re.MULTILINE | re.DOTALL)
TEMPORARY = 75  # EX_TEMPFAIL of sysexits.h


@pytest.fixture
def intake(system):
    """The (address, token) of the router's intake."""
    (router,) = system.search("mail.catchall.router", [], ["intake_url"])
    action = system.rpc(
        "mail.catchall.router", "action_make_intake_token", [router["id"]]
    )
    path = f"/mail_router/intake/{router['id']}"
    return system.odoo.url + path, action["context"]["catchall_shown_token"]


def recipe(pattern):
    """Return a command of the page."""
    page = config.CHECKOUT / "doc" / "intake.md"
    return pattern.search(page.read_text(encoding="utf-8"))[1]


def leads(system, subject):
    """Return the leads with this name, after routing."""
    system.route()
    return system.search("crm.lead", [["name", "=", subject]])


def test_what_curl_posts_becomes_a_lead_once(system, intake, tmp_path):
    address, token = intake
    mail = tmp_path / "mail.eml"
    mail.write_bytes(client.compose(to=[NOBODY], subject="Posted").as_bytes())
    command = recipe(COMMAND).replace("sales@example.com", SALES)
    command = command.replace(ADDRESS, address).replace("@mail.eml", f"@{mail}")
    for words in ("taken", "known"):
        answer = subprocess.run(
            ["sh", "-c", command],
            env={"TOKEN": token, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=True,
        )
        assert answer.stdout == b'{"status": "%s"}' % words.encode()
    assert len(leads(system, "Posted")) == 1


def test_what_postfix_pipes_becomes_a_lead_and_stays_with_it_otherwise(
    system, intake, tmp_path
):
    address, token = intake
    mail = client.compose(to=[NOBODY], subject="Piped").as_bytes()

    def pipe(token, sender):
        script = tmp_path / "to-odoo"
        text = recipe(SCRIPT).replace(ADDRESS, address).replace("TOKEN", token)
        script.write_text(text, encoding="utf-8")
        command = ["sh", script, sender, SALES]
        return subprocess.run(command, input=mail, check=False).returncode

    assert pipe("wrong", "khach@khachhang.test") == TEMPORARY
    assert not leads(system, "Piped")
    assert pipe(token, "") == 0
    assert len(leads(system, "Piped")) == 1
