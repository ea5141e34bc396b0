#!/usr/bin/env python3
"""What core alone loses of the mails of a folder, and what it loses of ours.

    bench/reading.py FOLDER [--part 1/8]

Each mail is read by core twice: as it came, and as the router hands it over. Both are
compared with what the mail says. Counted are mails on which core raises, of whose text
words are missing, whose author is another one, whose files are missing or have no name,
and those on which it works longer than ten seconds.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dev"))

from sandbox import config, setup
from sandbox.odoo import Odoo
from sandbox.progress import say

DATABASE = "bench_reading"
KINDS = (
    "raised",
    "too slow",
    "less text",
    "other author",
    "files missing",
    "files without a name",
)
PATIENCE = 10

COMPARE = """
import email, email.policy, json, re, signal
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


class TooSlow(BaseException):
    pass


def stop(*_args):
    raise TooSlow


def judge(make, read):
    signal.setitimer(signal.ITIMER_REAL, {patience})
    try:
        return list(kinds_of(parse(make()), read))
    except TooSlow:
        return ["too slow"]
    except Exception:
        return ["raised"]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def ours(raw):
    headers = parse_headers(raw)
    content = Content(raw, headers, summarize(headers), frozenset(), frozenset(), None)
    return Journal._prepare_email_message(content, authors.written_author(headers))


signal.signal(signal.SIGALRM, stop)
found = {{"stock": [], "ours": []}}
paths = sorted(path for path in Path({folder!r}).rglob("*") if path.is_file())
paths = paths[{part} - 1 :: {parts}]
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
    parser.add_argument(
        "--part", type=part_of, default=(1, 1), help="every nth mail, as in 1/8"
    )
    options = parser.parse_args()
    odoo = Odoo(config.Instance.current("test"), setup.ensure())
    started = odoo.prepare()
    try:
        odoo.clone(odoo.seeded_template(), DATABASE)
        script = COMPARE.format(
            folder=str(options.folder.resolve()),
            part=options.part[0],
            parts=options.part[1],
            patience=PATIENCE,
        )
        result = odoo.run_for_json(DATABASE, script, odoo.instance.folder)
        odoo.drop(DATABASE)
    finally:
        if started:
            odoo.cluster.stop()
    show(result, options.list)


def part_of(value):
    """Return (number, how many) of a part written as ``1/8``."""
    part, parts = map(int, value.split("/"))
    if not 1 <= part <= parts:
        raise argparse.ArgumentTypeError(f"There is no part {value}.")
    return part, parts


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
