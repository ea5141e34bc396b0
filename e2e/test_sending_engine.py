"""How mail leaves: refused senders, patience, budgets, and one session for all."""

import contextlib

import pytest
from smtp_proxy import AFTER_DOT, SmtpProxy

from harness import wait_for
from sandbox.client import address_of
from sandbox.mailserver import CATCHALL
from sandbox.rpc import RpcError

CUSTOMER = "khach@khachhang.test"
OTHER = "another@khachhang.test"
USER = "user_a@tenmien.test"
GREYLISTED = "450 4.2.0 Greylisted, please come back later"


@pytest.fixture
def server(system):
    """The id of the router's outgoing server; its settings are put back afterwards."""
    (row,) = system.search("ir.mail_server", [["smtp_user", "=", CATCHALL]])
    names = ("catchall_envelope", "smtp_host", "smtp_port", "smtp_encryption")
    limits = ("catchall_limit_minute", "catchall_limit_hour", "catchall_limit_day")
    before = {name: row[name] for name in names + limits}
    yield row["id"]
    system.rpc("ir.mail_server", "write", [row["id"]], before)
    system.rpc("ir.mail_server", "action_catchall_try_refused", [row["id"]])
    clear_queue(system)


def clear_queue(system):
    """Leave no mail behind that would be sent by another test."""
    mails = system.rpc(
        "mail.mail", "search", [["state", "in", ["outgoing", "exception"]]]
    )
    # Alerts are OdooBot's: an administrator may cancel, but not delete them.
    system.rpc("mail.mail", "write", mails, {"state": "cancel"})


def configure(system, server, **values):
    """Set fields of the outgoing server."""
    system.rpc("ir.mail_server", "write", [server], values)


@contextlib.contextmanager
def behind(system, server, **how):
    """Put a provider that hangs up in front of the mail server."""
    proxy = SmtpProxy(system.mail.port("smtps"), **how)
    configure(
        system,
        server,
        smtp_host="127.0.0.1",
        smtp_port=proxy.port,
        smtp_encryption="none",
    )
    try:
        yield proxy
    finally:
        proxy.stop()


def queue(system, subject, count=1, authors=1, to=CUSTOMER, **values):
    """Queue mails of so many authors; return their ids."""
    logins = [f"user{number}" for number in range(authors)]
    return system.rpc(
        "mail.mail",
        "create",
        [
            {
                "subject": f"{subject} {number}",
                "email_from": author_of(logins[number % authors]),
                "email_to": to,
                "body_html": "<p>Xin chào</p>",
                "auto_delete": False,
                **values,
            }
            for number in range(count)
        ],
    )


def author_of(login):
    """Return how an author stands in From."""
    return f"{login.title()} <{login}@tenmien.test>"


def mails(system, ids):
    """Return mails by their ids."""
    return system.search("mail.mail", [["id", "in", ids]])


def states(system, ids):
    """Return the set of the states of mails."""
    return {mail["state"] for mail in mails(system, ids)}


def arrived(system, subject, address=CUSTOMER):
    """Return the subjects of the mails about this that are in a customer's mailbox."""
    wait_for(system.queue_is_empty, "end of the mail server's queue")
    subjects = [str(mail["Subject"]) for mail in system.inbox(address)]
    return sorted(one for one in subjects if one.startswith(subject))


def numbered(subject, count):
    """Return the subjects of so many mails, as ``arrived`` does."""
    return sorted(f"{subject} {number}" for number in range(count))


# ----------------------------------------------------------------------
# REFUSED SENDERS
# ----------------------------------------------------------------------


def test_a_refused_sender_is_replaced_by_the_account_at_once(system, server):
    """Postfix says at RCPT, of the customer, that it means the sender."""
    configure(system, server, catchall_envelope="author")
    with system.policy("strict"):
        ids = queue(system, "Refused")
        system.send_queue()
        assert states(system, ids) == {"sent"}
        letter = system.wait_for_mail(CUSTOMER, "Refused 0")
        assert address_of(letter["From"]) == CATCHALL
        assert "User0 via" in letter["From"]
        assert len(system.refusals()) == 1
        (known,) = system.search(
            "mail.catchall.refused.sender", [["mail_server_id", "=", server]]
        )
        assert known["address"] == "user0@tenmien.test"
        assert "not owned by user" in known["words"]
        # From now on nobody is asked.
        queue(system, "Known")
        system.send_queue()
        assert arrived(system, "Known") == ["Known 0"]
        assert len(system.refusals()) == 1
    assert system.logins() == 2


