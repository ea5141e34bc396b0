"""The way out: all users send through the one account, each under the own name."""

import contextlib

import pytest

from harness import wait_for
from sandbox.client import CUSTOMER, address_of
from sandbox.mailserver import CATCHALL

CUSTOMER_ADDRESS = address_of(CUSTOMER)
SALES = "sales@tenmien.test"
USER = "user_a@tenmien.test"
COMPANY = "Tên Miền"
ANSWER = {"reference", "reply_address"}


@pytest.fixture
def user_a(system):
    """The web client of user A."""
    return system.login("user_a")


@pytest.fixture
def template(request, system):
    """The id of a mail template for leads, written to the lead's customer."""
    return make_template(system, request.node.name)


def make_template(system, name, **values):
    """Make a mail template for leads that is written to the lead's customer."""
    return system.rpc(
        "mail.template",
        "create",
        {
            "name": name,
            "model_id": model_id(system, "crm.lead"),
            "subject": f"About {{{{ object.name }}}} ({name})",
            "body_html": "<p>We got <t t-out='object.name'/>.</p>",
            "use_default_to": False,
            "email_to": "{{ object.email_from }}",
            "auto_delete": False,
            **values,
        },
    )


def model_id(system, model):
    """Return the database id of a model."""
    return system.search("ir.model", [["model", "=", model]])[0]["id"]


@contextlib.contextmanager
def setting(system, model, res_id, **values):
    """Give a record other values during the block."""
    (before,) = system.rpc(model, "read", [res_id], list(values))
    system.rpc(model, "write", [res_id], values)
    try:
        yield
    finally:
        before.pop("id")
        system.rpc(model, "write", [res_id], before)


def outgoing_server(system):
    """Return the id of the router's outgoing server."""
    return system.search("ir.mail_server", [["smtp_user", "=", CATCHALL]])[0]["id"]


def make_user(system, login, name, email):
    """Make a salesperson, whose password is the login, and return its web client."""
    groups = system.search("res.users", [["login", "=", "user_a"]], ["group_ids"])
    values = {
        "name": name,
        "login": login,
        "password": login,
        "email": email,
        "group_ids": [[6, 0, groups[0]["group_ids"]]],
    }
    context = {"no_reset_password": True}
    system.rpc("res.users", "create", values, context=context)
    return system.login(login)


def letter_about(system, subject):
    """Return the newest letter to the customer with this in its subject."""
    return system.wait_for_mail(CUSTOMER_ADDRESS, subject)


def notifications(system, message_id):
    """Return how a message of the chatter reached the customer."""
    domain = [
        ["mail_message_id", "=", message_id],
        ["res_partner_id.email", "=", CUSTOMER_ADDRESS],
    ]
    return system.search("mail.notification", domain)


def mails_of(system, message_id):
    """Return the outgoing mails of a message of the chatter."""
    return system.search("mail.mail", [["mail_message_id", "=", message_id]])


def answer_lands_on(system, letter, lead):
    """Return a letter as the customer and tell whether it found the lead."""
    answer = system.answer(letter, body="Cảm ơn")
    system.process()
    ((state, matched_by, model),) = system.deliveries(answer).values()
    note = system.conversation("crm.lead", lead["id"])[-1]
    return (
        (state, model) == ("delivered", "crm.lead")
        and matched_by in ANSWER
        and "Cảm ơn" in note["body"]
    )


# ----------------------------------------------------------------------
# PEOPLE
# ----------------------------------------------------------------------


def test_a_chatter_message_arrives_under_the_users_own_name(system, user_a, lead):
    """The login is the account's, the name and the address are the user's."""
    message_id = system.write(user_a, "crm.lead", lead["id"], "Giá là 100 đồng.")
    letter = letter_about(system, lead["name"])
    assert str(letter["From"]) == f"User A <{USER}>"
    assert "Giá là 100 đồng." in letter.get_body(("plain",)).get_content()
    assert address_of(letter["Reply-To"]).endswith("@tenmien.test")
    (submission,) = system.submission_log()
    assert (submission.login, submission.sender) == (CATCHALL, CATCHALL)
    assert submission.recipients == (CUSTOMER_ADDRESS,)
    (notification,) = notifications(system, message_id)
    assert notification["notification_status"] == "sent"


