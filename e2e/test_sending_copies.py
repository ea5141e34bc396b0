"""One mail, one copy: core writes on the server's row in the transaction of a mail that
it sends, as its sign-in does with a new token, and starts anew when PostgreSQL refuses
the transaction."""

import pytest
import retries

from harness import wait_for
from sandbox.client import CUSTOMER, address_of

CUSTOMER_ADDRESS = address_of(CUSTOMER)
COUNT = 3
# Each connection writes on the row of its server and leaves that unflushed, which is
# what google_gmail and microsoft_outlook do when their token has expired.
SCRIPT = """
import json, pathlib
from odoo.service.model import retrying

Server = env.registry["ir.mail_server"]
origin = Server._smtp_login__
renewals, tries = [], []

def _smtp_login__(self, connection, smtp_user, smtp_password):
    for server in self:
        server.sequence += 1
        renewals.append(server.id)
    return origin(self, connection, smtp_user, smtp_password)

Server._smtp_login__ = _smtp_login__
server = env["mail.catchall.router"].search([], limit=1).mail_server_id
if %(fresh)r:
    env["mail.catchall.server.state"].search([]).unlink()
else:
    env["mail.catchall.server.state"]._keep_failure(server.id, "535 expired")
env.cr.commit()

def make():
    return env["mail.mail"].create([{
        "subject": f"{%(subject)r} {number}",
        "email_from": "user_a@tenmien.test",
        "email_to": %(to)r,
        "body_html": "<p>Hello</p>",
        "auto_delete": False,
    } for number in range(%(count)r)])

def forced():
    tries.append(1)
    make().send()

def queued():
    tries.append(1)
    env["mail.mail"].process_email_queue(mails.ids)

if %(way)r == "queued":
    mails = make()
    env.cr.commit()
retrying(globals()[%(way)r], env)
env.cr.commit()
env.invalidate_all()
sent = env["mail.mail"].search([("subject", "=like", %(subject)r + "%")])
pathlib.Path(%(file)r).write_text(json.dumps({
    "states": sent.mapped("state"),
    "renewed": bool(renewals),
    "tries": len(tries),
    "last_sent": bool(server.catchall_last_sent),
    "failing": bool(server.catchall_failing_since),
}))
"""


@pytest.mark.parametrize("way", ["forced", "queued"])
@pytest.mark.parametrize("fresh", [True, False], ids=["no_note", "a_note"])
def test_a_token_that_is_renewed_while_mail_goes_out_doubles_none(
    system, tmp_path, way, fresh
):
    """Each recipient has one copy, and what is known of the server is noted."""
    system.mail.empty()
    subject = f"Renewed {way} {'fresh' if fresh else 'noted'}"
    text = SCRIPT
    for name, value in {
        "way": way,
        "fresh": fresh,
        "subject": subject,
        "to": CUSTOMER_ADDRESS,
        "count": COUNT,
    }.items():
        text = text.replace(f"%({name})r", repr(value))
    found = system.odoo.run_for_json(system.database, text, tmp_path)
    wait_for(system.queue_is_empty, "end of the mail server's queue")
    copies = sorted(str(mail["Subject"]) for mail in system.inbox(CUSTOMER_ADDRESS))
    assert copies == [f"{subject} {number}" for number in range(COUNT)]
    assert found == {
        "states": ["sent"] * COUNT,
        "renewed": True,
        "tries": 1,
        "last_sent": True,
        "failing": False,
    }


def test_a_refused_transaction_doubles_none(system, tmp_path):
    """Core does a refused transaction again, and with it all mail that it sends."""
    found = retries.send_through_all(system, "Refused", CUSTOMER_ADDRESS, tmp_path)
    assert found == retries.expected("Refused")
