"""Unknown addresses: guesses, candidates, telling the sender, forwarding."""

import pytest

from sandbox.client import CUSTOMER, address_of

CUSTOMER_ADDRESS = address_of(CUSTOMER)
USER = "user_a@tenmien.test"


@pytest.fixture
def policy(system):
    """Set the router's policies for one test."""
    (router,) = system.search("mail.catchall.router", [], ["unknown_policy"])

    def choose(**values):
        system.rpc("mail.catchall.router", "write", [router["id"]], values)

    yield choose
    choose(unknown_policy="hold")


@pytest.fixture
def known_customer(system):
    """The customer as a contact: somebody who may be answered."""
    domain = [["email", "ilike", CUSTOMER_ADDRESS]]
    if not system.search("res.partner", domain):
        values = {"name": "Khách", "email": CUSTOMER_ADDRESS}
        system.rpc("res.partner", "create", values)
    for answer in system.search("mail.catchall.answer", []):
        delete_answer(system, answer["id"])


def delete_answer(system, answer_id):
    system.odoo.cluster.query(
        f"DELETE FROM mail_catchall_answer WHERE id = {answer_id}", system.database
    )


def alias(system, name):
    """Give the sales team's kind of document another address."""
    (model,) = system.search("ir.model", [["model", "=", "crm.lead"]], ["id"])
    (domain,) = system.search("mail.alias.domain", [], ["id"])
    values = {
        "alias_name": name,
        "alias_domain_id": domain["id"],
        "alias_model_id": model["id"],
    }
    return system.rpc("mail.alias", "create", values)


def process(system):
    """Collect, route, and let the mail queue run as it does by itself."""
    system.collect()
    system.route()
    system.send_queue()


def end(system, mail):
    """Return (state, reason) of a mail in the journal."""
    (row,) = system.journal(mail)
    return row["state"], row["reason_code"]


def leads(system, name):
    return system.search("crm.lead", [["name", "=", name]])


def test_one_slip_makes_the_lead_and_says_that_it_was_a_guess(system, request):
    mail = system.send("salse@tenmien.test", subject=request.node.name)
    process(system)
    assert end(system, mail) == ("delivered", False)
    (lead,) = leads(system, request.node.name)
    domain = [["model", "=", "crm.lead"], ["res_id", "=", lead["id"]]]
    notes = [row["body"] for row in system.search("mail.message", domain)]
    assert any("salse@tenmien.test" in note for note in notes)


def test_of_several_that_may_be_meant_a_person_chooses_one(system, request):
    for name in ("hopdong", "hopdonk"):
        alias(system, name)
    mail = system.send("hopdon@tenmien.test", subject=request.node.name)
    process(system)
    assert end(system, mail) == ("held", "unknown_recipient")
    assert not leads(system, request.node.name)
    (message,) = system.journal(mail)
    domain = [["message_id", "=", message["id"]]]
    offered = system.search("mail.catchall.candidate", domain)
    assert {row["address"] for row in offered} == {
        "hopdong@tenmien.test",
        "hopdonk@tenmien.test",
    }
    system.rpc("mail.catchall.candidate", "action_choose", [offered[0]["id"]])
    assert end(system, mail) == ("delivered", False)
    assert len(leads(system, request.node.name)) == 1


def test_the_sender_is_told_once_a_day(system, policy, known_customer, request):
    policy(unknown_policy="tell")
    first = system.send("khongco@tenmien.test", subject=request.node.name)
    process(system)
    assert end(system, first) == ("ignored", "told")
    told = system.wait_for_mail(CUSTOMER_ADDRESS, request.node.name)
    assert told["Return-Path"] == "<>"
    assert told["Auto-Submitted"] == "auto-replied"
    assert told["In-Reply-To"] == first["Message-ID"]
    assert told["X-Auto-Response-Suppress"] == "All"
    assert "khongco@tenmien.test" in told.get_body(("plain",)).get_content()
    (handed_in,) = system.submission_log()
    assert handed_in

    second = system.send("khongco@tenmien.test", subject=f"{request.node.name} 2")
    process(system)
    assert end(system, second) == ("held", "unknown_recipient")
    assert len(system.inbox(CUSTOMER_ADDRESS)) == 1


def test_a_provider_that_is_strict_takes_the_answer_too(
    system, policy, known_customer, request
):
    policy(unknown_policy="tell")
    with system.policy("strict"):
        mail = system.send("khongco@tenmien.test", subject=request.node.name)
        process(system)
        told = system.wait_for_mail(CUSTOMER_ADDRESS, request.node.name)
    assert end(system, mail) == ("ignored", "told")
    assert told["Return-Path"] == "<>"


def test_a_stranger_and_a_program_are_not_told(system, policy, known_customer, request):
    policy(unknown_policy="tell")
    stranger = "nguoila@khachhang.test"
    for values in (
        {"sender": stranger},
        {"headers": {"Auto-Submitted": "auto-generated"}},
        {"headers": {"List-Id": "<list.khachhang.test>"}},
    ):
        mail = system.send("khongco@tenmien.test", subject=request.node.name, **values)
        process(system)
        assert end(system, mail)[0] == "held"
    assert not system.inbox(CUSTOMER_ADDRESS)


def test_a_forwarded_mail_arrives_whole_in_the_real_mailbox(system, policy, request):
    (user,) = system.search("res.users", [["login", "=", "user_a"]], ["id"])
    policy(unknown_policy="forward", forward_user_id=user["id"])
    long_subject = f"{request.node.name} {'rất dài ' * 12}"
    mail = system.send(
        "khongco@tenmien.test",
        subject=long_subject,
        body="From here on: Xin chào\n.\n..\nEnd",
        attachments=[("file.bin", bytes(range(256)))],
    )
    (original,) = system.client.raw_mails("catchall@tenmien.test")
    process(system)
    assert end(system, mail) == ("ignored", "forwarded")
    forwarded = system.wait_for_mail(USER, request.node.name)
    assert address_of(forwarded["Reply-To"]) == CUSTOMER_ADDRESS
    assert address_of(forwarded["From"]) == "catchall@tenmien.test"
    assert [part.get_content_type() for part in forwarded.iter_attachments()] == [
        "message/rfc822"
    ]
    # Byte for byte, after two servers.
    (raw,) = system.client.raw_mails(USER)
    assert original in raw
    assert not leads(system, long_subject)


def test_mail_for_nobody_may_be_discarded(system, policy, request):
    policy(unknown_policy="discard")
    mail = system.send("khongco@tenmien.test", subject=request.node.name)
    process(system)
    assert end(system, mail) == ("ignored", "unknown_discarded")
    assert not leads(system, request.node.name)


def test_mail_for_nobody_may_make_a_document(system, policy, request):
    (model,) = system.search("ir.model", [["model", "=", "crm.lead"]], ["id"])
    policy(unknown_policy="fallback", fallback_model_id=model["id"])
    mail = system.send("khongco@tenmien.test", subject=request.node.name)
    process(system)
    assert end(system, mail) == ("delivered", False)
    assert len(leads(system, request.node.name)) == 1
