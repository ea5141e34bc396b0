#!/usr/bin/env python3
"""How fast mail leaves, and how long it is open whether a mail was sent.

    bench/sending.py [--mails 200] [--authors 50]

The same mails of many authors leave a scratch database through the sandbox's
Postfix, first as Odoo sends without a router, then through the router's server.
Printed are mails per second, logins, and the window in which a crash would make the
mail go out twice (Odoo) or be one of which nobody knows (router): from the server's
answer to the commit that notes it.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dev"))

from sandbox import config, setup
from sandbox.mailserver import MailServer
from sandbox.odoo import Odoo
from sandbox.progress import say

DATABASE = "bench_sending"
MEASURE = """
import smtplib, statistics, time
from odoo.addons.mail_catchall_router.models.sending_run import Ledger

with_router = {with_router}
if not with_router:
    env["mail.catchall.router"].search([]).mail_server_id = False
env["mail.mail"].search([]).unlink()
env["mail.mail"].create([
    {{
        "subject": f"Offer {{number}}",
        "email_from": f"user{{number % {authors}}}@tenmien.test",
        "email_to": "khach@khachhang.test",
        "body_html": "<p>Hello</p>",
        "auto_delete": False,
    }}
    for number in range({mails})
])
env.cr.commit()

answers, windows = [], []

def after(owner, name, note):
    original = getattr(owner, name)
    def wrapper(*arguments, **options):
        result = original(*arguments, **options)
        note()
        return result
    setattr(owner, name, wrapper)

def answered():
    answers.append(time.perf_counter())

def committed():
    if answers:
        windows.append(time.perf_counter() - answers.pop())
        answers.clear()

after(smtplib.SMTP, "getreply", answered)
if with_router:
    after(Ledger, "taken", committed)
else:
    after(type(env.cr), "commit", committed)

started = time.perf_counter()
env["mail.mail"].process_email_queue()
seconds = time.perf_counter() - started
sent = env["mail.mail"].search_count([("state", "=", "sent")])
windows = sorted(1000 * window for window in windows)
print(f"RESULT {{sent}} {{seconds:.3f}} {{statistics.median(windows):.2f}}"
      f" {{windows[int(len(windows) * 0.99)]:.2f}} {{windows[-1]:.2f}}")
"""


def measure(odoo, mail, title, **values):
    """Send in a process of its own, and print what it took."""
    odoo.clone(odoo.seeded_template(), DATABASE)
    mail.empty()
    offset = mail.log_size()
    try:
        result = subprocess.run(
            odoo.command("shell", "-d", DATABASE, "--log-level=error", "--no-http"),
            input=MEASURE.format(**values),
            env=odoo.environment(),
            text=True,
            capture_output=True,
            check=True,
        )
    finally:
        odoo.drop(DATABASE)
    lines = [line for line in result.stdout.splitlines() if "RESULT" in line]
    if not lines:
        sys.exit(f"The measurement failed:\n{result.stdout}{result.stderr}")
    sent, seconds, *window = lines[0].partition("RESULT ")[2].split()
    say(
        f"{title}: {sent} mails in {float(seconds):.2f} s, "
        f"{int(sent) / float(seconds):.1f} mails/s, {mail.logins(offset)} logins, "
        f"window {window[0]} ms (median), {window[1]} ms (99 %), "
        f"{window[2]} ms (longest)"
    )


def main():
    """Measure both, one after the other, on the same machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=200)
    parser.add_argument("--authors", type=int, default=50)
    options = parser.parse_args()
    odoo = Odoo(config.Instance.current("test"), setup.ensure())
    mail = MailServer(odoo.instance)
    odoo.prepare()
    mail.start("virtual", "any")
    odoo.configure()
    for title, with_router in (("Odoo", False), ("Router", True)):
        measure(odoo, mail, title, with_router=with_router, **vars(options))


if __name__ == "__main__":
    main()