def test_after_three_refused_senders_all_go_out_under_the_account(system, server):
    """The circuit breaker, and Try Again."""
    configure(system, server, catchall_envelope="author")
    with system.policy("strict"):
        ids = queue(system, "Breaker", count=6, authors=6)
        system.send_queue()
        assert states(system, ids) == {"sent"}
        assert arrived(system, "Breaker") == numbered("Breaker", 6)
        assert len(system.refusals()) == 3
        (row,) = system.search("ir.mail_server", [["id", "=", server]])
        assert row["catchall_falls_back"]
    system.rpc("ir.mail_server", "action_catchall_try_refused", [server])
    queue(system, "Again")
    system.send_queue()
    letter = system.wait_for_mail(CUSTOMER, "Again 0")
    assert address_of(letter["From"]) == "user0@tenmien.test"


@pytest.mark.logs("rolled back on purpose")
def test_what_was_learnt_and_sent_survives_a_rollback(system, server):
    """The transaction fails after the mail has gone."""
    configure(system, server, catchall_envelope="author")
    (mail,) = queue(system, "Rolled back")
    (model,) = system.search("ir.model", [["model", "=", "mail.mail"]], ["id"])
    action = system.rpc(
        "ir.actions.server",
        "create",
        {
            "name": "Send and fail",
            "model_id": model["id"],
            "state": "code",
            "code": "record.send()\nraise UserError('rolled back on purpose')",
        },
    )
    context = {"active_model": "mail.mail", "active_id": mail}
    with system.policy("strict"), pytest.raises(RpcError, match="on purpose"):
        system.rpc("ir.actions.server", "run", [action], context=context)
    assert states(system, [mail]) == {"outgoing"}
    assert arrived(system, "Rolled back") == ["Rolled back 0"]
    known = system.search(
        "mail.catchall.refused.sender", [["mail_server_id", "=", server]]
    )
    assert [one["address"] for one in known] == ["user0@tenmien.test"]
    system.send_queue()
    assert states(system, [mail]) == {"sent"}
    assert arrived(system, "Rolled back") == ["Rolled back 0"]


# ----------------------------------------------------------------------
# PATIENCE
# ----------------------------------------------------------------------


@pytest.mark.usefixtures("server")
def test_greylisting_delays_a_mail_and_nothing_else(system):
    """Refused for now, kept with the reason, taken at the next attempt."""
    with system.refusing(khach=GREYLISTED):
        ids = queue(system, "Greylisted")
        system.send_queue()
        (mail,) = mails(system, ids)
        assert mail["state"] == "outgoing"
        assert "Greylisted" in mail["catchall_waiting"]
        assert mail["scheduled_date"]
        system.send_queue()  # not due
        assert mails(system, ids)[0]["catchall_attempts"] == 1
    system.retry_queue()
    assert arrived(system, "Greylisted") == ["Greylisted 0"]
    assert states(system, ids) == {"sent"}


@pytest.mark.usefixtures("server")
def test_who_corrects_or_deletes_what_waits_is_in_time(system, lead):
    """In the chatter, as the web client does it."""
    user, messages = system.login("user_a"), []
    with system.refusing(khach="450 4.2.0 Greylisted"):
        for text in ("Giá là 100", "Xin lỗi, nhầm người"):
            messages.append(system.write(user, "crm.lead", lead["id"], text))
        system.send_queue()
    for message, text in zip(messages, ("Giá là 200", ""), strict=True):
        values = {"body": text, "attachment_ids": []}
        path = "/mail/message/update_content"
        user.post(path, {"message_id": message, "update_data": values})
    system.retry_queue()
    system.empty_queue()
    (mail,) = system.inbox(CUSTOMER)
    body = mail.get_body(("plain",)).get_content()
    assert "Giá là 200" in body
    assert "100" not in body


@pytest.mark.usefixtures("server")
def test_recipients_who_were_accepted_get_it_once(system):
    """One of two is greylisted: the other one does not get a second copy."""
    with system.refusing(another=GREYLISTED):
        ids = queue(system, "Partly", to=f"{CUSTOMER}, {OTHER}")
        system.send_queue()
        assert states(system, ids) == {"outgoing"}
        assert arrived(system, "Partly") == ["Partly 0"]
        assert arrived(system, "Partly", OTHER) == []
    system.retry_queue()
    assert arrived(system, "Partly") == ["Partly 0"]
    assert arrived(system, "Partly", OTHER) == ["Partly 0"]
    assert states(system, ids) == {"sent"}


