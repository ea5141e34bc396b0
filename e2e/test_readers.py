"""What readers of another make than Python's find in the headers that we write.

mailparser, which reads the mail of many a JavaScript product, is installed for it once;
without Node.js on the machine, or without a network, the tests are skipped.
"""

import base64
import email.policy
import importlib
import importlib.util
import json
import random
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from sandbox import config, node

MAILPARSER = "mailparser@3.14.2"
ADDRESS = "lan@foreign.test"
GENERATED = 400
SEED = 14

#: What takes an address list apart, in the middle of what does not.
PIECES = [
    *(",", ";", ":", "<", ">", "@", '"', "'", "\\", "(", ")", "[", "]", ".", " "),
    *(
        "ceo@own.test",
        "<ceo@own.test>",
        ", Ltd.",
        "Co.",
        "Tên Miền",
        "株式会社",
        "👩‍👧",
    ),
    *("\u202e", "\u200f", "שלום", "ä" * 50, "x" * 50, "công ty", "€"),
]


@pytest.fixture(scope="module")
def module():
    """The module under test; it knows no Odoo."""
    sys.path.insert(0, str(config.CHECKOUT))
    try:
        return importlib.import_module("tools.outbound.address_headers")
    finally:
        sys.path.remove(str(config.CHECKOUT))


@pytest.fixture(scope="module")
def examples():
    """The names and subjects that the other readers' tests have."""
    path = config.CHECKOUT / "tests" / "wire_names.py"
    spec = importlib.util.spec_from_file_location("wire_names", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def read():
    """A function that returns what mailparser reads in each of some mails."""
    folder = node.ensure(MAILPARSER)
    if not folder:
        pytest.skip("needs Node.js and mailparser")

    def read_all(mails):
        lines = b"\n".join(map(base64.b64encode, mails))
        script = Path(__file__).parent / "read_mail.js"
        done = subprocess.run(
            ["node", "-e", script.read_text(encoding="utf-8")],
            cwd=folder,
            input=lines,
            capture_output=True,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return read_all


def generated_names():
    """Return names that are as bad as chance makes them, the same each time."""
    draw = random.Random(SEED)
    names = (draw.choices(PIECES, k=draw.randint(1, 9)) for _one in range(GENERATED))
    return [name for one in names if (name := " ".join("".join(one).split()))]


def written(module, name):
    """Return the bytes of a mail by somebody of this name, to him and another."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    value = f'"{quoted}" <{ADDRESS}>'
    message = EmailMessage(policy=email.policy.SMTP)
    for header in ("From", "Reply-To", "To"):
        message[header] = module.address_header(header, value)
    message["Cc"] = f"b@own.test, {value}"
    module.serialise(message)
    message.set_content("Hello")
    return message.as_bytes()


def test_a_name_is_one_mailbox(module, examples, read):
    names = [*examples.NAMES, *generated_names()]
    for name, found in zip(
        names, read([written(module, name) for name in names]), strict=True
    ):
        person = [" ".join(name.split()), ADDRESS]
        for header in ("from", "replyTo", "to"):
            assert found[header] == [person], name
        assert found["cc"] == [["", "b@own.test"], person], name


def test_a_subject_is_read_as_written(module, examples, read):
    mails = []
    for subject in examples.SUBJECTS:
        message = EmailMessage(policy=email.policy.SMTP)
        message["Subject"] = module.text_header("Subject", subject)
        message.set_content("Hello")
        mails.append(message.as_bytes())
    found = [one["subject"] for one in read(mails)]
    assert found == list(examples.SUBJECTS)