def test_the_composer_sends_under_the_users_own_name(system, user_a, lead):
    """The full composer, as the chatter's popup opens it."""
    partner = user_a(
        "res.partner", "create", {"name": "Lan", "email": CUSTOMER_ADDRESS}
    )
    values = {
        "composition_mode": "comment",
        "model": "crm.lead",
        "res_ids": str([lead["id"]]),
        "subject": f"Composed: {lead['name']}",
        "body": "<p>Từ cửa sổ soạn thư</p>",
        "partner_ids": [[6, 0, [partner]]],
    }
    composer = user_a("mail.compose.message", "create", values)
    user_a("mail.compose.message", "action_send_mail", [composer])
    letter = letter_about(system, f"Composed: {lead['name']}")
    assert str(letter["From"]) == f"User A <{USER}>"
    assert answer_lands_on(system, letter, lead)


@pytest.mark.parametrize("envelope", ["bounce", "author"])
def test_the_envelope_sender_is_the_servers_choice(system, user_a, lead, envelope):
    """The customer sees the same name whatever the envelope says."""
    server = outgoing_server(system)
    with setting(system, "ir.mail_server", server, catchall_envelope=envelope):
        system.write(user_a, "crm.lead", lead["id"], "Hello")
        letter = letter_about(system, lead["name"])
    assert str(letter["From"]) == f"User A <{USER}>"
    returned = letter["Return-Path"].strip("<>")
    if envelope == "author":
        assert returned == USER
    else:
        assert returned.startswith("bounce.")
        assert returned.endswith("@tenmien.test")
    (submission,) = system.submission_log()
    assert (submission.login, submission.sender) == (CATCHALL, returned)


@pytest.mark.parametrize("envelope", ["bounce", "account"])
def test_a_bounce_ends_on_the_one_recipient_that_failed(system, user_a, lead, envelope):
    """A real report of the mail server, to the signed address or to the account."""
    gone = "gone@nowhere.test"
    people = (CUSTOMER_ADDRESS, gone)
    with setting(
        system, "ir.mail_server", outgoing_server(system), catchall_envelope=envelope
    ):
        message_id = system.write(
            user_a, "crm.lead", lead["id"], "To a dead address", to=people
        )
        letter_about(system, lead["name"])
    report = wait_for(lambda: collected_bounce(system), "report in the journal")
    assert report["state"] == "ignored"
    found = system.search("mail.notification", [["mail_message_id", "=", message_id]])
    status = {one["res_partner_id"][1]: one["notification_status"] for one in found}
    assert (status[gone], status["Khách Hàng"]) == ("bounce", "sent")


def collected_bounce(system):
    """Collect, and return the message of a report on one of our mails, or nothing."""
    system.process()
    return next(
        iter(system.search("mail.catchall.message", [["reason_code", "=", "bounce"]])),
        None,
    )


def test_what_odoo_writes_by_itself_says_so(system, user_a, lead, template):
    """A person's mail doesn't, or the customer's absence note would not come."""
    system.write(user_a, "crm.lead", lead["id"], "From a person")
    letter = letter_about(system, lead["name"])
    assert letter["Auto-Submitted"] is None
    values = {"message_type": "auto_comment", "subtype_xmlid": "mail.mt_comment"}
    user_a(
        "crm.lead",
        "message_post",
        [lead["id"]],
        body="From a machine",
        subject="Acknowledged",
        partner_ids=[letter_partner(system)],
        **values,
    )
    letter = letter_about(system, "Acknowledged")
    assert letter["Auto-Submitted"] == "auto-generated"


