"""What an Odoo shell does to send mail while PostgreSQL refuses its transactions."""

from harness import wait_for

#: Where a transaction is refused: before the mail is handed over, when its being taken
#: cannot be noted, or when all is sent.
POINTS = ("begins", "taken", "end")
WAYS = ("forced", "queued")

SCRIPT = """
import json, pathlib
from odoo.addons.mail_catchall_router.models.send.sending_run import Ledger
from odoo.service import model as service

service.time.sleep = lambda seconds: None
router = env["mail.catchall.router"].search([], limit=1)
server = router.mail_server_id
tokens = [name for name in server._fields if name.endswith("_token_expiration")]
pending, tries, states = [], [], {}

def refuse(cr, code):
    cr.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$" % code)

def begins(self, recipients, origin=Ledger.begins):
    if pending and pending[0][0] == "begins":
        refuse(self._run._env.cr, pending.pop(0)[1])
    return origin(self, recipients)

def _note(self, method, *arguments, origin=Ledger._note):
    if method == "_conclude" and pending and pending[0][0] == "taken":
        with self._run.apart() as apart:
            refuse(apart.cr, pending.pop(0)[1])
    return origin(self, method, *arguments)

Ledger.begins, Ledger._note = begins, _note

def make(subject):
    return env["mail.mail"].create([{
        "subject": f"{subject} {number}",
        "email_from": "user_a@tenmien.test",
        "email_to": %(to)r,
        "body_html": "<p>Hello</p>",
        "auto_delete": False,
    } for number in range(2)])

def work(way, subject, mails):
    tries.append(1)
    if way == "forced":
        make(subject).send()
    else:
        env["mail.mail"].process_email_queue(mails.ids)
    if pending and pending[0][0] == "end":
        refuse(env.cr, pending.pop(0)[1])

for way in %(ways)r:
    for point in %(points)r:
        subject = f"{%(name)r} {way} {point}"
        env.cr.execute("UPDATE ir_mail_server SET " + ", ".join(
            f"{name} = 0" for name in tokens) + " WHERE id = %s", [server.id])
        mails = make(subject) if way == "queued" else env["mail.mail"]
        env.cr.commit()
        env.invalidate_all()
        pending[:] = [(point, "40001"), (point, "55P03")]
        for _run in range(5):
            # The queue keeps to itself what fails, and goes on with its next run.
            service.retrying(lambda: work(way, subject, mails), env)
            env.cr.commit()
            env.invalidate_all()
            mails = env["mail.mail"].search([("subject", "=like", subject + " _")])
            if "outgoing" not in mails.mapped("state"):
                break
        states[subject] = mails.mapped("state") + [len(pending)]
pathlib.Path(%(file)r).write_text(json.dumps({"states": states, "tries": len(tries)}))
"""


def send_through_all(system, name, recipient, folder):
    """Send mail in each way while each point fails twice; return what became of it.

    :param name: what the subjects begin with
    :return: ({subject: states of the mails and how many failures are left}, the
        subjects that the recipient has, sorted)
    """
    values = {"name": name, "to": recipient, "ways": WAYS, "points": POINTS}
    text = SCRIPT
    for key, value in values.items():
        text = text.replace(f"%({key})r", repr(value))
    found = system.odoo.run_for_json(system.database, text, folder)
    wait_for(system.queue_is_empty, "end of the mail server's queue")
    copies = [str(mail["Subject"]) for mail in system.inbox(recipient)]
    return found["states"], sorted(one for one in copies if one.startswith(name))


def expected(name):
    """Return what ``send_through_all`` returns when each mail arrives once."""
    subjects = [f"{name} {way} {point}" for way in WAYS for point in POINTS]
    copies = [f"{subject} {number}" for subject in subjects for number in range(2)]
    states = {subject: ["sent", "sent", 0] for subject in subjects}
    # What the queue could not note is not known by its next run, which asks a person.
    states[f"{name} queued taken"] = ["exception", "exception", 0]
    return states, sorted(copies)
