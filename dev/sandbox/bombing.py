"""Reads the mails of :mod:`sandbox.bombs`, each in a process of its own.

``dev/fuzz --bombs`` starts it in the tests' virtual environment.
"""

import importlib
import os
import resource
import sys
import time

from . import config
from .bombs import BOMBS
from .progress import say

MEGABYTE = 1024 * 1024
SIZE = 9 * MEGABYTE
SECONDS = 10
MEMORY = 200
OWN = frozenset({"own.test"})
ACCOUNT = frozenset({"catchall@own.test"})


def tool(name):
    """Return a module of the addon's tools."""
    if str(config.CHECKOUT) not in sys.path:
        sys.path.insert(0, str(config.CHECKOUT))
    return importlib.import_module(f"tools.{name}")


def read_mail(raw):
    """Read a mail as collecting and routing do."""
    opened = tool("mail.headers").open_mail(raw)
    found = opened.headers
    tool("mail.headers").summarize(found)
    tool("mail.fingerprint").fingerprint_of(opened)
    recipients = tool("inbound.recipients")
    recipients.find_recipients(found, own_domains=OWN, account_addresses=ACCOUNT)
    trace = recipients.trusted_trace(found)
    tool("inbound.authentication").read_verdicts(trace, frozenset(), found)
    tool("inbound.spam").read_spam(trace, found)
    tool("inbound.automatic").automatic(found)
    tool("inbound.bounces").read_bounce(raw)
    tool("mail.mime").read_content(raw)
    tool("mail.read").read_mail(raw)


def measure(raw):
    """Return (seconds, megabytes) that reading a mail takes; it has its own process.

    A process that is killed has taken more than it may.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
        began, before = time.process_time(), _memory()
        read_mail(raw)
        used = f"{time.process_time() - began} {_memory() - before}"
        os.write(writing, used.encode())
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="ascii") as stream:
        words = stream.read().split()
    os.waitpid(child, 0)
    return tuple(map(float, words)) if words else (2 * SECONDS, 2 * MEMORY)


def _memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Read every bomb, say what it took, and return the exit status."""
    read_mail(b"From: a@b.test\r\n\r\nx")  # what is loaded once is no bomb's doing
    too_much = False
    for bomb in BOMBS:
        seconds, memory = measure(bomb.raw(SIZE))
        is_bad = seconds >= SECONDS or memory >= MEMORY
        too_much |= is_bad
        mark = "TOO MUCH" if is_bad else ""
        say(f"{bomb.name:26} {seconds:6.1f} s {memory:6.0f} MB {mark}")
    return int(too_much)


if __name__ == "__main__":
    sys.exit(main())
