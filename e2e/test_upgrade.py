"""A database that an earlier version made, upgraded to this one."""

import io
import subprocess
import tarfile

import pytest

from sandbox import config, odoolog, package
from sandbox.odoo import Odoo

DATABASE = "test_upgrade"
# The last commit of version 19.0.1.0.0.
FORMER = "c6521520c80c00da688b507ad113f1a1d87b0c7e"
# What a database of that version holds of each kind whose name has changed.
FILL = """
import json, pathlib
router = env["mail.catchall.router"].search([], limit=1)
raw = (
    b"X-Original-To: sales@tenmien.test\\r\\nFrom: Lan <lan@khachhang.test>\\r\\n"
    b"To: sales@tenmien.test\\r\\nSubject: Former %d\\r\\n"
    b"Message-ID: <%d@khachhang.test>\\r\\n\\r\\nHello %d\\r\\n"
)
mails = [{"raw": raw % (n, n, n), "entrance": "import"} for n in range(5)]
messages = env["mail.catchall.message"]._journal(router, mails)
env.cr.commit()
env["mail.catchall.message"]._cron_route()
probe = env["mail.catchall.probe"].create({
    "router_id": router.id,
    "line_ids": [(0, 0, {"email": "a@tenmien.test", "who": "A", "answer": "refused"})],
})
env["mail.catchall.identity"]._upsert(router.mail_server_id.id, "b@tenmien.test", "No")
server = router.mail_server_id
server._catchall_keep_failure(server.id, "535 expired")
env.cr.commit()
messages.invalidate_recordset()
held = env["mail.catchall.message"]._journal(router, [
    {"raw": (raw % (9, 9, 9)).replace(b"sales@", b"nobody@"), "entrance": "import"}
])
env.cr.commit()
env["mail.catchall.message"]._cron_route()
held.invalidate_recordset()
held.action_discard()
env.cr.commit()
messages += held
kept = {
    "decisions": [[held.id, "discard", env.user.name, "held", "unknown_recipient"]],
    "messages": {m.id: [m.digest, m.state] for m in messages},
    "raws": [m._raw_bytes().decode() for m in env["mail.catchall.message"].search([])],
    "deliveries": {d.id: [d.digest, d.recipient, d.state]
                   for d in messages.delivery_ids},
    "checks": {probe.line_ids.id: [probe.id, "a@tenmien.test", "refused"]},
    "refused": [["b@tenmien.test", "No"]],
    "state": [1, "535 expired", str(server.catchall_failing_since)],
}
pathlib.Path(%(file)r).write_text(json.dumps(kept))
"""
READ = """
import json, pathlib
messages = env["mail.catchall.message"].search([])
line = env["mail.catchall.sender.check.line"].search([])
server = env["mail.catchall.router"].search([], limit=1).mail_server_id
again = env["mail.catchall.message"]._journal(
    messages.router_id, [{"raw": messages[-1]._raw_bytes(), "entrance": "import"}]
)
env.cr.commit()
env["mail.catchall.message"]._cron_route()
again.invalidate_recordset()
raws = [m._raw_bytes().decode() for m in messages]
looked_at = 0
while (done := messages._gc_recode())[1]:
    looked_at += done[0]
    env.cr.commit()
    messages.invalidate_recordset()
assert [m._raw_bytes().decode() for m in messages] == raws
decisions = env["mail.catchall.decision"].search([])
env.cr.execute(
    "SELECT tablename FROM pg_indexes WHERE indexname LIKE '%%catchall_address%%'"
)
indexed = sorted(name for [name] in env.cr.fetchall())
left = env["ir.model.data"].search_count([
    ("module", "=", "mail_catchall_router"), "|", "|",
    ("name", "like", "catchall_probe"), ("name", "like", "identity_ids"),
    ("name", "in", ["field_mail_catchall_message__digest",
                    "field_mail_catchall_delivery__digest"]),
])
kept = {
    "decisions": [[one.message_id.id, one.code, one.user_name, one.state_before,
                   one.reason_before] for one in decisions],
    "messages": {m.id: [m.fingerprint[:64], m.state] for m in messages},
    "deliveries": {d.id: [d.fingerprint[:64], d.recipient, d.state]
                   for d in messages.delivery_ids},
    "checks": {one.id: [one.check_id.id, one.email, one.reply] for one in line},
    "refused": [[one.address, one.words] for one in server.catchall_refused_sender_ids],
    "state": [server.catchall_failures, server.catchall_failure_words,
              str(server.catchall_failing_since)],
    "double": [again.state, again.reason_code],
    "left": left,
    "raws": raws,
    "recoded": looked_at,
    "at_home": [bool(server.catchall_router_ids.home),
                not server.catchall_router_ids.is_stranger],
    "indexed": indexed,
}
pathlib.Path(%(file)r).write_text(json.dumps(kept))
"""


class FormerOdoo(Odoo):
    """Odoo with the addon as a commit has it."""

    def __init__(self, instance, source, folder):
        super().__init__(instance, source)
        self.folder = folder
        self.configuration = folder / "odoo.conf"

    @property
    def addons_path(self):
        return ",".join(map(str, [*self.source.addons_paths, self.folder]))

    def unpack(self, commit):
        """Lay the addon of a commit into the addons folder."""
        archive = subprocess.run(
            ["git", "-C", str(config.CHECKOUT), "archive", commit],
            capture_output=True,
            check=False,
        )
        assert not archive.returncode, (
            f"The upgrade needs commit {commit} in this clone. Fetch the whole "
            f"history: git fetch --unshallow. {archive.stderr.decode()}"
        )
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
            package.unpack(packed, self.folder / config.ADDON)
        self.configure()


@pytest.fixture
def former(running_system, tmp_path):
    """A database of the former version, and what it holds."""
    odoo = running_system.odoo
    old = FormerOdoo(odoo.instance, odoo.source, tmp_path)
    old.unpack(FORMER)
    old.clone(old.template(), DATABASE)
    old.install(DATABASE, [config.ADDON])
    old.seed(DATABASE)
    try:
        yield old.run_for_json(DATABASE, FILL, tmp_path)
    finally:
        old.drop(DATABASE)
        odoo.configure()


def test_every_record_of_the_former_version_is_found_again(
    running_system, former, tmp_path
):
    """Renamed models and fields keep their rows, and a known mail is still a double."""
    odoo = running_system.odoo
    log = odoo.instance.logs / "upgrade.log"
    options = ("-d", DATABASE, "-u", config.ADDON, "--no-http", "--stop-after-init")
    odoo.call("server", *options, title="Upgrading", log=log)
    assert not odoolog.unexpected(log.read_text(encoding="utf-8"))
    found = odoo.run_for_json(DATABASE, READ, tmp_path)
    assert {kind: found[kind] for kind in former} == former
    assert len(found["messages"]) == len(former["messages"])
    assert found["recoded"] == len(found["messages"])
    assert found["double"] == ["ignored", "duplicate"]
    assert found["at_home"] == [True, True]
    assert "crm_lead" in found["indexed"]
    assert not found["left"]