@pytest.mark.parametrize(
    "words",
    [
        "452 4.5.3 Your account has sent too many messages today",
        "550 5.4.5 Daily user sending limit exceeded",
    ],
)
@pytest.mark.usefixtures("server")
def test_a_daily_limit_of_the_provider_is_waited_for(system, words):
    """The first refusal tells it; the other mails of the run are not tried."""
    with system.refusing(khach=words):
        ids = queue(system, "Limit", count=5)
        system.send_queue()
        assert states(system, ids) == {"outgoing"}
        assert len(system.refusals()) == 1
    system.retry_queue()
    assert arrived(system, "Limit") == numbered("Limit", 5)


def test_a_server_that_is_down_delays_mail(system, server):
    """Nobody listens on the port; nothing is lost, and nobody is blamed."""
    configure(system, server, smtp_port=1)
    ids = queue(system, "Down", count=3)
    system.send_queue()
    assert states(system, ids) == {"outgoing"}
    configure(system, server, smtp_port=system.mail.port("submission"))
    system.retry_queue()
    assert arrived(system, "Down") == numbered("Down", 3)


def test_a_server_that_hangs_up_at_every_seventh_mail(system, server):
    """Odoo connects again, and each mail arrives once."""
    with behind(system, server, every=7) as proxy:
        ids = queue(system, "Seventh", count=30)
        system.send_queue()
        assert states(system, ids) == {"sent"}
        assert proxy.hung_up >= 4
    assert arrived(system, "Seventh") == numbered("Seventh", 30)


def test_a_server_that_hangs_up_without_its_answer(system, server):
    """It has taken the mail; Odoo cannot know, asks a person, and sends no second."""
    with behind(system, server, every=4, at=AFTER_DOT):
        ids = queue(system, "Unanswered", count=6)
        system.send_queue()
        perhaps = [mail for mail in mails(system, ids) if mail["state"] == "exception"]
        assert [mail["catchall_perhaps_sent"] for mail in perhaps] == [True]
        assert arrived(system, "Unanswered") == numbered("Unanswered", 6)
    system.rpc("mail.mail", "action_catchall_was_sent", [perhaps[0]["id"]])
    system.send_queue()
    assert states(system, ids) == {"sent"}
    assert arrived(system, "Unanswered") == numbered("Unanswered", 6)


# ----------------------------------------------------------------------
# BUDGETS
# ----------------------------------------------------------------------


def test_a_budget_is_kept_over_several_runs(system, server):
    """What is over waits, with a time and a reason."""
    used = system.search("ir.mail_server", [["id", "=", server]])[0]
    limit = used["catchall_used_hour"] + 5
    configure(system, server, catchall_limit_hour=limit)
    (user,) = system.search("res.users", [["login", "=", "admin"]], ["partner_id"])
    ids = queue(system, "Budget", count=8, author_id=user["partner_id"][0])
    system.send_queue()
    system.send_queue()
    sent = [mail for mail in mails(system, ids) if mail["state"] == "sent"]
    waiting = [mail for mail in mails(system, ids) if mail["state"] == "outgoing"]
    assert (len(sent), len(waiting)) == (5, 3)
    assert all("budget" in mail["catchall_waiting"] for mail in waiting)
    assert all(mail["scheduled_date"] for mail in waiting)
    configure(system, server, catchall_limit_hour=0)
    system.retry_queue()
    assert arrived(system, "Budget") == numbered("Budget", 8)


# ----------------------------------------------------------------------
# ONE SESSION
# ----------------------------------------------------------------------


@pytest.mark.usefixtures("server")
def test_200_mails_by_50_authors_take_one_login(system):
    """Each is seen under the own name."""
    ids = queue(system, "Many", count=200, authors=50)
    system.send_queue()
    assert states(system, ids) == {"sent"}
    assert arrived(system, "Many") == numbered("Many", 200)
    senders = {address_of(mail["From"]) for mail in system.inbox(CUSTOMER)}
    assert senders == {f"user{number}@tenmien.test" for number in range(50)}
    assert system.logins() == 1
