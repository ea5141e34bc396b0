"""Mail that goes in circles, and attacks on addresses that do not exist."""

import contextlib

import pytest

from sandbox.client import CUSTOMER, address_of, compose

SALES = "sales@tenmien.test"
MACHINE = "Máy <may@khachhang.test>"
ROBOT = "robot@attacker.test"
FORWARDER = "chuyentiep@doitac.test"


@contextlib.contextmanager
def limits(system, **values):
    """Give the router these limits during the block."""
    (router,) = system.search("mail.catchall.router", [], list(values))
    system.rpc("mail.catchall.router", "write", [router["id"]], values)
    try:
        yield
    finally:
        router_id = router.pop("id")
        system.rpc("mail.catchall.router", "write", [router_id], router)


@pytest.fixture
def acknowledged(system):
    """Every new lead is acknowledged to its customer, by an automation."""
    (lead_model,) = system.search("ir.model", [["model", "=", "crm.lead"]], ["id"])
    model_id = lead_model["id"]
    template = system.rpc(
        "mail.template",
        "create",
        {
            "name": "Acknowledgement",
            "model_id": model_id,
            "subject": "We have got: {{ object.name }}",
            "body_html": "<p>Thank you.</p>",
            "use_default_to": False,
            "email_to": "{{ object.email_from }}",
            "email_from": SALES,
            "auto_delete": False,
        },
    )
    rule = system.rpc(
        "base.automation",
        "create",
        {
            "name": "Acknowledge",
            "model_id": model_id,
            "trigger": "on_create",
        },
    )
    system.rpc(
        "ir.actions.server",
        "create",
        {
            "name": "Acknowledge",
            "base_automation_id": rule,
            "usage": "base_automation",
            "model_id": model_id,
            "state": "mail_post",
            "template_id": template,
            "mail_post_method": "email",
        },
    )
    yield
    system.rpc("base.automation", "unlink", [rule])


def leads(system, subject):
    """Return the leads with this in their name."""
    return system.search("crm.lead", [["name", "ilike", subject]])


# ----------------------------------------------------------------------
# LOOPS
# ----------------------------------------------------------------------


@pytest.mark.parametrize("rewrites", [False, True])
def test_own_mail_that_an_outside_forwarder_sends_back_is_ignored(system, rewrites):
    """The forwarder's envelope is his own, and his From if he is a mailing list."""
    subject = f"Comes back {rewrites}"
    system.send(SALES, subject=subject, body="Xin báo giá.")
    system.process()
    (lead,) = leads(system, subject)
    system.write(system.login("user_a"), "crm.lead", lead["id"], f"Offer {subject}")
    system.send_queue()
    sent = system.wait_for_mail(address_of(CUSTOMER), subject)
    assert sent["X-Catchall-Router-Token"]
    if rewrites:
        sent.replace_header("From", f"List <{FORWARDER}>")
    count = len(system.conversation("crm.lead", lead["id"]))

    system.client.send(sent.as_bytes(), sender=FORWARDER, recipients=[SALES])
    system.process()
    (row,) = system.search(
        "mail.catchall.message", [], ["state", "reason_code", "why"]
    )[-1:]
    assert (row["state"], row["reason_code"]) == ("ignored", "own_message")
    assert "X-Catchall-Router-Token carries the signature" in row["why"]
    assert len(leads(system, subject)) == 1
    assert len(system.conversation("crm.lead", lead["id"])) == count


@pytest.mark.parametrize("style", ["virtual", "lmtp"])
def test_mail_to_a_former_colleague_is_not_shown_as_sent(system, lead, style):
    """It comes back into the mailbox of the catch-all, by the server it was sent to."""
    with system.delivery(style):
        user = system.login("user_a")
        to = ["former@tenmien.test"]
        message = system.write(user, "crm.lead", lead["id"], "Chào bạn", to=to)
        system.send_queue()
        system.empty_queue()
        system.process()
    (row,) = system.search("mail.catchall.message", [])[-1:]
    assert (row["state"], row["reason_code"]) == ("ignored", "own_message")
    domain = [["mail_message_id", "=", message], ["res_partner_id.email", "in", to]]
    (shown,) = system.search("mail.notification", domain)
    assert shown["notification_status"] == "exception"
    assert "former@tenmien.test" in shown["failure_reason"]


@pytest.mark.usefixtures("acknowledged")
def test_an_acknowledging_alias_and_an_answering_machine_come_to_an_end(system):
    """The machine keeps no rule: it doesn't say what it is and refers to nothing."""
    with limits(system, burst_count=3, burst_minutes=60):
        rounds = 0
        system.send(SALES, sender=MACHINE, subject="Ping", body="I am a machine.")
        while rounds < 10:
            system.process()
            answers = system.inbox(address_of(CUSTOMER))
            system.mail.empty()
            if not answers:
                break
            rounds += 1
            system.send(SALES, sender=MACHINE, subject="Ping", body="I am a machine.")
    assert rounds == 3
    assert len(leads(system, "Ping")) == 3
    (last,) = system.search(
        "mail.catchall.message", [["sender", "=", address_of(MACHINE)]]
    )[-1:]
    assert (last["state"], last["reason_code"]) == ("held", "burst")


# ----------------------------------------------------------------------
# ATTACKS
# ----------------------------------------------------------------------


def test_an_attack_on_forty_addresses_is_one_case(system):
    """A robot tries names; a customer's mail arrives meanwhile."""
    with limits(system, attack_count=10, burst_count=10):
        for number in range(40):
            letter = compose(
                sender=ROBOT,
                to=[f"qzx{number}wvk@tenmien.test"],
                subject="Hot offer",
                body="Buy now.",
            )
            system.client.send(letter)
        system.send(SALES, subject="In the middle of it")
        system.process()
    (attack,) = system.search("mail.catchall.attack", [])
    assert (attack["name"], attack["message_count"]) == (ROBOT, 40)
    rows = system.search("mail.catchall.message", [["sender", "=", ROBOT]])
    assert {(row["state"], row["reason_code"]) for row in rows} == {("held", "attack")}
    assert len(leads(system, "In the middle of it")) == 1

    system.rpc("mail.catchall.attack", "action_discard", [attack["id"]])
    rows = system.search("mail.catchall.message", [["sender", "=", ROBOT]])
    assert {row["state"] for row in rows} == {"ignored"}
