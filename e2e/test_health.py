"""Health, monitoring and the test mail of an alias, over real mail servers."""

import json
import urllib.error
import urllib.request

import pytest

from harness import COLLECT_CRON, wait_for
from sandbox.mailserver import CATCHALL

SALES = "sales@tenmien.test"
PATH = "/mail_catchall_router/health"


def router(system):
    """Return the id of the sandbox's router."""
    (row,) = system.search("mail.catchall.router", [], ["id"])
    return row["id"]


def items(system):
    """Return {item: what the router's form says of it}."""
    (row,) = system.rpc(
        "mail.catchall.router", "read", [router(system)], ["health_report"]
    )
    return {item["item"]: item for item in row["health_report"]["items"]}


def ask(system, token):
    """Ask as a monitoring system does; return (HTTP status, JSON)."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{system.odoo.instance.http_port}{PATH}"
        f"?router={router(system)}",
        headers={
            "Authorization": f"Bearer {token}",
            "X-Odoo-Database": system.database,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.fresh
def test_what_the_provider_takes_for_junk_is_noticed_and_read_with_one_click(system):
    system.collect()
    sent = system.send(SALES, subject="Junk: a customer")
    with system.client.imap(CATCHALL) as session:
        session.select("INBOX")
        session.uid("MOVE", "1:*", "Junk")
    system.rpc("mail.catchall.router", "action_check", [router(system)])
    junk = items(system)["junk"]
    assert (junk["state"], junk["button"]) == ("warning", "Read It Too")
    assert "not read: 1" in junk["sentence"]

    system.rpc("mail.catchall.router", "action_health", [router(system)], "junk")
    system.process()
    (row,) = system.journal(sent)
    assert (row["folder"], row["state"]) == ("Junk", "delivered")
    assert items(system)["junk"]["state"] == "ok"


@pytest.mark.fresh
def test_a_refused_login_is_told_in_the_server_s_words_and_forgotten_when_mended(
    system,
):
    (server,) = system.search("fetchmail.server", [["state", "=", "done"]])
    system.collect()
    assert items(system)["incoming"]["state"] == "ok"
    (password,) = system.odoo.cluster.query(
        f"SELECT password FROM fetchmail_server WHERE id = {server['id']}",
        system.database,
    )
    system.rpc("fetchmail.server", "write", [server["id"]], {"password": "no"})
    system.rpc.run_cron(COLLECT_CRON)
    told = items(system)["incoming"]
    assert told["state"] == "warning"
    assert "AUTHENTICATIONFAILED" in told["sentence"]
    system.rpc("fetchmail.server", "write", [server["id"]], {"password": password})
    system.collect()
    assert items(system)["incoming"]["state"] == "ok"


@pytest.mark.fresh
def test_a_monitoring_system_sees_that_mail_is_not_collected_any_more(system):
    action = system.rpc(
        "mail.catchall.router", "action_make_health_token", [router(system)]
    )
    token = action["context"]["catchall_shown_token"]
    # Here scheduled actions run when a test says so.
    crons = system.rpc("ir.cron", "search", [])
    system.rpc("ir.cron", "write", crons, {"nextcall": "2099-01-01 00:00:00"})
    system.send(SALES, subject="Monitored")
    system.process()
    status, told = ask(system, token)
    assert told["items"]["last_in"]["code"] == "last"
    assert (status, told["items"]["incoming"]["status"]) == (200, "ok")
    assert ask(system, "another") == (401, {"status": "unauthorized"})

    (server,) = system.search("fetchmail.server", [["state", "=", "done"]])
    system.rpc("fetchmail.server", "write", [server["id"]], {"active": False})
    status, told = ask(system, token)
    assert (status, told["items"]["incoming"]["code"]) == (503, "off")
    system.rpc("fetchmail.server", "write", [server["id"]], {"active": True})


@pytest.mark.fresh
def test_a_test_mail_to_a_team_becomes_a_lead_and_the_address_works(system):
    system.collect()
    (user,) = system.rpc("res.users", "search", [["login", "=", "admin"]])
    system.rpc("res.users", "write", [user], {"email": "giam.doc@tenmien.test"})
    (alias,) = system.search("mail.alias", [["alias_full_name", "=", SALES]])
    (team,) = system.search("crm.team", [["alias_id", "=", alias["id"]]])
    assert team["catchall_alias_report"]["code"] == "untested"
    said = system.rpc("crm.team", "action_catchall_send_test", [team["id"]])
    assert SALES in said["params"]["title"]
    wait_for(system.catchall, "the test mail in the mailbox")
    system.process()
    (lead,) = system.search("crm.lead", [["name", "=", f"Test mail to {SALES}"]])
    assert lead["team_id"][0] == team["id"]
    (team,) = system.search("crm.team", [["id", "=", team["id"]]])
    assert team["catchall_alias_report"]["code"] == "works"
