"""A copy of the database that ``odoo neutralize`` has made harmless."""

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
    "messages": env["mail.catchall.message"].search_count(
        [("subject", "=", "For the original alone")]
    ),
    "keys": env["ir.config_parameter"].get_param("mail_catchall_router.signing_keys"),
}
pathlib.Path(%(file)r).write_text(json.dumps(found))
"""


def neutralized(system, folder):
    """Copy the database, neutralize it as Odoo does, and return what a look finds."""
    odoo = system.odoo
    odoo.clone(system.database, COPY)
    log = odoo.instance.logs / "neutralize.log"
    odoo.call("neutralize", "-d", COPY, title="Neutralizing", log=log)
    text = log.read_text(encoding="utf-8")
    assert "NOT NEUTRALIZED" not in text
    assert not odoolog.unexpected(text)
    return odoo.run_for_json(COPY, LOOK, folder)


def test_a_neutralized_copy_touches_no_mail_and_sends_none(system, tmp_path):
    """Odoo's command succeeds, and the production mailbox is left alone."""
    message = system.send(SALES, subject="For the original alone")
    system.stop()
    try:
        found = neutralized(system, tmp_path)
    finally:
        system.odoo.drop(COPY)
        system.start()
    # Core itself leaves servers alone that are switched off.
    assert all("neutralized copy" in one for one in found["said"][1:])
    assert not found["active"]
    assert found["servers"] == ["invalid"]
    assert not found["boxes"]
    assert len(found["crons"]) == 1
    assert not found["messages"]
    assert not found["keys"]
    system.process()
    assert system.deliveries(message)[SALES][0] == "delivered"
