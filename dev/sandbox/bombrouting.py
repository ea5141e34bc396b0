"""Routes the mails of :mod:`sandbox.bombs` in Odoo, each in a process of its own.

Runs inside ``odoo shell``; ``dev/fuzz --bombs --route`` starts it.
"""

import ctypes
import gc
import os
import re
import resource
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from odoo import SUPERUSER_ID, sql_db
from odoo.api import Environment

from .bombs import BOMBS, HEAD
from .progress import say

MEGABYTE = 1024 * 1024
SIZE = 9 * MEGABYTE
SECONDS, MEMORY = 10, 200
#: A process that takes longer than this (s) is killed.
LONGEST = 120
DOMAIN = b"tenmien.test"
MANY = 1000
#: How long (s) a mail to so many own addresses may take.
MANY_SECONDS = 5
TRACE = b"X-Original-To: sales@" + DOMAIN + b"\r\n"
PLAIN = TRACE + HEAD + b"To: sales@" + DOMAIN + b"\r\n\r\nHello"
#: What a person sees who opens the mail.
SHOWN = ("why", "preview", "state", "reason")
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True)
class Crowd:
    """A mail to a thousand own addresses."""

    name: str
    address: bytes

    def raw(self, _size):
        """Return the mail."""
        people = (self.address % number + b"@" + DOMAIN for number in range(MANY))
        trace = b"X-Original-To: " + self.address % 0 + b"@" + DOMAIN + b"\r\n"
        to = b"To: " + b",\r\n ".join(people) + b"\r\n"
        return trace + HEAD + to + b"\r\nHello"


CROWDS = (
    Crowd("addresses of nobody", b"nobody%d"),
    Crowd("addresses of one alias", b"sales+a%d"),
    Crowd("aliases", b"crowd%d"),
)


@dataclass(frozen=True)
class Used:
    """What a mail took: seconds, those of the processor alone, megabytes; its end."""

    seconds: float
    busy: float
    memory: float
    end: str


def prepare(env):
    """Let nothing out; make the aliases of the crowd."""
    router = env["mail.catchall.router"].search([], limit=1)
    router.write({"burst_count": 0, "attack_count": 0})
    model = env["ir.model"]._get("crm.lead").id
    env["mail.alias"].create(
        [
            {
                "alias_name": f"crowd{number}",
                "alias_model_id": model,
                "alias_domain_id": router.alias_domain_ids[:1].id,
            }
            for number in range(MANY)
        ]
    )
    env.cr.commit()
    return router


def route(env, raw, forget=lambda: None):
    """Journal a mail, route it and look at it; return how it ended.

    :param forget: called between these, which are requests of their own
    """
    router = env["mail.catchall.router"].search([], limit=1)
    message = router._journal_from("import", [raw])
    env.flush_all()
    env.invalidate_all()
    forget()
    message._route()
    env.flush_all()
    env.invalidate_all()
    forget()
    message.read(SHOWN)
    return f"{message.state} {message.reason_code or ''}"


def forget():
    """Give memory that is free back to the system."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def measure(registry, raw):
    """Return what it takes to route a mail, or None where its process was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _measure_here(registry, raw, writing)
    os.close(writing)
    with open(reading, encoding="utf-8") as stream:
        words = stream.read().split(maxsplit=3)
    os.waitpid(child, 0)
    return Used(*map(float, words[:3]), words[3]) if words else None


def _measure_here(registry, raw, writing):
    """Route a mail in this process, write what it took to a pipe, and end."""
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
    try:
        # The connections are the parent's.
        sql_db._Pool = None
        registry._db = sql_db.db_connect(registry.db_name)
        cursor = registry.cursor()
        env = Environment(cursor, SUPERUSER_ID, {})
        route(env, PLAIN)  # what is loaded once is no bomb's doing
        cursor.rollback()
        env.invalidate_all()
        forget()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        began, busy, before = time.monotonic(), time.process_time(), _peak()
        end = route(env, raw, forget)
        took = f"{time.monotonic() - began} {time.process_time() - busy}"
        os.write(writing, f"{took} {_peak() - before} {end}".encode())
        cursor.rollback()
    finally:
        if sys.exc_info()[0]:
            traceback.print_exc()
        os._exit(0)


def _peak():
    """Return the most memory that this process has had, in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(PEAK.search(status)[1]) / 1024


def _bombs():
    """Yield (name, raw mail, seconds that it may take)."""
    for bomb in BOMBS:
        raw = bomb.raw(SIZE).replace(b"own.test", DOMAIN)
        yield bomb.name, TRACE + raw, SECONDS
    for crowd in CROWDS:
        yield crowd.name, crowd.raw(SIZE), MANY_SECONDS


def main(env, chosen=()):
    """Route every mail, or those with these words in their names, and say what it took;
    end with status 1 if it was too much.

    The processor's time counts: other programs and the disk take none of it.
    """
    registry = env.registry
    prepare(env)
    too_much = False
    for name, raw, limit in _bombs():
        if chosen and not any(words in name for words in chosen):
            continue
        used = measure(registry, raw)
        if used is None:
            too_much = True
            say(f"{name:26} KILLED")
            continue
        is_bad = used.busy >= limit or used.memory >= MEMORY
        too_much |= is_bad
        mark = "TOO MUCH " if is_bad else ""
        say(
            f"{name:26} {used.busy:6.1f} s ({used.seconds:5.1f} s) "
            f"{used.memory:6.0f} MB {mark}{used.end}"
        )
    os._exit(int(too_much))