def letter_partner(system):
    """Return the id of the customer's contact."""
    domain = [["email", "=", CUSTOMER_ADDRESS]]
    return system.search("res.partner", domain)[0]["id"]


def test_a_name_of_other_letters_arrives_whole(system, lead):
    """Encoded words in the header, and the own address behind the name."""
    name = 'Nguyễn Thị "Bé" Ánh, Kế toán'
    client = make_user(system, "user_anh", name, "anh@tenmien.test")
    system.write(client, "crm.lead", lead["id"], "Chào anh")
    letter = letter_about(system, lead["name"])
    (mailbox,) = letter["From"].addresses
    assert mailbox.addr_spec == "anh@tenmien.test"
    assert mailbox.display_name == name
    assert answer_lands_on(system, letter, lead)


def test_an_outside_author_is_named_with_the_accounts_address(system, lead):
    """A user's private address is not ours to send from."""
    client = make_user(system, "user_out", "Bình", "binh@elsewhere.test")
    system.write(client, "crm.lead", lead["id"], "Hello")
    (mailbox,) = letter_about(system, lead["name"])["From"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == (
        f"Bình via {COMPANY}",
        CATCHALL,
    )
    (submission,) = system.submission_log()
    assert (submission.login, submission.sender) == (CATCHALL, CATCHALL)


@pytest.mark.logs("has no email address")
def test_a_user_without_an_address_is_told_so_and_the_mail_is_kept(system, lead):
    """With the address it goes out, under the own name, by one click on Retry."""
    client = make_user(system, "user_nobody", "Nobody", False)
    message_id = system.write(client, "crm.lead", lead["id"], "From nobody")
    assert not system.inbox(CUSTOMER_ADDRESS)
    (notification,) = notifications(system, message_id)
    assert notification["notification_status"] == "exception"
    assert "Nobody has no email address" in notification["failure_reason"]
    mails = mails_of(system, message_id)
    assert {mail["state"] for mail in mails} == {"exception"}
    assert all("no email address" in mail["failure_reason"] for mail in mails)
    ids = [mail["id"] for mail in mails]
    domain = [["login", "=", "user_nobody"]]
    (user,) = system.search("res.users", domain, ["id"])
    email = "nobody.at.first@tenmien.test"
    system.rpc("res.users", "write", [user["id"]], {"email": email})
    system.rpc("mail.mail", "action_retry", ids)
    system.send_queue()
    assert address_of(letter_about(system, lead["name"])["From"]) == email


# ----------------------------------------------------------------------
# PROGRAMS
# ----------------------------------------------------------------------


@pytest.fixture
def automation(system, template):
    """An automated action that writes to the customer of each new lead."""
    model = model_id(system, "crm.lead")
    rule = system.rpc(
        "base.automation",
        "create",
        {"name": "Welcome", "model_id": model, "trigger": "on_create"},
    )
    action = system.rpc(
        "ir.actions.server",
        "create",
        {
            "name": "Welcome",
            "model_id": model,
            "base_automation_id": rule,
            "usage": "base_automation",
            "state": "mail_post",
            "mail_post_method": "email",
            "template_id": template,
        },
    )
    yield rule
    system.rpc("base.automation", "unlink", [rule])
    assert not system.search("ir.actions.server", [["id", "=", action]])


@pytest.mark.usefixtures("automation")
def test_an_automated_action_answers_a_new_lead(request, system):
    """The answer to a mail that a program sends, and the customer's answer to it."""
    subject = "Automatic welcome"
    message = system.send(SALES, subject=subject, body="Xin báo giá.")
    system.process()
    assert [row["state"] for row in system.journal(message)] == ["delivered"]
    (lead,) = system.search("crm.lead", [["name", "=", subject]])
    letter = letter_about(system, f"About {subject} ({request.node.name})")
    assert address_of(letter["From"]).endswith("@tenmien.test")
    assert {one.login for one in system.submission_log()} == {CATCHALL}
    assert answer_lands_on(system, letter, lead)


def test_a_scheduled_action_writes_to_the_customer(system, lead, template):
    """Server code in a cron, running as the system's own user."""
    values = {
        "name": "Remind",
        "model_id": model_id(system, "crm.lead"),
        "state": "code",
        "user_id": system.rpc.ref("base.user_root"),
        "code": f"env['mail.template'].browse({template}).send_mail({lead['id']})",
        "interval_number": 1,
        "interval_type": "days",
    }
    cron = system.rpc("ir.cron", "create", values)
    system.rpc("ir.cron", "method_direct_trigger", [cron])
    system.send_queue()
    letter = letter_about(system, f"About {lead['name']}")
    assert address_of(letter["From"]).endswith("@tenmien.test")
    assert {one.login for one in system.submission_log()} == {CATCHALL}
    assert answer_lands_on(system, letter, lead)
    system.rpc("ir.cron", "unlink", [cron])


def test_a_template_from_outside_is_sent_via_the_company(system, lead, user_a):
    """email_from of a template may be anybody; the address is the account's."""
    author = '"Đối Tác" <partner@elsewhere.test>'
    template = make_template(system, "Outside", email_from=author)
    user_a("mail.template", "send_mail", template, lead["id"], force_send=True)
    letter = letter_about(system, f"About {lead['name']}")
    (mailbox,) = letter["From"].addresses
    assert mailbox.display_name == f"Đối Tác via {COMPANY}"
    assert mailbox.addr_spec == CATCHALL
    (submission,) = system.submission_log()
    assert (submission.login, submission.sender) == (CATCHALL, CATCHALL)
    assert answer_lands_on(system, letter, lead)


# ----------------------------------------------------------------------
# A STRICT PROVIDER
# ----------------------------------------------------------------------


def test_a_strict_provider_takes_the_accounts_envelope(system, user_a, lead):
    """What it compares with the login is the envelope, by default the account's."""
    with system.policy("strict"):
        system.write(user_a, "crm.lead", lead["id"], "Hello")
        letter = letter_about(system, lead["name"])
    assert str(letter["From"]) == f"User A <{USER}>"
    assert not system.refusals()


def test_a_refused_sender_is_replaced_and_the_customer_not_blamed(system, user_a, lead):
    """The same message goes out under the account; its answer finds the document."""
    server = outgoing_server(system)
    with (
        setting(system, "ir.mail_server", server, catchall_envelope="author"),
        system.policy("strict"),
    ):
        message_id = system.write(user_a, "crm.lead", lead["id"], "Hello")
        letter = letter_about(system, lead["name"])
    assert str(letter["From"]) == f"User A via {COMPANY} <{CATCHALL}>"
    (notification,) = notifications(system, message_id)
    assert notification["notification_status"] == "sent"
    assert answer_lands_on(system, letter, lead)
    system.rpc("ir.mail_server", "action_catchall_try_refused", [server])


# ----------------------------------------------------------------------
# ASKING THE SERVER
# ----------------------------------------------------------------------


def check_senders(system):
    """Ask the mail server whom the account may write as; return the id of the check."""
    (router,) = system.search("mail.catchall.router", [])
    return system.rpc("mail.catchall.router", "action_check_senders", [router["id"]])[
        "res_id"
    ]


def checked(system, check_id):
    """Return {address: line} of a sender check."""
    lines = system.search(
        "mail.catchall.sender.check.line", [["check_id", "=", check_id]]
    )
    return {line["email"]: line for line in lines}


def test_the_server_is_asked_for_every_sender_and_sends_nothing(system):
    """A strict server owns up to what it refuses, before a customer's mail fails."""
    assert checked(system, check_senders(system))[USER]["reply"] == "accepted"
    with system.policy("strict"):
        lines = checked(system, check_senders(system))
    assert lines[USER]["reply"] == "refused"
    assert "not owned by user" in lines[USER]["words"]
    assert lines[CATCHALL]["reply"] == "accepted"
    assert not system.submission_log()
