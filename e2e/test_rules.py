"""Rules that people write, on real mail."""

import pytest

SALES = "sales@tenmien.test"


@pytest.fixture
def rules(system):
    """Write rules for the sandbox's router; they are gone after the test."""
    made = []

    def write(*conditions, **values):
        lines = [
            (0, 0, {"field": field, "operator": operator, "value": value})
            for field, operator, value in conditions
        ]
        (router,) = system.rpc("mail.catchall.router", "search", [])
        values = {"router_id": router, "condition_ids": lines, **values}
        made.append(system.rpc("mail.catchall.rule", "create", {**values}))
        return made[-1]

    yield write
    system.rpc("mail.catchall.rule", "unlink", made)


def model_id(system, model):
    """Return the id of a document type."""
    (found,) = system.rpc("ir.model", "search", [["model", "=", model]])
    return found


def test_a_regular_expression_makes_a_task_with_tag_and_priority(system, rules):
    project = system.rpc("project.project", "create", {"name": "Support"})
    tag = system.rpc("mail.catchall.tag", "create", {"name": "Ticket"})
    rules(
        ("subject", "matches", r"ticket #?\d+"),
        ("sender_domain", "equals", "khachhang.test"),
        name="Tickets",
        action="new",
        model_id=model_id(system, "project.task"),
        defaults=repr({"project_id": project}),
        tag_ids=[(6, 0, [tag])],
        priority="high",
    )
    sent = system.send("no-such-address@tenmien.test", subject="Vé: Ticket #4711")
    other = system.send(SALES, subject="A question about tickets")
    system.process()
    ((state, matched_by, model),) = system.deliveries(sent).values()
    assert (state, matched_by, model) == ("delivered", "rule", "project.task")
    fields = ["name", "project_id", "priority", "tag_ids"]
    (task,) = system.search("project.task", [["project_id", "=", project]], fields)
    assert task["name"] == "Vé: Ticket #4711"
    assert task["priority"] == "3"
    (task_tag,) = system.rpc("project.tags", "read", task["tag_ids"], ["name"])
    assert task_tag["name"] == "Ticket"
    (message,) = system.journal(sent)
    assert message["tag_ids"] == [tag]
    assert "Rule “Tickets” matched: Subject matches “ticket #?\\d+”" in message["why"]
    assert system.deliveries(other) == {SALES: ("delivered", "alias", "crm.lead")}


def test_rules_hold_and_discard_in_their_order(system, rules):
    rules(("sender", "contains", "vip@"), name="VIP", sequence=1, action="hold")
    rules(("subject", "contains", "offer"), name="Offers", sequence=2, action="discard")
    held = system.send(SALES, subject="Special offer", sender="vip@khachhang.test")
    discarded = system.send(SALES, subject="Special offer")
    system.process()
    (message,) = system.journal(held)
    assert (message["state"], message["reason_code"]) == ("held", "rule_hold")
    (message,) = system.journal(discarded)
    assert (message["state"], message["reason_code"]) == ("ignored", "rule_discard")
    assert not system.search("crm.lead", [["name", "=", "Special offer"]])

    (message,) = system.journal(held)
    system.rpc("mail.catchall.message", "action_release", [message["id"]])
    (message,) = system.journal(held)
    # What discards it doesn't count either once a person lets it pass.
    assert message["state"] == "delivered"
    assert len(system.search("crm.lead", [["name", "=", "Special offer"]])) == 1


def test_a_rule_adds_mail_to_a_document_until_that_is_gone(system, rules):
    partner = system.rpc("res.partner", "create", {"name": "Bank"})
    rule = rules(
        ("subject", "starts_with", "Statement"),
        name="Bank",
        action="record",
        record=f"res.partner,{partner}",
    )
    system.send(SALES, subject="Statement 1")
    system.process()
    posts = system.conversation("res.partner", partner)
    assert [post["subject"] for post in posts] == ["Statement 1"]
    system.rpc("res.partner", "unlink", [partner])
    late = system.send(SALES, subject="Statement 2")
    system.process()
    (message,) = system.journal(late)
    assert (message["state"], message["reason_code"]) == ("held", "rule_target")
    assert system.rpc("mail.catchall.rule", "read", [rule], ["hit_count"]) == [
        {"id": rule, "hit_count": 2}
    ]


def test_a_rule_forwards_to_a_users_own_mailbox(system, rules):
    (user,) = system.rpc("res.users", "search", [["login", "=", "user_b"]])
    rules(
        ("attachment_type", "equals", "pdf"),
        name="To the bookkeeper",
        action="forward",
        forward_user_id=user,
    )
    sent = system.send(
        SALES, subject="Bill 7", attachments=[("bill.pdf", b"%PDF-1.4 the bill")]
    )
    system.collect()
    system.route()
    system.send_queue()
    mail = system.wait_for_mail("user_b@tenmien.test", "Bill 7")
    assert "tenmien.test" in mail["From"]
    (message,) = system.journal(sent)
    assert (message["state"], message["reason_code"]) == ("ignored", "forwarded")
    assert not system.search("crm.lead", [["name", "=", "Bill 7"]])
