"""Starts ``sandbox.fuzz`` and tells what it found."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import config, setup

LIMITS = ("-timeout=20", "-rss_limit_mb=2048", "-max_len=4096", "-len_control=0")
REPORT_LINES = 40
#: The database into which mail bombs are routed.
BOMBED = "bombed"
GRACE_SECONDS = 60
# What mail is made of; the fuzzer puts it together and takes it apart.
WORDS = """\
From:|To:|Cc:|Subject:|Date:|Message-ID:|In-Reply-To:|References:|Return-Path:|Sender:
Received: from a (b [127.0.0.1]) by c with ESMTP id 1 for <a@own.test>; |Reply-To:
X-Original-To:|Delivered-To:|Envelope-To:|X-Forwarded-To:|Resent-To:|Precedence: bulk
Auto-Submitted: auto-replied|X-Failed-Recipients:|List-Id:|X-Spam-Flag: YES
Authentication-Results: mx.own.test; dkim=pass header.d=own.test|Received-SPF: fail
MIME-Version: 1.0|Content-Type: |multipart/mixed; boundary=b|multipart/report;
message/delivery-status|message/rfc822|text/html; charset=|text/plain|; name=
; filename*=utf-8''%C3%A9|; filename*0=|Content-Disposition: attachment|utf-7|x-none
Content-Transfer-Encoding: |base64|quoted-printable|uuencode|8bit|=C3=A9|--b--|--b
Final-Recipient: rfc822; |Action: failed|Status: 5.1.1|Diagnostic-Code: smtp; 550
=?utf-8?q?=C3=A9?=|=?utf-8?b?w6k=?=|=?x?b?|?=|a@own.test|catchall@own.test|<a@b.test>
"A, B"|undisclosed-recipients:;|Mon, 1 Jan 2024 00:00:00 +0700|<html>|<img src=//a>
From a@b.test Mon Jan  1 00:00:00 2024|\\x0d\\x0a|\\x0d\\x0a\\x0d\\x0a
\\x00|\\xff\\xfe|\\xc3
"""
SEEDS = (
    """\
From: A <a@b.test>
To: sales@own.test
Subject: =?utf-8?q?=C3=A9?=
Message-ID: <1@b.test>
Date: Mon, 1 Jan 2024 00:00:00 +0700

Text
""",
    """\
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/html; charset=utf-8

<p>x</p>
--b
Content-Type: application/pdf; name=x.pdf
Content-Transfer-Encoding: base64

AAAA
--b--
""",
    """\
From: MAILER-DAEMON@b.test
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; b.test

Final-Recipient: rfc822; x@c.test
Action: failed
Status: 5.1.1
--b
Content-Type: message/rfc822

Message-ID: <2@own.test>

x
--b--
""",
    """\
X-Original-To: sales@own.test
Received: from a (b [192.0.2.1]) by mx.own.test with ESMTP id 1
\tfor <sales@own.test>; Mon, 1 Jan 2024 00:00:00 +0700
Auto-Submitted: auto-replied
To: undisclosed-recipients:;

x
""",
)
CHECKS_COUNT = 8


@dataclass(frozen=True)
class Finding:
    """What a run came to: runs of a check per run, and the input that fails one."""

    executions: int
    file: Path | None = None
    text: str = ""


def fuzz(instance, duration, seed=None, inputs=None):
    """Fuzz for some seconds, or until so many inputs were tried; return the finding.

    With a seed, the same inputs come in the same order, without what was learnt in
    other runs. Else the inputs are new, and what was learnt is kept for the next run.
    """
    folder = instance.folder / "fuzz"
    learnt = folder / ("learnt" if seed is None else f"learnt-{seed}")
    if seed is not None:
        shutil.rmtree(learnt, ignore_errors=True)
    learnt.mkdir(parents=True, exist_ok=True)
    dictionary, seeds = _write_words(folder), _write_seeds(folder)
    before = set(folder.glob("*-*"))
    arguments = (
        *LIMITS,
        f"-max_total_time={duration}",
        # -1 sets no limit.
        f"-runs={inputs or -1}",
        # 0 has libFuzzer choose one.
        f"-seed={seed or 0}",
        f"-dict={dictionary}",
        f"-artifact_prefix={folder}/",
        str(learnt),
        str(seeds),
    )
    text, status = _run(arguments, duration + GRACE_SECONDS)
    done = re.findall(r"^#(\d+)", text, re.MULTILINE)
    executions = int(done[-1]) if done else 0
    if status == 0 and executions:
        return Finding(executions)
    found = sorted(set(folder.glob("*-*")) - before)
    report = "\n".join(text.splitlines()[-REPORT_LINES:])
    return Finding(executions, found[0] if found else None, report)


def reproduce(path):
    """Run the check on the bytes of a file; return (output, exit status)."""
    return _run([str(path)], GRACE_SECONDS)


def read_bombs():
    """Read the mails that are made to cost time or memory; return the exit status."""
    command = [setup.python(), "-m", "sandbox.bombing"]
    result = subprocess.run(command, env=_environment(), cwd="/", check=False)
    return result.returncode


def route_bombs(odoo, chosen=()):
    """Route these mails in Odoo, on a database of its own; return the exit status.

    `chosen`: words in the names of those that are wanted, of all if empty.
    """
    started = odoo.prepare()
    try:
        odoo.clone(odoo.seeded_template(), BOMBED)
        status = _route_bombs(odoo, chosen)
        odoo.drop(BOMBED)
        return status
    finally:
        if started:
            odoo.cluster.stop()


def _route_bombs(odoo, chosen):
    script = odoo.instance.folder / "bombs.py"
    script.write_text(
        f"from sandbox.bombrouting import main\nmain(env, {tuple(chosen)!r})\n",
        encoding="utf-8",
    )
    log = odoo.instance.logs / "bombs.log"
    with script.open(encoding="utf-8") as stdin, log.open("w") as stderr:
        return subprocess.run(
            odoo.command("shell", "-d", BOMBED, "--no-http"),
            env=odoo.environment(),
            stdin=stdin,
            stderr=stderr,
            check=False,
        ).returncode


def _environment():
    return {
        **os.environ,
        "PYTHONPATH": str(setup.DEV),
        "PYTHONHASHSEED": "0",
        "PYTHONPYCACHEPREFIX": str(config.cache() / "pycache"),
    }


def _run(arguments, limit):
    result = subprocess.run(
        [setup.python(), "-m", "sandbox.fuzz", *arguments],
        env=_environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=limit,
        check=False,
    )
    return result.stdout.decode(errors="replace"), result.returncode


def _write_words(folder):
    path = folder / "words.txt"
    words = WORDS.replace("\n", "|").rstrip("|").split("|")
    quoted = (word.replace('"', '\\"') for word in words)
    path.write_text("".join(f'"{word}"\n' for word in quoted), encoding="utf-8")
    return path


def _write_seeds(folder):
    seeds = folder / "seeds"
    seeds.mkdir(exist_ok=True)
    for number, text in enumerate(SEEDS):
        raw = text.replace("\n", "\r\n").encode()
        for chosen in range(CHECKS_COUNT):
            (seeds / f"{number}{chosen}").write_bytes(bytes([chosen]) + raw)
    return seeds
