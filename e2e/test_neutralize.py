"""A copy of the database that ``odoo neutralize`` has made harmless."""

import pytest

from sandbox import odoolog

COPY = "test_neutralized"
SALES = "sales@tenmien.test"
LOOK = """
import json, pathlib
from odoo.exceptions import UserError

router = env["mail.catchall.router"].with_context(active_test=False).search([])[:1]
said = []
for way in (
    router.fetchmail_server_id.fetch_mail,
    lambda: router.fetchmail_server_id._connect__(allow_archived=True),
    lambda: env["ir.mail_server"]._connect__(mail_server_id=router.mail_server_id.id),
    router.action_test_incoming,
    router.action_test_outgoing,
    router.action_round_trip,
):
    try:
        way()
        said.append("")
    except UserError as error:
        said.append(str(error))
    env.cr.rollback()
cron = env.ref("mail.ir_cron_mail_gateway_action")
cron.method_direct_trigger()
found = {
    "said": said,
    "active": router.active,
    "servers": env["ir.mail_server"].search([]).mapped("smtp_host"),
    "boxes": env["fetchmail.server"].search_count([]),
    "crons": env["ir.cron"].search([]).mapped("cron_name"),
    "messages": env["mail.catchall.message"].search_count([]),
    "keys": env["ir.config_parameter"].get_param("mail_catchall_router.signing_keys"),
}
pathlib.Path(%(file)r).write_text(json.dumps(found))
"""


STRANGER = """
import json, pathlib
from odoo.exceptions import UserError

router = env["mail.catchall.router"].search([])
said = []
for way in (
    lambda: router.fetchmail_server_id._connect__(allow_archived=True),
    lambda: env["ir.mail_server"]._connect__(mail_server_id=router.mail_server_id.id),
    router.action_round_trip,
):
    try:
        way()
        said.append("")
    except UserError as error:
        said.append(str(error))
    env.cr.rollback()
env.ref("mail.ir_cron_mail_gateway_action").method_direct_trigger()
router.fetchmail_server_id.fetch_mail()
signed = router._find_signed_document(%(signed)r)
found = {
    "said": said,
    "stranger": router.is_stranger,
    "health": [one["sentence"] for one in router.health_report["items"]],
    "messages": env["mail.catchall.message"].search_count([]),
    "signed": signed and signed[0],
}
router.action_is_original()
router.fetchmail_server_id.fetch_mail()
found["after"] = env["mail.catchall.message"].search_count([])
pathlib.Path(%(file)r).write_text(json.dumps(found))
"""
SIGN = """
import json, pathlib
router = env["mail.catchall.router"].search([])
router._take_home()
signed = router._reply_address("res.partner", 1, "catchall@tenmien.test")
env.cr.commit()
pathlib.Path(%(file)r).write_text(json.dumps(signed))
"""


def by_command(odoo, database, folder):
    """Copy the database file by file, and neutralize it."""
    odoo.clone(database, COPY)
    return [("neutralize", "-d", COPY)]


def by_duplicate(odoo, database, folder):
    """Let Odoo copy and neutralize."""
    return [("db", "duplicate", "--neutralize", database, COPY)]


def by_restore(odoo, database, folder):
    """Let Odoo write a backup, and neutralize what is restored of it."""
    file = folder / "backup.zip"
    return [("db", "dump", database, file), ("db", "load", "--neutralize", COPY, file)]


def call(odoo, commands):
    """Run commands of Odoo; fail on what their logs complain of."""
    for command in commands:
        log = odoo.instance.logs / f"{command[0]}-{command[1]}.log"
        odoo.call(*command, title=" ".join(map(str, command[:2])), log=log)
        text = log.read_text(encoding="utf-8")
        assert "NOT NEUTRALIZED" not in text
        assert not odoolog.unexpected(text)


@pytest.mark.parametrize("way", [by_command, by_duplicate, by_restore])
def test_a_neutralized_copy_touches_no_mail_and_sends_none(system, tmp_path, way):
    """Odoo's commands succeed, and the production mailbox is left alone."""
    before = len(system.search("mail.catchall.message", []))
    message = system.send(SALES, subject=f"For the original alone: {way.__name__}")
    system.stop()
    try:
        call(system.odoo, way(system.odoo, system.database, tmp_path))
        found = system.odoo.run_for_json(COPY, LOOK, tmp_path)
    finally:
        system.odoo.drop(COPY)
        system.start()
    # Core itself leaves servers alone that are switched off.
    assert all("neutralized copy" in one for one in found["said"][1:])
    assert not found["active"]
    assert found["servers"] == ["invalid"]
    assert not found["boxes"]
    assert len(found["crons"]) == 1
    assert found["messages"] == before
    assert not found["keys"]
    system.process()
    assert system.deliveries(message)[SALES][0] == "delivered"


@pytest.mark.parametrize("form", ["zip", "dump"])
def test_a_copy_that_nobody_neutralized_asks_before_it_touches_mail(
    system, tmp_path, form
):
    """Both forms of a backup; the addresses that customers hold stay good."""
    odoo, database = system.odoo, system.database
    system.stop()
    try:
        signed = odoo.run_for_json(database, SIGN, tmp_path)
        message = system.send(SALES, subject=f"Not for the copy: {form}")
        restore(odoo, database, form, tmp_path)
        found = odoo.run_for_json(
            COPY, STRANGER.replace("%(signed)r", repr(signed)), tmp_path
        )
    finally:
        odoo.drop(COPY)
        system.start()
    assert found["stranger"]
    assert all("seems to be a copy" in one for one in found["said"])
    assert sum("seems to be a copy" in one for one in found["health"]) == 2
    assert found["signed"] == "res.partner"
    assert found["after"] == found["messages"] + 1, "when it is the real one"
    assert not system.journal(message)


def restore(odoo, database, form, folder):
    """Make the copy of a backup, as Odoo does or as PostgreSQL's tools do."""
    file = folder / f"backup.{form}"
    call(odoo, [("db", "dump", "--format", form, database, file)])
    if form == "zip":
        call(odoo, [("db", "load", COPY, file)])
    else:
        odoo.drop(COPY)
        odoo.cluster.restore(file, COPY)
