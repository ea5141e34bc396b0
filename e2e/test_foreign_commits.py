"""Apps that commit, roll back, raise or die while a mail is delivered to them.

Odoo's import of e-invoices ends the transaction it is called in. Here the lead of a
mail does, on a real cursor, at each of the places where an app has code of its own.
"""

import pytest

PLACES = ("message_new", "_message_post_after_hook")
DEEDS = ("commit", "commit_and_raise", "roll_back", "commit_and_die")
# The lead misbehaves once; the mail is for a project, too.
SCRIPT = """
import json, os, pathlib
from odoo import api

Lead = env.registry["crm.lead"]
place, deed, left = %(place)r, %(deed)r, %(count)r
origin = getattr(Lead, place)

def misbehave(record):
    global left
    if not left:
        return
    left -= 1
    if deed == "roll_back":
        record.env.cr.rollback()
        return
    record.env.cr.commit()
    if deed == "commit_and_raise":
        raise ValueError("An app has raised this.")
    if deed == "commit_and_die":
        os._exit(9)

def message_new(self, msg_dict, custom_values=None):
    record = origin(self, msg_dict, custom_values=custom_values)
    misbehave(record)
    return record

def _message_post_after_hook(self, message, values):
    result = origin(self, message, values)
    misbehave(self)
    return result

setattr(Lead, place, api.model(message_new) if place == "message_new"
        else _message_post_after_hook)
Message = env["mail.catchall.message"]
subject = %(subject)r
messages = Message.search([("subject", "=", subject)])
if not messages:
    raw = (
        b"X-Original-To: sales@tenmien.test\\r\\nX-Original-To: project@tenmien.test"
        b"\\r\\nFrom: Lan <lan@khachhang.test>\\r\\nTo: sales@tenmien.test,"
        b" project@tenmien.test\\r\\nSubject: %s\\r\\nMessage-ID: <%s@khachhang.test>"
        b"\\r\\n\\r\\nHello\\r\\n"
    ) % (subject.encode(), subject.encode())
    router = env["mail.catchall.router"].search([], limit=1)
    messages = Message._journal(router, [{"raw": raw, "entrance": "import"}])
    env.cr.commit()
for _attempt in range(4):
    Message._cron_route()
    messages.invalidate_recordset()
    messages.filtered("next_attempt").next_attempt = False
    env.cr.commit()
found = {
    "state": messages.state,
    "deliveries": sorted([d.recipient, d.state] for d in messages.delivery_ids),
    "leads": env["crm.lead"].search_count([("name", "=", subject)]),
    "tasks": env["project.task"].search_count([("name", "=", subject)]),
    "texts": env["mail.message"].search_count(
        [("subject", "=", subject), ("message_type", "=", "email")]
    ),
    "left": left,
}
pathlib.Path(%(file)r).write_text(json.dumps(found))
"""


def run(system, folder, **values):
    """Run the script in a process of its own; return what it found, None if it died."""
    text = SCRIPT
    for name, value in values.items():
        text = text.replace(f"%({name})r", repr(value))
    return system.odoo.run_for_json(system.database, text, folder)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("place", PLACES)
def test_whatever_an_app_does_to_the_transaction_each_document_is_made_once(
    system, tmp_path, place, deed
):
    """One lead, one task, one text on each, and the mail is delivered."""
    subject = f"Foreign {deed} in {place}".replace("_", "-").replace(" ", "-")
    values = {"place": place, "deed": deed, "subject": subject}
    found = run(system, tmp_path, **values, count=1)
    if deed == "commit_and_die":
        assert found is None
        found = run(system, tmp_path, **values, count=0)
    assert found == {
        "state": "delivered",
        "deliveries": [
            ["project@tenmien.test", "delivered"],
            ["sales@tenmien.test", "delivered"],
        ],
        "leads": 1,
        "tasks": 1,
        "texts": 2,
        "left": 0,
    }
