#!/usr/bin/env python3
"""What core alone loses of the mails of a folder, and what it loses of ours.

    bench/reading.py FOLDER

Each mail is read by core twice: as it came, and as the router hands it over. Both are
compared with what the mail says. Counted are mails on which core raises, of whose text
words are missing, whose author is another one, whose files are missing or have no name.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dev"))

from sandbox import config, setup
from sandbox.odoo import Odoo
from sandbox.progress import say

DATABASE = "bench_reading"
KINDS = ("raised", "less text", "other author", "files missing", "files without a name")

COMPARE = """
import email, email.policy, json, re, time
from pathlib import Path

from odoo.tools import email_normalize, html2plaintext
from odoo.addons.mail_catchall_router.models.route.mail import Content
from odoo.addons.mail_catchall_router.tools.inbound import authors
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers, summarize
from odoo.addons.mail_catchall_router.tools.mail.read import read_mail

Thread = env["mail.thread"]
Journal = env["mail.catchall.message"]


def words(text):
    return set(re.findall(r"\\w{{4,}}", text))


def parse(message):
    return Thread.message_parse(message)


def kinds_of(parsed, read):
    said = words(" ".join(one.visible for one in read.texts))
    shown = words(html2plaintext(parsed["body"] or "", include_references=False))
    names = [one[0] for one in parsed["attachments"]]
    if len(said - shown) > max(2, len(said) // 50):
        yield "less text"
    if (email_normalize(parsed["email_from"]) or "") != read.author.address:
        yield "other author"
    if len(names) < len(read.files):
        yield "files missing"
    if any(name in ("", "attachment") for name in names):
        yield "files without a name"


def judge(make, read):
    try:
        return list(kinds_of(parse(make()), read))
    except Exception:
        return ["raised"]


def ours(raw):
    headers = parse_headers(raw)
    content = Content(raw, headers, summarize(headers), frozenset(), frozenset(), None)
    return Journal._prepare_email_message(content, authors.written_author(headers))


found = {{"stock": [], "ours": []}}
paths = sorted(path for path in Path({folder!r}).rglob("*") if path.is_file())
for path in paths:
    raw = path.read_bytes()
    read = read_mail(raw)
    stock = lambda: email.message_from_bytes(raw, policy=email.policy.SMTP)
    for name, make in (("stock", stock), ("ours", lambda: ours(raw))):
        found[name] += [(kind, str(path)) for kind in judge(make, read)]
Path(%(file)r).write_text(json.dumps({{"mails": len(paths), "found": found}}))
"""


def main():
    """Compare in a scratch database, and drop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="name what we lose")
    options = parser.parse_args()
    odoo = Odoo(config.Instance.current("test"), setup.ensure())
    started = odoo.prepare()
    try:
        odoo.clone(odoo.seeded_template(), DATABASE)
        script = COMPARE.format(folder=str(options.folder.resolve()))
        result = odoo.run_for_json(DATABASE, script, odoo.instance.folder)
        odoo.drop(DATABASE)
    finally:
        if started:
            odoo.cluster.stop()
    show(result, options.list)


def show(result, is_listing):
    """Print the table."""
    say(f"{result['mails']} mails")
    say(f"{'':<22} {'core alone':>10} {'handed over':>11}")
    for kind in KINDS:
        counts = [
            sum(one == kind for one, _path in result["found"][name])
            for name in ("stock", "ours")
        ]
        say(f"{kind:<22} {counts[0]:>10} {counts[1]:>11}")
    for kind, path in result["found"]["ours"] if is_listing else ():
        say(f"{kind}: {path}")


if __name__ == "__main__":
    main()
