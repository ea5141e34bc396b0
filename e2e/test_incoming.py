"""Mail in the shapes that people, mailers and providers give it, and its end.

The mails stand in ``incoming/`` and, those that the addon's own tests need, in
``tests/incoming/``. ``incoming/expected.json`` says of each what is right: its ``end``
and ``reason``, and of the document, if there is one, the ``model``, the ``author``
(address), ``subject``, ``texts`` in their order, names of ``files``, whether a
``picture`` stands in the text, and how many ``documents`` the mail has reached.
"""

import base64
import email
import email.policy
import html
import json
import re
from pathlib import Path

import pytest

from harness import wait_for
from sandbox.client import CUSTOMER, address_of
from sandbox.mailserver import CATCHALL

FOLDER = Path(__file__).parent / "incoming"
SHIPPED = FOLDER.parents[1] / "tests" / "incoming"
MAILS = {path.stem: path for one in (FOLDER, SHIPPED) for path in one.glob("*.eml")}
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
OWN = re.compile(r"[^\s<>,;:\"()]+@(?:tenmien|congty2)\.test", re.IGNORECASE)
SALES = "sales@tenmien.test"


# ----------------------------------------------------------------------
# ARRIVAL
# ----------------------------------------------------------------------


def write_to_customer(system):
    """Let a user write to a customer from a lead; return the mail that he gets."""
    system.send(SALES, subject="smoke", body="Xin báo giá.")
    system.process()
    (lead,) = system.search("crm.lead", [["name", "=", "smoke"]])
    system.write(system.login("user_a"), "crm.lead", lead["id"], "<p>We answer</p>")
    system.send_queue()
    return system.wait_for_mail(address_of(CUSTOMER), "smoke")


def deliver(system, name, raw):
    """Bring a mail into the mailbox: as it is where a provider has written on it,
    over SMTP where not. A header of its own tells which it is."""
    raw = b"X-Case: " + name.encode() + b"\r\n" + re.sub(rb"\r?\n", b"\r\n", raw)
    head = raw.partition(b"\r\n\r\n")[0]
    if re.search(rb"(?im)^received:", head):
        with system.client.imap(CATCHALL) as session:
            session.append("INBOX", "", None, raw)
        return
    text = head.decode("utf-8", "replace")
    parsed = email.message_from_string(text, policy=email.policy.compat32)
    written = ", ".join(parsed.get_all("To", []) + parsed.get_all("Cc", []))
    sender = re.findall(r"<([^<>\s]+@[^<>\s]+)>", parsed["From"] or "")
    is_plain = sender and sender[-1].isascii()
    system.client.deliver(
        raw,
        sender=sender[-1] if is_plain else address_of(CUSTOMER),
        recipients=list(dict.fromkeys(OWN.findall(written))) or [SALES],
    )
    wait_for(system.queue_is_empty, "end of the mail server's queue")


# ----------------------------------------------------------------------
# WHAT BECAME OF IT
# ----------------------------------------------------------------------


def read_outcomes(system):
    """Return {case: what became of it}, in the form of ``expected.json``."""
    fields = ["raw", "state", "reason_code", "message_id"]
    context = {
        "allowed_company_ids": [one["id"] for one in system.search("res.company", [])]
    }
    outcomes = {}
    rows = system.rpc(
        "mail.catchall.message", "search_read", [], fields, order="id", context=context
    )
    for row in rows:
        raw = base64.b64decode(row["raw"] or b"")
        case = re.search(rb"^X-Case: (\S+)", raw, re.MULTILINE)
        # A mail to two companies arrives twice: the second copy is a double.
        if case and row["reason_code"] != "duplicate":
            found = outcome(system, row, context)
            outcomes.setdefault(case[1].decode(), []).append(found)
    return outcomes


def outcome(system, row, context):
    """Return what became of one message of the journal."""
    found = {"end": row["state"], "reason": row["reason_code"] or ""}
    domain = [["message_id", "=", row["id"]], ["res_id", "!=", False]]
    deliveries = system.rpc(
        "mail.catchall.delivery",
        "search_read",
        domain,
        ["model", "res_id", "company_id", "reason_code"],
        context=context,
    )
    if row["state"] != "delivered" or not deliveries:
        return found
    places = {(one["model"], one["res_id"]) for one in deliveries}
    model, res_id = deliveries[0]["model"], deliveries[0]["res_id"]
    domain = [["model", "=", model], ["res_id", "=", res_id]]
    domain.append(["message_id", "=", row["message_id"]])
    fields = ["email_from", "author_id", "subject", "body", "attachment_ids"]
    posted = system.rpc("mail.message", "search_read", domain, fields, context=context)[
        -1
    ]
    domain = [["id", "in", posted["attachment_ids"]]]
    files = system.rpc(
        "ir.attachment", "search_read", domain, ["name"], order="id", context=context
    )
    text = html.unescape(re.sub(r"<[^>]+>", " ", posted["body"]))
    return found | {
        "model": model,
        "documents": len(places),
        "companies": len({one["company_id"][0] for one in deliveries}),
        "author": address_of(posted["email_from"]),
        "author_name": posted["author_id"] and posted["author_id"][1],
        "subject": posted["subject"],
        "text": " ".join(text.split()),
        "files": sorted(one["name"] for one in files),
        "picture": "<img" in posted["body"],
    }


@pytest.fixture(scope="module")
def fresh(running_system):
    """A database of its own."""
    running_system.reset()
    running_system.refresh()
    yield running_system
    running_system.reset()


@pytest.fixture(scope="module")
def outcomes(fresh, company):
    """What became of all mails, each of which has arrived once."""
    assert company
    system = fresh
    employees_only(system)
    sent = write_to_customer(system)
    address = address_of(sent["Reply-To"]).encode()
    for name in sorted(MAILS):
        raw = MAILS[name].read_bytes()
        raw = raw.replace(b"<DOCUMENT-MESSAGE-ID>", sent["Message-ID"].encode())
        raw = raw.replace(b"DOCUMENT-ADDRESS-IN-CAPITALS", address.upper())
        raw = raw.replace(b"DOCUMENT-ADDRESS", address)
        deliver(system, name, raw)
    system.process()
    system.process()
    return read_outcomes(system)


def employees_only(system):
    """Let the alias for tasks take mail of employees only."""
    alias = system.search("mail.alias", [["alias_name", "=", "project"]])
    ids = [one["id"] for one in alias]
    system.rpc("mail.alias", "write", ids, {"alias_contact": "employees"})


# ----------------------------------------------------------------------
# WHAT IS RIGHT
# ----------------------------------------------------------------------


def test_every_mail_has_an_expectation():
    assert set(EXPECTED) == set(MAILS)


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_a_mail_ends_as_people_expect(outcomes, case):
    expected = dict(EXPECTED[case])
    found = outcomes[case][0]
    texts = expected.pop("texts", ())
    places = [found.get("text", "").find(one) for one in texts]
    assert -1 not in places and places == sorted(places), found["text"]
    for text in expected.pop("absent", ()):
        assert text not in found["text"]
    assert {name: found.get(name) for name in expected} == expected
