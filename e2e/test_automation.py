"""Programs that write mail: automated actions, and aliases that acknowledge."""

import contextlib
from datetime import datetime, timedelta

import pytest

from harness import wait_for
from sandbox.client import CUSTOMER, address_of

CUSTOMER_ADDRESS = address_of(CUSTOMER)
MACHINE = "another@khachhang.test"
SALES = "sales@tenmien.test"
QUEUE_CRON = "mail.ir_cron_mail_scheduler_action"
COMPANY = "Tên Miền"


def model_id(system, model):
    """Return the database id of a model."""
    return system.search("ir.model", [["model", "=", model]])[0]["id"]


def make_template(system, name, **values):
    """Make a mail template for leads that names no sender."""
    values = {
        "name": name,
        "model_id": model_id(system, "crm.lead"),
        "subject": f"{name}: {{{{ object.name }}}}",
        "body_html": "<p>Cảm ơn, <t t-out='object.name'/>.</p>",
        **values,
    }
    return system.rpc("mail.template", "create", values)


def make_contact(system, address):
    """Make somebody a contact: the sandbox's mail server vouches for nobody."""
    if not system.search("res.partner", [["email", "=", address]]):
        values = {"name": address, "email": address}
        system.rpc("res.partner", "create", values)


@pytest.fixture
def automation(request, system):
    """An automated action that writes to the customer of each new lead."""
    name = request.node.name
    model = model_id(system, "crm.lead")
    values = {"name": name, "model_id": model, "trigger": "on_create"}
    rule = system.rpc("base.automation", "create", values)
    values = {
        "name": name,
        "model_id": model,
        "base_automation_id": rule,
        "usage": "base_automation",
        "state": "mail_post",
        "mail_post_method": "email",
        "template_id": make_template(system, name),
    }
    system.rpc("ir.actions.server", "create", values)
    yield rule
    system.rpc("base.automation", "unlink", [rule])


@contextlib.contextmanager
def hourly_queue(system):
    """Have the queue looked at in an hour only, unless something wakes it."""
    cron = system.rpc.ref(QUEUE_CRON)
    later = datetime.now() + timedelta(hours=2)
    values = {"interval_type": "hours", "nextcall": later.strftime("%F %T")}
    system.rpc("ir.cron", "write", [cron], values)
    try:
        yield
    finally:
        system.rpc("ir.cron", "write", [cron], {"interval_type": "minutes"})


@contextlib.contextmanager
def acknowledging(system, name):
    """Let the sales alias acknowledge with a template of this name."""
    domain = [["alias_full_name", "=", SALES]]
    (alias,) = system.search("mail.alias", domain)
    field = "catchall_acknowledge_template_id"
    template = make_template(system, name)
    system.rpc("mail.alias", "write", [alias["id"]], {field: template})
    try:
        yield
    finally:
        system.rpc("mail.alias", "write", [alias["id"]], {field: False})


def acknowledgements(system, name, address=CUSTOMER_ADDRESS):
    """Return the acknowledgements in a mailbox, oldest first."""
    return [mail for mail in system.inbox(address) if name in mail["Subject"]]


@pytest.mark.usefixtures("automation")
def test_an_automated_action_writes_at_once_as_the_alias(request, system):
    """Nobody waits for the hourly queue, and nobody sees OdooBot."""
    name = request.node.name
    with hourly_queue(system), system.crons():
        system.send(SALES, subject="Báo giá", body="Xin báo giá.")
        system.collect()
        letter = system.wait_for_mail(CUSTOMER_ADDRESS, name)
    (mailbox,) = letter["From"].addresses
    assert (mailbox.addr_spec, mailbox.display_name) == (SALES, COMPANY)
    assert letter["Auto-Submitted"] == "auto-generated"
    (lead,) = system.search("crm.lead", [["name", "=", "Báo giá"]])
    system.answer(letter, body="Tôi đồng ý")
    system.process()
    assert "Tôi đồng ý" in system.conversation("crm.lead", lead["id"])[-1]["body"]
    assert len(system.search("crm.lead", [["name", "ilike", "Báo giá"]])) == 1


