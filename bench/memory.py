#!/usr/bin/env python3
"""How much memory a worker needs while it collects many large mails.

    bench/memory.py [--mails 1000] [--megabytes 10]

An Odoo process collects the sandbox's empty catch-all mailbox, which is its baseline;
then the mailbox is filled, and the process collects it into the journal of a scratch
database. Its memory at the peak, above the baseline, is printed. Nothing is routed.
"""

import argparse
import base64
import os
import random
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dev"))

from sandbox import config, setup
from sandbox.mailserver import CATCHALL, MailServer
from sandbox.odoo import Odoo

DATABASE = "bench_memory"
# Each file is linked this often: the server hands each link out as a mail.
COPIES = 10

MEASURE = """
import resource, subprocess, time

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

server = env["fetchmail.server"].search([], limit=1)
server.fetch_mail()
baseline = peak()
subprocess.run({fill!r}, check=True)
started = time.monotonic()
server.fetch_mail()
seconds = time.monotonic() - started
count = env["mail.catchall.message"].search_count([])
print(f"{{count}} mails collected in {{seconds:.0f}} s")
print(f"baseline {{baseline:.0f}} MB, peak {{peak():.0f}} MB")
print(f"above the baseline: {{peak() - baseline:.0f}} MB")
"""


def large_mail(number, megabytes):
    """Return a mail with one attachment, this large in all."""
    content = random.Random(number).randbytes(megabytes * 1024 * 1024 * 73 // 100)
    head = (
        f"From: lan@khachhang.test\nTo: sales@tenmien.test\nSubject: Large {number}\n"
        f"Message-ID: <large-{number}@khachhang.test>\nMIME-Version: 1.0\n"
        f"Content-Type: application/octet-stream; name=large.bin\n"
        f"Content-Transfer-Encoding: base64\n\n"
    )
    return head.encode() + base64.encodebytes(content)


def fill(mail, mails, megabytes):
    """Put large mails into the mailbox, as the mail server's own delivery does it."""
    local_part, domain = CATCHALL.split("@")
    maildir = mail.folder / "vmail" / domain / local_part / "Maildir"
    owner = maildir.stat()
    for number in range(0, mails, COPIES):
        first = maildir / "new" / f"{number}.bench.sandbox"
        first.write_bytes(large_mail(number, megabytes))
        os.chown(first, owner.st_uid, owner.st_gid)
        for copy in range(1, min(COPIES, mails - number)):
            os.link(first, first.with_name(f"{number}-{copy}.bench.sandbox"))


def measure(odoo, mail, arguments):
    """Collect in a process of its own, and print what it needed."""
    mail.start()
    odoo.prepare()
    mail.empty()
    odoo.clone(odoo.seeded_template(), DATABASE)
    command = [sys.executable, str(Path(__file__).resolve()), "--fill", *arguments]
    try:
        subprocess.run(
            odoo.command("shell", "-d", DATABASE, "--log-level=error", "--no-http"),
            input=MEASURE.format(fill=command),
            env=odoo.environment(),
            text=True,
            check=True,
        )
    finally:
        odoo.drop(DATABASE)
        mail.empty()


def main():
    """Measure, or fill the mailbox for a measurement that is under way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--megabytes", type=int, default=10)
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    odoo = Odoo(config.Instance.current("test"), setup.ensure())
    mail = MailServer(odoo.instance)
    if options.fill:
        fill(mail, options.mails, options.megabytes)
    else:
        measure(odoo, mail, sys.argv[1:])


if __name__ == "__main__":
    main()