def test_an_alias_acknowledges_a_conversation_once(request, system):
    """From the alias, on the lead, and the answer to it comes back to the lead."""
    name = request.node.name
    make_contact(system, CUSTOMER_ADDRESS)
    with acknowledging(system, name):
        first = system.send(SALES, subject="Xin chào", body="Xin chào.")
        system.process()
        letter = system.wait_for_mail(CUSTOMER_ADDRESS, name)
        (lead,) = system.search("crm.lead", [["name", "=", "Xin chào"]])
        assert address_of(letter["From"]) == SALES
        assert letter["Return-Path"] == "<>"
        assert letter["Auto-Submitted"] == "auto-replied"
        assert letter["In-Reply-To"] == first["Message-ID"]
        system.answer(letter, body="Một câu hỏi nữa")
        system.process()
        notes = system.conversation("crm.lead", lead["id"])
        assert "Một câu hỏi nữa" in notes[-1]["body"]
        assert len(acknowledgements(system, name)) == 1
    domain = [["res_id", "=", lead["id"]], ["message_type", "=", "auto_comment"]]
    (shown,) = system.search("mail.message", [["model", "=", "crm.lead"], *domain])
    domain = [["mail_message_id", "=", shown["id"]]]
    (notification,) = system.search("mail.notification", domain)
    assert notification["mail_email_address"] == CUSTOMER_ADDRESS
    assert notification["notification_status"] == "sent"


def test_a_machine_is_not_acknowledged(request, system):
    """The lead is made, and it says why nobody was told."""
    name = request.node.name
    make_contact(system, CUSTOMER_ADDRESS)
    with acknowledging(system, name):
        message = system.send(
            SALES, subject="Bản tin", headers={"Auto-Submitted": "auto-generated"}
        )
        system.process()
    (row,) = system.journal(message)
    assert row["state"] == "delivered"
    assert "a program wrote the email" in row["why"]
    assert not acknowledgements(system, name)


def test_two_machines_that_acknowledge_each_other_come_to_an_end(request, system):
    """The other one keeps no rule: each of its mails is a new one, by a person."""
    name = request.node.name
    make_contact(system, MACHINE)
    with acknowledging(system, name):
        for number in range(1, 20):
            before = len(acknowledgements(system, name, MACHINE))
            system.send(SALES, subject=f"Ack {number}", sender=MACHINE)
            system.process()
            wait_for(system.queue_is_empty, "end of the mail server's queue")
            if len(acknowledgements(system, name, MACHINE)) == before:
                break
    assert 1 < number < 10


def test_the_samples_write_to_the_customers_of_each_app(system):
    """A lead, an applicant and a task, each acknowledged on the document."""
    wizard = system.rpc("mail.catchall.samples", "create", {})
    system.rpc("mail.catchall.samples", "action_add", [wizard])
    rules = [
        system.rpc.ref(f"mail_catchall_router.sample_automation_{code}")
        for code in ("lead", "applicant", "task")
    ]
    system.rpc("base.automation", "write", rules, {"active": True})
    try:
        for to in (SALES, "ketoantruong@tenmien.test", "project@tenmien.test"):
            system.send(to, subject=f"Mẫu {to}", body="Xin chào.")
        system.process()
        for words in (
            f"We have received your message: Mẫu {SALES}",
            "We have received your application: ",
            "We have received your request: Mẫu project@tenmien.test",
        ):
            letter = system.wait_for_mail(CUSTOMER_ADDRESS, words)
            assert letter["Auto-Submitted"] == "auto-generated"
            assert (
                "just reply to this email" in letter.get_body(("plain",)).get_content()
            )
            assert letter["From"].addresses[0].domain == "tenmien.test"
    finally:
        system.rpc("base.automation", "write", rules, {"active": False})
